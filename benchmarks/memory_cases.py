"""Ways to store patterns, to recall them and to compute fields: ours, naive loops, neurodynex3 and hopfieldnetwork."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from .case import Case, Run

STORED, STORED_SIZE = 20, 400
PATTERNS, SIZE, PROBES, NOISE = 100, 1000, 2000, 0.2
SWEEPS = 100
PEERS = ("hopfieldnetwork", "neurodynex3")


def installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def random_patterns(count: int, size: int) -> np.ndarray:
    return np.random.default_rng(0).choice(np.array([-1, 1], np.int8), (count, size))


def store(count: int = STORED, size: int = STORED_SIZE) -> list[Case]:
    """Hebb's rule for a few patterns; every run returns the couplings as a matrix or as what stands for it."""
    from hopfield import hebbian

    xi = random_patterns(count, size)
    cases = [
        Case("ours, as patterns", lambda: lambda: hebbian(xi)),
        Case("ours, written out", lambda: lambda: hebbian(xi).dense()),
    ]
    if installed("hopfieldnetwork"):
        cases.append(Case("hopfieldnetwork", lambda: lambda: _hopfieldnetwork(xi).w))
    if installed("neurodynex3"):
        cases.append(Case("neurodynex3", lambda: lambda: _neurodynex3(xi).weights))
    return cases


def recall(share: float, probes: int = PROBES) -> list[Case]:
    """Asynchronous recall in random order until nothing changes; runs return the final states (probes, N)."""
    from hopfield import DiscreteHopfield, patterns

    xi = random_patterns(PATTERNS, SIZE)
    cues = patterns.flip(np.tile(xi, (probes // PATTERNS, 1)), NOISE, rng=1)
    net = DiscreteHopfield.from_patterns(xi)
    w = net.couplings.dense()

    def ours(workers: int) -> Callable[[], Run]:
        return lambda: lambda: net.recall(cues, rng=2, workers=workers).states

    few = cues[: max(1, round(share * probes))]
    share = len(few) / probes
    cases = [
        Case("ours, 1 thread", ours(1)),
        Case("ours, 2 threads", ours(2), cores=2),
        *(Case(label, _naive(w, cues, *how), cores=1 + how[1]) for label, how in NAIVE.items()),
    ]
    if installed("hopfieldnetwork"):
        cases.append(Case("hopfieldnetwork", lambda: _peer_recall(_hopfieldnetwork(xi), few), share=share))
    if installed("neurodynex3"):
        cases.append(Case("neurodynex3", lambda: _neurodynex3_recall(w, few), share=share))
    return cases


def glauber(kind: str, chains: int, sweeps: int = 5) -> list[Case]:
    """Sweeps of Glauber's dynamics at T = 0.6; runs return the last states (chains, N)."""
    from hopfield import DiscreteHopfield

    net = DiscreteHopfield.from_patterns(random_patterns(PATTERNS // 2, SIZE))
    w = net.couplings.dense()
    if kind == "real":
        J = np.random.default_rng(1).normal(size=w.shape) / np.sqrt(2 * SIZE)
        w = (J + J.T) * (1 - np.eye(SIZE))
        net = DiscreteHopfield(w)
    starts = random_patterns(chains, SIZE)
    few = starts[: max(1, chains // 50)]
    return [
        Case("ours, 1 thread", lambda: lambda: _sampled(net, starts, sweeps, 1)),
        Case("ours, 2 threads", lambda: lambda: _sampled(net, starts, sweeps, 2), cores=2),
        Case("naive numba", lambda: lambda: _naive_glauber(w, few.copy(), 1 / 0.6, sweeps), share=len(few) / chains),
    ]


def _sampled(net: Any, starts: np.ndarray, sweeps: int, workers: int) -> np.ndarray:
    return net.recall(starts, temperature=0.6, max_sweeps=sweeps, rng=2, workers=workers).states


@numba.njit
def _naive_glauber(w, states, beta, sweeps):
    for s in states:
        for _ in range(sweeps * s.size):
            i = np.random.randint(s.size)  # noqa: NPY002 - what such a loop has
            h = 0.0
            for j in range(s.size):
                h += w[i, j] * s[j]
            s[i] = 1 if np.random.random() * (1.0 + np.exp(-2.0 * beta * h)) < 1.0 else -1  # noqa: NPY002
    return states


def field(count: int, size: int) -> list[Case]:
    """One field W v of a state of real numbers; runs return it."""
    from hopfield import hebbian

    w = hebbian(random_patterns(count, size))
    v = np.tanh(np.random.default_rng(1).normal(size=size))
    single = v.astype(np.float32)

    def dense() -> Run:
        matrix = w.dense()
        return lambda: matrix @ v

    def low_rank() -> Run:
        xi = np.asarray(w.left, np.float32)
        return lambda: (xi.T @ (xi @ single) - count * single) / np.float32(size)

    return [
        Case("ours, float64", lambda: lambda: w.product(v), cores=0),
        Case("ours, float32", lambda: lambda: w.product(single), cores=0),
        Case("numpy, low rank, float32", low_rank, cores=0),
        Case("numpy, dense, float64", dense, cores=0),
    ]


@numba.njit
def _naive_sum(w, i, s):
    """The loop that a user of numba writes in ten minutes."""
    h = 0.0
    for j in range(s.size):
        h += w[i, j] * s[j]
    return h


@numba.njit
def _blas_sum(w, i, s):
    """The same with numpy's dot product, which BLAS forms."""
    return np.dot(w[i], s)


def _naive(w: np.ndarray, cues: np.ndarray, field: Callable, parallel: bool) -> Callable[[], Run]:
    def build() -> Run:
        recall = _naive_recall(field, parallel)
        return lambda: recall(w, cues)

    return build


def _naive_recall(field: Callable, parallel: bool) -> Callable:
    """Return ``recall(w, cues)``: units in random order follow their fields until a sweep changes nothing."""

    @numba.njit(parallel=parallel)
    def recall(w, cues):
        states = cues.astype(np.float64)
        for k in numba.prange(states.shape[0]):
            s = states[k]
            for _ in range(SWEEPS):
                changed = False
                for i in np.random.permutation(s.size):  # noqa: NPY002 - what such a loop has
                    h = field(w, i, s)
                    new = s[i] if h == 0.0 else np.sign(h)
                    if new != s[i]:
                        s[i] = new
                        changed = True
                if not changed:
                    break
        return states

    return recall


NAIVE = {
    "naive numba": (_naive_sum, False),
    "naive numba, dot products by BLAS": (_blas_sum, False),
    "naive numba, dot products by BLAS, prange": (_blas_sum, True),
}


def _hopfieldnetwork(xi: np.ndarray):
    from hopfieldnetwork import HopfieldNetwork

    network = HopfieldNetwork(N=xi.shape[1])
    network.train_pattern(xi.T)
    return network


def _peer_recall(network, cues: np.ndarray) -> Run:
    def run() -> np.ndarray:
        ends = []
        for cue in cues:
            network.set_initial_neurons_state(cue.copy())
            network.update_neurons(1, "async", run_max=True)
            ends.append(network.S.copy())
        return np.array(ends)

    return run


def _neurodynex3(xi: np.ndarray):
    from neurodynex3.hopfield_network.network import HopfieldNetwork

    network = HopfieldNetwork(xi.shape[1])
    network.store_patterns(list(xi.astype(float)))
    return network


def _neurodynex3_recall(w: np.ndarray, cues: np.ndarray) -> Run:
    """It does not look whether it has ended: sweeps are added until one changes nothing."""
    from neurodynex3.hopfield_network.network import HopfieldNetwork

    network = HopfieldNetwork(w.shape[0])
    network.weights = w
    network.set_dynamics_sign_async()

    def run() -> np.ndarray:
        ends = []
        for cue in cues:
            network.set_state_from_pattern(cue.astype(float))
            before = None
            while before is None or not np.array_equal(before, network.state):
                before = network.state.copy()
                network.run(nr_steps=1)
            ends.append(network.state.copy())
        return np.array(ends)

    return run
