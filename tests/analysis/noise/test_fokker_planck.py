"""Stationary densities against Gaussians, Boltzmann's law and their circulating flux."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import solve_continuous_lyapunov

from analysis import stationary_density
from neurodynamics import DynamicalSystem, models

BOX = [(-3.0, 3.0), (-3.0, 3.0)]


def linear(t, y, u, params, out):
    out[0] = params[0] * y[0] + params[1] * y[1]
    out[1] = params[2] * y[0] + params[3] * y[1]


def wells(t, y, u, params, out):
    """b = -grad U, U = (x^2 - 1)^2 + (y - x)^2."""
    out[0] = -4 * y[0] * (y[0] ** 2 - 1) + 2 * (y[1] - y[0])
    out[1] = -2 * (y[1] - y[0])


def by_state(t, y, u, params, out):
    out[0] = np.sqrt(1.0 + y[0] ** 2)
    out[1] = 1.0


def gaussian(found, S):
    X = np.stack(np.meshgrid(found.x, found.y), axis=-1)
    exponent = np.einsum("yxi,ij,yxj->yx", X, np.linalg.inv(S), X)
    return X, np.exp(-exponent / 2) / (2 * np.pi * np.sqrt(np.linalg.det(S)))


def apart(found, exact):
    """Total variation."""
    cell = (found.x[1] - found.x[0]) * (found.y[1] - found.y[0])
    return 0.5 * np.abs(found.density - exact).sum() * cell


@pytest.mark.parametrize("A", [[[-1.0, 0.0], [0.0, -2.0]], [[-2.0, -3.0], [1.0, -1.0]]])
@pytest.mark.parametrize("noise", [0.8, (1.0, 0.5)])
def test_ornstein_uhlenbeck_is_gaussian_with_its_flux(A, noise):
    A = np.array(A)
    Q = np.diag(np.ones(2) * np.square(noise))
    S = solve_continuous_lyapunov(A, -Q)
    found = stationary_density(DynamicalSystem(linear, 2, A.ravel()), BOX, noise=noise, resolution=64)
    X, exact = gaussian(found, S)
    assert found.converged
    assert apart(found, exact) < max(found.error, 1e-3) < 0.05
    assert found.wall_mass < 1e-3
    flux = np.moveaxis((X @ (A + Q @ np.linalg.inv(S) / 2).T) * exact[..., np.newaxis], -1, 0)  # J = (A + Q S^-1 / 2) x p
    assert np.abs(found.flux - flux).max() < 0.05 * np.abs(A).max() * exact.max()


def test_the_error_falls_with_the_square_of_the_spacing():
    A = np.array([[-1.0, -3.0], [3.0, -1.0]])
    off = []
    for resolution in (32, 64):
        found = stationary_density(DynamicalSystem(linear, 2, A.ravel()), BOX, resolution=resolution)
        off.append(apart(found, gaussian(found, 0.5 * np.eye(2))[1]))  # b = -grad U + l, div l = 0: still exp(-2 U)
    assert off[0] / off[1] == pytest.approx(4.0, rel=0.2)


def test_gradient_systems_follow_boltzmann_without_a_flux():
    found = stationary_density(DynamicalSystem(wells, 2), [(-2.5, 2.5), (-3.5, 3.5)], resolution=(80, 96))
    x, y = np.meshgrid(found.x, found.y)
    law = np.exp(-2 * ((x**2 - 1) ** 2 + (y - x) ** 2))
    cell = (found.x[1] - found.x[0]) * (found.y[1] - found.y[0])
    assert apart(found, law / law.sum() / cell) < found.error < 0.02
    assert found.density.min() >= 0.0
    assert found.density.sum() * cell == pytest.approx(1.0, abs=1e-12)
    assert np.abs(found.flux).max() < 0.02 * found.density.max()


def test_noise_that_depends_on_the_state_is_ito():
    system = DynamicalSystem(linear, 2, [-1.0, 0.0, 0.0, -1.0], diffusion=by_state)
    found = stationary_density(system, [(-6, 6), (-3, 3)], resolution=(120, 16))
    law = (1 + found.x**2) ** -2.0  # p = exp(int 2 b / g^2) / g^2, b = -x, g^2 = 1 + x^2
    marginal = found.density.sum(axis=0)
    assert marginal / marginal.sum() == pytest.approx(law / law.sum(), abs=1e-3 * (law / law.sum()).max())


def test_a_box_that_is_too_small_says_so():
    assert stationary_density(DynamicalSystem(wells, 2), [(-1, 1), (-1, 1)], resolution=16).wall_mass > 0.1


def test_it_refuses_what_it_has_no_equation_for():
    with pytest.raises(ValueError, match="must have two states"):
        stationary_density(models.lorenz(), BOX)
    with pytest.raises(ValueError, match="`resolution` must be even"):
        stationary_density(DynamicalSystem(wells, 2), BOX, resolution=9)
    with pytest.raises(ValueError, match=r"`noise\[0\]` must be positive"):
        stationary_density(DynamicalSystem(wells, 2), BOX, noise=[0, 1])
