"""What the networks of this package have in common: named arrays, options, and kernels that are kept on disk."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics import Activation, DynamicalSystem
from neurodynamics.activations import LINEAR
from neurodynamics.files import Saved
from neurodynamics.systems import NETWORKS, dual_kernel, jacobian_of, name_in_files
from neurodynamics.validation import Floats, as_count, as_floats, as_items, as_vector, entry


class Limit(NamedTuple):
    """What a parameter must be: in words for errors, and as a test of each entry."""

    words: str
    holds: Callable[[Floats], np.ndarray]


POSITIVE = Limit("positive", lambda x: x > 0)
NOT_NEGATIVE = Limit("at least 0", lambda x: x >= 0)
FRACTION = Limit("above 0 and at most 1", lambda x: (x > 0) & (x <= 1))


class RecurrentNetwork(Saved, DynamicalSystem):
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


def _made(cls: type[RecurrentNetwork], arguments: dict[str, Any], added: Any) -> RecurrentNetwork:
    return cls(**arguments)._with_added(added)


def as_matrix(value: ArrayLike, name: str, shape: tuple[int | None, int | None], of: str) -> Floats:
    """Return a matrix of the given shape, None where any length will do; ``of`` says the shape in words."""
    matrix = as_floats(value, name)
    if matrix.ndim != 2 or any(want not in (None, is_) for want, is_ in zip(shape, matrix.shape, strict=True)):
        known = ", ".join("any" if want is None else str(want) for want in shape)
        raise ValueError(f"`{name}` must have shape {of} = ({known}); got {matrix.shape}.")
    return matrix


def as_square(value: ArrayLike, name: str) -> Floats:
    """Return a square matrix."""
    matrix = as_floats(value, name)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"`{name}` must be a square matrix, {name}[i, j] from unit j to unit i; got shape {matrix.shape}.")
    return matrix


def as_shaped(value: ArrayLike, name: str, shape: tuple[int, ...]) -> Floats:
    """Return an array of this shape."""
    array = as_floats(value, name)
    if array.shape != shape:
        raise ValueError(f"`{name}` must have shape {shape}; got {array.shape}.")
    return array


def as_symbols(values: Any, count: int, name: str = "symbols") -> list[int]:
    """Return a string of symbols, whole numbers from 0 to count - 1."""
    given = as_items(list(values) if isinstance(values, Iterator) else values, name)
    numbers = [as_count(each, f"{name}[{k}]") for k, each in enumerate(given)]
    for k, number in enumerate(numbers):
        if number >= count:
            raise ValueError(f"`{name}[{k}]` must be 0 to {count - 1}; got {number}.")
    return numbers


def input_matrix(value: ArrayLike | None, n: int, name: str = "input_weights") -> Floats:
    """Return the weights of the inputs (N, M); (N, 0) where there are no inputs."""
    return np.zeros((n, 0)) if value is None else as_matrix(value, name, (n, None), "(N, M)")


def output_arrays(output_weights: ArrayLike | None, output_biases: ArrayLike, n: int) -> dict[str, Floats]:
    """Return the weights (K, N) and biases (K,) of an output layer; nothing where there is none."""
    if output_weights is not None:
        V = as_matrix(output_weights, "output_weights", (None, n), "(K, N)")
        return {"output_weights": V, "output_biases": as_vector(output_biases, "output_biases", len(V), "K")}
    if as_floats(output_biases, "output_biases").any():
        raise ValueError("`output_biases` must be 0 where there are no `output_weights`: they are those of an output layer.")
    return {}


def gate_arrays(
    gates: tuple[str, ...], weights: ArrayLike, input_weights: ArrayLike | None, biases: ArrayLike
) -> tuple[dict[str, Floats], int]:
    """Return biases (G N), weights (G N, N) and input weights (G N, M) of all gates, and N."""
    W, g = as_floats(weights, "weights"), len(gates)
    n = W.shape[1] if W.ndim == 2 else max(W.shape[0] // g, 1) if W.ndim else 1
    U = np.zeros((g * n, 0)) if input_weights is None else as_floats(input_weights, "input_weights")
    b = as_floats(biases, "biases")
    b = np.full(g * n, float(b)) if b.ndim == 0 else b
    rows = [("weights", "N, N", W, W.shape == (g * n, n) and n > 0), ("biases", "N,", b, b.shape == (g * n,)),
            ("input_weights", "N, M", U, U.ndim == 2 and len(U) == g * n)]  # fmt: skip
    bad = [row for row in rows if not row[3]]
    if bad:
        name, shape, array, _ = bad[0]
        numbers = {"N, N": f"({g * n}, {n})", "N,": f"({g * n},)", "N, M": f"({g * n}, M)"}
        table = [f"    {of:17}{numbers[axes]:16}{each.shape}{'' if fits else '  <-'}" for of, axes, each, fits in rows]
        raise ValueError("\n".join([
            f"`{name}` must have shape ({g} {shape}): {g} blocks of N rows for the gates {', '.join(gates)}; "
            f"got {array.shape}.", f"    {f'with N = {n}:':17}{'expected':16}got", *table,
        ]))  # fmt: skip
    return {"biases": b, "weights": W, "input_weights": U}, n


@dual_kernel
def first_states(index, t, y, n, u, m, params, p, out, k):
    """Outputs: the first of the states."""
    for i in range(k):
        out[i] = y[i]


__all__ = [
    "FRACTION", "NOT_NEGATIVE", "POSITIVE", "Limit", "RecurrentNetwork", "as_floats", "as_matrix", "as_shaped", "as_square",
    "as_symbols", "as_vector", "first_states", "gate_arrays", "input_matrix", "output_arrays",
]  # fmt: skip
