"""Branches, closed forms, diagrams and charts: time of the processor, beside AUTO-07p where it is installed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from ..options import Options
from ..peers import auto07p
from ..table import Table, seconds

TITLE = "bifurcations: branches of equilibria and cycles, closed forms, certified diagrams and charts"
TWO, PLANE, BOUNDS = [[9, -10], [5, 7]], ("biases[0]", "biases[1]"), [(-8, 6), (-10, 3)]


def measure(options: Options) -> Iterator[Table]:
    table = Table("time of the processor", ("what", "points", "whole", "a point"))
    rounds = 1 if options.quick else 3
    for name, run, count in _cases(options):
        found, spent = _best(run, rounds)
        points = count(found)
        table.rows.append((name, str(points), seconds(spent), seconds(spent / max(points, 1))))
    if auto07p.available():
        for name, spent in auto07p.seconds_a_point().items():
            table.rows.append((f"{auto07p.PACKAGE}: {name} of 2 neurons", "", "", seconds(spent)))
    yield table


def _best(run: Callable, rounds: int) -> tuple[object, float]:
    run()
    spent = []
    for _ in range(rounds):
        start = time.process_time()
        found = run()
        spent.append(time.process_time() - start)
    return found, min(spent)


def _ring(size: int) -> tuple[Callable, Callable]:
    """Cycles of a ring of odd length that inhibits, of neurons that are not quite alike, from its Hopf point."""
    from analysis import cycle_branch, fixed_point_branch
    from ctrnn import CTRNN

    rng, before = np.random.default_rng(1), [(i - 1) % size for i in range(size)]
    weights = np.zeros((size, size))
    weights[range(size), before] = -1.1
    ring = CTRNN(weights, activation="tanh", time_constants=1 + 0.3 * rng.random(size), biases=0.05 * rng.normal(size=size))
    strength = {f"weights[{i}, {j}]": -1.0 for i, j in enumerate(before)}
    hopf = fixed_point_branch(ring, strength, (0.5, 1.35), start=np.zeros(size)).points["H1"]
    return (lambda: cycle_branch(ring, strength, (0.5, 1.35), start=hopf, step=0.05, max_points=40, normal_forms=False),
            lambda branch: len(branch.values))  # fmt: skip


def _cases(options: Options) -> Iterator[tuple[str, Callable, Callable]]:
    from analysis import bifurcation_chart, bifurcation_diagram, bifurcation_sets, cycle_branch, fixed_point_branch
    from ctrnn import CTRNN

    two = CTRNN(TWO, biases=[-3, -7.25])
    yield ("equilibria of 2 neurons, all tests", lambda: fixed_point_branch(two, "biases[0]", (-8, 8), start=[5, 5],
                                                                            step=0.0045), len)  # fmt: skip
    size = 20 if options.quick else 100
    many = CTRNN(np.random.default_rng(0).standard_normal((size, size)) / size**0.5, activation="tanh", gains=0.9)
    yield (f"equilibria of {size} neurons, all tests", lambda: fixed_point_branch(many, "gains", (0.5, 1.0), start=np.zeros(
        size)), len)  # fmt: skip
    rhythm = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-3, -1.75])
    hopf = fixed_point_branch(rhythm, "biases[0]", (-6, 0)).points["H1"]
    yield ("cycles of 2 neurons", lambda: cycle_branch(rhythm, "biases[0]", (-6, 0), start=hopf), lambda b: len(b.values))
    for size in (9,) if options.quick else (9, 21):
        yield (f"cycles of {size} neurons, 50 x 4", *_ring(size))
    canard = CTRNN([[11, -10], [7, -1]], biases=[-3, -5.55])
    yield ("folds and Hopf points of a plane", lambda: bifurcation_sets(canard, PLANE, BOUNDS), lambda s: len(s.points))
    yield ("certified diagram, 32 sections, cycles", lambda: bifurcation_diagram(two, "biases[0]", (-8, 8)),
           lambda d: sum(len(branch) for branch in d.branches))  # fmt: skip
    cells = 40 if options.quick else 200
    yield (f"certified chart, {cells} x {cells}", lambda: bifurcation_chart(canard, PLANE, BOUNDS, resolution=cells),
           lambda c: c.attractors.size)  # fmt: skip
