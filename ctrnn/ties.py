"""Parameters that follow others: ties by name, and the mirror images of left and right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ctrnn.groups import Groups
from neurodynamics import AdditiveNetwork
from neurodynamics.validation import Floats, as_choice


def followers(
    template: Any, tie: Iterable[Any], symmetry: str | Groups | None, named: np.ndarray
) -> tuple[np.ndarray, Floats]:
    """Return for every parameter the one that it follows, itself where it is free, and with which sign.

    Of two mirror images the first leads, unless only the other one is `named`, a row of bool.
    """
    leaders, signs = np.arange(template.param_dim), np.ones(template.param_dim)
    if symmetry is not None:
        for a, b in enumerate(mirror_images(template, symmetry)):
            first = a < b if named[a] == named[b] else named[a]
            one, other = (a, int(b)) if first else (int(b), a)
            _tie_one(leaders, signs, one, other, 1.0, "`symmetry`")
    for k, item in enumerate(tie):
        if not isinstance(item, (tuple, list)) or len(item) != 3 or item[2] not in (-1, 1):
            raise ValueError(f"`tie[{k}]` must be (a, b, sign) with sign +1 or -1; got {item!r}.")
        first, second = (np.atleast_1d(_positions(template, name, k)) for name in item[:2])
        if first.shape != second.shape:
            raise ValueError(f"`tie[{k}]`: {item[0]!r} and {item[1]!r} must have the same shape.")
        for a, b in zip(first.ravel(), second.ravel(), strict=True):
            _tie_one(leaders, signs, int(a), int(b), float(item[2]), f"`tie[{k}]` {tuple(item)!r}")
    return leaders, signs


def mirror_images(template: Any, symmetry: str | Groups) -> np.ndarray:
    """Return the position of every parameter's mirror image, shape (P,).

    Left and right change places: the order of the neurons is reversed, in each group where there are `Groups`, and so are
    the orders of inputs and motors.
    """
    if not isinstance(template, AdditiveNetwork):
        raise TypeError(f"`symmetry` needs a CTRNN or another additive network; got {type(template).__name__}.")
    neurons = _reversed(_sizes(symmetry, template.state_dim))
    orders = {"input_weights": (neurons, _reversed([template.input_dim]))}
    if "motor_weights" in template.layout.shapes:
        orders["motor_weights"] = _reversed([template.layout.shapes["motor_weights"][0]]), neurons
    images = np.empty(template.param_dim, dtype=int)
    for name, shape in template.layout.shapes.items():
        places = template.layout.positions(name)
        images[places] = places[np.ix_(*orders.get(name, (neurons,) * len(shape)))]
    return images


def _sizes(symmetry: Any, neurons: int) -> Sequence[int]:
    if not isinstance(symmetry, Groups):
        as_choice(symmetry, "symmetry", ["bilateral"])
        return [neurons]
    if symmetry.size != neurons:
        raise ValueError(f"`symmetry` must be groups of {neurons} neurons; got {symmetry}.")
    return [*symmetry.sizes.values()]


def _reversed(sizes: Sequence[int]) -> np.ndarray:
    """Return the places 0, 1, .. with their order reversed in each group."""
    ends = np.cumsum(sizes)
    return np.concatenate([np.arange(end - size, end)[::-1] for size, end in zip(sizes, ends, strict=True)])


def _positions(template: Any, name: Any, k: int) -> np.ndarray:
    try:
        return template.layout.positions(name)
    except ValueError as error:
        raise ValueError(f"`tie[{k}]`: {error}") from error


def _tie_one(leaders: np.ndarray, signs: Floats, a: int, b: int, sign: float, what: str) -> None:
    """Let b, and everything that follows b, follow what a follows."""
    top, below, flipped = leaders[a], leaders[b], sign * signs[a] * signs[b]
    if top == below:
        if flipped != 1.0:
            raise ValueError(f"{what} contradicts the other ties: the parameter would be minus itself.")
        return
    moved = leaders == below
    leaders[moved] = top
    signs[moved] *= flipped
