"""Energy over a plane through the space of states, and along a straight line."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import constant_drive, deadline_in, require_system
from analysis.landscape.additive import Additive, additive_model, each
from analysis.landscape.general import general_model
from analysis.landscape.path import EnergyPath
from analysis.landscape.stationary import Model
from neurodynamics import DynamicalSystem, Status
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_choice, as_count, as_floats, as_number, as_rows, dimensions, require_room
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

ELEMENTS = 2e5  # of the states that are evaluated together: some milliseconds
REACH = 1.5  # of patterns: how far a picture along them goes where nothing else says


@dataclass(frozen=True, eq=False, repr=False)
class EnergySurface(Record):
    """Energy on a grid of a plane ``origin + a axes[0] + b axes[1]``.

    Attributes
    ----------
    a, b : array, shapes (A,), (B,)
        Coordinates of the grid.
    energy : array, shape (B, A)
        NaN where the plane leaves the range of the outputs, and where a call that was stopped had not been.
    origin : array, shape (N,)
    axes : array, shape (2, N)
        Of length 1 and at right angles, but along two patterns: then these.
    labels : tuple of str
        Names of the coordinates.
    variables : {"states", "outputs"}
        What the plane is a plane of.
    status : Status
        SUCCESS where the grid is complete.
    """

    a: Floats
    b: Floats
    energy: Floats
    origin: Floats
    axes: Floats
    labels: tuple[str, str]
    variables: str
    _model: Model
    status: Status = Status.SUCCESS

    @property
    def system(self) -> DynamicalSystem:
        """The system whose energy it is."""
        return self._model.system

    def project(self, states: ArrayLike) -> Floats:
        """Return the coordinates (K, 2) of the points of the plane that are nearest to states (K, N)."""
        rows = self._variables(states) - self.origin
        return np.linalg.lstsq(self.axes.T, rows.T, rcond=None)[0].T

    def distance(self, states: ArrayLike) -> Floats:
        """Return how far (K,) states (K, N) are from the plane."""
        rows = self._variables(states) - self.origin
        return np.linalg.norm(rows - self.project(states) @ self.axes, axis=1)

    def energies(self, states: ArrayLike) -> Floats:
        """Return the energy (K,) of states (K, N)."""
        return self._model.full_energy(self._rows(states))

    def _rows(self, states: ArrayLike) -> Floats:
        return np.atleast_2d(as_rows(states, "states", self.system.state_dim))

    def _variables(self, states: ArrayLike) -> Floats:
        rows = self._rows(states)
        return rows if self.variables == "states" else self._model.full_outputs(rows)

    plot = drawn("plot_energy_surface", "Draw filled contours, or a surface in space")

    def __repr__(self) -> str:
        return f"EnergySurface({len(self.a)} x {len(self.b)}, over {self.labels[0]} and {self.labels[1]})"


def energy_surface(
    system: DynamicalSystem,
    *,
    through: ArrayLike | None = None,
    along: ArrayLike | None = None,
    plane: Any = None,
    states: ArrayLike | None = None,
    inputs: Any = None,
    variables: str = "states",
    box: ArrayLike | None = None,
    margin: float = 0.25,
    resolution: int = 101,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> EnergySurface:
    """Return the energy on a plane.

    Parameters
    ----------
    system : DynamicalSystem
        A network with symmetric couplings, or a flow with an ``energy``.
    through : array_like, shape (3, N), optional
        Three states that the plane goes through, such as minima.
    along : array_like, shape (2, N), optional
        Two patterns: the coordinates are how much of each there is, from the origin.
    plane : "principal" or (int, int), optional
        The principal components of `states`, or two of the states with the others as in the first row of `states`
        (0 without). One of `through`, `along` and `plane` is needed; a system of two states needs none.
    states : array_like, shape (K, N), optional
        States that are to be seen: minima and saddles, the points of trajectories. They set the extent of the picture.
    inputs : array_like, shape (M,), optional
        Constants.
    variables : {"states", "outputs"}
        Whether it is a plane of states u or of outputs V of a network; `through` and `states` are states all the same.
    box : array_like, shape (2, 2), optional
        Rows (least, largest) of the two coordinates.
    margin : float
        How far the picture goes beyond the states, relative to their extent.
    resolution : int
        Points in each direction.
    timeout : float, optional
        Seconds; what is not computed until then is NaN.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted` with the surface so far, NaN elsewhere, as ``.result``, or returns it.

    Returns
    -------
    EnergySurface

    Examples
    --------
    >>> from analysis import energy_landscape, energy_surface
    >>> from hopfield import GradedHopfield
    >>> net = GradedHopfield([[0, 1], [1, 0]], gain=1.4)
    >>> surface = energy_surface(net, states=energy_landscape(net).x, resolution=51)
    >>> surface
    EnergySurface(51 x 51, over state of neuron 0 and state of neuron 1)
    >>> round(float(surface.energy[25, 25]), 12)
    0.0
    """
    model = _model_of(system, inputs)
    n = system.state_dim
    seconds = as_timeout(timeout)
    as_choice(variables, "variables", ("states", "outputs"))
    if variables == "outputs":
        _require_inverse(model)
    seen = None if states is None else _rows(states, "states", n)
    corners = None if through is None else _rows(through, "through", n, 3)
    ways = None if along is None else _rows(along, "along", n, 2)
    shown = [_in_variables(model, part, variables) for part in (seen, corners) if part is not None]
    if plane is None and corners is None and ways is None and n == 2:
        plane = (0, 1)
    if sum(given is not None for given in (plane, corners, ways)) != 1:
        raise ValueError("exactly one of `through`, `along` and `plane` must be given: a plane is one thing.")
    if corners is not None:
        origin, axes, labels = _through(shown[-1])
    elif ways is not None:
        origin, axes, labels = np.zeros(n), ways, ("part of the first pattern", "part of the second pattern")
    else:
        origin, axes, labels = _plane(plane, shown, n, "output" if variables == "outputs" else "state")
    window = _window(box, origin, axes, shown, as_number(margin, "margin", minimum=0.0))
    deadline = deadline_in(seconds)
    count = as_count(resolution, "resolution", minimum=2)
    require_room(count**2, "resolution")
    a, b = (np.linspace(low, high, count) for low, high in window)
    out = np.full((count, count), np.nan)

    def so_far(status: Status) -> EnergySurface:
        return EnergySurface(a, b, out.copy(), origin, axes, labels, variables, model, status)

    surface: EnergySurface = long_call(
        lambda: so_far(_fill(out, so_far(Status.SUCCESS), deadline)), so_far, timeout=seconds,
        on_interrupt=as_on_interrupt(on_interrupt),
    )  # fmt: skip
    return surface


def energy_along(
    system: DynamicalSystem,
    start: ArrayLike,
    end: ArrayLike,
    *,
    inputs: Any = None,
    variables: str = "states",
    points: int = 201,
    names: tuple[str, str] = ("start", "end"),
) -> EnergyPath:
    """Return the energy along the straight line between two states.

    Its highest point is above the lowest pass between them, or at it; see :meth:`EnergyLandscape.path`.

    Parameters
    ----------
    system : DynamicalSystem
        A network with symmetric couplings, or a flow with an ``energy``.
    start, end : array_like, shape (N,)
    inputs : array_like, shape (M,), optional
        Constants.
    variables : {"states", "outputs"}
        Whether the line is straight in states u or in the outputs V of a network.
    points : int
        How many points of the line, at equal distances.
    names : tuple of str
        What the ends are called in pictures.

    Returns
    -------
    EnergyPath

    Examples
    --------
    >>> from analysis import energy_along
    >>> from hopfield import GradedHopfield
    >>> net = GradedHopfield([[0, 1], [1, 0]], gain=1.4)
    >>> energy_along(net, [-1, -1], [1, 1]).top
    0.0
    """
    model = _model_of(system, inputs)
    as_choice(variables, "variables", ("states", "outputs"))
    if variables == "outputs":
        _require_inverse(model)
    ends = np.stack([system.check_state(start, "start"), system.check_state(end, "end")])
    count = as_count(points, "points", minimum=2)
    corners = _in_variables(model, ends, variables)
    line = corners[0] + np.linspace(0.0, 1.0, count)[:, np.newaxis] * (corners[1] - corners[0])
    states = line if variables == "states" else _states_of(model, line)
    states[[0, -1]] = ends
    shown = model.full_outputs(states)
    s = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(shown, axis=0), axis=1))])
    none = np.array([-1, -1])
    return EnergyPath(states, s, model.full_energy(states), np.array([0, count - 1]), none, tuple(names), system)


# Planes ---------------------------------------------------------------------------------------------------------------


def _through(corners: Floats) -> tuple[Floats, Floats, tuple[str, str]]:
    first, second = corners[1] - corners[0], corners[2] - corners[0]
    length = np.linalg.norm(first)
    e1 = first / max(length, 1e-300)
    rest = second - (second @ e1) * e1
    if length == 0 or np.linalg.norm(rest) <= 1e-9 * np.linalg.norm(second):
        raise ValueError("`through` must be three states that are not on one line.")
    return corners[0], np.stack([e1, rest / np.linalg.norm(rest)]), ("towards the second state", "towards the third state")


def _plane(plane: Any, shown: list[Floats], n: int, noun: str) -> tuple[Floats, Floats, tuple[str, str]]:
    if isinstance(plane, str) and plane == "principal":
        if not shown or len(shown[0]) < 3:
            raise ValueError("`plane='principal'` needs `states`, at least three, whose principal components to take.")
        origin = shown[0].mean(axis=0)
        _, sizes, axes = np.linalg.svd(shown[0] - origin, full_matrices=False)
        axes = axes[:2] * np.sign(axes[:2][[0, 1], np.abs(axes[:2]).argmax(axis=1)])[:, np.newaxis]
        share = 100 * sizes[:2] ** 2 / (sizes**2).sum()
        return origin, axes, (f"principal component 0 ({share[0]:.0f} %)", f"principal component 1 ({share[1]:.0f} %)")
    pair = tuple(plane) if dimensions(plane) == 1 and not isinstance(plane, str) else ()
    if len(pair) != 2 or pair[0] == pair[1] or not all(isinstance(k, (int, np.integer)) and 0 <= k < n for k in pair):
        raise ValueError(f"`plane` must be 'principal' or two different numbers of states from 0 to {n - 1}; got {plane!r}.")
    origin = shown[0][0].copy() if shown else np.zeros(n)
    origin[list(pair)] = 0.0
    return origin, np.eye(n)[list(pair)], (f"{noun} of neuron {pair[0]}", f"{noun} of neuron {pair[1]}")


def _window(box: Any, origin: Floats, axes: Floats, shown: list[Floats], margin: float) -> Floats:
    """Return rows (least, largest) of the two coordinates."""
    if box is not None:
        window = as_floats(box, "box")
        if window.shape != (2, 2) or not (window[:, 0] < window[:, 1]).all():
            raise ValueError(f"`box` must be 2 rows (least, largest), one a coordinate; got {window.tolist()}.")
        return window
    if not shown:
        return np.array([[-REACH, REACH]] * 2)
    flat = np.linalg.lstsq(axes.T, (np.concatenate(shown) - origin).T, rcond=None)[0]
    low, high = flat.min(axis=1), flat.max(axis=1)
    reach = np.maximum(high - low, 1e-3 * max(float((high - low).max()), 1.0))
    return np.column_stack([low - margin * reach, high + margin * reach])


# Energies -------------------------------------------------------------------------------------------------------------


def _model_of(system: Any, inputs: Any) -> Model:
    drive = constant_drive(require_system(system), inputs)
    return additive_model(system, drive) if system.structure("additive") is not None else general_model(system, drive)


def _require_inverse(model: Model) -> None:
    if not isinstance(model, Additive) or model.network.activation.inverse is None:
        raise ValueError("`variables` must be 'states' here: outputs need a network, and the `inverse` of its activation.")


def _rows(values: ArrayLike, name: str, n: int, count: int | None = None) -> Floats:
    rows = as_floats(values, name)
    if rows.ndim != 2 or rows.shape[1] != n or (count is not None and len(rows) != count) or not len(rows):
        raise ValueError(f"`{name}` must have shape ({count or 'K'}, N) with N = {n}; got {rows.shape}.")
    return rows


def _in_variables(model: Model, states: Floats, variables: str) -> Floats:
    return states if variables == "states" else model.full_outputs(states)


def _states_of(model: Any, outputs: Floats) -> Floats:
    """Return states with these outputs; NaN where there are none."""
    net = model.system
    low, high = net.activation.range
    x = each(net.activation.inverse, np.clip(outputs, low, high))
    x = np.where((outputs > low) & (outputs < high) & np.isfinite(x), x, np.nan)
    return x / net.gains - net.biases


def _fill(energy: Floats, surface: EnergySurface, deadline: float | None) -> Status:
    """Set the energies of the grid, some points at a time, until the deadline."""
    model, out = surface._model, energy.reshape(-1)
    columns = surface.a.size
    step = max(1, int(ELEMENTS / surface.origin.size))
    for first in range(0, out.size, step):
        if deadline is not None and time.perf_counter() >= deadline:
            return Status.TIMEOUT
        row, column = np.divmod(np.arange(first, min(first + step, out.size)), columns)
        points = surface.origin + np.column_stack([surface.a[column], surface.b[row]]) @ surface.axes
        states = points if surface.variables == "states" else _states_of(model, points)
        inside = np.isfinite(states).all(axis=1)
        out[first : first + step][inside] = model.full_energy(states[inside])
    return Status.SUCCESS
