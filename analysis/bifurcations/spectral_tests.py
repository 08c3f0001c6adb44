"""Functions of eigenvalues that change sign at bifurcations: small real numbers, each the nearest miss with a sign."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from neurodynamics.validation import Floats

FOLD, BRANCH, PAIRS, FLIP = range(4)  # columns of the tests of a branch
CRITICAL = 1e-9  # tests that are zero to rounding
WIDE = 20  # states, above which only complex pairs are watched: neutral saddles are many, and of little interest


class Spectral(NamedTuple):
    """Of K spectra: signed distances to a zero eigenvalue (maps: 1), to an opposite pair (product 1), and to -1; index."""

    zero: Floats
    pairs: Floats
    flip: Floats
    unstable: np.ndarray


def sorted_eigenvalues(matrices: Floats, is_map: bool) -> np.ndarray:
    """Return eigenvalues (K, N), the least stable first."""
    values = np.linalg.eigvals(matrices).astype(complex)
    order = np.lexsort((-values.imag, -(np.abs(values) if is_map else values.real)), axis=-1)
    return np.take_along_axis(values, order, -1)


def spectral_tests(values: np.ndarray, is_map: bool) -> Spectral:
    """Return the tests of spectra (K, N)."""
    zero = _signed(values - (1.0 if is_map else 0.0))
    flip = _signed(-1.0 - values) if is_map else np.ones(len(values))
    return Spectral(zero, _pairs(values, is_map), flip, _unstable(values, is_map).sum(axis=1))


def _unstable(values: np.ndarray, is_map: bool) -> np.ndarray:
    """Which do not decay, by the same roundings and with the same side for zero as in the tests."""
    if not is_map:
        return values.real >= 0.0
    return np.where(values.imag == 0.0, np.abs(values.real) >= 1.0, _square(values) - 1.0 >= 0.0)


def _square(values: np.ndarray) -> Floats:
    """The squared modulus, always rounded in the same way."""
    return values.real * values.real + values.imag * values.imag


def _signed(shifted: np.ndarray) -> Floats:
    """The smallest modulus with the sign of the product: that of the real ones, conjugate pairs are positive."""
    real = np.where(shifted.imag == 0.0, shifted.real, 1.0)
    return np.abs(shifted).min(axis=1, initial=np.inf) * (1.0 - 2.0 * ((real < 0).sum(axis=1) % 2))


def _pairs(values: np.ndarray, is_map: bool) -> Floats:
    """The smallest sum of two eigenvalues (maps: product less 1), with the sign of the product over all pairs."""
    n = values.shape[1]
    if n < 2:
        return np.ones(len(values))
    if n > WIDE:
        return _complex_pairs(values, is_map)
    i, j = np.triu_indices(n, 1)
    alone = _self_conjugate(values, i, j)
    both = values[:, i] + values[:, j]
    if is_map:
        complex_pair = alone & (values[:, i].imag != 0.0)
        both = np.where(complex_pair, _square(values)[:, i], values[:, i] * values[:, j]) - 1.0
    negative = (alone & (both.real < 0)).sum(axis=1)
    return np.abs(both).min(axis=1) * (1.0 - 2.0 * (negative % 2))


def _complex_pairs(values: np.ndarray, is_map: bool) -> Floats:
    """The smallest growth of a complex pair, with the parity of the unstable ones; it jumps where pairs become real."""
    growth = _square(values) - 1.0 if is_map else values.real
    upper = values.imag > 0.0
    unstable = (upper & (growth >= 0.0)).sum(axis=1)
    return np.where(upper, np.abs(growth), 1e300).min(axis=1) * (1.0 - 2.0 * (unstable % 2))


def _self_conjugate(values: np.ndarray, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Whether a pair is two real eigenvalues or a conjugate pair; all others come twice."""
    a, b = values[:, i], values[:, j]
    return ((a.imag == 0) & (b.imag == 0)) | ((a.imag != 0) & (a == b.conj()))


def critical_pair(values: np.ndarray, is_map: bool) -> tuple[complex, complex]:
    """Return the two eigenvalues (N,) whose sum is nearest to 0 (maps: whose product is nearest to 1)."""
    i, j = np.triu_indices(len(values), 1)
    both = values[i] * values[j] - 1.0 if is_map else values[i] + values[j]
    k = int(np.argmin(np.abs(both)))
    return complex(values[i[k]]), complex(values[j[k]])


def critical_pairs(values: np.ndarray, is_map: bool) -> list[tuple[complex, complex]]:
    """Return the pair that is nearest to critical, and complex pairs after it, as near as they are."""
    first = critical_pair(values, is_map)
    rest = values[(values.imag > 0.0) & ~np.isin(values, first)]
    order = np.argsort(np.abs(_square(rest) - 1.0 if is_map else rest.real))
    return [first, *((complex(each), complex(each.conj())) for each in rest[order])]
