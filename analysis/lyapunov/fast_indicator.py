"""The fast Lyapunov indicator of many starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import deadline_in
from analysis.lyapunov.carrier import STATUS, Carrier, OutOfTime, TimeLimit
from analysis.lyapunov.flow import EDGE
from analysis.lyapunov.tangent_maps import course_of, span_of
from neurodynamics import DynamicalSystem, Status
from neurodynamics.compiling import as_workers
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.simulation import members_of
from neurodynamics.validation import Floats, as_floats, as_number, as_size, require_room
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call


@dataclass(frozen=True, eq=False)
class FastLyapunovIndicator(Record):
    """The fast Lyapunov indicator: the largest logarithm of the length of a tangent vector until then.

    Attributes
    ----------
    values : array, shape (B,)
        At the end; it grows like ``lambda t`` in chaos and like ``ln t`` on tori. nan where a trajectory did not get there.
    history : array, shape (B, T)
        At the times ``t`` (T,).
    y0 : array, shape (B, N)
    vector : array, shape (N,)
        The first tangent vector.
    status : array of int, shape (B,)
        A `Status` a start.
    """

    t: Floats
    history: Floats
    y0: Floats
    vector: Floats
    status: np.ndarray
    system: DynamicalSystem

    @property
    def values(self) -> Floats:
        """The indicator at the end, (B,)."""
        return self.history[:, -1]

    plot = drawn("plot_fast_indicator", "Draw the indicator over the starts")

    def __repr__(self) -> str:
        return f"FastLyapunovIndicator({len(self.y0)} starts, t = {self.t[-1]:g})"


def fast_lyapunov_indicator(
    system: DynamicalSystem,
    y0: ArrayLike,
    duration: float,
    *,
    vector: ArrayLike | None = None,
    points: int = 100,
    t0: float = 0.0,
    inputs: Any = None,
    method: str | None = None,
    dt: float | None = None,
    rtol: float | None = None,
    workers: int | None = None,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> FastLyapunovIndicator:
    """Return the fast Lyapunov indicator ``sup over s <= t of ln |v(s)|`` of one or many starts.

    It tells chaos from tori, and resonances from curves without, long before exponents converge [1]_.

    Parameters
    ----------
    system : DynamicalSystem
    y0 : array_like, shape (N,) or (B, N)
    duration : float
        (Of a map: iterations.)
    vector : array_like, shape (N,), optional
        The first tangent vector, of any length but zero; by default one in a fixed random direction. Charts of one
        resonance need the same one for all starts.
    points : int
        Times at which the supremum is taken, about.
    t0 : float
        Time of the start.
    inputs, method, dt, rtol
        As for `lyapunov_spectrum`.
    workers : int, optional
        Threads.
    timeout, on_interrupt
        As for `simulate`; starts that were not finished have nan.

    Returns
    -------
    FastLyapunovIndicator

    References
    ----------
    .. [1] Froeschle, Lega & Gonczi (1997), Celest. Mech. Dyn. Astron. 67, 41.

    Examples
    --------
    >>> from analysis import fast_lyapunov_indicator
    >>> from neurodynamics import models
    >>> fli = fast_lyapunov_indicator(models.standard_map(k=0.9), [[0, 0.1], [0, 2.4]], 500)
    >>> bool(fli.values[1] > 0 and fli.values[0] > fli.values[1])  # next to the saddle, and on a curve
    True
    """
    course, rng = course_of(system, None, inputs, method, dt, rtol, 0)
    starts, theta, _ = members_of(system, y0, None, None)
    length, begin = span_of(system, duration, "duration"), as_number(t0, "t0")
    edges = np.linspace(0.0, length, as_size(points, "points", minimum=1) + 1)
    edges = begin + (np.unique(np.round(edges)) if system.kind == "map" else edges)
    require_room(float(len(starts)) * len(edges), "points")
    first = _first_vector(vector, system.state_dim, rng)
    seconds, threads, wanted = as_timeout(timeout), as_workers(workers), as_on_interrupt(on_interrupt)
    carrier = Carrier(system, course.scheme, starts, theta, [course.drive], threads)
    call = _Call(carrier, edges, starts, first, system, deadline_in(seconds))
    found: FastLyapunovIndicator = long_call(call.run, call.so_far, timeout=seconds, on_interrupt=wanted)
    return found


def _first_vector(vector: ArrayLike | None, n: int, rng: np.random.Generator) -> Floats:
    if vector is None:
        drawn_at_random = rng.normal(size=n)
        return drawn_at_random / np.linalg.norm(drawn_at_random)
    given = as_floats(vector, "vector")
    if given.shape != (n,) or not given.any():
        raise ValueError(f"`vector` must have shape (N,) = ({n},) and not be zero; got {np.asarray(vector)!r:.60}.")
    return given


@dataclass(eq=False)
class _Call:
    """One call."""

    carrier: Carrier
    edges: Floats
    starts: Floats
    vector: Floats
    system: DynamicalSystem
    deadline: float | None

    def run(self) -> FastLyapunovIndicator:
        carrier = self.carrier
        carrier.begin(self.edges[0])
        carrier.set_vectors(self.vector[np.newaxis] / np.linalg.norm(self.vector))
        try:
            carrier.go(self.edges, TimeLimit(self.deadline))
        except OutOfTime:
            return self.so_far(Status.TIMEOUT)
        except KeyboardInterrupt:
            return self.so_far(Status.INTERRUPTED)
        return self.so_far(Status.SUCCESS)

    def so_far(self, status: Status) -> FastLyapunovIndicator:
        carrier, size = self.carrier, np.log(np.linalg.norm(self.vector))
        growth = getattr(carrier, "growth", None)
        ended = np.full(len(self.starts), int(status))
        logs = np.full((len(self.starts), len(self.edges) - 1), np.nan)
        if growth is not None and growth.shape[2]:
            done = np.arange(logs.shape[1]) < carrier.counts[:, EDGE, np.newaxis]
            logs = np.where(done, np.cumsum(growth[:, :, 0], axis=1), np.nan)
            ended = np.array([int(STATUS.get(int(code), status)) for code in carrier.codes])
        whole = np.concatenate([np.full((len(logs), 1), size), size + logs], axis=1)
        return FastLyapunovIndicator(self.edges, np.maximum.accumulate(whole, axis=1), self.starts, self.vector, ended,
                                     self.system)  # fmt: skip
