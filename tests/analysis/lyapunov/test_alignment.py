"""Alignment indices against closed forms, rates of exponents, and the powers on tori."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import gali
from analysis.lyapunov.scheme import random_vectors
from ctrnn import CTRNN
from neurodynamics import DynamicalSystem, Status, models


def test_of_the_shear_it_is_a_closed_form():
    """The standard map without kicks carries (a, b) to (a + n b, b): the sine between two such vectors."""
    found = gali(models.standard_map(k=0), [0.1, 0.2], 1000, rng=3)
    vectors = random_vectors(np.random.default_rng(3), 2, 2)
    moved = vectors[:, np.newaxis] + found.t[:, np.newaxis] * vectors[:, np.newaxis, 1:] * [1.0, 0.0]
    lengths = np.linalg.norm(moved, axis=2)
    sine = np.abs(np.linalg.det(vectors)) / (lengths[0] * lengths[1])
    np.testing.assert_allclose(found.log_gali[0], np.log(sine), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(found.sali, 2 * np.sin(np.arcsin(sine) / 2), rtol=1e-10)
    assert found.power(2) == pytest.approx(2.0, abs=0.05)  # in the end


def test_of_a_linear_flow_it_falls_at_the_differences_of_exponents_far_below_the_smallest_number():
    """GALI_3 of decays 0, -1, -3: exp(-(1 + 3) t) in the end, and e^-1200 after 300."""
    net = CTRNN(np.zeros((3, 3)), time_constants=[1e9, 1.0, 1 / 3])
    found = gali(net, [0.1, 0.1, 0.1], 300, k=3)
    rate, error = found.rate(3)
    assert rate == pytest.approx(4.0, abs=1e-5)
    assert error < 1e-4
    assert found.log_gali[1, -1] < -1190


def test_chaos_of_lorenz_has_the_rate_of_its_exponents():
    found = gali(models.lorenz(), [1.0, 1.0, 20.0], 100, k=3)
    rate, error = found.rate(3)
    assert abs(rate - (2 * 0.9056 + 14.5723)) < 4 * error
    assert abs(found.rate(2)[0] - 0.9056) < 4 * found.rate(2)[1]


def coupled(t, y, u, params, out):
    """Two harmonic oscillators: motion on tori of two dimensions, in amplitudes by the energy."""
    out[0], out[1] = y[1], -y[0] - y[0] ** 3
    out[2], out[3] = y[3], -2.0 * y[2] - y[2] ** 3


def test_on_a_torus_of_two_dimensions_it_stays_for_two_and_falls_by_powers_beyond():
    """GALI_k ~ t^-2(k - N) on a torus of N = 2 of 2 N dimensions (Skokos et al. 2007)."""
    found = gali(DynamicalSystem(coupled, 4), [1.0, 0.0, 0.5, 0.0], 1000, k=4, rtol=1e-8)
    assert abs(found.power(2)) < 0.3
    assert found.power(3) == pytest.approx(2.0, abs=0.3)
    assert found.power(4) == pytest.approx(4.0, abs=0.3)


def test_there_is_no_index_of_one_vector_and_none_of_more_than_there_are():
    found = gali(models.henon(), [0.0, 0.0], 50)
    assert found.status is Status.SUCCESS
    for bad in (1, 5):
        with pytest.raises(ValueError, match="`k`"):
            found.rate(bad)
        with pytest.raises(ValueError, match="`k`"):
            gali(models.henon(), [0.0, 0.0], 50, k=bad)
