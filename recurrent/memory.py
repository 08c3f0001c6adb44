"""Networks with an addressable memory: the neural Turing machine as a map, and the rules of the differentiable computer."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.activations import LOGISTIC, SOFTPLUS, TANH
from neurodynamics.compiling import kernel, offset
from neurodynamics.systems import affine, dual_kernel, lifted, scratch
from neurodynamics.validation import Floats, as_count, as_flag, as_floats, as_number, require_room
from recurrent.network import RecurrentNetwork, as_matrix, as_shaped, as_vector, first_states

s, softplus, tanh = lifted(LOGISTIC), lifted(SOFTPLUS), lifted(TANH)
TINY = 1e-12  # of norms: an empty memory row is like no key


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
    beta, gate, gamma = softplus(z[C]), s(z[C + 1]), 1.0 + softplus(z[C + 5])
    norm = TINY + 0.0 * beta
    for c in range(C):
        norm += z[c] * z[c]
    total = 0.0 * beta
    for r in range(R):
        product, length = 0.0 * beta, TINY + 0.0 * beta
        for c in range(C):
            product += z[c] * memory[r * C + c]
            length += memory[r * C + c] * memory[r * C + c]
        out[r] = np.exp(beta * (product / (np.sqrt(norm) * np.sqrt(length)) - 1.0))
        total += out[r]
    for r in range(R):
        out[r] = gate * out[r] / total + (1.0 - gate) * w[r]
    high = max(z[C + 2].real, z[C + 3].real, z[C + 4].real)
    back, stay, on = np.exp(z[C + 2] - high), np.exp(z[C + 3] - high), np.exp(z[C + 4] - high)
    first, before, sum_ = out[0], out[R - 1], back + stay + on
    for r in range(R):
        here = out[r]
        after = out[r + 1] if r + 1 < R else first
        out[r] = (on * before + stay * here + back * after) / sum_
        before = here
    total = 0.0 * beta
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
        K = C + H + m
        x, z = scratch(out, K), scratch(out, size)
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
        attend(z[head:], writes, memory, R, C, new_writes)
        for r in range(R):
            for c in range(C):
                erase, add = s(z[2 * head + c]), z[2 * head + C + c]
                new_memory[r * C + c] = memory[r * C + c] * (1.0 - new_writes[r] * erase) + new_writes[r] * add
        attend(z, reads, new_memory, R, C, new_reads)
        for c in range(C):
            out[c] = 0.0 * z[0]
            for r in range(R):
                out[c] += new_reads[r] * new_memory[r * C + c]

    return {"rhs": ntm_rhs, "outputs": first_states}


class NeuralTuringMachine(RecurrentNetwork):
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
    >>> NeuralTuringMachine.copying(8).state_dim
    25
    """

    options: ClassVar[tuple[str, ...]] = ("rows", "columns", "inputs")

    def __init__(
        self, rows: int, columns: int, controller: ArrayLike, interface: ArrayLike, controller_biases: ArrayLike = 0.0,
        interface_biases: ArrayLike = 0.0, *, inputs: int = 1,
    ) -> None:  # fmt: skip
        self.rows, self.columns = as_count(rows, "rows", minimum=1), as_count(columns, "columns", minimum=1)
        self.inputs = as_count(inputs, "inputs")
        require_room(self.rows * self.columns, "rows" if self.rows >= self.columns else "columns")
        A = as_matrix(controller, "controller", (None, None), "(H, C + H + M)")
        h, heard, size = len(A), self.columns + len(A) + self.inputs, Interface(self.columns).size
        arrays = {
            "controller_biases": as_vector(controller_biases, "controller_biases", h, "H"),
            "controller": as_matrix(A, "controller", (h, heard), "(H, C + H + M)"),
            "interface_biases": as_vector(interface_biases, "interface_biases", size, "4 C + 12"),
            "interface": as_matrix(interface, "interface", (size, heard), "(4 C + 12, C + H + M)"),
        }
        n = self.columns + 2 * self.rows + h + self.rows * self.columns
        functions = _ntm_functions(self.rows, self.columns, h)
        self._build(functions, arrays, n, self.inputs, output_dim=self.columns)

    def blank(self) -> Floats:
        """Return the state of an empty memory with both heads on row 0."""
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


# The differentiable computer ------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class DifferentiableMemory:
    """The memory of a differentiable neural computer, with its rules of usage, allocation and temporal links.

    Attributes
    ----------
    memory : ndarray, shape (R, C)
    usage, precedence, writing : ndarray, shape (R,)
    links : ndarray, shape (R, R)
        ``links[i, j]`` near 1: row i was written right after row j.

    References
    ----------
    .. [1] Graves et al. (2016), Hybrid computing using a neural network with dynamic external memory, Nature 538, 471.

    Examples
    --------
    >>> from recurrent import DifferentiableMemory
    >>> m = DifferentiableMemory.empty(4, 2).write([1.0, 2.0]).write([3.0, 4.0])
    >>> m.memory.tolist(), float(m.links[1, 0])
    ([[1.0, 2.0], [3.0, 4.0], [0.0, 0.0], [0.0, 0.0]], 1.0)
    """

    memory: Floats
    usage: Floats
    precedence: Floats
    writing: Floats
    links: Floats

    def __post_init__(self) -> None:
        memory = as_floats(self.memory, "memory")
        if memory.ndim != 2 or not memory.size:
            raise ValueError(f"`memory` must have shape (R, C); got {memory.shape}.")
        object.__setattr__(self, "memory", memory)
        for name in ("usage", "precedence", "writing", "links"):
            shape = (len(memory),) * (2 if name == "links" else 1)
            object.__setattr__(self, name, as_shaped(getattr(self, name), name, shape))

    @classmethod
    def empty(cls, rows: int, columns: int) -> DifferentiableMemory:
        """Return a memory that was never written to."""
        r, c = as_count(rows, "rows", minimum=1), as_count(columns, "columns", minimum=1)
        require_room(r * (r + c), "rows" if r >= c else "columns")
        return cls(np.zeros((r, c)), np.zeros(r), np.zeros(r), np.zeros(r), np.zeros((r, r)))

    def allocation(self) -> Floats:
        """Return where free room is, the least used row first: it sums to ``1 - product of usage``."""
        order = np.argsort(self.usage, kind="stable")
        before = np.concatenate([[1.0], np.cumprod(self.usage[order])[:-1]])
        weights = np.empty_like(self.usage)
        weights[order] = (1.0 - self.usage[order]) * before
        return weights

    def content(self, key: ArrayLike, strength: float) -> Floats:
        """Return the softmax of cosines between a key and the rows."""
        k, strength = as_shaped(key, "key", self.memory.shape[1:]), as_number(strength, "strength")
        cosines = self.memory @ k / np.sqrt((np.sum(self.memory**2, axis=1) + TINY) * (k @ k + TINY))
        weights = np.exp(strength * (cosines - cosines.max()))
        return weights / weights.sum()

    def write(
        self, add: ArrayLike, erase: ArrayLike = 1.0, *, key: ArrayLike | None = None, strength: float = 1.0,
        allocate: float = 1.0, gate: float = 1.0, free: ArrayLike = 0.0,
    ) -> DifferentiableMemory:  # fmt: skip
        """Return the memory after one step of writing.

        Parameters
        ----------
        add, erase : array_like, shape (C,)
        key, strength
            Of writing by content; without a key all goes by allocation.
        allocate, gate : float
            How much of the writing is by allocation, and how much is written at all.
        free : float or array_like, shape (R,)
            psi' = 1 - psi: what is freed of each row before.
        """
        rows, columns = self.memory.shape
        freed, erased = as_vector(free, "free", rows, "R"), as_vector(erase, "erase", columns, "C")
        allocate, gate = as_number(allocate, "allocate"), as_number(gate, "gate")
        for name, value in (("allocate", allocate), ("gate", gate), ("free", freed.min()), ("free", freed.max()),
                            ("erase", erased.min()), ("erase", erased.max())):  # fmt: skip
            if not 0 <= value <= 1:
                raise ValueError(f"`{name}` must be between 0 and 1; got {value:g}.")
        used = (self.usage + self.writing - self.usage * self.writing) * (1.0 - freed)
        found = replace(self, usage=used)
        by_content = np.zeros(rows) if key is None else found.content(key, strength)
        share = 1.0 if key is None else allocate
        w = gate * (share * found.allocation() + (1.0 - share) * by_content)
        memory = self.memory * (1.0 - np.outer(w, erased)) + np.outer(w, as_shaped(add, "add", (columns,)))
        links = (1.0 - w[:, np.newaxis] - w) * self.links + np.outer(w, self.precedence)
        np.fill_diagonal(links, 0.0)
        return DifferentiableMemory(memory, used, (1.0 - w.sum()) * self.precedence + w, w, links)

    def follow(self, reading: ArrayLike, *, forwards: bool = True) -> Floats:
        """Return the weighting of what was written after, or before, what is read."""
        w = as_shaped(reading, "reading", self.usage.shape)
        return self.links @ w if as_flag(forwards, "forwards") else self.links.T @ w
