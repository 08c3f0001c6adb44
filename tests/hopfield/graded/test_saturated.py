"""Linear units that saturate: patterns at rest, an energy that never rises, the life of the object."""

import pickle

import numpy as np
import pytest

from hopfield import RecallStatus, SaturatedHopfield, load, patterns, simulate


def test_patterns_attract_and_the_energy_never_rises(rng):
    xi = patterns.random(5, 40, rng=rng)
    net = SaturatedHopfield.from_patterns(xi)
    r = net.recall(0.6 * patterns.flip(xi, 0.1, rng=rng), record=True)
    np.testing.assert_allclose(r.states, xi, atol=1e-9)
    assert set(r.status) == {RecallStatus.FIXED_POINT}
    assert (np.diff(r.trace.energies, axis=1) <= 1e-12).all()
    inside = net.recall(rng.uniform(-1, 1, (50, 40)))
    assert inside.max_energy_rise.max() < 1e-12


def test_the_map_is_its_formula(rng):
    W, b, x = rng.normal(size=(4, 4)), rng.normal(size=4), rng.uniform(-1, 1, 4)
    net = SaturatedHopfield(W, b)
    np.testing.assert_allclose(net.rhs(0, x), np.clip(W @ x + b, -1, 1), rtol=1e-13)
    free = np.abs(W @ x + b) < 1
    np.testing.assert_allclose(net.jac(0, x), free[:, None] * W, rtol=1e-13)
    assert not net.has("energy")
    with pytest.raises(ValueError, match="has no energy"):
        net.energy(x)
    W = W + W.T
    W /= 1.1 * np.abs(np.linalg.eigvalsh(W)).max()
    net = SaturatedHopfield(W, b)
    assert net.energy(x) == pytest.approx(x @ x / 2 - x @ W @ x / 2 - b @ x, rel=1e-12)
    assert simulate(net, 50, x).max_energy_rise < 1e-12


def test_an_eigenvalue_below_minus_one_has_no_energy():
    """The control: x <- -1.5 x goes to and fro between two corners."""
    net = SaturatedHopfield([[-1.5]])
    assert not net.has("energy")
    assert net.recall([0.5], max_steps=100).status == [RecallStatus.BUDGET]


def test_a_saddle_is_told():
    net = SaturatedHopfield([[1.5]])
    assert net.recall([[0.0], [0.1]]).status.tolist() == [RecallStatus.SADDLE, RecallStatus.FIXED_POINT]


def test_whole_life(tmp_path, rng):
    xi = patterns.random(3, 10, rng=rng)
    net = SaturatedHopfield.from_patterns(xi)
    net.save(tmp_path / "net.npz")
    for other in (pickle.loads(pickle.dumps(net)), load(tmp_path / "net.npz"), net.replace(patterns=xi)):
        np.testing.assert_array_equal(other.rhs(0, xi[0]), net.rhs(0, xi[0]))
        np.testing.assert_array_equal(other.patterns, xi)
    with pytest.raises(ValueError, match="`patterns` must have shape"):
        SaturatedHopfield([[1.0]], patterns=xi)
    with pytest.raises(ValueError, match="square"):
        SaturatedHopfield([[1.0, 2.0]])
