"""Cycles whose period, multipliers or fate are known in closed form, from the literature, or by an exact identity."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.special import ellipk

from analysis import limit_cycle
from analysis.cycles.floquet import eigenvalues_of_product
from ctrnn import CTRNN, DynamicalSystem, Sine, library
from neurodynamics import Interrupted, Kind, Status, models

OSCILLATOR = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])


def van_der_pol(t, y, u, params, out):
    out[0] = y[1]
    out[1] = params[0] * (1 - y[0] * y[0]) * y[1] - y[0]


def hopf(t, y, u, params, out):
    """r' = mu r (1 - r^2), angle' = omega: multiplier exp(-4 pi mu/omega)."""
    mu, omega = params[0], params[1]
    grow = mu * (1 - y[0] * y[0] - y[1] * y[1])
    out[0] = grow * y[0] - omega * y[1]
    out[1] = grow * y[1] + omega * y[0]


def logistic_map(t, y, u, params, out):
    out[0] = params[0] * y[0] * (1 - y[0])


def odd_ring(n, w):
    """x_i' = -x_i - w tanh(x_(i-1))."""
    return CTRNN(-w * np.roll(np.eye(n), -1, axis=1), activation="tanh")


# Figures -------------------------------------------------------------------------------------------------------------


def test_the_two_neuron_oscillator():
    cycle = limit_cycle(OSCILLATOR, [0, 0])
    assert cycle.kind == Kind.LIMIT_CYCLE
    assert abs(cycle.period - 28.9999078994859) < 1e-11
    assert abs(cycle.multipliers[1] - 0.00197965) < 1e-8
    assert cycle.trivial_error < 1e-11
    assert cycle.determinant_error < 1e-10
    assert cycle.stable
    assert cycle.jacobian == "analytic"
    assert abs(cycle.outputs.min() - 0.18905638) < 1e-6  # at the points that are kept
    assert abs(cycle.outputs[0].max() - 0.81094362) < 1e-8  # where it starts


def test_van_der_pol():
    """The period of mu = 1 is in the literature; by differences it is as good, its trivial multiplier a little less."""
    analytic = limit_cycle(models.van_der_pol(mu=1), [1, 1])
    by_differences = limit_cycle(DynamicalSystem(van_der_pol, 2, params=[1.0]), [1, 1])
    for cycle in (analytic, by_differences):
        assert abs(cycle.period - 6.6632868593231) < 1e-11
    assert analytic.trivial_error < 1e-11
    assert by_differences.jacobian == "finite differences"
    assert by_differences.trivial_error < 1e-8


def test_a_relaxation_oscillation():
    """Its multiplier is far below rounding: it must still be what the integral of the trace says."""
    cycle = limit_cycle(models.van_der_pol(mu=10), [1, 1])
    assert abs(cycle.period - 19.0783695669) < 1e-8
    assert cycle.multipliers[1].real == pytest.approx(math.exp(cycle.log_determinant), rel=1e-6)
    assert 0 < cycle.multipliers[1].real < 1e-100


def test_multipliers_in_closed_form():
    cycle = limit_cycle(DynamicalSystem(hopf, 2, params=[0.3, 2.0]), [0.3, 0.1])
    assert abs(cycle.period - math.pi) < 1e-10
    assert abs(cycle.multipliers[1] - math.exp(-4 * math.pi * 0.3 / 2.0)) < 1e-9
    assert np.abs(np.hypot(*cycle.y) - 1).max() < 1e-9
    assert abs(cycle.exponents[1] + 0.6) < 1e-8


@pytest.mark.parametrize("n", [3, 5])
def test_the_odd_ring_is_born_with_the_angular_frequency_of_its_hopf_bifurcation(n):
    """Near it a first harmonic sees an effective weight 1/cos(pi/N), whatever its amplitude, and so the same frequency: what
    is left are higher harmonics, of second order. The largest multiplier departs from 1 in first order.
    """
    periods, multipliers = [], []
    for excess in (4e-3, 1e-3):
        cycle = limit_cycle(odd_ring(n, (1 + excess) / math.cos(math.pi / n)), np.append(0.2, np.zeros(n - 1)))
        assert cycle.stable
        periods.append(cycle.period)
        multipliers.append(cycle.multipliers[1].real)
    expected = 2 * math.pi / math.tan(math.pi / n)
    errors = np.abs(np.array(periods) - expected)
    assert errors[1] < 2e-3
    assert errors[0] / errors[1] == pytest.approx(16, rel=0.1)
    gaps = -np.log(multipliers)
    assert gaps[0] / gaps[1] == pytest.approx(4, rel=0.1)


def test_a_cycle_agrees_with_another_integrator():
    """Three neurons: SciPy's DOP853 closes on the orbit, and its differences give the same multipliers."""
    net = CTRNN([[6, -6, 1], [6, 6, -2], [0.5, 1, 3]], biases=[0, -6, -1], time_constants=[1, 1.5, 0.7])
    cycle = limit_cycle(net, [1, 0, 0])
    assert cycle.success

    def flow(start):
        found = solve_ivp(lambda t, y: net.rhs(t, y), (0, cycle.period), start, method="DOP853", rtol=1e-12, atol=1e-13)
        return found.y[:, -1]

    start = cycle.y[:, 0]
    assert np.abs(flow(start) - start).max() < 1e-9
    h = 1e-5
    monodromy = np.column_stack([(flow(start + h * e) - flow(start - h * e)) / (2 * h) for e in np.eye(3)])
    by_hand = np.linalg.eigvals(monodromy)
    assert np.abs(np.sort(np.abs(by_hand)) - np.sort(np.abs(cycle.multipliers))).max() < 1e-6


def test_an_uncompiled_system_takes_the_same_way():
    host = limit_cycle(DynamicalSystem(van_der_pol, 2, params=[1.0], host=True), [1, 1])
    assert abs(host.period - 6.6632868593231) < 1e-11


def test_a_fast_oscillation():
    """Thousands of turns in a unit of time."""
    cycle = limit_cycle(DynamicalSystem(hopf, 2, params=[3e4, 2e5]), [0.3, 0.1])
    assert abs(cycle.period - math.pi * 1e-5) < 1e-14
    assert abs(cycle.multipliers[1] - math.exp(-4 * math.pi * 0.15)) < 1e-7


def test_an_unstable_cycle_inside_chaos():
    """The shortest periodic orbit of the Lorenz attractor: Viswanath (2003), Nonlinearity 16, 1035."""
    cycle = limit_cycle(models.lorenz(), [-13.764, -19.579, 27], period=1.5)
    assert abs(cycle.period - 1.558652210716175) < 1e-9
    assert not cycle.stable
    assert cycle.multipliers[0].real == pytest.approx(4.71295, abs=1e-4)
    assert cycle.log_determinant == pytest.approx(-41 / 3 * cycle.period, rel=1e-9)
    assert cycle.determinant_error < 1e-6


@pytest.mark.parametrize(("c", "loops"), [(2.5, 1), (3.5, 2), (4.0, 4)])
def test_loops_of_a_period_doubled_orbit_are_counted(c, loops):
    """Roessler's system doubles its period between these; trajectory and orbit share their period."""
    cycle = limit_cycle(models.roessler(c=c), [1, 1, 1])
    assert cycle.stable
    assert round(cycle.period / 5.8) == loops
    gaps = [np.linalg.norm(cycle(cycle.period * k / loops) - cycle(0.0)) for k in range(1, loops)]
    assert min(gaps, default=1.0) > 1e-2


def test_a_guess_that_counts_the_orbit_twice():
    start = limit_cycle(OSCILLATOR, [0, 0]).y[:, 0]
    assert abs(limit_cycle(OSCILLATOR, start, period=58.0).period - 28.9999078994859) < 1e-9


def test_a_family_of_orbits_is_called_that():
    cycle = limit_cycle(models.pendulum(gravity=1), [1.0, 0.0])
    assert cycle.kind == Kind.CONTINUUM
    assert not cycle.stable
    assert "family" in cycle.message
    amplitude = np.abs(cycle.y[0]).max()
    assert abs(cycle.period - 4 * ellipk(math.sin(amplitude / 2) ** 2)) < 1e-6


# What is no cycle ----------------------------------------------------------------------------------------------------


def test_chaos_is_called_chaos():
    found = limit_cycle(models.roessler(c=5.7), [1, 1, 1])
    assert found.kind == Kind.CHAOS
    assert not found.success
    assert math.isnan(found.period)
    assert "chaos" in repr(found)
    with pytest.raises(ValueError, match="no cycle"):
        found(0.0)


def test_weak_chaos_is_not_taken_for_a_torus():
    """Beer's three neurons: their largest exponent is 0.0097."""
    assert limit_cycle(library.load("three_neuron_chaos").net, [1, 1, 1]).kind == Kind.CHAOS


def test_two_oscillators_side_by_side_are_a_torus():
    weights = np.kron(np.eye(2), OSCILLATOR.weights)
    net = CTRNN(weights, biases=[-2.75, -1.75] * 2, time_constants=[1, 1, 0.618, 0.618])
    assert limit_cycle(net, [0, 0, 1, 0]).kind == Kind.TORUS


def test_a_basin_of_an_equilibrium_is_an_error_that_names_it():
    net = CTRNN([[0, -8], [-8, 0]], constant_inputs=4)
    with pytest.raises(ValueError, match=r"stable equilibrium \[-3\.8300161,  3\.8300161\]"):
        limit_cycle(net, [0, 1])
    with pytest.raises(ValueError, match=r"unstable equilibrium \[2\.75, 1\.75\]"):
        limit_cycle(OSCILLATOR, [2.75, 1.75])
    with pytest.raises(ValueError, match="diverges"):
        limit_cycle(CTRNN([[2.0]], activation="linear"), [1.0])
    with pytest.raises(ValueError, match="diverges"):
        limit_cycle(DynamicalSystem(bursting, 1), [1.0])  # at t = 1/7, where steps shrink to nothing when y is 100
    with pytest.raises(ValueError, match=r"ends: .* steps shrink to nothing"):
        limit_cycle(DynamicalSystem(root, 2), [1.0, 0.0])  # which is over at y = 0


def bursting(t, y, u, params, out):
    out[0] = y[0] ** 8


def root(t, y, u, params, out):
    out[0], out[1] = -1.0 - np.sqrt(y[0]), -y[1]


def test_bad_input():
    with pytest.raises(ValueError, match="stroboscopic_map"):
        limit_cycle(OSCILLATOR, [0, 0], inputs=[Sine(1, 0.1), 0.0])
    with pytest.raises(ValueError, match="`y0`"):
        limit_cycle(OSCILLATOR, [0, 0, 0])
    with pytest.raises(ValueError, match="`y0\\[1\\]`"):
        limit_cycle(OSCILLATOR, [0, np.nan])
    with pytest.raises(ValueError, match="`period`"):
        limit_cycle(OSCILLATOR, [0, 0], period=-1)
    with pytest.raises(TypeError, match="`system`"):
        limit_cycle(3, [0, 0])


def test_systems_that_jump_have_cycles():
    def events(t, y, u, params, out):
        out[0] = y[0] - 1.0

    def reset(event, t, y, u, params, out):
        out[0] = 0.0

    def rhs(t, y, u, params, out):
        out[0] = 1.1 - y[0]

    system = DynamicalSystem(rhs, 1, events=events, reset=reset)
    assert limit_cycle(system, [0.0]).period == pytest.approx(np.log(11), abs=1e-10)


def test_no_time_is_no_verdict():
    found = limit_cycle(OSCILLATOR, [0, 0], timeout=0)
    assert found.kind == Kind.UNDECIDED
    assert found.status in (Status.TIMEOUT, Status.MAX_STEPS)


def test_ctrl_c(monkeypatch):
    def stop(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("analysis.cycles.cycle_of_flow.simulate", stop)
    with pytest.raises(Interrupted) as stopped:
        limit_cycle(OSCILLATOR, [0, 0])
    assert stopped.value.result.status == Status.INTERRUPTED
    assert limit_cycle(OSCILLATOR, [0, 0], on_interrupt="return").kind == Kind.UNDECIDED


def test_noise_plays_no_part():
    assert abs(limit_cycle(OSCILLATOR.replace(noise=0.1), [0, 0]).period - 28.9999078994859) < 1e-9


# Maps ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("r", [3.2, 3.4])
def test_the_two_cycle_of_the_logistic_map(r):
    """Its points are the roots of r^2 y^2 - r (r + 1) y + r + 1, its multiplier is 4 + 2 r - r^2."""
    cycle = limit_cycle(DynamicalSystem(logistic_map, 1, params=[r], kind="map"), [0.3])
    assert cycle.period == 2
    assert np.abs(np.sort(cycle.y[0]) - np.sort(np.roots([r * r, -r * (r + 1), r + 1]).real)).max() < 1e-13
    assert abs(cycle.multipliers[0] - (4 + 2 * r - r * r)) < 1e-10
    assert math.isnan(cycle.trivial_error)
    assert cycle(3.0) == cycle.y[:, 1]


def test_fates_of_a_map():
    def at(r):
        return DynamicalSystem(logistic_map, 1, params=[r], kind="map")

    assert limit_cycle(at(3.5), [0.3]).period == 4
    assert limit_cycle(at(3.83), [0.3]).period == 3
    assert limit_cycle(at(4.0), [0.3]).kind == Kind.CHAOS
    unstable = limit_cycle(at(4.0), [0.35], period=2)
    assert abs(unstable.multipliers[0] + 4) < 1e-9  # every orbit of period p has the multiplier +-2^p
    with pytest.raises(ValueError, match=r"stable fixed point \[0\.64285714\]"):
        limit_cycle(at(2.8), [0.3])


# Parts ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("parts", "n"), [(8, 4), (20, 6), (30, 10)])
def test_eigenvalues_of_a_long_product_against_many_digits(parts, n):
    """They span up to forty decades; each is right relative to itself."""
    rng = np.random.default_rng(0)
    matrices = (np.eye(n) + 0.4 * rng.normal(size=(parts, n, n))) * np.exp(-0.3 * np.arange(n))[:, np.newaxis]
    with mpmath.workdps(120):
        product = mpmath.eye(n)
        for matrix in matrices:
            product = mpmath.matrix(matrix.tolist()) * product
        exact = np.array([complex(value) for value in mpmath.eig(product, left=False, right=False)])
    found = eigenvalues_of_product(matrices)
    errors = [np.abs(found.eigenvalues - value).min() / abs(value) for value in exact]
    assert max(errors) < 1e-10
    assert found.log_determinant == pytest.approx(np.linalg.slogdet(matrices)[1].sum(), rel=1e-12)
    assert (np.diff(np.abs(found.eigenvalues)) <= 1e-12 * np.abs(found.eigenvalues[:-1])).all()


def contracting(t, y, u, params, out):
    """Van der Pol's oscillator, and two states that follow it at the rates -60 and -45."""
    out[0], out[1] = y[1], params[0] * (1.0 - y[0] ** 2) * y[1] - y[0]
    out[2], out[3] = -60.0 * y[2] + 0.3 * y[0], -45.0 * (y[3] - y[2])


def test_multipliers_below_the_smallest_number_keep_their_logarithms():
    """Oracles: the rates of the followers, and Liouville's formula."""
    cycle = limit_cycle(DynamicalSystem(contracting, 4, params=[5.0]), [2.0, 0.0, 0.0, 0.0])
    own = cycle.log_determinant + 105.0 * cycle.period
    expected = [0.0, own, -45.0 * cycle.period, -60.0 * cycle.period]
    np.testing.assert_allclose(cycle.log_moduli, expected, rtol=1e-9, atol=1e-7)
    np.testing.assert_allclose(cycle.exponents[2:], [-45.0, -60.0], rtol=1e-9)
    assert (cycle.multipliers.real[:2] > 0).all()


def drawn_into_planes(t, y, u, params, out):
    r = y[0] ** 2 + y[1] ** 2
    out[0], out[1] = 4 * y[0] * (1 - r) - y[1], 4 * y[1] * (1 - r) + y[0]
    out[2], out[3] = -45 * y[2], -14 * y[0] ** 2 * y[3]


def test_states_that_decay_to_nothing_leave_their_multipliers():
    """They fall below all numbers long before the orbit has closed often enough; the figures are exact."""
    system = DynamicalSystem(drawn_into_planes, 4)
    found = limit_cycle(system, [1.0, 0.1, 0.1, 0.1])
    assert found.stable
    np.testing.assert_allclose(found.log_moduli, [0, -14 * np.pi, -16 * np.pi, -90 * np.pi], atol=1e-6)


def rich_prey(t, y, u, params, out):
    eaten = y[0] * y[1] / (1 + y[0])
    out[0], out[1] = y[0] * (1 - y[0] / 500) - eaten, 0.8 * eaten - 0.3 * y[1]


def test_states_that_come_back_are_not_gone():
    """The control: without prey the predators die out, and rest where prey would grow again."""
    assert limit_cycle(DynamicalSystem(rich_prey, 2), [1.0, 1.0]).kind == Kind.UNDECIDED
