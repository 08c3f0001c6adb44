"""A genetic algorithm evolves walkers: how much of the processor's time goes to the search, and not to walking."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import numpy as np

from ..options import Options
from ..table import Table, number, seconds

TITLE = "evolution: 100 walkers of 3 neurons, 2200 Euler steps, generations of BeerGA"
GENERATIONS = 202  # 19 396 evaluations: 100, then 96 a generation


def measure(options: Options) -> Iterator[Table]:
    generations = GENERATIONS // 10 if options.quick else GENERATIONS
    _evolve(2)  # compiles
    runs = [_evolve(generations) for _ in range(min(options.rounds, 3))]
    wall, total, walking, evaluations = (statistics.median(each) for each in zip(*runs, strict=True))
    table = Table(f"{evaluations:.0f} evaluations", ("part", "time", "cpu", "share of cpu"))
    table.rows = [
        ("evolve", seconds(wall), seconds(total), "100 %"),
        ("evaluate", "-", seconds(walking), f"{number(100 * walking / total)} %"),
        ("the search itself", "-", seconds(total - walking), f"{number(100 * (total - walking) / total)} %"),
    ]
    table.notes = ["cpu is processor time of all threads, which the load of the machine hardly changes"]
    yield table


def _evolve(generations: int) -> tuple[float, float, float, int]:
    """Return the time on the wall, the processor time, that of it inside of `evaluate`, and the evaluations."""
    from ctrnn import CTRNN, Genotype
    from neurodynamics import evaluate
    from neuroevolution import BeerGA, evolve, tasks

    free = {"weights": (-16, 16), "biases": (-16, 16), "time_constants": (0.5, 10)}
    genotype, walker, spent = Genotype(CTRNN(np.zeros((3, 3))), free), tasks.LeggedWalker(), [0.0]

    def walk(genes: np.ndarray) -> np.ndarray:
        began = time.process_time()
        scores = evaluate(genotype.template, walker, params=genotype.decode(genes)).mean_scores
        spent[0] += time.process_time() - began
        return scores

    method = BeerGA(population=100, elite=4, mutation_variance=0.2)
    wall, cpu = time.perf_counter(), time.process_time()
    run = evolve(genotype, walk, method, generations=generations, rng=1, initial="centre_crossing")
    return time.perf_counter() - wall, time.process_time() - cpu, spent[0], run.evaluations
