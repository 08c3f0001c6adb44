"""What tasks from papers have in common: named constants, and options of `evaluate`."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from neurodynamics import Task


class PublishedTask(Task):
    """A task whose constants have names and the values of a paper; `with_params` and ``task_params`` change them."""

    defaults: ClassVar[Mapping[str, float]]
    positive: ClassVar[tuple[str, ...]] = ()  # names of constants that must be
    standard: ClassVar[Mapping[str, Any]]  # options of `evaluate`, as in the paper

    def __init__(self, **functions_and_sizes: Any) -> None:
        super().__init__(params=self.defaults, **functions_and_sizes)

    def __reduce__(self) -> Any:
        names = [*inspect.signature(type(self).__init__).parameters][1:]
        return _again, (type(self), {name: getattr(self, name) for name in names}, self.params)

    def check_params(self, vector: Any) -> None:
        """Raise ValueError where a constant is not finite, or not positive where it must be."""
        for k, name in enumerate(self.defaults):
            values, words = np.atleast_1d(vector[..., k]), "positive" if name in self.positive else "finite"
            wrong = ~np.isfinite(values) | ((values <= 0) & (name in self.positive))
            if wrong.any():
                raise ValueError(f"`{name}` must be {words}; got {values[wrong][0]:g}.")


def _again(kind: type[PublishedTask], arguments: dict[str, Any], params: Any) -> PublishedTask:
    return kind(**arguments).with_params(params)
