"""Adaptive methods keep their tolerance on the problems of DETEST, at the price that SciPy pays.

References
----------
.. [1] Hull, Enright, Fellen & Sedgwick (1972), Comparing numerical methods for ordinary differential equations, SIAM J.
   Numer. Anal. 9, 603: the classes A (single equations), B (small systems), C (moderate systems), D (orbits) and E
   (equations of higher order), all on [0, 20].
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import integrate, optimize, special

from neurodynamics import AdditiveNetwork, DynamicalSystem, simulate

END = 20.0

# The problems --------------------------------------------------------------------------------------------------------


def a1(t, y, u, p, out):
    out[0] = -y[0]


def a2(t, y, u, p, out):
    out[0] = -(y[0] ** 3) / 2


def a3(t, y, u, p, out):
    out[0] = y[0] * np.cos(t)


def a4(t, y, u, p, out):
    out[0] = y[0] / 4 * (1 - y[0] / 20)


def a5(t, y, u, p, out):
    out[0] = (y[0] - t) / (y[0] + t)


def b1(t, y, u, p, out):
    out[0] = 2 * (y[0] - y[0] * y[1])
    out[1] = -(y[1] - y[0] * y[1])


def b2(t, y, u, p, out):
    out[0] = -y[0] + y[1]
    out[1] = y[0] - 2 * y[1] + y[2]
    out[2] = y[1] - y[2]


def b3(t, y, u, p, out):
    out[0] = -y[0]
    out[1] = y[0] - y[1] ** 2
    out[2] = y[1] ** 2


def b4(t, y, u, p, out):
    r = np.sqrt(y[0] ** 2 + y[1] ** 2)
    out[0] = -y[1] - y[0] * y[2] / r
    out[1] = y[0] - y[1] * y[2] / r
    out[2] = y[0] / r


def b5(t, y, u, p, out):
    out[0] = y[1] * y[2]
    out[1] = -y[0] * y[2]
    out[2] = -0.51 * y[0] * y[1]


def c1(t, y, u, p, out):
    out[0] = -y[0]
    for i in range(1, 9):
        out[i] = y[i - 1] - y[i]
    out[9] = y[8]


def d(t, y, u, p, out):
    r3 = (y[0] ** 2 + y[1] ** 2) ** 1.5
    out[0] = y[2]
    out[1] = y[3]
    out[2] = -y[0] / r3
    out[3] = -y[1] / r3


def e1(t, y, u, p, out):
    out[0] = y[1]
    out[1] = -(y[1] / (t + 1) + (1 - 0.25 / (t + 1) ** 2) * y[0])


def e2(t, y, u, p, out):
    out[0] = y[1]
    out[1] = (1 - y[0] ** 2) * y[1] - y[0]


def e3(t, y, u, p, out):
    out[0] = y[1]
    out[1] = y[0] ** 3 / 6 - y[0] + 2 * np.sin(2.78535 * t)


def e4(t, y, u, p, out):
    out[0] = y[1]
    out[1] = 0.032 - 0.4 * y[1] ** 2


def e5(t, y, u, p, out):
    out[0] = y[1]
    out[1] = np.sqrt(1 + y[1] ** 2) / (25 - t)


def orbit(eccentricity):
    """Kepler's ellipse."""

    def solution(t):
        anomaly = optimize.brentq(lambda x: x - eccentricity * np.sin(x) - t, t - 1, t + 1, xtol=1e-15, rtol=1e-15)
        b, rate = np.sqrt(1 - eccentricity**2), 1 / (1 - eccentricity * np.cos(anomaly))
        return [np.cos(anomaly) - eccentricity, b * np.sin(anomaly), -np.sin(anomaly) * rate, b * np.cos(anomaly) * rate]

    return Problem(d, solution(0.0), solution)


def bessel(t):
    return [special.jv(0.5, t + 1), special.jvp(0.5, t + 1)]


@dataclass(frozen=True)
class Problem:
    rhs: Callable
    y0: list
    closed_form: Callable | None = None

    @functools.cached_property
    def system(self):
        return DynamicalSystem(self.rhs, len(self.y0))

    @functools.cached_property
    def _reference(self):
        """SciPy's DOP853 at its tightest, on its own interpretation of the function."""

        def fun(t, y):
            out = np.empty(y.size)
            self.rhs(t, y, None, None, out)
            return out

        return integrate.solve_ivp(fun, (0, END), self.y0, method="DOP853", rtol=2.3e-14, atol=1e-15, dense_output=True)

    def solution(self, t):
        return np.array(self.closed_form(t)) if self.closed_form else self._reference.sol(t)


PROBLEMS = {
    "A1": Problem(a1, [1.0], lambda t: [np.exp(-t)]),
    "A2": Problem(a2, [1.0], lambda t: [1 / np.sqrt(1 + t)]),
    "A3": Problem(a3, [1.0], lambda t: [np.exp(np.sin(t))]),
    "A4": Problem(a4, [1.0], lambda t: [20 / (1 + 19 * np.exp(-t / 4))]),
    "A5": Problem(a5, [4.0]),
    "B1": Problem(b1, [1.0, 3.0]),
    "B2": Problem(b2, [2.0, 0.0, 1.0]),
    "B3": Problem(b3, [1.0, 0.0, 0.0]),
    "B4": Problem(b4, [3.0, 0.0, 0.0]),
    "B5": Problem(b5, [0.0, 1.0, 1.0]),
    "C1": Problem(c1, [1.0, *[0.0] * 9]),
    **{f"D{k}": orbit(0.2 * k - 0.1) for k in range(1, 6)},
    "E1": Problem(e1, bessel(0.0), bessel),
    "E2": Problem(e2, [2.0, 0.0]),
    "E3": Problem(e3, [0.0, 0.0]),
    "E4": Problem(e4, [30.0, 0.0]),
    "E5": Problem(e5, [0.0, 0.0]),
}

TIMES = np.linspace(0, END, 41)  # hardly ever the end of a step: the interpolant is tested as well
TOLERANCES = (1e-6, 1e-9, 1e-12)
PAIRS = {"dopri5": "RK45", "dop853": "DOP853"}  # the same coefficients in SciPy
GENTLE = ("A1", "A2", "B3", "E1", "E4")  # neighbouring solutions do not part, so local errors do not grow


def run(problem, method, tolerance):
    """Return the largest error in units of the tolerance, and the number of evaluations."""
    sol = simulate(problem.system, END, problem.y0, method=method, rtol=tolerance, atol=tolerance, t_eval=TIMES)
    assert sol.success
    exact = np.column_stack([problem.solution(t) for t in TIMES])
    return np.max(np.abs(sol.y - exact) / (tolerance + tolerance * np.abs(exact))), sol.nfev


@pytest.mark.parametrize("problem", [name for name, p in PROBLEMS.items() if p.closed_form])
def test_the_reference_is_good_to_thirteen_digits(problem):
    """By the problems whose solution is known; one digit less near the sun (D4, D5)."""
    problem = PROBLEMS[problem]
    found = problem._reference.y[:, -1]
    np.testing.assert_allclose(found, problem.closed_form(END), atol=5e-12 if problem.rhs is d else 5e-14)


@pytest.mark.parametrize("method", PAIRS)
@pytest.mark.parametrize("problem", GENTLE)
def test_errors_stay_within_five_tolerances(problem, method):
    for tolerance in TOLERANCES:
        error, _ = run(PROBLEMS[problem], method, tolerance)
        assert error < 5, tolerance


@pytest.mark.parametrize("method", PAIRS)
@pytest.mark.parametrize("problem", PROBLEMS)
def test_errors_and_evaluations_are_no_more_than_those_of_scipys_pair(problem, method):
    """Orbits multiply every local error by a thousand; then SciPy's error is the measure.

    Five times that, as two step controls meet the sensitive moments at other steps; a quarter more evaluations, as
    the proportional-integral control of dopri5 starts more carefully.
    """
    for tolerance in TOLERANCES:
        error, evaluations = run(PROBLEMS[problem], method, tolerance)
        theirs, budget = run(PROBLEMS[problem], PAIRS[method], tolerance)
        assert error < 5 * max(theirs, 1.0), tolerance
        assert evaluations < 1.25 * budget + 10, tolerance


@pytest.mark.parametrize("method", PAIRS)
def test_all_problems_together_cost_no_more_than_with_scipy(method):
    for tolerance in TOLERANCES:
        mine, theirs = (sum(run(p, m, tolerance)[1] for p in PROBLEMS.values()) for m in (method, PAIRS[method]))
        assert mine < 1.1 * theirs


@pytest.mark.parametrize("method", PAIRS)
@pytest.mark.parametrize("problem", ["A3", "B5", "E2"])
def test_the_error_is_proportional_to_the_tolerance(problem, method):
    """Over six decades, to a factor of thirty: step control works with asymptotic orders."""
    coarse, fine = (run(PROBLEMS[problem], method, tolerance)[0] for tolerance in (1e-4, 1e-10))
    assert 1 / 30 < coarse / fine < 30


def test_the_order_of_the_methods_shows_in_their_cost():
    """A thousandth of the tolerance costs 1000**(1/5) or 1000**(1/8) times the steps, to a quarter."""
    for method, order in (("dopri5", 5), ("dop853", 8)):
        coarse, fine = (run(PROBLEMS["D1"], method, tolerance)[1] for tolerance in (1e-7, 1e-10))
        assert fine / coarse == pytest.approx(1000 ** (1 / order), rel=0.25)


@pytest.mark.parametrize("method", ["RK23", "RK45", "DOP853", "Radau", "BDF", "LSODA"])
@pytest.mark.parametrize("problem", ["B5", "E2"])
def test_scipys_solvers_do_here_what_they_do_in_solve_ivp(problem, method):
    """To a hundred tolerances (where a Jacobian by differences differs), and within a few evaluations."""
    problem = PROBLEMS[problem]

    def fun(t, y):
        out = np.empty(y.size)
        problem.rhs(t, y, None, None, out)
        return out

    tolerance = 1e-7
    theirs = integrate.solve_ivp(fun, (0, END), problem.y0, method=method, rtol=tolerance, atol=tolerance, t_eval=TIMES)
    mine = simulate(problem.system, END, problem.y0, method=method, rtol=tolerance, atol=tolerance, t_eval=TIMES)
    explicit = method in ("RK23", "RK45", "DOP853")
    np.testing.assert_allclose(mine.y, theirs.y, atol=1e-10 if explicit else 1e-5)
    without_jacobians = theirs.nfev - (0 if explicit else 2 * theirs.njev)
    assert abs(mine.nfev - without_jacobians) < 2 + 0.05 * theirs.nfev


# Networks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["taylor", "dopri5", "dop853", "Radau", "LSODA"])
@pytest.mark.parametrize("activation", ["logistic", "tanh"])
def test_networks_are_integrated_within_ten_tolerances(method, activation):
    """Errors of a chaotic transient grow a little; the implicit methods of SciPy are ten times less careful."""
    rng = np.random.default_rng(12)
    weights, biases, tau = 3 * rng.normal(size=(5, 5)) / np.sqrt(5), rng.normal(size=5), rng.uniform(0.5, 2, 5)
    phi = {"logistic": lambda x: 1 / (1 + np.exp(-x)), "tanh": np.tanh}[activation]

    def fun(t, y):
        return (-y + weights @ phi(y + biases)) / tau

    y0 = rng.normal(size=5)
    times = np.linspace(0, 10, 31)
    exact = integrate.solve_ivp(fun, (0, 10), y0, method="DOP853", rtol=2.3e-14, atol=1e-15, t_eval=times).y
    net = AdditiveNetwork(weights, biases, tau, activation=activation)
    for tolerance in TOLERANCES:
        if method in ("Radau", "LSODA") and tolerance < 1e-9:
            continue  # thousands of steps in Python
        sol = simulate(net, 10, y0, method=method, rtol=tolerance, atol=tolerance, t_eval=times)
        allowed = (10 if sol.path == "compiled" else 100) * tolerance + 1e-14
        np.testing.assert_allclose(sol.y, exact, rtol=allowed, atol=allowed)


# Dense output, limits of the step, tolerances ------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["dopri5", "dop853", "RK45", "DOP853", "Radau", "BDF", "LSODA"])
@pytest.mark.parametrize("span", [(0, 8), (8, 1)])
def test_dense_output_is_what_t_eval_gives(method, span):
    problem = PROBLEMS["E2"]
    times = np.linspace(*span, 57)
    options = {"method": method, "rtol": 1e-7, "atol": 1e-9}
    dense = simulate(problem.system, span, problem.y0, dense_output=True, **options)
    asked = simulate(problem.system, span, problem.y0, t_eval=times, **options)
    np.testing.assert_allclose(dense.sol(times), asked.y, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(dense.sol(times[5]), dense.sol(times)[:, 5])
    np.testing.assert_allclose(dense.sol(dense.t), dense.y, rtol=1e-11, atol=1e-11)
    for outside in (span[1] + 0.1 * (span[1] - span[0]), span[0] - 0.1 * (span[1] - span[0])):
        with pytest.raises(ValueError, match="must lie in"):
            dense.sol(outside)


@pytest.mark.parametrize("method", PAIRS)
def test_dense_output_is_smooth_across_steps(method):
    """Continuous, with a continuous slope that is the right-hand side, to rounding."""
    problem = PROBLEMS["E2"]
    sol = simulate(problem.system, 5, problem.y0, method=method, rtol=1e-5, atol=1e-7, dense_output=True)
    ends = np.unique(sol.sol.times[:-1, 2])
    h = 1e-6
    before, at, after = sol.sol(ends - h), sol.sol(ends), sol.sol(ends + h)
    slope = np.column_stack([problem.system.rhs(t, y) for t, y in zip(ends, at.T, strict=True)])
    np.testing.assert_allclose((at - before) / h, slope, atol=1e-4)  # differences of first order: h |y''|, y'' below 30
    np.testing.assert_allclose((after - at) / h, slope, atol=1e-4)


@pytest.mark.parametrize("method", ["dopri5", "dop853", "RK45", "Radau"])
def test_the_limits_of_the_step_are_kept(method):
    problem = PROBLEMS["A1"]
    sol = simulate(problem.system, 3, [1.0], method=method, max_step=0.05, dense_output=True)
    assert sol.steps >= 60
    assert np.diff(sol.t).max() <= 0.05 * (1 + 1e-12)
    assert np.abs(simulate(problem.system, 3, [1.0], method=method, first_step=1e-3, rtol=1e-3).t[1:10]).min() <= 1e-3


@pytest.mark.parametrize("method", PAIRS)
def test_a_tolerance_for_each_state_is_kept(method):
    """The fast small component is resolved only where its own tolerance asks for it."""

    def two(t, y, u, p, out):
        out[0] = -y[0]
        out[1] = 1e-6 * np.cos(50 * t)

    system = DynamicalSystem(two, 2)
    loose = simulate(system, 3, [1.0, 0.0], method=method, rtol=1e-4, atol=[1e-4, 1e-4])
    tight = simulate(system, 3, [1.0, 0.0], method=method, rtol=1e-4, atol=[1e-4, 1e-11])
    assert tight.steps > 3 * loose.steps
    np.testing.assert_allclose(tight.final[1], 1e-6 * np.sin(150) / 50, atol=1e-10)


@pytest.mark.parametrize("method", ["dopri5", "dop853", "DOP853"])
def test_going_back_leads_to_the_start(method):
    problem = PROBLEMS["B5"]
    options = {"method": method, "rtol": 1e-10, "atol": 1e-10}
    there = simulate(problem.system, (0, END), problem.y0, **options).final
    back = simulate(problem.system, (END, 0), there, **options)
    assert (np.diff(back.t) < 0).all()
    np.testing.assert_allclose(back.final, problem.y0, atol=1e-7)


def test_a_solution_that_does_not_move_takes_few_steps():
    net = AdditiveNetwork([[4.5, 1], [-1, 4.5]], [-2.75, -1.75])
    for method in ("taylor", "dopri5", "dop853"):
        sol = simulate(net, 1e3, [2.75, 1.75], method=method)  # its equilibrium
        np.testing.assert_allclose(sol.y, [[2.75], [1.75]] * np.ones(sol.t.size), rtol=1e-12)
        assert sol.nfev < 40_000
