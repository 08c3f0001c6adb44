"""Dense, sparse and block couplings."""

import numpy as np
import pytest
from scipy import sparse

from hopfield import DiscreteHopfield
from hopfield.couplings import Block, Dense, LowRank, Sparse


def test_symmetry_is_judged_by_the_scale_of_each_row(rng):
    """One weight of 1e14 hides nothing; rounding of entries that cancel is not taken for asymmetry (controls)."""
    n = 12
    w = np.zeros((n, n))
    w[0, 1] = w[1, 0] = 1e14
    w[2, 3], w[3, 2] = 0.5, -0.5
    assert not Dense(w).symmetric
    assert not Sparse(w).symmetric
    left, right = np.eye(n), w
    assert not LowRank(left, right).symmetric
    assert not Block(w[:2], w[:2].T + 1e-3 * rng.normal(size=(n, 2))).symmetric
    w[3, 2] = 0.5
    for coupling in (Dense(w), Sparse(w), LowRank(left, w), Block(w[:2], w[:2].T)):
        assert coupling.symmetric
    xi = rng.choice([-1.0, 1.0], (9, 40))
    projection = xi.T @ np.linalg.inv(xi @ xi.T) @ xi
    assert (projection != projection.T).any()
    assert Dense(projection).symmetric
    assert Sparse(projection).symmetric


def test_sparse_couplings_lie_inside_their_matrix_and_stay_there():
    """Compiled code follows their indices."""
    good = sparse.csr_array(np.eye(3))
    for indices in ([0, 1, 10**6], [0, 1, -1]):
        bad = sparse.csr_array(np.eye(3))
        bad.indices[:] = indices
        with pytest.raises(ValueError, match="is no valid sparse array"):
            DiscreteHopfield(bad)
    for axis, index in ((0, 10**7), (1, 10**7), (0, -1)):
        entries = sparse.coo_array(np.eye(3))
        entries.coords[axis].flags.writeable = True
        entries.coords[axis][1] = index
        with pytest.raises(ValueError, match="is no valid sparse array"):
            DiscreteHopfield(entries)
    coupling = Sparse(good)
    good.indices[:] = 10**6
    np.testing.assert_array_equal(coupling.dense(), np.eye(3))
    with pytest.raises(ValueError, match="read-only"):
        coupling.matrix.indices[0] = 7
    shown = coupling.matrix
    shown.indices = shown.indices + 10**7
    np.testing.assert_array_equal(coupling.dense(), np.eye(3))
    np.testing.assert_array_equal(coupling.product([1.0, 2.0, 3.0]), [1.0, 2.0, 3.0])
