"""Four ways to search for a walker, ten runs each: which are better, and how sure that is."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from ctrnn import CTRNN, Genotype
from neuroevolution import BeerGA, Comparison, HillClimbing, MicrobialGA, RandomSearch, compare, evolve, tasks

GENOTYPE = Genotype(CTRNN(np.zeros((3, 3))), {"weights": (-16, 16), "biases": (-16, 16), "time_constants": (0.5, 10, "log")})


def comparison(runs: int = 10, generations: int = 20, population: int = 50) -> Comparison:
    """Let each method evaluate as many networks, again and again."""
    methods = {
        "random search": RandomSearch(population),
        "hill climbing": HillClimbing(population),
        "microbial GA": MicrobialGA(population),
        "generational GA": BeerGA(population, elite=2, mutation_variance=0.2),
    }
    options = {"generations": generations, "rng": 1, "initial": "centre_crossing"}
    return compare({name: evolve(GENOTYPE, tasks.LeggedWalker(), method, **options).replicates(runs, rng=2)
                    for name, method in methods.items()})  # fmt: skip


def figure(runs: int = 10, generations: int = 20, population: int = 50) -> Figure:
    """Medians with bootstrap intervals, and the course of the last method's runs."""
    result = comparison(runs, generations, population)
    fig = plt.figure(figsize=(10, 7.5), layout="constrained")
    top, bottom = fig.subplots(2, 1)
    result.plot(ax=top)
    against = [each for each in result.differences if each.first == "random search"]
    top.set_title("; ".join(f"{each.second}: p = {each.p:.2g}" for each in against) + " against random search",
                  loc="left", fontsize="medium")  # fmt: skip
    result.replicates["generational GA"].plot(ax=bottom)
    bottom.set_title("the runs of the generational GA; a single stride scores 0.126", loc="left", fontsize="medium")
    return fig
