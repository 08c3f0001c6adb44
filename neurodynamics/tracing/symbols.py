"""Run a right-hand side once on symbols, to see what it computes.

What it does must not depend on values: a branch, an index or an ``abs`` of the state ends the attempt, with the reason.
"""

from __future__ import annotations

import builtins
import math
import types
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from neurodynamics.compiling import is_foreign, names_used, plain_function, twin_of
from neurodynamics.tracing.program import Kind, Operation, Program, Value

MOST_OPERATIONS = 600  # of what becomes straight-line code, each of them once an order
LARGEST_POWER = 16  # that is made of products


class NotTraced(Exception):
    """Why a function could not be traced."""


class _Node(NamedTuple):
    """An operation whose operands are nodes; `a` of a literal is its number, of a parameter its index."""

    kind: Kind
    a: Any = 0
    b: int = 0
    g: int = 0
    s: int = 0
    value: int = 0


class _Graph:
    """Operations in the order in which they were met, each once."""

    def __init__(self, variables: int) -> None:
        self.nodes: list[_Node | None] = [None] * variables  # states, time, inputs
        self.constant: list[bool] = [False] * variables
        self.known: dict[Any, int] = {}
        self.room = math.inf

    def add(self, node: _Node, constant: bool, key: Any = None) -> Symbol:
        """Return the symbol of an operation."""
        key = node if key is None else key
        if key not in self.known:
            if len(self.nodes) >= self.room:
                raise NotTraced(f"it takes more than {MOST_OPERATIONS} operations")
            self.known[key] = len(self.nodes)
            self.nodes.append(node)
            self.constant.append(constant)
        return Symbol(self, self.known[key])

    def literal(self, number: float) -> Symbol:
        """Return the symbol of a number; 0.0 and -0.0 are two."""
        number = float(number)
        return self.add(_Node(Kind.LITERAL, number), True, ("literal", number, math.copysign(1.0, number)))


def _refused(what: str) -> Callable:
    def refuse(*args: Any) -> Any:
        raise NotTraced(what)

    return refuse


_on_values = _refused("what it does depends on values: a branch, an index or a conversion of the state")


class Symbol:
    """A number that is not known yet."""

    __slots__ = ("_graph", "_number")

    def __init__(self, graph: _Graph, number: int) -> None:
        self._graph, self._number = graph, number

    @property
    def _constant(self) -> bool:
        return self._graph.constant[self._number]

    @property
    def _node(self) -> _Node | None:
        return self._graph.nodes[self._number]

    def _other(self, value: Any) -> Symbol:
        if isinstance(value, Symbol):
            return value
        if isinstance(value, (bool, int, float, np.integer, np.floating, np.bool_)):
            return self._graph.literal(float(value))
        raise NotTraced(f"it computes with a {type(value).__name__}")

    def _do(self, kind: Kind, b: Symbol | None = None) -> Symbol:
        operands = (self._number, 0 if b is None else b._number)
        constant = self._constant and (b is None or b._constant)
        if kind in (Kind.ADD, Kind.MULTIPLY):
            operands = (min(operands), max(operands))
        return self._graph.add(_Node(kind, *operands), constant)

    def __add__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else self._do(Kind.ADD, self._other(other))

    def __radd__(self, other: Any) -> Any:
        return self._other(other) + self

    def __sub__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else self._do(Kind.SUBTRACT, self._other(other))

    def __rsub__(self, other: Any) -> Any:
        return self._other(other) - self

    def __neg__(self) -> Symbol:
        return self._do(Kind.NEGATE)

    def __pos__(self) -> Symbol:
        return self

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        a, b = self, self._other(other)
        if a._constant and not b._constant:
            a, b = b, a
        return a._do(Kind.SCALE if b._constant else Kind.MULTIPLY, b)

    def __rmul__(self, other: Any) -> Any:
        return self._other(other) * self

    def __truediv__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        b = self._other(other)
        exponent = b._logistic_argument()
        if exponent is not None:  # a / (1 + exp(x)), whose exponential may overflow
            return self * (-exponent)._logistic()
        return self._do(Kind.SHRINK if b._constant else Kind.DIVIDE, b)

    def __rtruediv__(self, other: Any) -> Any:
        return self._other(other) / self

    def __pow__(self, power: Any, modulus: None = None) -> Any:
        if isinstance(power, np.ndarray):
            return NotImplemented
        if isinstance(power, Symbol):
            return self._to_the(power) if power._constant else (self.log() * power).exp()
        if float(power).is_integer() and abs(power) <= LARGEST_POWER:
            whole = self._whole_power(abs(int(power)))
            return whole if power >= 0 else 1.0 / whole
        return self._to_the(self._other(power))

    def __rpow__(self, base: Any) -> Any:
        base = self._other(base)
        return (base.log() * self).exp()

    def _whole_power(self, n: int) -> Symbol:
        if n == 0:
            return self._graph.literal(1.0)
        half = self if n == 1 else self._whole_power(n // 2)
        if n == 1:
            return self
        square = half * half
        return square * self if n % 2 else square

    def _to_the(self, power: Symbol) -> Symbol:
        if self._constant:
            return self._grow(Value.POWER, self, power, self)
        relative = self._do(Kind.WEIGH) / self
        return self._grow(Value.POWER, None, power, d=relative)

    # Functions, by the names under which numpy and math look for them ---------------------------------------------------

    def exp(self) -> Symbol:
        """Return its exponential."""
        return self._grow(Value.EXP, None)

    def sqrt(self) -> Symbol:
        """Return its square root."""
        return self._to_the(self._graph.literal(0.5))

    def log(self) -> Symbol:
        """Return its natural logarithm."""
        return self._gather(Value.LOG, self)

    def arctan(self) -> Symbol:
        """Return its arc tangent."""
        return self._gather(Value.ARCTAN, 1.0 + self * self)

    def sin(self) -> Symbol:
        """Return its sine."""
        return self._pair(Value.SIN, Value.COS, -1.0)[0]

    def cos(self) -> Symbol:
        """Return its cosine."""
        return self._pair(Value.SIN, Value.COS, -1.0)[1]

    def sinh(self) -> Symbol:
        """Return its hyperbolic sine."""
        return self._pair(Value.SINH, Value.COSH, 1.0)[0]

    def cosh(self) -> Symbol:
        """Return its hyperbolic cosine."""
        return self._pair(Value.SINH, Value.COSH, 1.0)[1]

    def tan(self) -> Symbol:
        """Return its tangent."""
        return self.sin() / self.cos()

    def tanh(self) -> Symbol:
        """Return its hyperbolic tangent."""
        return self._with_slope(Value.TANH, lambda value: 1.0 - value * value)

    def _logistic(self) -> Symbol:
        return self._with_slope(Value.LOGISTIC, lambda value: value - value * value)

    def _logistic_argument(self) -> Symbol | None:
        """Return x where this is 1 + exp(x)."""
        node = self._node
        if node is None or node.kind != Kind.ADD:
            return None
        for one, other in ((node.a, node.b), (node.b, node.a)):
            first, second = self._graph.nodes[one], self._graph.nodes[other]
            if first is None or second is None or self._graph.constant[other]:
                continue
            if (first.kind, first.a) == (Kind.LITERAL, 1.0) and (second.kind, second.value) == (Kind.GROW, Value.EXP):
                return Symbol(self._graph, second.a)
        return None

    arctan2 = hypot = _refused("it uses a function of two arguments that has no series here")

    def _grow(self, value: Value, g: Symbol | None, s: Symbol | None = None, d: Symbol | None = None) -> Symbol:
        """Return c with ``t c' = d g s``, d by default ``t a'``, g by default c itself, s by default 1."""
        graph = self._graph
        s = graph.literal(1.0) if s is None else s
        if d is None:
            d = self if self._constant else self._do(Kind.WEIGH)
        key = (Kind.GROW, value, self._number, s._number)
        own = graph.known.get(key, len(graph.nodes))
        node = _Node(Kind.GROW, self._number, d._number, own if g is None else g._number, s._number, value)
        return graph.add(node, self._constant and s._constant, key)

    def _gather(self, value: Value, slope: Symbol) -> Symbol:
        """Return c with ``t c' = t a' / slope``."""
        e = self if self._constant else self._do(Kind.WEIGH) / slope
        return self._graph.add(_Node(Kind.GATHER, self._number, e._number, value=value), self._constant)

    def _pair(self, first: Value, second: Value, sign: float) -> tuple[Symbol, Symbol]:
        """Return two functions each of which grows with the other."""
        graph = self._graph
        back = graph.literal(sign)
        a = self._grow(first, self)
        b = self._grow(second, a, back)
        graph.nodes[a._number] = a._node._replace(g=b._number)  # type: ignore[union-attr]
        return a, b

    def _with_slope(self, value: Value, slope: Callable[[Symbol], Symbol]) -> Symbol:
        """Return c with ``c' = slope(c) a'``."""
        c = self._grow(value, self)
        if not self._constant:
            g = slope(c)
            self._graph.nodes[c._number] = c._node._replace(g=g._number)  # type: ignore[union-attr]
        return c

    # What depends on values ------------------------------------------------------------------------------------------

    __bool__ = __float__ = __int__ = __index__ = __complex__ = _on_values
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _on_values  # type: ignore[assignment]
    __abs__ = __mod__ = __rmod__ = __floordiv__ = __rfloordiv__ = __round__ = __floor__ = __ceil__ = __trunc__ = _on_values
    __hash__ = None  # type: ignore[assignment]


def trace(function: Callable, states: int, inputs: int, parameters: int) -> Program:
    """Return the operations of a right-hand side ``f(t, y, u, params, out)``; raise NotTraced where it has none."""
    plain = plain_function(function)
    if getattr(function, "is_pointer_kernel", False) or not isinstance(plain, types.FunctionType):
        raise NotTraced("it is not written on arrays")
    graph = _Graph(states + 1 + inputs)
    variables = [Symbol(graph, i) for i in range(states + 1 + inputs)]
    params = [graph.add(_Node(Kind.PARAMETER, i), True) for i in range(parameters)]
    graph.room = len(graph.nodes) + MOST_OPERATIONS
    out = np.full(states, None, dtype=object)
    y, t, u = _objects(variables[:states]), variables[states], _objects(variables[states + 1 :])
    try:
        with np.errstate(all="ignore"):
            _on_symbols(plain, {})(t, y, u, _objects(params), out)
    except NotTraced:
        raise
    except Exception as error:
        raise NotTraced(f"on symbols it raises {type(error).__name__}: {error}") from error
    outputs = [variables[0]._other(value)._number for value in out]
    return _program(graph, outputs, states, inputs)


def _objects(symbols: list[Symbol]) -> Any:
    array = np.empty(len(symbols), dtype=object)
    array[:] = symbols
    return array


def _program(graph: _Graph, outputs: list[int], states: int, inputs: int) -> Program:
    """Return what the outputs need, numbered anew: variables first."""
    variables = states + 1 + inputs
    used = sorted(_reachable(graph, outputs) - set(range(variables)))
    number = {old: k for k, old in enumerate([*range(variables), *used])}
    made = {old: _operation(graph.nodes[old], number[old], number) for old in used}
    return Program(
        states, inputs, len(number),
        tuple(made[old] for old in used if graph.constant[old]),
        tuple(made[old] for old in used if not graph.constant[old]),
        tuple(number[old] for old in outputs),
    )  # fmt: skip


def _operands(node: _Node) -> tuple[int, ...]:
    if node.kind in (Kind.LITERAL, Kind.PARAMETER):
        return ()
    if node.kind in (Kind.NEGATE, Kind.WEIGH):
        return (node.a,)
    return (node.a, node.b, node.g, node.s) if node.kind == Kind.GROW else (node.a, node.b)


def _reachable(graph: _Graph, outputs: list[int]) -> set[int]:
    left, seen = list(outputs), set(outputs)
    while left:
        node = graph.nodes[left.pop()]
        for operand in () if node is None else _operands(node):
            if operand not in seen:
                seen.add(operand)
                left.append(operand)
    return seen


def _operation(node: _Node | None, to: int, number: dict[int, int]) -> Operation:
    assert node is not None
    kind = int(node.kind)
    if node.kind == Kind.LITERAL:
        return Operation(kind, to, number=node.a)
    if node.kind == Kind.PARAMETER:
        return Operation(kind, to, node.a)
    a, b, g, s = (number.get(each, 0) for each in (node.a, node.b, node.g, node.s))
    return Operation(kind, to, a, b, g, s, int(node.value))


# A function whose mathematics takes symbols ----------------------------------------------------------------------------


def _either(name: str) -> Callable:
    known, method = getattr(math, name), {"atan": "arctan"}.get(name, name)

    def function(x: Any) -> Any:
        return getattr(x, method)() if hasattr(x, method) else known(x)

    return function


_NAMES = ("exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "atan", "expm1")
_OF_MATH: dict[str, Callable] = {name: _either(name) for name in _NAMES}
_OF_MATH["pow"] = lambda x, y: x**y


class _Module:
    """A module some of whose members are others."""

    def __init__(self, module: Any, other: Callable[[str, Any], Any]) -> None:
        self._module, self._other = module, other

    def __getattr__(self, name: str) -> Any:
        return self._other(name, getattr(self._module, name))


def _made_of_objects(name: str) -> Callable:
    make = getattr(np, name)
    return lambda shape, *args, **more: make(shape, dtype=object)


_OF_NUMPY = {name: _made_of_objects(name) for name in ("zeros", "empty", "ones")}
_OF_NUMPY["full"] = lambda shape, value, *args, **more: np.full(shape, value, dtype=object)
_MODULES = {math: _Module(math, _OF_MATH.get), np: _Module(np, _OF_NUMPY.get)}
_FUNCTIONS = {getattr(math, name): function for name, function in _OF_MATH.items()}


def in_python(function: Callable) -> Callable:
    """Return a function as plain Python that takes symbols, or other numbers that know the functions of mathematics."""
    return _on_symbols(function, {})


def _on_symbols(function: Callable, known: dict[Any, Callable]) -> Callable:
    """Return a function in which mathematics, and the functions that it calls, take symbols."""
    plain = plain_function(function)
    if plain not in known:
        names: dict[str, Any] = {"__builtins__": builtins}
        cells = tuple(types.CellType() for _ in plain.__closure__ or ())
        known[plain] = twin_of(plain, names, cells)  # there before it is complete: functions may recurse
        used = [name for name in names_used(plain.__code__) if name in plain.__globals__]
        names |= {name: _replaced(plain.__globals__[name], known) for name in used}
        for cell, original in zip(cells, plain.__closure__ or (), strict=True):
            cell.cell_contents = _replaced(original.cell_contents, known)
    return known[plain]


def _replaced(value: Any, known: dict[Any, Callable]) -> Any:
    if getattr(value, "host", None) is not None:  # what stands in for a kernel uncompiled
        return value.host
    if isinstance(value, types.ModuleType):
        own = None if is_foreign(value.__name__) else _Module(value, lambda _, member: _replaced(member, known))
        return _MODULES.get(value, own or value)
    if isinstance(plain_function(value), types.FunctionType):
        return _on_symbols(value, known)
    return _FUNCTIONS.get(value, value) if isinstance(value, types.BuiltinFunctionType) else value
