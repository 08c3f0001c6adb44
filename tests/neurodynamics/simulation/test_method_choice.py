"""The method that a run gets by default, the reason, and the hand-over of stiff runs: single runs and ensembles alike."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from scipy import integrate

from neurodynamics import AdditiveNetwork, DynamicalSystem, Pulse, models, simulate, simulate_ensemble
from neurodynamics.simulation import method_choice

VAN_DER_POL_AT_2000 = [1.706167732170469, -0.8928097010248125e-3]  # mu = 1000; IVP test set, release 2.4, problem vdpol


def van_der_pol(t, y, u, params, out):
    out[0] = y[1]
    out[1] = params[0] * (1 - y[0] ** 2) * y[1] - y[0]


@pytest.mark.parametrize(("host", "method", "largest"), [(False, "LSODA", 1000), (True, "LSODA", 2), (False, "BDF", 1)])
def test_a_stiff_problem_of_a_user_is_found_out_and_given_to_an_implicit_method(host, method, largest, monkeypatch):
    monkeypatch.setattr(method_choice, "LARGEST_FOR_LSODA", largest)
    sol = simulate(DynamicalSystem(van_der_pol, 2, {"mu": 1000.0}, host=host), 2000, [2.0, 0.0])
    assert sol.success
    assert sol.method == method
    assert sol.reason.startswith("dop853 found the problem stiff near t = ")
    assert sol.steps < 6000
    np.testing.assert_allclose(sol.final, VAN_DER_POL_AT_2000, rtol=1e-4)


@pytest.mark.parametrize("decay", [50.0, 500.0])
def test_a_stiff_start_that_is_over_soon_is_no_reason_to_change(decay):
    """y0' = -k (y0 - cos t) + y1 with k = 1e6 exp(-d t) holds y0 at cos t, then lets it go."""

    def start(t, y, u, params, out):
        out[0] = -1e6 * math.exp(-params[0] * t) * (y[0] - math.cos(t)) + y[1]
        out[1] = -y[0] - 0.1 * y[1]

    sol = simulate(DynamicalSystem(start, 2, [decay]), 100, [0.0, 1.0])
    assert sol.method == "dop853"
    exact = simulate(DynamicalSystem(start, 2, [decay]), 100, [0.0, 1.0], method="Radau", rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(sol.final, exact.final, atol=1e-6)


def test_time_constants_that_explicit_steps_afford_get_them():
    """A Taylor step of a pair costs less than a microsecond, an implicit one of SciPy's a thousand times that."""
    net = AdditiveNetwork([[4.5, 1], [-1, 4.5]], [-2.75, -1.75], time_constants=[1e-4, 1.0])
    sol = simulate(net, 100, [0.1, 0.2], save="final")
    assert sol.method == "taylor"
    exact = simulate(net, 100, [0.1, 0.2], save="final", method="LSODA", rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(sol.final, exact.final, rtol=1e-4)


def test_a_method_that_was_asked_for_is_kept():
    sol = simulate(DynamicalSystem(van_der_pol, 2, {"mu": 1000.0}), 1.0, [2.0, 0.0], method="dopri5")
    assert sol.method == "dopri5"
    assert sol.reason == "it was asked for"
    assert sol.success


@pytest.mark.parametrize("activation", ["logistic", "relu"])
def test_time_constants_a_million_apart_get_an_implicit_method(activation):
    """Compared with SciPy's Radau on a formula of our own."""
    weights, biases, tau = np.array([[4.5, 1.0], [-1.0, 4.5]]), np.array([-2.75, -1.75]), np.array([1e-6, 1e3])
    weights = weights if activation == "logistic" else 0.1 * weights
    phi = {"logistic": lambda x: 1 / (1 + np.exp(-x)), "relu": lambda x: np.maximum(x, 0)}[activation]
    exact = integrate.solve_ivp(
        lambda t, y: (-y + weights @ phi(y + biases)) / tau, (0, 3000), [0.1, 0.2], method="Radau", rtol=1e-10, atol=1e-12
    ).y[:, -1]
    net = AdditiveNetwork(weights, biases, tau, activation=activation)
    sol = simulate(net, 3000, [0.1, 0.2])
    assert sol.success
    assert sol.method == "LSODA"
    assert "time constants" in sol.reason
    assert sol.steps < 2000
    np.testing.assert_allclose(sol.final, exact, rtol=1e-5, atol=1e-7)


def test_ordinary_networks_get_a_fast_compiled_method_and_a_reason():
    net = AdditiveNetwork([[4.5, 1], [-1, 4.5]], [-2.75, -1.75], time_constants=[1.0, 30.0])
    for more in ({}, {"rtol": 1e-3}, {"rtol": 1e-12}, {"inputs": [Pulse(1, 0.1, 1), 0.0]}):
        sol = simulate(net, 50, [0, 0], **more)
        assert sol.path == "compiled"
        assert len(sol.reason) > 10
    short = AdditiveNetwork(np.eye(2), time_constants=[1e-6, 1.0])
    assert simulate(short, 1e-5, [0, 0]).path == "compiled"  # so far apart, and yet few steps
    assert simulate(net, 1, [0, 0], dt=0.01).method == "rk4"


# Single runs and ensembles -------------------------------------------------------------------------------------------

STIFF = AdditiveNetwork(np.eye(2), time_constants=[1e-6, 1e3])
PAIR = AdditiveNetwork([[4.5, 1], [-1, 4.5]], [-2.75, -1.75])
KINKED = AdditiveNetwork([[0.5, 1], [-1, 0.5]], activation="relu")
CHOICES = [  # system, options, the method that they stand for
    (PAIR, {}, "taylor"),
    (PAIR, {"rtol": 1e-3}, "taylor"),
    (PAIR, {"dt": 0.01}, "rk4"),
    (KINKED, {}, "dop853"),
    (KINKED, {"rtol": 1e-3}, "dopri5"),
    (models.van_der_pol(), {}, "dop853"),
    (models.van_der_pol(), {"rtol": 1e-3}, "dopri5"),
    (models.van_der_pol(), {"dt": 0.01}, "rk4"),
    (PAIR.replace(noise=0.1), {"dt": 0.01}, "euler_maruyama"),
]


@pytest.mark.parametrize(("system", "options", "method"), CHOICES)
def test_single_runs_and_ensembles_choose_alike_and_give_the_same_reason(system, options, method):
    starts = np.array([[0.1, 0.2], [0.3, -0.4]])
    single = simulate(system, 2.0, starts[0], rng=1, **options)
    several = simulate_ensemble(system, 2.0, starts, save="final", rng=1, **options)
    assert single.method == several.method == method
    assert single.reason == several.reason


def test_stiff_leaks_choose_alike():
    single = simulate(STIFF, 3000, [0.1, 0.2])
    several = simulate_ensemble(STIFF, 3000, [[0.1, 0.2], [0.0, 0.5]], save="final")
    assert single.method == several.method == "LSODA"
    assert single.reason == several.reason
    np.testing.assert_allclose(several.y[0], single.final, rtol=1e-5)


def test_members_that_turn_out_stiff_are_handed_over_one_by_one():
    """Only the second member is stiff; each is what a single run gives."""
    system = DynamicalSystem(van_der_pol, 2, {"mu": 1.0})
    mu = [1.0, 1000.0]
    several = simulate_ensemble(system, 2000, [2.0, 0.0], params={"mu": mu}, save="final")
    assert several.reason.endswith("; 1 stiff members by LSODA")
    assert (several.status == 0).all()
    for b, value in enumerate(mu):
        single = simulate(system.with_params({"mu": value}), 2000, [2.0, 0.0])
        assert single.method == ("LSODA" if value > 1 else "dop853")
        np.testing.assert_allclose(several.y[b], single.final, rtol=1e-9)


# Methods that do not fit ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize(
    ("system", "options", "message"),
    [
        (PAIR.replace(noise=0.1), {"method": "rk4", "dt": 0.01}, "'rk4' ignores the noise of this system"),
        (PAIR, {"method": "euler_maruyama", "dt": 0.01}, "'euler_maruyama' needs a system with `diffusion`"),
        (models.van_der_pol(), {"method": "exponential_euler", "dt": 0.01}, "needs an additive network"),
        (KINKED, {"method": "taylor"}, "the activation 'relu' has no recurrence"),
        (PAIR, {"method": "dopri5", "dt": 0.1}, "`dt` has no meaning for 'dopri5'"),
        (PAIR, {"method": "rk4"}, "`dt` must be given for 'rk4'"),
        (PAIR, {"method": "rk4", "dt": 0.1, "rtol": 1e-3}, "`rtol` has no meaning for 'rk4'"),
        (PAIR, {"method": "rk4", "dt": -0.1}, "`dt` must be positive"),
        (PAIR, {"method": "euler", "dt": 2.5}, "`dt`"),
    ],
)
def test_what_does_not_fit_is_refused_alike(system, options, message):
    with pytest.raises(ValueError, match=re.escape(message)) as single:
        simulate(system, 1.0, [0.0, 0.0], **options)
    with pytest.raises(ValueError, match=re.escape(message)) as several:
        simulate_ensemble(system, 1.0, [[0.0, 0.0], [1.0, 1.0]], **options)
    assert str(several.value).startswith(str(single.value))  # that of a population may name the member


def test_steps_shorter_than_times_can_be_told_apart_are_refused():
    with pytest.raises(ValueError, match="let time begin near 0"):
        simulate(PAIR, (1e16, 1e16 + 100), [0.0, 0.0], method="rk4", dt=0.5)
    with pytest.raises(ValueError, match="use a larger dt"):
        simulate(PAIR, (0, 1e17), [0.0, 0.0], method="rk4", dt=1.0)
