"""Two poles on a cart that senses no velocities: CMA-ES finds a network, and 625 other starts tell what it can do."""

import importlib.util

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from ctrnn import CTRNN, Genotype, evaluate
from neuroevolution import CMAES, BeerGA, Run, Stop, evolve, tasks

NEURONS = 3
TASK = tasks.PoleBalancing(2, velocities=False, fitness="gruau")  # for standing still
GENOTYPE = Genotype(
    CTRNN(np.zeros((NEURONS, NEURONS)), input_weights=np.zeros((NEURONS, TASK.sensors))),
    {"weights": (-10, 10), "biases": (-5, 5), "input_weights": (-40, 40), "time_constants": (0.05, 0.5, "log")},
)
AT_PERCENT = ("5", "25", "50", "75", "95")


def balancer(evaluations: int = 12_000, seed: int = 2) -> Run:
    """Search until both poles stay up for 20 s and hardly move in the end; without the package cma, by a GA."""
    method = CMAES(population=24) if importlib.util.find_spec("cma") else BeerGA(population=100, mutation_variance=0.2)
    return evolve(GENOTYPE, TASK, method, stop=Stop(score=0.9) | Stop(evaluations=evaluations), rng=seed)


def figure(evaluations: int = 12_000) -> Figure:
    """The search, the first ten seconds of the best network, and how long it balances from each of the 625 starts."""
    run = balancer(evaluations)
    net = run.best.network
    loop = evaluate(net, TASK, duration=10, dt=0.01, substeps=2, record=(0, 0)).solution
    grid = tasks.PoleBalancing(2, velocities=False, start="grid")
    times = evaluate(net, grid, trials=625, duration=20, dt=0.01, substeps=2).scores[0].reshape(5, 5, 25)

    fig = plt.figure(figsize=(10, 9), layout="constrained")
    left, right = fig.subfigures(2, 1, height_ratios=[1.2, 1])
    top, middle = left.subplots(2, 1)
    run.plot(ax=top)
    top.set(ylabel="Gruau's fitness", title=f"{run.evaluations} evaluations")
    loop.plot(ax=middle)
    for row, panel in enumerate(right.subplots(1, 5, sharey=True)):
        image = panel.imshow(times[row], vmin=0, vmax=20, aspect="auto", origin="lower", cmap="viridis")
        panel.set_title(f"cart at {AT_PERCENT[row]} %", fontsize="medium")
        panel.set(xlabel="angle, in it velocity", yticks=range(5), yticklabels=AT_PERCENT, xticks=range(2, 25, 5))
        panel.set_xticklabels(AT_PERCENT)
        if row == 0:
            panel.set_ylabel("velocity of the cart (%)")
    right.colorbar(image, ax=right.axes, label="time balanced (s)")
    right.suptitle(f"{(times > 19.99).sum()} of 625 starts are balanced for 20 s; 200 are called general")
    return fig
