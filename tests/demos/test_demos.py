"""Every demo draws its picture; the table of circuits tells what is off."""

from __future__ import annotations

import dataclasses
import importlib

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure as Picture

from ctrnn import library
from demos import GROUPS, STORIES, TOUR, __main__ as command, tour

SHORT = {
    "oscillator": {"duration": 20.0},
    "chaos": {"duration": 50.0, "transient": 10.0},
    "pulses": {"duration": 30.0},
    "sweep": {"members": 4, "duration": 20.0},
    "circuits": {"duration": 2.0},
    "random_networks": {"members": 300},
    "evolve_walker": {"generations": 4, "population": 40},
    "categorical_perception": {"generations": 2},
    "poles": {"evaluations": 50},
    "methods": {"runs": 2, "generations": 2, "population": 10},
    "letters": {"shown": 2},
    "names": {},
    "capacity": {"sizes": (40, 60), "networks": 2, "probes": 5},
    "dense": {"size": 20, "points": 2, "tried": 5},
    "descent": {"duration": 3.0, "points": 11},
    "noise": {"members": 200, "duration": 5.0, "ratios": (3.0,)},
    "exponents": {"duration": 200.0, "shown": 50.0},
    "transition": {"size": 20, "networks": 2, "duration": 20.0},
    "chaos_map": {"columns": 3, "rows": 4, "duration": 50.0},
    "delays": {"duration": 100.0, "shown": 100.0},
    "atlas": {"regions": 2, "trajectories": 3},
    "connections": {},
    "pattern_generator": {"values": 9},
    "basins": {"resolution": 30},
    "basin_fractions": {"values": 9, "samples": 60},
    "letters_tree": {"samples": 50},
    "memory_path": {"frames": 3},
    "salesman": {"cities": 5, "restarts": 3},
    "damage": {"size": 60, "points": 3, "trials": 2},
    "layers": {"sizes": (10,), "gains": 2, "duration": 50},
    "levels": {"duration": 20.0, "records": 2, "size": 2},
    "trees": {"depth": 2, "deepest": 2, "trees": 2},
    "gates": {"units": 10, "duration": 5.0},
    "automaton": {"strengths": 4, "states": 6},
    "competition": {"duration": 3.0, "units": 12, "travel": 5.0},
    "memristors": {"duration": 2.0, "members": 2},
    "reservoir": {"units": 60, "shown": 60, "length": 200},
    "liquid": {"units": 6, "duration": 80.0},
    "memory_machines": {"bits": 6, "symbols": 10, "pairs": 14},
    "sampling": {"steps": 4, "duration": 3.0},
    "chart": {"resolution": 30, "trajectories": 2},
    "route_to_chaos": {"bounds": (-0.76, -0.7), "sections": 3},
    "losing_stability": {"size": 20},
    "sensor": {"sections": 3},
    "flip_flop": {"steps": 3},
    "figure_eight": {"stages": ((85.0, 80),)},
    "temporal_xor": {"steps": 3},
    "reber": {"steps": 3},
    "adding": {"steps": 3},
    "counter": {"steps": 3},
    "compressor": {"records": 5, "steps": 3},
    "filters": {"steps": 3, "length": 40, "windows": (1, 4)},
    "lorenz_force": {"units": 40, "length": 3000, "shown": 3000},
}


@pytest.fixture(autouse=True)
def no_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_a_picture_with_labels(name, tmp_path):
    module = importlib.import_module(f"demos.{name}")
    figure = module.figure(**SHORT[name])
    assert isinstance(figure, Picture)
    assert any(ax.get_xlabel() for ax in figure.axes)
    assert all(ax.has_data() for ax in figure.axes)
    figure.savefig(tmp_path / "picture.png", dpi=30)
    assert module.__doc__.partition("\n")[0].endswith(".")


def test_the_command_draws_one_story(tmp_path, capsys):
    assert command.main(["pulses", "--out", str(tmp_path / "new"), "--dpi", "30"]) == 0
    assert (tmp_path / "new/pulses.png").stat().st_size > 1000
    assert str(tmp_path / "new") in capsys.readouterr().out
    assert not plt.get_fignums()


def test_the_command_lists_the_stories(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert command.main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.rstrip(":") for line in lines if not line.startswith(" ")] == list(GROUPS)
    listed = [line.split()[0] for line in lines if line.startswith(" ")]
    assert listed == list(STORIES)
    assert not list(tmp_path.iterdir())


def test_the_command_names_what_there_is(capsys):
    with pytest.raises(SystemExit):
        command.main(["oscilator"])
    assert "oscillator" in capsys.readouterr().err


def test_the_tour_measures_the_circuits_and_draws(tmp_path, monkeypatch, capsys):
    """With two of the circuits, and two stories; the second in a process of its own."""
    monkeypatch.setattr(library, "names", lambda: ["bogdanov_takens_pair", "self_inhibition"])
    monkeypatch.setattr(command, "TOUR", ("pulses", "letters"))
    monkeypatch.chdir(tmp_path)
    assert command.main([]) == 0
    text = capsys.readouterr().out
    figures = [figure for name in library.names() for figure in library.load(name).figures]
    assert all(name.replace("_", " ") in text for name in figures)
    assert f"{len(figures)} of {len(figures)} figures agree" in text
    assert library.load("self_inhibition").citation[:20] in text
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {"pulses.png", "letters.png"}
    assert f"letters.png: {importlib.import_module('demos.letters').__doc__.splitlines()[0]}" in text
    assert f"{len(STORIES) - 2} more: python -m demos --list, --all" in text


def test_the_tour_has_something_of_every_group():
    assert set(TOUR) <= set(STORIES)
    assert all(set(TOUR) & set(names) for names in GROUPS.values())


def test_all_is_all(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(command, "draw", lambda names, *_: asked.extend(names) or True)
    assert command.main(["--all", "--out", str(tmp_path)]) == 0
    assert asked == list(STORIES)


def test_the_table_shows_what_is_off(monkeypatch, capsys):
    """The control: a published figure that is wrong in its third digit."""
    circuit = library.load("self_inhibition")
    name = next(iter(circuit.figures))
    wrong = dataclasses.replace(circuit.figures[name], value=circuit.figures[name].value * 1.001)
    planted = dataclasses.replace(circuit, figures=circuit.figures | {name: wrong})
    monkeypatch.setattr(library, "names", lambda: ["self_inhibition"])
    monkeypatch.setattr(library, "load", lambda _: planted)
    assert not tour.print_table()
    text = capsys.readouterr().out
    assert text.count("OFF") == 1
    assert f"{len(planted.figures) - 1} of {len(planted.figures)} figures agree" in text


def test_the_two_runs_of_the_chaos_story_part():
    """Their distance grows from 1e-8 to the size of the attractor."""
    figure = importlib.import_module("demos.chaos").figure()
    distance = figure.axes[2].lines[0].get_ydata()
    assert distance[0] == pytest.approx(1e-8, rel=1e-6)
    assert distance[-1000:].max() > 0.5


def test_the_pulses_switch():
    output = importlib.import_module("demos.pulses").figure().axes[2].lines[0]
    t, o = output.get_data()
    assert np.interp([9, 19, 39, 49, 69], t, o).round().tolist() == [0, 0, 1, 1, 0]


def test_the_walker_learns_to_walk():
    """More than a single stride, which is what most networks come to; resumed, it goes on as if it had not stopped."""
    demo = importlib.import_module("demos.evolve_walker")
    run = demo.walker(generations=20)
    assert (np.diff(run.history["best"]) >= 0).all()
    assert run.generations == 20
    assert run.best.score > 2 * 0.1256


def test_the_film_of_categorical_perception_is_written(tmp_path):
    path = importlib.import_module("demos.categorical_perception").film(tmp_path / "film.gif", generations=1, fps=1)
    assert path.read_bytes()[:4] == b"GIF8"


def test_random_networks_are_sorted_by_what_they_do():
    demo = importlib.import_module("demos.random_networks")
    t = np.linspace(0, demo.WINDOW, demo.POINTS)
    rows = [np.full_like(t, 0.3), 0.5 + 0.4 * np.sin(2 * np.pi * t / 13.7), 1 / (1 + np.exp(-(t - 60) / 5))]
    assert demo.sort(np.array(rows)[:, np.newaxis]).tolist() == [0, 1, 2]


def test_every_letter_comes_out_right():
    ax = importlib.import_module("demos.letters").figure().axes[0]
    assert "10 of 10 letters" in ax.get_title(loc="left")


def test_the_energy_story_goes_downhill():
    lines = importlib.import_module("demos.descent").figure(duration=9.0, points=21).axes[1].lines
    energies = [line.get_ydata() for line in lines]
    assert len(energies) == 5
    assert all(np.diff(e).max() < 1e-9 * np.abs(e).max() for e in energies)
    assert all(e[-1] < e[0] - 10 for e in energies)


def test_names_and_pictures_call_each_other_up():
    axes = importlib.import_module("demos.names").figure().axes
    found, given = (np.ma.filled(axes[k].images[0].get_array(), 0.0) for k in (1, 3))
    np.testing.assert_array_equal(np.sign(found), given)
