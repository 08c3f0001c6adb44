"""Learning rules by name. Each is registered once, where it is defined, with what it is."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from hopfield.couplings import Coupling
from neurodynamics.watched import LIGHT, result_of

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Rule:
    """A learning rule and its properties.

    Attributes
    ----------
    function : callable
        From patterns (p, N), or from two sets of patterns, to couplings.
    local, incremental, symmetric : bool
        Whether ``W[i, j]`` changes by what units i and j know, whether a new pattern is added without the old ones, and
        whether ``W[i, j] == W[j, i]``, so that there is an energy.
    pairs : bool
        Whether it takes two sets of patterns, for a BAM.
    stores : str
        What it stores.
    """

    function: Callable[..., Coupling]
    local: bool
    incremental: bool
    symmetric: bool
    pairs: bool = False
    stores: str = ""

    @property
    def memories(self) -> tuple[str, ...]:
        """The names of the networks whose ``from_patterns`` or ``from_pairs`` takes it."""
        return ("DiscreteBAM", "GradedBAM") if self.pairs else ("DiscreteHopfield", "GradedHopfield", "SequenceMemory")

    @property
    def summary(self) -> str:
        """The properties as a sentence, as it stands in the docstring of the rule."""
        local = "Local" if self.local else "Not local"
        rest = [("" if has else "not ") + name for name, has in
                (("incremental", self.incremental), ("symmetric", self.symmetric))]  # fmt: skip
        return f"{local}, {', '.join(rest)}"


RULES: dict[str, Rule] = {}
SMALL = 10_000  # entries of patterns that are learned before anybody gets impatient


def learning_rule(
    *, stores: str, local: bool = False, incremental: bool = False, symmetric: bool = False, pairs: bool = False
) -> Callable[[F], F]:
    """Register a function from patterns to couplings under its name; Ctrl-C ends it at once.

    Parameters
    ----------
    stores : str
        What it stores, in a few words: the last column of the table of rules.
    local, incremental, symmetric, pairs : bool
        As in :class:`Rule`. An incremental rule may take earlier couplings as ``start``.
    """

    def register(function: F) -> F:
        @functools.wraps(function)
        def rule(*args: Any, **options: Any) -> Any:
            work = LIGHT if any(map(_is_large, args)) or any(map(_is_large, options.values())) else 0.0
            return result_of(lambda: function(*args, **options), work)

        RULES[function.__name__] = Rule(rule, local, incremental, symmetric, pairs, stores)
        return rule  # type: ignore[return-value]

    return register


def _is_large(argument: Any) -> bool:
    return argument.size > SMALL if isinstance(argument, np.ndarray) else isinstance(argument, list) and len(argument) > 100


def table() -> str:
    """Return all rules as the table that the documentation shows."""
    words = {True: "yes", False: "no"}
    rows: list[tuple[str, ...]] = [("rule", "local", "incremental", "symmetric", "what it stores")]
    rows += [(name, *(words[has] for has in (r.local, r.incremental, r.symmetric)), r.stores) for name, r in RULES.items()]
    widths = [max(len(row[k]) for row in rows) for k in range(5)]
    edge = "  ".join("=" * width for width in widths)
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([edge, lines[0], edge, *lines[1:], edge])
