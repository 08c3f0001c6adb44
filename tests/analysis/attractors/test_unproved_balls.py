"""Systems about which nothing is proved: basins whose boundary hides between the directions that are looked at."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from analysis import find_attractors
from hopfield import DiscreteHopfield, patterns
from neurodynamics import DynamicalSystem

N = 6
A = brentq(lambda a: np.tanh(4.0 * a) - a, 0.5, 2.0, xtol=1e-15)  # where the mean field holds itself


def mean_field(t, y, u, params, out):
    """Each state follows the mean of tanh(4 y): attractors at +-a (1, .., 1) with a = tanh(4 a)."""
    mean = 0.0
    for j in range(y.size):
        mean += np.tanh(4.0 * y[j]) / y.size
    for i in range(y.size):
        out[i] = mean - y[i]


def mean_field_map(t, y, u, params, out):
    """The same fixed points, half of the way in each step."""
    mean = 0.0
    for j in range(y.size):
        mean += np.tanh(4.0 * y[j]) / y.size
    for i in range(y.size):
        out[i] = 0.5 * (mean + y[i])


def gradient(t, y, u, params, out):
    """The gradient flow of the sum of (y^2 - 1)^2 / 4, in coordinates turned by a reflection along (1, .., 1)."""
    n = y.size
    mean = 2.0 * y.sum() / n
    total = 0.0
    for i in range(n):
        z = y[i] - mean
        out[i] = z - z * z * z
        total += out[i]
    for i in range(n):
        out[i] -= 2.0 * total / n


@pytest.mark.parametrize(("rhs", "kind"), [(mean_field, "flow"), (mean_field_map, "map")])
def test_both_signs_of_a_mean_field_attract_half_the_samples(rhs, kind):
    att = find_attractors(DynamicalSystem(rhs, N, kind=kind), samples=400, box=(-3, 3))
    assert [each.y.round(6).tolist() for each in att] == [[-round(A, 6)] * N, [round(A, 6)] * N]
    sides = np.sign(np.tanh(4.0 * att.samples).mean(axis=1))  # not yet the basins: the mean may change its sign
    assert abs(att.records[0].share - 0.5) < 0.1
    assert att.undecided == 0
    assert (np.sign(att.labels - 0.5) == sides).mean() > 0.8


def test_random_directions_alone_speak_for_a_ball_across_the_boundary(rng):
    """The control: |y - a|^2 falls in 256 random directions at twice the distance of the saddle at 0."""
    a, system = A, DynamicalSystem(mean_field, N)
    w = rng.normal(size=(256, N))
    w *= 1.5 * a * np.sqrt(N) / np.linalg.norm(w, axis=1, keepdims=True)
    falls = [(z @ system.rhs(0.0, a + z)) < 0 for z in w]
    assert np.mean(falls) > 0.97
    assert system.rhs(0.0, np.full(N, -0.5 * a))[0] < 0  # and yet it goes to the other attractor


def test_every_corner_of_a_turned_cube_is_an_attractor():
    """Eight wells, whose basins are the octants of the turned coordinates."""
    att = find_attractors(DynamicalSystem(gradient, 3), samples=300)
    turn = np.eye(3) - 2.0 / 3.0
    octants = np.sign(att.samples @ turn)
    wells = np.array([np.sign(att[k].y @ turn) for k in range(len(att))])
    assert len(att) == 8
    assert (wells[att.labels] == octants).all()


def test_a_memory_as_a_map_shows_all_its_patterns():
    xi = patterns.random(3, 30, rng=0)
    memory = DiscreteHopfield.from_patterns(xi)
    system = memory.as_system()
    att = find_attractors(system, samples=300)
    ids = att(xi)
    for k, row in zip(ids, xi, strict=True):
        np.testing.assert_array_equal(system.rhs(0.0, row.astype(float)), row)  # the oracle: one step of the memory
        np.testing.assert_array_equal(att[int(k)].y, row)
    assert len({*ids.tolist()}) == 3
    assert max(each.share for each in att) < 0.5
