"""Simple shapes, drawn by the axes themselves, for pictures of bodies."""

from __future__ import annotations

from typing import Any

import numpy as np

AROUND = np.linspace(0.0, 2.0 * np.pi, 49)
BODY, THING, GROUND = "#0072B2", "#D55E00", "0.6"  # colours


def disc(ax: Any, x: float, y: float, radius: float, color: str, *, heading: float | None = None) -> None:
    """Draw a disc, with a line where it looks."""
    ax.fill(x + radius * np.cos(AROUND), y + radius * np.sin(AROUND), color=color, alpha=0.5)
    if heading is not None:
        line(ax, x, y, 1.6 * radius, heading, color=color, linewidth=1.5)


def line(ax: Any, x: float, y: float, length: float, angle: float, **style: Any) -> None:
    """Draw a line from a point in a direction."""
    ax.plot([x, x + length * np.cos(angle)], [y, y + length * np.sin(angle)], **style)
