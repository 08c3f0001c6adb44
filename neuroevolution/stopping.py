"""When evolution stops: rules, each alone, any of several, or all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from neurodynamics.validation import as_count, as_instance, as_number


@dataclass(frozen=True)
class Stop:
    """Stop as soon as one of the rules that are given is met; ``a | b``: any of two, ``a & b``: both at once.

    Parameters
    ----------
    generations, evaluations : int
    score : float
        The best score is at least this.
    stagnation : int
        Generations since the best score has last risen.
    seconds : float
        Of the whole run, resumed parts included.
    mse : float
        The best network's mean squared error is at most this, of a task that has one (`tasks.TrajectoryFitting`).
    learned : float
        The share of the data that the best network has learned is at least this, of such a task.

    Examples
    --------
    >>> from neuroevolution import Stop
    >>> rule = Stop(score=0.6, generations=500) | (Stop(stagnation=50) & Stop(evaluations=10_000))
    >>> rule.reason({"generations": 500, "score": 0.2, "stagnation": 3, "evaluations": 9000})
    'generations = 500 reached'
    """

    generations: int | None = None
    evaluations: int | None = None
    score: float | None = None
    stagnation: int | None = None
    seconds: float | None = None
    mse: float | None = None
    learned: float | None = None

    def __post_init__(self) -> None:
        given = {name for name in RULES if getattr(self, name) is not None}
        if not given:
            raise ValueError("`Stop` needs at least one rule, such as Stop(generations=100).")
        for name in given & {"generations", "evaluations", "stagnation"}:
            as_count(getattr(self, name), name, minimum=1)
        for name in given & {"score", "mse", "seconds", "learned"}:
            positive, least = name in ("seconds", "learned"), 0.0 if name == "mse" else None
            limit = as_number(getattr(self, name), name, positive=positive, minimum=least)
            if name == "learned" and limit > 1.0:
                raise ValueError(f"`learned` must be a share, at most 1; got {limit:g}.")

    @property
    def names(self) -> set[str]:
        """What the rules ask for."""
        return {name for name in RULES if getattr(self, name) is not None}

    def reason(self, progress: Mapping[str, Any]) -> str:
        """Return which rule is met, or an empty text."""
        for name in RULES:
            limit, value = getattr(self, name), progress.get(name)
            if limit is not None and value is not None and (value <= limit if name == "mse" else value >= limit):
                return f"{name} = {limit:g} reached"
        return ""

    def __or__(self, other: Stop | Combined) -> Combined:
        return Combined(self, other, False)

    def __and__(self, other: Stop | Combined) -> Combined:
        return Combined(self, other, True)


RULES = tuple(each.name for each in fields(Stop))


@dataclass(frozen=True)
class Combined:
    """Two rules, of which both must be met or one."""

    first: Stop | Combined
    second: Stop | Combined
    both: bool

    def __post_init__(self) -> None:
        as_instance(self.second, "stop", (Stop, Combined))

    @property
    def names(self) -> set[str]:
        """What the rules ask for."""
        return self.first.names | self.second.names

    def reason(self, progress: Mapping[str, Any]) -> str:
        """Return which rules are met, or an empty text."""
        found = self.first.reason(progress), self.second.reason(progress)
        if self.both:
            return " and ".join(found) if all(found) else ""
        return found[0] or found[1]

    __or__, __and__ = Stop.__or__, Stop.__and__
