"""The arguments of a section map as one vector: a flow, its inputs, a section."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.cycles import section_kernels as K
from analysis.lyapunov import addresses_of, tangent_rtol_of
from neurodynamics import DynamicalSystem
from neurodynamics.compiling import address_of, call_reset, pointer_closure
from neurodynamics.inputs import Inputs
from neurodynamics.validation import Floats, as_count, as_floats, as_number, dimensions


class SectionPlan:
    """What the kernels of a map need, and its address; see :mod:`analysis.cycles.section_kernels`."""

    def __init__(self, flow: DynamicalSystem, drive: Inputs, start: float, duration: float, rtol: float,
                 passages: Any = None) -> None:  # fmt: skip
        numbers = np.zeros(K.NUMBERS_SIZE)
        numbers[K.START], numbers[K.DURATION] = start, duration
        numbers[K.RTOL], numbers[K.TANGENT_RTOL], numbers[K.ATOL] = rtol, tangent_rtol_of(flow, rtol), 1e-2 * rtol
        section = np.zeros((0, flow.state_dim))
        if passages is not None:
            numbers[K.OFFSET], numbers[K.PERIOD] = passages.offset, passages._level_period
            section = np.vstack([passages.normal, passages.origin, passages.basis])
        breaks = drive.breakpoints[(drive.breakpoints > start) & (drive.breakpoints < start + duration)]
        self._kept = (flow, drive, numbers, section, drive.base, drive.terms, drive.data, breaks)  # what is pointed to
        plan = np.zeros(K.PLAN_SIZE, dtype=np.int64)
        plan[:4] = addresses_of(flow)
        places = ((K.NUMBERS, numbers), (K.SECTION, section), (K.BASE, drive.base), (K.TERMS, drive.terms),
                  (K.DATA, drive.data), (K.BREAKS, breaks))  # fmt: skip
        for place, array in places:
            plan[place] = array.ctypes.data
        plan[K.N_FLOW], plan[K.N_INPUTS], plan[K.N_TERMS] = flow.state_dim, flow.input_dim, len(drive.terms)
        plan[K.N_DATA], plan[K.N_BREAKS], plan[K.VARYING] = drive.data.size, breaks.size, not drive.constant
        plan[K.OUTPUTS] = flow.address("outputs")
        self._plan = plan

    @property
    def address(self) -> int:
        """Where the plan is."""
        return int(self._plan.ctypes.data)

    def bound(self, kernel: Any) -> Any:
        """Return a kernel with this plan, as a function of the contract."""
        function, plan = address_of(kernel), self.address

        @pointer_closure
        def with_plan(index, t, y, n, u, m, params, p, out, k):
            call_reset(function, plan, t, y, n, u, m, params, p, out)

        return with_plan


def plane_of_section(section: Any, n: int, direction: int) -> tuple[Floats, float, Floats]:
    """Return the unit normal, the offset and the basis of the plane."""
    if not isinstance(section, (list, tuple)) or len(section) != 2:
        raise TypeError("`section` must be (index, value) or (normal, offset).")
    what, value = section
    level = as_number(value, "section[1]")
    if dimensions(what) == 0:
        index = as_count(what, "section[0]")
        if index >= n:
            raise ValueError(f"`section[0]` must be below {n}, the number of states; got {index}.")
        return direction * np.eye(n)[index], direction * level, np.delete(np.eye(n), index, axis=0)
    normal = as_floats(what, "section[0]")
    size = float(np.linalg.norm(normal)) if normal.shape == (n,) else 0.0
    if size == 0:
        raise ValueError(f"`section[0]` must be the number of a state or a vector ({n},) that is not 0; got {what!r}.")
    unit = normal / size
    basis = np.linalg.qr(np.column_stack([unit, np.eye(n)]))[0][:, 1:n].T
    return direction * unit, direction * level / size, np.ascontiguousarray(basis)
