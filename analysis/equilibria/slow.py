"""Slow points: minima of the speed of a flow or a map, fixed points among them.

References
----------
.. [1] Sussillo & Barak (2013), Opening the black box: low-dimensional dynamics in high-dimensional recurrent neural
   networks, Neural Computation 25, 626.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import (
    beyond_reset,
    box_around,
    constant_drive,
    deadline_in,
    equations_at,
    jacobians_at,
    levenberg_marquardt,
    polish,
    require_autonomous,
    require_system,
    rounding_of,
    slowest_time,
)
from analysis.equilibria.curvature import curvature_of
from analysis.equilibria.linearisation import Spectra
from analysis.equilibria.search import fixed_points
from analysis.equilibria.starts import draw_starts
from neurodynamics import DynamicalSystem, Solution, Status, simulate_ensemble
from neurodynamics.lazily import cached_property
from neurodynamics.pictures import drawn
from neurodynamics.progress import progress_bar
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_count, as_floats, as_generator, as_number, dimensions, require_room
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

STARTS, WORK, BATCH_ELEMENTS = 256, 8e8, 2e6  # by default; times N^3; of the Jacobians of one batch
RUNS, SAMPLES, DURATION = 16, 48, 30.0  # trajectories that starts are taken from; duration in slowest time constants
FEW = 64  # starts for fixed points, around which trajectories begin
JITTER = 0.1  # of the spread of the trajectories
FIRST_STEPS, SECOND_STEPS = 60, 100
FINISHED = 1e-11  # relative length of the last step
SAME = 1e-6  # relative distance of slow points that are the same
ROOT_MOVES = 1e-3  # relative: a root that Newton's method finds further away is another point
FLAT = 1e-7  # relative gradient of a minimum


@dataclass(frozen=True, eq=False, repr=False)
class SlowPoints(Record):
    """Minima of the speed, the slowest first. An index or a mask selects points; iterating gives the states.

    Attributes
    ----------
    x : array, shape (K, N)
        States.
    speed : array, shape (K,)
        Length of f(y) (maps: of f(y) - y).
    fixed : array of bool, shape (K,)
        Which are fixed points, to rounding; at the others the speed has a minimum above zero.
    gradient : array, shape (K,)
        Length of the gradient of half the squared speed, relative to |J| |f|: 0 at a minimum, 1 at worst.
    converged : array of bool, shape (K,)
        Whether it is a minimum or a fixed point, and not only where the search ended.
    hits : array of int, shape (K,)
        How many starts led there.
    starts : int
    status : Status
    """

    x: Floats
    speed: Floats
    fixed: np.ndarray
    gradient: Floats
    converged: np.ndarray
    hits: np.ndarray
    starts: int
    status: Status
    system: DynamicalSystem
    inputs: Floats

    @cached_property
    def _spectra(self) -> Spectra:
        jacobians = jacobians_at(self.system, self.x, self.inputs)
        return Spectra.of(jacobians, self.system.kind, np.zeros(len(self)))

    @property
    def eigenvalues(self) -> np.ndarray:
        """Eigenvalues (K, N) of the Jacobian, the least stable first."""
        return self._spectra.eigenvalues

    @property
    def eigenvectors(self) -> np.ndarray:
        """Eigenvectors (K, N, N), in columns."""
        return self._spectra.eigenvectors

    @property
    def index(self) -> np.ndarray:
        """Number (K,) of unstable directions of the linearisation."""
        return self._spectra.index

    @property
    def outputs(self) -> Floats:
        """What the system shows at each point, (K, outputs)."""
        return self.system.outputs_of_rows(np.ascontiguousarray(self.x))

    plot = drawn("plot_slow_points", "Draw the points")

    def __len__(self) -> int:
        return len(self.x)

    def __iter__(self) -> Iterator[Floats]:
        return iter(self.x)

    def __getitem__(self, chosen: Any) -> SlowPoints:
        rows = np.atleast_1d(np.arange(len(self))[chosen])
        names = ("x", "speed", "fixed", "gradient", "converged", "hits")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})

    def __repr__(self) -> str:
        found = ~self.fixed & self.converged
        slow, ends = int(found.sum()), int((~self.fixed & ~self.converged).sum())
        least = f", slowest of these {self.speed[found].min():.3g}" if slow else ""
        lost = f", {ends} where the search ended" if ends else ""
        return f"SlowPoints({int(self.fixed.sum())} fixed, {slow} slow{least}{lost}, from {self.starts} starts)"


def slow_points(
    system: DynamicalSystem,
    starts: int | ArrayLike | Solution | None = None,
    *,
    inputs: Any = None,
    max_speed: float | None = None,
    rng: np.random.Generator | int | None = None,
    timeout: float | None = None,
    progress: bool = False,
    on_interrupt: str = "raise",
) -> SlowPoints:
    """Find minima of ``|f(y)|^2 / 2``: fixed points, and points near which a system lingers.

    Levenberg and Marquardt's method with the analytic Jacobian, from many starts at once; then, where the speed has a
    minimum above zero, Newton's method with all second derivatives. For all equilibria of a network of up to about 20
    neurons, with proof, see :func:`fixed_points`.

    Parameters
    ----------
    system : DynamicalSystem
    starts : int, array_like of shape (B, N), or Solution, optional
        States to start from, or how many of them; by default up to 256. A number of them is taken from trajectories with
        random starts, with some noise, since slow points matter where trajectories pass.
    inputs : array_like, shape (M,), optional
        Constants.
    max_speed : float, optional
        Leave out faster points.
    rng : Generator or int, optional
    timeout : float, optional
        Seconds. What was found until then is returned.
    progress : bool
        Whether to show a progress bar (needs tqdm).
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with what was found as ``.result``, or returns it.

    Returns
    -------
    SlowPoints

    Examples
    --------
    A neuron just beyond a fold lingers where the two equilibria have vanished:

    >>> from ctrnn import CTRNN
    >>> from analysis import slow_points
    >>> found = slow_points(CTRNN([[6.0]], biases=-3.41509291064406 - 0.001), rng=1)
    >>> found.fixed.tolist(), round(float(found.speed[1]), 6)
    ([True, False], 0.001)
    """
    drive = constant_drive(require_system(system), inputs)
    rng = as_generator(rng)
    limit = None if max_speed is None else as_number(max_speed, "max_speed", minimum=0.0)
    seconds = as_timeout(timeout)
    deadline = deadline_in(seconds)
    given = _given_starts(system, starts)
    search = _Descent(system, drive, lambda: deadline is not None and time.perf_counter() >= deadline)

    def work() -> SlowPoints:
        require_autonomous(system, drive)
        states = _along_trajectories(system, drive, given, rng) if isinstance(given, int) else given
        return search.result(limit, search.run(states, bool(progress)))

    found: SlowPoints = long_call(
        work, lambda status: search.result(limit, status), timeout=seconds, on_interrupt=as_on_interrupt(on_interrupt)
    )
    return found


class _Descent:
    """Minimisation from many starts, and the list of what it found."""

    def __init__(self, system: DynamicalSystem, drive: Floats, stop: Callable[[], bool]) -> None:
        self.system, self.drive, self.stop = system, drive, stop
        self.rows: list[tuple[Any, ...]] = []  # x, speed, fixed, gradient, converged, error
        self.hits: list[int] = []
        self.starts = 0

    def equations(self, states: Floats) -> tuple[Floats, Floats]:
        with np.errstate(all="ignore"):
            return equations_at(self.system, states, self.drive)

    def run(self, starts: Floats, progress: bool) -> Status:
        batch = int(np.clip(BATCH_ELEMENTS / max(starts.shape[1], 1) ** 2, 1, 256))
        self.curvature = curvature_of(self.system, self.drive)
        bar = progress_bar(len(starts)) if progress else None
        try:
            for first in range(0, len(starts), batch):
                if self.stop():
                    return Status.TIMEOUT
                part = starts[first : first + batch]
                self._batch(part)
                self.starts += len(part)
                if bar is not None:
                    bar.update(len(part))
        except KeyboardInterrupt:
            return Status.INTERRUPTED
        finally:
            if bar is not None:
                bar.close()
        return Status.TIMEOUT if self.stop() else Status.SUCCESS

    def _batch(self, starts: Floats) -> None:
        x = levenberg_marquardt(self.equations, starts, steps=FIRST_STEPS, stop=self.stop)
        x = x[np.isfinite(x).all(axis=1)]
        root, error, fixed = self._roots(x)
        rest = levenberg_marquardt(
            self.equations, x[~fixed], steps=SECOND_STEPS, stop=self.stop, curvature=self.curvature, converged=FINISHED
        )
        self._keep(root[fixed], error[fixed], np.ones(int(fixed.sum()), dtype=bool))
        rest = rest[np.isfinite(rest).all(axis=1)]
        root, error, fixed = self._roots(rest)  # where a minimum was deeper than it looked
        self._keep(np.where(fixed[:, None], root, rest), np.where(fixed, error, 0.0), fixed)

    def _roots(self, x: Floats) -> tuple[Floats, Floats, np.ndarray]:
        root, residual, error, J = polish(self.equations, x.copy())
        moved = np.abs(root - x).max(axis=1, initial=0.0)
        near = moved <= ROOT_MOVES * (1.0 + np.abs(x).max(axis=1, initial=0.0))
        return root, error, near & (residual <= 16.0 * rounding_of(J, root)).all(axis=1)

    def _keep(self, x: Floats, error: Floats, fixed: np.ndarray) -> None:
        if not len(x):
            return
        r, J = self.equations(x)
        speed = np.linalg.norm(r, axis=1)
        steepest = np.linalg.norm(J, axis=(1, 2)) * speed
        slope = np.linalg.norm(np.einsum("bij,bi->bj", J, r), axis=1)
        gradient = np.where(fixed, 0.0, slope / np.maximum(steepest, 1e-300))
        for k in np.argsort(gradient, kind="stable"):
            self._keep_one((x[k], speed[k], fixed[k], gradient[k], bool(fixed[k] or gradient[k] <= FLAT), error[k]))

    def _keep_one(self, row: tuple[Any, ...]) -> None:
        x, _, fixed, _, _, error = row
        size = 1.0 + np.abs(x).max(initial=0.0)
        for number, other in enumerate(self.rows):
            reach = min(16 * (error + other[5]) + 1e-13 * size, 1e-3 * size) if fixed else SAME * size
            if other[2] == fixed and np.abs(other[0] - x).max(initial=0.0) <= reach:
                self.hits[number] += 1
                return
        self.rows.append(row)
        self.hits.append(1)

    def result(self, max_speed: float | None, status: Status) -> SlowPoints:
        kept = [k for k, row in enumerate(self.rows[: len(self.hits)]) if max_speed is None or row[1] <= max_speed or row[2]]
        states = np.array([row[0] for row in self.rows]).reshape(-1, self.system.state_dim)
        beyond = beyond_reset(self.system, states, self.drive)
        kept = [k for k in kept if not beyond[k]]
        kept.sort(key=lambda k: (not self.rows[k][2], 0.0 if self.rows[k][2] else self.rows[k][1], tuple(self.rows[k][0])))
        columns = list(zip(*(self.rows[k] for k in kept), strict=True)) or [()] * 6
        n = self.system.state_dim
        return SlowPoints(
            np.array(columns[0], dtype=float).reshape(-1, n), np.array(columns[1], dtype=float),
            np.array(columns[2], dtype=bool), np.array(columns[3], dtype=float), np.array(columns[4], dtype=bool),
            np.array([self.hits[k] for k in kept], dtype=np.int64), self.starts, status, self.system, self.drive,
        )  # fmt: skip


def _given_starts(system: DynamicalSystem, starts: Any) -> Floats | int:
    """Return the states to start from, or how many of them to draw."""
    n = system.state_dim
    if isinstance(starts, Solution):
        return np.ascontiguousarray(starts.y.T)
    if starts is not None and dimensions(starts) != 0:
        states = np.atleast_2d(as_floats(starts, "starts"))
        if states.shape[1:] != (n,):
            raise ValueError(f"`starts` must be a number of them or have shape (B, N) = (B, {n}); got {states.shape}.")
        return states
    most = int(np.clip(WORK / max(n, 1) ** 3, 16, STARTS))
    count = most if starts is None else as_count(starts, "starts")
    require_room(count * n, "starts")
    return count


def _along_trajectories(system: DynamicalSystem, drive: Floats, count: int, rng: np.random.Generator) -> Floats:
    box = None
    if system.structure("additive") is None:
        box = box_around(system, drive, fixed_points(system, inputs=drive, starts=FEW, rng=0).x)
    first = system.set_back(draw_starts(system, drive, box, min(RUNS, max(count, 1)), rng))
    if system.kind == "map":
        runs = simulate_ensemble(system, SAMPLES, first, inputs=drive)
    else:
        slowest = slowest_time(system, drive, first)
        times = np.linspace(0.0, DURATION * slowest, SAMPLES)
        noisy: dict[str, Any] = {"method": "euler_maruyama", "dt": float(times[1] / 50), "rng": rng}
        rules = noisy if system.has("diffusion") else {}
        runs = simulate_ensemble(system, times[-1], first, inputs=drive, t_eval=times, max_steps=20_000, **rules)
    seen = np.moveaxis(runs.y, 1, 2).reshape(-1, system.state_dim)
    seen = seen[np.isfinite(seen).all(axis=1)]
    if not len(seen):
        seen = first
    spread = np.minimum(seen.std(axis=0), 1e3)
    return seen[rng.integers(len(seen), size=count)] + JITTER * spread * rng.normal(size=(count, system.state_dim))
