"""The sentence of a landscape about its completeness, and points in all variables."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np

from analysis.equilibria import Unresolved
from analysis.landscape.stationary import Model


def described(land: Any) -> str:
    """Return a landscape in one line."""
    count = Counter(land.index.tolist())
    parts = [_plural(count.pop(0, 0), "minimum", "minima"), _plural(count.pop(1, 0), "saddle", "saddles") + " of index 1"]
    if count:
        parts.append(f"{sum(count.values())} of higher index")
    degenerate = sum(found.cause == "degenerate" for found in land.unresolved)
    if degenerate:
        parts.append(f"{degenerate} unresolved")
    if land.complete:
        parts.append("complete: certified")
    else:
        parts.append(f"incomplete: {land.reason}")
    lost = int((land.joins < 0).any(axis=1).sum())
    if lost:
        parts.append(f"{lost} saddles whose steepest descents are not known")
    if not land.status.success:
        parts.append(land.status.name.lower())
    return f"EnergyLandscape({', '.join(parts)}, Morse sum {land.morse_sum})"


def _plural(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def expanded(found: Unresolved, model: Model) -> Unresolved:
    """Return an undecided set in terms of all neurons."""
    boxes = np.sort(np.stack([model.expand(found.boxes[:, side]) for side in (0, 1)], axis=1), axis=1)
    directions = model.expand(found.null_directions)
    length = np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-300)
    return replace(
        found, lower=boxes[:, 0].min(axis=0), upper=boxes[:, 1].max(axis=0), boxes=boxes,
        point=model.expand(found.point[np.newaxis])[0], null_directions=directions / length,
    )  # fmt: skip
