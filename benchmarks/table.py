"""Plain text tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"))


@dataclass
class Table:
    """A title, the heads of the columns, rows of text, and notes below."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        cells = [list(self.columns), *[list(row) for row in self.rows]]
        widths = [max(len(row[c]) for row in cells) for c in range(len(self.columns))]
        lines = [_line(row, widths) for row in cells]
        lines.insert(1, "-" * len(lines[0]))
        return "\n".join([self.title, "", *lines, *[f"  {note}" for note in self.notes], ""])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = row
    numbers = (cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))
    return "  ".join([first.ljust(widths[0]), *numbers])


def seconds(value: float) -> str:
    """Write a time with the unit that suits it."""
    if not math.isfinite(value):
        return "-"
    scale, unit = next((pair for pair in UNITS if abs(value) >= pair[0]), UNITS[-1])
    return f"{value / scale:.3g} {unit}" if value / scale < 100 else f"{value / scale:.0f} {unit}"


def number(value: float, digits: int = 3) -> str:
    """Write a plain number, large ones without exponents."""
    if not math.isfinite(value):
        return "-"
    return f"{value:.0f}" if 100 <= abs(value) < 1e7 else f"{value:.{digits}g}"


def error(value: float) -> str:
    """Write an error."""
    return f"{value:.0e}" if math.isfinite(value) else "-"


def spread(low: float, high: float) -> str:
    """Write the fastest and the slowest sample."""
    return f"{seconds(low)} .. {seconds(high)}" if math.isfinite(low) else "-"
