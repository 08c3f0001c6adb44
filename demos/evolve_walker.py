"""A network evolves until it walks on one leg; the run goes on from its file, and the gait is a limit cycle."""

import tempfile
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import limit_cycle
from ctrnn import CTRNN, Genotype, evaluate
from neuroevolution import BeerGA, Run, evolve, tasks

TASK = tasks.LeggedWalker()
GENOTYPE = Genotype(CTRNN(np.zeros((5, 5))), {"weights": (-16, 16), "biases": (-16, 16), "time_constants": (0.5, 10, "log")})
BEST_POSSIBLE, BEST_STRIDE = 0.6270805, 43.8540


def walker(generations: int = 60, population: int = 100, seed: int = 2) -> Run:
    """Evolve half of the generations, put the run into a file, and let the same call go on with the other half.

    Most networks come to a single stride, 0.1256, a local optimum; centre-crossing ones are more likely to leave it.
    """
    method = BeerGA(population=population, elite=4, mutation_variance=0.2)
    with tempfile.TemporaryDirectory() as folder:
        for part in (generations // 2, generations):
            run = evolve(GENOTYPE, TASK, method, generations=part, rng=seed, initial="centre_crossing",
                         checkpoint=Path(folder, "walker.run"))  # fmt: skip
    return run


def gait(net: CTRNN, y0: np.ndarray) -> Any:
    """Return the limit cycle that the network runs into, or None where it comes to rest, as after a single stride."""
    try:
        return limit_cycle(net, y0)
    except ValueError:
        return None


def figure(generations: int = 60, population: int = 100) -> Figure:
    """The scores over the generations, the best walk, its neurons, and their cycle, whose period is that of the gait."""
    run = walker(generations, population)
    walk = evaluate(run.best.network, TASK, record=(0, 0)).solution
    cycle = gait(run.best.network, walk.y[:, -1])

    fig = plt.figure(figsize=(10, 11), layout="constrained")
    top, middle, bottom, last = fig.subplots(4, 1, height_ratios=[1, 1, 1, 1.3])
    run.plot(ax=top)
    top.axhline(BEST_POSSIBLE, linestyle="--", color="0.5")
    top.set_title(f"distance per unit of time; the best possible walk has {BEST_POSSIBLE:.3f}", fontsize="medium")
    walk.plot(ax=middle)
    walk.network.plot(ax=bottom)
    middle.set_title(f"the walk, {walk.state[0, -1]:.0f} in {walk.t[-1]:.0f} units of time", fontsize="medium")
    bottom.set_title("outputs of the neurons; the first three are foot, forward and backward force", fontsize="medium")
    last.plot(*walk.y[:2], color="0.7", linewidth=0.8)
    title = "the network comes to rest: a single stride"
    if cycle is not None:
        last.plot(*cycle.y[:2], linewidth=2.0)
        title = f"the cycle of its neurons: period {cycle.period:.2f}, of the best stride {BEST_STRIDE:.2f}"
    last.set(xlabel="neuron 0, foot", ylabel="neuron 1, forward force")
    last.set_title(title, fontsize="medium")
    return fig
