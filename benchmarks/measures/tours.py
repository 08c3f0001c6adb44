"""Tours of a travelling salesman: fields, and descents to a tour, with the operator and with the matrix written out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..case import Case, Run
from ..options import Options
from ..table import Table, error
from . import _compare

TITLE = "travelling salesman: fields of n^2 units and descents, by the operator and by the matrix"
CITIES, QUICK_CITIES, STATES = 30, 12, 50


def measure(options: Options) -> Iterator[Table]:
    cities = QUICK_CITIES if options.quick else CITIES
    for count in (1, STATES):
        yield _table(f"fields of {count} states, {cities} cities", _fields(cities, count), options)
    yield _table(f"one descent to a tour, {cities} cities, setting up W included", _descents(cities), options)


def _problem(cities: int):
    from hopfield.problems import TravellingSalesman

    return TravellingSalesman.from_points(np.random.default_rng(0).random((cities, 2)))


def _fields(cities: int, count: int) -> list[Case]:
    from hopfield.couplings import Dense

    w = _problem(cities).couplings
    v = np.random.default_rng(1).random((count, w.size))
    grids, d = v.reshape(count, cities, cities), w.distances

    def matrix() -> Run:
        dense = Dense(w.dense())
        return lambda: dense.product(v)

    def numpy() -> Run:
        a, b, c, length = w.weights

        def run() -> np.ndarray:
            beside = np.roll(grids, 1, axis=2) + np.roll(grids, -1, axis=2)
            city, place = grids.sum(axis=2, keepdims=True) - grids, grids.sum(axis=1, keepdims=True) - grids
            return (-a * city - b * place - c * grids.sum(axis=(1, 2), keepdims=True) - length * d @ beside).reshape(v.shape)

        return run

    def four_indices() -> Run:
        tensor = w.dense().reshape((cities,) * 4)
        return lambda: np.einsum("xiyj,kyj->kxi", tensor, grids).reshape(v.shape)

    return [
        Case("operator", lambda: lambda: w.product(v)),
        Case("operator, numpy", numpy),
        Case("matrix n^2 x n^2, BLAS", matrix, cores=0),
        Case("tensor of four indices, einsum", four_indices),
    ]


def _descents(cities: int) -> list[Case]:
    from hopfield.couplings import Dense
    from hopfield.problems.descent import descend

    problem = _problem(cities)
    start = 0.5 + 0.01 * np.random.default_rng(2).uniform(-1, 1, (1, problem.size))

    def down(w) -> np.ndarray:
        return descend(w, problem.bias, (0.0, 1.0), start.copy(), 1000, lambda: True).corners.astype(float)

    return [
        Case("operator", lambda: lambda: down(_problem(cities).couplings)),
        Case("matrix n^2 x n^2, BLAS", lambda: lambda: down(Dense(_problem(cities).couplings.dense())), cores=0),
    ]


def _table(title: str, cases: Sequence[Case], options: Options) -> Table:
    timings, failures = _compare.timed(cases, options)
    order = _compare.fastest(timings, cases)
    base = next(case for case in cases if case.label in order)
    table = Table(title, ("program", *_compare.TIMES, "cores", "difference"))
    exact = timings[base.label].result
    for case in sorted((c for c in cases if c.label in order), key=lambda c: order[c.label]):
        cells = _compare.times(timings[case.label], timings[base.label], case.share, base.share)
        gap = np.abs(timings[case.label].result - exact).max() / np.abs(exact).max()
        table.rows.append((case.label, *cells, str(case.cores or "all"), error(float(gap))))
    table.notes = _compare.notes(cases, failures, base.label)
    return table
