"""What diverges, or becomes NaN, is never a success, with any method; what is stiff is found out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate

from neurodynamics import METHODS, AdditiveNetwork, DynamicalSystem, Signal, Status, simulate, simulate_ensemble

FOR_USERS = [  # methods that take any flow
    name for name, m in METHODS.items() if m.family in ("fixed", "adaptive", "scipy") and not m.exponential and not m.noisy
]
every_method = pytest.mark.parametrize("method", [*FOR_USERS, None])
FAILED = {Status.NON_FINITE, Status.STEP_TOO_SMALL, Status.SOLVER_FAILED}


def options(method, dt=0.01):
    if method is None:
        return {"rtol": 1e-3}
    return {"method": method, "dt": dt} if METHODS[method].constant_step else {"method": method, "rtol": 1e-3}


# Systems that fail ---------------------------------------------------------------------------------------------------


def explodes(t, y, u, params, out):
    """y' = y^2 reaches infinity at t = 1."""
    out[0] = y[0] * y[0]


def nan_later(t, y, u, params, out):
    out[0] = -y[0]
    if t > 1.0:
        out[0] = np.nan


def infinite_later(t, y, u, params, out):
    out[0] = -y[0]
    if t > 1.0:
        out[0] = np.inf


def leaves_its_domain(t, y, u, params, out):
    """The root of a negative number from t = 1.04 on."""
    out[0] = np.sqrt(y[0] - 0.5) - 1.0


def nan_from_the_start(t, y, u, params, out):
    out[0] = np.nan


def divides_by_zero(t, y, u, params, out):
    out[0] = 1.0 / (y[0] - y[0])


def grows_exponentially(t, y, u, params, out):
    """Beyond the largest number at t = 0.71."""
    out[0] = 1000.0 * y[0]


FAILING = {f.__name__: (f, end) for f, end in (
    (explodes, 1.2), (nan_later, 1.05), (infinite_later, 1.05), (leaves_its_domain, 1.1), (nan_from_the_start, 0.02),
    (divides_by_zero, 0.02), (grows_exponentially, 3.0),
)}  # fmt: skip
SYSTEMS = {name: {host: DynamicalSystem(f, 1, host=host) for host in (False, True)} for name, (f, _) in FAILING.items()}


@every_method
@pytest.mark.parametrize("host", [False, True])
@pytest.mark.parametrize("name", FAILING)
def test_a_failure_is_no_success_and_says_so(name, host, method):
    """Within seconds, without a warning or an exception, and with finite states up to where it happened."""
    sol = simulate(SYSTEMS[name][host], 3, [1.0], timeout=20, **options(method))
    assert not sol.success
    assert sol.status in FAILED
    assert sol.message
    assert np.isfinite(sol.y[:, -1]).all()
    assert np.isfinite(sol.y).all() or name == "grows_exponentially"  # interpolants overflow before the states
    assert sol.t[0] == 0
    assert sol.t[-1] <= FAILING[name][1]
    assert not simulate(SYSTEMS[name][host], 3, [1.0], timeout=20, save="final", **options(method)).success
    asked = simulate(SYSTEMS[name][host], 3, [1.0], timeout=20, t_eval=[0.001, 0.5, 2.99], **options(method))
    assert not asked.success
    assert np.isfinite(asked.y).all()
    assert asked.t.size < 3


def test_lsoda_says_success_of_nan():
    """The control of the test above, as users of SciPy meet it."""
    sol = integrate.solve_ivp(lambda t, y: [np.nan], (0, 3), [1.0], method="LSODA")
    assert sol.success
    assert not np.isfinite(sol.y).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_state_that_is_not_finite_is_refused_at_the_start(bad):
    with pytest.raises(ValueError, match=r"`y0\[0\]` must be finite"):
        simulate(SYSTEMS["explodes"][False], 1, [bad])


def test_an_exception_inside_a_compiled_function_is_a_failure():
    """Where the function is tried out at the boundary it does not show yet."""

    def raises(t, y, u, params, out):
        if not y[0] > 0.4:
            raise ValueError("no")
        out[0] = -1.0

    for method in FOR_USERS:
        sol = simulate(DynamicalSystem(raises, 1), 3, [1.0], timeout=20, **options(method))
        assert not sol.success
        assert sol.t[-1] < 0.7


def test_a_reset_does_not_hide_nan():
    """A state becomes NaN, and an event of another one would write it anew."""

    def clock_and_nan(t, y, u, params, out):
        out[0] = 1.0
        out[1] = np.nan if y[0] > 0.5 else 0.0

    def full(t, y, u, params, out):
        out[0] = y[0] - 0.55

    def renew(event, t, y, u, params, out):
        out[0] = 0.0
        out[1] = 0.0

    for method in FOR_USERS:
        system = DynamicalSystem(clock_and_nan, 2, events=full, reset=renew)
        assert not simulate(system, 2, [0.0, 0.0], timeout=20, save="final", **options(method)).success


def test_inputs_that_become_nan_are_a_failure():
    net = AdditiveNetwork([[0.5]])
    for method in ("euler", "rk4", "dopri5", "dop853", "RK45", "LSODA"):
        for inputs in (lambda t: [np.nan if t > 1 else 0.0], [Signal(lambda t: np.nan if t > 1 else 0.0)]):
            sol = simulate(net, 3, [0.1], inputs=inputs, timeout=20, **options(method))
            assert not sol.success
            assert sol.t[-1] <= 1.02


@pytest.mark.parametrize("method", ["taylor", "dopri5", "dop853", "rk4", "exponential_euler", "Radau", "LSODA"])
def test_networks_that_diverge_fail_as_well(method):
    """Linear neurons that excite themselves grow beyond all numbers."""
    net = AdditiveNetwork([[2000.0]], activation="linear")
    sol = simulate(net, 3, [1.0], timeout=20, **options(method, 1e-4))
    assert not sol.success
    assert np.isfinite(sol.y).all()


@pytest.mark.parametrize("host", [False, True])
def test_maps_that_diverge_fail(host):
    def henon(k, y, u, params, out):
        out[0] = 1 - 1.4 * y[0] ** 2 + y[1]
        out[1] = 0.3 * y[0]

    sol = simulate(DynamicalSystem(henon, 2, kind="map", host=host), 1000, [5.0, 5.0])
    assert sol.status == Status.NON_FINITE
    assert np.isfinite(sol.y).all()
    assert sol.t[-1] < 20


def test_members_of_an_ensemble_fail_on_their_own():
    ensemble = simulate_ensemble(SYSTEMS["explodes"][False], 3, [[1.0], [-1.0], [0.1]], t_eval=[0, 0.5, 3.0])
    np.testing.assert_array_equal(ensemble.success, [False, True, True])
    np.testing.assert_allclose(ensemble.y[1:, 0, -1], [-0.25, 1 / 7], rtol=1e-5)
    assert np.isnan(ensemble.y[0, 0, -1])


# Stiffness -----------------------------------------------------------------------------------------------------------


def test_the_message_says_what_to_try():
    blown = simulate(SYSTEMS["explodes"][False], 3, [1.0])
    assert blown.status == Status.STEP_TOO_SMALL
    assert "the solution blows up" in blown.message
    undefined = simulate(SYSTEMS["leaves_its_domain"][False], 3, [1.0])
    assert undefined.status == Status.NON_FINITE
    assert "Check the parameters" in undefined.message
    assert "non_finite" in repr(undefined)
