"""Searches look at states where right-hand sides overflow or are no numbers: nobody is warned of what they pass by."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import find_attractors, fixed_points, limit_cycle, slow_points, stability
from neurodynamics import DynamicalSystem


def cubic(t, y, u, params, out):
    out[0] = y[0] ** 3 - y[0]


def exponential(t, y, u, params, out):
    out[0] = np.exp(y[0]) - 2.0


def reciprocal(t, y, u, params, out):
    out[0] = 1.0 / y[0] - y[0]


def logarithm(t, y, u, params, out):
    out[0] = -np.log(y[0])


SYSTEMS = {"cubic": (cubic, [-1, 0, 1]), "exponential": (exponential, [np.log(2)]), "reciprocal": (reciprocal, [-1, 1]),
           "logarithm": (logarithm, [1])}  # fmt: skip


@pytest.mark.parametrize("host", [False, True])
@pytest.mark.parametrize("name", SYSTEMS)
def test_no_warning_escapes(name, host):
    """Warnings are errors in these tests; the states of numpy's errors are left as they were."""
    function, roots = SYSTEMS[name]
    system, before = DynamicalSystem(function, 1, host=host), np.geterr()
    np.testing.assert_allclose(np.sort(fixed_points(system, rng=0, starts=64).x[:, 0]), roots, atol=1e-9)
    fixed_points(system, bounds=[-1e200, 1e200], rng=0, starts=16)
    slow_points(system, starts=4, rng=0, timeout=2)
    find_attractors(system, samples=4, timeout=2)
    find_attractors(system, box=[-1e100, 1e100], samples=4, timeout=2)
    with pytest.raises(ValueError, match="`y0`"):
        limit_cycle(system, [0.5], timeout=5)
    assert np.geterr() == before


def test_no_linearisation_where_f_is_no_number():
    with pytest.raises(ValueError, match="finite Jacobian"):
        stability(DynamicalSystem(logarithm, 1), [-1.0])
