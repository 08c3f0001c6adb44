"""Networks that are no additive ones: named arrays, options, and kernels that are kept on disk."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.activations import LINEAR, Activation
from neurodynamics.compiling import evaluate_rows
from neurodynamics.files import Saved
from neurodynamics.systems.additive import NETWORKS, name_in_files
from neurodynamics.systems.dual import jacobian_of
from neurodynamics.systems.system import DynamicalSystem
from neurodynamics.validation import Floats, as_floats, as_rows, as_vector, entry


class Limit(NamedTuple):
    """What a parameter must be: in words for errors, and as a test of each entry."""

    words: str
    holds: Callable[[Floats], np.ndarray]


POSITIVE = Limit("positive", lambda x: x > 0)
NOT_NEGATIVE = Limit("at least 0", lambda x: x >= 0)
FRACTION = Limit("above 0 and at most 1", lambda x: (x > 0) & (x <= 1))


class ConstructedNetwork(Saved, DynamicalSystem):
    """A system that a constructor makes from named arrays, which are its parameters, and from options."""

    options: ClassVar[tuple[str, ...]] = ()  # arguments that are no parameters, kept by their names
    limits: ClassVar[Mapping[str, Limit]] = {}  # of parameters that may not be any number
    further_arguments: ClassVar[tuple[str, ...]] = ()  # the same without the activation, for files
    activation: Activation = LINEAR

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.further_arguments = tuple(name for name in cls.options if name != "activation")
        NETWORKS[name_in_files(cls)] = cls

    def _build(
        self, functions: Mapping[str, Any], arrays: Mapping[str, Any], state_dim: int, input_dim: int | None = None, *,
        kind: str = "map", **more: Any,
    ) -> None:  # fmt: skip
        """Make the system; a Jacobian that is not given is that of dual numbers, inputs those that ``input_weights`` has."""
        given = dict(functions)
        rhs = given.pop("rhs")
        given.setdefault("jac", jacobian_of(rhs))
        inputs = np.shape(arrays["input_weights"])[1] if input_dim is None else input_dim
        super().__init__(rhs, state_dim, dict(arrays), inputs, kind=kind, **given, **more)
        self.check_params(self.params)

    def __getattr__(self, name: str) -> Floats:
        """Return a named array of the parameters, read-only."""
        layout = self.__dict__.get("layout")
        if layout is None or name not in layout.shapes:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return layout.view(self.params, name)

    def check_params(self, vector: Floats) -> None:
        """Raise ValueError where a parameter is NaN, infinite or outside of its limits."""
        super().check_params(vector)
        for name, limit in self.limits.items():
            values = self.layout.view(vector, name)
            outside = np.argwhere(~limit.holds(values))
            if len(outside):
                index = tuple(map(int, outside[0]))
                own = index[len(index) - len(self.layout.shapes[name]) :]  # without the member of an ensemble
                raise ValueError(f"`{entry(name, own)}` must be {limit.words}; got {values[index]:g}.")

    def energy(self, states: ArrayLike, inputs: ArrayLike | None = None) -> Any:
        """Return the energy, a number for a state (N,) and shape (K,) for rows (K, N), under constant inputs (M,)."""
        if not self.has("energy"):
            raise ValueError(f"this {type(self).__name__} has no energy; `has('energy')` tells.")
        rows = as_rows(np.atleast_2d(as_floats(states, "states")), "states", self.state_dim)
        u = as_vector(0.0 if inputs is None else inputs, "inputs", self.input_dim, "M")
        out = np.empty((len(rows), 1))
        evaluate_rows(self.address("energy"), np.zeros(len(rows)), rows, np.tile(u, (len(rows), 1)), self.params, out)
        return float(out[0, 0]) if np.ndim(states) == 1 else out[:, 0]

    def arrays(self) -> dict[str, Floats]:
        """Return the parameters by name, as the constructor takes them."""
        return {name: np.array(self.layout.view(self.params, name)) for name in self.layout.shapes}

    def replace(self, **changes: Any) -> Self:
        """Return the network with some of its constructor's arguments replaced."""
        taken = inspect.signature(type(self)).parameters
        unknown = sorted(set(changes) - set(taken))
        if unknown:
            raise TypeError(f"unknown argument {unknown[0]!r}; `replace` takes {', '.join(taken)}.")
        arguments = self.arrays() | {name: getattr(self, name) for name in self.options}
        return type(self)(**(arguments | changes))._with_added(self._added)

    @classmethod
    def restore(cls, arrays: Mapping[str, Floats], activation: Activation, further: Mapping[str, Any]) -> Self:
        """Return the network of these named arrays, activation and further options: for files."""
        chosen = {"activation": activation} if "activation" in cls.options else {}
        arguments: dict[str, Any] = {**arrays, **further, **chosen}
        return cls(**arguments)

    def __reduce__(self) -> Any:
        arguments = self.arrays() | {name: getattr(self, name) for name in self.options}
        return _made, (type(self), arguments, self._added)


def _made(cls: type[ConstructedNetwork], arguments: dict[str, Any], added: Any) -> ConstructedNetwork:
    return cls(**arguments)._with_added(added)
