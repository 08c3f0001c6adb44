"""Objects whose public attributes are set once: compiled code relies on them."""

from __future__ import annotations

from types import FunctionType, MethodType
from typing import Any


class Unchanging:
    """What is there already can be neither set anew nor deleted; nor, once it is made, what its class says of it."""

    _made = False

    def __setattr__(self, name: str, value: Any) -> None:
        is_method = isinstance(getattr(type(self), name, None), (FunctionType, MethodType))
        if not name.startswith("_") and (is_method or name in self.__dict__ or (self._made and hasattr(type(self), name))):
            kind = type(self).__name__
            raise AttributeError(f"`{name}` cannot be changed: a {kind} stays as it was made; make a new one.")
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        if not name.startswith("_"):
            raise AttributeError(f"`{name}` cannot be deleted: a {type(self).__name__} stays as it was made.")
        object.__delattr__(self, name)
