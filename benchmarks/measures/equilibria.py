"""All equilibria of random networks with proof, against gradient descent from samples."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from ..descent import STEPS, descend
from ..options import Options
from ..table import Table, error, number, seconds

TITLE = "all equilibria of a network: with proof, from random starts, by gradient descent"
SIZES = (2, 4, 6, 8, 10, 12, 14, 16)
COMPARED = (4, 8, 10)
LARGEST = 16.0  # of the weights, uniformly distributed between minus and plus that
NETWORKS, SAMPLES = 50, 1024
SAME = 1e-2  # a point found by descent belongs to the proved one so near


def measure(options: Options) -> Iterator[Table]:
    yield _certified(options)
    yield _compared(options)


def _network(n: int, seed: int, centred: bool):
    from ctrnn import CTRNN

    rng = np.random.default_rng([n, seed])
    W = rng.uniform(-LARGEST, LARGEST, (n, n))
    return CTRNN(W, biases=-W.sum(axis=1) / 2 if centred else rng.uniform(-LARGEST, LARGEST, n))


def _best(run: Callable[[], object], rounds: int) -> float:
    """Seconds of one thread's work: other programs on the machine do not count."""
    spent = []
    for _ in range(rounds):
        start = time.thread_time()
        run()
        spent.append(time.thread_time() - start)
    return min(spent)


def _certified(options: Options) -> Table:
    from analysis import fixed_points
    from ctrnn import CTRNN

    table = Table(
        f"certified lists, weights ~ U(-{LARGEST:g}, {LARGEST:g}), one core, {NETWORKS} networks",
        ("biases", "N", "median", "slowest", "boxes", "points", "complete", "index sum 1"),
    )
    rounds = 1 if options.quick else 3
    for centred in (False, True):
        for n in SIZES[:5] if options.quick else SIZES:
            nets = [_network(n, seed, centred) for seed in range(10 if options.quick else NETWORKS)]
            fixed_points(nets[0])
            times = [_best(lambda net=net: fixed_points(net), rounds) for net in nets]
            found = [fixed_points(net) for net in nets]
            sums = sum(int(((-1.0) ** each.index).sum()) == 1 for each in found)
            boxes, points = np.median([each.boxes for each in found]), np.mean([len(each) for each in found])
            table.rows.append((
                "centre-crossing" if centred else "random", str(n), seconds(float(np.median(times))), seconds(max(times)),
                number(float(boxes)), number(float(points)), f"{sum(each.complete for each in found)} of {len(nets)}",
                f"{sums} of {len(nets)}",
            ))  # fmt: skip
    units = CTRNN(8 * np.eye(7), biases=-4)
    spent, points = _best(lambda: fixed_points(units), 3), fixed_points(units)
    table.rows.append(("decoupled", "7", seconds(spent), "-", number(points.boxes), str(len(points)), "1 of 1", "1 of 1"))
    return table


def _compared(options: Options) -> Table:
    from analysis import fixed_points

    table = Table(
        f"centre-crossing networks: what is found, of all there are; {SAMPLES} samples",
        ("method", "N", "points found", "of", "largest residual", "time a network"),
    )
    networks = 3 if options.quick else 10
    for n in COMPARED:
        nets = [_network(n, seed, True) for seed in range(networks)]
        truth = [fixed_points(net).x for net in nets]
        total = sum(map(len, truth))
        for method, run in _methods(n).items():
            start = time.thread_time()
            lists = [run(net) for net in nets]
            spent = (time.thread_time() - start) / networks
            hits = sum(_hits(points, all_of_them) for points, all_of_them in zip(lists, truth, strict=True))
            all_found = [(net, y) for net, points in zip(nets, lists, strict=True) for y in points]
            worst = max((float(abs(net.rhs(0, y)).max()) for net, y in all_found), default=0.0)
            table.rows.append((method, str(n), str(hits), str(total), error(worst), seconds(spent)))
    table.notes = [f"gradient descent: Adam, {STEPS} steps, from states that the outputs can drive"]
    return table


def _methods(n: int) -> dict[str, Callable]:
    from analysis import fixed_points

    def gradient_descent(net):
        rng = np.random.default_rng(n)
        starts = rng.uniform(0, 1, (SAMPLES, n)) @ net.weights.T
        return descend(net.weights, net.biases, starts)

    return {
        "ctrnn, certified": lambda net: fixed_points(net).x,
        "ctrnn, random starts": lambda net: fixed_points(net, certify=False, starts=SAMPLES, rng=n).x,
        "gradient descent": gradient_descent,
    }


def _hits(points: np.ndarray, truth: np.ndarray) -> int:
    """How many of the true points are in the list."""
    return sum(bool(len(points)) and bool((np.abs(points - y).max(axis=1) < SAME).any()) for y in truth)
