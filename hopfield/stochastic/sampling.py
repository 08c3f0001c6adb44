"""Chains of states of a stochastic memory: samples with their errors, and annealing."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.checks import ALPHABETS, as_steps, as_temperatures, require_room
from hopfield.discrete import TwoValued
from hopfield.recall import Recall, RecallStatus
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.status import Interrupted
from neurodynamics.validation import Floats, as_choice, as_count, as_generator, as_instance, as_number, dimensions
from neurodynamics.watched import as_on_interrupt, as_timeout


@dataclass(frozen=True, eq=False, repr=False)
class Samples(Record):
    """States that chains went through, one a sweep.

    Attributes
    ----------
    states : ndarray, shape (C, N, S)
        Of C chains in S sweeps.
    energies : ndarray, shape (C, S), or None
        None where couplings are not symmetric.
    temperature : float
    status : RecallStatus
        SAMPLED; or what ended the chains before all sweeps were made.
    """

    states: NDArray[np.int8]
    energies: Floats | None
    temperature: float
    status: RecallStatus

    @property
    def mean(self) -> Floats:
        """Mean of each unit over chains and sweeps, (N,)."""
        return np.asarray(self.states, dtype=float).mean(axis=(0, 2))

    @property
    def correlations(self) -> Floats:
        """Mean products of units, (N, N)."""
        rows = np.asarray(self.states, dtype=float).transpose(1, 0, 2).reshape(self.states.shape[1], -1)
        return rows @ rows.T / rows.shape[1]

    @property
    def shrink_factor(self) -> float:
        """Gelman and Rubin's factor of the energy: near 1 where the chains have forgotten their starts."""
        if self.energies is None or min(self.energies.shape) < 2:
            return float("nan")
        within = self.energies.var(axis=1, ddof=1).mean()
        between = self.energies.mean(axis=1).var(ddof=1)
        sweeps = self.energies.shape[1]
        return float(np.sqrt((sweeps - 1) / sweeps + between / within)) if within > 0 else float("nan")

    def counts(self) -> NDArray[np.int64]:
        """How often each state of a small network came, (2^N,), in the order of :func:`all_states`."""
        n = self.states.shape[1]
        require_room("the counts of all states", 2.0**n, itemsize=8)
        bits = np.asarray(self.states).transpose(0, 2, 1) == ALPHABETS["bipolar"][1]
        return np.bincount((bits @ (1 << np.arange(n)[::-1])).ravel(), minlength=2**n)

    def __repr__(self) -> str:
        chains, n, sweeps = self.states.shape
        return f"Samples({chains} chains of {n} units, {sweeps} sweeps at temperature {self.temperature:g})"

    plot = drawn("plot_samples", "Draw the energies of the chains")


def sample(
    network: TwoValued,
    temperature: float,
    sweeps: int = 100,
    *,
    chains: int = 100,
    burn_in: int = 100,
    update: str = "asynchronous",
    rng: Any = None,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> Samples:
    """Run chains from random states, and return the states of the sweeps after the burn-in.

    Parameters
    ----------
    network : DiscreteHopfield, DiscreteBAM, ..
    temperature : float
        Positive.
    sweeps, chains, burn_in : int
        Numbers of sweeps that are kept, of chains, and of sweeps before.
    update : {"asynchronous", "synchronous"}
        Glauber's dynamics or Little's; a BAM is updated layer by layer in any case. Their laws: :func:`stationary_law`.
    rng : Generator, int or None
    timeout : float, optional
        Seconds; the sweeps that were made until then are returned.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises ``Interrupted`` with those as ``result``, or returns them.

    Examples
    --------
    >>> import numpy as np
    >>> from hopfield import DiscreteHopfield, sample
    >>> found = sample(DiscreteHopfield([[0, 1], [1, 0]]), 1.0, chains=1000, rng=0)
    >>> bool(abs(found.correlations[0, 1] - np.tanh(1.0)) < 0.02)
    True
    """
    network, generator = as_instance(network, "network", TwoValued), as_generator(rng)
    T = as_number(temperature, "temperature", positive=True)
    kept, before = as_steps(sweeps, "sweeps"), as_count(burn_in, "burn_in")
    as_choice(update, "update", ("asynchronous", "synchronous"))
    as_on_interrupt(on_interrupt)
    left = _Left(timeout)
    count = as_count(chains, "chains", minimum=1)
    require_room("the states of all `chains` and `sweeps`", count, network.size, kept)
    states = _random(network, count, generator)
    options = {"temperature": T, "rng": generator, "update": update, "on_interrupt": "return"}
    if before:
        states = _recalled(network, states, max_sweeps=as_steps(before, "burn_in"), timeout=left.seconds, **options).states
    run = _recalled(network, states, max_sweeps=kept, timeout=left.seconds, record=True, **options)
    trace, status = run.trace, RecallStatus(int(run.status.min()))
    moments = slice(1, None)
    found = Samples(
        states[:, :, np.newaxis][..., moments] if trace is None else trace.states[..., moments],
        None if trace is None or trace.energies is None else trace.energies[:, moments], T, status,
    )  # fmt: skip
    if status is RecallStatus.INTERRUPTED and on_interrupt == "raise":
        raise Interrupted(found)
    return found


def anneal(
    network: TwoValued,
    temperatures: ArrayLike,
    starts: ArrayLike | int = 100,
    *,
    record: bool = False,
    rng: Any = None,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> Recall:
    """Cool a network down, a sweep at each temperature, and let it come to rest at T = 0.

    Parameters
    ----------
    network : DiscreteHopfield, DiscreteBAM, ..
    temperatures : array_like, shape (sweeps,)
        The schedule, see :func:`cooling`.
    starts : int, or array_like, shape (K, N)
        Where from, or from how many random states; the best is that of the least of ``energies``.
    record : bool
        Whether to keep the states after each sweep of the schedule, in ``trace``.
    rng : Generator, int or None
    timeout : float, optional
        Seconds; what was reached until then is returned.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises ``Interrupted`` with the partial ``result``, or returns that.

    Returns
    -------
    Recall
        The states at rest, with sweeps and flips of both parts.

    References
    ----------
    .. [1] Kirkpatrick, Gelatt & Vecchi (1983), Science 220, 671.

    Examples
    --------
    >>> import numpy as np
    >>> from hopfield import DiscreteHopfield, anneal, cooling
    >>> J = np.random.default_rng(1).normal(size=(30, 30))
    >>> glass = DiscreteHopfield((J + J.T) * (1 - np.eye(30)))
    >>> slow = anneal(glass, cooling(10.0, 0.5, 200), 20, rng=0)
    >>> slow
    Recall(20 probes of 30 units: 20 fixed_point)
    """
    network, generator = as_instance(network, "network", TwoValued), as_generator(rng)
    schedule = as_temperatures(temperatures, "temperatures")
    as_on_interrupt(on_interrupt)
    left = _Left(timeout)
    drawn_at_random = dimensions(starts) == 0
    states = _random(network, as_count(starts, "starts", minimum=1), generator) if drawn_at_random else starts
    states = network.states(states, "starts")
    options: dict[str, Any] = {"rng": generator, "on_interrupt": "return"}
    hot = _recalled(network, states, temperature=schedule, record=record, timeout=left.seconds, **options)
    result = hot
    if hot.success.all():
        cold = _recalled(network, hot.states, max_sweeps=SETTLING, timeout=left.seconds, **options)
        result = dataclasses.replace(cold, sweeps=schedule.size + cold.sweeps, flips=hot.flips + cold.flips, trace=hot.trace)
    if (result.status == RecallStatus.INTERRUPTED).any() and on_interrupt == "raise":
        raise Interrupted(result)
    return result


SETTLING = 1000  # sweeps at T = 0 after a schedule, at most


def cooling(first: float, last: float, sweeps: int, kind: str = "geometric") -> Floats:
    """Return a schedule of temperatures for :func:`anneal`, one a sweep.

    Parameters
    ----------
    first, last : float
        Positive; `last` may be 0 for "linear".
    sweeps : int
    kind : {"geometric", "linear", "logarithmic"}
        By equal factors; by equal steps; ``c / ln(1 + t)``, shifted so that it begins and ends there: slow
        enough to find the minimum with certainty where c is the height of the barriers [1]_.

    References
    ----------
    .. [1] Hajek (1988), Math. Oper. Res. 13, 311.

    Examples
    --------
    >>> from hopfield import cooling
    >>> cooling(8.0, 1.0, 4)
    array([8., 4., 2., 1.])
    """
    a, b, count = as_number(first, "first", positive=True), as_number(last, "last", minimum=0.0), as_steps(sweeps, "sweeps")
    if b > a:
        raise ValueError(f"`last` must be at most `first`, {a:g}; got {b:g}, which heats.")
    require_room("the temperatures of all `sweeps`", count, itemsize=8)
    if as_choice(kind, "kind", ("geometric", "linear", "logarithmic")) == "linear":
        return np.linspace(a, b, count)
    if b == 0:
        raise ValueError(f"`last` must be positive for a {kind} schedule, which never reaches 0; use kind='linear'.")
    if kind == "geometric":
        return np.geomspace(a, b, count)
    ends = 1 / a, 1 / b  # of 1/T, which grows as the logarithm of time does
    return 1 / (ends[0] + (ends[1] - ends[0]) * np.log1p(np.arange(count)) / np.log(max(count, 2)))


class _Left:
    """What is left of the time of a call of several parts."""

    def __init__(self, timeout: float | None) -> None:
        limit = as_timeout(timeout)
        self.end = None if limit is None else time.perf_counter() + limit

    @property
    def seconds(self) -> float | None:
        return None if self.end is None else max(0.0, self.end - time.perf_counter())


def _random(network: TwoValued, count: int, rng: np.random.Generator) -> NDArray[np.int8]:
    require_room("the random states that `starts` or `chains` asks for", count, network.size)
    low, high = ALPHABETS[network.values]
    states = rng.integers(0, 2, (count, network.size), np.int8)
    states *= high - low
    states += low
    return states


def _recalled(network: Any, states: ArrayLike, **options: Any) -> Recall:
    """Recall from whole states, of one layer or of two."""
    if network.layers is None:
        return network.recall(states, **options)
    n = network.layers[0]
    options.pop("update", None)
    return network.recall(np.asarray(states)[:, :n], np.asarray(states)[:, n:], **options)
