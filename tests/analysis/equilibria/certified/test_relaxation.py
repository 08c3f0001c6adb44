"""Ranges, slopes and lines of activations on intervals, against extended precision."""

import mpmath
import numpy as np
import pytest

from analysis.equilibria.certified.memory import padded
from analysis.equilibria.certified.relaxation import CONVEX, KINKS, SIGMOIDS, evaluate, is_relaxable, relaxation
from neurodynamics.activations.catalogue import ACTIVATIONS, Activation

ALL = [*SIGMOIDS, *CONVEX, *KINKS]
EXACT = {
    "logistic": lambda x: 1 / (1 + mpmath.exp(-x)),
    "tanh": mpmath.tanh,
    "erf": mpmath.erf,
    "arctangent": lambda x: 2 / mpmath.pi * mpmath.atan(mpmath.pi * x / 2),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "linear": lambda x: x,
    "relu": lambda x: max(x, mpmath.mpf(0)),
    "hard_sigmoid": lambda x: min(max(mpmath.mpf(1) / 2 + x / 4, mpmath.mpf(0)), mpmath.mpf(1)),
}


def intervals(rng, count):
    """Wide, narrow, one-sided, degenerate intervals, and some that end on a kink or far out."""
    a = rng.normal(size=count) * 10.0 ** rng.uniform(-3, 2, count)
    width = np.abs(rng.normal(size=count)) * 10.0 ** rng.uniform(-12, 2, count)
    ends = np.stack([a, a + width])
    special = np.array([[-2, 2], [0, 0], [0, 1], [-1, 0], [2, 2], [-80, 80], [-800, -1], [30, 40], [0, 5e-324]], float).T
    return np.concatenate([ends, special], axis=1)


def call(name, kernel, ends, rows):
    k = ends.shape[1]
    padded_ends = np.zeros((2, padded(k)))
    padded_ends[:, :k] = ends
    out = np.zeros((rows, padded(k)))
    evaluate(getattr(relaxation(ACTIVATIONS[name]), kernel), *padded_ends, padded(k), out.ravel())
    return out[:, :k]


def sample(a, b):
    return [mpmath.mpf(a) + (mpmath.mpf(b) - mpmath.mpf(a)) * mpmath.mpf(k) / 24 for k in range(25)]


@pytest.mark.parametrize("name", ALL)
def test_values_lie_in_the_stated_range(name, rng):
    ends = intervals(rng, 60)
    low, high = call(name, "values", ends, 2)
    with mpmath.workdps(40):
        for (a, b), lo, hi in zip(ends.T, low, high, strict=True):
            assert all(lo <= EXACT[name](x) <= hi for x in sample(a, b)), (a, b)


@pytest.mark.parametrize("name", ALL)
def test_lines_enclose_the_graph(name, rng):
    ends = intervals(rng, 60)
    slope, centre, radius, _ = call(name, "lines", ends, 4)
    with mpmath.workdps(40):
        for (a, b), d, c, w in zip(ends.T, slope, centre, radius, strict=True):
            assert all(abs(EXACT[name](x) - mpmath.mpf(d) * x - mpmath.mpf(c)) <= w for x in sample(a, b)), (a, b)


@pytest.mark.parametrize("name", ALL)
def test_difference_quotients_lie_in_the_range_of_slopes(name, rng):
    ends = intervals(rng, 60)
    ends = ends[:, ends[1] - ends[0] > 1e-20]  # a quotient of 60 digits over less says nothing
    low, high = call(name, "slopes", ends, 2)
    with mpmath.workdps(60):
        for (a, b), lo, hi in zip(ends.T, low, high, strict=True):
            x = sample(a, b)
            y = [EXACT[name](v) for v in x]
            slopes = [(y[i + 1] - y[i]) / (x[i + 1] - x[i]) for i in range(len(x) - 1)]
            assert lo - mpmath.mpf("1e-30") <= min(slopes), (a, b)
            assert max(slopes) <= hi + mpmath.mpf("1e-30"), (a, b)


@pytest.mark.parametrize("name", ALL)
def test_no_line_is_much_better_than_the_one_chosen(name):
    ends = np.array([[-80.0, 80], [-3, 3], [-1, 4], [0.5, 3], [-60, 1], [-0.1, 0.2]]).T
    radius = call(name, "lines", ends, 4)[2]
    for (a, b), w in zip(ends.T, radius, strict=True):
        x = np.linspace(a, b, 1001)
        y = np.array([float(ACTIVATIONS[name].value(v)) for v in x])
        best = min(np.ptp(y - d * x) / 2 for d in np.linspace(0, ACTIVATIONS[name].max_slope, 2001))
        assert w <= 1.1 * best + 1e-3 * ACTIVATIONS[name].max_slope * (b - a)


def test_a_line_within_one_piece_is_exact_to_rounding():
    for name in KINKS:
        radius = call(name, "lines", np.array([[0.25, 1.5], [-1.9, -0.1]]).T, 4)[2]
        assert (radius < 1e-14).all()


def test_a_kink_has_the_slopes_of_both_sides():
    low, high = call("relu", "slopes", np.array([[0.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [1e-3, 1.0]]).T, 2)
    assert low.tolist() == [0, 0, 0, 1]
    assert high.tolist() == [1, 1, 1, 1]


def test_only_activations_of_known_shape_are_bounded():
    tanh = ACTIVATIONS["tanh"]
    entries = {entry: getattr(tanh, entry) for entry in Activation.__dataclass_fields__}
    assert is_relaxable(tanh)
    assert not is_relaxable(Activation(**entries))  # the name alone proves nothing
