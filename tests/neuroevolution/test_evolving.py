"""Runs resume bit for bit, whoever maps, and stop for the reason that they give."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from punctual import interrupted

from ctrnn import CTRNN, Genotype
from neurodynamics import Interrupted
from neuroevolution import (
    BeerGA,
    HillClimbing,
    MicrobialGA,
    ParticleSwarm,
    RandomSearch,
    SimulatedAnnealing,
    Stop,
    evolve,
    load_run,
)

GENOTYPE = Genotype(CTRNN(np.zeros((2, 2))), {"weights": (-16, 16)})
METHODS = [BeerGA(10, reevaluate=True), BeerGA(10, hill_climbing=True), MicrobialGA(10, deme=2), ParticleSwarm(10),
           RandomSearch(10), HillClimbing(10, patience=2), SimulatedAnnealing(10)]  # fmt: skip


def peak(genes):
    return -((genes - 0.5) ** 2).sum(axis=1)


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_a_resumed_run_is_the_run(method, tmp_path):
    whole = evolve(GENOTYPE, peak, method, generations=12, rng=3)
    for generations in (5, 12):
        resumed = evolve(GENOTYPE, peak, method, generations=generations, rng=3, checkpoint=tmp_path / "a", workers=map)
    assert all((whole.state[name] == resumed.state[name]).all() for name in whole.state)
    assert (whole.history["best"] == load_run(tmp_path / "a").history["best"]).all()


def test_another_search_is_named(tmp_path):
    evolve(GENOTYPE, peak, BeerGA(10), generations=1, rng=3, checkpoint=tmp_path / "a")
    for name, change in {"method": {"method": BeerGA(12)}, "rng": {"rng": 4}, "task": {"task": np.sum}}.items():
        given = {"task": peak, "method": BeerGA(10), "rng": 3} | change
        with pytest.raises(ValueError, match=f"`{name}`"):
            evolve(GENOTYPE, generations=2, checkpoint=tmp_path / "a", **given)


def test_rules_say_why():
    assert evolve(GENOTYPE, peak, BeerGA(20), stop=Stop(score=-0.5), rng=1).reason == "score = -0.5 reached"
    both = Stop(score=-9.0) & Stop(evaluations=50)
    assert evolve(GENOTYPE, peak, RandomSearch(10), stop=both, rng=1).evaluations == 50


def test_bad_scores():
    with pytest.raises(ValueError, match="`scores` must have shape"):
        evolve(GENOTYPE, lambda genes: [1.0], BeerGA(10), generations=1)
    run = evolve(GENOTYPE, lambda genes: np.where(genes[:, 0] > 0, np.nan, 0.0), BeerGA(10), generations=2, rng=1)
    assert run.best.score == 0.0
    assert run.history["failed"].sum() > 0
    start = time.perf_counter()
    run = evolve(GENOTYPE, lambda genes: time.sleep(9), BeerGA(10), generations=1, timeout=0.3)
    assert time.perf_counter() - start < 1.0
    assert run.generations == 0


def test_ctrl_c_puts_the_generations_that_are_complete_into_the_file(tmp_path):
    def slowly(genes):
        time.sleep(0.05)
        return peak(genes)

    path = tmp_path / "a"
    error, _ = interrupted(lambda: evolve(GENOTYPE, slowly, BeerGA(10), generations=999, rng=3, checkpoint=path), 0.5)
    assert isinstance(error, Interrupted)
    count = load_run(path).generations
    assert count == error.result.generations > 0
    whole = evolve(GENOTYPE, peak, BeerGA(10), generations=count, rng=3)
    assert all((whole.state[name] == load_run(path).state[name]).all() for name in whole.state)


LONG = """
import sys
sys.path.insert(0, sys.argv[2])
from test_evolving import GENOTYPE, BeerGA, evolve, peak
evolve(GENOTYPE, peak, BeerGA(10), generations=int(sys.argv[3]), rng=3, checkpoint=sys.argv[1], checkpoint_every=0.0)
"""


def test_a_killed_process_leaves_a_file_from_which_another_goes_on(tmp_path, rng):
    path, here = tmp_path / "a", Path(__file__)
    places = [str(here.parents[2]), str(here.parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(places)}
    command = [sys.executable, "-c", LONG, str(path), str(here.parent)]
    for _ in range(3):
        child = subprocess.Popen([*command, "1000000"], env=environment)
        before = path.stat().st_mtime_ns if path.exists() else 0
        while child.poll() is None and (not path.exists() or path.stat().st_mtime_ns == before):
            time.sleep(0.01)
        time.sleep(rng.uniform(0.0, 0.05))
        child.send_signal(signal.SIGKILL)
        child.wait()
        count = load_run(path).generations
    assert [file for file in tmp_path.iterdir() if file.suffix != ".tmp"] == [path]
    subprocess.run([*command, str(count + 5)], env=environment, check=True)
    whole, again = evolve(GENOTYPE, peak, BeerGA(10), generations=count + 5, rng=3), load_run(path)
    assert again.generations == count + 5
    assert all((whole.state[name] == again.state[name]).all() for name in whole.state)


def test_a_first_population_can_be_centre_crossing():
    genotype = Genotype(CTRNN(np.zeros((2, 2))), {"weights": (-8, 8), "biases": (-16, 16)})
    seen = []

    def score(genes):
        seen.append(genes.copy())
        return genes[:, 0]

    evolve(genotype, score, BeerGA(population=12), generations=1, rng=1, initial="centre_crossing")
    for row in seen[0]:
        net = genotype.network(row)
        assert net.biases == pytest.approx(-net.weights.sum(axis=1) / 2, abs=1e-12)
    assert len({tuple(row) for row in seen[0]}) == 12
    with pytest.raises(ValueError, match="`initial`"):
        evolve(genotype, score, BeerGA(), generations=1, initial="center_crossing")
