"""Jacobians by differences: of states of every size, of functions that work with arrays, beside jumps; compiled or not."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import fixed_points, limit_cycle, lyapunov_spectrum, stability
from analysis.lyapunov import Carrier, Scheme
from analysis.lyapunov.flow import STEPS
from neurodynamics import METHODS, DynamicalSystem
from neurodynamics.compiling import host_differences
from neurodynamics.inputs import Inputs


def stuart_landau(t, y, u, params, out):
    r = (y[0] ** 2 + y[1] ** 2) / params[0] ** 2
    out[0], out[1] = y[0] * (1.0 - r) - y[1], y[1] * (1.0 - r) + y[0]


def double_well(t, y, u, params, out):
    out[0] = y[0] - y[0] ** 3 / params[0] ** 2


def swings(t, y, u, params, out):
    out[0], out[1] = y[1], -np.sin(y[0])


def of_arrays(t, y, u, params, out):
    out[:] = params[0] - y * y


def two_sizes(t, y, u, params, out):
    out[0] = y[0] - y[0] ** 3 / params[0] ** 2 + y[1]
    out[1] = np.sin(y[1]) + y[0] / params[0]


def analytic(A, x, y):
    return np.array([[1.0 - (3 * x * x + y * y) / A**2, -1.0 - 2 * x * y / A**2],
                     [1.0 - 2 * x * y / A**2, 1.0 - (x * x + 3 * y * y) / A**2]])  # fmt: skip


@pytest.mark.parametrize("size", [1e-9, 1e-6, 1e-3, 1.0, 1e3, 1e6])
def test_the_unit_of_the_states_does_not_matter(size):
    state = np.array([0.3 * size, 0.1 * size])
    system = DynamicalSystem(stuart_landau, 2, params=[size])
    np.testing.assert_allclose(system.jac(0.0, state), analytic(size, *state), atol=1e-9)
    found = np.empty((2, 2))
    host_differences(stuart_landau)(0.0, state, np.empty(0), np.array([size]), found)
    np.testing.assert_allclose(found, analytic(size, *state), atol=1e-9)


def test_states_of_different_sizes_have_steps_of_their_own():
    state, A = np.array([2e-7, 0.4]), 1e-6
    J = DynamicalSystem(two_sizes, 2, params=[A]).jac(0.0, state)
    np.testing.assert_allclose(J, [[1.0 - 3 * 0.2**2, 1.0], [1.0 / A, np.cos(0.4)]], rtol=1e-7)


def test_angles_that_have_turned_often():
    """Their differences have steps that are short against a turn, however far they went."""
    turns = 10.0 ** np.arange(7)
    pendulum = DynamicalSystem(swings, 2)
    errors = [abs(pendulum.jac(0.0, [2 * np.pi * k + 0.7, 0.0])[1, 0] + np.cos(0.7)) for k in turns]
    assert max(errors) < 3e-7


@pytest.mark.parametrize("size", [1e-9, 1e-6, 1e3, 1e6])
def test_points_of_every_size_are_found(size):
    """All three of the cubic, and the one of the oscillator."""
    cubic = fixed_points(DynamicalSystem(double_well, 1, params=[size]), rng=0)
    np.testing.assert_allclose(np.sort(cubic.x[:, 0]), [-size, 0.0, size], atol=1e-9 * size)
    assert len(fixed_points(DynamicalSystem(stuart_landau, 2, params=[size]), rng=0)) == 1


@pytest.mark.parametrize("size", [1e-9, 1e-6, 100.0, 1e3, 1e6])
def test_steps_of_tangent_vectors_do_not_shrink_with_the_size_of_states(size):
    """By 200 times at 100, if they were to be smooth where differences are not."""
    oscillator = DynamicalSystem(stuart_landau, 2, params=[size])
    cycle = limit_cycle(oscillator, [0.5 * size, 0.1 * size])
    assert abs(cycle.period - 2 * np.pi) < 1e-9
    assert cycle.log_moduli[1] == pytest.approx(-4 * np.pi, abs=1e-6)
    assert np.abs(np.hypot(*cycle.y) / size - 1).max() < 1e-9
    scheme = Scheme("dop853", METHODS["dop853"].tableau, True, rtol=1e-13, atol=1e-16 * size)
    carrier = Carrier(oscillator, scheme, size * np.eye(2)[:1], oscillator.params[np.newaxis], [Inputs(np.zeros(0), 0)])
    carrier.set_vectors(np.eye(2))
    carrier.go(np.array([0.0, 1.0]))
    assert carrier.counts[0, STEPS] < 60


def test_exponents_and_points_of_small_states():
    spectrum = lyapunov_spectrum(DynamicalSystem(stuart_landau, 2, params=[1e-6]), [3e-7, 1e-7], duration=50, rng=0)
    np.testing.assert_allclose(spectrum.exponents, [0.0, -2.0], atol=1e-5)
    assert spectrum.kind == "limit_cycle"
    well = DynamicalSystem(double_well, 1, params=[1e-6])
    np.testing.assert_allclose(stability(well, [1e-6]).eigenvalues, [-2.0], atol=1e-6)
    assert fixed_points(well, rng=0, bounds=(-3e-6, 3e-6)).stable.sum() == 2


def test_functions_that_make_arrays_do_not_write_into_the_point():
    """They take the memory that is free: that of the moved state must not be."""
    system = DynamicalSystem(of_arrays, 2, params=[0.5])
    np.testing.assert_allclose(system.jac(0.0, [0.3, 0.7]), [[-0.6, 0.0], [0.0, -1.4]], atol=1e-10)
    found = fixed_points(system, rng=0)
    assert len(found) == 4
    assert found.stable.sum() == 1


def test_a_cycle_of_a_function_that_makes_arrays():
    def turning(t, y, u, params, out):
        out[:] = np.array([[0.0, -1.7], [1.7, 0.0]]) @ y + (params[0] - y @ y) * y

    cycle = limit_cycle(DynamicalSystem(turning, 2, params=[0.25]), [0.4, 0.1])
    assert cycle.period == pytest.approx(2.0 * np.pi / 1.7, rel=1e-8)
    assert cycle.multipliers[1] == pytest.approx(np.exp(-0.5 * cycle.period), rel=1e-5)
