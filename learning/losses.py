"""What is to become small: losses of outputs at given times, with their gradients.

A loss is asked once for a trajectory: ``value, gradient = loss(shown, targets)``, where ``shown`` (L, K) are the outputs at
the L times of the targets, and ``gradient`` has their shape. Any function of this form is one. A loss with a method
``of_system`` looks at the system, not at a trajectory: :class:`FixedPoints`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from learning.fixed_point_losses import FixedPoints
from neurodynamics.validation import Floats, as_count, as_floats, as_items, as_number, as_real, as_whole

__all__ = ["ConnectionistTemporal", "CrossEntropy", "Cycle", "FixedPoints", "MeanSquare"]


NORMALISED = 1e-6  # distance from 1 of the sum of probabilities


class Loss(Protocol):
    """What :func:`learning.gradient` takes as a loss."""

    def __call__(self, shown: Floats, targets: Any) -> tuple[float, Floats]:
        """Return the value, and its derivatives by what is shown, (L, K)."""


@dataclass(frozen=True)
class MeanSquare:
    """The mean square error ``1 / (L K) sum (o - target)**2``; entries of the targets that are NaN do not count.

    Examples
    --------
    >>> import numpy as np
    >>> from learning.losses import MeanSquare
    >>> MeanSquare()(np.array([[1.0], [2.0]]), [[0.0], [2.0]])[0]
    0.5
    """

    def __call__(self, shown: Floats, targets: Any) -> tuple[float, Floats]:
        """Return the value and the gradient."""
        error = shown - as_targets(targets, shown.shape)
        counted = np.isfinite(error)
        error, count = np.where(counted, error, 0.0), _some(int(counted.sum()))
        return float((error * error).sum() / count), 2.0 * error / count

    def residuals(self, shown: Floats, targets: Any) -> tuple[Floats, Floats]:
        """Return r with ``loss = r.r``, and ``dr / d shown`` of each entry, for least squares."""
        error = shown - as_targets(targets, shown.shape)
        counted = np.isfinite(error)
        scale = 1.0 / np.sqrt(_some(int(counted.sum())))
        return np.where(counted, scale * error, 0.0), np.where(counted, scale, 0.0)


@dataclass(frozen=True)
class Cycle:
    """Have this period: what is shown at the last time is what was shown at the first; between, near targets.

    The first and the last of the trial's ``times`` are a period apart. A cycle that goes through a state starts there at
    time 0; one that comes near it starts there before the first of the times. Targets (L, K), NaN where nothing is wanted,
    keep it from resting, and from a period that fits twice.

    Parameters
    ----------
    weight : float
        Of the mean square of what is left open, beside the mean square error of targets.

    Examples
    --------
    >>> import numpy as np
    >>> from learning import Trial, losses
    >>> Trial([[0.0], [1.0], [np.nan]], times=[0.0, 5.0, 10.0], loss=losses.Cycle()).t_span    # period 10
    10.0
    >>> losses.Cycle()(np.array([[0.0], [1.0], [0.5]]), [[0.0], [1.0], [np.nan]])[0]
    0.25
    """

    weight: float = 1.0

    def __post_init__(self) -> None:
        as_number(self.weight, "weight", positive=True)

    def __call__(self, shown: Floats, targets: Any) -> tuple[float, Floats]:
        """Return the value and the gradient."""
        if len(shown) < 2:
            raise ValueError(f"`times` of a cycle must be two or more, the last a period after the first; got {len(shown)}.")
        alone = targets is None or np.isnan(as_targets(targets, shown.shape)).all()
        value, gradient = (0.0, np.zeros(shown.shape)) if alone else MeanSquare()(shown, targets)
        gap = shown[-1] - shown[0]
        slope = 2.0 * self.weight * gap / gap.size
        gradient[0] -= slope
        gradient[-1] += slope
        return value + self.weight * float((gap * gap).mean()), gradient


@dataclass(frozen=True)
class CrossEntropy:
    """The mean cross-entropy of classes, from outputs that are logits: ``-1/L sum ln softmax(o)[class]``.

    Targets are classes (L,), -1 where none is asked for, or probabilities (L, K), 0 where none are. One output is the logit
    of class 1 of two.

    Examples
    --------
    >>> import numpy as np
    >>> from learning.losses import CrossEntropy
    >>> round(CrossEntropy()(np.zeros((1, 3)), [2])[0], 7)    # ln 3
    1.0986123
    """

    def __call__(self, shown: Floats, targets: Any) -> tuple[float, Floats]:
        """Return the value and the gradient."""
        logits = np.concatenate([np.zeros_like(shown), shown], axis=1) if shown.shape[1] == 1 else shown
        wanted = _as_probabilities(targets, logits.shape)
        logs = log_softmax(logits)
        count = _some(int((wanted.sum(axis=1) > 0).sum()))
        weight = wanted.sum(axis=1, keepdims=True)
        gradient = (weight * np.exp(logs) - wanted) / count
        return float(-(wanted * logs).sum() / count), gradient[:, -shown.shape[1] :]


@dataclass(frozen=True)
class ConnectionistTemporal:
    """Connectionist temporal classification: a string of labels without the times at which they are to appear [1]_.

    Outputs are logits of the labels and the blank. A path of one symbol each time spells a string when repeated symbols
    are taken once and blanks left out; the loss is ``-ln`` of the probability of all paths that spell the target, summed by
    the forward-backward recursion in logarithms. Its gradient is ``softmax - posterior``.

    Parameters
    ----------
    blank : int
        Which output is the blank; -1 is the last.

    References
    ----------
    .. [1] Graves, Fernandez, Gomez & Schmidhuber (2006), Connectionist temporal classification, ICML, 369.

    Examples
    --------
    >>> import numpy as np
    >>> from learning.losses import ConnectionistTemporal
    >>> value, gradient = ConnectionistTemporal()(np.zeros((3, 3)), [0, 1])    # 5 of 27 paths spell "ab"
    >>> round(value, 7), round(float(np.log(27 / 5)), 7)
    (1.686399, 1.686399)
    """

    blank: int = -1

    def __post_init__(self) -> None:
        as_whole(self.blank, "blank")

    def __call__(self, shown: Floats, targets: Any) -> tuple[float, Floats]:
        """Return the value and the gradient."""
        if not -shown.shape[1] <= self.blank < shown.shape[1]:
            raise ValueError(f"`blank` must be one of the {shown.shape[1]} outputs; got {self.blank}.")
        blank = self.blank % shown.shape[1]
        labels = [as_count(each, f"targets[{k}]") for k, each in enumerate(as_items(targets, "targets"))]
        for k, label in enumerate(labels):
            if label >= shown.shape[1] or label == blank:
                raise ValueError(f"`targets[{k}]` must be a label, 0 to {shown.shape[1] - 1} and not the blank {blank}; "
                                 f"got {label}.")  # fmt: skip
        needed = len(labels) + sum(a == b for a, b in zip(labels, labels[1:], strict=False))
        if needed > len(shown):
            raise ValueError(f"`targets` of {len(labels)} labels need {needed} times or more, with a blank between equal "
                             f"labels; got {len(shown)}.")  # fmt: skip
        logs = log_softmax(shown)
        spelled = [blank, *(each for label in labels for each in (label, blank))]
        ahead, behind = _paths(logs, spelled), _paths(logs[::-1], spelled[::-1])[::-1, ::-1]
        both = ahead + behind - logs[:, spelled]
        total = np.logaddexp.reduce(ahead[-1, -2:]) if len(spelled) > 1 else ahead[-1, -1]
        posterior = np.zeros(shown.shape)
        for place, symbol in enumerate(spelled):
            posterior[:, symbol] += np.exp(both[:, place] - total)
        return float(-total), np.exp(logs) - posterior


def _paths(logs: Floats, spelled: list[int]) -> Floats:
    """Return the logarithms of the probabilities of all beginnings of paths that are at each place of the string."""
    places = np.array(spelled)
    skips = np.zeros(len(spelled), dtype=bool)
    skips[2:] = places[2:] != places[:-2]  # over a blank between different labels; between blanks nothing is skipped
    out = np.full((len(logs), len(spelled)), -np.inf)
    out[0, :2] = logs[0, places[:2]]
    for t in range(1, len(logs)):
        stay, step, skip = out[t - 1], np.full(len(spelled), -np.inf), np.full(len(spelled), -np.inf)
        step[1:], skip[2:] = out[t - 1, :-1], np.where(skips[2:], out[t - 1, :-2], -np.inf)
        out[t] = np.logaddexp(np.logaddexp(stay, step), skip) + logs[t, places]
    return out


def log_softmax(logits: Floats) -> Floats:
    """Return ``o - ln sum exp o`` of each row."""
    return logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)


def _some(count: int) -> int:
    if not count:
        raise ValueError("`targets` must hold at least one that is wanted: a loss of nothing is no goal.")
    return count


def as_targets(targets: ArrayLike, shape: tuple[int, ...]) -> Floats:
    """Return targets (L, K), NaN where nothing is wanted; those (L,) of one output are taken as (L, 1)."""
    if np.ma.isMaskedArray(targets):
        raise TypeError("`targets` must not be masked; put NaN where nothing is wanted.")
    array = as_real(targets, "targets")
    array = array[:, np.newaxis] if array.ndim == 1 and shape[1] == 1 else array
    if array.shape != shape:
        raise ValueError(f"`targets` must have shape (L, K) = {shape}, a row for each time; got {np.shape(targets)}.")
    if np.isinf(array).any():
        raise ValueError("`targets` must be finite, or NaN where nothing is wanted.")
    return array


def _as_probabilities(targets: Any, shape: tuple[int, int]) -> Floats:
    array = as_floats(targets, "targets")
    if array.shape == shape:
        sums = array.sum(axis=1)
        bad = np.flatnonzero((array < 0).any(axis=1) | (np.abs(sums - 1.0) > NORMALISED) & (sums != 0.0))
        if bad.size:
            raise ValueError(f"`targets[{bad[0]}]` must be probabilities, not negative and of sum 1, or 0 where none are "
                             f"asked for; got {array[bad[0]].tolist()!s:.80}.")  # fmt: skip
        return array
    if array.shape != shape[:1]:
        raise ValueError(f"`targets` must be classes, shape ({shape[0]},), or probabilities, shape {shape}; "
                         f"got {array.shape}.")  # fmt: skip
    classes = array.astype(int)
    bad = np.flatnonzero((classes != array) | (classes < -1) | (classes >= shape[1]))
    if bad.size:
        raise ValueError(f"`targets[{bad[0]}]` must be a class from 0 to {shape[1] - 1}, or -1 for none; "
                         f"got {array[bad[0]]:g}.")  # fmt: skip
    return (classes[:, np.newaxis] == np.arange(shape[1])).astype(float)
