"""Maps of flows, against closed forms of linear driven flows and against cycles."""

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pytest
from scipy.linalg import expm

from analysis import fixed_points, limit_cycle, lyapunov_spectrum, poincare_map, stroboscopic_map
from ctrnn import CTRNN, DynamicalSystem, Pulse, PulseTrain, Sampled, Signal, Sine, simulate, simulate_ensemble
from neurodynamics import models

OSCILLATOR = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
WEIGHTS = np.array([[0.2, -1.1], [0.7, 0.4]])
LINEAR = CTRNN(WEIGHTS, activation="linear")
A = WEIGHTS - np.eye(2)


def steady_response(t, amplitude, omega):
    """The periodic solution of y' = A y + amplitude sin(omega t): the imaginary part of a phasor."""
    phasor = np.linalg.solve(1j * omega * np.eye(2) - A, np.asarray(amplitude, dtype=complex))
    return (phasor * np.exp(1j * omega * t)).imag


# Stroboscopic maps ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [0.0, 3.7])
def test_a_linear_driven_flow_is_known_in_closed_form(start):
    strobe = stroboscopic_map(LINEAR, [Sine(1.3, 0.1), Sine(-0.4, 0.1)], start=start)
    assert strobe.period == pytest.approx(10.0, rel=1e-15)
    response = steady_response(start, [1.3, -0.4], 0.2 * math.pi)
    assert np.abs(strobe.jac(0, [0.3, 0.4]) - expm(10 * A)).max() < 1e-11
    y = np.array([0.5, -0.8])
    assert np.abs(strobe.rhs(0, y) - (response + expm(10 * A) @ (y - response))).max() < 1e-10
    found = fixed_points(strobe, starts=8, rng=0)
    assert np.abs(found.x - response).max() < 1e-10
    assert np.abs(np.sort(np.abs(found.eigenvalues[0])) - np.sort(np.abs(np.exp(10 * np.linalg.eigvals(A))))).max() < 1e-11


def test_pulses_repeat():
    """From rest a pulse of width 1 every 5, decay 1: y* = e^-4 (1 - e^-1)/(1 - e^-5)."""
    net = CTRNN([[0.0]], activation="linear")
    strobe = stroboscopic_map(net, [PulseTrain(0.0, 1.0, 1.0, 5.0, 3)])
    assert strobe.period == 5
    (point,) = fixed_points(strobe, starts=4, rng=0).x
    assert abs(point[0] - math.exp(-4) * (1 - math.exp(-1)) / (1 - math.exp(-5))) < 1e-12


def test_periods_that_fit_into_a_common_one():
    strobe = stroboscopic_map(LINEAR, [Sine(1, 0.5) + Sine(1, 1 / 3), 0.2])
    assert strobe.period == pytest.approx(6.0, rel=1e-14)
    with pytest.raises(ValueError, match="none in common"):
        stroboscopic_map(LINEAR, [Sine(1, 0.5), Sine(1, 0.5 / math.sqrt(2))])


def test_what_is_not_periodic_is_refused():
    with pytest.raises(ValueError, match="`period` must be given: no input"):
        stroboscopic_map(LINEAR, [1.0, 0.0])
    with pytest.raises(ValueError, match="others than sines"):
        stroboscopic_map(LINEAR, [Pulse(0, 1, 1), Sine(1, 0.1)])
    with pytest.raises(ValueError, match=r"`inputs\[0\]` must repeat"):
        stroboscopic_map(LINEAR, [Sine(1, 0.13), 0.0], period=5.0)
    with pytest.raises(ValueError, match=r"`inputs\[0\]` must repeat"):
        stroboscopic_map(LINEAR, [Pulse(0, 1, 1), 0.0], period=5.0)

    def driven(t, y, u, params, out):
        out[0] = math.sin(t) - y[0]

    system = DynamicalSystem(driven, 1)
    with pytest.raises(ValueError, match="right-hand side does not"):
        stroboscopic_map(system, period=5.0)
    (point,) = fixed_points(stroboscopic_map(system, period=2 * math.pi), starts=4, rng=0).x
    assert abs(point[0] + 0.5) < 1e-9  # y = (sin t - cos t)/2
    with pytest.raises(ValueError, match="stroboscopic_map"):
        fixed_points(system)
    with pytest.raises(ValueError, match="stroboscopic_map"):
        fixed_points(LINEAR, inputs=[Sine(1, 0.1), 0.0])


def test_signals_and_python_functions_take_the_same_way():
    t = np.arange(0, 21) * 0.5
    drives = [
        [Sine(1.0, 0.2, phase=0.3), 0.0],
        [Signal(lambda t: math.sin(0.4 * math.pi * t + 0.3)), 0.0],
        lambda t: np.array([math.sin(0.4 * math.pi * t + 0.3), 0.0]),
    ]
    maps = [stroboscopic_map(OSCILLATOR, drive, period=5.0) for drive in drives]
    ends = [strobe.rhs(0, [0.2, 0.1]) for strobe in maps]
    assert maps[2].host
    assert np.abs(ends[1] - ends[0]).max() < 1e-9
    assert np.abs(ends[2] - ends[0]).max() < 1e-9
    assert np.abs(maps[2].jac(0, [0.2, 0.1]) - maps[0].jac(0, [0.2, 0.1])).max() < 1e-9
    held = Sampled(t, np.vstack([np.tile([1.0, 0.0], 11)[:21], np.zeros(21)]))
    sampled = stroboscopic_map(OSCILLATOR, held, period=1.0)
    expected = simulate(OSCILLATOR, 1.0, [0.2, 0.1], inputs=held, rtol=1e-12, atol=1e-13).final
    assert np.abs(sampled.rhs(0, [0.2, 0.1]) - expected).max() < 1e-10


def test_iterates_are_the_trajectory_once_a_period():
    """Also in an ensemble over a parameter of the flow."""
    drive = [Sine(0.8, 0.11), 0.0]
    strobe = stroboscopic_map(OSCILLATOR, drive)
    run = simulate(strobe, 10, [0.1, 0.2])
    flow = simulate(OSCILLATOR, 10 / 0.11, [0.1, 0.2], inputs=drive, t_eval=np.arange(11) / 0.11, rtol=1e-12, atol=1e-13)
    assert np.abs(run.y - flow.y).max() < 1e-8
    assert np.abs(run.outputs - flow.outputs).max() < 1e-8
    ens = simulate_ensemble(strobe, 4, [0.1, 0.2], params={"biases[0]": [-2.75, -2.0]}, save="final")
    assert np.array_equal(ens.y[0], run.y[:, 4])
    other = stroboscopic_map(OSCILLATOR.with_params({"biases[0]": -2.0}), drive)
    assert np.array_equal(ens.y[1], simulate(other, 4, [0.1, 0.2]).final)


def test_exponents_of_a_driven_flow_are_those_of_its_map():
    drive = [Sine(1.3, 0.1), 0.0]
    spectrum = lyapunov_spectrum(stroboscopic_map(LINEAR, drive), [0.4, 0.2], duration=200, rng=0)
    assert np.abs(spectrum.exponents / 10 - np.sort(np.linalg.eigvals(A).real)[::-1]).max() < 1e-6


def test_a_subharmonic_response_is_a_cycle_of_the_map():
    """A drive of three times its frequency entrains the oscillator, which is odd and so has a third harmonic."""
    cycle = limit_cycle(OSCILLATOR, [0, 0])
    strobe = stroboscopic_map(OSCILLATOR, [Sine(0.25, 3.0 / cycle.period), 0.0])
    found = limit_cycle(strobe, [0, 0])
    assert found.period == 3
    assert found.stable


# Poincare maps -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("section", [(0, 2.75), ([1.0, 0.2], 2.75 + 0.2 * 1.75)])
@pytest.mark.parametrize("direction", [1, -1])
def test_multipliers_are_those_of_the_cycle_without_the_trivial_one(section, direction):
    cycle = limit_cycle(OSCILLATOR, [0, 0])
    passages = poincare_map(OSCILLATOR, section, direction=direction)
    end = simulate(passages, 4, passages.project([3.0, 1.0])).final
    found = fixed_points(passages, bounds=(end[0] - 0.1, end[0] + 0.1), starts=4, rng=0)
    assert len(found) == 1
    assert abs(found.eigenvalues[0, 0] - cycle.multipliers[1]) < 1e-9
    assert abs(passages.return_time(found.x[0]) - cycle.period) < 1e-10
    on_cycle = passages.lift(found.x[0])
    assert np.abs(passages.normal @ on_cycle - passages.offset) < 1e-14
    near = cycle(np.linspace(0, cycle.period, 20001))
    assert np.linalg.norm(near - on_cycle[:, np.newaxis], axis=0).min() < 1e-3
    assert direction * (OSCILLATOR.rhs(0, on_cycle) @ np.atleast_1d(section[0] if np.ndim(section[0]) else [1, 0])) > 0


def test_three_states_against_an_unstable_cycle():
    """Lorenz: the section z = 27 falling is passed twice a turn of the shortest orbit, so its square has the multipliers."""
    system = models.lorenz()
    cycle = limit_cycle(system, [-13.764, -19.579, 27], period=1.5)
    passages = poincare_map(system, (2, 27.0), direction=-1)
    times = np.linspace(0, cycle.period, 4001)
    z = cycle(times)[2]
    k = int(np.flatnonzero((z[:-1] >= 27) & (z[1:] < 27))[0])
    start = passages.project(cycle(times[k] + (z[k] - 27) / (z[k] - z[k + 1]) * (times[k + 1] - times[k])))
    found = limit_cycle(passages, start, period=2)
    assert found.period == 2
    others = np.delete(cycle.multipliers, np.argmin(np.abs(cycle.multipliers - 1)))
    assert found.multipliers[0] == pytest.approx(others[0], rel=1e-6)
    returns = [passages.return_time(z) for z in found.y.T]
    assert abs(sum(returns) - cycle.period) < 1e-9


def test_the_derivative_is_the_difference():
    passages = poincare_map(models.lorenz(), (2, 27.0))
    z, h = np.array([8.0, 3.0]), 1e-5
    differences = [(passages.rhs(0, z + h * e) - passages.rhs(0, z - h * e)) / (2 * h) for e in np.eye(2)]
    assert np.abs(passages.jac(0, z) - np.column_stack(differences)).max() < 1e-5


def test_outputs_and_coordinates():
    passages = poincare_map(OSCILLATOR, ([3.0, 4.0], 10.0))
    y = passages.lift([0.7])
    assert np.abs(np.array([0.6, 0.8]) @ y - 2.0) < 1e-15
    assert np.abs(passages.project(y) - 0.7).max() < 1e-15
    assert np.abs(passages.outputs([0.7]) - OSCILLATOR.outputs(y)).max() < 1e-15


def test_a_trajectory_that_does_not_come_back_gives_nan():
    net = CTRNN([[0, -8], [-8, 0]], constant_inputs=4)
    passages = poincare_map(net, (0, 0.5), longest=100.0)
    assert np.isnan(passages.rhs(0, [3.0])).all()
    assert np.isnan(passages.jac(0, [3.0])).all()
    assert math.isnan(passages.return_time([3.0]))


def test_bad_sections():
    with pytest.raises(ValueError, match=r"`section\[0\]` must be below 2"):
        poincare_map(OSCILLATOR, (2, 0.0))
    with pytest.raises(ValueError, match=r"`section\[0\]`"):
        poincare_map(OSCILLATOR, ([0.0, 0.0], 1.0))
    with pytest.raises(TypeError, match="`section`"):
        poincare_map(OSCILLATOR, 3)
    with pytest.raises(ValueError, match="`direction`"):
        poincare_map(OSCILLATOR, (0, 1.0), direction=0)
    with pytest.raises(ValueError, match="at least 2"):
        poincare_map(CTRNN([[1.0]]), (0, 1.0))
    with pytest.raises(ValueError, match="stroboscopic_map"):
        poincare_map(OSCILLATOR, (0, 1.0), inputs=[Sine(1, 0.1), 0.0])


@pytest.mark.parametrize("way", [lambda x: pickle.loads(pickle.dumps(x)), copy.copy, copy.deepcopy])
def test_maps_are_the_same_in_copies_and_other_processes(way):
    strobe = stroboscopic_map(CTRNN([[6.0]], biases=-3), [Sine(0.2, frequency=0.5)])
    passages = poincare_map(CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75]), (0, 2.75))
    for section, start in ((strobe, [0.3]), (passages, [3.0])):
        np.testing.assert_array_equal(way(section).rhs(0, start), section.rhs(0, start))
        np.testing.assert_array_equal(way(section).jac(0, start), section.jac(0, start))
