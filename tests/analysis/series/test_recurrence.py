"""Recurrence measures counted by hand, and times of return against Kac's lemma and the theorem of three gaps."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import recurrence_plot, recurrence_times


def lines_by_hand(cells):
    """Lengths of runs of True in a list, one after the other."""
    lengths, run = [], 0
    for cell in [*cells, False]:
        if cell:
            run += 1
        elif run:
            lengths.append(run)
            run = 0
    return lengths


@pytest.mark.parametrize(("theiler", "minimum"), [(1, 2), (3, 3)])
def test_measures_are_those_of_lines_counted_one_by_one(theiler, minimum):
    x, n = np.random.default_rng(0).integers(0, 3, 40).astype(float), 40
    found = recurrence_plot(x, 0.5, theiler=theiler, minimum=minimum)
    r = [[abs(x[i] - x[j]) <= 0.5 for j in range(n)] for i in range(n)]
    diagonals = [length for lag in range(theiler, n) for length in lines_by_hand([r[i][i + lag] for i in range(n - lag)])]
    cells = [[r[i][j] and abs(i - j) >= theiler for i in range(n)] for j in range(n)]
    verticals = [length for column in cells for length in lines_by_hand(column)]
    long, tall = ([length for length in lengths if length >= minimum] for lengths in (diagonals, verticals))
    assert found.diagonals.tolist() == sorted(diagonals)
    assert found.verticals.tolist() == sorted(verticals)
    assert found.recurrence_rate == pytest.approx(sum(diagonals) / sum(n - lag for lag in range(theiler, n)))
    assert found.determinism == pytest.approx(sum(long) / sum(diagonals))
    assert found.diagonal_length == pytest.approx(np.mean(long))
    assert (found.longest_diagonal, found.divergence) == (max(long), 1 / max(long))
    shares = [long.count(length) / len(long) for length in set(long)]
    assert found.entropy == pytest.approx(-sum(p * np.log(p) for p in shares))
    assert found.laminarity == pytest.approx(sum(tall) / sum(verticals))
    assert (found.trapping_time, found.longest_vertical) == (pytest.approx(np.mean(tall)), max(tall))


def test_periodic_motion_is_deterministic_and_noise_is_not():
    rng = np.random.default_rng(0)
    periodic = recurrence_plot(np.tile([0.0, 1.0, 2.0, 3.0], 50), 0.1)
    assert (periodic.determinism, periodic.laminarity) == (1.0, 0.0)
    noise = recurrence_plot(rng.uniform(size=400), rate=0.05)
    assert noise.recurrence_rate == pytest.approx(0.05, abs=1e-4)
    expected = 1 - (1 - 0.05) ** 2  # of independent points: a neighbour on either side recurs as well
    assert abs(noise.determinism - expected) < 5 * noise.determinism_error


def test_a_state_that_stays_is_laminar():
    stays = recurrence_plot(np.repeat([0.0, 5.0, 9.0], 20), 0.1)
    assert stays.laminarity > 0.98
    assert stays.longest_vertical == 19  # less the moment itself


def test_returns_of_a_rotation_have_three_times_and_the_mean_of_kac():
    golden = (np.sqrt(5) - 1) / 2
    x = 2 * np.pi * golden * np.arange(20_000)
    found = recurrence_times(np.column_stack([np.cos(x), np.sin(x)]), [1.0, 0.0], 2 * np.sin(0.05 * np.pi))
    assert len(set(found.times.tolist())) <= 3  # Slater (1967)
    assert found.mean == pytest.approx(10.0, rel=1e-3)  # the arc is a tenth of the circle
    assert found.measure == pytest.approx(0.1, abs=1e-3)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="exclude each other"):
        recurrence_plot([1.0, 2.0], 0.1, rate=0.1)
    with pytest.raises(ValueError, match="`centre` must have shape"):
        recurrence_times([1.0, 2.0], [0.0, 0.0], 1.0)
    empty = recurrence_plot([0.0, 1.0, 3.0], 0.1)
    assert (empty.determinism, empty.divergence) == (0.0, np.inf)
