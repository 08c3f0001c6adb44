"""A right-hand side as a list of operations on registers, each of which knows its Taylor coefficients.

With coefficients ``x_k = x^(k) r^k / k!`` of each register, an operation needs those of its operands to order k, and
lower ones of its own. Sums and products by constants act order by order; the others are one sum over products [1]_::

    product    c = a b          c_k = sum_{j=0..k} a_j b_(k-j)
    quotient   c = a / b        c_k = (a_k - sum_{j=1..k} b_j c_(k-j)) / b_0
    weighted   d = t a'         d_k = k a_k
    growing    t c' = d g s     c_k = s / k sum_{j=1..k} d_j g_(k-j)      (s a constant)
    gathered   t c' = e         c_k = e_k / k

The elementary functions are growing or gathered ones: exp with d = t a' and g = exp itself, sin with g = cos, tanh with
g = 1 - tanh**2, a power p with d = t a' / a, g = the power itself and s = p; log gathers t a' / a.

References
----------
.. [1] Griewank & Walther (2008), Evaluating Derivatives, 2nd ed., SIAM, chapter 13.
"""

from __future__ import annotations

import enum
from typing import NamedTuple


class Kind(enum.IntEnum):
    """What an operation does at every order above the first."""

    ADD = 0  # a + b
    SUBTRACT = 1  # a - b
    NEGATE = 2  # -a
    SCALE = 3  # a b, b a constant
    SHRINK = 4  # a / b, b a constant
    WEIGH = 5  # t a'
    GATHER = 6  # t c' = b; the value is a function of a
    MULTIPLY = 7  # a b
    DIVIDE = 8  # a / b
    GROW = 9  # t c' = d g s; the value is a function of a (and s)
    LITERAL = 10  # a number
    PARAMETER = 11  # an entry of the parameters


class Value(enum.IntEnum):
    """The function that gives the value where an operation grows or gathers."""

    EXP = 0
    SIN = 1
    COS = 2
    SINH = 3
    COSH = 4
    TANH = 5
    LOGISTIC = 6
    POWER = 7
    LOG = 8
    ARCTAN = 9


class Operation(NamedTuple):
    """One operation: its register and those of its operands."""

    kind: int
    to: int
    a: int = 0  # of PARAMETER: which
    b: int = 0  # of GROW: d
    g: int = 0
    s: int = 0
    value: int = 0
    number: float = 0.0  # of LITERAL


class Program(NamedTuple):
    """A traced right-hand side.

    Parameters
    ----------
    states, inputs : int
        Registers 0 .. N - 1 are the state, N is the time, then come the inputs.
    registers : int
    constants, operations : tuple of Operation
        On constants alone, and the others; each after its operands, but for the lower orders of `g`.
    outputs : tuple of int
        The registers of the derivatives.
    """

    states: int
    inputs: int
    registers: int
    constants: tuple[Operation, ...]
    operations: tuple[Operation, ...]
    outputs: tuple[int, ...]

    @property
    def products(self) -> int:
        """How many operations are sums over products."""
        return sum(operation.kind in (Kind.MULTIPLY, Kind.DIVIDE, Kind.GROW) for operation in self.operations)
