"""What a sweep is given: one vector of addresses and lengths, and the arrays that these are of."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numba.core import types

from neurodynamics.compiling import INTEGERS, address_of, addresses, place
from neurodynamics.systems import Replay, backwards, forwards, sweep_address
from neurodynamics.validation import Floats

# Slots of a frame
(FORWARDS, BACKWARDS, TANGENTS, TABLES, N_TABLES, LEAVES, N, M, K, STAGES, A_MAP, SHOWS, T, H, U,
 U_STEP, A, B, C, Y, WHICH, PLACES, V, S, D, F, BACK, W, OF, SAVED, COTANGENTS, BY_INPUTS, BY_STEP, PARAMS, BY_PARAMS,
 STOP, DIRECTIONS, SENSITIVITIES, DF, TOTAL, KEEP, KEPT, N_KEPT, FRAME) = range(44)  # fmt: skip

_RUN = types.int64(INTEGERS, types.int64, types.int64)
_CALL = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_int64] * 3)


@functools.cache
def entry(way: Callable[[int], Any], lanes: int = 1) -> Callable[[int, int, int], int]:
    """Return a compiled sweep as a Python function of a frame's address, the first step, and the one after the last."""
    return _CALL(address_of(way(lanes), _RUN))


class Memory:
    """The memory of sweeps through the tables of a function: a frame, and the arrays whose addresses it holds."""

    def __init__(self, replay: Replay, params: Floats, lanes: int, stages: int = 1) -> None:
        self.replay, self.params, self.lanes, self.stages = replay, np.ascontiguousarray(params), lanes, stages
        n, m, _, k = replay.sizes
        self.slots: list[Any] = [0] * FRAME
        self.put(FORWARDS=sweep_address(forwards, lanes), BACKWARDS=0, N=n, M=m, K=k, LEAVES=replay.leaves, STAGES=stages,
                 PARAMS=self.params, STOP=np.zeros(3, dtype=np.int64), BACK=np.zeros((stages, n, lanes)),
                 W=np.zeros((n, lanes)), OF=np.zeros((max(n, k), lanes)), SAVED=np.zeros((n + m + 1, lanes)),
                 F=np.zeros((stages, k, lanes)))  # fmt: skip
        self.refresh()

    def put(self, **slots: Any) -> None:
        """Fill slots of the frame, by their names."""
        for name, value in slots.items():
            self.slots[globals()[name]] = value
        self._frame: Any = None

    def __getitem__(self, slot: int) -> Any:
        return self.slots[slot]

    def refresh(self) -> None:
        """Make room for all tables that there are."""
        places, (n, m, p, _) = self.replay.places, self.replay.sizes
        v = np.zeros((self.stages, places, self.lanes))
        v[:, n + m : n + m + p] = self.params[:, np.newaxis]
        self.records = self.replay.records
        self.put(TABLES=self.records, N_TABLES=len(self.records), PLACES=places, V=v, S=np.zeros(v.shape))

    def begin_back(self) -> None:
        """Get ready for sweeps back."""
        places = self[V].shape[1]
        self.put(BACKWARDS=sweep_address(backwards, self.lanes), D=np.zeros((places, self.lanes)),
                 BY_PARAMS=np.zeros(self.params.size))  # fmt: skip

    @property
    def by_params(self) -> Floats:
        """What sweeps back have given the parameters, (P,)."""
        n, m, p, _ = self.replay.sizes
        return self[BY_PARAMS] + self[D][n + m : n + m + p].sum(axis=1)

    def run(self, way: Any, first: int, last: int) -> int:
        """Let a sweep go over some steps."""
        if self._frame is None:
            self._frame = addresses(self.slots)
        return entry(way, self.lanes)(place(self._frame), first, last)

    def record(self, t: float, u: Floats) -> None:
        """Record the function in the lane in which no table holds."""
        lane, n = int(self[STOP][1]), self.replay.sizes[0]
        self.replay.add(t, self[V][0, :n, lane].copy(), u, self.params)
        self.refresh()
