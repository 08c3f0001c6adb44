"""Energy on planes and lines: the energy of the system itself at the states that they stand for."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import energy_along, energy_landscape, energy_surface
from ctrnn import CTRNN
from hopfield import GradedHopfield


@pytest.fixture
def memory(balanced):
    return balanced(3, 16, 0.6)


def states_of(surface):
    a, b = np.meshgrid(surface.a, surface.b)
    return surface.origin + a.reshape(-1, 1) * surface.axes[0] + b.reshape(-1, 1) * surface.axes[1]


def test_a_plane_through_three_states(memory):
    land = energy_landscape(memory, samples=0)
    corners = land.x[[0, 1, 6]]
    surface = energy_surface(memory, through=corners, resolution=15)
    np.testing.assert_allclose(surface.energy.ravel(), memory.energy(states_of(surface)), atol=1e-12)
    assert surface.distance(corners).max() < 1e-12
    np.testing.assert_allclose(surface.axes @ surface.axes.T, np.eye(2), atol=1e-12)
    flat = surface.project(corners)
    np.testing.assert_allclose(surface.origin + flat @ surface.axes, corners, atol=1e-12)
    assert (flat.min(axis=0) > [surface.a[0], surface.b[0]]).all()


def test_along_two_patterns(memory):
    """Symmetric under the sign of each pattern and under their exchange; minima at equal distances from the origin."""
    xi = memory.patterns.astype(float)
    surface = energy_surface(memory, along=xi[:2], box=[[-2, 2], [-2, 2]], resolution=41)
    for mirrored in (surface.energy[::-1], surface.energy[:, ::-1], surface.energy.T):
        np.testing.assert_allclose(surface.energy, mirrored, atol=1e-12)
    land = energy_landscape(memory, samples=0)
    np.testing.assert_allclose(surface.project(land.x) @ xi[:2], land.x - (land.x @ xi[2] / 16)[:, None] * xi[2], atol=1e-9)


def test_principal_components_hold_most(memory, rng):
    land = energy_landscape(memory, samples=0)
    surface = energy_surface(memory, plane="principal", states=land.minima, resolution=11)
    centred = land.minima - land.minima.mean(axis=0)
    values = np.linalg.eigvalsh(centred.T @ centred)
    kept = ((centred @ surface.axes.T) ** 2).sum()
    assert kept == pytest.approx(values[-2:].sum())
    assert "%" in surface.labels[0]


def test_two_neurons_in_states_and_in_outputs():
    net = GradedHopfield([[0, 1], [1, 0]], gain=1.4)
    surface = energy_surface(net, variables="outputs", box=[[-1.1, 1.1], [-0.9, 0.9]], resolution=23)
    inside = np.abs(surface.a) < 1
    assert np.isnan(surface.energy[:, ~inside]).all()
    v = np.stack(np.meshgrid(surface.a[inside], surface.b), axis=-1).reshape(-1, 2)
    expected = -v[:, 0] * v[:, 1] + sum(x * np.arctanh(x) / 1.4 + np.log(1 - x * x) / 2.8 for x in v.T)
    np.testing.assert_allclose(surface.energy[:, inside].ravel(), expected, atol=1e-12)
    assert surface.labels == ("output of neuron 0", "output of neuron 1")


def test_others_are_held():
    net = CTRNN(8 * np.eye(4), biases=-4.0)
    held = np.array([[0.0, 1.0, 2.0, 3.0]])
    surface = energy_surface(net, plane=(3, 1), states=held, box=[[0, 8], [0, 8]], resolution=5)
    assert surface.origin.tolist() == [0.0, 0.0, 2.0, 0.0]
    profile = surface.energy - surface.energy[:1]
    np.testing.assert_allclose(profile, np.repeat(profile[:, :1], 5, axis=1), atol=1e-12)  # neurons are independent


def test_along_a_line(memory):
    land = energy_landscape(memory, samples=0)
    line = energy_along(memory, land.x[0], land.x[1], points=51)
    np.testing.assert_allclose(line.states[25], land.x[:2].mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(line.energy, memory.energy(line.states), atol=1e-12)
    assert line.top >= land.passes[0, 1] - 1e-9
    bowed = energy_along(memory, land.x[0], land.x[1], points=51, variables="outputs")
    v = memory.outputs(bowed.states.T).T
    np.testing.assert_allclose(v[25], land.outputs[:2].mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(np.diff(bowed.s), bowed.s[-1] / 50, rtol=1e-9)
    assert bowed.top >= land.passes[0, 1] - 1e-9
    bowed.plot()


def test_a_users_system(valley):
    surface = energy_surface(valley, box=[[-2, 1], [-0.5, 2]], resolution=31)
    assert surface.energy.min() == pytest.approx(-146.7, abs=1.5)
    assert surface.system is valley


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "exactly one of `through`, `along` and `plane`"),
        ({"plane": (0, 1), "along": np.ones((2, 16))}, "exactly one"),
        ({"plane": (0, 16)}, "two different numbers of states from 0 to 15"),
        ({"plane": "principal"}, "needs `states`"),
        ({"through": np.ones((3, 16))}, "not on one line"),
        ({"through": np.ones((2, 16))}, r"`through` must have shape \(3, N\) with N = 16; got \(2, 16\)"),
        ({"plane": (0, 1), "box": [0, 1]}, "`box` must be 2 rows"),
        ({"plane": (0, 1), "variables": "fields"}, "`variables` must be"),
    ],
)
def test_bad_input(options, message, memory):
    with pytest.raises(ValueError, match=message):
        energy_surface(memory, **options)


def test_outputs_need_a_network(valley):
    with pytest.raises(ValueError, match="outputs need a network"):
        energy_surface(valley, variables="outputs")
