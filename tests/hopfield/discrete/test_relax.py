"""Local fields of many chains at once."""

from __future__ import annotations

import numpy as np
import pytest

from hopfield import DiscreteHopfield
from hopfield.discrete import relax


@pytest.mark.parametrize(("n", "chains"), [(1, 1), (5, 3), (6, 8), (7, 9), (20, 17)])
def test_fields_of_chains_side_by_side_are_those_of_each_alone(n, chains, rng):
    W, drive = rng.normal(size=(n, n)), rng.normal(size=n)
    spins = rng.choice(np.array([-1, 1], np.int8), (chains, n))
    form = (2.0 * np.ascontiguousarray(W.T), drive)
    together, rows = np.full((chains, n), np.nan), np.arange(chains)[::2]
    relax._real_refresh_rows(form, together, spins, rows)
    np.testing.assert_allclose(together[rows], spins[rows] @ W.T + drive, atol=1e-13)
    assert np.isnan(np.delete(together, rows, axis=0)).all()
    for k in rows:
        alone = np.empty((1, n))
        relax._real_refresh_rows(form, alone, spins[k : k + 1], np.arange(1))
        assert (alone[0] == together[k]).all()


def test_a_chain_does_not_depend_on_the_company_it_is_in(rng):
    net = DiscreteHopfield((lambda J: (J + J.T) * (1 - np.eye(50)))(rng.normal(size=(50, 50))))
    starts = rng.choice(np.array([-1, 1], np.int8), (40, 50))
    options = {"temperature": 2.0, "max_sweeps": 100, "rng": 1}
    many, few = net.recall(starts, **options), net.recall(starts[:3], **options)
    assert (many.states[:3] == few.states).all()
