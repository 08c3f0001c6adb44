"""What the graded networks share: additive networks whose couplings are written out only when somebody needs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.checks import ALPHABETS, as_patterns, as_states, to_spins, warn
from hopfield.couplings import Coupling, Dense, LowRank, as_coupling, coupling_arrays, restored_coupling
from hopfield.energy import GradedEnergy
from hopfield.graded import descent, flow
from hopfield.graded.compiled_energy import graded_functions
from hopfield.graded.ranges import middle_and_half
from hopfield.recall import Recall
from hopfield.states import guarded
from neurodynamics import Activation, AdditiveNetwork, DynamicalSystem
from neurodynamics.activations import activation as activation_of
from neurodynamics.compiling import SystemFunction
from neurodynamics.systems import VECTOR_NAMES, ParameterLayout, with_prefix
from neurodynamics.validation import Floats, as_choice, as_floats, as_number, as_rows, as_vector, require_positive
from neurodynamics.watched import as_timeout

CERTIFIED_STEPS = 2000  # so many proved steps are made before a probe that still moves goes on by ..
STIFF = "LSODA"  # .. a method for stiff flows, in networks of ..
STIFF_BELOW = 2000  # .. so many units at most: it decomposes Jacobians
HOPFIELDS_NAMES = {"time_constants": "capacitances", "constant_inputs": "currents", "gains": "gain"}
ADDITIVE_NAMES = {"weights": "weights", "capacitances": "time_constants", "currents": "constant_inputs", "gain": "gains"}


class GradedNetwork(AdditiveNetwork):
    """Graded units with couplings W, an energy where W is symmetric, and a recall; see the two kinds.

    As a system of the contract it is an additive network, and its parameters have the names of one: the capacitances
    are ``time_constants``, the currents ``constant_inputs``, the inverse resistances ``leaks``. The N x N of them are
    packed at the first use; ``energy`` and ``recall`` work on ``couplings``, whatever their form.
    """

    further_arguments: ClassVar[tuple[str, ...]] = ("patterns",)
    patterns: NDArray[np.int8] | None = None
    layers: tuple[int, int] | None = None
    _vector: Floats | None = None
    _parts: Mapping[str, Floats] = {}

    def _set_graded(
        self,
        coupling: Coupling,
        vectors: Mapping[str, ArrayLike],
        input_weights: ArrayLike | None,
        patterns: ArrayLike | None,
    ) -> None:
        """Take the couplings as they are; the rest as the additive network names it."""
        if coupling.shape[0] != coupling.shape[1]:
            raise ValueError(f"`weights` must be a square matrix; got shape {coupling.shape}.")
        n = coupling.size
        parts = {name: as_vector(vectors[name], HOPFIELDS_NAMES.get(name, name), n, "N") for name in VECTOR_NAMES}
        require_positive(parts["time_constants"], "capacitances")
        if (parts["noise"] < 0).any():
            raise ValueError(f"`noise` must be zero or positive; got {parts['noise'].min():g}.")
        shapes = {name: (n,) for name in VECTOR_NAMES} | {"weights": (n, n)}
        if input_weights is not None:
            array = as_floats(input_weights, "input_weights")
            if array.ndim not in (1, 2) or len(array) != n or array.size == 0:
                raise ValueError(f"`input_weights` must have shape (N, M) with N = {n}; got {array.shape}.")
            parts["input_weights"] = array.reshape(n, -1)
            shapes["input_weights"] = parts["input_weights"].shape
        for array in parts.values():
            array.flags.writeable = False
        self.patterns = None if patterns is None else guarded(as_patterns(patterns))
        if self.patterns is not None and self.patterns.shape[1] != n:
            raise ValueError(f"`patterns` must have shape (p, {n}); got {self.patterns.shape}.")
        self.kind, self.host = "flow", False
        self.state_dim = self.output_dim = n
        self.input_dim = n if input_weights is None else parts["input_weights"].shape[1]
        self._functions = graded_functions(self.activation)
        self._set_events(None, None, None)
        self.layout = ParameterLayout(shapes)
        self._parts, self._derived = parts, {"couplings": coupling}

    # Parameters ------------------------------------------------------------------------------------------------------

    @property
    def params(self) -> Floats:  # type: ignore[override]
        """The parameter vector of the contract, packed at the first use."""
        if self._vector is None:
            if self.state_dim > flow.WRITTEN_OUT:
                raise ValueError(
                    f"the couplings of {self.state_dim} units are not written out: that takes "
                    f"{8e-9 * self.state_dim**2:.3g} GB. Use `recall` and `energy`, or simulate `as_system()`; they "
                    "multiply without it."
                )
            vector = self.layout.pack({**self._parts, "weights": self.couplings.dense()})
            vector.flags.writeable = False
            self._vector = vector
        return self._vector

    def _keep_vector(self, vector: Floats) -> None:
        self._vector = vector

    def _array(self, name: str) -> Floats:
        if self._vector is None and name in self._parts:
            return self._parts[name]
        return super()._array(name)

    capacitances = property(lambda self: self.time_constants, doc="C (N,); read-only.")
    currents = property(lambda self: self.constant_inputs, doc="I (N,); read-only.")
    gain = property(lambda self: self.gains, doc="The factor inside the activation (N,); read-only.")
    resistances = property(lambda self: 1 / self.leaks, doc="R (N,), one over the leaks.")

    @property
    def couplings(self) -> Coupling:
        """W in the form in which it was given; as a matrix once a parameter was changed by name."""
        if "couplings" not in self._derived:
            self._derived["couplings"] = self._coupling_of(self.weights)
        return self._derived["couplings"]

    def _coupling_of(self, weights: Floats) -> Coupling:
        return Dense(weights)

    def replace(self, **changes: Any) -> Self:
        """Return the network with some of its constructor's arguments replaced, those of the states' coupling included.

        Examples
        --------
        >>> from hopfield import GradedHopfield
        >>> net = GradedHopfield([[0, 1], [1, 0]], gain=1.4)
        >>> net.replace(gain=[1, 2], currents=0.5).gain
        array([1., 2.])
        """
        known = {*ADDITIVE_NAMES, "resistances", "biases", "noise", "input_weights", "activation", "patterns"}
        unknown = set(changes) - known
        if unknown:
            raise TypeError(f"unknown argument {sorted(unknown)[0]!r}; `replace` takes {', '.join(sorted(known))}.")
        vectors: dict[str, ArrayLike] = {name: self._array(name) for name in VECTOR_NAMES}
        vectors |= {ADDITIVE_NAMES.get(name, name): value for name, value in changes.items() if name != "resistances"}
        if "resistances" in changes:
            vectors["leaks"] = leaks_of(changes["resistances"], self.state_dim)
        inputs = self._array("input_weights") if "input_weights" in self.layout.shapes else None
        other = object.__new__(type(self))
        other.activation = activation_of(changes.get("activation", self.activation))
        other.layers = self.layers
        coupling = self.couplings if "weights" not in changes else self._as_coupling(changes["weights"])
        inputs, patterns = changes.get("input_weights", inputs), changes.get("patterns", self.patterns)
        other._set_graded(coupling, vectors, inputs, patterns)
        return other._with_added(self._added)

    def _as_coupling(self, weights: Any) -> Coupling:
        return as_coupling(weights, "weights")

    def arrays(self) -> dict[str, Any]:
        """Return the named arrays from which :meth:`restore` makes the network again: couplings as they are held."""
        vectors = {name: self._array(name) for name in self.layout.shapes if name != "weights"}
        held = coupling_arrays(self.couplings, self.patterns)
        return vectors | {f"couplings.{name}": array for name, array in held.items()}

    @classmethod
    def restore(cls, arrays: Mapping[str, Any], activation: Activation, further: Mapping[str, Any]) -> Self:
        """Return the network of these named arrays, activation and further arguments: for files and other processes."""
        patterns = further["patterns"]
        patterns = None if patterns is None else as_patterns(patterns)
        coupling = restored_coupling(with_prefix(arrays, "couplings."), patterns)
        network = object.__new__(cls)
        network.activation = activation
        network.layers = None if further.get("layers") is None else tuple(further["layers"])
        network._set_graded(coupling, arrays, arrays.get("input_weights"), patterns)
        return network

    # Energy ----------------------------------------------------------------------------------------------------------

    @property
    def landscape(self) -> GradedEnergy:
        """The energy with its gradient, Hessian and index; raises where W is not symmetric."""
        if "landscape" not in self._derived:
            self._derived["landscape"] = GradedEnergy(
                self.couplings,
                self.activation,
                gains=self.gains,
                leaks=self.leaks,
                biases=self.biases,
                inputs=self.constant_inputs,
            )
        return self._derived["landscape"]

    def has(self, role: str) -> bool:
        """Whether the network has this optional function; an energy where W is symmetric, gains and leaks positive."""
        if role != "energy" or "energy" not in self._functions:
            return super().has(role)
        if "has energy" not in self._derived:
            signs = bool((self.gains > 0).all() and (self.leaks > 0).all())
            self._derived["has energy"] = signs and self.couplings.symmetric
        return self._derived["has energy"]

    def function(self, role: str) -> SystemFunction:
        """Return a compiled function of the system."""
        if role == "energy" and not self.has(role):
            _ = self.landscape  # which says what is missing
        return super().function(role)

    def energy(self, states: ArrayLike) -> Any:
        """Return E of states u: a number for (N,), and shape (K,) for rows (K, N); see :class:`GradedEnergy`."""
        rows = as_floats(states, "states")
        n = self.state_dim
        if rows.ndim not in (1, 2) or rows.shape[-1] != n:
            raise ValueError(f"`states` must have shape (N,) = ({n},) or (K, {n}); got {rows.shape}.")
        return self.landscape.value(rows)

    def certified_step(self) -> float:
        """Return the largest dt for which Euler's method is proved never to raise E, with all units at once."""
        return self.landscape.certified_step(self.time_constants)

    # States ----------------------------------------------------------------------------------------------------------

    def overlaps(self, states: ArrayLike) -> Floats:
        """Return ``m = xi.s / N`` with each pattern, shape (K, p); s is the output, brought to the range -1 to 1."""
        if self.patterns is None:
            raise ValueError("this network knows no patterns; build it with from_patterns or pass `patterns`.")
        rows = np.atleast_2d(as_rows(states, "states", self.state_dim))
        middle, half = middle_and_half(self.activation)
        s = (self.activation(self.gains * (rows + self.biases)) - middle) / half
        return LowRank(self.patterns).project(s) / self.state_dim

    def as_system(self) -> DynamicalSystem:
        """Return the same flow as a system that multiplies by ``couplings`` and never writes them out.

        It runs on Python functions, which costs little where N is large, and has no parameters by name.
        """
        w, tau, leaks, c = self.couplings, self.time_constants, self.leaks, self.constant_inputs
        gains, biases, phi = self.gains, self.biases, self.activation

        def rhs(t: float, y: Floats, u: Floats, params: Floats, out: Floats) -> None:
            out[:] = (w.product(phi(gains * (y + biases))) + c - leaks * y) / tau

        def outputs(y: Floats, params: Floats, out: Floats) -> None:
            out[:] = phi(gains * (y + biases))

        def energy(y: Floats, u: Floats, params: Floats) -> float:
            return self.landscape.value(y)

        optional: dict[str, Any] = {"energy": energy} if self.has("energy") else {}
        return DynamicalSystem(rhs, self.state_dim, outputs=outputs, output_dim=self.state_dim, host=True, **optional)

    # Recall ----------------------------------------------------------------------------------------------------------

    def _recall(
        self, rows: Floats, method: str | None, tolerance: float, max_time: float, record: bool, timeout: float | None,
        on_interrupt: str, first: int = 0,
    ) -> Recall:  # fmt: skip
        tolerance = as_number(tolerance, "tolerance", positive=True)
        max_time = as_number(max_time, "max_time", positive=True)
        as_choice(on_interrupt, "on_interrupt", ("raise", "return"))
        if self._array("noise").any():
            warn("`recall` follows the flow without its `noise`; `simulate` with a stochastic method has it.")
        seconds = as_timeout(timeout)
        if method is not None:
            as_choice(method, "method", ("certified", *flow.METHODS))

        def relax(run: descent.Progress) -> None:
            self._relax(run, method, tolerance, max_time, record, first)

        return descent.followed(
            self, rows, relax, lambda ends: descent.stabilities(self, ends), tolerance, seconds, on_interrupt
        )

    def _relax(
        self, run: descent.Progress, method: str | None, tolerance: float, max_time: float, record: bool, first: int
    ) -> None:
        """Go on by the method; None: by certified steps where there are, and then by one for stiff networks."""
        chosen = method or ("certified" if run.symmetric and np.isfinite(self.activation.max_slope) else "dop853")
        if record and chosen != "certified":
            raise ValueError("`record` needs method='certified'; `simulate` keeps the trajectory of other methods.")
        if chosen != "certified":
            flow.relax(self, chosen, run, tolerance, max_time)
            return
        free = method is None and not record and self.state_dim <= STIFF_BELOW
        most = CERTIFIED_STEPS if free else np.inf
        scheme = self._scheme(first)
        descent.descend(self.landscape, self.time_constants, scheme, run, tolerance, max_time, record, most)
        if free and run.steps.max(initial=0) >= CERTIFIED_STEPS and not run.at_rest.all():
            flow.relax(self, STIFF, run, tolerance, max_time)

    def _scheme(self, first: int) -> descent.Scheme:
        return descent.all_at_once(self.certified_step(), self.time_constants)

    def _rows(self, probes: ArrayLike, values: str | None) -> Floats:
        return as_starts(probes, "probes", self.state_dim, values)


def as_starts(value: ArrayLike, name: str, n: int, values: str | None) -> Floats:
    """Return states u as rows: as given, or +-1 for patterns of the given alphabet."""
    if values is not None:
        states = as_states(value, name, as_choice(values, "values", ALPHABETS), n)
        return to_spins(states, values).astype(float)
    rows = np.atleast_2d(as_floats(value, name))
    if rows.ndim != 2 or rows.shape[1] != n:
        raise ValueError(f"`{name}` must have shape (N,) = ({n},) or (K, {n}); got {np.shape(value)}.")
    return rows


def leaks_of(resistances: ArrayLike, n: int) -> Floats:
    """One over the resistances."""
    return 1 / require_positive(as_vector(resistances, "resistances", n, "N"), "resistances")
