"""How results show themselves in notebooks: one table for all of them."""

from __future__ import annotations

import dataclasses
import enum
import html
from typing import Any

import numpy as np

LONGEST = 300  # characters of a value or a caption


class Record:
    """A result, a dataclass that notebooks show as a table of its fields: numbers, words, and the shapes of arrays.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> from neurodynamics.records import Record
    >>> @dataclass(frozen=True)
    ... class Answer(Record):
    ...     value: float
    >>> Answer(42.0)._repr_html_()
    '<table><caption>Answer(value=42.0)</caption><tr><th>value</th><td>42</td></tr></table>'
    """

    def _repr_html_(self) -> str:
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}  # type: ignore[arg-type]
        shown = {name: _shown(value) for name, value in values.items() if not name.startswith("_")}
        rows = (f"<tr><th>{name}</th><td>{_text(text)}</td></tr>" for name, text in shown.items() if text is not None)
        return f"<table><caption>{_text(repr(self))}</caption>{''.join(rows)}</table>"


def _shown(value: Any) -> str | None:
    """Return what a cell says, or None for what is no scalar and no array: the attribute itself tells that."""
    if isinstance(value, enum.Enum):
        return value.name.lower()
    if isinstance(value, (bool, np.bool_, int, np.integer, str)):
        return str(value)
    if isinstance(value, (float, complex, np.inexact)):
        return f"{value:.6g}"
    if isinstance(value, np.ndarray):
        return f"array {value.shape}" if value.ndim else _shown(value[()])
    return None


def _text(text: str) -> str:
    return html.escape(text if len(text) <= LONGEST else f"{text[:LONGEST]}...")
