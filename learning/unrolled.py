"""A trajectory as a chain of steps, with sweeps along it: ahead for states and sensitivities, back for gradients.

A step of an explicit Runge-Kutta method is

    z_r = y + h sum_q a[r, q] f_q,    f_r = f(t + c_r h, z_r, u_r),    y' = y + h sum_r b_r f_r

and an iteration of a map is ``y' = f(k, y, u)``. With cotangents w of y', the way back through a step [1]_ is

    w_r = h b_r w + h sum_{q > r} a[q, r] v_q,    v_r = (df/dz)' w_r,    w <- w + sum_r v_r

and every ``w_r`` adds ``(df/dp)' w_r`` to the gradient by the parameters. These are the derivatives of what is computed,
step lengths held fixed, not of what it approximates.

References
----------
.. [1] Hager (2000), Runge-Kutta methods in optimal control and the transformed adjoint system, Numer. Math. 87, 247.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from learning.jumps import Jump
from learning.sweeps import MISSING, NON_FINITE, Steps, carry_ahead, carry_back, evaluate_inputs_at, take_steps
from neurodynamics.inputs import Inputs
from neurodynamics.schemes import EULER, Tableau
from neurodynamics.systems import replay_of
from neurodynamics.validation import Floats

PIECE = 2e6  # operations between two looks for Ctrl-C and the deadline


class NotFinite(ArithmeticError):
    """A state, or a derivative, was not finite: the step is that of ``.step``."""

    def __init__(self, step: int, t: float) -> None:
        super().__init__(f"the state is not finite after step {step}, at t = {t:.6g}.")
        self.step, self.t = step, t


class Unrolled:
    """A trajectory of a system over given steps.

    Parameters
    ----------
    system : DynamicalSystem
    y0 : ndarray, shape (N,)
    inputs : Inputs
    times : ndarray, shape (S + 1,)
        Ends of the steps; for a map, S + 1 whole numbers.
    tableau : Tableau
    jumps : mapping of int to int, optional
        Which "steps" are resets, at which event; their ends are the same time twice.
    """

    def __init__(self, system: Any, y0: Floats, inputs: Inputs, times: Floats, tableau: Tableau = EULER,
                 jumps: Mapping[int, int] | None = None) -> None:  # fmt: skip
        self.system, self._inputs, self._events = system, inputs, dict(jumps or {})
        self._jumps: dict[int, Jump] = {}
        a_map, stages = system.kind == "map", tableau.stages
        c = np.ascontiguousarray(tableau.c[:stages])
        a = np.ascontiguousarray(tableau.a[:stages, :stages])
        self.steps = Steps(times, _inputs_at_stages(inputs, times, c, a_map), a, tableau.b, c, a_map)
        self.replay = replay_of(system)
        self.y = np.empty((len(times), system.state_dim))
        self.y[0] = y0
        self.which = np.full((len(times) - 1, stages), -1)
        self._run()

    @property
    def size(self) -> int:
        """Number of steps."""
        return len(self.y) - 1

    @property
    def exact(self) -> bool:
        """Whether derivatives are exact to rounding."""
        return self.replay.exact

    def _room(self) -> tuple[Floats, Floats]:
        """Return memory for the values and slopes of all stages, the parameters filled in."""
        n, m = self.system.state_dim, self.system.input_dim
        v = np.zeros((self.which.shape[1], self.replay.places))
        v[:, n + m : n + m + self.system.param_dim] = self.system.params
        return v, np.zeros(v.shape)

    def _pieces(self, first: int, last: int, factor: float = 1.0) -> list[tuple[int, int]]:
        """Return steps ``first`` to ``last`` in pieces, between which Ctrl-C comes through; a reset is one of its own."""
        cost = factor * self.which.shape[1] * (self.system.state_dim + self.system.param_dim)
        length = max(int(PIECE / cost), 1)
        inside = [k for k in sorted(self._events) if first <= k < last]
        edges = sorted({first, last, *inside, *(k + 1 for k in inside)})
        return [(k, min(k + length, b)) for a, b in pairwise(edges) for k in range(a, b, length)]

    def _jump(self, k: int) -> Jump:
        """Return the reset that stands in the place of a step."""
        if k not in self._jumps:
            t = float(self.steps.t[k])
            before, after = np.empty((2, self.system.input_dim))
            for u, step in ((before, k - 1), (after, k + 1)):
                ends = self.steps.t[[max(step, 0), min(step + 1, self.size)]]
                self._inputs.evaluate(t, float(ends.mean()), u)
            self._jumps[k] = Jump(self.system, self._events[k], t, self.y[k].copy(), before, after)
        return self._jumps[k]

    def _run(self) -> None:
        v, s = self._room()
        for first, last in self._pieces(0, self.size):
            if first in self._events:
                self.y[last] = self._jump(first).after
                continue
            k, code = first, MISSING
            while code == MISSING:
                k, stage, code = take_steps(self.replay.tables, self.steps, self.y, self.which, v, s, k, last)
                if code == MISSING:
                    self._record(k, stage)
                    v, s = self._room()
            if code == NON_FINITE:
                raise NotFinite(k, float(self.steps.t[k + 1]))

    def _record(self, k: int, stage: int) -> None:
        """Record the function where no record holds; the stage's state was left as the next state."""
        t = self.steps.t[k] + self.steps.c[stage] * (self.steps.t[k + 1] - self.steps.t[k])
        z, u = self.y[k + 1].copy(), self.steps.u[k, stage].copy()
        self.replay.add(float(t), z, u, np.asarray(self.system.params))

    def back(
        self, cotangents: Floats, by_params: Floats, by_inputs: Floats | None = None,
        first: int = 0, last: int | None = None, end: Floats | None = None,
    ) -> Floats:  # fmt: skip
        """Return the cotangent of the state ``first``.

        Parameters
        ----------
        cotangents : ndarray, shape (S + 1, N)
            Of the states, from what is seen of them: those after ``first``, up to ``last``, are used.
        by_params : ndarray, shape (P,)
            What the parameters get is added.
        by_inputs : ndarray, shape (S, M), optional
            What inputs that are held over each step get is added.
        end : ndarray, shape (N,), optional
            A cotangent that comes to the state ``last`` from behind.
        """
        last = self.size if last is None else last
        (v, s), n, m = self._room(), self.system.state_dim, self.system.input_dim
        w, d = np.zeros(n) if end is None else end.copy(), np.zeros(v.shape[1])
        u = np.zeros((self.size, m)) if by_inputs is None else by_inputs
        for begin, stop in reversed(self._pieces(first, last, 4.0)):
            if begin in self._events:
                w = self._jump(begin).back(w + cotangents[stop], by_params)
            else:
                carry_back(self.replay.tables, self.steps, self.y, self.which, cotangents, w, v, s, d, u, begin, stop)
        by_params += d[n + m : n + m + self.system.param_dim]
        return w

    def ahead(
        self, S: Floats, by_params: Floats, keep: Any = (), cotangents: Floats | None = None
    ) -> tuple[Floats, Floats, Floats]:
        """Carry sensitivities (N, K) of the state along; return the last, the kept ones, and the gradient (K,).

        Parameters
        ----------
        S : ndarray, shape (N, K)
            Of the first state.
        by_params : ndarray, shape (P, K)
            What the K directions do to the parameters.
        keep : sequence of int
            After which steps sensitivities are kept, ascending.
        cotangents : ndarray, shape (S + 1, N), optional
            Of the states: their products with the sensitivities are summed, ``sum_k w[k] S[k]``.
        """
        (v, s), n, m = self._room(), self.system.state_dim, self.system.input_dim
        d = np.zeros((v.shape[1], S.shape[1]))
        d[n + m : n + m + len(by_params)] = by_params
        w = np.zeros((len(self.y), n)) if cotangents is None else cotangents
        S, kept, total = S.copy(), np.empty((len(keep), n, S.shape[1])), w[0] @ S
        wanted = np.array([*keep, -1])
        count = np.zeros(1, dtype=np.int64)
        if len(keep) and wanted[0] == 0:
            kept[0], count[0] = S, 1
        for begin, stop in self._pieces(0, self.size, float(S.shape[1])):
            if begin in self._events:
                S = self._jump(begin).along(S, by_params)
                total += w[stop] @ S
                if wanted[count[0]] == stop:
                    kept[count[0]] = S
                    count[0] += 1
                continue
            carry_ahead(self.replay.tables, self.steps, self.y, self.which, v, s, d, S, w, total, wanted, kept, count, begin,
                      stop)  # fmt: skip
        return S, kept, total


def _inputs_at_stages(inputs: Inputs, times: Floats, c: Floats, a_map: bool) -> Floats:
    """Return u at the stages of all steps, each on the smooth piece that holds the step."""
    base, terms, number, data = inputs.table
    u = np.empty((len(times) - 1, c.size, base.size))
    if inputs.constant:
        u[:] = base
    elif inputs.callable is None:
        evaluate_inputs_at(base, terms, number, data, times, c, a_map, u)
    else:
        for k, (t, end) in enumerate(zip(times[:-1], times[1:], strict=True)):
            for r in range(c.size):
                inputs.evaluate(t + c[r] * (end - t), t if a_map else 0.5 * (t + end), u[k, r])
    return u
