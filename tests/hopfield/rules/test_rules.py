"""Learning rules against their definitions, written as loops."""

import inspect
import pathlib
import tracemalloc

import numpy as np
import pytest
from scipy.optimize import minimize

import hopfield
from hopfield import DiscreteHopfield, capacity, patterns, rules
from hopfield.couplings import Block
from hopfield.discrete.unlearning import unlearn
from hopfield.rules import (
    RULES,
    bam_hebbian,
    bam_pseudo_inverse,
    dreaming,
    hebbian,
    krauth_mezard,
    margins,
    perceptron,
    pseudo_inverse,
    sequence,
    storkey,
)


def storkey_by_loops(xi):
    """The definition, with every sum over k written out."""
    p, n = xi.shape
    w = np.zeros((n, n))
    for x in xi:
        h = np.array([[sum(w[i, k] * x[k] for k in range(n) if k not in (i, j)) for j in range(n)] for i in range(n)])
        w = w + (np.outer(x, x) - x[:, None] * h.T - h * x) / n
    return w


def without_diagonal(w):
    return w - np.diag(np.diagonal(w))


def test_hebb_is_the_sum_of_outer_products(rng):
    xi = patterns.random(6, 20, rng=rng)
    full = sum(np.outer(x, x) for x in xi.astype(float)) / 20
    np.testing.assert_array_equal(hebbian(xi).dense(), without_diagonal(full))
    np.testing.assert_array_equal(hebbian(xi, diagonal=True).dense(), full)
    np.testing.assert_array_equal(hebbian(xi[4:], start=hebbian(xi[:4])).dense(), hebbian(xi).dense())


def test_hebb_for_biased_patterns_subtracts_the_mean(rng):
    xi = patterns.biased(6, 50, 0.6, rng=rng)
    full = sum(np.outer(x - 0.6, x - 0.6) for x in xi) / (50 * (1 - 0.36))
    np.testing.assert_allclose(hebbian(xi, activity=0.6).dense(), without_diagonal(full), rtol=1e-12, atol=1e-14)


def test_storkey_is_its_definition(rng):
    xi = patterns.random(5, 20, rng=rng)
    by_loops = storkey_by_loops(xi)
    np.testing.assert_allclose(storkey(xi, diagonal=True).dense(), by_loops, rtol=0, atol=1e-14)
    np.testing.assert_allclose(storkey(xi).dense(), without_diagonal(by_loops), rtol=0, atol=1e-14)
    for diagonal in (False, True):
        grown = storkey(xi[3:], diagonal=diagonal, start=storkey(xi[:3], diagonal=diagonal))
        np.testing.assert_allclose(grown.dense(), storkey(xi, diagonal=diagonal).dense(), rtol=0, atol=1e-14)


def test_pseudo_inverse_is_the_projection_on_the_patterns(rng):
    xi = patterns.correlated(8, 30, 0.5, rng=rng)
    w = pseudo_inverse(xi)
    np.testing.assert_allclose(w.dense(), np.linalg.pinv(xi.astype(float)) @ xi, rtol=0, atol=1e-12)
    np.testing.assert_allclose(w.product(xi), xi, rtol=0, atol=1e-12)
    np.testing.assert_allclose(pseudo_inverse(xi[5:], start=pseudo_inverse(xi[:5])).dense(), w.dense(), rtol=0, atol=1e-12)
    np.testing.assert_allclose(pseudo_inverse(xi, diagonal=False).dense(), without_diagonal(w.dense()), atol=1e-14)


def test_large_patterns_stay_bytes(rng):
    """Of 2 * 10^7 entries no float copy is made, which would take 160 MB: blocks of 16 MB are, beside 20 MB of bytes."""
    xi = patterns.random(200, 100_000, rng=rng)
    small = pseudo_inverse(xi[:150])
    for learn in (pseudo_inverse, lambda x: dreaming(x, 1.0), lambda x: pseudo_inverse(x[150:], start=small)):
        tracemalloc.start()
        w = learn(xi)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1e8
        assert w.left.dtype == np.int8
    np.testing.assert_allclose(w.product(xi[[3, 170]]), xi[[3, 170]], rtol=0, atol=1e-10)


def test_dependent_patterns_are_named_with_their_rank(rng):
    xi = patterns.random(3, 30, rng=rng)
    for extra in (xi[0], -xi[1]):
        with pytest.raises(ValueError, match="linearly independent; got 4 patterns of rank 3"):
            pseudo_inverse([*xi, extra])
        with pytest.raises(ValueError, match=r"`patterns\[0\]` must be linearly independent .* of rank 3"):
            pseudo_inverse([extra], start=pseudo_inverse(xi))


def test_dreaming_leads_from_hebb_to_the_pseudo_inverse(rng):
    xi = patterns.random(6, 40, rng=rng)
    np.testing.assert_allclose(dreaming(xi, 0.0).dense(), hebbian(xi).dense(), rtol=0, atol=1e-14)
    limit = pseudo_inverse(xi, diagonal=False).dense()
    errors = [np.abs(dreaming(xi, t).dense() - limit).max() for t in (1e3, 1e6)]
    assert errors[1] < 1e-5
    assert errors[1] == pytest.approx(errors[0] / 1e3, rel=0.1)  # it approaches as 1/t


def test_unlearning_subtracts_what_the_network_fell_into(rng):
    xi = patterns.random(12, 60, rng=rng)
    w = unlearn(hebbian(xi), 3, strength=0.05, rng=rng)
    dreams = w.left[12:]
    for k, dream in enumerate(dreams):  # each was a fixed point of the couplings before it
        before = unlearn_by_hand(xi, dreams[:k], 0.05)
        assert (dream * (before @ dream) >= -1e-12).all()
    np.testing.assert_allclose(w.dense(), unlearn_by_hand(xi, dreams, 0.05), rtol=0, atol=1e-14)


def unlearn_by_hand(xi, dreams, strength):
    w = hebbian(xi).dense()
    for s in dreams.astype(float):
        w = w - without_diagonal(strength * np.outer(s, s) / s.size)
    return w


def test_unlearning_raises_the_smallest_margin_of_a_loaded_network():
    xi = patterns.random(20, 100, rng=3)
    before = margins(hebbian(xi), xi)
    after = margins(unlearn(hebbian(xi), 100, rng=4), xi)
    assert (after < 0).sum() < (before < 0).sum()


def test_perceptron_reaches_its_margin_and_does_what_the_loop_does(rng):
    xi = patterns.random(8, 25, rng=rng)
    w = perceptron(xi, margin=0.7)
    np.testing.assert_allclose(w.dense(), perceptron_by_loops(xi, 0.7), rtol=0, atol=1e-13)
    assert (margins(w, xi) > 0.7).all()
    np.testing.assert_array_equal(np.diagonal(w.dense()), 0)
    assert not w.symmetric


def perceptron_by_loops(xi, margin):
    """In integers, N times the weights, so that the loop decides without rounding."""
    p, n = xi.shape
    w = np.zeros((n, n), int)
    for i in range(n):
        changed = True
        while changed:
            changed = False
            for x in xi.astype(int):
                if x[i] * (w[i] @ x) <= margin * np.sqrt(float(w[i] @ w[i])):
                    w[i] += x[i] * x
                    w[i, i] = 0
                    changed = True
    return w / n


def test_krauth_mezard_comes_as_close_to_the_largest_margin_as_it_says():
    """The largest margin from a quadratic programme, unit by unit."""
    xi = patterns.random(6, 16, rng=11)
    reached = margins(krauth_mezard(xi, tolerance=0.02), xi).min(axis=0)
    best = np.array([largest_margin(np.delete(xi, i, axis=1) * xi[:, [i]]) for i in range(16)])
    assert (reached <= best * (1 + 1e-6)).all()
    assert (reached >= best * 0.98).all()


def largest_margin(z):
    """max_w min_k w.z_k / |w|: minimise |w|^2 with w.z_k >= 1."""
    constraint = {"type": "ineq", "fun": lambda w: z @ w - 1, "jac": lambda w: z.astype(float)}
    start = np.linalg.pinv(z.astype(float)) @ np.ones(len(z))
    found = minimize(lambda w: w @ w, start, jac=lambda w: 2 * w, constraints=constraint, method="SLSQP", tol=1e-14)
    return 1 / np.linalg.norm(found.x)


def test_the_largest_margin_of_random_patterns_is_gardners():
    """N = 400, alpha = 0.5: kappa from the theory inverted, up to corrections of order 1/sqrt(N)."""
    xi = patterns.random(200, 400, rng=5)
    reached = margins(krauth_mezard(xi, tolerance=0.02), xi).min(axis=0).mean()
    assert capacity.gardner(reached / 0.98) == pytest.approx(0.5, rel=0.1)


def test_units_without_a_solution_are_named():
    xi = patterns.random(30, 8, rng=0)
    with pytest.warns(UserWarning, match=r"of 8 units \(first: \d\) did not reach the margin 0 in 50 sweeps"):
        perceptron(xi, max_sweeps=50)
    with pytest.warns(UserWarning, match=r"of 8 units \(first: \d\) did not come within 0.05 of the largest margin"):
        krauth_mezard(xi, max_updates=50)


def test_results_do_not_depend_on_the_number_of_threads():
    xi = patterns.random(20, 50, rng=1)
    for rule in (perceptron, krauth_mezard):
        np.testing.assert_array_equal(rule(xi, workers=1).left, rule(xi, workers=3).left)


def test_sequence_leads_from_each_pattern_to_the_next(rng):
    xi = patterns.random(4, 300, rng=rng)
    full = sum(np.outer(xi[(k + 1) % 4].astype(float), xi[k]) for k in range(4)) / 300
    np.testing.assert_array_equal(sequence(xi).dense(), without_diagonal(full))
    open_ended = full - np.outer(xi[0].astype(float), xi[3]) / 300
    np.testing.assert_allclose(sequence(xi, cyclic=False, diagonal=True).dense(), open_ended, atol=1e-15)


def test_pairs_are_stored_as_defined(rng):
    a, b = patterns.random(3, 40, rng=rng), patterns.random(3, 30, rng=rng)
    weighted = sum(q * np.outer(x, y) for q, x, y in zip((1, 2, 5), a.astype(float), b, strict=True))
    np.testing.assert_array_equal(bam_hebbian(a, b, weights=[1, 2, 5]).between.dense(), weighted)
    exact = bam_pseudo_inverse(a, b)
    np.testing.assert_allclose(exact.product(np.hstack([a, b])), np.hstack([a, b]), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", RULES)
def test_rules_are_as_symmetric_as_they_say(name, rng):
    xi, other = patterns.random(4, 30, rng=rng), patterns.random(4, 20, rng=rng)
    rule = RULES[name]
    made = rule.function(xi, other) if rule.pairs else rule.function(xi, *([0.5] if name == "dreaming" else []))
    assert made.symmetric == rule.symmetric
    assert isinstance(made, Block) == rule.pairs
    assert ("start" in rule.function.__kwdefaults__ if rule.function.__kwdefaults__ else False) <= rule.incremental


def test_margins_are_those_of_the_definition(rng):
    xi = patterns.random(5, 30, rng=rng)
    w = hebbian(xi).dense()
    expected = [[x[i] * (w[i] @ x) / np.linalg.norm(w[i]) for i in range(30)] for x in xi.astype(float)]
    np.testing.assert_allclose(margins(hebbian(xi), xi), expected, rtol=1e-12)
    np.testing.assert_array_equal(margins(np.zeros((3, 3)), [[1, 1, -1]]), 0)


def test_shares_of_stable_patterns_are_the_known_ones():
    """N = 200, p = 40: Hebb 0.12, with its diagonal 0.55, Storkey and pseudo-inverse 1; 25 networks, 3 errors."""
    known = {
        "hebbian": (0.12, {}),
        "hebbian, diagonal": (0.55, {"diagonal": True}),
        "storkey": (1.0, {}),
        "pseudo_inverse": (1.0, {}),
    }
    rng = np.random.default_rng(7)
    shares = {name: [] for name in known}
    for _ in range(25):
        xi = patterns.random(40, 200, rng=rng)
        for name, (_, options) in known.items():
            net = DiscreteHopfield.from_patterns(xi, name.partition(",")[0], **options)
            shares[name].append(net.is_stable(xi).mean())
    for name, (share, _) in known.items():
        error = np.std(shares[name]) / 5
        assert abs(np.mean(shares[name]) - share) <= 3 * error + 0.01, (name, np.mean(shares[name]), error)


def test_more_patterns_than_int8_counts_do_not_overflow():
    xi = patterns.random(200, 64, rng=2)
    xi[:, :2] = 1  # W_01 = 200 / 64
    assert hebbian(xi).dense()[0, 1] == 200 / 64


def test_repeated_patterns_are_announced_and_count_again():
    xi = patterns.random(3, 20, rng=0)
    with pytest.warns(UserWarning, match=r"`patterns\[3\]` repeats `patterns\[1\]`"):
        w = hebbian([*xi, xi[1]])
    np.testing.assert_allclose(w.dense(), hebbian(xi).dense() + without_diagonal(np.outer(xi[1], xi[1]) / 20), atol=1e-15)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hebbian([[1, 0, 1]]), r"`patterns\[0, 1\]` must be -1 or 1; got 0. They look binary"),
        (lambda: hebbian([[1, 2, 1]]), r"`patterns\[0, 1\]` must be -1 or 1; got 2.$"),
        (lambda: hebbian([[1.0, np.nan]]), r"`patterns\[0, 1\]` must be -1 or 1; got nan"),
        (lambda: hebbian(np.empty((0, 5))), "at least one pattern"),
        (lambda: hebbian([[1, 1], [1]]), "rows of different lengths"),
        (lambda: hebbian(np.ones((3, 5, 6))), r"got \(3, 5, 6\). Pictures are rows as well: patterns.reshape"),
        (lambda: hebbian([[1, -1]], activity=1.0), "`activity` must lie between -1 and 1"),
        (lambda: hebbian([[1, -1]], start=np.eye(2)), "`start` must be the result of an earlier call"),
        (lambda: dreaming([[1, -1]], -1), "`time` must be at least 0"),
        (lambda: sequence([[1, -1]]), "at least two patterns"),
        (lambda: perceptron([[1], [-1]]), "at least two units"),
        (lambda: perceptron([[1, -1]], margin=-1), "`margin` must be at least 0"),
        (lambda: bam_hebbian([[1, 1]], [[1], [1]]), "the same number of rows"),
        (lambda: bam_pseudo_inverse([[1, 1], [1, -1]], [[1, 1], [1, 1]]), "`b` must be linearly independent"),
        (lambda: rules.learn("hebb", [[1, -1]]), "Did you mean 'hebbian'"),
        (lambda: rules.learn("bam_hebbian", [[1, -1]]), "`rule` must be one of"),
    ],
)
def test_bad_input_is_refused_with_its_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_unlearn_wants_the_result_of_a_rule():
    with pytest.raises(TypeError, match="must be the LowRank couplings of a learning rule"):
        unlearn(np.eye(3), 1)


# The registry ---------------------------------------------------------------------------------------------------------


def test_what_is_written_about_rules_is_what_was_registered():
    """Docstrings of the module and of each rule, and the manual's table; a rule of which nobody wrote is the control."""
    manual = pathlib.Path(__file__).parents[3].joinpath("docs", "hopfield.md").read_text(encoding="utf-8")
    words = {True: "yes", False: "no"}
    assert rules.table() in rules.__doc__
    for name, rule in RULES.items():
        assert rule.function is getattr(rules, name) is getattr(hopfield, name)
        assert rule.summary in " ".join(rule.function.__doc__.split()), name
        row = f"| `{name}` | {words[rule.local]} | {words[rule.incremental]} | {words[rule.symmetric]} | {rule.stores} |"
        assert row in manual, name
    rules.learning_rule(stores="nothing", local=True)(lambda patterns: np.zeros((2, 2)))
    try:
        assert rules.table() not in rules.__doc__
    finally:
        del RULES["<lambda>"]


@pytest.mark.parametrize("name", RULES)
def test_rules_are_what_they_are_registered_as(name):
    rule, xi = RULES[name], patterns.random(12, 30, rng=3)
    given = (xi, xi[:, :20]) if rule.pairs else (xi,)
    options = {"time": 1.0} if name == "dreaming" else {}
    w = rule.function(*given, **options)
    assert w.symmetric == rule.symmetric
    assert ("start" in inspect.signature(rule.function).parameters) <= rule.incremental
    for memory in rule.memories:
        make = getattr(getattr(hopfield, memory), "from_pairs" if rule.pairs else "from_patterns")
        assert make(*given, rule=name, **options).couplings.shape == w.shape


def test_a_rule_of_ones_own_is_known_by_its_name(rng):
    """The recipe of CONTRIBUTING, followed."""

    @rules.learning_rule(stores="2-point correlations, clipped to their signs", local=True, symmetric=True)
    def clipped(patterns):
        """Return signs of Hebb's couplings. Local, not incremental, symmetric."""
        return np.sign(hebbian(patterns).dense())

    try:
        net = DiscreteHopfield.from_patterns(patterns.random(3, 101, rng=rng), "clipped")
        assert np.isin(net.couplings.dense(), (-1, 0, 1)).all()
        assert "clipped" in rules.table()
    finally:
        del RULES["clipped"]
