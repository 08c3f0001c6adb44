"""Events as users of SciPy write them: functions ``g(t, y)`` with attributes, joined into one function of the contract."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from neurodynamics.compiling import check_arguments


def joined(functions: Sequence[Callable]) -> Callable:
    """Return ``events(t, y, u, params, out)`` that writes the value of each ``g(t, y) -> float``."""

    def nothing(t, y, u, params, out):
        return None

    chain: Callable = nothing
    for index, function in enumerate(functions):
        check_arguments("event", function, f"events[{index}]")
        chain = _and_then(chain, function, index)
    return chain


def _and_then(chain: Callable, part: Callable, index: int) -> Callable:
    def events(t, y, u, params, out):
        chain(t, y, u, params, out)
        out[index] = part(t, y)

    return events


def attributes(functions: Sequence[Callable]) -> tuple[list[int], list[bool]]:
    """Return directions and terminal flags from the attributes ``direction`` and ``terminal`` that SciPy reads."""
    plain = [getattr(function, "py_func", function) for function in functions]
    directions = [int(_sign(getattr(function, "direction", 0))) for function in plain]
    return directions, [bool(getattr(function, "terminal", False)) for function in plain]


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
