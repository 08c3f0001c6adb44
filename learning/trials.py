"""What a network is shown and what is wanted of it: a trial."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from learning.fixed_point_losses import Asked
from neurodynamics.inputs import Inputs
from neurodynamics.records import Record
from neurodynamics.validation import (
    as_floats,
    as_instance,
    as_items,
)


@dataclass(frozen=True)
class Trial(Record):
    """One run of a system: how it starts, what drives it, and what its outputs are to be at some times.

    Parameters
    ----------
    targets : object
        What the loss compares outputs with: an array (L, K), classes (L,), a string of labels; None for losses without.
    t_span : (float, float) or float
        As for :func:`neurodynamics.simulate`; for a map, numbers of iterations. By default to the last of the times.
    times : array_like, shape (L,), optional
        Times of the targets. By default those after each step of ``dt``, or after each iteration; 0 is the start.
    y0 : array_like, shape (N,), optional
        State at the start; zero by default.
    inputs : optional
        As for :func:`neurodynamics.simulate`.
    loss : callable, optional
        Of this trial, where it is not that of the others.

    Examples
    --------
    >>> from learning import Trial
    >>> Trial(targets=[[0.5]], times=[10.0]).t_span
    10.0
    """

    targets: Any = None
    t_span: Any = None
    times: ArrayLike | None = None
    y0: ArrayLike | None = None
    inputs: Any = None
    loss: Callable | None = None

    def __post_init__(self) -> None:
        times = None if self.times is None else as_floats(self.times, "times")
        if times is not None and (times.ndim != 1 or not times.size or (np.diff(times) <= 0).any()):
            raise ValueError("`times` must be a rising sequence of at least one time.")
        span = self.t_span
        if span is None:
            span = float(times[-1]) if times is not None else _rows_of(self.targets)
            if not span and times is None:
                raise ValueError("`t_span` must be given where there are neither `times` nor rows of `targets` to count.")
        span_of(span)
        if self.y0 is not None:
            as_floats(self.y0, "y0")
        if self.loss is not None:
            as_loss(self.loss)
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "t_span", span)


def _rows_of(targets: Any) -> int:
    """Return how many rows targets have, 0 where they have none."""
    try:
        return len(targets) if np.ndim(targets) else 0
    except (TypeError, ValueError):  # of lengths that differ, or of a kind that has no length
        return 0


def as_trials(data: Any, name: str = "data") -> list[Trial]:
    """Return a trial, or several, as a list."""
    trials = [data] if isinstance(data, Trial) else as_items(data, name)
    if not trials:
        raise ValueError(f"`{name}` must hold at least one Trial.")
    return [as_instance(each, f"{name}[{k}]", Trial) for k, each in enumerate(trials)]


def as_loss(loss: Any) -> Callable:
    """Return a loss; raise TypeError where it is none."""
    return as_function(loss, "loss", "(shown, targets) -> (value, gradient), or an object as MeanSquare()", 2)


def as_function(value: Any, name: str, form: str, count: int) -> Callable:
    """Return a user's function of so many arguments; raise TypeError where it is none."""
    if callable(value) and not isinstance(value, type):
        try:
            inspect.signature(value).bind(*range(count))
        except TypeError:
            form += ", to be called with so many arguments"
        except ValueError:  # some that are not of Python do not tell
            return value
        else:
            return value
    raise TypeError(f"`{name}` must be {form}; got {getattr(value, '__qualname__', type(value).__name__)}.")


def of_system(trial: Trial, system: Any, loss: Any, *, each: bool = False) -> Asked | None:
    """Return what a loss says that looks at a system, and None where it looks at trajectories."""
    loss = as_loss(trial.loss or loss)
    if not hasattr(loss, "of_system"):
        return None
    inputs, u = Inputs(trial.inputs, system.input_dim), np.zeros(system.input_dim)
    if not inputs.constant:
        raise ValueError("`inputs` must be constants where a loss looks at the system, not at a trajectory.")
    inputs.evaluate(0.0, 0.0, u)
    asked: Asked = loss.of_system(system, trial.targets, u, each=each)
    return asked


def span_of(t_span: Any) -> tuple[float, float]:
    """Return where a trial starts and ends."""
    pair = as_floats(t_span, "t_span")
    start, end = (0.0, float(pair)) if pair.ndim == 0 else pair if pair.shape == (2,) else (np.nan, np.nan)
    if not end > start:
        raise ValueError(f"`t_span` must be (start, end) with start < end, or the end alone; got {t_span!r}.")
    return float(start), float(end)
