"""An agent with seven rays catches circles and avoids lines, and evolves further; ``film()`` shows it doing so."""

from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from analysis import plotting
from ctrnn import Evaluation, evaluate
from neuroevolution import BeerGA, Run, evolve, tasks

TASK = tasks.CategoricalPerception()
GENOTYPE = TASK.genotype()  # bilaterally symmetric, 47 genes
METHOD = BeerGA(population=60, mutation_variance=0.15, elite=3, max_offspring=1.3)
ANCESTOR = [  # by a longer evolution: 6000 evaluations with wide mutations, then 10 000 with those of METHOD
    -0.013, -0.757, 0.851, -0.151, 0.593, -0.852, -0.575, 0.677, 0.468, -0.578, -0.578, 0.01, 0.725, -0.611, -0.298,
    -0.146, -0.756, 0.896, -0.162, -0.93, -0.415, 0.377, -0.943, 0.617, -0.848, -0.364, 0.336, -0.804, -0.859, 0.29,
    -0.054, -0.436, 0.941, -0.365, -0.023, -0.41, 0.155, 0.969, -0.281, -0.565, -0.404, -0.148, 0.671, -0.382,
    0.521, -0.907, 0.994,
]


def catcher(generations: int = 20, seed: int = 1) -> Run:
    """Evolve the ancestor further; a score of 0.5 is reached by those that catch everything, or nothing."""
    return evolve(GENOTYPE, TASK, METHOD, generations=generations, rng=seed, initial=[ANCESTOR])


def trials(run: Run) -> Evaluation:
    """Let the best agent meet all 24 objects, and keep what it does."""
    return evaluate(run.best.network, TASK, record="all")


def film(path: str | Path = "categorical_perception.gif", generations: int = 20, trial: int = 6, fps: float = 10.0) -> Path:
    """Write a film of one trial: an even one is a circle, an odd one a line."""
    loop = trials(catcher(generations)).solutions[trial]
    plotting.animate_behaviour(loop, speed=15, fps=fps).save(path, writer="pillow")
    return Path(path)


def figure(generations: int = 20) -> Figure:
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
    seen.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.01, 1.0))
    axes = bottom.subplots(1, 6)
    for k, ax in enumerate(axes):
        loop = result.solutions[6 + k // 3]
        at = (0, loop.t.size * 2 // 3, loop.t.size - 1)[k % 3]
        TASK.draw(ax, loop.state[:, at])
        ax.set(xlim=(-110, 110), aspect="equal", xlabel="x")
        ax.set_title(f"t = {loop.t[at]:.0f}", loc="left", fontsize="medium")
    return fig
