"""What the minima of a memory are: stored patterns, their reverses, mixtures, or spurious states."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.validation import Floats, as_floats

ENOUGH = 0.9  # overlap from which a state counts as a pattern or as a mixture
MIXED = (3, 5)  # how many patterns; an even number leaves units undecided


class MinimumKind(StrEnum):
    """What a minimum is."""

    PATTERN = "pattern"
    REVERSED = "reversed"
    MIXTURE = "mixture"
    SPURIOUS = "spurious"
    UNKNOWN = "minimum"


@dataclass(frozen=True)
class Label:
    """A kind, and a name such as "pattern 2", "reversed 0" or "mixture 0+1-3"."""

    kind: MinimumKind
    name: str


def patterns_of(system: Any, patterns: ArrayLike | None) -> Floats | None:
    """Return patterns (p, N) of -1 and +1: those given, or those that the network carries."""
    given = getattr(system, "patterns", None) if patterns is None else patterns
    if given is None:
        return None
    rows = np.atleast_2d(as_floats(given, "patterns"))
    if rows.ndim != 2 or rows.shape[1] != system.state_dim:
        raise ValueError(f"`patterns` must have shape (p, N) with N = {system.state_dim}; got {np.shape(given)}.")
    if not (np.abs(rows) == 1).all():
        worst = rows.ravel()[int(np.argmax(np.abs(np.abs(rows) - 1)))]
        raise ValueError(f"`patterns` must hold -1 and +1 only; got {worst:g}.")
    return rows


def spins_of(system: Any, outputs: Floats) -> Floats:
    """Return -1 or +1 (K, N): on which side of the middle of its range each output is."""
    ends = np.array(system.activation.range) if system.structure("additive") is not None else np.array([-np.inf, np.inf])
    middle = ends.mean() if np.isfinite(ends).all() else 0.0
    return np.where(outputs >= middle, 1.0, -1.0)


def labels_of(spins: Floats, patterns: Floats) -> list[Label]:
    """Return what each state of spins (K, N) is."""
    overlaps = spins @ patterns.T / patterns.shape[1]
    return [_label(s, m, patterns) for s, m in zip(spins, overlaps, strict=True)]


def _label(spins: Floats, overlaps: Floats, patterns: Floats) -> Label:
    order = np.argsort(-np.abs(overlaps), kind="stable")
    best = int(order[0])
    if abs(overlaps[best]) >= ENOUGH:
        kind = MinimumKind.PATTERN if overlaps[best] > 0 else MinimumKind.REVERSED
        return Label(kind, f"{kind} {best}")
    for count in MIXED:
        chosen = np.sort(order[:count])
        signs = np.where(overlaps[chosen] >= 0, 1, -1)
        if len(chosen) == count and np.sign(signs @ patterns[chosen]) @ spins >= ENOUGH * spins.size:
            parts = "".join(f"{'+' if sign > 0 else '-'}{k}" for k, sign in zip(chosen, signs, strict=True))
            return Label(MinimumKind.MIXTURE, f"mixture {parts.removeprefix('+')}")
    return Label(MinimumKind.SPURIOUS, "spurious")
