"""Growth of perturbations that obey other equations than those of the trajectory: coupled copies, driven parts.

Along ``dy/dt = f(y)`` (of a map: ``y -> f(y)``) the vectors obey ``(P J P - alpha H) q``, with P the projection onto the
states that respond, J the Jacobian, H a coupling and alpha its strength, which is a member's own.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.lyapunov import (
    JAC,
    RHS,
    TANGENT,
    Carrier,
    Course,
    OutOfTime,
    TimeLimit,
    average,
    random_vectors,
    settling_times,
)
from neurodynamics import Status
from neurodynamics.compiling import SystemFunction, call, pointer_closure
from neurodynamics.validation import Floats
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

BINS = 256  # of the averages
PARTS = 64  # of a run, after which what is finished counts


@functools.lru_cache(maxsize=64)
def _with_own_parameters(rhs: SystemFunction, jac: SystemFunction, p0: int) -> tuple[SystemFunction, SystemFunction]:
    """Return both functions for parameters that go on behind those of the system: alpha, P (N), H (N, N)."""
    f, g = rhs.address, jac.address

    @pointer_closure
    def trajectory(index, t, y, n, u, m, params, p, out, k):
        call(f, t, y, n, u, m, params, p0, out, n)

    @pointer_closure
    def perturbation(index, t, y, n, u, m, params, p, out, k):
        call(g, t, y, n, u, m, params, p0, out, n)
        alpha = params[p0]
        for i in range(n):
            for j in range(n):
                kept = params[p0 + 1 + i] * params[p0 + 1 + j] * out[i * n + j]
                out[i * n + j] = kept - alpha * params[p0 + 1 + n + i * n + j]

    trajectory.kept, perturbation.kept = rhs, jac
    return SystemFunction("rhs", trajectory), SystemFunction("jac", perturbation)


class PerturbationCarrier(Carrier):
    """Members of one start, each with its own alpha."""

    def __init__(self, course: Course, alphas: Floats, responds: Floats, coupling: Floats, workers: int) -> None:
        system, size = course.system, len(alphas)
        theta = np.concatenate([
            np.tile(system.params, (size, 1)), alphas[:, np.newaxis], np.tile(responds, (size, 1)),
            np.tile(coupling.ravel(), (size, 1)),
        ], axis=1)  # fmt: skip
        super().__init__(system, course.scheme, np.tile(course.start, (size, 1)), theta, [course.drive], workers)
        self._parts = _with_own_parameters(system.function("rhs"), system.function("jac"), system.param_dim)
        self._functions[RHS], self._functions[JAC] = (part.address for part in self._parts)
        self._functions[TANGENT] = 0

    def set_vectors(self, vectors: Floats) -> None:
        """Give every member the vectors (k, N), whose products are formed with the matrix."""
        super().set_vectors(vectors)
        self._functions[TANGENT] = 0


@dataclass(eq=False)
class Perturbations:
    """One call: rates of growth of k vectors for each alpha."""

    course: Course
    alphas: Floats
    responds: Floats
    coupling: Floats
    k: int
    duration: float
    given: tuple[float | None, float | None]
    workers: int
    rng: np.random.Generator
    deadline: float | None

    def __post_init__(self) -> None:
        self.rates: list[Floats] = []  # (B, bins, k)
        self.failed = np.zeros(len(self.alphas), dtype=bool)

    def run(self) -> Status:
        """Carry all along, and return how it ended."""
        course, limits = self.course, TimeLimit(self.deadline)
        transient, warm_up = settling_times(course, self.duration, *self.given)
        carrier = PerturbationCarrier(course, self.alphas, self.responds, self.coupling, self.workers)
        try:
            if transient:
                carrier.go(np.array([0.0, transient]), limits)
            vectors = np.zeros((self.k, carrier.n))
            vectors[:, self.responds > 0] = random_vectors(self.rng, self.k, int(self.responds.sum()))
            carrier.set_vectors(vectors)
            begin = transient + warm_up
            if warm_up:
                carrier.go(np.array([transient, begin]), limits)
            edges = begin + np.linspace(0.0, self.duration, BINS + 1)
            if course.system.kind == "map":
                width = max(1, int(self.duration) // BINS)
                edges = begin + width * np.arange(max(1, int(self.duration) // width) + 1.0)
            for part in np.array_split(np.arange(len(edges) - 1), min(PARTS, len(edges) - 1)):
                growth, _ = carrier.go(edges[part[0] : part[-1] + 2], limits)
                self.failed |= carrier.failed
                self.rates.append(growth / (edges[1] - edges[0]))
        except OutOfTime:
            return Status.TIMEOUT
        except KeyboardInterrupt:
            return Status.INTERRUPTED
        return Status.NON_FINITE if self.failed.all() else Status.SUCCESS

    def averages(self) -> tuple[Floats, Floats]:
        """Return averages and standard errors (B, k), nan where there are none."""
        rates, failed = list(self.rates), self.failed | (not self.rates)
        values = np.full((2, len(self.alphas), self.k), np.nan)
        whole = np.concatenate(rates, axis=1) if rates else np.empty((len(self.alphas), 0, self.k))
        for b in np.flatnonzero(~failed):
            means = average(whole[b], "auto" if whole.shape[1] > 8 else "flat")
            values[:, b] = means.values, means.errors
        return values[0], values[1]


def run_within(call: Perturbations, record: Any, timeout: Any, on_interrupt: Any) -> Any:
    """Return ``record(status)`` of a call, in time."""
    return long_call(lambda: record(call.run()), record, timeout=as_timeout(timeout),
                     on_interrupt=as_on_interrupt(on_interrupt))  # fmt: skip
