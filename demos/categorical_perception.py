"""An agent with seven rays evolves to catch circles and to avoid lines; ``film()`` shows it doing so."""

from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from analysis import plotting
from ctrnn import Evaluation, evaluate
from neuroevolution import BeerGA, Run, evolve, tasks

TASK = tasks.CategoricalPerception()
GENOTYPE = TASK.genotype()  # bilaterally symmetric, 47 genes
METHOD = BeerGA(population=60, mutation_variance=1.0, elite=3, max_offspring=1.5)


def catcher(generations: int = 75, seed: int = 1) -> Run:
    """Evolve agents; a score of 0.5 is reached by those that catch everything, or nothing."""
    return evolve(GENOTYPE, TASK, METHOD, generations=generations, rng=seed)


def trials(run: Run) -> Evaluation:
    """Let the best agent meet all 24 objects, and keep what it does."""
    return evaluate(run.best.network, TASK, **TASK.standard, record="all")


def film(path: str | Path = "categorical_perception.gif", generations: int = 75, trial: int = 6, fps: float = 10.0) -> Path:
    """Write a film of one trial: an even one is a circle, an odd one a line."""
    loop = trials(catcher(generations)).solutions[trial]
    plotting.animate_behaviour(loop, speed=15, fps=fps).save(path, writer="pillow")
    return Path(path)


def figure(generations: int = 75) -> Figure:
    """The scores over the generations; all trials as seen from the agent; one circle and one line at three moments."""
    run = catcher(generations)
    result = trials(run)
    fig = plt.figure(figsize=(11, 8), layout="constrained")
    top, bottom = fig.subfigures(2, 1, height_ratios=[1.1, 1])
    history, seen = top.subplots(1, 2)
    run.plot(ax=history)
    for loop in result.solutions:
        line, label = bool(loop.trial % 2), ("circles", "lines")[loop.trial % 2] if loop.trial < 2 else None
        seen.plot(loop.state[1] - loop.state[0], loop.state[2], color=("C0", "C3")[line], linewidth=0.9, label=label)
    seen.set(xlabel="where the object is, from the agent", ylabel="its height")
    circles, lines = result.scores.reshape(-1, 2).mean(axis=0)
    seen.set_title(f"scores: circles {circles:.2f}, lines {lines:.2f}, of 1", fontsize="medium")
    seen.legend(frameon=False)
    axes = bottom.subplots(1, 6)
    for k, ax in enumerate(axes):
        loop = result.solutions[6 + k // 3]
        at = (0, loop.t.size * 2 // 3, loop.t.size - 1)[k % 3]
        TASK.draw(ax, loop.state[:, at])
        ax.set(xlim=(-80, 80), aspect="equal", xlabel="x")
        ax.set_title(f"t = {loop.t[at]:.0f}", loc="left", fontsize="medium")
    return fig
