"""Ensembles of additive networks in blocks of lanes: the same driver as for one network, on one long state a block."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from neurodynamics.compiling import ADVANCE, address_of, addresses, aligned_zeros
from neurodynamics.inputs import Inputs
from neurodynamics.methods import PENDING, fixed, protocol as P, run_members
from neurodynamics.simulation.runs import (
    FAMILIES,
    INPUTS,
    INPUTS_SINGLE,
    Driven,
    Memory,
    Plan,
    constants_of,
    frame_of,
    steps_at_once,
)
from neurodynamics.systems import (
    LANES,
    invert,
    lanes_address,
    noise_address,
    pack_lanes,
    rates_address,
    unpack_lanes,
    why_not_lanes,
)
from neurodynamics.validation import Floats

WORTH_FROM = 6  # members from which a block is faster than one network after the other


def why_not_in_blocks(system: Any, plan: Plan, drives: list[Inputs]) -> str:
    """Return why an ensemble cannot run in lanes, or an empty string."""
    if obstacle := why_not_lanes(system):
        return obstacle
    if plan.method.family != "fixed":
        return f"{plan.method.name!r} is not a method of constant step"
    if any(drive.callable is not None for drive in drives):
        return "an input is a Python function"
    splits = [FAMILIES["fixed"].breaks(plan, plan.inside(drive.breakpoints)) for drive in drives]
    if any(not np.array_equal(split, splits[0]) for split in splits):
        return "the members have breakpoints at different times, between steps"
    return ""


class Blocks:
    """The memory of an ensemble that runs in lanes.

    Parameters
    ----------
    system, plan, states (B, N), theta (B, P), drives (1 or B)
        What to run.
    dtype : {"float64", "float32"}
    y_out, y_end : array, shape (B, T, N) and (B, N)
        Where the results go, and the last states.
    """

    def __init__(self, system: Any, plan: Plan, states: Floats, theta: Floats, drives: list[Inputs], dtype: str,
                 y_out: Any, y_end: Any) -> None:  # fmt: skip
        self.system, self.plan, self.states, self.theta, self.drives = system, plan, states, theta, drives
        self.dtype, self.y_out, self.y_end = dtype, y_out, y_end
        self.lanes = LANES[dtype]
        self.shared = bool(len(theta) and (theta == theta[0]).all())
        self.count = -(-len(states) // self.lanes)
        functions = [0] * P.FUNCTIONS_SIZE
        functions[P.RHS] = lanes_address(system.activation, dtype, self.shared)
        functions[P.DIFFUSION] = noise_address(dtype, self.shared) if plan.method.noisy else 0
        functions[P.RATES] = rates_address(dtype, self.shared) if plan.method.exponential else 0
        if any(not drive.constant for drive in drives):
            functions[P.INPUTS] = (INPUTS if dtype == "float64" else INPUTS_SINGLE).address
        self.functions = np.array(functions, dtype=np.int64)
        self.constants = constants_of(plan, system, self.lanes)
        driver = fixed.advance_fixed if dtype == "float64" else fixed.advance_fixed_single
        self.advance = address_of(driver, ADVANCE)
        self.piece = max(1, steps_at_once(system, states) // self.lanes)
        self.splits = FAMILIES["fixed"].breaks(plan, plan.inside(drives[0].breakpoints))

    def on_rows(self, stop: Any, finished: Callable[[int, int, int], None], max_steps: int) -> Callable[[slice], None]:
        """Return what a worker does with a slice of the blocks; ``finished(first, last, steps)`` is told the members."""

        def run(blocks: slice) -> None:
            memory = self._memory()
            for block in range(blocks.start, blocks.stop):
                steps = self._run(block, memory, stop, max_steps)
                if steps is None:
                    return
                first = block * self.lanes
                finished(first, min(first + self.lanes, len(self.states)), steps)

        return run

    def _memory(self) -> dict[str, Any]:
        n, m, p = self.system.state_dim, self.system.input_dim, self.system.param_dim
        width = n * self.lanes
        params = aligned_zeros(p if self.shared else p * self.lanes, self.dtype)
        if self.shared:
            params[:] = self.theta[0]
            invert(params, n)
        rows = self.plan.method.tableau.stages + fixed.EXTRA_ROWS  # type: ignore[union-attr]
        times = self.plan.t_out.size  # type: ignore[union-attr]
        return {
            "params": params,
            "y": aligned_zeros(width, self.dtype),
            "u": aligned_zeros(m * self.lanes, self.dtype),
            "base": aligned_zeros(m * self.lanes, self.dtype),
            "work": aligned_zeros((rows, width), self.dtype),
            "out": aligned_zeros((times, width), self.dtype),
        }

    def _run(self, block: int, memory: dict[str, Any], stop: Any, max_steps: int) -> int | None:
        """Run one block; return its number of steps, None where it was stopped."""
        first = block * self.lanes
        params, y, base, out = memory["params"], memory["y"], memory["base"], memory["out"]
        if not self.shared:
            pack_lanes(self.theta, first, self.system.param_dim, params)
            invert(params, self.system.state_dim * self.lanes)
        pack_lanes(self.states, first, self.system.state_dim, y)
        terms, data, varying = self._inputs(first, base)
        clock = np.zeros(P.CLOCK_SIZE)
        count = np.zeros(P.COUNT_SIZE, dtype=np.int64)
        count[P.MEMBER] = first
        out.fill(np.nan)
        drive = Driven(base, terms, len(terms), data, memory["u"], varying, self.splits)
        arrays = Memory(params, clock, count, y, memory["work"], self.plan.t_out, out)  # type: ignore[arg-type]
        frame = frame_of(self.functions, self.constants, drive, arrays)
        code = np.full(1, PENDING, dtype=np.int64)
        run_members(self.advance, addresses(frame)[np.newaxis], code, stop, 0, 1, max_steps, self.piece, np.empty(0))
        if code[0] == PENDING:
            return None
        unpack_lanes(out, first, self.y_out)
        unpack_lanes(y[np.newaxis], first, self.y_end[:, np.newaxis])
        return int(count[P.STEPS])

    def _inputs(self, first: int, base: Any) -> tuple[Floats, Floats, bool]:
        """Fill the constants of the block and return its terms, their data, and whether anything depends on time."""
        if len(self.drives) == 1:
            drive = self.drives[0]
            base[:] = np.repeat(drive.base, self.lanes)
            return Inputs.over_lanes(drive.terms, self.lanes), drive.data, not drive.constant
        members = [self.drives[min(first + lane, len(self.drives) - 1)] for lane in range(self.lanes)]
        base[:] = np.stack([drive.base for drive in members], axis=1).ravel()
        starts = np.cumsum([0, *(drive.data.size for drive in members)])
        terms = [Inputs.over_lanes(d.shifted_terms(int(s)), self.lanes, lane)
                 for lane, (d, s) in enumerate(zip(members, starts, strict=False))]  # fmt: skip
        data = np.concatenate([drive.data for drive in members])
        return np.concatenate(terms), data, any(not drive.constant for drive in members)
