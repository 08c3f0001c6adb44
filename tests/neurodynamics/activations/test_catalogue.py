"""Every built-in activation against mpmath, and its entries against each other."""

import copy
import functools
import math
import pickle

import mpmath
import numba
import numpy as np
import pytest

from neurodynamics.activations import elementary
from neurodynamics.activations.catalogue import ACTIVATIONS, FLUSHED, Activation, activation
from neurodynamics.compiling.jit import kernel
from neurodynamics.compiling.vector import load, store

mp = mpmath.mp.clone()
mp.dps = 50

EXACT = {
    "logistic": lambda x: 1 / (1 + mp.exp(-x)),
    "tanh": mp.tanh,
    "relu": lambda x: max(x, mp.mpf(0)),
    "softplus": lambda x: mp.log1p(mp.exp(x)),
    "linear": lambda x: x,
    "erf": mp.erf,
    "arctangent": lambda x: 2 / mp.pi * mp.atan(mp.pi * x / 2),
    "hard_sigmoid": lambda x: min(max(x / 4 + 0.5, mp.mpf(0)), mp.mpf(1)),
}
DERIVATIVE_ULP = 8.0  # documented in Activation
CORNERS = {"relu": [0.0], "hard_sigmoid": [-2.0, 2.0]}
SPECIAL = [math.nan, math.inf, -math.inf, 0.0, -0.0, 5e-324, -5e-324, 1e-310, -1e-310, 2.3e-308, 1e8, -1e8]
SPECIAL += [1e300, -1e300]
# Where the formulas change, and where the largest errors were found.
EDGES = [708.396, 354.198, 40.0, 36.737, 36.39, 20.0, 18.7, 6.0, 5.9, 2.0, 1.5369285, 1.1, 1.0, 0.5 * math.log(2)]
EDGES += [0.26369654, 0.25 * math.log(2), 0.1747, 1e-3, 1e-8, 1e-160]
ENDS = [(-1e-3, 2e-3), (-0.7, 0.3), (0.2, 1.4), (-2.5, 3.0), (3.0, 9.0), (-30.0, -5.0), (690.0, 800.0)]

every = pytest.mark.parametrize("a", ACTIVATIONS.values(), ids=ACTIVATIONS)
both_functions = pytest.mark.parametrize("entry", ["value", "derivative"])


def points(dtype=np.float64, count=1000):
    """Finite numbers of all sizes, dense around zero and around every edge."""
    rng = np.random.default_rng(8)
    limit = 745.0 if dtype == np.float64 else 104.0
    spread = [rng.uniform(-s, s, count // 4) for s in (1.0, 8.0, 40.0, limit)]
    edges = [s * e * (1 + k * np.finfo(dtype).eps) for e in EDGES for s in (-1, 1) for k in (-9, -1, 0, 1, 9)]
    x = np.concatenate([*spread, 10.0 ** rng.uniform(-30, 2, count // 8), edges, [0.0, 1e8, -1e8]])
    return np.concatenate([x, x[: -x.size % 16]]).astype(dtype)


@functools.cache
def over_vectors(function, width):
    @kernel
    def apply(x, out):
        for i in range(0, x.size, width):
            store(out, i, function(load(x, i)))

    return apply


def by_vectors(function, x):
    """Apply a kernel to an array, whole vectors at a time; the array is padded with ones."""
    padded = np.ones(-(-x.size // 16) * 16, dtype=x.dtype)
    padded[: x.size] = x
    out = np.empty_like(padded)
    over_vectors(function, 8 if x.dtype == np.float64 else 16)(padded, out)
    return out[: x.size]


def exact_values(a, x):
    return [EXACT[a.name](mp.mpf(float(v))) for v in x]


def worst(computed, exact, dtype=np.float64):
    """Return the largest error in units in the last place, with what may be flushed to zero forgiven."""
    flushed = FLUSHED if dtype == np.float64 else 1e-37
    errors = []
    for c, e in zip(computed, exact, strict=True):
        error = abs(mp.mpf(float(c)) - e) - (flushed if abs(e) < flushed else 0)
        errors.append(float(max(error, 0) / mp.mpf(float(np.spacing(dtype(abs(float(e))))))))
    return max(errors)


# Values --------------------------------------------------------------------------------------------------------------


@every
def test_value_is_as_exact_as_stated(a):
    x = points()
    assert worst(by_vectors(a.value, x), exact_values(a, x)) <= a.ulp


@every
def test_value_in_single_precision_is_as_exact_in_its_own_units(a):
    x = points(np.float32)
    assert worst(by_vectors(a.value, x), exact_values(a, x), np.float32) <= a.ulp


def test_a_coefficient_that_is_slightly_off_is_noticed():
    """The control of the two tests above."""
    x = np.random.default_rng(1).uniform(-1, 1, 160)
    shifted = by_vectors(elementary.tanh, np.nextafter(np.nextafter(x * (1 + 1e-15), 9), 9))
    assert worst(shifted, [mp.tanh(mp.mpf(v)) for v in x]) > ACTIVATIONS["tanh"].ulp


@every
def test_derivative_is_exact_to_eight_units(a):
    corners = CORNERS.get(a.name, [])
    reach = 28.0 if a.name == "erf" else 1e3  # mpmath's erf is slow; here its slope is already zero
    x = np.array([v for v in points(count=200) if abs(v) < reach and all(abs(v - c) > 1e-3 for c in corners)])[::3]
    with mp.workdps(500):  # differences, and in the tails the function differs from one in the 300th digit
        exact = [mp.diff(EXACT[a.name], mp.mpf(float(v))) for v in x]
    assert worst(by_vectors(a.derivative, x), exact) <= DERIVATIVE_ULP


@every
@both_functions
def test_numbers_and_vectors_give_the_same_bits(a, entry):
    function = getattr(a, entry)
    x = np.concatenate([SPECIAL, points()])
    one_by_one = np.array([function(v) for v in x])
    np.testing.assert_array_equal(by_vectors(function, x).view(np.int64), one_by_one.view(np.int64))


@every
@both_functions
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_place_in_a_vector_makes_no_difference(a, entry, dtype):
    x = np.concatenate([SPECIAL[:11], points(dtype, 200)]).astype(dtype)
    order = np.random.default_rng(2).permutation(x.size)
    function = getattr(a, entry)
    np.testing.assert_array_equal(by_vectors(function, x)[order], by_vectors(function, x[order]))


@every
@both_functions
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_nan_gives_nan_and_nothing_else_does(a, entry, dtype):
    x = np.array([*SPECIAL[:9], 1e8, -1e8, 3e37, -3e37], dtype=dtype)
    np.testing.assert_array_equal(np.isnan(by_vectors(getattr(a, entry), x)), np.isnan(x))


# Properties ----------------------------------------------------------------------------------------------------------


def dense():
    """Sorted: a wide sample, and runs of neighbouring numbers at the edges."""
    rng = np.random.default_rng(3)
    runs = [s * (e + np.spacing(e) * np.arange(-400, 400)) for e in EDGES for s in (-1, 1)]
    spread = [rng.uniform(-800, 800, 20000), rng.uniform(-40, 40, 50000), rng.normal(size=50000)]
    return np.sort(np.concatenate([*spread, *runs]))


@every
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_value_never_leaves_its_range_and_reaches_the_ends(a, dtype):
    values = by_vectors(a.value, np.concatenate([dense(), [-math.inf, math.inf, -1e30, 1e30]]).astype(dtype))
    assert a.range[0] == values.min()
    assert a.range[1] == values.max()


@every
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_derivative_reaches_the_maximal_slope_and_stays_below(a, dtype):
    slopes = by_vectors(a.derivative, np.concatenate([dense(), [0.0, 50.0]]).astype(dtype))
    assert np.abs(slopes).max() == dtype(a.max_slope)


@every
def test_value_is_monotone_up_to_its_error(a):
    values = by_vectors(a.value, dense())
    drops = np.diff(values) / np.spacing(np.abs(values[1:]))
    assert a.monotone
    assert drops.min() >= -2 * a.ulp


@every
def test_derivative_jumps_at_corners_only(a):
    near = np.array([c + s for c in (-2.0, 0.0, 2.0) for s in (-1e-9, 1e-9)])
    jumps = np.abs(np.diff(by_vectors(a.derivative, near))[::2])
    assert a.smooth == (jumps.max() < 1e-6)
    assert a.smooth == (a.name not in CORNERS)


@every
def test_inverse_undoes_value(a):
    if a.inverse is None:
        assert a.name in CORNERS
        return
    x = points()
    values, slopes = by_vectors(a.value, x), by_vectors(a.derivative, x)
    conditioning = (a.ulp + 2) * np.spacing(np.abs(values)) / np.maximum(slopes, 1e-300)
    telling = (slopes > 1e-12) & (conditioning < 1.0)
    back = np.array([a.inverse(v) for v in values[telling]])
    assert telling.sum() > 200
    assert np.all(np.abs(back - x[telling]) <= conditioning[telling] + 8 * np.spacing(np.abs(x[telling])))


@every
def test_inverse_is_infinite_at_the_ends_and_nan_beyond(a):
    if a.inverse is None or math.inf in np.abs(a.range):
        return
    low, high = a.range
    assert a.inverse(low) == -math.inf
    assert a.inverse(high) == math.inf
    assert all(math.isnan(a.inverse(v)) for v in (low - 0.1, high + 0.1, math.nan))


@every
@pytest.mark.parametrize("ends", ENDS)
def test_potential_is_an_integral_of_value(a, ends):
    low, high = ends
    inner = [c for c in CORNERS.get(a.name, []) if low < c < high]
    exact = mp.quad(EXACT[a.name], [low, *inner, high])
    scale = max(abs(a.potential(low)), abs(a.potential(high)))
    assert abs(a.potential(high) - a.potential(low) - exact) <= 1e-15 * scale + 1e-15 * abs(exact)


@every
def test_potential_is_safe_at_large_arguments(a):
    assert all(math.isfinite(a.potential(x)) for x in (-1e5, -750.0, 750.0, 1e5))
    assert math.isnan(a.potential(math.nan))


@every
def test_riccati_identity(a):
    if a.riccati is None:
        return
    c0, c1, c2 = a.riccati
    for x in (-2.0, 0.0, 0.3, 1.7):
        value = EXACT[a.name](mp.mpf(x))
        assert abs(mp.diff(EXACT[a.name], x) - (c0 + c1 * value + c2 * value**2)) < mp.mpf(10) ** -30


@pytest.mark.parametrize("name", ["tanh", "erf", "arctangent", "linear"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_odd_functions_are_odd_in_every_bit(name, dtype):
    x = np.concatenate([points(), [0.0, 1e-310, 1e30, math.inf]]).astype(dtype)
    value = ACTIVATIONS[name].value
    np.testing.assert_array_equal(by_vectors(value, -x), -by_vectors(value, x))
    assert math.copysign(1.0, value(-0.0)) == -1.0


def test_saturation_is_exact():
    logistic, tanh, erf = (ACTIVATIONS[name].value for name in ("logistic", "tanh", "erf"))
    assert logistic(40.0) == tanh(20.0) == erf(6.0) == 1.0
    assert tanh(-20.0) == erf(-6.0) == -1.0
    assert logistic(-1e8) == 0.0
    assert logistic(-708.39) > 0.0


def test_no_result_is_a_subnormal_number():
    tiny = np.finfo(float).tiny
    for name in ("logistic", "softplus"):
        values = by_vectors(ACTIVATIONS[name].value, np.linspace(-720, -700, 1600))
        assert not np.any((values > 0.0) & (values < tiny))


# Names and records ---------------------------------------------------------------------------------------------------


def test_names_find_records_and_records_themselves():
    assert all(activation(name) is record and activation(record) is record for name, record in ACTIVATIONS.items())


def test_an_unknown_name_is_answered_with_the_nearest_ones():
    with pytest.raises(ValueError, match=r"'arctangent', 'hard_sigmoid'; got 'logisitc'. Did you mean 'logistic'\?"):
        activation("logisitc")


def test_what_is_neither_name_nor_record_is_refused():
    with pytest.raises(TypeError, match="from_functions"):
        activation(math.tanh)


@every
def test_copies_are_the_same_activation(a):
    assert copy.deepcopy(a) is a
    assert pickle.loads(pickle.dumps(a)) is a


@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 5), (0,), (64,)])
def test_calling_a_record_maps_it_over_an_array(shape):
    x = np.random.default_rng(0).normal(size=shape)
    np.testing.assert_allclose(ACTIVATIONS["tanh"](x), np.tanh(x), rtol=1e-15)


# Activations of users ------------------------------------------------------------------------------------------------


def gaussian(x):
    return math.exp(-x * x)


def gaussian_slope(x):
    return -2.0 * x * math.exp(-x * x)


def made(**entries):
    return Activation.from_functions("mine", **({"value": gaussian, "derivative": gaussian_slope} | entries))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_users_functions_work_on_vectors(dtype):
    x = np.random.default_rng(4).normal(size=48).astype(dtype)
    mine = made()
    np.testing.assert_allclose(by_vectors(mine.value, x), np.exp(-x * x), rtol=4 * np.finfo(dtype).eps)
    np.testing.assert_allclose(by_vectors(mine.derivative, x), -2 * x * np.exp(-x * x), rtol=8 * np.finfo(dtype).eps)


def test_a_users_function_gives_the_same_bits_for_numbers_and_vectors():
    x = np.concatenate([points(count=200), SPECIAL])
    mine = made()
    np.testing.assert_array_equal(by_vectors(mine.value, x), [mine.value(v) for v in x])


def test_a_users_functions_are_left_alone():
    jitted = numba.njit(gaussian)
    made(value=jitted)
    assert jitted.signatures == []
    assert gaussian(0.0) == 1.0


@pytest.mark.parametrize("f", [math.tanh, np.tanh, numba.vectorize(lambda x: math.tanh(x))])
def test_functions_of_libraries_are_taken_as_well(f):
    mine = made(value=f, derivative=lambda x: 1.0 - math.tanh(x) ** 2)
    assert mine.value(0.5) == pytest.approx(math.tanh(0.5), rel=1e-15)


def test_a_kink_between_the_points_that_are_tried_is_allowed():
    kinked = {"value": lambda x: max(x, 0.1 * x), "derivative": lambda x: 1.0 if x > 0 else 0.1}
    leaky = made(**kinked, smooth=False, monotone=True)
    np.testing.assert_array_equal(leaky([-2.0, 3.0]), [-0.2, 3.0])


def test_a_steep_function_is_taken():
    made(value=lambda x: math.tanh(1e4 * x), derivative=lambda x: 1e4 / math.cosh(min(abs(1e4 * x), 300.0)) ** 2)


def test_what_is_not_stated_promises_nothing():
    mine = made()
    assert (mine.range, mine.max_slope, mine.monotone, mine.ulp) == ((-math.inf, math.inf), math.inf, False, math.inf)
    assert mine.inverse is mine.potential is mine.riccati is None


@pytest.mark.parametrize(
    ("entries", "error", "message"),
    [
        ({"derivative": None}, TypeError, "`derivative` of activation 'mine' is missing: .* both required"),
        ({"value": None}, TypeError, "`value` of activation 'mine' is missing"),
        ({"value": lambda x, gain: gain * x}, TypeError, r"must take one number, f\(x\); got <lambda>\(x, gain\)"),
        ({"value": 3.0}, TypeError, r"must be a function f\(x\); got 3.0"),
        ({"value": lambda x: x.missing}, TypeError, "that numba can compile; it says:"),
        ({"value": lambda x: 1j * x}, TypeError, "must return a float; got complex128"),
        ({"derivative": lambda x: 2.0 * x * math.exp(-x * x)}, ValueError, "at x = .* it gives .* has the slope"),
        ({"potential": gaussian}, ValueError, "`value` of activation 'mine' is not the derivative of `potential`"),
        ({"inverse": lambda v: v}, ValueError, "`inverse` of activation 'mine' does not undo `value`"),
        ({"range": (0.0, 0.5)}, ValueError, r"contradicts its `range` \(0.0, 0.5\)"),
        ({"range": (1.0, 0.0)}, ValueError, "low < high"),
        ({"max_slope": 0.1}, ValueError, "contradicts its `max_slope` 0.1"),
        ({"monotone": True}, ValueError, "contradicts its `monotone`"),
        ({"riccati": (1.0, 0.0, -1.0)}, ValueError, "contradicts its `riccati`"),
    ],
)
def test_contradictions_are_refused_at_once(entries, error, message):
    with pytest.raises(error, match=message):
        made(**entries)
