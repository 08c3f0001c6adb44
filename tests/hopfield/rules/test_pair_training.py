"""Rules for pairs: what they promise holds, and what is impossible is proved so."""

import itertools

import numpy as np
import pytest

from hopfield import DiscreteBAM, bam_hebbian, bam_prlab, multiple_training, patterns, rules


def least_field(a, b, q):
    """The least x h of any unit in any pair with M = sum q a' b, relative to the larger layer."""
    a, b = a.astype(float), b.astype(float)
    M = (a * np.asarray(q)[:, None]).T @ b
    return min((a * (b @ M.T)).min(), (b * (a @ M)).min()) / max(a.shape[1], b.shape[1])


def test_weights_recall_pairs_that_equal_weights_lose():
    for seed in itertools.count():
        a, b = patterns.random(4, 12, rng=seed), patterns.random(4, 9, rng=seed + 1000)
        found = multiple_training(a, b)
        if found.status == "recalled" and least_field(a, b, np.full(4, 0.25)) < 0:
            break
    assert least_field(a, b, found.weights) == pytest.approx(found.margin, rel=1e-9)
    assert found.margin <= found.bound + 1e-12
    assert found.margin == pytest.approx(found.bound, abs=1e-9)  # the dual solution proves that nothing is better
    pairs = np.concatenate([a, b], axis=1)
    assert DiscreteBAM.from_pairs(a, b, "bam_multiple_training").is_stable(pairs).all()
    assert not DiscreteBAM.from_pairs(a, b).is_stable(pairs).all()


def test_no_weights_do_better_than_the_bound(rng):
    a, b = patterns.random(5, 10, rng=rng), patterns.random(5, 8, rng=rng)
    bound = multiple_training(a, b).bound
    assert max(least_field(a, b, q) for q in rng.dirichlet(np.ones(5), 2000)) <= bound + 1e-12


def test_impossible_pairs_are_told():
    """The same a with two b: whatever the weights, one of them is wrong."""
    a, b = np.array([[1, 1, -1], [1, 1, -1]]), np.array([[1, -1], [-1, 1]])
    found = multiple_training(a, b)
    assert found.status in ("impossible", "undecided")  # equal weights cancel: a tie is the best
    assert found.bound <= 1e-9
    with pytest.raises(ValueError, match="no weights of `a` and `b`"):
        rules.bam_multiple_training(a, b)
    many = multiple_training(patterns.random(40, 8, rng=0), patterns.random(40, 8, rng=1))
    assert many.status == "impossible"
    assert many.margin < 0


def test_one_pair_is_always_recalled():
    found = multiple_training([[1, -1, 1]], [[1, -1]])
    assert (found.status, found.margin) == ("recalled", pytest.approx(2 / 3))


@pytest.mark.parametrize("relaxation", [0.5, 1.9])
def test_pseudo_relaxation_recalls_what_hebb_does_not(relaxation, rng):
    a, b = patterns.random(12, 24, rng=rng), patterns.random(12, 18, rng=rng)
    pairs = np.concatenate([a, b], axis=1)
    net = DiscreteBAM.from_pairs(a, b, "bam_prlab", relaxation=relaxation)
    assert net.is_stable(pairs).all()
    assert net.couplings.symmetric
    assert (net.recall(a=a).b == b).all()
    assert not DiscreteBAM(bam_hebbian(a, b)).is_stable(pairs).all()


def prlab_by_loops(a, b, rate, aim):
    M, theta_a, theta_b = a.T @ b, np.zeros(a.shape[1]), np.zeros(b.shape[1])
    while True:
        wrong = False
        for x, y in zip(a, b, strict=True):
            for j in range(len(y)):
                S = M[:, j] @ x - theta_b[j]
                if S * y[j] <= 0:
                    wrong = True
                    M[:, j] -= rate / (1 + len(x)) * (S - aim * y[j]) * x
                    theta_b[j] += rate / (1 + len(x)) * (S - aim * y[j])
            for i in range(len(x)):
                S = M[i] @ y - theta_a[i]
                if S * x[i] <= 0:
                    wrong = True
                    M[i] -= rate / (1 + len(y)) * (S - aim * x[i]) * y
                    theta_a[i] += rate / (1 + len(y)) * (S - aim * x[i])
        if not wrong:
            return M, theta_a, theta_b


def test_pseudo_relaxation_is_its_loop(rng):
    a, b = (patterns.random(6, n, rng=rng).astype(float) for n in (10, 8))
    M, theta_a, theta_b = prlab_by_loops(a, b, 1.5, 2.0)
    found = bam_prlab(a, b, relaxation=1.5, margin=2.0)
    np.testing.assert_allclose(found.between.dense(), M, atol=1e-9)
    np.testing.assert_allclose(found.bias, -np.concatenate([theta_a, theta_b]), atol=1e-9)


def test_thresholds_hold_in_either_alphabet(rng):
    a, b = (patterns.random(6, n, values="binary", rng=rng) for n in (10, 8))
    net = DiscreteBAM.from_pairs(a, b, "bam_prlab", values="binary")
    assert net.is_stable(np.concatenate([a, b], axis=1)).all()


def test_what_is_not_recalled_is_told():
    a, b = patterns.random(40, 6, rng=0), patterns.random(40, 6, rng=1)
    with pytest.warns(UserWarning, match="pairs were not recalled after 20 sweeps"):
        bam_prlab(a, b, max_sweeps=20)
    for options in ({"relaxation": 2.0}, {"relaxation": 0.0}, {"margin": 0.0}):
        with pytest.raises(ValueError, match=f"`{next(iter(options))}`"):
            bam_prlab(a, b, **options)
