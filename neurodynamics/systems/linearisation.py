"""Linearisation of a system at a point: Jacobian products and derivatives by inputs and parameters, once for all systems.

Additive networks have closed forms. Kernels of ours are run once on numbers that record what is done with them
(:mod:`neurodynamics.systems.replay`): one sweep backwards gives ``J' w``, and the rows of derivatives by all parameters come
from one sweep for all results. Where a kernel takes dual numbers, one call gives one direction forwards. Neither forms an
N by N matrix. Functions of users are differentiated by central differences, and the record says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.compiling import CUBE_ROOT_EPS, each, is_model
from neurodynamics.lazily import cached_property
from neurodynamics.records import Record
from neurodynamics.systems.dual import EPS, call_dual, dual_address
from neurodynamics.systems.replay import Point, replay_of
from neurodynamics.validation import Floats, as_floats, as_items, as_number, called

if TYPE_CHECKING:
    from neurodynamics.systems.system import DynamicalSystem


@dataclass(frozen=True)
class Linearisation(Record):
    """``df = J dy + F_u du + F_p dp`` at one point; what :func:`linearise` returns.

    Attributes
    ----------
    system : DynamicalSystem
    t : float
    y, u : ndarray, shape (N,), (M,)
        The point.
    how : {"closed form", "dual numbers", "recorded operations", "differences"}
        How inputs and parameters are differentiated, and products are formed.
    exact : bool
        Whether all of it is exact to rounding. With ``how="differences"``, products with J are exact nevertheless where
        the system has a Jacobian of its own (``exact_jacobian``); the rest is good to about 1e-9.
    """

    system: DynamicalSystem
    t: float
    y: Floats
    u: Floats
    how: str

    @property
    def exact(self) -> bool:
        """Whether everything here is exact to rounding."""
        return self.how != "differences"

    @property
    def exact_jacobian(self) -> bool:
        """Whether products with J are exact to rounding."""
        return self.exact or self.system.has("jac")

    def jvp(self, v: ArrayLike) -> Floats:
        """Return ``J v`` for v (N,), or the columns ``J v[:, k]`` for v (N, k)."""
        tangent = _of_length(v, "v", self.system.state_dim)
        if self.how == "closed form":
            return _additive_jvp(self, tangent)
        if self.how == "dual numbers":
            return _columns(tangent, lambda column: self._dual(dy=column))
        if self.how == "recorded operations":
            return self._forwards("y", tangent)
        if self.system.has("jac"):
            return self.system.jac(self.t, self.y, self.u) @ tangent
        return _columns(tangent, lambda column: self._difference("y", column))

    def vjp(self, w: ArrayLike) -> Floats:
        """Return ``J' w`` for w (N,), or the columns of ``J' w`` for w (N, k)."""
        cotangent = _of_length(w, "w", self.system.state_dim)
        if self.how == "closed form":
            return _additive_vjp(self, cotangent)
        if not self.exact:
            return self.system.jac(self.t, self.y, self.u).T @ cotangent
        return self._backwards("y", cotangent)

    def vjp_params(self, w: ArrayLike) -> Floats:
        """Return ``F_p' w``, the gradient of ``w . f`` by all parameters, for w (N,), or its columns for w (N, k)."""
        cotangent = _of_length(w, "w", self.system.state_dim)
        if self.how in ("closed form", "differences"):
            return self.dfdparams().T @ cotangent
        return self._backwards("params", cotangent)

    def dfdinputs(self) -> Floats:
        """Return ``d f_i / d u_j``, shape (N, M)."""
        if self.how == "closed form":
            net: Any = self.system
            return net.input_weights / net.time_constants[:, np.newaxis]
        return self._matrix("u", np.arange(self.system.input_dim))

    def dfdparams(self, names: Sequence[str] | str | None = None) -> Floats:
        """Return ``d f_i / d p_j``, shape (N, K).

        Parameters
        ----------
        names : str or sequence of str, optional
            Entries or whole arrays, in this order (arrays as they are packed, column by column); by default all.
        """
        layout = self.system.layout
        if names is None:
            chosen = np.arange(layout.size)
        else:
            listed = [names] if isinstance(names, str) else as_items(names, "names")
            with called("params", "names"):
                parts = [np.ravel(layout.positions(name), order="F") for name in listed]
            chosen = np.concatenate(parts) if parts else np.zeros(0, dtype=int)
        if self.how == "closed form":
            return _additive_dfdparams(self, chosen)
        if self.exact and len(chosen) > self.system.state_dim:
            return self._backwards("params", np.eye(self.system.state_dim)).T[:, chosen]
        return self._matrix("params", chosen)

    def _matrix(self, role: str, positions: np.ndarray) -> Floats:
        """Return the derivatives by some inputs or parameters, each a direction."""
        size = self.system.input_dim if role == "u" else self.system.param_dim
        directions = np.zeros((size, len(positions)))
        directions[positions, np.arange(len(positions))] = 1.0
        if self.how == "recorded operations":
            return self._forwards(role, directions)
        key = "du" if role == "u" else "dp"
        product = (lambda d: self._dual(**{key: d})) if self.exact else (lambda d: self._difference(role, d))
        columns = [product(direction) for direction in directions.T]
        return np.stack(columns, axis=1) if columns else np.zeros((self.system.state_dim, 0))

    @cached_property
    def _point(self) -> Point:
        return replay_of(self.system).at(self.t, self.y, self.u, self.system.params)

    def _leaves(self, role: str) -> slice:
        """Return where states, inputs or parameters lie among the numbers of a point."""
        n, m, p = self.system.state_dim, self.system.input_dim, self.system.param_dim
        return {"y": slice(0, n), "u": slice(n, n + m), "params": slice(n + m, n + m + p)}[role]

    def _forwards(self, role: str, directions: Floats) -> Floats:
        rows = np.atleast_2d(directions.T)
        seeds = np.zeros((self._leaves("params").stop + 1, len(rows)))
        seeds[self._leaves(role)] = rows.T
        return self._point.along(seeds).reshape(self.system.state_dim, *directions.shape[1:])

    def _backwards(self, role: str, cotangents: Floats) -> Floats:
        found = self._point.back(np.atleast_2d(cotangents.T).T)[self._leaves(role)]
        return found.reshape(len(found), *cotangents.shape[1:])

    def _dual(self, dy: Any = 0.0, du: Any = 0.0, dp: Any = 0.0) -> Floats:
        """Return the derivative of f in one direction, by dual numbers."""
        system = self.system
        y, u, params = self.y + 1j * EPS * dy, self.u + 1j * EPS * du, system.params + 1j * EPS * dp
        out = np.zeros(system.state_dim, dtype=complex)
        call_dual(dual_address(system.function("rhs").source), self.t, y, u, params, out)
        return out.imag / EPS

    def _difference(self, role: str, direction: Floats) -> Floats:
        """Return the central difference of f in one direction."""
        point = {"y": self.y, "u": self.u, "params": np.asarray(self.system.params)}
        length = np.abs(direction).max(initial=0.0)
        if length == 0.0:
            return np.zeros(self.system.state_dim)
        step = CUBE_ROOT_EPS * max(np.abs(point[role][direction != 0]).max(), 1.0) / length
        ends = []
        for side in (1.0, -1.0):
            out = np.zeros(self.system.state_dim)
            arguments = {**point, role: point[role] + side * step * direction}
            f: Any = self.system.function("rhs")
            (f.source if self.system.host else f)(self.t, arguments["y"], arguments["u"], arguments["params"], out)
            ends.append(out)
        return (ends[0] - ends[1]) / (2 * step)


def linearise(system: DynamicalSystem, y: ArrayLike, u: ArrayLike | None = None, *, t: float = 0.0) -> Linearisation:
    """Return the linearisation of a system at a state, constant inputs and a time.

    Parameters
    ----------
    system : DynamicalSystem
        A flow or a map.
    y : array_like, shape (N,)
    u : array_like, shape (M,), optional
        Zero if not given.
    t : float

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from neurodynamics import linearise
    >>> at = linearise(CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75]), [2.75, 1.75])
    >>> at.jvp([1.0, 0.0]).tolist(), at.dfdparams("weights[0, 1]").ravel().tolist(), at.how
    ([0.125, -0.25], [0.5, 0.0], 'closed form')
    """
    if not hasattr(system, "check_state"):
        raise TypeError(f"`system` must be a network or a DynamicalSystem; got {type(system).__name__}.")
    state = system.check_state(y)
    inputs = np.zeros(system.input_dim) if u is None else as_floats(u, "u")
    if inputs.shape != (system.input_dim,):
        raise ValueError(f"`u` must have shape (input_dim,) = ({system.input_dim},); got {inputs.shape}.")
    how = "differences"
    if system.structure("additive") is not None:
        how = "closed form"
    elif getattr(system.function("rhs").source, "is_dual", False):
        how = "dual numbers"
    elif is_model(system.function("rhs").source):
        how = "recorded operations"
    return Linearisation(system, as_number(t, "t"), state, inputs, how)


def _of_length(value: ArrayLike, name: str, n: int) -> Floats:
    array = as_floats(value, name)
    if array.ndim not in (1, 2) or array.shape[0] != n:
        raise ValueError(f"`{name}` must have shape (N,) = ({n},) or (N, k); got {array.shape}.")
    return array


def _columns(matrix: Floats, product: Any) -> Floats:
    """Return the product with a vector, or with each column."""
    if matrix.ndim == 1:
        return product(matrix)
    columns = [product(column) for column in matrix.T]
    return np.stack(columns, axis=1) if columns else np.zeros(matrix.shape)


# Additive networks: tau f = -lambda y + W phi(g (y + b)) + V u + c ----------------------------------------------------


def _like(vector: Floats, matrix: Floats) -> Floats:
    return vector[:, np.newaxis] if matrix.ndim == 2 else vector


def _slopes(net: Any, y: Floats) -> Floats:
    """Return phi' of the neurons."""
    return each(net.activation.derivative, net.gains * (y + net.biases))


def _additive_jvp(at: Linearisation, v: Floats) -> Floats:
    net: Any = at.system
    slopes = _like(net.gains * _slopes(net, at.y), v)
    return (net.weights @ (slopes * v) - _like(net.leaks, v) * v) / _like(net.time_constants, v)


def _additive_vjp(at: Linearisation, w: Floats) -> Floats:
    net: Any = at.system
    scaled = w / _like(net.time_constants, w)
    return _like(net.gains * _slopes(net, at.y), w) * (net.weights.T @ scaled) - _like(net.leaks, w) * scaled


def _additive_dfdparams(at: Linearisation, chosen: Any) -> Floats:
    """Column by column: each parameter reaches one neuron, or all through one output."""
    net: Any = at.system
    n, layout, tau = net.state_dim, net.layout, net.time_constants
    slopes = _slopes(net, at.y)
    outputs, f = net.outputs(at.y), net.rhs(at.t, at.y, at.u)
    own = {"time_constants": -f / tau, "leaks": -at.y / tau, "constant_inputs": 1.0 / tau, "noise": np.zeros(n)}
    through = {"biases": net.gains * slopes, "gains": slopes * (at.y + net.biases)}
    starts = {name: layout.slice_of(name) for name in layout.shapes}
    out = np.zeros((n, len(chosen)))
    for k, position in enumerate(chosen):
        name = next(name for name, part in starts.items() if part.start <= position < part.stop)
        j, i = divmod(int(position) - starts[name].start, n)
        if name in own:
            out[i, k] = own[name][i]
        elif name in through:
            out[:, k] = net.weights[:, i] * through[name][i] / tau
        else:
            out[i, k] = (outputs[j] if name == "weights" else at.u[j]) / tau[i]
    return out
