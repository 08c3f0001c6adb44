"""What every picture checks: that it was given what it draws, and axes to draw on."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, ParamSpec, TypeVar

from matplotlib.axes import Axes

P = ParamSpec("P")
R = TypeVar("R")


def draws(*kinds: type | str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Refuse axes that are none, and a first argument that is of none of these kinds; text: that has such an attribute."""

    def around(function: Callable[P, R]) -> Callable[P, R]:
        name = next(iter(inspect.signature(function).parameters))

        @functools.wraps(function)
        def checked(*args: P.args, **options: P.kwargs) -> R:
            given = args[0] if args else options.get(name)
            if (args or name in options) and not _is_one_of(given, kinds):
                raise TypeError(f"`{name}` must be {_words(kinds)}; got {type(given).__name__}.")
            ax = options.get("ax")
            if ax is not None and not isinstance(ax, Axes):
                raise TypeError(f"`ax` must be the axes of matplotlib to draw on; got {type(ax).__name__}.")
            return function(*args, **options)

        return checked

    return around


def _is_one_of(given: Any, kinds: tuple[type | str, ...]) -> bool:
    if isinstance(given, type):
        return False
    if isinstance(given, SimpleNamespace):  # a stand-in with the fields that are drawn
        return True
    return any(hasattr(given, kind) if isinstance(kind, str) else isinstance(given, kind) for kind in kinds)


def _words(kinds: tuple[type | str, ...]) -> str:
    return " or ".join(f"a result with `{kind}`" if isinstance(kind, str) else f"a {kind.__name__}" for kind in kinds)
