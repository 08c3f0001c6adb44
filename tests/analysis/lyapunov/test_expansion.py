"""Expansion entropy against topological entropies of tent maps, and of a horseshoe from which nearly all escapes."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import expansion_entropy
from ctrnn import CTRNN
from neurodynamics import DynamicalSystem, models


def tent(t, y, u, params, out):
    out[0] = params[0] * min(y[0], 1 - y[0])


def tent_jac(t, y, u, params, out):
    out[0, 0] = params[0] if y[0] < 0.5 else -params[0]


TENT = DynamicalSystem(tent, 1, {"slope": 2.0}, jac=tent_jac, kind="map")


def test_of_the_tent_map_it_is_ln_2_exactly():
    found = expansion_entropy(TENT, [0, 1], 15, samples=100, rng=0)
    assert found.entropy == pytest.approx(np.log(2), abs=1e-12)
    assert found.standard_error < 1e-12
    assert (found.inside == 1).all()


def test_of_the_open_tent_map_it_is_that_of_its_horseshoe():
    """With slope 3 a third escapes at each step and volumes grow by 3: ln 3 + ln(2/3) = ln 2 is left."""
    found = expansion_entropy(TENT.with_params([3.0]), [0, 1], 6, samples=20_000, rng=1)
    assert abs(found.entropy - np.log(2)) < 3 * found.standard_error
    assert found.standard_error < 0.02
    assert found.inside[-1] == pytest.approx((2 / 3) ** 6, abs=0.01)


def test_what_contracts_has_none():
    found = expansion_entropy(CTRNN(np.zeros((2, 2))), [-1, 1], 3, samples=20, batches=2, rng=0)
    assert found.entropy == pytest.approx(0.0, abs=1e-12)


def test_what_leaves_the_region_altogether_is_said():
    found = expansion_entropy(models.henon(), [[5, 6], [5, 6]], 10, samples=20, batches=2, rng=0)
    assert np.isnan(found.entropy)
    assert "no sample left" in found.notes[0]


def test_regions_without_an_inside_are_refused():
    for box in (None, [1, 1], [2, 1]):
        with pytest.raises(ValueError, match="`box`"):
            expansion_entropy(TENT, box, 5)
