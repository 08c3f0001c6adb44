"""Patterns to store and to probe with: random ones, noisy ones, letters and digits; one pattern in each row.

They are int8, and their sums and products int64; see :class:`hopfield.states.States`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.checks import ALPHABETS, as_states, from_spins, require_room, to_spins
from hopfield.glyphs import raster
from hopfield.states import States, guarded
from neurodynamics.validation import as_choice, as_count, as_generator, as_number

__all__ = [
    "biased",
    "correlated",
    "digit_prototypes",
    "digits",
    "flip",
    "letters",
    "noise",
    "random",
    "to_binary",
    "to_bipolar",
]

Patterns = States


def random(count: int, size: int, *, values: str = "bipolar", rng: Any = None) -> Patterns:
    """Return patterns of independent units that are equally often at both values.

    Parameters
    ----------
    count, size : int
        p and N.
    values : {"bipolar", "binary"}
        -1 and +1, or 0 and 1.
    rng : Generator, int or None

    Returns
    -------
    ndarray of int8, shape (p, N)

    Examples
    --------
    >>> random(2, 4, rng=0)
    array([[-1,  1,  1,  1],
           [-1, -1, -1, -1]], dtype=int8)
    """
    return biased(count, size, 0.0, values=values, rng=rng)


def biased(count: int, size: int, activity: float, *, values: str = "bipolar", rng: Any = None) -> Patterns:
    """Return patterns of independent units with P(upper value) = (1 + activity) / 2, so that +-1 have this mean.

    Parameters
    ----------
    count, size : int
        p and N.
    activity : float
        Between -1 and 1.
    values : {"bipolar", "binary"}
    rng : Generator, int or None

    Returns
    -------
    ndarray of int8, shape (p, N)

    Examples
    --------
    >>> float(biased(10, 1000, activity=-0.5, rng=0).mean().round(2))
    -0.5
    """
    rng = as_generator(rng)
    shape = _shape(count, size)
    share = (1 + _between(activity, "activity", -1, 1)) / 2
    return guarded(np.concatenate([_as_alphabet(rng.random(part) < share, values) for part in _parts(*shape)]))


def correlated(count: int, size: int, overlap: float, *, values: str = "bipolar", rng: Any = None) -> Patterns:
    """Return patterns with the same expected overlap with each other: flipped copies of one random parent.

    Parameters
    ----------
    count, size : int
        p and N.
    overlap : float
        Expected ``xi_k . xi_l / N`` of two of them, between 0 and 1.
    values : {"bipolar", "binary"}
    rng : Generator, int or None

    Returns
    -------
    ndarray of int8, shape (p, N)

    Examples
    --------
    >>> a, b = correlated(2, 10000, overlap=0.25, rng=0).astype(float)
    >>> float((a @ b / 10000).round(2))
    0.24
    """
    rng = as_generator(rng)
    kept = (1 + np.sqrt(_between(overlap, "overlap", 0, 1))) / 2  # <xi_k xi_l> = (2 kept - 1)^2
    shape = _shape(count, size)
    parent = rng.random(shape[1]) < 0.5
    return _as_alphabet((rng.random(shape) < kept) == parent, values)


def flip(patterns: ArrayLike, fraction: float, *, values: str = "bipolar", rng: Any = None) -> Patterns:
    """Return copies in which exactly round(fraction N) units, chosen at random in each row, have the other value.

    Parameters
    ----------
    patterns : array_like, shape (N,) or (K, N)
    fraction : float
        Between 0 and 1; the overlap with the original becomes 1 - 2 fraction.
    values : {"bipolar", "binary"}
        Whether patterns are -1 and +1, or 0 and 1.
    rng : Generator, int or None

    Returns
    -------
    ndarray of int8, in the shape of ``patterns``

    Examples
    --------
    >>> flip([1, 1, 1, 1, 1, 1, 1, 1], 0.25, rng=0).sum()
    np.int64(4)
    """
    rng = as_generator(rng)
    rows, other = _with_opposites(patterns, values)
    count = round(_between(fraction, "fraction", 0, 1) * rows.shape[1])
    chosen = np.argsort(rng.random(rows.shape), axis=1) < count
    return _like(patterns, np.where(chosen, other, rows))


def noise(patterns: ArrayLike, probability: float, *, values: str = "bipolar", rng: Any = None) -> Patterns:
    """Return copies in which each unit has the other value with this probability, independently.

    Parameters
    ----------
    patterns : array_like, shape (N,) or (K, N)
    probability : float
        Between 0 and 1.
    values : {"bipolar", "binary"}
        Whether patterns are -1 and +1, or 0 and 1.
    rng : Generator, int or None

    Returns
    -------
    ndarray of int8, in the shape of ``patterns``

    Examples
    --------
    >>> xi = random(1, 1000, rng=0)
    >>> int((noise(xi, 0.1, rng=1) != xi).sum())
    92
    """
    rng = as_generator(rng)
    rows, other = _with_opposites(patterns, values)
    chosen = rng.random(rows.shape) < _between(probability, "probability", 0, 1)
    return _like(patterns, np.where(chosen, other, rows))


def to_bipolar(patterns: ArrayLike) -> Patterns:
    """Return patterns of 0 and 1 as patterns of -1 and +1, in the same shape.

    Examples
    --------
    >>> to_bipolar([1, 0, 1])
    array([ 1, -1,  1], dtype=int8)
    """
    return _like(patterns, to_spins(as_states(patterns, "patterns", "binary", choice=False), "binary"))


def to_binary(patterns: ArrayLike) -> Patterns:
    """Return patterns of -1 and +1 as patterns of 0 and 1, in the same shape.

    Examples
    --------
    >>> to_binary([1, -1, 1])
    array([1, 0, 1], dtype=int8)
    """
    return _like(patterns, from_spins(as_states(patterns, "patterns"), "binary"))


# Pictures -------------------------------------------------------------------------------------------------------------


def letters(
    text: str, shape: tuple[int, int] = (16, 12), *, font: str = "DejaVuSansMono", values: str = "bipolar"
) -> Patterns:
    """Return pictures of characters, drawn with a font that matplotlib brings along.

    Parameters
    ----------
    text : str
        A pattern for each character.
    shape : tuple of int
        (rows, columns) of a picture, N = rows * columns. Every character fills it up to a margin of one.
    font : str
        A file of matplotlib's font folder, by its name without ending.
    values : {"bipolar", "binary"}

    Returns
    -------
    ndarray of int8, shape (len(text), rows * columns)
        Row by row from the top; ``reshape(-1, *shape)`` gives the pictures.

    Examples
    --------
    >>> picture = letters("L", (7, 5), values="binary").reshape(7, 5)
    >>> for row in picture:
    ...     print("".join(" #"[pixel] for pixel in row).rstrip())
    <BLANKLINE>
     #
     #
     #
     #
     ###
    <BLANKLINE>
    """
    if not isinstance(shape, tuple | list) or len(shape) != 2:
        raise ValueError(f"`shape` must be (rows, columns); got {shape!r:.60}.")
    rows, columns = (as_count(n, f"shape[{i}]", minimum=3) for i, n in enumerate(shape))
    if not isinstance(text, str) or not text or not text.isprintable() or " " in text:
        raise ValueError(f"`text` must hold characters that leave ink, at least one; got {text!r:.60}.")
    require_room("pictures of `text` in `shape`", len(text), rows, columns)
    as_choice(values, "values", ALPHABETS)
    ink = [raster(character, rows - 2, columns - 2, font) for character in text]
    return _as_alphabet(np.pad(ink, ((0, 0), (1, 1), (1, 1))).reshape(len(text), -1), values)


def digits(*, values: str = "bipolar") -> tuple[Patterns, NDArray[np.int64]]:
    """Return the 1797 handwritten digits of scikit-learn, 8 x 8, and what they are.

    Needs the optional package scikit-learn, which brings the pictures along; nothing is downloaded.

    Parameters
    ----------
    values : {"bipolar", "binary"}
        The upper value stands where a pixel is at least 8 of 16.

    Returns
    -------
    pictures : ndarray of int8, shape (1797, 64)
    labels : ndarray of int, shape (1797,)
    """
    images, labels = _digit_images()
    return _as_alphabet(images >= 8, values), labels


def digit_prototypes(*, values: str = "bipolar") -> Patterns:
    """Return ten pictures, 8 x 8: the upper value where the mean over a digit's pictures is at least 8 of 16.

    Needs the optional package scikit-learn.

    Parameters
    ----------
    values : {"bipolar", "binary"}

    Returns
    -------
    ndarray of int8, shape (10, 64)
        In the order 0 .. 9.
    """
    images, labels = _digit_images()
    return _as_alphabet(np.array([images[labels == digit].mean(axis=0) for digit in range(10)]) >= 8, values)


def _digit_images() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise ImportError("the digits come with scikit-learn: pip install scikit-learn") from error
    data = load_digits()
    return data.data, data.target.astype(np.int64)


# Helpers --------------------------------------------------------------------------------------------------------------


def _as_alphabet(up: NDArray[np.bool_], values: str) -> Patterns:
    low, high = ALPHABETS[as_choice(values, "values", ALPHABETS)]
    return guarded(np.where(up, high, low).astype(np.int8))


def _like(patterns: ArrayLike, rows: NDArray[np.int8]) -> Patterns:
    """Return rows in the shape that patterns came in."""
    return guarded(rows.reshape(np.shape(patterns)))


def _shape(count: int, size: int) -> tuple[int, int]:
    shape = as_count(count, "count", minimum=1), as_count(size, "size", minimum=1)
    require_room("`count` patterns of `size` units", *shape)
    return shape


def _parts(count: int, size: int) -> list[tuple[int, int]]:
    """Shapes of blocks of rows whose random numbers take little memory."""
    step = max(1, 2**22 // size)
    return [(min(step, count - first), size) for first in range(0, count, step)]


def _with_opposites(patterns: ArrayLike, values: str) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Patterns in rows, and what they become when every unit changes."""
    rows = as_states(patterns, "patterns", as_choice(values, "values", ALPHABETS))
    return rows, (1 - rows if values == "binary" else -rows).astype(np.int8)


def _between(value: float, name: str, low: float, high: float) -> float:
    number = as_number(value, name)
    if not low <= number <= high:
        raise ValueError(f"`{name}` must lie between {low} and {high}; got {number:g}.")
    return number
