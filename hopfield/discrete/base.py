"""What the discrete networks share: an alphabet, couplings, an energy, and the way to a :class:`Recall`."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.checks import ALPHABETS, as_patterns, as_states, as_steps, as_temperatures, from_spins, to_spins
from hopfield.couplings import Coupling, LowRank
from hopfield.discrete.forms import tie_tolerances
from hopfield.discrete.updates import Options, Progress
from hopfield.energy import discrete_energy
from hopfield.recall import Recall, Trace
from hopfield.states import guarded
from neurodynamics.compiling import as_workers
from neurodynamics.files import Saved
from neurodynamics.inputs import key_from
from neurodynamics.lazily import cached_property
from neurodynamics.status import Interrupted, Status
from neurodynamics.validation import Floats, as_choice, as_generator, as_vector, dimensions
from neurodynamics.watched import GRACE, as_timeout, until, watched

COLDEST = 1e-300  # what stands for zero in a schedule: 1 / COLDEST is still a number
WHOLE = 1e-12  # relative: a constant field so close to an integer, in units of 1 / scale, is meant to be one


class TwoValued(Saved, ABC):
    """Units of two values with an energy and patterns: what a recall needs, whatever its fields are made of."""

    values: str
    patterns: NDArray[np.int8] | None
    layers: tuple[int, int] | None = None
    _tolerance: Floats  # fields of each unit up to this are ties, in the units of fields of spins

    @property
    @abstractmethod
    def size(self) -> int:
        """The number of units."""

    @property
    @abstractmethod
    def _units(self) -> float:
        """What the energy, and so the temperature, is divided by where fields of spins are computed."""

    @abstractmethod
    def _has_energy(self) -> bool: ...

    @abstractmethod
    def energy(self, states: ArrayLike) -> Any:
        """Return E, a number for a state (N,) and shape (K,) for (K, N)."""

    # Questions about states --------------------------------------------------------------------------------------------

    def states(self, states: ArrayLike, name: str = "states") -> NDArray[np.int8]:
        """Return states as rows (K, N), checked against the network's size and alphabet."""
        return as_states(states, name, self.values, self.size, choice=False)

    def overlaps(self, states: ArrayLike) -> Floats:
        """Return ``m = xi.s/N`` with each of the network's patterns, as spins, shape (K, p)."""
        if self.patterns is None:
            raise ValueError("this network knows no patterns; build it with from_patterns or pass `patterns`.")
        spins = to_spins(self.states(states), self.values)
        return self._pattern_rows.project(spins, np.float32).astype(float) / self.size

    @cached_property
    def _pattern_rows(self) -> LowRank:
        assert self.patterns is not None
        return LowRank(to_spins(self.patterns, self.values))

    def __getstate__(self) -> dict[str, Any]:
        """Copies, here and in other processes, prepare their couplings for themselves."""
        return {name: value for name, value in vars(self).items() if name not in ("_form", "_pattern_rows")}

    # Recall --------------------------------------------------------------------------------------------------------------

    def _options(
        self, temperature: ArrayLike, max_sweeps: int, rng: Any, workers: int | None, record: bool | str, units: bool = False
    ) -> Options:
        """Check and collect options; ``units`` says that one unit is updated at a time."""
        if not isinstance(record, bool | np.bool_):
            as_choice(record, "record", ["changes"])
            if not units:
                raise ValueError("`record` 'changes' needs asynchronous updates: others change many units at once.")
        temperatures = as_temperatures(temperature)
        max_sweeps = max_sweeps if dimensions(temperature) == 0 else temperatures.size
        return Options(
            key=key_from(as_generator(rng)),
            betas=1 / np.maximum(temperatures * self._units, COLDEST) if temperatures.any() else np.empty(0),
            tolerance=self._tolerance,
            max_sweeps=as_steps(max_sweeps, "max_sweeps"),
            workers=as_workers(workers),
            record=bool(record),
            changes=isinstance(record, str),
        )

    def _run(
        self, loop: Any, probes: NDArray[np.int8], sweeps: int, on_interrupt: str, timeout: float | None
    ) -> Recall:
        """Run ``loop(progress)``; Ctrl-C and the deadline leave what was reached until then in a result."""
        as_choice(on_interrupt, "on_interrupt", ("raise", "return"))
        seconds = as_timeout(timeout)
        progress = Progress(to_spins(probes, self.values).copy())
        results: list[Recall] = []

        def work() -> None:
            progress.symmetric = self._has_energy()
            loop(progress)
            if not progress.stop[0]:
                results.append(self._result(progress, np.inf))
            progress.running = False

        operations = probes.size * float(self.size + sweeps)
        ended = watched(work, progress.stop, timeout=seconds, operations=operations)
        if results:
            return results[0]
        left = 0.0 if progress.running else GRACE  # BLAS serves one after the other
        part = self._result(progress.snapshot(ended), time.perf_counter() + left)
        if ended is Status.INTERRUPTED and on_interrupt == "raise":
            raise Interrupted(part)
        return part

    def _result(self, progress: Progress, deadline: float) -> Recall:
        states = from_spins(progress.spins, self.values)
        symmetric = progress.symmetric
        return Recall(
            states=states,
            status=progress.status,
            periods=progress.periods,
            sweeps=progress.sweeps,
            flips=progress.flips,
            energies=self._energies(states, deadline) if symmetric else None,
            max_energy_rise=progress.rise / self._units if symmetric else None,
            overlaps=None if self.patterns is None else self._all_overlaps(states, deadline),
            trace=self._trace(progress, symmetric, deadline) if progress.history else None,
            layers=self.layers,
        )

    def _trace(self, progress: Progress, symmetric: bool, deadline: float) -> Trace:
        frames = [from_spins(spins, self.values) for spins in progress.history]
        known, energies = self.patterns is not None, [self._energies(s, deadline) for s in frames if symmetric]
        return Trace(
            states=np.stack(frames, axis=-1),
            energies=np.stack(energies, axis=-1) if symmetric else None,
            overlaps=np.stack([self._all_overlaps(s, deadline) for s in frames], axis=-1) if known else None,
            step=progress.step,
        )

    def _energies(self, states: NDArray[np.int8], deadline: float) -> Floats:
        size = 0 if self.patterns is None else self.patterns.size
        empty = np.full(len(states), np.nan)
        return until(deadline, lambda rows: self.energy(states[rows]), empty, max(self.size**2, size))

    def _all_overlaps(self, states: NDArray[np.int8], deadline: float) -> Floats:
        assert self.patterns is not None
        empty = np.full((len(states), len(self.patterns)), np.nan)
        return until(deadline, lambda rows: self.overlaps(states[rows]), empty, self.patterns.size)


class DiscreteNetwork(TwoValued):
    """Units of two values with couplings W and constant fields; see the two kinds, Hopfield's and Kosko's.

    Inside, everything runs on spins of +-1: V = (1 + s)/2 turns ``h = W V + bias`` into
    ``2 h = W s + (W 1 + 2 bias)`` and the temperature T into 4 T.
    """

    couplings: Coupling
    bias: Floats

    def _set(self, couplings: Coupling, bias: ArrayLike, values: str, patterns: ArrayLike | None) -> None:
        if couplings.shape[0] != couplings.shape[1]:
            raise ValueError(f"`couplings` must be a square matrix; got shape {couplings.shape}.")
        self.values = as_choice(values, "values", ALPHABETS)
        self.couplings = couplings
        self.bias = as_vector(bias, "bias", couplings.size, "N")
        self.bias.flags.writeable = False
        self.patterns = None if patterns is None else guarded(as_patterns(patterns, values=self.values))
        if self.patterns is not None and self.patterns.shape[1] != self.size:
            raise ValueError(f"`patterns` must have shape (p, {self.size}); got {self.patterns.shape}.")
        self._drive = self._drive_on_spins()
        self._tolerance = tie_tolerances(couplings, self._drive)

    def _drive_on_spins(self) -> Floats:
        """The constant part of the fields of spins, in units of 1 / scale; integers where rounding alone is in the way."""
        drive = self.bias * self.couplings.scale
        if self.values == "binary":
            drive = self.couplings.scaled_product(np.ones((1, self.size), np.int8))[0].astype(float) + 2 * drive
        whole = np.rint(drive)
        near = np.abs(drive - whole) <= WHOLE * (1 + np.abs(self.bias) * self.couplings.scale)
        return np.where(near, whole, drive) if self.couplings.exact else drive

    @property
    def size(self) -> int:
        """The number of units."""
        return self.couplings.size

    @property
    def _units(self) -> float:
        return self.couplings.scale * (1 if self.values == "bipolar" else 4)

    def _has_energy(self) -> bool:
        return self.couplings.symmetric

    def fields(self, states: ArrayLike) -> Floats:
        """Return ``h = W s + bias`` of states (N,) or (K, N), in the same shape."""
        fields: Any = self.couplings.product(self.states(states)) + self.bias
        return fields[0] if np.ndim(states) == 1 else fields

    def energy(self, states: ArrayLike) -> Any:
        """Return ``E = -s.Ws/2 - bias.s``, a number for (N,) and shape (K,) for (K, N); W must be symmetric."""
        energies = discrete_energy(self.couplings, self.states(states), self.bias)
        return energies[0] if np.ndim(states) == 1 else energies

    def is_stable(self, states: ArrayLike) -> Any:
        """Return whether no unit of a state wants to change at zero temperature; (N,) gives one bool, (K, N) many."""
        rows = self.states(states)
        spins = to_spins(rows, self.values)
        aligned = spins * (self.couplings.scaled_product(spins) + self._drive)
        stable: Any = (aligned >= -self._tolerance).all(axis=1)
        return bool(stable[0]) if np.ndim(states) == 1 else stable
