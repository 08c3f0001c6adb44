"""Basins whose boundaries are known, measures of arrays whose values are known, and labels against SciPy's."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from analysis import Attractors, basins, find_attractors
from analysis.attractors.measures import basin_entropies, on_boundary, uncertainty_exponent, wilson_interval
from ctrnn import CTRNN, Interrupted
from neurodynamics import DIVERGES, UNDECIDED, Status


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_orthants_hold_exactly_their_share(n):
    """Decoupled bistable units: basins are orthants with the corner at y = 4; the grid is symmetric about it."""
    found = find_attractors(CTRNN(8 * np.eye(n), biases=-4), samples=20)
    line = np.array([-2.0, 1.0, 3.5, 4.5, 7.0, 10.0])
    states = np.array(list(itertools.product(line, repeat=n)))
    b = basins(found, samples=states)
    np.testing.assert_array_equal(b.fractions, np.full(2**n, 2.0**-n))
    np.testing.assert_array_equal(b.labels, (states > 4) @ 2 ** np.arange(n)[::-1])


def test_a_grid_of_orthants():
    found = find_attractors(CTRNN(8 * np.eye(2), biases=-4), samples=20)
    b = basins(found, box=[[-3, 11], [2, 6]], resolution=64)
    np.testing.assert_array_equal(b.fractions, np.full(4, 0.25))
    np.testing.assert_array_equal(b.labels, 2 * (b.axes[0][:, None] > 4) + (b.axes[1] > 4))


def test_rivals_share_a_symmetric_box(rivals, rng):
    """The separatrix is y_0 = y_1: one half each, and swapped states have swapped labels."""
    found = find_attractors(rivals, samples=20)
    states = rng.uniform(-6, 8, (500, 2))
    b = basins(found, samples=np.vstack([states, states[:, ::-1]]))
    np.testing.assert_array_equal(b.fractions, [0.5, 0.5])
    np.testing.assert_array_equal(b.labels[:500], 1 - b.labels[500:])
    grid = basins(found, resolution=50)
    diagonal = np.eye(50, dtype=bool)
    assert (grid.labels[diagonal] == UNDECIDED).all()
    np.testing.assert_array_equal(grid.labels[~diagonal], (grid.axes[0][:, None] > grid.axes[1])[~diagonal])


def test_labels_are_those_of_accurate_trajectories(four_states):
    """Every cell beside a boundary, and a few others, against SciPy at tight tolerances."""
    found = find_attractors(four_states, samples=20)
    b = basins(found, resolution=40)
    rows = np.flatnonzero(on_boundary(b.labels).ravel())
    rows = np.append(rows, np.arange(0, 1600, 97))
    for row in rows[::3]:
        end = solve_ivp(lambda t, y: four_states.rhs(t, y), (0, 60), b.states[row], rtol=1e-9, atol=1e-11).y[:, -1]
        nearest = int(np.argmin([np.linalg.norm(end - each.y) for each in found]))
        assert b.labels.ravel()[row] == nearest
    assert b.checked == on_boundary(b.labels).sum()


def test_a_plane_through_more_states():
    """Three decoupled units: the third is held beyond its boundary."""
    found = find_attractors(CTRNN(8 * np.eye(3), biases=-4), samples=20)
    b = basins(found, plane=(2, 0), through=[0, 9, 0], resolution=10, box=[[0, 8], [0, 8]])
    np.testing.assert_array_equal(b.labels, 2 + (b.axes[0][:, None] > 4) + 4 * (b.axes[1] > 4))
    assert (b.states[:, 1] == 9).all()


def test_basins_of_a_cycle_and_of_what_diverges(systems):
    found = find_attractors(systems["nested circles"], box=[[-2, 2], [-2, 2]], samples=100)
    b = basins(found, resolution=40)
    np.testing.assert_array_equal(b.labels == 0, np.add.outer(b.axes[0] ** 2, b.axes[1] ** 2) < 0.25)
    maps = find_attractors(systems["odd cubic"], samples=100)
    line = basins(maps, box=[[-4, 4]], resolution=400)
    away = np.abs(line.axes[0]) > np.sqrt(2.5)  # beyond x = -+ sqrt(a + 1), a cycle that repels
    np.testing.assert_array_equal(line.labels == DIVERGES, away)
    assert line.fraction(DIVERGES) == away.mean()


def test_threads_do_not_matter(four_states):
    found = find_attractors(four_states, samples=20)
    one, two = (basins(found, samples=3001, workers=workers) for workers in (1, 2))
    np.testing.assert_array_equal(one.labels, two.labels)


# Measures ------------------------------------------------------------------------------------------------------------


def test_wilson_intervals():
    """With no success among n: 0 to z^2 / (n + z^2)."""
    z = 1.959963984540054
    low, high = wilson_interval(np.array([0, 10]), 10)
    np.testing.assert_allclose(low, [0, 10 / (10 + z**2)], atol=1e-15)
    np.testing.assert_allclose(high, [z**2 / (10 + z**2), 1])


def test_intervals_cover(four_states):
    """Of 40 samples, few miss the fraction of a large grid by more than their interval."""
    found = find_attractors(four_states, samples=20)
    exact = basins(found, resolution=200).fractions
    rng = np.random.default_rng(1)
    hits = [(b.intervals[:, 0] <= exact) & (exact <= b.intervals[:, 1])
            for b in (basins(found, samples=300, rng=rng, refine=False) for _ in range(40))]  # fmt: skip
    assert 0.85 < np.mean(hits) < 1.0


def test_entropies_of_a_straight_boundary():
    """Five columns of boxes, the middle ones cut 2 to 3."""
    labels = np.zeros((25, 25), dtype=int)
    labels[12:] = 1
    cut = -(0.4 * np.log(0.4) + 0.6 * np.log(0.6))
    np.testing.assert_allclose(basin_entropies(labels, np.array([0, 1]), 5), [cut / 5, cut])
    noise = np.random.default_rng(0).integers(0, 3, (500, 500))
    assert basin_entropies(noise, np.arange(3), 5)[1] == pytest.approx(np.log(3), rel=0.05)
    assert np.isnan(basin_entropies(np.zeros((10, 10), dtype=int), np.array([0]), 5)[1])


def test_uncertainty_exponents_of_a_line_and_of_a_cantor_set():
    """A boundary of dimension D in the plane has the exponent 2 - D; for the middle-third set times a line 1 - ln 2/ln 3."""
    labels = np.zeros((512, 512), dtype=int)
    labels[200:] = 1
    assert uncertainty_exponent(labels)[0] == pytest.approx(1.0, abs=1e-12)
    place = (np.arange(3**7) + 0.5) / 3**7
    level = np.full(place.size, -1)
    for depth in range(7):  # gaps of even depth go to one side, those of odd depth to the other
        level[(level < 0) & ((place * 3).astype(int) == 1)] = depth
        place = place * 3 % 1
    exponent, _ = uncertainty_exponent(np.tile((level % 2).astype(np.int8)[:, np.newaxis], (1, place.size)))
    assert exponent == pytest.approx(1 - np.log(2) / np.log(3), abs=0.05)


def test_a_smooth_boundary_has_the_exponent_one(four_states):
    b = basins(find_attractors(four_states, samples=20), resolution=256)
    assert b.uncertainty_exponent == pytest.approx(1.0, abs=0.05)
    assert b.boundary_entropy < np.log(2)
    assert b.entropy < 0.1


# Errors and edges ----------------------------------------------------------------------------------------------------


def test_errors_name_what_is_wrong(four_states):
    found = find_attractors(four_states, samples=20)
    with pytest.raises(TypeError, match="`attractors` must be what find_attractors returns; got CTRNN"):
        basins(four_states)
    with pytest.raises(ValueError, match="`plane` must be 2 different"):
        basins(found, plane=(0, 0))
    with pytest.raises(ValueError, match="exclude each other"):
        basins(found, plane=(0, 1), samples=10)
    with pytest.raises(ValueError, match="`box` must be rows"):
        basins(found, box=[[1, 0], [0, 1]])
    with pytest.raises(ValueError, match=r"`samples` must be a number, or states of shape \(K, 2\)"):
        basins(found, samples=[[1, 2, 3]])
    with pytest.raises(ValueError, match="`resolution` must be at least 1"):
        basins(found, resolution=0)


def test_one_cell_and_no_samples(four_states):
    found = find_attractors(four_states, samples=20)
    assert basins(found, resolution=1).labels.shape == (1, 1)
    empty = basins(found, samples=0)
    assert empty.fractions.tolist() == [0.0] * 4
    np.testing.assert_array_equal(empty.intervals, [[0, 1]] * 4)


def test_no_time_leaves_everything_undecided(four_states):
    b = basins(find_attractors(four_states, samples=20), resolution=50, timeout=0.0)
    assert b.status == Status.TIMEOUT
    assert b.fraction(UNDECIDED) == 1.0


def test_interrupted_keeps_what_is_known(four_states, monkeypatch):
    found = find_attractors(four_states, samples=20)
    follow, calls = Attractors._destinations, []

    def second_is_stopped(self, *args, **options):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return follow(self, *args, **options)

    monkeypatch.setattr(Attractors, "_destinations", second_is_stopped)
    with pytest.raises(Interrupted) as raised:
        basins(found, resolution=30)
    assert raised.value.result.status == Status.INTERRUPTED
    assert (raised.value.result.labels >= 0).all()
