"""Dense memories of two-valued units against sums in whole numbers, enumeration and the theory of their capacity."""

import itertools
import math
import pickle

import numpy as np
import pytest

from hopfield import DenseMemory, DiscreteHopfield, RecallStatus, capacity, load, patterns

DEGREES = (2, 3, 4, 7, "exponential")


def energy_of(xi, s, degree):
    z = [int(v) for v in np.asarray(xi).astype(object) @ np.asarray(s).astype(object)]
    if degree == "exponential":
        return -math.log(math.fsum(math.exp(v) for v in z))
    return -sum(v**degree for v in z) / len(s) ** (degree - 1)


def by_hand(xi, s, degree):
    """Krotov and Hopfield's rule, unit after unit: whichever value has the lower energy, in whole numbers."""
    s = np.array(s, int)
    while True:
        before = s.copy()
        for i in range(s.size):
            up, down = s.copy(), s.copy()
            up[i], down[i] = 1, -1
            low = [energy_of(xi, state, degree) for state in (up, down)]
            if abs(low[0] - low[1]) > 1e-12:
                s = up if low[0] < low[1] else down
        if np.array_equal(s, before):
            return s


@pytest.mark.parametrize("degree", DEGREES)
def test_recall_is_the_rule_written_as_loops(degree, rng):
    xi, cues = patterns.random(12, 13, rng=rng), patterns.random(20, 13, rng=rng)
    net = DenseMemory(xi, degree)
    r = net.recall(cues, order="sequential")
    np.testing.assert_array_equal(r.states, [by_hand(xi, cue, degree) for cue in cues])
    np.testing.assert_allclose(r.energies, [energy_of(xi, s, degree) for s in r.states], rtol=1e-13)
    assert (r.max_energy_rise <= 0).all()
    assert net.is_stable(r.states).all()


@pytest.mark.parametrize("degree", DEGREES)
def test_every_change_of_a_unit_lowers_the_energy(degree, rng):
    xi = patterns.random(40, 30, rng=rng)
    r = DenseMemory(xi, degree).recall(patterns.random(5, 30, rng=rng), record="changes", rng=rng)
    steps = np.diff(r.trace.energies, axis=1)
    assert (steps <= 1e-12 * np.abs(r.trace.energies[:, :-1])).all()
    assert r.flips.max() > 0


@pytest.mark.parametrize("degree", [2, 4, "exponential"])
def test_synchronous_updates_never_raise_a_concave_energy(degree, rng):
    xi = patterns.random(60, 24, rng=rng)
    r = DenseMemory(xi, degree).recall(patterns.random(200, 24, rng=rng), update="synchronous", record=True)
    assert (np.diff(r.trace.energies, axis=1) <= 1e-11).all()
    assert set(r.status) == {RecallStatus.FIXED_POINT}


def test_synchronous_updates_of_odd_degree_may_raise_it():
    """The control: z^3 is not convex where overlaps are negative."""
    xi, cues = patterns.random(8, 6, rng=1), np.array(list(itertools.product((-1, 1), repeat=6)))
    r = DenseMemory(xi, 3).recall(cues, update="synchronous")
    assert r.max_energy_rise.max() > 0


def test_degree_two_is_hopfields_network(rng):
    xi, cues = patterns.random(6, 50, rng=rng), patterns.random(30, 50, rng=rng)
    dense, old = DenseMemory(xi, 2), DiscreteHopfield.from_patterns(xi)
    np.testing.assert_array_equal(dense.recall(cues, rng=3).states, old.recall(cues, rng=3).states)
    np.testing.assert_allclose(dense.energy(cues), 2 * old.energy(cues) - len(xi), rtol=1e-12)  # and the diagonal


@pytest.mark.parametrize("degree", [3, "exponential"])
def test_at_a_temperature_states_have_boltzmanns_law(degree):
    """Five units, all states enumerated; the chi-square of independent chains."""
    xi, temperature = patterns.random(4, 5, rng=2), 1.5
    states = np.array(list(itertools.product((-1, 1), repeat=5)))
    net = DenseMemory(xi, degree)
    law = np.exp(-net.energy(states) / temperature)
    law /= law.sum()
    ends = net.recall(np.ones((20_000, 5), int), temperature=temperature, max_sweeps=30, rng=7).states
    counts = np.bincount(((np.asarray(ends, int) + 1) // 2) @ (1 << np.arange(4, -1, -1)), minlength=32)
    chi_square = ((counts - 20_000 * law) ** 2 / (20_000 * law)).sum()
    assert chi_square < 31 + 5 * math.sqrt(2 * 31)  # 31 degrees of freedom, five standard deviations


@pytest.mark.parametrize(("degree", "count"), [(2, 11), (3, 362)])
def test_capacity_is_that_of_the_theory(degree, count):
    """At K_max = N^(n-1) / (2 (2n-3)!! ln N) most patterns have no wrong unit; with eight times as many, nearly all do."""
    assert round(capacity.dense_memory(100, degree)) == count
    xi = patterns.random(count, 100, rng=4)
    tried = xi[:100]
    held = DenseMemory(xi, degree).is_stable(tried).mean()
    many = patterns.random(8 * count, 100, rng=5)
    lost = DenseMemory(many, degree).is_stable(many[:100]).mean()
    assert held > 0.6 > 0.05 > lost


def test_theory_of_capacity():
    assert [round(capacity.dense_memory(100, n), d) for n, d in ((2, 1), (3, 0), (4, 0))] == [10.9, 362, 7238]
    x = 0.6  # I(x) by its series, x^2 / 2 + x^4 / 12 + ..
    series = sum(x ** (2 * k) / (2 * k * (2 * k - 1)) for k in range(1, 60))
    assert capacity.exponential_memory(50, 0.2) == pytest.approx(math.exp(50 * series / 2), rel=1e-12)
    with pytest.raises(ValueError, match="`noise` must lie between 0 and 1/2"):
        capacity.exponential_memory(10, 0.6)


def test_exponential_memory_holds_what_degree_two_cannot():
    xi = patterns.random(2000, 40, rng=0)
    cues = patterns.flip(xi[:50], 0.05, rng=1)
    assert (DenseMemory(xi, "exponential").recall(cues, rng=2).states == xi[:50]).all()
    assert not (DenseMemory(xi, 2).recall(cues, rng=2).states == xi[:50]).all(axis=1).any()


def test_large_degrees_do_not_overflow(rng):
    xi = patterns.random(20, 3000, rng=rng)
    for degree in (100, "exponential"):
        r = DenseMemory(xi, degree).recall(patterns.flip(xi, 0.2, rng=rng), rng=rng)
        assert (r.states == xi).all()
        assert np.isfinite(r.energies).all()


def test_one_unit_and_one_pattern():
    assert DenseMemory([[1]], 3).recall([[-1]]).states.tolist() == [[1]]
    assert DenseMemory([[1]], 2).recall([[-1]]).states.tolist() == [[-1]]  # a tie: both have the same energy
    assert DenseMemory([[0, 1]], values="binary").recall([[1, 1]], order="sequential").states.tolist() == [[0, 1]]


def test_whole_life(tmp_path, rng):
    xi = patterns.random(5, 20, values="binary", rng=rng)
    for degree in (3, "exponential"):
        net = DenseMemory(xi, degree, values="binary")
        net.recall(xi)
        net.save(tmp_path / "net.npz")
        for other in (pickle.loads(pickle.dumps(net)), load(tmp_path / "net.npz")):
            assert repr(other) == repr(net)
            np.testing.assert_array_equal(other.energy(xi), net.energy(xi))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: DenseMemory([[1, 2]]), r"`patterns\[0, 1\]` must be -1 or 1"),
        (lambda: DenseMemory([[1, -1]], 1), "`degree`"),
        (lambda: DenseMemory([[1, -1]], 101), "`degree` must be at most 100"),
        (lambda: DenseMemory([[1, -1]], "cubic"), "`degree`"),
        (lambda: DenseMemory([[1, -1]]).recall([[1, -1]], update="synchronous", temperature=1.0), "asynchronous"),
        (lambda: DenseMemory([[1, -1]]).energy([1, 1, 1]), "`states` must have shape"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_deadline_is_kept():
    xi = patterns.random(2000, 4000, rng=0)
    r = DenseMemory(xi, 3).recall(patterns.random(200, 4000, rng=1), timeout=0.3, workers=1)
    assert RecallStatus.TIMEOUT in r.status
