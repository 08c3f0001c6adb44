"""Rates of leaving a memory, against the Fokker-Planck equation and simulated passages."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import eigh_tridiagonal
from scipy.special import xlogy

from hopfield import GradedHopfield, Langevin, escape_rate, simulate_ensemble

NET = GradedHopfield([[1.0]], gain=2.0)
MINIMUM = NET.recall([1.0]).states[0]
BARRIER = 0.16326194371346  # Curie and Weiss at beta = 2, REFERENCE D


def exact_rate(T, cells=4000):
    """Half of the slowest eigenvalue of the Fokker-Planck equation, by finite volumes in V (second order in their size)."""
    edges = np.linspace(-1, 1, cells + 1)
    size = edges[1] - edges[0]

    def weight(v):
        E = -v * v / 2 + (xlogy(1 + v, 1 + v) + xlogy(1 - v, 1 - v)) / 4
        return np.exp(-(E + BARRIER) / T)

    middle, inner = weight(edges[:-1] + size / 2), edges[1:-1]
    flux = T * 2 * (1 - inner**2) * weight(inner) / size**2  # D = gain (1 - V^2)
    leaving = (np.append(flux, 0) + np.append(0, flux)) / middle
    across = -flux / np.sqrt(middle[:-1] * middle[1:])
    return eigh_tridiagonal(leaving, across, select="i", select_range=(0, 1))[0][1] / 2


def test_kramers_rate_is_the_limit_of_the_exact_one():
    """Within 10 % from a barrier of 8 T on, and then ever better."""
    for ratio, error in ((8, 0.1), (12, 0.04), (16, 0.02)):
        found = escape_rate(Langevin(NET, BARRIER / ratio), MINIMUM, [0.0])
        assert found.barrier == pytest.approx(BARRIER, rel=1e-9)
        assert found.rate == pytest.approx(exact_rate(BARRIER / ratio), rel=error)


def test_simulated_passages_have_the_exact_rate():
    """The mean sign decays as exp(-2 k t), after a while in which the well fills; within 10 % at a barrier of 4 T."""
    T, members = BARRIER / 4, 8000
    starts = np.full((members, 1), NET.outputs(MINIMUM)[0])
    run = simulate_ensemble(Langevin(NET, T), 50.0, starts, dt=0.05, rng=1, t_eval=[5.0, 50.0])
    early, late = np.sign(run.y[:, 0]).mean(axis=0)
    assert np.log(early / late) / (2 * 45) == pytest.approx(exact_rate(T), rel=0.1)


def test_many_dimensions_follow_langers_formula():
    """Two units in product form: W = diag has two independent wells, and the rate of the one that leaves alone."""
    single = escape_rate(Langevin(NET, 0.02), MINIMUM, [0.0])
    pair = GradedHopfield([[1.0, 0.0], [0.0, 1.0]], gain=2.0)
    found = escape_rate(Langevin(pair, 0.02), np.repeat(MINIMUM, 2), [MINIMUM[0], 0.0])
    assert found == pytest.approx(single, rel=1e-10)


def test_what_is_no_minimum_or_saddle_is_refused():
    with pytest.raises(ValueError, match="`minimum` must be a stationary point of index 0; it has index 1"):
        escape_rate(Langevin(NET, 0.1), [0.0], [0.0])
    with pytest.raises(ValueError, match="`saddle` must be a stationary point of index 1; it has index 0"):
        escape_rate(Langevin(NET, 0.1), MINIMUM, MINIMUM)
    with pytest.raises(ValueError, match="`flow` must have a positive temperature"):
        escape_rate(Langevin(NET, 0.0), MINIMUM, [0.0])
