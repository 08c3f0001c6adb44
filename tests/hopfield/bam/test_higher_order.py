"""BAMs of higher order against tensors that are multiplied out, and the cycles that their lack of an energy allows."""

import itertools
import pickle

import numpy as np
import pytest

from hopfield import DiscreteBAM, HigherOrderBAM, RecallStatus, load, patterns


def step(a, b, x, y):
    """One sweep of order 2 with M_ijl = sum_k a_ki a_kj b_kl written out: layer b, then layer a."""
    to_b, to_a = np.einsum("ki,kj,kl->ijl", a, a, b), np.einsum("ki,kj,kl->ijl", b, b, a)
    h = np.einsum("ijl,i,j->l", to_b, x, x)
    y = np.where(h > 0, 1, np.where(h < 0, -1, y))
    h = np.einsum("ijl,i,j->l", to_a, y, y)
    return np.where(h > 0, 1, np.where(h < 0, -1, x)), y


def test_a_sweep_is_that_of_the_tensors(rng):
    a, b = np.asarray(patterns.random(5, 7, rng=rng), int), np.asarray(patterns.random(5, 6, rng=rng), int)
    net = HigherOrderBAM(a, b)
    for _ in range(20):
        x, y = rng.choice([-1, 1], 7), rng.choice([-1, 1], 6)
        found = net.recall(a=x, b=y, max_sweeps=1)
        want = step(a, b, x, y)
        np.testing.assert_array_equal(found.a[0], want[0])
        np.testing.assert_array_equal(found.b[0], want[1])


def cycle():
    """A memory of order 2 and a start from which it never comes to rest."""
    for seed in itertools.count():
        a, b = patterns.random(6, 5, rng=seed), patterns.random(6, 5, rng=seed + 10_000)
        r = HigherOrderBAM(a, b).recall(a=np.array(list(itertools.product((-1, 1), repeat=5))))
        if (r.status == RecallStatus.CYCLE).any():
            return a, b, r


def test_it_can_cycle_where_a_bam_cannot():
    a, b, r = cycle()
    k = int(np.argmax(r.status == RecallStatus.CYCLE))
    period = int(r.periods[k])
    assert period > 1
    x, y = np.asarray(r.a[k], int), np.asarray(r.b[k], int)
    seen = [(x, y)]
    for _ in range(period):
        seen.append(step(np.asarray(a, int), np.asarray(b, int), *seen[-1]))
    assert all(np.array_equal(p, q) for p, q in zip(seen[0], seen[-1], strict=True))
    assert not np.array_equal(np.concatenate(seen[0]), np.concatenate(seen[1]))
    settled = DiscreteBAM.from_pairs(a, b).recall(a=np.array(list(itertools.product((-1, 1), repeat=5))))
    assert set(settled.status) == {RecallStatus.FIXED_POINT}  # the control, which has an energy
    with pytest.raises(ValueError, match="has no energy"):
        HigherOrderBAM(a, b).energy(np.ones(10, int))


def test_order_one_is_koskos_memory_and_order_three_holds_more(rng):
    a, b = patterns.random(25, 60, rng=rng), patterns.random(25, 50, rng=rng)
    cues = patterns.flip(a, 0.1, rng=rng)
    one, kosko = HigherOrderBAM(a, b, 1), DiscreteBAM.from_pairs(a, b)
    np.testing.assert_array_equal(one.recall(a=cues).states, kosko.recall(a=cues).states)
    right = [(HigherOrderBAM(a, b, order).recall(a=cues).b == b).all(axis=1).mean() for order in (1, 2, 3)]
    assert right[0] < 0.3
    assert right[1:] == [1.0, 1.0]


def test_high_orders_tell_small_fields_from_ties(rng):
    a, b = patterns.random(4, 400, rng=rng), patterns.random(4, 300, rng=rng)
    cues = patterns.flip(a, 0.35, rng=rng)  # overlaps of 0.3, whose twentieth power is far below the rounding of 1
    assert (HigherOrderBAM(a, b, 19).recall(a=cues).b == b).all()


def test_whole_life(tmp_path, rng):
    a, b = (patterns.random(4, n, values="binary", rng=rng) for n in (9, 5))
    net = HigherOrderBAM(a, b, 3, values="binary")
    net.save(tmp_path / "net.npz")
    want = net.recall(b=b).states
    for other in (pickle.loads(pickle.dumps(net)), load(tmp_path / "net.npz")):
        np.testing.assert_array_equal(other.recall(b=b).states, want)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: HigherOrderBAM([[1, -1]], [[1], [1]]), "same number of rows"),
        (lambda: HigherOrderBAM([[1, -1]], [[1]], 0), "`order`"),
        (lambda: HigherOrderBAM([[1, -1]], [[1]], 21), "`order` must be at most 20"),
        (lambda: HigherOrderBAM([[1, -1]], [[1]]).recall(), "pass `a`, `b` or both"),
        (lambda: HigherOrderBAM([[1, 0]], [[1]]), r"`a\[0, 1\]` must be -1 or 1"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
