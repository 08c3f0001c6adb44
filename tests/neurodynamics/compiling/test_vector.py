"""Vectors of kernels: each operation against numpy, and numbers against vectors."""

import ctypes
import math
import mmap
import sys
from fractions import Fraction

import numpy as np
import pytest
from numba.core.errors import TypingError

from neurodynamics.compiling import vector as v
from neurodynamics.compiling.jit import compiled, kernel

DTYPES = [np.float64, np.float32]
every_dtype = pytest.mark.parametrize("dtype", DTYPES)
SPECIAL = [math.nan, math.inf, -math.inf, 0.0, -0.0, 1.5, -2.5, 0.5]


def width(dtype):
    return v.WIDTH if dtype == np.float64 else 2 * v.WIDTH


def numbers(dtype, seed=0):
    x = np.random.default_rng(seed).normal(size=width(dtype)).astype(dtype)
    x[: len(SPECIAL)] = SPECIAL
    return x


def plain(dtype, seed=0):
    return np.random.default_rng(seed).normal(size=width(dtype)).astype(dtype)


def mapped(function, *arrays):
    """Apply a function of vectors to the first vector of each array."""
    if len(arrays) == 1:

        @compiled
        def apply(out, a):
            v.store(out, 0, function(v.load(a, 0)))
    elif len(arrays) == 2:

        @compiled
        def apply(out, a, b):
            v.store(out, 0, function(v.load(a, 0), v.load(b, 0)))
    else:

        @compiled
        def apply(out, a, b, c):
            v.store(out, 0, function(v.load(a, 0), v.load(b, 0), v.load(c, 0)))

    out = np.empty_like(arrays[0])
    apply(out, *arrays)
    return out


# Arithmetic and memory -----------------------------------------------------------------------------------------------


@every_dtype
def test_arithmetic_is_that_of_numpy(dtype):
    @compiled
    def formula(a, b):
        return 2.0 - (a + b) * (3 * a - b) / (b * 0.5) + -a / 7.0

    a, b = plain(dtype), plain(dtype, 1)
    two, three, half, seven = (dtype(c) for c in (2.0, 3.0, 0.5, 7.0))
    expected = two - (a + b) * (three * a - b) / (b * half) + -a / seven
    np.testing.assert_array_equal(mapped(formula, a, b), expected)


@every_dtype
def test_load_and_store_touch_one_vector_anywhere_in_an_array(dtype):
    @compiled
    def copy(a, i, out, j):
        v.store(out, j, v.load(a, i))

    n = width(dtype)
    a, out = np.arange(3 * n, dtype=dtype), np.full(3 * n, -1, dtype=dtype)
    copy(a, 3, out, n - 1)
    np.testing.assert_array_equal(out[n - 1 : 2 * n - 1], a[3 : 3 + n])
    assert np.all(np.delete(out, range(n - 1, 2 * n - 1)) == -1)


@every_dtype
@pytest.mark.parametrize("count", range(9))
def test_load_first_and_store_first_touch_only_the_first(dtype, count):
    @kernel
    def copy_first(a, out, whole, count):
        v.store(whole, 0, v.load_first(a, 1, count))
        v.store_first(out, 2, v.load_first(a, 1, count), count)

    n = width(dtype)
    a, whole, out = np.arange(1, n + 2, dtype=dtype), np.full(n, -1, dtype=dtype), np.full(n + 2, -1, dtype=dtype)
    copy_first(a, out, whole, count)
    np.testing.assert_array_equal(whole, np.where(np.arange(n) < count, a[1:], 0))
    np.testing.assert_array_equal(out[2 : 2 + count], a[1 : 1 + count])
    assert np.all(np.delete(out, range(2, 2 + count)) == -1)


@pytest.mark.skipif(sys.platform != "linux", reason="protects a page of memory by a call of Linux")
def test_memory_behind_the_first_elements_is_not_read():
    @compiled
    def last_three(a, out):
        v.store(out, 0, v.load_first(a, a.size - 3, 3))
        v.store_first(a, a.size - 3, v.load(out, 0), 3)

    with mmap.mmap(-1, 2 * mmap.PAGESIZE) as memory:
        a, out = np.frombuffer(memory, dtype=float)[: mmap.PAGESIZE // 8], np.empty(v.WIDTH)
        a[-3:] = 1.0, 2.0, 3.0
        page = ctypes.c_void_p(a.ctypes.data + mmap.PAGESIZE)
        protect = ctypes.CDLL(None).mprotect
        assert protect(page, ctypes.c_size_t(mmap.PAGESIZE), 0) == 0  # whoever reads it now is killed
        last_three(a, out)
        assert protect(page, ctypes.c_size_t(mmap.PAGESIZE), mmap.PROT_READ | mmap.PROT_WRITE) == 0
        assert out[:3].tolist() == a[-3:].tolist() == [1.0, 2.0, 3.0]
        del a


def test_other_memory_is_refused():
    @compiled
    def first(a):
        return v.extract(v.load(a, 0), 0)

    for array in (np.zeros((2, 8)), np.zeros(32)[::2]):
        with pytest.raises(TypingError, match="contiguous 1-D arrays"):
            first(array)


def test_vectors_of_two_precisions_do_not_mix():
    @compiled
    def mix(a, b):
        return v.extract(v.load(a, 0) + v.load(b, 0), 0)

    with pytest.raises(TypingError):
        mix(np.zeros(8), np.zeros(16, np.float32))


@every_dtype
def test_splat_extract_and_insert(dtype):
    @compiled
    def put(out, x, i):
        first = v.splat(x)
        v.store(out, 0, v.splat(v.insert(first, i, 2.0 * v.extract(first, i))))

    out = np.empty(width(dtype), dtype=dtype)
    put(out, dtype(1.5), 3)
    expected = np.full(out.size, 1.5, dtype=dtype)
    expected[3] = 3.0
    np.testing.assert_array_equal(out, expected)


def test_stack_is_scratch_memory():
    @compiled
    def reverse(a, out):
        scratch = v.stack(16)
        v.store(scratch, 8, v.load(a, 0))
        for i in range(8):
            out[i] = scratch[15 - i]

    a, out = np.arange(8.0), np.empty(8)
    reverse(a, out)
    np.testing.assert_array_equal(out, a[::-1])


# Helpers -------------------------------------------------------------------------------------------------------------


@every_dtype
def test_fma_rounds_once(dtype):
    a, b, c = plain(dtype, 1), plain(dtype, 2), plain(dtype, 3)
    c = -(a * b) * (1 + 4 * c * np.finfo(dtype).eps)  # so that a product rounded first would be seen
    exact = [Fraction(float(x)) * Fraction(float(y)) + Fraction(float(z)) for x, y, z in zip(a, b, c, strict=True)]
    fused = mapped(v.fma, a, b, c)
    np.testing.assert_array_equal(fused, np.array([float(e) for e in exact]).astype(dtype))
    assert np.any(fused != a * b + c)


HELPERS = {
    "round_even": (compiled(lambda x: v.round_even(x)), np.rint),
    "absolute": (compiled(lambda x: v.absolute(x)), np.abs),
    "copysign": (compiled(lambda x: v.copysign(2.5, x)), lambda x: np.copysign(2.5, x)),
    "clamp": (compiled(lambda x: v.clamp(x, -1.0, 1.5)), lambda x: np.clip(x, -1.0, 1.5)),
    "select_positive": (compiled(lambda x: v.select_positive(x, 1.0, x)), lambda x: np.where(x > 0, 1.0, x)),
    "select_outside": (
        compiled(lambda x: v.select_outside(x, -1.0, 0.5, 3.0, x)),
        lambda x: np.where((x < -1.0) | (x > 0.5), 3.0, x),
    ),
    "scale2": (compiled(lambda x: v.scale2(x, -3)), lambda x: x / 8.0),
    "scale2 by a number": (compiled(lambda x: v.scale2(x, 5.0)), lambda x: 32.0 * x),
}


@every_dtype
@pytest.mark.parametrize("name", HELPERS)
def test_helpers_do_what_numpy_does(name, dtype):
    ours, theirs = HELPERS[name]
    x = numbers(dtype)
    computed = mapped(ours, x)
    np.testing.assert_array_equal(computed, theirs(x).astype(dtype))
    np.testing.assert_array_equal(np.signbit(computed[1:]), np.signbit(theirs(x)[1:]))


@pytest.mark.parametrize("name", HELPERS)
def test_helpers_do_the_same_for_numbers(name):
    ours, _ = HELPERS[name]
    x = numbers(np.float64)
    np.testing.assert_array_equal(mapped(ours, x)[1:].view(np.int64), np.array([ours(z) for z in x])[1:].view(np.int64))
    assert np.isnan(ours(math.nan)) or name == "copysign"


@every_dtype
def test_power2_reads_the_integer_that_a_shift_left_behind(dtype):
    @compiled
    def power(x):
        return v.power2(x + v.precision(x, v.SHIFTER))

    low, high = (-1022, 1023) if dtype == np.float64 else (-126, 127)
    n = np.array([low, low + 1, -1, 0, 1, 52, high - 1, high] * (width(dtype) // 8), dtype=dtype)
    np.testing.assert_array_equal(mapped(power, n), 2.0 ** n.astype(float))
    np.testing.assert_array_equal(mapped(power, np.where(abs(n) < 99, n + dtype(0.25), n)), 2.0 ** n.astype(float))


COEFFICIENTS = (tuple(1.0 / math.factorial(k) for k in range(14)), (1.0, 2.0, -3.0))


@every_dtype
@pytest.mark.parametrize("count", range(1, 14))
def test_polynomial_is_horner_up_to_rounding(dtype, count):
    pair = (COEFFICIENTS[0][:count], COEFFICIENTS[1][: min(count, 3)])

    @compiled
    def evaluate(x):
        return v.polynomial(x, pair)

    x = plain(dtype)
    c = np.array(pair[0] if dtype == np.float64 else pair[1])
    terms = np.polyval(np.abs(c[::-1]), np.abs(x.astype(float)))
    error = np.abs(mapped(evaluate, x) - np.polyval(c[::-1], x.astype(float)))
    assert np.all(error <= 4 * np.finfo(dtype).eps * terms)


def test_polynomial_gives_numbers_the_same_bits():
    @compiled
    def evaluate(x):
        return v.polynomial(x, COEFFICIENTS)

    x = plain(np.float64)
    np.testing.assert_array_equal(mapped(evaluate, x), [evaluate(z) for z in x])


@every_dtype
def test_precision_picks_the_constant(dtype):
    @compiled
    def pick(x):
        return x + v.precision(x, (1.0, 2.0))

    x = np.zeros(width(dtype), dtype=dtype)
    assert np.all(mapped(pick, x) == (1.0 if dtype == np.float64 else 2.0))


@every_dtype
def test_elementwise_maps_a_function_of_numbers(dtype):
    @compiled
    def zigzag(x):
        return x - math.floor(x) if x > 0 else math.exp(x)

    x = plain(dtype)
    expected = [zigzag(float(z)) for z in x]
    np.testing.assert_allclose(mapped(v.elementwise(zigzag), x), expected, rtol=4 * np.finfo(dtype).eps)
    assert v.elementwise(zigzag)(-1.0) == math.exp(-1.0)
