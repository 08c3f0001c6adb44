"""What a recall hands back: the states it ended in, how it ended, and what the energy did on the way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hopfield.states import guarded
from neurodynamics.files import Saved
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.status import Status
from neurodynamics.validation import Floats


class RecallStatus(IntEnum):
    """How one probe ended: success is 0 or positive, failure negative with the numbers of :class:`Status`."""

    FIXED_POINT = 0
    CYCLE = 1
    SAMPLED = 2
    SADDLE = 3
    INTERRUPTED = Status.INTERRUPTED
    BUDGET = Status.MAX_STEPS
    TIMEOUT = Status.TIMEOUT
    NON_FINITE = Status.NON_FINITE

    @property
    def success(self) -> bool:
        """Whether the end state is what it says, and not merely where the run stopped."""
        return self >= 0

    @property
    def message(self) -> str:
        """One sentence that says what happened and what to try."""
        return _MESSAGES[self]


_MESSAGES = {
    RecallStatus.FIXED_POINT: "No unit changes any more.",
    RecallStatus.CYCLE: "The states repeat with a period above 1; asynchronous updates of symmetric couplings without a "
    "negative diagonal settle.",
    RecallStatus.SAMPLED: "All sweeps at a temperature above 0 were made; the state is one sample.",
    RecallStatus.SADDLE: "The state is stationary and not a minimum of the energy; any push makes it leave.",
    RecallStatus.INTERRUPTED: "Interrupted by the user; the state is where the run stopped.",
    RecallStatus.BUDGET: "`max_sweeps` or `max_time` was used up while units still changed; raise it. Couplings "
    "that are asymmetric, or negative on the diagonal, may never settle.",
    RecallStatus.TIMEOUT: "`timeout` was used up; the state is where the run stopped.",
    RecallStatus.NON_FINITE: Status.NON_FINITE.message,
}


@dataclass(frozen=True, eq=False)
class Trace:
    """A recall moment by moment; a probe that has come to rest keeps its values, one in a cycle goes on around it.

    Attributes
    ----------
    states : ndarray, shape (K, N, T)
        After 0, 1, .. T - 1 steps.
    energies : ndarray, shape (K, T), or None
        None where the couplings are not symmetric.
    overlaps : ndarray, shape (K, p, T), or None
        With the network's patterns, None where it knows none.
    step : {"sweep", "change", "step"}
        What lies between two moments: a sweep, the change of one unit, or a step of a graded network.
    """

    states: NDArray[Any]
    energies: Floats | None
    overlaps: Floats | None
    step: str = "sweep"

    def __post_init__(self) -> None:
        object.__setattr__(self, "states", guarded(self.states))


@dataclass(frozen=True, eq=False)
class Recall(Record, Saved):
    """The end of a recall, a probe in each row.

    Attributes
    ----------
    states : ndarray, shape (K, N)
        In the network's own alphabet, as int8 whose sums and products are int64. Of a graded network the states u, not its
        outputs.
    status : ndarray of int, shape (K,)
        Values of :class:`RecallStatus`.
    periods : ndarray of int, shape (K,)
        1 for a fixed point, the length of a cycle, 0 where neither was seen.
    sweeps, flips : ndarray of int, shape (K,)
        Sweeps until the last change of a unit, and changes of units; graded: steps, and units whose sign is another.
    energies : ndarray, shape (K,), or None
        At the end; None where the couplings are not symmetric. A run that was stopped computes them as far as time
        allows; the others are NaN. The same holds for overlaps and for the trace.
    max_energy_rise : ndarray, shape (K,), or None
        The largest step upwards that the energy made, from update to update (asynchronous) or sweep to sweep.
    overlaps : ndarray, shape (K, p), or None
        With the network's patterns at the end, None where it knows none.
    trace : Trace or None
        The way there, with ``record=True``.
    layers : tuple of int, or None
        Sizes (n_a, n_b) of the layers of a BAM.
    times : ndarray, shape (K,), or None
        Graded networks: when the run of each probe ended, in the units of the capacitances.
    residuals : ndarray, shape (K,), or None
        Graded networks: the largest ``|du/dt|`` at the end.
    """

    states: NDArray[Any]
    status: NDArray[np.int8]
    periods: NDArray[np.int64]
    sweeps: NDArray[np.int64]
    flips: NDArray[np.int64]
    energies: Floats | None
    max_energy_rise: Floats | None
    overlaps: Floats | None
    trace: Trace | None = None
    layers: tuple[int, int] | None = None
    times: Floats | None = None
    residuals: Floats | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "states", guarded(self.states))

    @property
    def success(self) -> NDArray[np.bool_]:
        """Whether each probe ended in what its status says, shape (K,)."""
        return self.status >= 0

    @property
    def messages(self) -> list[str]:
        """One sentence a probe on how it ended."""
        return [RecallStatus(code).message for code in self.status]

    @property
    def a(self) -> NDArray[Any]:
        """The states of layer a of a BAM, shape (K, n_a)."""
        return self.states[:, : self._layer_sizes()[0]]

    @property
    def b(self) -> NDArray[Any]:
        """The states of layer b of a BAM, shape (K, n_b)."""
        return self.states[:, self._layer_sizes()[0] :]

    def _layer_sizes(self) -> tuple[int, int]:
        if self.layers is None:
            raise AttributeError("only the recall of a BAM has layers a and b; this one has `states`.")
        return self.layers

    def __len__(self) -> int:
        return len(self.states)

    def __repr__(self) -> str:
        names = [RecallStatus(code).name.lower() for code in self.status]
        counts = ", ".join(f"{names.count(name)} {name}" for name in dict.fromkeys(names))
        return f"Recall({len(self)} probes of {self.states.shape[1]} units: {counts})"

    plot = drawn("plot_recall", "Plot the recall")
