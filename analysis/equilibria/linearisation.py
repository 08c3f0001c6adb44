"""What a linearised flow or map does near a point: eigenvalues, index, kind, time scales.

Eigenvalues are known to within the conditioning of the problem: an error E of the matrix, element by element, moves an
eigenvalue by up to ``|w| E |v| / |w . v|``, with v and w its right and left eigenvectors, whatever the units of the states;
rounding is that of the balanced matrix. What is smaller than that is called zero.

References
----------
.. [1] Golub & Van Loan (2013), Matrix Computations, 4th ed., section 7.2.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import matrix_balance

from analysis.common import constant_drive, image_of, jacobians_at, require_system
from neurodynamics import DynamicalSystem
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_choice, as_count, as_floats, as_number

EPS = float(np.finfo(float).eps)
DEFECTIVE = 0.05  # of 1/sqrt(E): where eigenvectors are so ill-conditioned, two of them have merged
CUBE_ROOT_EPS = EPS ** (1 / 3)
AGREED, FINER, FINEST = 1e-6, 0.125, 10  # of differences; how much shorter steps become where they differ, how often
ROUNDING = 4.0  # times N eps |J|: what an eigenvalue solver adds


class PointKind(StrEnum):
    """What a fixed point is, by its linearisation."""

    STABLE_NODE = "stable node"
    UNSTABLE_NODE = "unstable node"
    STABLE_FOCUS = "stable focus"
    UNSTABLE_FOCUS = "unstable focus"
    STABLE_STAR = "stable star"
    UNSTABLE_STAR = "unstable star"
    STABLE_DEGENERATE_NODE = "stable degenerate node"
    UNSTABLE_DEGENERATE_NODE = "unstable degenerate node"
    SADDLE = "saddle"
    SADDLE_FOCUS = "saddle-focus"
    CENTRE = "centre"
    NON_HYPERBOLIC = "non-hyperbolic"


@dataclass(frozen=True, eq=False, repr=False)
class Stability(Record):
    """The linearisation at a point.

    Attributes
    ----------
    eigenvalues : array of complex, shape (N,)
        The least stable first: by descending real part (flows) or modulus (maps).
    eigenvectors : array of complex, shape (N, N)
        Column k belongs to eigenvalue k; length 1.
    index : int
        How many of them are unstable beyond `threshold`.
    kind : PointKind
        "node": all eigenvalues real; "focus": some complex; "star": all equal, every direction alike; "degenerate node":
        equal ones that share an eigenvector; "saddle" and "saddle-focus": stable and unstable ones; "centre": all on
        the imaginary axis (maps: on the unit circle), and complex; "non-hyperbolic": some there, and not a centre.
    stable : bool
        Whether all are stable beyond `threshold`.
    threshold : array, shape (N,)
        How far each eigenvalue may be off: real parts (maps: moduli less 1) smaller than that are zero.
    time_scales : array, shape (N,)
        In which time, or number of iterations, each mode grows or shrinks by a factor e; inf where it does neither.
    periods : array, shape (N,)
        Of the rotation of complex modes; inf for real ones.
    """

    eigenvalues: NDArray[Any]
    eigenvectors: NDArray[Any]
    index: int
    kind: PointKind
    stable: bool
    threshold: Floats
    time_scales: Floats
    periods: Floats

    def __repr__(self) -> str:
        slowest = float(np.max(self.time_scales, initial=0.0))
        return f"Stability({self.kind}, index {self.index} of {self.eigenvalues.size}, slowest time {slowest:.4g})"


def linear_stability(jacobian: ArrayLike, *, kind: str = "flow", error: float = 0.0) -> Stability:
    """Return what a flow ``dz/dt = J z`` or a map ``z -> J z`` does.

    Parameters
    ----------
    jacobian : array_like, shape (N, N)
    kind : {"flow", "map"}
    error : float
        How uncertain the matrix is, as a norm, beyond rounding: 1e-9 for finite differences, say.

    Returns
    -------
    Stability

    Examples
    --------
    >>> from analysis import linear_stability
    >>> linear_stability([[-1, 2], [-2, -1]])
    Stability(stable focus, index 0 of 2, slowest time 1)
    >>> linear_stability([[0.5, 0], [0, 2]], kind="map").kind
    <PointKind.SADDLE: 'saddle'>
    """
    matrix = as_floats(jacobian, "jacobian")
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"`jacobian` must have shape (N, N); got {matrix.shape}.")
    kind = as_choice(kind, "kind", ["flow", "map"])
    spectra = Spectra.of(matrix[np.newaxis], kind, np.array([as_number(error, "error", minimum=0.0)]))
    return spectra[0]


def stability(
    system: DynamicalSystem, point: ArrayLike, *, inputs: Any = None, period: int = 1, error: float = 0.0
) -> Stability:
    """Return the linearisation of a flow or map at a point, or of ``period`` iterations of a map.

    Parameters
    ----------
    system : DynamicalSystem
    point : array_like, shape (N,)
        A fixed point; of a map, or a point of a cycle of that period.
    inputs : array_like, shape (M,), optional
        Constants.
    period : int
        Of a map.
    error : float
        How uncertain the Jacobian is, as a norm, beyond rounding.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import stability
    >>> stability(CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75]), [2.75, 1.75]).eigenvalues
    array([0.125+0.25j, 0.125-0.25j])
    """
    state = require_system(system).check_state(point, "point")
    period = as_count(period, "period", minimum=1)
    if period > 1 and system.kind == "flow":
        raise ValueError("`period` has a meaning for maps only; a flow has cycles instead.")
    drive = constant_drive(system, inputs)
    given = as_number(error, "error", minimum=0.0)
    with np.errstate(all="ignore"):
        matrix = jacobians_at(system, state[np.newaxis], drive, period)[0]
        differences = jacobian_errors(system, state[np.newaxis], drive, period, matrix[np.newaxis])
    if not np.isfinite(matrix).all() or not np.isfinite(differences).all():
        raise ValueError(f"`point` must be a state at which f has a finite Jacobian; at {state} it is\n{matrix}")
    return Spectra.of(matrix[np.newaxis], system.kind, differences + given / max(len(matrix), 1))[0]


@dataclass(frozen=True, eq=False)
class Spectra:
    """The linearisations at K points: eigenvalues (K, N), their errors (K, N), eigenvectors (K, N, N)."""

    jacobians: Floats
    eigenvalues: NDArray[Any]
    eigenvectors: NDArray[Any]
    threshold: Floats
    error: Floats
    map: bool

    @classmethod
    def of(cls, jacobians: Floats, kind: str, error: Floats) -> Spectra:
        """Decompose matrices (K, N, N) that are uncertain by `error`: norms (K,), or element by element (K, N, N)."""
        n = jacobians.shape[-1]
        if not n or not len(jacobians):
            empty = np.zeros(jacobians.shape[:2])
            return cls(jacobians, empty + 0j, jacobians + 0j, empty, error, kind == "map")
        values, vectors = np.linalg.eig(jacobians)
        order = np.lexsort((-values.imag, -(np.abs(values) if kind == "map" else values.real)), axis=-1)
        values = np.take_along_axis(values, order, 1).astype(np.complex128)
        vectors = np.take_along_axis(vectors, order[:, np.newaxis], 2).astype(np.complex128)
        scales = np.array([_balance(J) for J in jacobians])
        balanced = jacobians * scales[:, np.newaxis] / scales[:, :, np.newaxis]
        size = np.linalg.norm(balanced, axis=(1, 2))
        norm = np.broadcast_to(error, (len(jacobians),)) if error.ndim < 3 else np.zeros(len(jacobians))
        elements = error if error.ndim == 3 else np.zeros_like(jacobians)
        rounding = ROUNDING * n * EPS * size + 1e-300
        left, right = _left_rows(vectors / scales[:, :, np.newaxis])
        moved = np.einsum("kij,kjl,kli->ki", np.abs(left) / scales[:, np.newaxis], elements,
                          np.abs(right) * scales[:, :, np.newaxis])  # fmt: skip
        balanced_condition = np.linalg.norm(left, axis=2) * np.linalg.norm(right, axis=1)
        threshold = moved + rounding[:, np.newaxis] * np.maximum(balanced_condition, 1.0)
        threshold = threshold + norm[:, np.newaxis] * np.maximum(_conditions(vectors), 1.0)
        total = norm + rounding + np.linalg.norm(elements * scales[:, np.newaxis] / scales[:, :, np.newaxis], axis=(1, 2))
        cap = size * np.minimum(total / np.maximum(size, 1e-300), 1.0) ** (1.0 / n)
        return cls(jacobians, values, vectors, np.minimum(threshold, cap[:, np.newaxis] + total[:, np.newaxis]), total,
                   kind == "map")  # fmt: skip

    @property
    def growth(self) -> Floats:
        """Real parts, or for maps moduli less 1."""
        return np.abs(self.eigenvalues) - 1.0 if self.map else self.eigenvalues.real

    @property
    def index(self) -> NDArray[np.int64]:
        """How many are unstable, (K,)."""
        return (self.growth > self.threshold).sum(axis=1)

    @property
    def stable(self) -> NDArray[np.bool_]:
        """Whether all are stable, (K,)."""
        return np.asarray((self.growth < -self.threshold).all(axis=1))

    def kind(self, k: int) -> PointKind:
        """What point k is."""
        n = self.eigenvalues.shape[1]
        up, down = self.growth[k] > self.threshold[k], self.growth[k] < -self.threshold[k]
        turns = np.abs(self.eigenvalues[k].imag) > self.threshold[k]
        if not (up | down).all():
            whole = n > 0 and turns.all() and not (up | down).any()
            return PointKind.CENTRE if whole else PointKind.NON_HYPERBOLIC
        if up.any() and down.any():
            return PointKind.SADDLE_FOCUS if turns.any() else PointKind.SADDLE
        word = "unstable" if up.any() else "stable"
        return PointKind(f"{word} {'focus' if turns.any() else self._node(k)}")

    def _node(self, k: int) -> str:
        matrix, n = self.jacobians[k], self.eigenvalues.shape[1]
        if n < 2:
            return "node"
        alike = np.abs(matrix - np.eye(n) * np.trace(matrix) / n).max() <= self.error[k]
        size = max(float(np.linalg.norm(matrix)), 1e-300)
        merged = self.threshold[k].max() / self.error[k] >= DEFECTIVE / np.sqrt(self.error[k] / size)
        return "star" if alike else "degenerate node" if merged else "node"

    def __getitem__(self, k: int) -> Stability:
        values = self.eigenvalues[k]
        with np.errstate(divide="ignore"):
            rates = np.log(np.abs(values)) if self.map else values.real
            zero = np.abs(self.growth[k]) <= self.threshold[k]
            scales = np.where(zero, np.inf, 1.0 / np.abs(np.where(zero, 1.0, rates)))
            angles = np.abs(np.angle(values) if self.map else values.imag)
            turns = np.abs(values.imag) > self.threshold[k]
            periods = np.where(turns, 2 * np.pi / np.where(turns, angles, 1.0), np.inf)
        return Stability(values, self.eigenvectors[k], int(self.index[k]), self.kind(k), bool(self.stable[k]),
                         self.threshold[k], scales, periods)  # fmt: skip


def _balance(J: Floats) -> Floats:
    """Return units (N,) of the states in which rows and columns of a matrix are of like size."""
    if not np.isfinite(J).all():
        return np.ones(len(J))
    return np.asarray(matrix_balance(J, permute=False, separate=True)[1][0])


def _left_rows(vectors: NDArray[np.complex128]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return left eigenvectors as rows, and the right ones, so that each pair has the product 1; inf where there is none."""
    try:
        return np.linalg.inv(vectors), vectors
    except np.linalg.LinAlgError:
        left = np.full(vectors.shape, np.inf, dtype=np.complex128)
        for k, matrix in enumerate(vectors):
            if np.linalg.matrix_rank(matrix) == len(matrix):
                left[k] = np.linalg.pinv(matrix)
        return left, vectors


def _conditions(vectors: NDArray[np.complex128]) -> Floats:
    """Condition numbers (K, N) of simple eigenvalues, 1 / |w . v|: lengths of the rows of V^-1; inf where V is singular."""
    left, _ = _left_rows(vectors)
    return np.linalg.norm(left, axis=2)


def jacobian_errors(system: DynamicalSystem, states: Floats, drive: Floats, period: int, jacobians: Floats) -> Floats:
    """Return how far each element of Jacobians (K, N, N) by central differences may be off; 0 for analytic ones.

    Differences over steps twice as long are off four times as much by truncation; rounding comes on top of that.
    """
    if system.has("jac") or not jacobians.size:
        return np.zeros_like(jacobians)
    errors = np.full_like(jacobians, np.inf)
    step = 2.0 * CUBE_ROOT_EPS * np.maximum(np.abs(states), 1.0)
    for _ in range(FINEST):
        found = _off_coarser_differences(system, states, drive, period, jacobians, step)
        errors = np.where(found < errors, found, errors)
        if not np.any(errors > AGREED * np.abs(jacobians).max(axis=(1, 2), keepdims=True)):
            break
        step *= FINER
    return errors


def _off_coarser_differences(system: DynamicalSystem, states: Floats, drive: Floats, period: int, jacobians: Floats,
                             step: Floats) -> Floats:  # fmt: skip
    coarse = np.empty_like(jacobians)
    size = np.zeros_like(states)
    apart = system.angles.difference if system.kind == "map" else np.subtract
    for j in range(states.shape[1]):
        ends = []
        for side in (1.0, -1.0):
            moved = states.copy()
            moved[:, j] += side * step[:, j]
            ends.append(image_of(system, moved, drive, period))
        size = np.maximum(size, np.abs(ends[0]))
        coarse[:, :, j] = apart(ends[0], ends[1]) / (2.0 * step[:, np.newaxis, j])
    terms = size + np.einsum("kij,kj->ki", np.abs(jacobians), np.abs(states))
    rounding = 4.0 * EPS * terms[:, :, np.newaxis] / step[:, np.newaxis]
    return np.abs(coarse - jacobians) + rounding
