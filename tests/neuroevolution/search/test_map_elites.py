"""MAP-Elites: every cell has its best, and a restored search goes on to the last bit."""

import numpy as np
import pytest

from ctrnn import CTRNN, Genotype, Task
from neurodynamics import Status
from neuroevolution import MAPElites, Stop, evolve, load_run

METHOD = MAPElites(bounds=[(-1, 1), (-1, 1)], bins=(5, 4), population=30)


def table(genes):
    """The score falls with the third gene; the first two are the measures."""
    return np.column_stack([-genes[:, 2] ** 2, genes[:, 0], genes[:, 1]])


def told(search, generations, failed=False):
    for k in range(generations):
        genes = search.ask()
        rows = table(genes)
        if failed:
            rows[k % 3] = np.nan
            rows[(k + 1) % 3, 1] = np.nan
        search.tell(genes, rows)
    return search


def test_every_cell_has_the_best_of_all_that_was_seen():
    search, seen = METHOD.start(3, rng=1), []
    for _ in range(40):
        genes = search.ask()
        seen.append(np.column_stack([genes, table(genes)]))
        search.tell(genes, table(genes))
    rows = np.concatenate(seen)

    def cells(rows):
        places = [np.clip(np.floor((rows[:, 4 + k] + 1) / 2 * bins), 0, bins - 1) for k, bins in enumerate((5, 4))]
        return (4 * places[0] + places[1]).astype(int)

    best = {int(cell): rows[cells(rows) == cell, 3].max() for cell in np.unique(cells(rows))}
    assert dict(zip(cells(search.elites).tolist(), search.elites[:, 3].tolist(), strict=True)) == best
    assert len(search.elites) == 20
    assert search.elites[:, 3].min() > -0.01
    assert search.best_score == rows[:, 3].max()


def test_what_failed_is_left_out_and_a_generation_may_fail():
    search = told(METHOD.start(3, rng=2), 5, failed=True)
    assert np.isfinite(search.elites).all()
    empty = METHOD.start(3, rng=2)
    empty.tell(empty.ask(), np.full((30, 3), np.nan))
    assert not len(empty.elites)
    assert np.isfinite(empty.ask()).all()


def test_restored_from_plain_arrays_it_goes_on_to_the_last_bit():
    first, second = told(METHOD.start(3, rng=1), 6), METHOD.start(3, rng=9)
    second.restore({name: array.copy() for name, array in first.state().items()})
    for search in (first, second):
        told(search, 7)
    assert all(np.array_equal(first.state()[name], second.state()[name]) for name in first.state())
    broken = first.state() | {"elites": first.elites[::-1].copy()}
    with pytest.raises(ValueError, match="`elites` are not those of a grid"):
        second.restore(broken)


def reset_point(key, trial, state, sensors):
    state[0] = 0.0


def step_point(t, dt, motors, state, sensors, score):
    state[0] += dt * motors[0]
    score[0] = state[0]
    score[1] = motors[0]
    return 0


def test_a_run_over_the_scores_of_a_task_resumes(tmp_path):
    genotype = Genotype(CTRNN([[0.0]]), {"biases": (-4, 4)})
    task = Task(reset=reset_point, step=step_point, state_dim=1, sensors=0, motors=1, score_dim=2)
    method = MAPElites(bounds=[(0, 1)], bins=8, population=16)
    options = {"rng": 3, "duration": 1, "dt": 0.1}
    whole = evolve(genotype, task, method, generations=9, **options)
    for generations in (4, 9):
        resumed = evolve(genotype, task, method, generations=generations, workers=map, checkpoint=tmp_path / "a", **options)
    assert all((whole.state[name] == resumed.state[name]).all() for name in whole.state)
    assert (whole.history["top"] == load_run(tmp_path / "a").history["top"]).all()
    elites = whole.state["elites"]
    assert len(elites) > 4
    assert elites[:, 1] == pytest.approx(elites[:, 2], abs=0.1)  # the way is the motor, as the output hardly changes
    slow = evolve(genotype, lambda genes: np.full((len(genes), 2), np.nan), method, generations=1, evaluation_timeout=5.0)
    assert slow.history["failed"].tolist() == [16]


@pytest.mark.parametrize(
    ("options", "word"),
    [({"bounds": []}, "bounds"), ({"bounds": [(1, 0)]}, "bounds"), ({"bounds": [(0, 1)], "bins": (2, 2)}, "bins"),
     ({"bounds": [(0, 1)], "bins": 0}, "bins"), ({"bounds": [(0, 1)], "step": 0.0}, "step")],
)  # fmt: skip
def test_bad_settings_are_named(options, word):
    with pytest.raises(ValueError, match=f"`{word}`"):
        MAPElites(**options)


def test_scores_without_measures_are_refused():
    search = METHOD.start(3, rng=1)
    with pytest.raises(ValueError, match=r"`scores` must have shape \(B, 1 \+ measures\) = \(30, 3\)"):
        search.tell(search.ask(), np.zeros(30))


def test_without_the_package_the_pip_line_is_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "ribs.archives", None)
    with pytest.raises(ImportError, match=r'pip install "neural-attractors\[ribs\]"'):
        METHOD.start(2, rng=1)


@pytest.mark.parametrize("bad", [np.nan, -np.inf])
def test_who_has_no_measure_has_failed(bad):
    """The best is among the elites, and what failed is counted, over all that was scored."""
    genotype, seen = Genotype(CTRNN([[0.0]]), {"biases": (-1, 1)}), []

    def score(genes):
        x = genes[:, 0]
        seen.append(x)
        return np.column_stack([np.where(x > 0, 5.0, x), np.where(x > 0, bad, x)])

    run = evolve(genotype, score, MAPElites([(-1, 1)], bins=4, population=20), generations=3, rng=1)
    assert run.history["failed"].tolist() == [(x > 0).sum() for x in seen]
    assert run.best.score == run.state["elites"][:, 1].max() == max(x[x <= 0].max() for x in seen)
    nobody = evolve(genotype, lambda genes: [[1.0, bad]] * len(genes), MAPElites([(-1, 1)]), stop=Stop(score=0.5),
                    generations=2, rng=1)  # fmt: skip
    assert (nobody.status, nobody.best.score, nobody.generations) == (Status.NON_FINITE, -np.inf, 2)
