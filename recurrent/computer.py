"""The differentiable neural computer: a memory with rules of usage, allocation and temporal links, all in the state."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from neurodynamics.compiling import kernel, offset
from neurodynamics.systems import dual_kernel, scratch
from neurodynamics.validation import Floats, as_number
from recurrent.memory import MemoryMachine, by_content, control, read, s, softplus, write
from recurrent.network import first_states


@kernel
def allocate(usage, R, out):
    """Allocation: a_i = (1 - u_i) prod of the u_j that come before, the least used first and rows in order."""
    for i in range(R):
        out[i] = 1.0 - usage[i]
        for j in range(R):
            if usage[j].real < usage[i].real or (usage[j].real == usage[i].real and j < i):
                out[i] *= usage[j]


@kernel
def link(links, w, precedence, R, new_links, new_precedence):
    """Links: L_ij' = (1 - w_i - w_j) L_ij + w_i p_j off the diagonal; p' = (1 - sum w) p + w."""
    total = 0.0 * w[0]
    for i in range(R):
        total += w[i]
        for j in range(R):
            here = (1.0 - w[i] - w[j]) * links[i * R + j] + w[i] * precedence[j]
            new_links[i * R + j] = here if i != j else 0.0 * here
    for i in range(R):
        new_precedence[i] = (1.0 - total) * precedence[i] + w[i]


@functools.cache
def _computer_functions(R: int, C: int, H: int) -> dict[str, Any]:
    size, one = 4 * C + 8, 4 * C  # read key, write key, erase, add; then single numbers

    @dual_kernel
    def computer_rhs(index, t, y, n, u, m, params, p, out, k):
        """State: r (C), weightings of reading and writing (R each), h (H), memory (R x C), usage, precedence, links."""
        a, b, c, d = C + 2 * R, C + 2 * R + H, C + 2 * R + H + R * C, C + 3 * R + H + R * C
        reads, writes, usage = offset(y, C), offset(y, C + R), offset(y, c)
        new_reads, w, new_memory, used, L = offset(out, C), offset(out, C + R), offset(out, b), offset(out, c), d + R
        x, z, found, free = scratch(out, C + H + m), scratch(out, size), scratch(out, R), scratch(out, R)
        control(params, y, offset(y, a), u, m, (C, H, size), x, offset(out, a), z)
        freed, allocated, gate = s(z[one + 2]), s(z[one + 3]), s(z[one + 4])
        for i in range(R):
            used[i] = (usage[i] + writes[i] - usage[i] * writes[i]) * (1.0 - freed * reads[i])
        allocate(used, R, free)
        by_content(z[C:], 1.0 + softplus(z[one + 1]), offset(y, b), R, C, found)
        for i in range(R):
            w[i] = gate * (allocated * free[i] + (1.0 - allocated) * found[i])
        write(offset(y, b), w, z[2 * C :], z[3 * C :], R, C, new_memory)
        link(offset(y, L), w, offset(y, d), R, offset(out, L), offset(out, d))
        by_content(z, 1.0 + softplus(z[one]), new_memory, R, C, found)
        high = max(z[one + 5].real, z[one + 6].real, z[one + 7].real)
        back, content, on = np.exp(z[one + 5] - high), np.exp(z[one + 6] - high), np.exp(z[one + 7] - high)
        for i in range(R):
            before, after = 0.0 * z[0], 0.0 * z[0]
            for j in range(R):
                before += out[L + j * R + i] * reads[j]
                after += out[L + i * R + j] * reads[j]
            new_reads[i] = (back * before + content * found[i] + on * after) / (back + content + on)
        read(new_memory, new_reads, R, C, out)

    return {"rhs": computer_rhs, "outputs": first_states}


class DifferentiableComputer(MemoryMachine):
    """A differentiable neural computer of one head that reads and one that writes; its memory is part of the state.

    ``h' = tanh(A [r, h, x] + a)`` controls; ``B [r, h', x] + b`` holds, of C numbers each, the keys of reading and
    writing, what is erased and what is added, then the strengths of reading and writing (1 + softplus), the gates of
    freeing, allocating and writing, and the modes of reading: backwards, by content, forwards. The state holds what was
    read, the weightings, h, the memory, its usage, the precedence and the links: ``links[i, j]`` near 1 says that row i was
    written right after row j. :meth:`parts` names them.

    Parameters
    ----------
    rows, columns : int
        R and C of the memory.
    controller : array_like, shape (H, C + H + M)
        A; H may be 0.
    interface : array_like, shape (4 C + 8, C + H + M)
        B.
    controller_biases, interface_biases : float or array_like
    inputs : int
        M.

    References
    ----------
    .. [1] Graves et al. (2016), Hybrid computing using a neural network with dynamic external memory, Nature 538, 471.

    Examples
    --------
    >>> import numpy as np
    >>> from recurrent import DifferentiableComputer, run
    >>> machine = DifferentiableComputer.copying(5)
    >>> given = np.array([[0, 1, 0, 1, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0], [0, 1, 1, 1, 0, 0, 0], [0, 0, 0, 0, 1, 1, 1]])
    >>> machine.outputs(run(machine, given))[0, 4:].round(9).tolist()
    [1.0, -1.0, 1.0]
    """

    functions = staticmethod(_computer_functions)
    numbers = (4, 8)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the names and shapes of the parts of the state, in order."""
        R = self.rows
        return super().shapes() | {"usage": (R,), "precedence": (R,), "links": (R, R)}

    def blank(self) -> Floats:
        """Return the state of a memory that was never written to; for derivatives there, see `NeuralTuringMachine.blank`."""
        return np.zeros(self.state_dim)

    @classmethod
    def copying(cls, rows: int, sharp: float = 100.0) -> DifferentiableComputer:
        """Return the hand-wired machine of two columns that copies a string of at most ``rows - 1`` bits.

        Inputs: the bit, 1 at the start before the string, 1 while the string is given, 1 while the copy is asked for. At
        the start it writes a mark, which it reads by content; bits (1 or -1) go to free rows, and are read along the links.
        """
        sharp = as_number(sharp, "sharp", positive=True)
        B, b = np.zeros((16, 6)), np.zeros(16)
        bit, start, given, asked = 2, 3, 4, 5  # columns: what was read, then the inputs
        b[1] = 1.0  # the key of reading is the mark (0, 1)
        b[4:6] = -sharp  # erase nothing
        B[6, [bit, given]], B[7, start] = (2.0, -1.0), 1.0  # add a bit, or the mark
        b[8], b[10], b[11], b[12] = sharp, -sharp, sharp, -sharp  # read strength; free nothing, allocate, and write
        B[12, [start, given]] = 2 * sharp
        b[[13, 15]] = -sharp  # backwards, forwards
        B[15, asked] = 2 * sharp
        return cls(rows, 2, np.zeros((0, 6)), B, np.zeros(0), b, inputs=4)
