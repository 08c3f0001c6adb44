"""A trajectory as a chain of steps, with sweeps along it: ahead for states and sensitivities, back for gradients.

A step of an explicit Runge-Kutta method is

    z_r = y + h sum_q a[r, q] f_q,    f_r = f(t + c_r h, z_r, u_r),    y' = y + h sum_r b_r f_r

and an iteration of a map is ``y' = f(k, y, u)``. With cotangents w of y', the way back through a step [1]_ is

    w_r = h b_r w + h sum_{q > r} a[q, r] v_q,    v_r = (df/dz)' w_r,    w <- w + sum_r v_r

and every ``w_r`` adds ``(df/dp)' w_r`` to the gradient by the parameters. These are the derivatives of what is computed,
step lengths held fixed, not of what it approximates.

States are kept after each step as long as there is room; for longer trajectories those between are computed anew from
about ``sqrt(S)`` of them [2]_.

References
----------
.. [1] Hager (2000), Runge-Kutta methods in optimal control and the transformed adjoint system, Numer. Math. 87, 247.
.. [2] Chen, Xu, Zhang & Guestrin (2016), Training deep nets with sublinear memory cost, arXiv:1604.06174.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from learning import frames
from learning.courses import Course
from learning.frames import Memory
from learning.jumps import Jump
from learning.sweeps import MISSING, NON_FINITE, carry_ahead, carry_back, take_steps
from neurodynamics.systems import TRIAL_LANES, replay_of, tangents_address
from neurodynamics.validation import Floats

PIECE = 2e6  # operations between two looks for Ctrl-C and the deadline
MOST = 2**24  # numbers: states that are kept


class NotFinite(ArithmeticError):
    """A state, or a derivative, was not finite: the step is that of ``.step``."""

    def __init__(self, step: int, t: float) -> None:
        super().__init__(f"the state is not finite after step {step}, at t = {t:.6g}.")
        self.step, self.t = step, t


class Seen(NamedTuple):
    """Cotangents of states, from what is seen of them: after which steps (J,) or (J, L), and what (J, N) or (J, N, L)."""

    looks: np.ndarray
    cotangents: Floats


class Unrolled:
    """Trajectories of a system over given steps.

    Parameters
    ----------
    system : DynamicalSystem
    courses : Course, or at most TRIAL_LANES of them
        One trial; or trials in lanes, which end together, and have no resets: then arrays have a last axis for the lanes.
    most : int
        How many numbers may be kept as states.

    Attributes
    ----------
    seen : ndarray, shape (J, N) or (J, N, L)
        States at the looks of the courses; those of a lane with fewer looks have copies of the last behind them.
    """

    def __init__(self, system: Any, courses: Course | Sequence[Course], most: int = MOST) -> None:
        several = not isinstance(courses, Course)
        self.courses: list[Course] = list(courses) if several else [courses]  # type: ignore[arg-type, list-item]
        self.system, self.several, self._events = system, several, dict(self.courses[0].jumps)
        self.lanes = lanes = TRIAL_LANES if several else 1
        filled = self.courses + [self.courses[0]] * (lanes - len(self.courses))
        self.size = max(len(each.times) for each in filled) - 1
        self._delays = np.array([self.size + 1 - len(each.times) for each in filled])
        self._filled, self._jumps = filled, dict[int, Jump]()
        tableau, n, a_map = filled[0].tableau, system.state_dim, filled[0].a_map
        stages = tableau.stages
        self.replay = replay_of(system)
        self._memory = Memory(self.replay, np.asarray(system.params), lanes, stages)
        c, a = np.ascontiguousarray(tableau.c[:stages]), np.ascontiguousarray(tableau.a[:stages, :stages])
        self._memory.put(A=a, B=tableau.b, C=c, A_MAP=int(a_map), TANGENTS=0)
        kept = (self.size + 1) * n * lanes
        self.segment = self.size if kept <= most else int(np.ceil(np.sqrt(self.size)))
        self._y = np.empty((self.segment + 1, n, lanes))
        self._which = np.zeros((self.segment, stages, lanes), dtype=np.int64)
        self._silent = np.zeros(self._y.shape)
        self._memory.put(Y=self._y, WHICH=self._which, COTANGENTS=self._silent)
        self._begins = np.empty((-(-self.size // self.segment), n, lanes))
        self._begins[0] = np.stack([each.y0 for each in filled], axis=-1)
        self._run()

    @property
    def y(self) -> Floats:
        """States after the steps of the segment that is there: (S + 1, N) where all are kept; with lanes behind."""
        return self._y if self.several else self._y[..., 0]

    @property
    def exact(self) -> bool:
        """Whether derivatives are exact to rounding."""
        return self.replay.exact

    # Ahead -----------------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        looks = self.looks
        seen = np.empty((len(looks), *self._y.shape[1:]))
        for number in range(len(self._begins)):
            self._load(number)
            first, last = self._first, self._first + self._length
            at, lane = np.nonzero((looks >= first) & (looks <= last))
            seen[at, :, lane] = self._y[looks[at, lane] - first, :, lane]
            if number + 1 < len(self._begins):
                self._begins[number + 1] = self._y[self._length]
        self.seen = seen if self.several else seen[..., 0]

    @property
    def looks(self) -> np.ndarray:
        """After which steps outputs are looked at, (J, L); the last of each lane again where it has fewer."""
        rows = [each.looks + delay for each, delay in zip(self._filled, self._delays, strict=True)]
        longest = max(map(len, rows))
        return np.stack([np.append(row, np.full(longest - len(row), row[-1])) for row in rows], axis=-1)

    def _load(self, number: int) -> None:
        """Compute the states of a segment, from the one that was kept."""
        first = number * self.segment
        self._first, self._number, self._length = first, number, min(self.segment, self.size - first)
        parts = [each.part(first - delay, self._length)
                 for each, delay in zip(self._filled, self._delays.tolist(), strict=True)]  # fmt: skip
        t, h = (np.stack([part[k] for part in parts], axis=-1) for k in range(2))
        constant = all(each.inputs.constant for each in self._filled)
        u = np.stack([part[2][: 1 if constant else self._length] for part in parts], axis=-1)
        self._memory.put(T=t, H=h, U=u, U_STEP=0 if constant else u[0].size)
        self._y[0] = self._begins[number]
        for begin, stop in self._pieces(first, first + self._length):
            if begin in self._events:
                self._y[stop - first, :, 0] = self._jump(begin).after
            else:
                self._take(begin - first, stop - first)

    def _take(self, first: int, last: int) -> None:
        memory = self._memory
        while (code := memory.run(take_steps, first, last)) == MISSING:
            first, lane, _ = memory[frames.STOP].tolist()
            memory.record(float(memory[frames.V][0, self.replay.leaves - 1, lane]), self._leaf_inputs(lane))
        if code == NON_FINITE:
            k, lost, _ = memory[frames.STOP].tolist()
            lane = (lost & -lost).bit_length() - 1
            step = self._first + k - int(self._delays[lane])
            raise NotFinite(step, float(self._filled[lane].times[step + 1]))

    def _leaf_inputs(self, lane: int) -> Floats:
        n, m = self.system.state_dim, self.system.input_dim
        return self._memory[frames.V][0, n : n + m, lane].copy()

    def _pieces(self, first: int, last: int, factor: float = 1.0) -> list[tuple[int, int]]:
        """Return steps ``first`` to ``last`` in pieces, between which Ctrl-C comes through; a reset is one of its own."""
        cost = factor * self.lanes * self._which.shape[1] * (self.system.state_dim + self.system.param_dim)
        length = max(int(PIECE / cost), 1)
        inside = [k for k in sorted(self._events) if first <= k < last]
        edges = sorted({first, last, *inside, *(k + 1 for k in inside)})
        return [(k, min(k + length, b)) for a, b in pairwise(edges) for k in range(a, b, length)]

    def _jump(self, k: int) -> Jump:
        """Return the reset that stands in the place of a step."""
        if k not in self._jumps:
            times = self.courses[0].times
            t = float(times[k])
            before, after = np.empty((2, self.system.input_dim))
            for u, step in ((before, k - 1), (after, k + 1)):
                ends = times[[max(step, 0), min(step + 1, self.size)]]
                self.courses[0].inputs.evaluate(t, float(ends.mean()), u)
            self._jumps[k] = Jump(self.system, self._events[k], t, self._y[k - self._first, :, 0].copy(), before, after)
        return self._jumps[k]

    def _segments(self, first: int, last: int) -> list[tuple[int, int, int]]:
        """Return the segments that hold steps from ``first`` to ``last``: their numbers, and which steps."""
        length = self.segment
        numbers = range(first // length, -(-last // length))
        return [(k, max(first, k * length), min(last, (k + 1) * length)) for k in numbers]

    def _hear(self, seen: Seen | None) -> None:
        """Spread cotangents over the states of the segment that is there."""
        if seen is None:
            self._memory.put(COTANGENTS=self._silent)
            return
        looks, values = seen if self.several else (seen.looks[:, np.newaxis], seen.cotangents[..., np.newaxis])
        at, lane = np.nonzero((looks > self._first) & (looks <= self._first + self._length))
        spread = np.zeros(self._y.shape)
        np.add.at(spread, (looks[at, lane] - self._first, slice(None), lane), values[at, :, lane])  # type: ignore[arg-type]
        self._memory.put(COTANGENTS=spread)

    # Back ------------------------------------------------------------------------------------------------------------

    def back(
        self, seen: Seen | None, by_params: Floats, by_inputs: Floats | None = None,
        first: int = 0, last: int | None = None, end: Floats | None = None,
    ) -> Floats:  # fmt: skip
        """Return the cotangent of the state ``first``.

        Parameters
        ----------
        seen : Seen or None
            Cotangents of states after ``first``, up to ``last``, are used.
        by_params : ndarray, shape (P,)
            What the parameters get is added, from all lanes.
        by_inputs : ndarray, shape (S, M), optional
            What inputs that are held over each step get is added; of one trial.
        end : ndarray, shape (N,), optional
            A cotangent that comes to the state ``last`` from behind.
        """
        memory, shape = self._memory, (self.system.state_dim, self.lanes)
        memory.begin_back()
        w = np.zeros(shape) if end is None else end.reshape(shape).copy()
        memory.put(W=w)
        for number, low, high in reversed(self._segments(first, self.size if last is None else last)):
            if number != self._number:
                self._load(number)
            self._hear(seen)
            u = np.zeros((1 if by_inputs is None else self._length, self.system.input_dim, self.lanes))
            memory.put(BY_INPUTS=u, BY_STEP=0 if by_inputs is None else u[0].size)
            for begin, stop in reversed(self._pieces(low, high, 4.0)):
                if begin in self._events:
                    heard = w[:, 0] + memory[frames.COTANGENTS][stop - self._first, :, 0]
                    w[:, 0] = self._jump(begin).back(heard, by_params)
                else:
                    memory.run(carry_back, begin - self._first, stop - self._first)
            if by_inputs is not None:
                by_inputs[self._first : self._first + self._length] += u[..., 0]
        by_params += memory.by_params
        return w if self.several else w[:, 0]

    def ahead(
        self, S: Floats, by_params: Floats, keep: Any = (), seen: Seen | None = None
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
        seen : Seen, optional
            Cotangents of states: their products with the sensitivities are summed, ``sum_k w[k] S[k]``.
        """
        memory, n, m = self._memory, self.system.state_dim, self.system.input_dim
        memory.refresh()
        d = np.zeros((self.replay.places, S.shape[1]))
        d[n + m : n + m + len(by_params)] = by_params
        S, kept, total = S.copy(), np.empty((len(keep), *S.shape)), np.zeros(S.shape[1])
        if seen is not None:
            total += seen.cotangents[seen.looks == 0].sum(axis=0) @ S
        count = np.zeros(1, dtype=np.int64)
        if len(keep) and keep[0] == 0:
            kept[0], count[0] = S, 1
        memory.put(D=d, SENSITIVITIES=S, KEPT=kept, TOTAL=total, N_KEPT=count, DIRECTIONS=S.shape[1],
                   DF=np.empty((self._which.shape[1], *S.shape)), TANGENTS=tangents_address())  # fmt: skip
        for number, low, high in self._segments(0, self.size):
            if number != self._number:
                self._load(number)
            self._hear(seen)
            memory.put(KEEP=np.array([*keep, -1]) - self._first)
            for begin, stop in self._pieces(low, high, float(S.shape[1])):
                if begin not in self._events:
                    memory.run(carry_ahead, begin - self._first, stop - self._first)
                    continue
                S[:] = self._jump(begin).along(S, by_params)
                total += memory[frames.COTANGENTS][stop - self._first, :, 0] @ S
                if count[0] < len(keep) and keep[count[0]] == stop:
                    kept[count[0]] = S
                    count[0] += 1
        return S, kept, total
