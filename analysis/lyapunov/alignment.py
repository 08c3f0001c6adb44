"""Indices of alignment, SALI and GALI: volumes that unit tangent vectors span."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import deadline_in
from analysis.lyapunov.carrier import OutOfTime
from analysis.lyapunov.scheme import random_vectors
from analysis.lyapunov.tangent_maps import Course, Failed, TangentMaps, course_of, number_of_vectors, span_of
from neurodynamics import DynamicalSystem, Status
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_count, as_number_of, as_size
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

BLOCKS = 8  # of the second half of the time, whose rates give the standard error


@dataclass(frozen=True, eq=False, repr=False)
class AlignmentIndex(Record):
    """GALI_2 .. GALI_k over time.

    Attributes
    ----------
    t : array, shape (T,)
    log_gali : array, shape (k - 1, T)
        Natural logarithms of GALI_2, .., GALI_k: they do not end where the numbers of the index itself do.
    y0 : array, shape (N,)
    status : Status
    """

    t: Floats
    log_gali: Floats
    y0: Floats
    status: Status
    system: DynamicalSystem

    @property
    def sali(self) -> Floats:
        """The smaller alignment index, ``min(|w1 + w2|, |w1 - w2|)``, shape (T,)."""
        return 2.0 * np.sin(0.5 * np.arcsin(np.minimum(np.exp(self.log_gali[0]), 1.0)))

    def rate(self, k: int = 2) -> tuple[float, float]:
        """Return the rate at which ln GALI_k falls, and its standard error, from the second half of the time.

        For chaos it is ``(k - 1) lambda_1 - lambda_2 - .. - lambda_k``; regular motion has 0.
        """
        row = self.log_gali[as_number_of(k, "k", len(self.log_gali) + 2, "index") - 2 if as_count(k, "k", minimum=2) else 0]
        edges = np.linspace(self.t.size // 2, self.t.size - 1, BLOCKS + 1).astype(int)
        if self.t.size < 2 * BLOCKS:
            return np.nan, np.nan
        rates = -np.diff(row[edges]) / np.diff(self.t[edges])
        mean = -(row[edges[-1]] - row[edges[0]]) / (self.t[edges[-1]] - self.t[edges[0]])
        return float(mean), float(rates.std(ddof=1) / np.sqrt(BLOCKS))

    def power(self, k: int = 2) -> float:
        """Return p of ``GALI_k ~ t^-p``, fitted to the second half of the time in logarithms: 2 (k - d) on a d-torus."""
        as_count(k, "k", minimum=2)
        row = self.log_gali[as_number_of(k, "k", len(self.log_gali) + 2, "index") - 2]
        late = self.t > np.sqrt(self.t[self.t > 0].min(initial=1.0) * self.t.max(initial=1.0))
        return float(-np.polyfit(np.log(self.t[late]), row[late], 1)[0]) if late.sum() > 2 else np.nan

    plot = drawn("plot_alignment", "Draw the indices over time")

    def __repr__(self) -> str:
        if not self.t.size:
            return f"AlignmentIndex({self.status.name.lower()})"
        last = [f"GALI_{j + 2} = exp({row[-1]:.4g})" for j, row in enumerate(self.log_gali[:3])]
        return f"AlignmentIndex({', '.join(last)} at t = {self.t[-1]:g})"


def gali(
    system: DynamicalSystem,
    y0: ArrayLike,
    duration: float,
    *,
    k: int = 2,
    points: int = 200,
    inputs: Any = None,
    method: str | None = None,
    dt: float | None = None,
    rtol: float | None = None,
    rng: np.random.Generator | int | None = 0,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> AlignmentIndex:
    """Return the generalised alignment indices GALI_2 .. GALI_k of a trajectory, with SALI among them.

    The volume of the parallelepiped of k unit tangent vectors [1]_ [2]_. In chaos they fall into one direction and the
    volume vanishes exponentially; on a torus of d dimensions GALI_k stays for k <= d, and falls by a power of time beyond.
    Of maps of the plane, where tori are curves, GALI_2 falls like ``t^-2``. It is taken from triangular factors, so that
    it can be followed to any depth.

    Parameters
    ----------
    system : DynamicalSystem
    y0 : array_like, shape (N,)
    duration : float
        (Of a map: iterations.)
    k : int
        Vectors.
    points : int
        Moments at which the indices are returned, about.
    inputs, method, dt, rtol
        As for `lyapunov_spectrum`.
    rng : optional
        Seed or generator of the first vectors, which are orthonormal.
    timeout, on_interrupt
        As for `simulate`; the moments until then are returned.

    Returns
    -------
    AlignmentIndex

    References
    ----------
    .. [1] Skokos, Bountis & Antonopoulos (2007), Physica D 231, 30.
    .. [2] Skokos (2001), J. Phys. A 34, 10029.

    Examples
    --------
    >>> from analysis import gali
    >>> from neurodynamics import models
    >>> round(gali(models.standard_map(k=0), [0.1, 0.2], 10_000).power(2), 2)
    2.0
    """
    course, generator = course_of(system, y0, inputs, method, dt, rtol, rng)
    length, count = span_of(system, duration, "duration"), number_of_vectors(k, system, fewest=2)
    moments = as_size(points, "points", minimum=1)
    vectors = random_vectors(generator, count, system.state_dim)
    seconds = as_timeout(timeout)
    walk = _Walk(course, vectors, _moments(system, length, moments), deadline_in(seconds))
    found: AlignmentIndex = long_call(walk.run, walk.so_far, timeout=seconds, on_interrupt=as_on_interrupt(on_interrupt))
    return found


def _moments(system: DynamicalSystem, duration: float, points: int) -> Floats:
    t = np.linspace(0.0, duration, points + 1)
    return np.unique(np.round(t)) if system.kind == "map" else t


class _Walk:
    """One call."""

    def __init__(self, course: Course, vectors: Floats, t: Floats, deadline: float | None) -> None:
        self.course, self.first, self.t, self.deadline = course, vectors, t, deadline
        self.logs: list[Floats] = [np.zeros(len(vectors) - 1)]

    def run(self) -> AlignmentIndex:
        """Return the indices, or those until time is up."""
        maps = TangentMaps(self.course, self.deadline)
        maps.carrier.set_vectors(self.first)
        edges, volume = np.eye(len(self.first)), np.zeros(len(self.first))  # unit vectors in the moving frame
        try:
            for t in self.t[1:]:
                r, _ = maps.step(t)
                edges = r @ edges
                lengths = np.linalg.norm(edges, axis=0)
                edges /= lengths
                with np.errstate(divide="ignore"):
                    volume += np.log(np.diag(r)) - np.log(lengths)
                self.logs.append(np.cumsum(volume)[1:])
        except OutOfTime:
            return self.so_far(Status.TIMEOUT)
        except KeyboardInterrupt:
            return self.so_far(Status.INTERRUPTED)
        except Failed:
            return self.so_far(maps.carrier.status())
        return self.so_far(Status.SUCCESS)

    def so_far(self, status: Status) -> AlignmentIndex:
        """Return the record of the moments that were reached."""
        logs = list(self.logs)
        return AlignmentIndex(self.t[: len(logs)], np.array(logs).T, self.course.start, status, self.course.system)
