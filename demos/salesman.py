"""Tours by networks: the parameters of 1985 rarely give one, those of Talavan and Yanez always; the best one beside."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from hopfield.problems import TravellingSalesman, solve


def figure(cities: int = 10, restarts: int = 30, seed: int = 4) -> Figure:
    """What each way to answer ends in most of the time, and at best."""
    points = np.random.default_rng(seed).random((cities, 2))
    ways = {
        "Hopfield and Tank (1985)": solve(TravellingSalesman.from_points(points, "hopfield_tank"), "graded",
                                          restarts=restarts, rng=seed),
        "Talavan and Yanez (2002)": solve(TravellingSalesman.from_points(points), "graded", restarts=restarts, rng=seed),
        "annealed": solve(TravellingSalesman.from_points(points), restarts=restarts, rng=seed),
    }  # fmt: skip
    fig = plt.figure(figsize=(12.0, 4.8), layout="compressed")
    for ax, (name, found) in zip(fig.subplots(1, 3), ways.items(), strict=True):
        found.plot(ax=ax)
        share, low, high = found.share_valid
        ax.set_title(f"{name}: {share:.0%} valid ({low:.0%} to {high:.0%})", loc="left", fontsize="medium")
    return fig
