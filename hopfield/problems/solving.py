"""Answers to problems by networks: annealed two-valued units, or graded ones, from many starts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.checks import ALPHABETS, Spins, as_steps, from_spins, require_room
from hopfield.discrete import DiscreteHopfield
from hopfield.measures import wilson
from hopfield.problems.descent import descend, follow
from hopfield.problems.problem import Problem
from hopfield.recall import RecallStatus
from hopfield.states import guarded
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.status import Status
from neurodynamics.validation import Floats, as_choice, as_count, as_flag, as_floats, as_generator, as_instance
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

SWEEPS, PLATEAUS, QUENCH = 200, 40, 100  # of annealing: sweeps, temperatures; sweeps at zero temperature afterwards
HOT, COLD = 0.5, 0.02  # first and last temperature, in units of the typical field of a random state
STEPS, LEAKY_STEPS = 1000, 8000  # of descents at most
NOISE = 1e-2  # of the start of a descent, in units of the side of the cube


@dataclass(frozen=True, eq=False)
class Solutions(Record):
    """Answers to a problem, one a restart.

    Attributes
    ----------
    problem : Problem
    method : {"annealed", "graded"}
    states : ndarray, shape (K, N)
        In the problem's alphabet.
    costs : ndarray, shape (K,)
        In the problem's own terms, infinite for states that are no answers.
    energies : ndarray, shape (K,)
    valid : ndarray of bool, shape (K,)
    status : ndarray of int, shape (K,)
        Values of :class:`RecallStatus`; a fixed point is a state from which no single unit's change leads down.
    optimum : float or None
        The least cost of all, exactly, where the problem is small enough to know.
    reason : str
        Why the run ended where it did.
    """

    problem: Problem
    method: str
    states: NDArray[Any]
    costs: Floats
    energies: Floats
    valid: NDArray[np.bool_]
    status: NDArray[np.int8]
    optimum: float | None
    reason: str

    @property
    def best(self) -> int:
        """The number of the restart with the least cost, or the least energy where none is an answer."""
        return int(np.argmin(self.costs) if np.isfinite(self.costs).any() else np.argmin(self.energies))

    @property
    def cost(self) -> float:
        """The least cost that was found, infinite where no restart ended in an answer."""
        return float(self.costs[self.best])

    @property
    def solution(self) -> Any:
        """What the best state means."""
        return self.problem.solution(self.states[self.best])

    @property
    def optimal(self) -> bool | None:
        """Whether the best cost is the optimum; None where that is not known."""
        return None if self.optimum is None else bool(self.cost <= self.optimum + 1e-9 * max(1.0, abs(self.optimum)))

    @property
    def ratios(self) -> Floats | None:
        """Costs over the optimum, shape (K,), below 1 for worse ones where costs are negative; None where it is unknown."""
        return None if not self.optimum else self.costs / self.optimum

    @property
    def share_valid(self) -> tuple[float, float, float]:
        """The share of valid states, and Wilson's 95 % interval of its probability."""
        count = int(self.valid.sum())
        low, high = wilson(count, len(self.valid))
        return count / len(self.valid), float(low), float(high)

    def __repr__(self) -> str:
        known = "" if self.optimum is None else f", optimum {self.optimum:.6g}"
        return f"Solutions({self.problem!r}, {self.valid.sum()} of {len(self.valid)} valid, best {self.cost:.6g}{known})"

    plot = drawn("plot_solution", "Draw the best answer")


@dataclass
class _Run:
    """Where the restarts are, for whoever asks before the end."""

    problem: Problem
    method: str
    states: Spins
    status: NDArray[np.int8]
    deadline: float

    def goes_on(self) -> bool:
        return time.perf_counter() < self.deadline

    def record(self, ended: Status = Status.SUCCESS, exact: bool = False) -> Solutions:
        states, status = self.states.copy(), self.status.copy()
        status[status == RecallStatus.INTERRUPTED] = RecallStatus.BUDGET if ended is Status.SUCCESS else int(ended)
        optimum = self.problem.optimum() if exact and ended is Status.SUCCESS else None
        return Solutions(
            self.problem, self.method, guarded(states), self.problem.costs(states), self.problem.energy(states),
            self.problem.valid(states), status, optimum, _reason(status),
        )  # fmt: skip


def _reason(status: NDArray[np.int8]) -> str:
    worst = RecallStatus(int(status.min()))
    if worst.success:
        return "no single unit's change leads further down"
    part = f"{(status < 0).sum()} of {len(status)} restarts"
    words = {
        RecallStatus.BUDGET: f"`sweeps` was used up in {part}; raise it",
        RecallStatus.TIMEOUT: f"`timeout` was used up in {part}",
        RecallStatus.INTERRUPTED: f"interrupted in {part}",
    }
    return words.get(worst, f"{part} failed: {worst.message}")


def solve(
    problem: Problem,
    method: str = "annealed",
    *,
    restarts: int = 20,
    sweeps: int | None = None,
    temperatures: ArrayLike | None = None,
    exact: bool = True,
    rng: Any = None,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> Solutions:
    """Return answers to a problem, from many starts.

    Parameters
    ----------
    problem : Problem
    method : {"annealed", "graded"}
        Two-valued units (Glauber) while the temperature falls, and then at zero temperature to a fixed point. Or graded
        units: steepest descent in the cube, in steps of which each lowers the energy, to a corner; what is in none after
        `sweeps` steps is rounded, and goes on with two-valued units at zero temperature. With the leaky units of
        ``parameters="hopfield_tank"``: their flow, whose outputs are rounded once all are decided.
    restarts : int
        Starts: random states, or near the centre of the cube.
    sweeps : int, optional
        Annealed: sweeps from hot to cold, 200 by default. Graded: steps at most, by default 1000, and 8000 of leaky units.
    temperatures : array_like, shape (T,), optional
        One after the other, for a T-th of the sweeps each, at least one. By default 40, falling geometrically from half the
        typical field of a random state to a fiftieth of it.
    exact : bool
        Whether to find the exact optimum of a small problem as well.
    rng : Generator, int or None
    timeout : float, optional
        Seconds; the states that were reached until then are returned.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises ``Interrupted`` with the states so far as ``result``, or returns them.

    Examples
    --------
    >>> from hopfield.problems import MaxCut, solve
    >>> ring = MaxCut([[0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]])
    >>> found = solve(ring, restarts=5, rng=0)
    >>> found.cost, found.optimal
    (-4.0, True)
    """
    as_instance(problem, "problem", Problem)
    as_choice(method, "method", _METHODS)
    count, random = as_count(restarts, "restarts", minimum=1), as_generator(rng)
    require_room("states of `restarts`", count, problem.size, itemsize=8)
    most = None if sweeps is None else as_steps(sweeps, "sweeps")
    schedule = None if temperatures is None else _as_schedule(temperatures)
    exact, seconds, on_interrupt = as_flag(exact, "exact"), as_timeout(timeout), as_on_interrupt(on_interrupt)
    deadline = np.inf if seconds is None else time.perf_counter() + seconds
    spins = np.where(random.random((count, problem.size)) < 0.5, 1, -1).astype(np.int8)
    status = np.full(count, RecallStatus.INTERRUPTED, np.int8)
    run = _Run(problem, method, from_spins(spins, problem.values), status, deadline)

    def work() -> Solutions:
        _METHODS[method](run, most, schedule, random)
        return run.record(Status.SUCCESS if run.goes_on() else Status.TIMEOUT, exact)

    return long_call(work, run.record, timeout=seconds, on_interrupt=on_interrupt)


def _as_schedule(temperatures: ArrayLike) -> Floats:
    array = as_floats(temperatures, "temperatures")
    if array.ndim != 1 or array.size == 0 or (array < 0).any():
        raise ValueError(f"`temperatures` must be zero or positive, of shape (sweeps,); got {temperatures!r:.60}.")
    return array


def falling(network: DiscreteHopfield, count: int = PLATEAUS) -> Floats:
    """Return temperatures from half the typical field of a random state down to a fiftieth of it."""
    step = 2.0 if network.values == "bipolar" else 0.5  # how much a change of a unit weighs, and a field of random states
    typical = step * float(np.sqrt(np.mean(network.couplings.row_norms() ** 2 + network.bias**2)))
    return np.geomspace(HOT, COLD, count) * (typical or 1.0)


def _annealed(run: _Run, sweeps: int | None, schedule: Floats | None, rng: np.random.Generator) -> None:
    network = run.problem.network()
    temperatures = falling(network) if schedule is None else schedule
    each = max(1, (sweeps or SWEEPS) // len(temperatures))
    for temperature in temperatures:
        if not run.goes_on():
            return
        run.states[:] = network.recall(run.states, temperature=temperature, max_sweeps=each, rng=rng).states
    _quench(run, network, np.arange(len(run.states)), rng)


def _quench(run: _Run, network: DiscreteHopfield, rows: NDArray[np.int64], rng: np.random.Generator) -> None:
    """Go on at zero temperature, unit by unit."""
    if rows.size and run.goes_on():
        end = network.recall(run.states[rows], max_sweeps=QUENCH, rng=rng)
        run.states[rows], run.status[rows] = end.states, end.status


def _graded(run: _Run, steps: int | None, schedule: Floats | None, rng: np.random.Generator) -> None:
    problem, count = run.problem, len(run.states)
    low, high = (float(wall) for wall in ALPHABETS[problem.values])
    if problem.leaky:
        u = problem.starts(count, rng)
        ends = follow(problem.graded(), u, steps or LEAKY_STEPS, run.goes_on)
    else:
        x = (low + high) / 2 + NOISE * (high - low) * rng.uniform(-1, 1, run.states.shape)
        ends = descend(problem.couplings, problem.bias, (low, high), x, steps or STEPS, run.goes_on)
    run.states[:] = np.where(ends.corners, high, low)
    run.status[ends.settled] = RecallStatus.FIXED_POINT
    if not problem.leaky:
        _quench(run, problem.network(), np.flatnonzero(~ends.settled), rng)


_METHODS: dict[str, Callable[..., None]] = {"annealed": _annealed, "graded": _graded}
