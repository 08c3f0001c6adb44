"""One rule folded over a tree: a network that knows NAND computes any formula, if its gain keeps truth from fading."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from analysis import plotting
from recurrent import Recursive

LEAVES = {True: [1.0], False: [-1.0]}
COLOURS = "coolwarm"


def nand(gain: float) -> Recursive:
    """Return the network ``p = tanh(gain (1 - a - b))``: -1 where both children are 1, else 1."""
    return Recursive.of([[-gain, -gain]], gain)


def random_tree(depth: int, rng: np.random.Generator) -> Any:
    """Return a binary tree of this depth with random leaves: of two children one is as deep as it can be."""
    if depth == 0:
        return bool(rng.integers(2))
    children = [random_tree(depth - 1, rng), random_tree(int(rng.integers(depth)), rng)]
    return tuple(children if rng.integers(2) else children[::-1])


def truth(tree: Any) -> bool:
    """Return what a tree says in logic."""
    return not (truth(tree[0]) and truth(tree[1])) if isinstance(tree, tuple) else tree


def draw(ax: Axes, net: Recursive, tree: Any, left: float, right: float, height: int) -> float:
    """Draw a tree with the vectors of its nodes; return where its root stands."""
    here, value = 0.5 * (left + right), float(net.fold(tree, LEAVES)[0])
    if isinstance(tree, tuple):
        for child, ends in zip(tree, ((left, here), (here, right)), strict=True):
            below = draw(ax, net, child, *ends, height - 1)
            ax.plot([below, here], [height - 1, height], color="#999999", linewidth=0.8, zorder=1)
    edge = "black" if (value > 0) == truth(tree) else "red"
    ax.scatter(here, height, s=90, c=value, cmap=COLOURS, vmin=-1, vmax=1, edgecolors=edge, linewidths=0.8, zorder=2)
    return here


def figure(depth: int = 5, deepest: int = 10, trees: int = 60) -> Figure:
    """A formula with the vector of each node; how often the root is right, for trees of each depth and three gains."""
    fig, axes = plt.subplots(1, 2, figsize=(12, 4), layout="constrained", width_ratios=(1.4, 1))
    rng = np.random.default_rng(2)
    draw(axes[0], nand(2.0), random_tree(depth, rng), 0, 1, depth)
    fig.colorbar(ScalarMappable(Normalize(-1, 1), COLOURS), ax=axes[0], label="p (1 is true, -1 is false)")
    axes[0].set(ylabel="depth", title="one rule at every node, tanh(2 (1 - a - b))", xticks=[])
    axes[0].set_yticks(range(depth + 1), range(depth, -1, -1))

    depths = np.arange(1, deepest + 1)
    for k, gain in enumerate((0.4, 0.7, 2.0)):
        net = nand(gain)
        shares = [np.mean([(net.fold(tree, LEAVES)[0] > 0) == truth(tree)
                           for tree in (random_tree(int(d), rng) for _ in range(trees))]) for d in depths]  # fmt: skip
        axes[1].plot(depths, shares, "o-", color=plotting.series_color(k), label=f"gain {gain:g}")
    axes[1].set(xlabel="depth of the tree", ylabel="share of roots that are right", ylim=(0, 1.04),
                title="with a small gain truth fades")  # fmt: skip
    axes[1].legend(frameon=False, loc="lower left")
    return fig
