"""Networks with an addressable memory in their state: what they share, and the neural Turing machine."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.activations import LOGISTIC, SOFTPLUS, TANH
from neurodynamics.compiling import kernel, offset
from neurodynamics.systems import affine, dual_kernel, lifted, scratch
from neurodynamics.validation import Floats, as_count, as_floats, as_number, require_room
from recurrent.network import RecurrentNetwork, as_matrix, as_vector, first_states

s, softplus, tanh = lifted(LOGISTIC), lifted(SOFTPLUS), lifted(TANH)
TINY = 1e-12  # of norms: an empty memory row is like no key


@kernel
def control(params, y, h, u, m, sizes, x, new_h, z):
    """Controller and interface: h' = tanh(A [r, h, x] + a), z = B [r, h', x] + b; what was read is the first of y."""
    C, H, size = sizes
    K = C + H + m
    for i in range(C):
        x[i] = y[i]
    for i in range(H):
        x[C + i] = h[i]
    for i in range(m):
        x[C + H + i] = u[i]
    affine(params, 0, H, 0, x, K, u, 0, new_h, H)
    for i in range(H):
        new_h[i] = tanh(new_h[i])
        x[C + i] = new_h[i]
    b = H + H * K
    affine(params, b, b + size, 0, x, K, u, 0, z, size)


@kernel
def by_content(key, beta, memory, R, C, out):
    """Weighting: the softmax of beta cos(key, row)."""
    norm, total = TINY + 0.0 * beta, 0.0 * beta
    for c in range(C):
        norm += key[c] * key[c]
    for r in range(R):
        product, length = 0.0 * beta, TINY + 0.0 * beta
        for c in range(C):
            product += key[c] * memory[r * C + c]
            length += memory[r * C + c] * memory[r * C + c]
        out[r] = np.exp(beta * (product / (np.sqrt(norm) * np.sqrt(length)) - 1.0))
        total += out[r]
    for r in range(R):
        out[r] /= total


@kernel
def write(memory, w, erase, add, R, C, out):
    """Memory: M' = M (1 - w e') + w v', e = s(erase)."""
    for r in range(R):
        for c in range(C):
            out[r * C + c] = memory[r * C + c] * (1.0 - w[r] * s(erase[c])) + w[r] * add[c]


@kernel
def read(memory, w, R, C, out):
    """What is read: r = M' w."""
    for c in range(C):
        out[c] = 0.0 * w[0]
        for r in range(R):
            out[c] += w[r] * memory[r * C + c]


class MemoryMachine(RecurrentNetwork):
    """A controller with a memory of R rows and C columns; it shows what it read, the first of its states."""

    options: ClassVar[tuple[str, ...]] = ("rows", "columns", "inputs")
    functions: ClassVar[Callable[[int, int, int], dict[str, Any]]]  # of R, C and H
    numbers: ClassVar[tuple[int, int]]  # of the interface, for each column and besides

    def __init__(
        self, rows: int, columns: int, controller: ArrayLike, interface: ArrayLike, controller_biases: ArrayLike = 0.0,
        interface_biases: ArrayLike = 0.0, *, inputs: int = 1,
    ) -> None:  # fmt: skip
        self.rows, self.columns = as_count(rows, "rows", minimum=1), as_count(columns, "columns", minimum=1)
        self.inputs = as_count(inputs, "inputs")
        require_room(self.rows * (self.rows + self.columns), "rows" if self.rows >= self.columns else "columns")
        A, (each, more) = as_floats(controller, "controller"), self.numbers
        self.hidden = len(A) if A.ndim else 0
        heard, size = self.columns + self.hidden + self.inputs, each * self.columns + more
        arrays = {
            "controller_biases": as_vector(controller_biases, "controller_biases", self.hidden, "H"),
            "controller": as_matrix(A, "controller", (self.hidden, heard), "(H, C + H + M)"),
            "interface_biases": as_vector(interface_biases, "interface_biases", size, f"{each} C + {more}"),
            "interface": as_matrix(interface, "interface", (size, heard), f"({each} C + {more}, C + H + M)"),
        }
        n = sum(int(np.prod(shape)) for shape in self.shapes().values())
        functions = type(self).functions(self.rows, self.columns, self.hidden)
        self._build(functions, arrays, n, self.inputs, output_dim=self.columns)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the names and shapes of the parts of the state, in order."""
        R, C = self.rows, self.columns
        return {"read": (C,), "reading": (R,), "writing": (R,), "hidden": (self.hidden,), "memory": (R, C)}

    def parts(self, state: ArrayLike) -> dict[str, Floats]:
        """Return the parts of a state by name, with times last where there are several."""
        y, first, found = as_floats(state, "state"), 0, {}
        if not y.ndim or len(y) != self.state_dim:
            raise ValueError(f"`state` must have shape (N,) or (N, T) with N = {self.state_dim}; got {y.shape}.")
        for name, shape in self.shapes().items():
            size = int(np.prod(shape))
            found[name] = y[first : first + size].reshape(*shape, *y.shape[1:])
            first += size
        return found


class Interface(NamedTuple):
    """Where a controller's numbers go: of each head ``key, beta, gate, shift (-1, 0, 1), gamma``; then erase and add."""

    columns: int

    @property
    def head(self) -> int:
        """Numbers of one head."""
        return self.columns + 6

    @property
    def size(self) -> int:
        """Numbers in all: a head that reads, one that writes, erase and add."""
        return 2 * self.head + 2 * self.columns


@kernel
def attend(z, w, memory, R, C, out):
    """Address: content by the cosine with the key, interpolation, circular shift, sharpening."""
    gate, gamma = s(z[C + 1]), 1.0 + softplus(z[C + 5])
    by_content(z, softplus(z[C]), memory, R, C, out)
    for r in range(R):
        out[r] = gate * out[r] + (1.0 - gate) * w[r]
    high = max(z[C + 2].real, z[C + 3].real, z[C + 4].real)
    back, stay, on = np.exp(z[C + 2] - high), np.exp(z[C + 3] - high), np.exp(z[C + 4] - high)
    first, before, sum_ = out[0], out[R - 1], back + stay + on
    for r in range(R):
        here = out[r]
        after = out[r + 1] if r + 1 < R else first
        out[r] = (on * before + stay * here + back * after) / sum_
        before = here
    total = 0.0 * gate
    for r in range(R):
        out[r] = np.exp(gamma * np.log(out[r])) if out[r].real > 0.0 else 0.0 * out[r]
        total += out[r]
    for r in range(R):
        out[r] /= total


@functools.cache
def _ntm_functions(R: int, C: int, H: int) -> dict[str, Any]:
    head, size = Interface(C).head, Interface(C).size

    @dual_kernel
    def ntm_rhs(index, t, y, n, u, m, params, p, out, k):
        """State: what was read r (C), the weightings of reading and writing (R each), hidden h (H), memory (R x C)."""
        reads, writes, h, memory = offset(y, C), offset(y, C + R), offset(y, C + 2 * R), offset(y, C + 2 * R + H)
        new_reads, new_writes, new_h = offset(out, C), offset(out, C + R), offset(out, C + 2 * R)
        new_memory = offset(out, C + 2 * R + H)
        x, z = scratch(out, C + H + m), scratch(out, size)
        control(params, y, h, u, m, (C, H, size), x, new_h, z)
        attend(z[head:], writes, memory, R, C, new_writes)
        write(memory, new_writes, z[2 * head :], z[2 * head + C :], R, C, new_memory)
        attend(z, reads, new_memory, R, C, new_reads)
        read(new_memory, new_reads, R, C, out)

    return {"rhs": ntm_rhs, "outputs": first_states}


class NeuralTuringMachine(MemoryMachine):
    """A neural Turing machine of one head that reads and one that writes; the memory is part of the state.

    ``h' = tanh(A [r, h, x] + a)`` controls, ``B [r, h', x] + b`` holds what :class:`Interface` says: of each head a key,
    its strength, an interpolation gate, a shift and a sharpening, then what is erased and added. The head that writes
    moves and writes, then the one that reads moves and reads. It shows what it read.

    Parameters
    ----------
    rows, columns : int
        R and C of the memory.
    controller : array_like, shape (H, C + H + M)
        A; H may be 0.
    interface : array_like, shape (4 C + 12, C + H + M)
        B.
    controller_biases, interface_biases : float or array_like
    inputs : int
        M.

    References
    ----------
    .. [1] Graves, Wayne & Danihelka (2014), Neural Turing machines, arXiv 1410.5401.

    Examples
    --------
    >>> from recurrent import NeuralTuringMachine
    >>> machine = NeuralTuringMachine.copying(8)
    >>> machine.state_dim, machine.parts(machine.blank())["memory"].shape
    (25, (8, 1))
    """

    functions = staticmethod(_ntm_functions)
    numbers = (4, 12)

    def blank(self) -> Floats:
        """Return the state of an empty memory with both heads on row 0.

        The cosine of an empty row with a key is 0, and rises over lengths of 1e-6 of the row: derivatives by ``y0`` are
        exact here, and differences have to be much shorter than that to see them.
        """
        state = np.zeros(self.state_dim)
        state[self.columns] = state[self.columns + self.rows] = 1.0
        return state

    @classmethod
    def copying(cls, rows: int, sharp: float = 100.0) -> NeuralTuringMachine:
        """Return the hand-wired machine of one column that copies a string of at most ``rows - 1`` bits.

        Inputs: the bit, 1 while the string is given, 1 while the copy is asked for. The writing head moves on by one
        and writes (1 or -1), then the reading head moves on by one and reads.
        """
        z, sharp = Interface(1), as_number(sharp, "sharp", positive=True)
        B, b = np.zeros((z.size, 4)), np.zeros(z.size)
        heard_bit, given, asked = 1, 2, 3  # columns: what was read, then the inputs
        for first, flag in ((0, asked), (z.head, given)):
            b[first + 2] = -sharp * 8  # never by content
            b[first + 4] = sharp  # stay, unless the flag says on
            B[first + 5, flag], b[first + 6] = 2 * sharp, -sharp * 8
        B[2 * z.head, given], b[2 * z.head] = 2 * sharp, -sharp  # erase
        B[2 * z.head + 1, [heard_bit, given]] = 2.0, -1.0  # add
        return cls(rows, 1, np.zeros((0, 4)), B, np.zeros(0), b, inputs=3)
