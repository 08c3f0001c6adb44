"""Python functions for which an intrinsic stands in kernels: run uncompiled, the function; compiled, the intrinsic.

``numba.extending.overload(f, inline="always")`` gives the same code, but infers, rewrites and infers anew at each call:
a quarter of the time that the drivers took to compile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.core import types
from numba.core.typing.templates import infer, infer_global, make_intrinsic_template


def in_kernels(function: Callable) -> Callable[[Callable], Callable]:
    """Let the definition of an intrinsic, as :func:`numba.extending.intrinsic` takes one, stand for a Python function."""

    def register(definition: Callable) -> Callable:
        template: Any = make_intrinsic_template(function, definition, function.__name__)
        infer(template)
        infer_global(function, types.Function(template))
        return definition

    return register
