"""All equilibria of ten neurons, proved, and which attractors each saddle lies between."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import Separatrices, fixed_points, plotting, separatrix
from ctrnn import CTRNN

SIZE = 10
CYCLE = "#222222"


def network(seed: int = 14) -> CTRNN:
    """Return ten neurons that excite themselves and are coupled at random, close to centre-crossing."""
    rng = np.random.default_rng(seed)
    weights = rng.uniform(-4, 4, (SIZE, SIZE))
    np.fill_diagonal(weights, rng.uniform(4, 9, SIZE))
    return CTRNN(weights, biases=-weights.sum(axis=1) / 2 + rng.uniform(-1, 1, SIZE))


def figure(seed: int = 14) -> Figure:
    """Equilibria and unstable manifolds on the left, the graph of connections on the right."""
    points = fixed_points(network(seed))
    found = separatrix(points.system, points, which="unstable")

    fig = plt.figure(figsize=(12.5, 5.2), layout="constrained")
    left, right = fig.subplots(1, 2, width_ratios=[1.0, 1.1])
    left.set_title(f"{len(points)} equilibria, complete: {'certified' if points.complete else 'no'}", loc="left")
    plotting.plot_separatrices(found, ax=left)
    left.legend(loc="lower right", fontsize="small")
    draw_graph(right, found)
    return fig


def draw_graph(ax: Any, found: Separatrices) -> None:
    """Attractors in a row, above them the saddles between two of them, then equilibria with more unstable directions."""
    index, colors = found.points.index, {}
    attractors = [("fixed point", int(k)) for k in np.flatnonzero(index == 0)]
    attractors += [("cycle", k) for k in range(len(found.cycles))]
    for number, key in enumerate(attractors):
        colors[key] = plotting.attractor_color(number)
        style = {"marker": "o" if key[0] == "fixed point" else "$\\circlearrowleft$", "markersize": 15}
        name = f"equilibrium {key[1]}" if key[0] == "fixed point" else "cycle"
        ax.plot(number, 0, color=colors[key], **style)
        ax.annotate(name, (number, -0.3), ha="center", va="top", fontsize="small")
    for level in range(1, int(index.max()) + 1):
        members = np.flatnonzero(index == level)
        places = np.linspace(0, len(attractors) - 1, len(members) + 2)[1:-1]
        if level == 1:
            members = np.array(sorted(members, key=lambda k: _middle(found, int(k), attractors)))
        for place, k in zip(places, members, strict=True):
            ax.plot(place, level, color="#BBBBBB", marker="D", markeredgecolor=CYCLE, markersize=7, zorder=4)
            ax.annotate(str(k), (place, level + 0.18), ha="center", va="bottom", fontsize="x-small")
            for saddle, kind, target in found.connections:
                if saddle == k:
                    arrow = {"arrowstyle": "-|>", "color": colors[kind, target], "linewidth": 1.4, "shrinkB": 10}
                    ax.annotate("", (attractors.index((kind, target)), 0), (place, level), arrowprops=arrow)
    ax.set(xlim=(-0.6, len(attractors) - 0.4), ylim=(-0.8, index.max() + 0.7), xticks=[], ylabel="unstable directions",
           xlabel="attractors", yticks=range(int(index.max()) + 1))  # fmt: skip
    ax.set_title("unstable branches of saddles with one unstable direction", loc="left")


def _middle(found: Separatrices, saddle: int, attractors: list[tuple[str, int]]) -> float:
    ends = [attractors.index((kind, target)) for k, kind, target in found.connections if k == saddle]
    return float(np.mean(ends)) if ends else 0.0
