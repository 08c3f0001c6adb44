"""Tangent vectors carried through resets: by `simulate`, whose events are exact, and saltation matrices."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from analysis.lyapunov import flow as F
from analysis.lyapunov.carrier import PENDING, Carrier, OutOfTime, TimeLimit
from analysis.lyapunov.scheme import Scheme
from neurodynamics import Solution, Status, simulate
from neurodynamics.systems import with_tangents
from neurodynamics.validation import Floats

GROWS_BY = 4.0  # logarithm of what vectors may grow or shrink by between two orthonormalisations
MOST_PARTS = 4096  # of a bin
GOES_ON = (Status.SUCCESS, Status.EVENT)


class CarrierThroughResets(Carrier):
    """One trajectory of a flow with a `reset`, with its k tangent vectors."""

    can_probe = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.host or self.scheme.noisy:
            raise ValueError("exponents through a `reset` need compiled functions, no `product` and no noise.")
        self._tangents, self._q, self._parts = with_tangents(self.system, 0), np.empty((0, self.n)), 1
        self._status = Status.SUCCESS

    @property
    def vectors(self) -> Floats:
        """The tangent vectors, (1, k, N)."""
        return self._q[np.newaxis]

    def set_vectors(self, vectors: Floats) -> None:
        """Take tangent vectors (k, N)."""
        self._q, self.k = np.linalg.qr(vectors.T)[0].T.copy(), len(vectors)
        self._tangents = with_tangents(self.system, self.k)

    def status(self, member: int = 0) -> Status:
        """Return how the trajectory fared so far."""
        return self._status

    def go(self, edges: Floats, limits: TimeLimit | None = None, scheme: Scheme | None = None) -> tuple[Floats, Floats]:
        """Carry it through bins of time; return growth (1, bins, k) and logarithms of the change of volume (1, bins)."""
        limits, bins = limits or TimeLimit(), len(edges) - 1
        self.growth, self.traces = np.zeros((1, bins, self.k)), np.zeros((1, bins))
        self.counts[:, F.EDGE], self.codes[:] = 0, PENDING
        for b in range(bins):
            parts = np.linspace(edges[b], edges[b + 1], self._parts + 1)
            largest = 0.0
            for start, end in zip(parts[:-1], parts[1:], strict=True):
                if limits.deadline is not None and time.perf_counter() > limits.deadline:
                    raise OutOfTime
                growth = self._part(b, start, end)
                if growth is None:
                    return self.growth, self.traces
                largest = max(largest, growth)
            if largest > GROWS_BY:
                self._parts = min(2 * self._parts, MOST_PARTS)
            self.counts[0, F.EDGE] += 1
            if limits.watch is not None:
                limits.watch(float(b + 1), bins)
        self.codes[:] = F.DONE
        return self.growth, self.traces

    def _part(self, b: int, start: float, end: float) -> float | None:
        """Carry state and vectors from one time to another; return the largest logarithm of their growth."""
        if end == start:
            return 0.0
        run = self._run(start, end)
        self.counts[0, F.STEPS] += run.steps
        if run.status not in GOES_ON or run.t[-1] < end:
            self._status = Status.EVENT if run.status == Status.EVENT else run.status
            self.codes[:] = F.NON_FINITE
            return None
        final, n = run.final, self.n
        q, r = np.linalg.qr(final[n:-1].reshape(self.k, n).T)
        with np.errstate(divide="ignore"):
            logs = np.log(np.abs(np.diag(r)))
        self.growth[0, b] += logs
        self.traces[0, b] += final[-1]
        self.y[0, :n], self.clocks[0, F.T], self._q = final[:n], end, q.T.copy()
        return float(np.abs(logs[np.isfinite(logs)]).max(initial=0.0))

    def _run(self, start: float, end: float) -> Solution:
        scheme, drive = self.scheme, self.drives[0]
        steps: dict[str, Any] = {"rtol": scheme.rtol, "atol": scheme.atol} if scheme.adaptive else {"dt": scheme.dt}
        if scheme.adaptive and np.isfinite(scheme.h_max):
            steps["max_step"] = scheme.h_max
        first = np.concatenate([self.y[0, : self.n], self._q.ravel(), [0.0]])
        return simulate(self._tangents, (start, end), first, inputs=drive.given, method=scheme.name, save="final",
                        **steps)  # fmt: skip
