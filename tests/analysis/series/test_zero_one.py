"""The 0-1 test on what is known to be chaotic or regular, and its displacement by the definition."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import zero_one_test
from analysis.series.zero_one import _rate
from neurodynamics import models, simulate

LOGISTIC = simulate(models.logistic_map(r=4), 3000, [0.3]).y[0]


def test_chaos_has_one_and_quasi_periodic_motion_zero():
    chaos = zero_one_test(LOGISTIC)
    assert chaos.verdict == "chaos"
    assert 0.99 < chaos.interval[0] <= chaos.k <= chaos.interval[1] <= 1.0
    t = np.arange(3000)
    regular = zero_one_test(np.cos(np.sqrt(2) * t) + np.sin(np.sqrt(3) * t))
    assert regular.verdict == "regular"
    assert abs(regular.k) < 0.05
    assert zero_one_test(np.tile([0.2, 0.5, 0.8], 400)).verdict == "regular"


def test_a_rate_is_the_correlation_of_displacements_summed_by_hand():
    x, c = LOGISTIC[:300] / LOGISTIC[:300].std(), 1.1
    p, q = (np.cumsum(x * turn(c * np.arange(1, 301))) for turn in (np.cos, np.sin))
    lags, used = np.arange(1, 31), 270
    square = np.array([np.mean([(p[j + n] - p[j]) ** 2 + (q[j + n] - q[j]) ** 2 for j in range(used)]) for n in lags])
    modified = square - x.mean() ** 2 * (1 - np.cos(c * lags)) / (1 - np.cos(c))
    assert _rate(x, c) == pytest.approx(np.corrcoef(lags, modified)[0, 1], abs=1e-10)


def test_walks_are_bounded_for_regular_motion_only():
    reach = [np.ptp(zero_one_test(x).translations) for x in (np.cos(np.sqrt(2) * np.arange(3000)), LOGISTIC)]
    assert 5 * reach[0] < reach[1]


def test_a_series_that_is_sampled_too_finely_has_no_verdict():
    fine = simulate(models.lorenz(), 30, [1.0, 1.0, 20.0], t_eval=np.arange(0, 30, 0.01)).y[0]
    found = zero_one_test(fine)
    assert (found.verdict, "every n-th sample" in found.reason) == ("undecided", True)


def test_short_series_are_refused_and_constant_ones_regular():
    with pytest.raises(ValueError, match="`series` must have shape"):
        zero_one_test([1.0, 2.0])
    assert zero_one_test(np.full(200, 3.0)).verdict == "regular"
