"""Covariant vectors against eigenvectors, the flow, orthonormal exponents, and themselves without checkpoints."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import covariant_vectors
from analysis.lyapunov import covariant
from ctrnn import CTRNN
from neurodynamics import DynamicalSystem, Status, models

LORENZ = models.lorenz()


def cat(t, y, u, params, out):
    out[0] = (2.0 * y[0] + y[1]) % 1.0
    out[1] = (y[0] + y[1]) % 1.0


def cat_jac(t, y, u, params, out):
    out[0, 0], out[0, 1], out[1, 0], out[1, 1] = 2.0, 1.0, 1.0, 1.0


@pytest.fixture(scope="module")
def lorenz():
    return covariant_vectors(LORENZ, [1.0, 1.0, 1.0], 200, points=200, transient=20, warm_up=30, rng=0)


def test_of_the_cat_map_they_are_the_eigenvectors():
    found = covariant_vectors(DynamicalSystem(cat, 2, jac=cat_jac, kind="map"), [0.1, 0.2], 200, rng=0)
    values, vectors = np.linalg.eigh([[2.0, 1.0], [1.0, 1.0]])
    for j, column in enumerate((1, 0)):
        np.testing.assert_allclose(np.abs(found.vectors[:, j] @ vectors[:, column]), 1.0, atol=1e-14)
    np.testing.assert_allclose(found.exponents, np.log(values[::-1]), atol=1e-13)
    np.testing.assert_allclose(found.angles, np.pi / 2, atol=1e-7)  # a symmetric matrix
    assert found.splits == (1,)


def test_they_are_carried_into_each_other_by_the_tangent_map_of_henon():
    """Each step by hand: J v points along the next vector, and grows by what the rates say."""
    henon = models.henon()
    found = covariant_vectors(henon, [0.0, 0.0], 500, points=500, rng=0)
    for i in range(0, 498, 7):
        image = found.vectors[i] @ henon.jac(0, found.y[i], np.empty(0)).T
        lengths = np.linalg.norm(image, axis=1)
        np.testing.assert_allclose(np.abs(np.sum(image * found.vectors[i + 1], axis=1)) / lengths, 1.0, atol=1e-9)
        np.testing.assert_allclose(np.log(lengths), found.rates[i], atol=1e-9)


def test_one_of_lorenz_is_the_flow_and_their_growth_gives_the_orthonormal_exponents(lorenz):
    assert lorenz.flow_angles.max() < 1e-5  # the tolerance of the integration is 1e-7
    error = 5 * lorenz.standard_errors + 2.0 / 200  # growth differs by the angles at both ends only
    assert (np.abs(lorenz.exponents - lorenz.orthonormal_exponents) < error).all()
    known = np.array([0.9056, 0.0, -14.5723])
    assert (np.abs(lorenz.exponents - known) < 5 * lorenz.standard_errors + 1e-3).all()
    assert lorenz.backward_errors.max() < 1e-6
    assert lorenz.splits == (1, 2)


def test_angles_say_that_lorenz_is_hyperbolic_and_henon_is_not(lorenz):
    """The attractor of Lorenz is singularly hyperbolic (Tucker 1999); Henon's has tangencies."""
    assert lorenz.smallest_angles[1] > 0.1
    henon = covariant_vectors(models.henon(), [0.0, 0.0], 1500, points=1500, rng=0)
    assert henon.smallest_angles[0] < 0.05


def test_an_angle_between_two_vectors_is_that_of_their_lines(lorenz):
    cosines = np.abs(np.sum(lorenz.vectors[:, 0] * lorenz.vectors[:, 2], axis=1))
    np.testing.assert_allclose(np.cos(lorenz.angle(0, 2)), cosines, atol=1e-12)
    np.testing.assert_allclose(lorenz.angle(1, 1), 0.0, atol=1e-12)


@pytest.mark.parametrize("system", [models.henon(), CTRNN(2.5 * np.random.default_rng(0).normal(size=(6, 6)))],
                         ids=["map", "flow"])  # fmt: skip
def test_with_checkpoints_every_bit_is_the_same(system, monkeypatch):
    options = {"points": 60, "transient": 20, "warm_up": 20, "rng": 0}
    whole = covariant_vectors(system, np.full(system.state_dim, 0.1), 60, **options)
    monkeypatch.setattr(covariant, "MEMORY", 1.0)
    parts = covariant_vectors(system, np.full(system.state_dim, 0.1), 60, **options)
    np.testing.assert_array_equal(whole.vectors, parts.vectors)
    np.testing.assert_array_equal(whole.rates, parts.rates)


def test_checkpoints_hold_the_memory_that_they_promise(monkeypatch):
    """At no time are more factors kept than one stretch of about the square root of all steps."""
    monkeypatch.setattr(covariant, "MEMORY", 1.0)
    kept = []
    along = covariant._Way._along

    def watched(self, first):
        for factor in along(self, first):
            kept.append(len(self._factors))
            yield factor

    monkeypatch.setattr(covariant._Way, "_along", watched)
    found = covariant_vectors(models.henon(), [0.0, 0.0], 900, points=900, transient=50, warm_up=100, rng=0)
    assert found.status is Status.SUCCESS
    assert max(kept) <= 32 < np.sqrt(900 + 100) + 1


def test_the_largest_ones_alone_are_those_of_all(lorenz):
    """Covariant vectors of the first exponents need the orthonormal vectors of these only."""
    two = covariant_vectors(LORENZ, [1.0, 1.0, 1.0], 50, k=2, points=50, transient=20, warm_up=40, rng=0)
    flow = np.array([LORENZ.rhs(0, y, np.empty(0)) for y in two.y])
    aligned = np.abs(np.sum(two.vectors[:, 1] * flow, axis=1)) / np.linalg.norm(flow, axis=1)
    np.testing.assert_allclose(aligned, 1.0, atol=1e-8)


def test_a_map_without_an_inverse_has_no_way_back():
    def collapse(t, y, u, params, out):
        out[0], out[1] = 3.9 * y[0] * (1 - y[0]), y[0]

    def collapse_jac(t, y, u, params, out):
        out[0, 0], out[0, 1], out[1, 0], out[1, 1] = 3.9 * (1 - 2 * y[0]), 0.0, 1.0, 0.0

    found = covariant_vectors(DynamicalSystem(collapse, 2, jac=collapse_jac, kind="map"), [0.3, 0.3], 50, rng=0)
    assert found.status is Status.NON_FINITE
    assert not found.vectors.size


def test_equal_exponents_are_noted_and_resets_refused():
    pair = CTRNN(np.zeros((2, 2)))
    found = covariant_vectors(pair, [0.3, 0.4], 10, points=40, transient=0, warm_up=5, rng=0)
    np.testing.assert_allclose(found.exponents, -1.0, atol=1e-6)
    assert "equal within their errors" in found.notes[0]
    with pytest.raises(ValueError, match="`system` has a `reset`"):
        covariant_vectors(models.integrate_and_fire())
