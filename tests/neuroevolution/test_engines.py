"""A cluster scores as threads do, to the last bit, whatever happens to its workers."""

import contextlib
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool

import dask
import numpy as np
import pytest
from distributed import Client, LocalCluster

from ctrnn import CTRNN, Genotype
from neuroevolution import BeerGA, engines, evolve, load_run, tasks
from neuroevolution.engines import Mapped
from neuroevolution.objective import Objective

GENOTYPE = Genotype(CTRNN(np.zeros((2, 2))), {"weights": (-16, 16), "biases": (-8, 8)})
WALKER, METHOD = tasks.LeggedWalker(2), BeerGA(12, mutation_variance=0.2)


@contextlib.contextmanager
def workers_of(count):
    """A cluster on this machine; a nanny may fail to start a worker anew, so there are more than die."""
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),  # else each death is tried four times
        LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1") as cluster,
        Client(cluster) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def client():
    """One worker: each takes some seconds to start. Several work, and die, in the attacks below."""
    with workers_of(1) as client:
        yield client


def same(one, other):
    """Whether two runs have the same search behind them, to the last bit."""
    return all((one.state[name] == other.state[name]).all() for name in one.state)


def test_a_cluster_scores_as_threads_do(client, monkeypatch):
    monkeypatch.setattr(engines, "BATCH", 1e-9)  # populations are cut, however fast their members are
    alone = evolve(GENOTYPE, WALKER, METHOD, generations=3, rng=1)
    assert same(alone, evolve(GENOTYPE, WALKER, METHOD, generations=3, rng=1, engine=client))


def test_pools_and_executors_score_as_threads_do():
    alone = evolve(GENOTYPE, WALKER, METHOD, generations=2, rng=1)
    with ThreadPoolExecutor(2) as pool:
        assert same(alone, evolve(GENOTYPE, WALKER, METHOD, generations=2, rng=1, engine=pool))
        assert same(alone, evolve(GENOTYPE, WALKER, METHOD, generations=2, rng=1, workers=pool.map))
        t = np.linspace(0, 2, 9)
        sine = tasks.TrajectoryFitting(np.sin(t), t)
        assert same(*(evolve(GENOTYPE, sine, METHOD, generations=2, rng=1, engine=each) for each in (pool, None)))


def test_what_maps_in_any_order():
    """As `imap_unordered` of a pool does."""
    alone, mixed = (evolve(GENOTYPE, WALKER, METHOD, generations=2, rng=1, workers=each)
                    for each in (None, lambda f, pieces: [*map(f, pieces)][::-1]))  # fmt: skip
    assert same(alone, mixed)
    for wrong in (lambda f, pieces: [1, 2], lambda f, pieces: None, lambda f, pieces: [f(pieces[0])]):
        with pytest.raises(TypeError, match="`workers` must map"):
            evolve(GENOTYPE, WALKER, METHOD, generations=1, workers=wrong)


def test_one_thread_of_the_libraries_on_each_worker(client):
    def threads(genes):
        import numba
        from threadpoolctl import threadpool_info

        each = max([numba.get_num_threads(), *(found["num_threads"] for found in threadpool_info())])
        return np.full(len(genes), float(each))

    assert evolve(GENOTYPE, threads, METHOD, generations=1, rng=1, engine=client).best.score == 1.0


@pytest.mark.attack
@pytest.mark.parametrize("number", range(20))
def test_a_killed_worker_costs_no_bit(number):
    def slowly(genes):
        time.sleep(0.02 * len(genes))
        return -((genes - 0.5) ** 2).sum(axis=1)

    alone = evolve(GENOTYPE, slowly, METHOD, generations=4, rng=1)
    with workers_of(2) as client:
        pids = list(client.run(os.getpid).values())
        moment = 0.05 + 0.4 * np.random.default_rng(number).random()
        timer = threading.Timer(moment, os.kill, (pids[number % 2], signal.SIGKILL))
        timer.start()
        run = evolve(GENOTYPE, slowly, METHOD, generations=4, rng=1, engine=client)
        timer.join()
    assert same(alone, run)
    assert not len(run.poisonous["member"])


@pytest.mark.attack
def test_who_kills_workers_is_named_and_scored_nan(tmp_path):
    def deadly(genes):
        if (genes[:, 0] > 0.9).any():
            os.kill(os.getpid(), signal.SIGKILL)
        return genes[:, 0]

    start = np.linspace(-1, 0.89, 6)[:, None] * np.ones(6)
    start[4] = 0.95
    method = BeerGA(6, mutation_variance=0.0)
    with workers_of(3) as client:
        run = evolve(GENOTYPE, deadly, method, generations=1, rng=1, initial=start, engine=client, checkpoint=tmp_path / "a")
    expected = evolve(GENOTYPE, lambda genes: np.where(genes[:, 0] > 0.9, np.nan, genes[:, 0]), method, generations=1, rng=1,
                      initial=start)  # fmt: skip
    assert same(run, expected)
    for found in (run, load_run(tmp_path / "a")):
        assert (found.poisonous["generation"][0], found.poisonous["member"][0]) == (1, 4)
        assert (found.poisonous["genes"][0] == 0.95).all()
    assert run.history["failed"].tolist() == expected.history["failed"].tolist()


def test_errors_of_a_score_come_back_as_they_are(client):
    def broken(genes):
        return {}["no score"]

    with pytest.raises(KeyError, match="no score"):
        evolve(GENOTYPE, broken, METHOD, generations=1, engine=client)
    with pytest.raises(ValueError, match="`scores` must have shape"):
        evolve(GENOTYPE, lambda genes: genes, METHOD, generations=1, engine=client)


def test_what_hangs_is_nan_and_the_cluster_goes_on(client):
    def hangs(genes):
        for _ in range(300 if (genes[:, 0] > 0.0).any() else 0):
            time.sleep(0.01)
        return genes[:, 0]

    start = time.perf_counter()
    run = evolve(GENOTYPE, hangs, METHOD, generations=1, rng=1, engine=client, evaluation_timeout=0.5)
    assert time.perf_counter() - start < 2.0
    assert 0 < run.history["failed"][0] <= 12
    assert evolve(GENOTYPE, lambda genes: genes[:, 0], METHOD, generations=1, rng=1, engine=client).history["failed"][0] == 0


def test_pieces_are_worth_their_way():
    """Of work that takes 1 ms a member, pieces have 50 members; of 30 ms, two: the fewest in 8 pieces."""
    sizes = []

    def score(genes, cost):
        sizes.append(len(genes))
        time.sleep(cost * len(genes))
        return genes[:, 0]

    for cost, least, most in ((0.001, 10, 80), (0.03, 2, 2)):
        sizes.clear()
        engine = Mapped(map)
        genes = np.zeros((160, 6)) if cost < 0.01 else np.zeros((16, 6))
        for _ in range(2):
            engine.scores(Objective(GENOTYPE, lambda genes, cost=cost: score(genes, cost), {}), genes, None, np.inf)
        assert sizes[:8] == [len(genes) // 8] * 8
        assert least <= min(sizes[8:]) <= most


def test_bad_engines(client):
    with pytest.raises(TypeError, match=r"`engine` must be a dask.distributed.Client"):
        evolve(GENOTYPE, WALKER, METHOD, generations=1, engine="dask")
    with pytest.raises(ValueError, match="give one of them"):
        evolve(GENOTYPE, WALKER, METHOD, generations=1, engine=client, workers=2)
    with pytest.raises(TypeError, match="`workers` must be a number of threads"):
        evolve(GENOTYPE, WALKER, METHOD, generations=1, workers="2")
    closed = Client(client.cluster)
    closed.close()
    with pytest.raises(ValueError, match="connected"):
        evolve(GENOTYPE, WALKER, METHOD, generations=1, engine=closed)


def test_what_cannot_be_sent_is_named(client):
    """Locks are open to one process only; a function that is local goes where cloudpickle is, to a cluster."""
    lock = threading.Lock()

    def score(genes):
        return genes[:, 0]

    def locked(genes):
        with lock:
            return genes[:, 0]

    assert evolve(GENOTYPE, score, METHOD, generations=1, rng=1, engine=client).status.success
    with pytest.raises(TypeError, match="`task` cannot be sent to other processes, as `engine` needs"):
        evolve(GENOTYPE, locked, METHOD, generations=1, rng=1, engine=client)
    with ThreadPool(1) as pool:
        pass
    with pytest.raises(RuntimeError, match="`engine` did not map the work: ValueError: Pool not running"):
        evolve(GENOTYPE, score, METHOD, generations=1, rng=1, engine=pool)
