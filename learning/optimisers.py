"""Gradient descent in some of its forms: each a rule from the gradient to the next step, with its memory as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from neurodynamics.validation import Floats, as_number, nearest

Memory = dict[str, Floats]


class Optimiser(Protocol):
    """A rule: the change of parameters from their gradient; ``memory`` is changed in place."""

    def begin(self, size: int) -> Memory:
        """Return the memory at the beginning."""

    def change(self, g: Floats, rate: float, memory: Memory) -> Floats:
        """Return what is added to the parameters."""


@dataclass(frozen=True)
class Descent:
    """Gradient descent with momentum: ``v <- mu v - rate g``; Nesterov's looks ahead along v.

    Examples
    --------
    >>> import numpy as np
    >>> from learning import Descent
    >>> rule = Descent()
    >>> rule.change(np.array([2.0]), 0.1, rule.begin(1)).tolist()
    [-0.2]
    """

    momentum: float = 0.0
    nesterov: bool = False

    def __post_init__(self) -> None:
        _fraction(self.momentum, "momentum")

    def begin(self, size: int) -> Memory:
        """Return the memory at the beginning."""
        return {"v": np.zeros(size)}

    def change(self, g: Floats, rate: float, memory: Memory) -> Floats:
        """Return what is added to the parameters."""
        v = memory["v"] = self.momentum * memory["v"] - rate * g
        return self.momentum * v - rate * g if self.nesterov else v


@dataclass(frozen=True)
class Adam:
    """Adam [1]_: steps of about the rate, by running means of the gradient and its square.

    References
    ----------
    .. [1] Kingma & Ba (2015), Adam: a method for stochastic optimization, ICLR.

    Examples
    --------
    >>> import numpy as np
    >>> from learning import Adam
    >>> rule = Adam()
    >>> rule.change(np.array([2.0, -1e-3]), 0.1, rule.begin(2)).round(5).tolist()    # whatever the gradient's length
    [-0.1, 0.1]
    """

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        _fraction(self.beta_1, "beta_1")
        _fraction(self.beta_2, "beta_2")
        as_number(self.epsilon, "epsilon", positive=True)  # what has no gradient is not to move

    def begin(self, size: int) -> Memory:
        """Return the memory at the beginning."""
        return {"m": np.zeros(size), "v": np.zeros(size), "steps": np.zeros(1)}

    def change(self, g: Floats, rate: float, memory: Memory) -> Floats:
        """Return what is added to the parameters."""
        memory["steps"] += 1
        count = memory["steps"][0]
        m = memory["m"] = self.beta_1 * memory["m"] + (1 - self.beta_1) * g
        v = memory["v"] = self.beta_2 * memory["v"] + (1 - self.beta_2) * g * g
        return -rate * (m / (1 - self.beta_1**count)) / (np.sqrt(v / (1 - self.beta_2**count)) + self.epsilon)


@dataclass(frozen=True)
class RMSProp:
    """Steps divided by the running root mean square of the gradient [1]_.

    References
    ----------
    .. [1] Tieleman & Hinton (2012), Lecture 6.5, COURSERA: Neural Networks for Machine Learning.

    Examples
    --------
    >>> import numpy as np
    >>> from learning import RMSProp
    >>> rule = RMSProp(rho=0.0)
    >>> rule.change(np.array([4.0]), 0.1, rule.begin(1)).round(6).tolist()
    [-0.1]
    """

    rho: float = 0.99
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        _fraction(self.rho, "rho")
        as_number(self.epsilon, "epsilon", positive=True)  # what has no gradient is not to move

    def begin(self, size: int) -> Memory:
        """Return the memory at the beginning."""
        return {"v": np.zeros(size)}

    def change(self, g: Floats, rate: float, memory: Memory) -> Floats:
        """Return what is added to the parameters."""
        v = memory["v"] = self.rho * memory["v"] + (1 - self.rho) * g * g
        return -rate * g / (np.sqrt(v) + self.epsilon)


@dataclass(frozen=True)
class Rprop:
    """Resilient propagation (iRprop- [1]_): only signs of the gradient count; for whole data, not for samples of it.

    A step grows by 1.2 while the sign stays and halves when it changes; the rate is the first step alone.

    References
    ----------
    .. [1] Igel & Huesken (2003), Empirical evaluation of the improved Rprop learning algorithms, Neurocomputing 50, 105.

    Examples
    --------
    >>> import numpy as np
    >>> from learning import Rprop
    >>> rule, g = Rprop(), np.array([5.0])
    >>> memory = rule.begin(1)
    >>> [rule.change(sign * g, 0.1, memory).round(3).tolist() for sign in (1, 1, -1)]
    [[-0.1], [-0.12], [-0.0]]
    """

    largest: float = 50.0
    smallest: float = 1e-9

    def __post_init__(self) -> None:
        as_number(self.smallest, "smallest", minimum=0.0)
        if self.smallest > as_number(self.largest, "largest", positive=True):
            raise ValueError(f"`smallest` must be at most `largest`, {self.largest:g}; got {self.smallest:g}.")

    def begin(self, size: int) -> Memory:
        """Return the memory at the beginning."""
        return {"length": np.zeros(size), "sign": np.zeros(size)}

    def change(self, g: Floats, rate: float, memory: Memory) -> Floats:
        """Return what is added to the parameters."""
        length = memory["length"] if memory["length"].any() else np.full(g.size, rate)
        sign = np.sign(g)
        product = sign * memory["sign"]  # 0 in the first step
        factor = np.where(product > 0, 1.2, np.where(product < 0, 0.5, 1.0))
        memory["length"] = np.clip(length * factor, self.smallest, self.largest)
        memory["sign"] = np.where(product < 0, 0.0, sign)
        return -memory["sign"] * memory["length"]


RULES: dict[str, type] = {"adam": Adam, "descent": Descent, "rmsprop": RMSProp, "rprop": Rprop}
WHOLE: tuple[str, ...] = ("lbfgs", "levenberg")  # that look at all data at once, from scipy.optimize


def as_optimiser(optimiser: object) -> Optimiser | str:
    """Return a rule, or the name of a method of SciPy."""
    if isinstance(optimiser, str):
        if optimiser in RULES:
            return RULES[optimiser]()
        if optimiser in WHOLE:
            return optimiser
        known = [*RULES, *WHOLE]
        raise ValueError(f"`optimiser` must be one of {', '.join(map(repr, known))}, or a rule such as Adam(beta_1=0.8); "
                         f"got {optimiser!r}.{nearest(optimiser, known)}")  # fmt: skip
    if isinstance(optimiser, type) or not (hasattr(optimiser, "begin") and hasattr(optimiser, "change")):
        raise TypeError("`optimiser` must be a name, or a rule with the methods `begin` and `change`; got "
                        f"{optimiser if isinstance(optimiser, type) else type(optimiser).__name__}.")  # fmt: skip
    return optimiser  # type: ignore[return-value]


def _fraction(value: float, name: str) -> None:
    if not 0.0 <= as_number(value, name, minimum=0.0) < 1.0:
        raise ValueError(f"`{name}` must be at least 0 and below 1; got {value:g}.")


__all__ = ["RULES", "WHOLE", "Adam", "Descent", "Memory", "Optimiser", "RMSProp", "Rprop", "as_optimiser"]
