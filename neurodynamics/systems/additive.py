"""Additive networks: the family that CTRNNs, graded Hopfield networks and graded BAMs are parametrisations of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.activations import ACTIVATIONS, Activation, activation as activation_of
from neurodynamics.files import Saved
from neurodynamics.schemes import max_stable_step
from neurodynamics.systems.additive_kernels import additive_functions
from neurodynamics.systems.parameters import ParameterLayout
from neurodynamics.systems.system import DynamicalSystem
from neurodynamics.validation import Floats, as_floats, as_vector

OUR_PACKAGES = ("neurodynamics", "ctrnn", "hopfield", "recurrent")


def name_in_files(cls: type) -> str:
    """Return what a class is called in files: one of this project by its package, so that its module may move."""
    package = cls.__module__.partition(".")[0]
    return f"{package if package in OUR_PACKAGES else cls.__module__}.{cls.__qualname__}"


class AdditiveNetwork(Saved, DynamicalSystem):
    """N neurons that add up weighted outputs of each other:

        ``tau_i dy_i/dt = -lambda_i y_i + sum_j W_ij phi(g_j (y_j + b_j)) + sum_k V_ik u_k + c_i``

    Parameters
    ----------
    weights : array_like, shape (N, N)
        ``weights[i, j]`` is the strength of the connection **from j to i**.
    biases : float or array_like, shape (N,)
        b, added to the state inside the activation.
    time_constants : float or array_like, shape (N,)
        tau > 0.
    gains : float or array_like, shape (N,)
        g.
    leaks : float or array_like, shape (N,)
        lambda.
    constant_inputs : float or array_like, shape (N,)
        c, a constant drive.
    noise : float or array_like, shape (N,)
        sigma >= 0: white noise ``sigma_i dB_i`` is added to ``dy_i``; the stochastic methods integrate it.
    input_weights : array_like, shape (N, M), optional
        V. Without it each neuron has an input of its own: M = N and V is the identity, which is not stored.
    activation : str or Activation
        phi: "logistic", "tanh", "relu", "softplus", "linear", "erf", "arctangent", "hard_sigmoid", or a record of your
        own (see :meth:`Activation.from_functions`).

    Examples
    --------
    >>> from neurodynamics import AdditiveNetwork, simulate
    >>> net = AdditiveNetwork([[0, 2], [-2, 0]], time_constants=[1, 2], activation="tanh")
    >>> net
    AdditiveNetwork(flow, 2 states, 2 inputs, 16 parameters, with jac, outputs)
    >>> simulate(net, 10, [1, 0]).success
    True
    """

    kind: str
    host: bool
    state_dim: int
    output_dim: int
    input_dim: int
    further_arguments: ClassVar[tuple[str, ...]] = ()  # what a subclass's constructor takes more, and keeps by that name

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        NETWORKS[name_in_files(cls)] = cls

    def __init__(
        self,
        weights: ArrayLike,
        biases: ArrayLike = 0.0,
        time_constants: ArrayLike = 1.0,
        *,
        gains: ArrayLike = 1.0,
        leaks: ArrayLike = 1.0,
        constant_inputs: ArrayLike = 0.0,
        noise: ArrayLike = 0.0,
        input_weights: ArrayLike | None = None,
        activation: str | Activation = "logistic",
    ) -> None:
        self.activation = activation_of(activation)
        vectors = (time_constants, leaks, biases, gains, constant_inputs, noise)
        given = dict(zip(VECTOR_NAMES, vectors, strict=True)) | {"weights": weights, "input_weights": input_weights}
        self._set_network(given)

    def _set_network(self, given: Mapping[str, ArrayLike | None]) -> None:
        # In place of super().__init__(), which compiles and tries out the functions of a user: those of additive networks
        # are there, one set for each activation, and evolution makes thousands of networks a second.
        arrays = _checked(given)
        n = arrays["weights"].shape[0]
        inputs = arrays["input_weights"].shape[1] if "input_weights" in arrays else n
        self.__dict__ |= {"kind": "flow", "host": False, "state_dim": n, "output_dim": n, "input_dim": inputs}
        self._functions = additive_functions(self.activation)
        self._set_events(None, None, None)
        self.__dict__["layout"] = ParameterLayout({name: array.shape for name, array in arrays.items()})
        vector = self.layout.pack(arrays)
        self.check_params(vector)
        self._set_params(vector)

    weights = property(lambda self: self._array("weights"), doc="W (N, N), from column to row; read-only.")
    biases = property(lambda self: self._array("biases"), doc="b (N,); read-only.")
    time_constants = property(lambda self: self._array("time_constants"), doc="tau (N,); read-only.")
    gains = property(lambda self: self._array("gains"), doc="g (N,); read-only.")
    leaks = property(lambda self: self._array("leaks"), doc="lambda (N,); read-only.")
    constant_inputs = property(lambda self: self._array("constant_inputs"), doc="c (N,); read-only.")

    noise = property(lambda self: self._array("noise"), doc="sigma (N,); read-only.")

    @property
    def input_weights(self) -> Floats:
        """V (N, M); the identity where none was given. Read-only."""
        if "input_weights" in self.layout.shapes:
            return self._array("input_weights")
        return np.eye(self.state_dim)

    def has(self, role: str) -> bool:
        """Whether the network has this optional function; it has a diffusion where its noise is not zero."""
        if not isinstance(role, str) or role != "diffusion":
            return super().has(role)
        if "noisy" not in self._derived:
            self._derived["noisy"] = bool(self.noise.any())
        return self._derived["noisy"]

    @property
    def leak_rates(self) -> tuple[float, float]:
        """Smallest and largest rate ``|lambda| / tau`` of a leaking neuron; (0, 0) where none leaks."""
        if "leak_rates" not in self._derived:
            rates = np.abs(self.leaks) / self.time_constants
            rates = rates[rates > 0]
            self._derived["leak_rates"] = (float(rates.min()), float(rates.max())) if rates.size else (0.0, 0.0)
        return self._derived["leak_rates"]

    def _array(self, name: str) -> Floats:
        return self.layout.view(self.params, name)

    def replace(self, **changes: Any) -> Self:
        """Return the network with some of its constructor's arguments replaced.

        Examples
        --------
        >>> from ctrnn import CTRNN
        >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
        >>> net.replace(biases=[-2, -1], time_constants=[1, 2]).time_constants
        array([1., 2.])
        """
        arguments = {name: self._array(name) for name in self.layout.shapes} | {"activation": self.activation}
        arguments |= {name: getattr(self, name) for name in self.further_arguments}
        unknown = set(changes) - {*arguments, "input_weights"}
        if unknown:
            raise TypeError(f"unknown argument {sorted(unknown)[0]!r}; `replace` takes {', '.join(arguments)}.")
        return type(self)(**(arguments | changes))._with_added(self._added)

    @classmethod
    def restore(cls, arrays: Mapping[str, Floats], activation: Activation, further: Mapping[str, Any]) -> Self:
        """Return the network of these named arrays, activation and further arguments: for files and other processes."""
        network = object.__new__(cls)
        network.activation = activation
        network.__dict__.update(further)
        network._set_network(arrays)
        return network

    def arrays(self) -> dict[str, Any]:
        """Return the named arrays from which :meth:`restore` makes the network again."""
        return {name: self._array(name) for name in self.layout.shapes}

    def __reduce__(self) -> Any:
        arrays = {name: array.copy() for name, array in self.arrays().items()}
        further = {name: getattr(self, name) for name in self.further_arguments}
        return _restored, (type(self), arrays, self.activation.name, _unnamed(self.activation), further, self._added)

    def structure(self, name: str) -> Any:
        """Return the network itself for "additive"; see :meth:`DynamicalSystem.structure`."""
        return super().structure(name) or self

    def max_stable_step(self, method: str = "euler", y: ArrayLike | None = None) -> float:
        """Return the largest stable dt; see :func:`neurodynamics.schemes.max_stable_step`."""
        return max_stable_step(self, method, y)

    def check_params(self, vector: Floats) -> None:
        """Raise ValueError where a parameter is NaN or infinite or a time constant is not positive."""
        self._require(np.isfinite(vector), vector, "finite")
        positive = self.layout.slice_of("time_constants")
        self._require(vector[..., positive] > 0, vector, "positive", positive.start)
        not_negative = self.layout.slice_of("noise")
        self._require(vector[..., not_negative] >= 0, vector, "zero or positive", not_negative.start)

    def _require(self, fine: Any, vector: Floats, need: str, start: int = 0) -> None:
        if not fine.all():
            *member, position = (int(i) for i in np.argwhere(~fine)[0])
            whose = f" of member {member[0]}" if member else ""
            value = vector[(*member, position + start)]
            raise ValueError(f"`{self.layout.name_of(position + start)}`{whose} must be {need}; got {value:g}.")


NETWORKS: dict[str, Any] = {name_in_files(AdditiveNetwork): AdditiveNetwork}
VECTOR_NAMES = ("time_constants", "leaks", "biases", "gains", "constant_inputs", "noise")


def _checked(given: Mapping[str, ArrayLike | None]) -> dict[str, Floats]:
    """Return the arrays of a network in the order in which they are packed."""
    matrix = as_floats(given["weights"], "weights")  # type: ignore[arg-type]
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(
            f"`weights` must be a square matrix, weights[i, j] from neuron j to neuron i; got shape {matrix.shape}."
        )
    n = matrix.shape[0]
    arrays = {name: as_vector(given[name], name, n, "N") for name in VECTOR_NAMES}  # type: ignore[arg-type]
    arrays["weights"] = matrix
    if given.get("input_weights") is not None:
        arrays["input_weights"] = _input_matrix(given["input_weights"], n)  # type: ignore[arg-type]
    return arrays


def _unnamed(activation: Activation) -> Activation | None:
    """Return an activation that its name does not stand for, such as a user's own."""
    return None if ACTIVATIONS.get(activation.name) is activation else activation


def _restored(
    cls: Any, arrays: Any, name: str, activation: Activation | None, further: Any, added: Any = None
) -> AdditiveNetwork:
    return cls.restore(arrays, activation or activation_of(name), further)._with_added(added)


def _input_matrix(input_weights: ArrayLike, n: int) -> Floats:
    matrix = as_floats(input_weights, "input_weights")
    if matrix.ndim == 1 and matrix.shape == (n,):
        matrix = matrix[:, np.newaxis]
    if matrix.ndim != 2 or matrix.shape[0] != n:
        raise ValueError(f"`input_weights` must have shape (N, M) with N = {n}; got {matrix.shape}.")
    return matrix
