"""Angles: the circle as such, and that systems made of systems know which of their states are on one."""

import copy
import math
import pickle

import numpy as np
import pytest

from analysis import poincare_map, stroboscopic_map
from neurodynamics import DynamicalSystem, cascade, couple, discretise
from neurodynamics.systems import Angles


def pendulum(t, y, u, params, out):
    out[0] = y[1]
    out[1] = -math.sin(y[0]) - params[0] * y[1] + u[0]


def line(t, y, u, params, out):
    out[0] = u[0] - y[0]


def system(**options):
    return DynamicalSystem(pendulum, 2, {"friction": 0.2}, 1, angles=[0], **options)


def test_the_shortest_way_round_is_that_between_points_of_a_circle():
    rng = np.random.default_rng(0)
    angles = Angles.of([0], 2)
    a, b = rng.uniform(-50, 50, (2, 200, 2))
    exact = np.angle(np.exp(1j * (a[:, 0] - b[:, 0])))
    np.testing.assert_allclose(angles.difference(a, b)[:, 0], exact, atol=1e-12)
    np.testing.assert_array_equal(angles.difference(a, b)[:, 1], a[:, 1] - b[:, 1])
    about = angles.wrap(a, b)
    assert (np.abs(about[:, 0] - b[:, 0]) <= np.pi + 1e-12).all()
    np.testing.assert_allclose(np.exp(1j * about[:, 0]), np.exp(1j * a[:, 0]), atol=1e-12)


def test_embedded_states_know_of_no_seam_and_keep_small_distances():
    angles = Angles.of({1: 1.0}, 2)
    y = np.array([[0.3, 0.4999], [0.3, -0.4999]])
    x = angles.embed(y)
    assert x.shape == (2, 3)
    np.testing.assert_allclose(np.linalg.norm(x[0] - x[1]), 2e-4, rtol=1e-6)
    v = angles.carry(y, np.array([[1.0, 2.0], [1.0, 2.0]]))
    np.testing.assert_allclose(np.linalg.norm(v, axis=1), np.sqrt(5.0))  # the length of a tangent vector stays
    np.testing.assert_allclose(v, (angles.embed(y + 1e-6 * np.array([1.0, 2.0])) - x) / 1e-6, atol=1e-4)


def test_nothing_changes_without_angles():
    angles, y = Angles.of(None, 3), np.ones((4, 3))
    assert angles.wrap(y) is y
    assert angles.embed(y) is y
    assert not angles


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [([2], ValueError, "below state_dim = 2; got 2"), ({0: -1.0}, ValueError, r"angles\[0\]"),
     (0, TypeError, "`angles` must name states"), ("01", TypeError, "`angles`"), ([0.5], TypeError, "`angles`")],
)  # fmt: skip
def test_bad_angles_are_refused(given, error, words):
    with pytest.raises(error, match=words):
        DynamicalSystem(pendulum, 2, {"friction": 0.2}, 1, angles=given)


def test_copies_and_relatives_of_a_system_have_its_angles():
    def event(t, y, u, params, out):
        out[0] = y[1]

    one = system()
    relatives = [one.with_params({"friction": 0.5}), one.with_events(event), copy.deepcopy(one),
                 pickle.loads(pickle.dumps(one)), discretise(one, "rk4", 0.1)]  # fmt: skip
    for each in relatives:
        assert each.angles.mapping == {0: 2 * np.pi}
    assert pickle.loads(pickle.dumps(relatives[-1])).angles.mapping == {0: 2 * np.pi}


def test_angles_stand_where_their_part_stands():
    def sense(x, params, out):
        out[0] = math.cos(x[0])

    def act(o, params, out):
        out[0] = o[0]

    network = DynamicalSystem(line, 1, input_dim=1)
    assert couple(network, system(), sense, act).angles.mapping == {1: 2 * np.pi}
    assert cascade(network, system()).angles.mapping == {1: 2 * np.pi}
    assert stroboscopic_map(system(), [0.3], 2.0).angles.mapping == {0: 2 * np.pi}

    def autonomous(t, y, u, params, out):
        out[0] = y[2]
        out[1] = 1.0
        out[2] = math.cos(y[1]) - math.sin(y[0])

    three = DynamicalSystem(autonomous, 3, angles={0: 1.0, 1: 2 * np.pi})
    assert poincare_map(three, (1, 0.0)).angles.mapping == {0: 1.0}
    assert poincare_map(three, (0, 0.0)).angles.mapping == {0: 2 * np.pi}
