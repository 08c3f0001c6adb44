"""One update of a dense memory, which is attention: ours beside numpy's einsum, torch, and hopfield-layers."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence

import numpy as np

from ..case import Case, Run
from ..options import Options
from ..table import Table, error
from .memories import comparison

TITLE = "dense memories: one update of many states (attention), recall of polynomial memories"
SIZES, QUICK = (1000, 4000, 64), (100, 400, 64)  # states, patterns, units
BETA = 0.125
TWO_VALUED = (3000, 200, 200, 3)  # patterns, units, probes, degree


def measure(options: Options) -> Iterator[Table]:
    count, stored, units = QUICK if options.quick else SIZES
    rng = np.random.default_rng(0)
    queries, keys = (rng.normal(size=(rows, units)).astype(np.float32) for rows in (count, stored))
    title = f"attention, {count} states, {stored} patterns of {units} units, float32"
    table = comparison(title, _attention(queries, keys), options, "error", _relative_error)
    table.notes += [f"not installed: {name}" for name in ("torch", "hflayers") if importlib.util.find_spec(name) is None]
    yield table
    yield comparison("asynchronous recall of degree 3, N = 200, p = 3000, 200 probes", _two_valued(), options)


def _attention(queries: np.ndarray, keys: np.ndarray) -> list[Case]:
    from hopfield import SoftmaxMemory, attention

    def einsum() -> Run:
        def run() -> np.ndarray:
            scores = np.exp(BETA * np.einsum("ki,pi->kp", queries, keys))
            return np.einsum("kp,pi->ki", scores / scores.sum(axis=1, keepdims=True), keys)

        return run

    def in_double() -> Run:
        memory = SoftmaxMemory(keys, BETA)
        return lambda: memory.update(queries)

    cases = [
        Case("ours, float32", lambda: lambda: attention(queries, keys, BETA), cores=0),
        Case("numpy einsum, float32", einsum),
        Case("ours, float64", in_double, cores=0),
    ]
    if importlib.util.find_spec("torch") is not None:
        cases.insert(1, Case("torch, float32", lambda: _torch(queries, keys), cores=0))
    if importlib.util.find_spec("hflayers") is not None:
        cases.insert(2, Case("hopfield-layers, float32", lambda: _hopfield_layers(queries, keys), cores=0))
    return cases


def _torch(queries: np.ndarray, keys: np.ndarray) -> Run:
    import torch

    q, k = torch.as_tensor(queries), torch.as_tensor(keys)

    def run() -> np.ndarray:
        with torch.no_grad():
            return (torch.softmax(BETA * (q @ k.T), dim=1) @ k).numpy()

    return run


def _hopfield_layers(queries: np.ndarray, keys: np.ndarray) -> Run:
    import torch
    from hflayers import Hopfield

    layer = Hopfield(scaling=BETA, normalize_stored_pattern=False, normalize_state_pattern=False,
                     normalize_pattern_projection=False, stored_pattern_as_static=True, state_pattern_as_static=True,
                     pattern_projection_as_static=True, disable_out_projection=True, batch_first=True,
                     normalize_stored_pattern_affine=False, normalize_state_pattern_affine=False,
                     normalize_pattern_projection_affine=False)  # fmt: skip
    q, k = (torch.as_tensor(rows)[None] for rows in (queries, keys))

    def run() -> np.ndarray:
        with torch.no_grad():
            return layer((k, q, k))[0].numpy()

    return run


def _two_valued() -> list[Case]:
    from hopfield import DenseMemory, patterns

    p, n, probes, degree = TWO_VALUED
    xi = patterns.random(p, n, rng=0)
    cues = patterns.flip(xi[:probes], 0.2, rng=1)
    memory = DenseMemory(xi, degree)

    def by_numpy() -> Run:
        rows, few = np.asarray(xi, float), np.asarray(cues[:2], float)

        def run() -> np.ndarray:
            return np.array([_relaxed(rows, state.copy(), degree) for state in few])

        return run

    return [
        Case("ours, 1 thread", lambda: lambda: np.asarray(memory.recall(cues, order="sequential", workers=1).states)),
        Case("numpy, a unit at a time", by_numpy, share=2 / probes),
    ]


def _relaxed(rows: np.ndarray, s: np.ndarray, degree: int) -> np.ndarray:
    """Krotov and Hopfield's rule until nothing changes, with all overlaps computed once a sweep and kept."""
    z, changed = rows @ s, True
    while changed:
        changed = False
        for i in range(s.size):
            others = z - rows[:, i] * s[i]
            gain = ((others + rows[:, i]) ** degree - (others - rows[:, i]) ** degree).sum()
            if gain * s[i] < 0:
                s[i] = -s[i]
                z, changed = others + rows[:, i] * s[i], True
    return s


def _relative_error(found: np.ndarray, all_results: Sequence[np.ndarray]) -> str:
    """The largest difference from double precision, relative to the largest number."""
    exact = all_results[-1]
    return error(float(np.abs(found - exact).max() / np.abs(exact).max()))
