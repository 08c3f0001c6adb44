"""Attractors of stiff systems: relaxation oscillations in which one part waits for another that is much slower."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import expit

from analysis import find_attractors, limit_cycle
from ctrnn import CTRNN
from neurodynamics import DynamicalSystem

PAIR = {"weights": [[6, -6], [6, 0]], "biases": [0, -3]}
CHAIN = [[6, -6, 1, 0, 0], [6, 0, 0, 0, 0.5], [0, 1, 3, 0, 0], [0, 0, 0, 2, 1], [0.5, 0, 0, 1, 2]]


def van_der_pol(t, y, u, params, out):
    out[0] = y[1]
    out[1] = params[0] * (1.0 - y[0] ** 2) * y[1] - y[0]


def fitzhugh(t, y, u, params, out):
    out[0] = (y[0] - y[0] ** 3 / 3.0 - y[1] + 0.5) / params[0]
    out[1] = y[0] + 0.7 - 0.8 * y[1]


def asymptotic_period(mu: float) -> float:
    """Return van der Pol's period for large mu (Dorodnicyn 1947; Urabe 1963)."""
    return (3 - 2 * np.log(2)) * mu + 7.01432 * mu ** (-1 / 3) - 2 / 3 * np.log(mu) / mu - 1.3233 / mu


def singular_period() -> float:
    """Return the period of the pair over its slow time constant in the limit: slow motion along the fast neuron's nullcline,
    logistic(slow - 3) = logistic(fast) - fast / 6 = p.
    """

    def slow(x):
        p = expit(x) - x / 6.0
        return 3.0 + np.log(p / (1.0 - p))

    def time(x):
        p = expit(x) - x / 6.0
        return (expit(x) * (1.0 - expit(x)) - 1.0 / 6.0) / (p * (1.0 - p)) / (6.0 * expit(x) - slow(x))

    fold = float(np.log((1 + np.sqrt(1 / 3)) / (1 - np.sqrt(1 / 3))))  # where sigma' = 1 / 6
    total = 0.0
    for turn, (low, high) in ((fold, (-5.9, -fold)), (-fold, (fold, 5.9))):
        level = slow(turn)
        landing = brentq(lambda x, level=level: slow(x) - level, low, high)
        total += quad(time, landing, -turn, epsabs=1e-12)[0]
    return total


@pytest.mark.parametrize("unit", [1.0, 1e-12])
def test_a_pair_of_neurons_of_any_stiffness_has_its_cycle(unit):
    """In the limit the period over the slow time constant falls to its limit as the ratio to the power -2/3."""
    periods = []
    for ratio in (1e6, 1e7):
        found = find_attractors(CTRNN(**PAIR, time_constants=[unit, ratio * unit]), samples=20)
        assert [each.kind for each in found] == ["limit_cycle"]
        assert found.undecided == 0
        periods.append(found[0].period / (ratio * unit))
    shrinks = 10 ** (2 / 3)
    assert (shrinks * periods[1] - periods[0]) / (shrinks - 1) == pytest.approx(singular_period(), abs=1e-5)


def test_van_der_pol_s_relaxation_oscillation():
    system = DynamicalSystem(van_der_pol, 2, params=[1000.0])
    (cycle,) = find_attractors(system, samples=20)
    assert cycle.share == 1.0
    assert cycle.period == pytest.approx(asymptotic_period(1000.0), abs=1e-3)
    assert limit_cycle(system.with_params([1e5]), [2.0, 0.0]).period == pytest.approx(asymptotic_period(1e5), abs=1e-3)


@pytest.mark.parametrize(("fast", "period"), [(1e-3, 2.02362204), (1e-6, 1.95274242)])
def test_a_fast_and_a_slow_variable(fast, period):
    """Oracle: Radau's method in SciPy, rtol 1e-9."""
    (cycle,) = find_attractors(DynamicalSystem(fitzhugh, 2, params=[fast]), samples=20)
    assert cycle.period == pytest.approx(period, rel=1e-7)
    assert cycle.share == 1.0


def test_five_neurons_with_time_constants_from_1e_minus_3_to_1e3():
    """Oracle: Radau's method in SciPy, rtol 1e-9."""
    net = CTRNN(CHAIN, time_constants=[1e-3, 1e3, 1e-2, 1, 10], biases=[0, -3, -2, -1, -2])
    found = find_attractors(net, samples=20)
    assert found.undecided == 0
    assert [each.period for each in found] == [pytest.approx(548.7541654, rel=1e-7)]
