"""The stationary density of two states with noise, and the flux of probability that turns in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csc_array, identity
from scipy.sparse.linalg import splu

from analysis.common import constant_drive, evaluate_at
from analysis.noise.action import amplitudes_at, require_flow
from neurodynamics import DynamicalSystem
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_floats, as_items, as_size, dimensions, require_room
from neurodynamics.watched import long_call

FILLED = 50  # numbers of the factors a cell
LONG, STEPS, SETTLED = 1e12, 12, 1e-11  # implicit Euler: step in units of the fastest rate, how many, and change at the end
RIM = 0.05  # of each side: what is near a wall


@dataclass(frozen=True, eq=False, repr=False)
class StationaryDensity(Record):
    """A stationary density on the cells of a grid.

    Attributes
    ----------
    x, y : array, shape (nx,), (ny,)
        Centres of the cells.
    density : array, shape (ny, nx)
        At ``(x[i], y[j])`` it is ``density[j, i]``; not negative, with integral 1.
    flux : array, shape (2, ny, nx)
        ``J_i = b_i p - (1/2) d(g_i^2 p)/dy_i``, along x and y; no flux leaves the box.
    wall_mass : float
        The probability within a twentieth of the box of a wall: what the box may cut off.
    error : float
        Total variation between this density and that of a grid half as fine, of 1 at the most.
    converged : bool
        Whether the solution of the equations settled; it does not where rare transitions are lost in rounding.
    system : DynamicalSystem
    """

    x: Floats
    y: Floats
    density: Floats
    flux: Floats
    wall_mass: float
    error: float
    converged: bool
    system: DynamicalSystem

    plot = drawn("plot_stationary_density", "Draw the density with its flux")

    def __repr__(self) -> str:
        ny, nx = self.density.shape
        rest = "" if self.converged else ", not converged"
        return f"StationaryDensity({nx} x {ny}, error {self.error:.1g}, {self.wall_mass:.1g} near the walls{rest})"


def stationary_density(
    system: DynamicalSystem,
    bounds: ArrayLike,
    *,
    noise: ArrayLike | None = None,
    resolution: int | tuple[int, int] = 100,
    inputs: Any = None,
) -> StationaryDensity:
    """Return the stationary density of a flow of two states with noise, in a box with walls.

    It solves the Fokker-Planck equation ``div J = 0``, ``J_i = b_i p - (1/2) d(g_i^2 p)/dy_i``, for noise in the sense of
    Ito, by finite volumes with exponentially fitted fluxes [1]_ [2]_, which keep the density positive.

    Parameters
    ----------
    system : DynamicalSystem
        A flow of two states.
    bounds : array_like, shape (2, 2)
        ``((x_low, x_high), (y_low, y_high))``; no probability passes its walls.
    noise : float or array_like, shape (2,), optional
        Amplitudes g; by default those of the system's ``diffusion``, which may depend on the state, or 1 where it has none.
    resolution : int or (int, int)
        Cells along x and y, even numbers of at least 8.
    inputs : optional
        Constant inputs (M,).

    Returns
    -------
    StationaryDensity

    References
    ----------
    .. [1] Scharfetter & Gummel (1969), IEEE Trans. Electron Devices 16, 64.
    .. [2] Chang & Cooper (1970), J. Comput. Phys. 6, 1.

    Examples
    --------
    >>> from analysis import stationary_density
    >>> from ctrnn import CTRNN
    >>> net = CTRNN([[0.0, 0.0], [0.0, 0.0]])  # dy = -y dt + dW: variances of 1/2
    >>> found = stationary_density(net, [(-4, 4), (-4, 4)], resolution=64)
    >>> bool(abs(found.density.max() * 3.14159 - 1.0) < 0.01)
    True
    """
    drive = constant_drive(system, inputs)
    require_flow(system, drive)
    if system.state_dim != 2 or system.angles:
        raise ValueError(f"`system` must have two states, no angles; got {system.state_dim} states.")
    box = as_floats(bounds, "bounds")
    if box.shape != (2, 2) or not (box[:, 0] < box[:, 1]).all():
        raise ValueError(f"`bounds` must be ((x_low, x_high), (y_low, y_high)) with low < high; got {bounds!r:.60}.")
    sides = [resolution] * 2 if dimensions(resolution) == 0 else as_items(resolution, "resolution")
    if len(sides) != 2:
        raise ValueError(f"`resolution` must be a number or two; got {len(sides)}.")
    nx, ny = (as_size(side, "resolution", minimum=8) for side in sides)
    if nx % 2 or ny % 2:
        raise ValueError(f"`resolution` must be even, since the error comes from a grid of half of it; got {resolution}.")
    require_room(FILLED * float(nx) * ny, "resolution")
    amplitudes_at(system, box.T, drive, noise)  # refuses them before work is done
    found: StationaryDensity = long_call(lambda: _solved(system, drive, noise, box, nx, ny))
    return found


def _solved(system: DynamicalSystem, drive: Floats, noise: Any, box: Floats, nx: int, ny: int) -> StationaryDensity:
    grid = _Grid(system, drive, noise, box, nx, ny)
    mass, converged = grid.stationary()
    coarse, _ = _Grid(system, drive, noise, box, nx // 2, ny // 2).stationary()
    pooled = mass.reshape(ny // 2, 2, nx // 2, 2).sum(axis=(1, 3))
    near = [np.minimum(np.arange(n), np.arange(n)[::-1]) < RIM * n for n in (ny, nx)]
    rim = near[0][:, np.newaxis] | near[1]
    error = 0.5 * float(np.abs(pooled - coarse).sum())
    x, y = grid.centres
    wall_mass = float(mass[rim].sum())
    return StationaryDensity(x, y, mass / grid.h.prod(), grid.flux(mass), wall_mass, error, converged, system)


class _Grid:
    """Cells of a box, and the rates at which probability passes from one to the next."""

    def __init__(self, system: DynamicalSystem, drive: Floats, noise: Any, box: Floats, nx: int, ny: int) -> None:
        self.h = (box[:, 1] - box[:, 0]) / (nx, ny)
        self.centres = [box[i, 0] + self.h[i] * (np.arange(n) + 0.5) for i, n in enumerate((nx, ny))]
        self.shape = ny, nx
        self.up, self.down = list[Floats](), list[Floats]()  # rates across the walls between cells, along x and y
        cells = self._diffusion(system, drive, noise, self.centres)
        for i in (0, 1):
            axes = list(self.centres)
            axes[i] = 0.5 * (axes[i][1:] + axes[i][:-1])
            between = self._diffusion(system, drive, noise, axes)[i]
            b = self._on(axes, evaluate_at(system, "rhs", self._states(axes), drive))[i]
            peclet = self.h[i] * b / between
            D = np.moveaxis(cells[i], 1 - i, 0)
            self.up.append(bernoulli(-peclet) * np.moveaxis(D[:-1], 0, 1 - i) / self.h[i] ** 2)
            self.down.append(bernoulli(peclet) * np.moveaxis(D[1:], 0, 1 - i) / self.h[i] ** 2)

    @staticmethod
    def _states(axes: list[Floats]) -> Floats:
        return np.stack([each.ravel() for each in np.meshgrid(*axes)], axis=1)

    @staticmethod
    def _on(axes: list[Floats], values: Floats) -> Floats:
        return values.T.reshape(2, len(axes[1]), len(axes[0]))

    def _diffusion(self, system: DynamicalSystem, drive: Floats, noise: Any, axes: list[Floats]) -> Floats:
        return 0.5 * self._on(axes, amplitudes_at(system, self._states(axes), drive, noise)) ** 2

    def stationary(self) -> tuple[Floats, bool]:
        """Return the probability of each cell, (ny, nx), and whether it settled: implicit Euler over very long steps."""
        number = np.arange(self.shape[0] * self.shape[1]).reshape(self.shape)
        rows, columns, rates = [], [], []
        for low, high, up, down in zip((number[:, :-1], number[:-1]), (number[:, 1:], number[1:]), self.up, self.down,
                                       strict=True):  # fmt: skip
            for source, target, rate in ((low, high, up), (high, low, down)):
                rows += [target.ravel(), source.ravel()]
                columns += [source.ravel(), source.ravel()]
                rates += [rate.ravel(), -rate.ravel()]
        if not all(np.isfinite(each).all() for each in rates):
            raise ValueError("`noise` and `bounds` must leave the rates between cells finite, and the system defined there.")
        entries = np.concatenate(rates), (np.concatenate(rows), np.concatenate(columns))
        A = csc_array(entries, shape=(number.size, number.size))
        step = splu(csc_array(identity(number.size) * (np.abs(A.diagonal()).max() / LONG) - A))
        p = np.full(number.size, 1.0 / number.size)
        for _ in range(STEPS):
            after = np.maximum(step.solve(p), 0.0)
            after /= after.sum()
            change, p = float(np.abs(after - p).sum()), after
            if change < SETTLED:
                break
        return p.reshape(self.shape), change < SETTLED

    def flux(self, mass: Floats) -> Floats:
        """Return the flux at the centres, (2, ny, nx): the mean of those through the two sides of a cell."""
        p = mass / self.h.prod()
        along_x = (self.up[0] * p[:, :-1] - self.down[0] * p[:, 1:]) * self.h[0]
        along_y = (self.up[1] * p[:-1] - self.down[1] * p[1:]) * self.h[1]
        x, y = np.pad(along_x, ((0, 0), (1, 1))), np.pad(along_y, ((1, 1), (0, 0)))
        return 0.5 * np.stack([x[:, 1:] + x[:, :-1], y[1:] + y[:-1]])


def bernoulli(z: Floats) -> Floats:
    """Return ``z / (exp(z) - 1)``."""
    small = np.abs(z) < 1e-5
    safe = np.where(small, 1.0, z)
    with np.errstate(over="ignore"):
        return np.where(small, 1.0 - 0.5 * z, safe / np.expm1(safe))
