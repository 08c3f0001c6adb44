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

from ctrnn import CTRNN, Genotype, Task, draw_normal, evaluate
from neurodynamics import Interrupted, Status
from neurodynamics.files import replacing
from neurodynamics.files.atomic import SUFFIX
from neuroevolution import (
    BeerGA,
    EmbodiedGenotype,
    HillClimbing,
    MicrobialGA,
    ParticleSwarm,
    RandomSearch,
    SimulatedAnnealing,
    Stop,
    evolve,
    load_run,
)
from neuroevolution.tasks import LeggedWalker, Phototaxis

GENOTYPE = Genotype(CTRNN(np.zeros((2, 2))), {"weights": (-16, 16)})
METHODS = [BeerGA(10, reevaluate=True), BeerGA(10, hill_climbing=True), MicrobialGA(10, deme=2), ParticleSwarm(10),
           RandomSearch(10), HillClimbing(10, patience=2), SimulatedAnnealing(10)]  # fmt: skip


def same(one, other):
    """Whether two runs have the same search behind them, to the last bit."""
    return all((one.state[name] == other.state[name]).all() for name in one.state)


def peak(genes):
    return -((genes - 0.5) ** 2).sum(axis=1)


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_a_resumed_run_is_the_run(method, tmp_path):
    whole = evolve(GENOTYPE, peak, method, generations=12, rng=3)
    for generations in (5, 12):
        resumed = evolve(GENOTYPE, peak, method, generations=generations, rng=3, checkpoint=tmp_path / "a", workers=map)
    assert same(whole, resumed)
    assert (whole.history["best"] == load_run(tmp_path / "a").history["best"]).all()


def test_another_search_is_named(tmp_path):
    evolve(GENOTYPE, peak, BeerGA(10), generations=1, rng=3, checkpoint=tmp_path / "a")
    for name, change in {"method": {"method": BeerGA(12)}, "rng": {"rng": 4}, "task": {"task": np.sum}}.items():
        given = {"task": peak, "method": BeerGA(10), "rng": 3} | change
        with pytest.raises(ValueError, match=f"`{name}`"):
            evolve(GENOTYPE, generations=2, checkpoint=tmp_path / "a", **given)


def test_what_a_task_counts_is_not_what_it_is(tmp_path):
    class Counting:
        def __init__(self, target):
            self.target, self._calls = target, 0

        def __call__(self, genes):
            self._calls += 1
            return -np.abs(genes - self.target).sum(axis=1)

    task = Counting(0.3)
    for generations in (2, 4):
        evolve(GENOTYPE, task, BeerGA(10), generations=generations, rng=3, checkpoint=tmp_path / "a")
    with pytest.raises(ValueError, match=r"`task` is not that of the run .* underscore"):
        evolve(GENOTYPE, Counting(0.4), BeerGA(10), generations=5, rng=3, checkpoint=tmp_path / "a")


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
    assert same(whole, load_run(path))


KILLS = """
import os, random, signal, sys, time
sys.path.insert(0, sys.argv[2])
from test_evolving import GENOTYPE, BeerGA, evolve, load_run, peak
path, generations = sys.argv[1], 1
evolve(GENOTYPE, peak, BeerGA(10), generations=1, rng=3, checkpoint=path)
for number in range(int(sys.argv[3])):
    before = os.stat(path).st_mtime_ns
    child = os.fork()
    if child == 0:
        evolve(GENOTYPE, peak, BeerGA(10), generations=1000000, rng=3, checkpoint=path, checkpoint_every=0.0)
    while os.stat(path).st_mtime_ns == before:
        time.sleep(0.001)
    time.sleep(random.Random(number).uniform(0.0, 0.02))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    now = load_run(path).generations
    assert now > generations, (now, generations)
    generations = now
print(generations)
"""


@pytest.mark.parametrize("kills", [8, pytest.param(300, marks=pytest.mark.attack)])
def test_kills_at_random_moments_lose_nothing(tmp_path, kills):
    """Generations are written all the time, so that most kills come during a checkpoint."""
    here = Path(__file__)
    path = os.pathsep.join([str(here.parents[2]), str(here.parents[1]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run([sys.executable, "-c", KILLS, str(tmp_path / "a"), str(here.parent), str(kills)],
                          env=os.environ | {"PYTHONPATH": path}, check=True, capture_output=True, text=True)  # fmt: skip
    again = load_run(tmp_path / "a")
    assert again.generations == int(done.stdout)
    whole = evolve(GENOTYPE, peak, BeerGA(10), generations=again.generations, rng=3)
    assert same(whole, again)
    assert (whole.history["median"] == again.history["median"]).all()


FULL = """
import resource, signal, sys
sys.path.insert(0, sys.argv[2])
from test_evolving import GENOTYPE, BeerGA, evolve, peak
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
if len(sys.argv) > 4:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), int(sys.argv[4])))
evolve(GENOTYPE, peak, BeerGA(10), generations=int(sys.argv[3]), rng=3, checkpoint=sys.argv[1], checkpoint_every=0.0)
"""


def test_a_full_disk_keeps_the_last_checkpoint(tmp_path):
    """No file may grow beyond a size, as on a disk that is full: what is written then breaks off in the middle."""
    path, here = tmp_path / "a", Path(__file__)
    places = os.pathsep.join([str(here.parents[2]), str(here.parents[1]), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-c", FULL, str(path), str(here.parent)]
    environment = os.environ | {"PYTHONPATH": places}
    subprocess.run([*command, "5"], env=environment, check=True)
    size = path.stat().st_size
    full = subprocess.run([*command, "100000", str(size + 2000)], env=environment, capture_output=True, text=True)
    assert full.returncode != 0
    assert "File too large" in full.stderr
    kept = load_run(path)
    assert 5 < kept.generations < 100_000
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a"]
    whole = evolve(GENOTYPE, peak, BeerGA(10), generations=kept.generations, rng=3)
    assert same(whole, kept)


@pytest.mark.parametrize("seed", range(50))
def test_random_resumes_are_the_run(seed, tmp_path):
    """Cut at random generations, by random methods, with random checkpoints."""
    random = np.random.default_rng(seed)
    method, last = METHODS[seed % len(METHODS)], int(random.integers(3, 15))
    cuts = np.sort(random.integers(1, last, random.integers(1, 4)))
    whole = evolve(GENOTYPE, peak, method, generations=last, rng=seed)
    for generations in [*cuts.tolist(), last]:
        part = evolve(GENOTYPE, peak, method, generations=generations, rng=seed, checkpoint=tmp_path / "a",
                      checkpoint_every=float(random.choice([0.0, 9.0])))  # fmt: skip
    assert same(whole, part)
    for name in ("best", "top", "median", "q25", "q75", "diversity", "evaluations", "failed"):
        assert (whole.history[name] == part.history[name]).all()


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


def test_ctrl_c_in_an_evaluation_with_a_timeout_is_no_failed_generation():
    """The generation under way is not there, instead of there with scores that are NaN."""

    def slowly(genes):
        for _ in range(20):
            time.sleep(0.01)
        return peak(genes)

    error, _ = interrupted(lambda: evolve(GENOTYPE, slowly, BeerGA(10), generations=999, rng=3, evaluation_timeout=9), 0.5)
    assert isinstance(error, Interrupted)
    assert (error.result.history["failed"] == 0).all()


def test_a_score_that_hangs_in_compiled_code_is_left_behind():
    start = time.perf_counter()
    run = evolve(GENOTYPE, lambda genes: time.sleep(4), BeerGA(10), generations=2, rng=3, evaluation_timeout=0.1)
    assert time.perf_counter() - start < 2.0
    assert run.history["failed"].tolist() == [10, 9]


def test_a_checkpoint_that_cannot_be_written_is_said_at_once(tmp_path):
    calls = []
    with pytest.raises(FileNotFoundError, match="no such folder"):
        evolve(GENOTYPE, calls.append, BeerGA(10), generations=2, rng=3, checkpoint=tmp_path / "none" / "a")
    assert not calls


def test_what_is_no_method_or_no_option_is_named():
    with pytest.raises(TypeError, match="got the class BeerGA"):
        evolve(GENOTYPE, peak, BeerGA, generations=1)
    with pytest.raises(TypeError, match="`params` is no option here"):
        evolve(GENOTYPE, LeggedWalker(2), BeerGA(10), generations=1, params=[0.0])


def test_a_resumed_run_has_the_first_population_of_its_file(tmp_path):
    """Another one is refused, and the same one, or none, goes on."""
    start = np.full((2, GENOTYPE.size), 0.25)
    given = {"genotype": GENOTYPE, "task": peak, "method": BeerGA(10), "rng": 3, "checkpoint": tmp_path / "a"}
    whole = evolve(GENOTYPE, peak, BeerGA(10), generations=4, rng=3, initial=start)
    evolve(initial=start, generations=1, **given)
    for other in (start + 0.5, start[:1]):
        with pytest.raises(ValueError, match="`initial` is not that of the run"):
            evolve(initial=other, generations=4, **given)
    evolve(initial=start.tolist(), generations=2, **given)
    assert same(whole, evolve(generations=4, **given))
    with pytest.raises(ValueError, match="`initial` is not that of the run"):  # the file still knows it
        evolve(initial=start[:1], generations=5, **given)
    evolve(generations=1, **given | {"checkpoint": tmp_path / "b"})
    with pytest.raises(ValueError, match=r"`initial` is not that of the run in .*, uniform; got 2 rows"):
        evolve(initial=start, generations=4, **given | {"checkpoint": tmp_path / "b"})


@pytest.mark.parametrize("score", [np.nan, -np.inf])
@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_without_any_score_there_is_no_best(method, score, tmp_path):
    def fails(genes):
        return np.full(len(genes), score)

    run = evolve(GENOTYPE, fails, method, generations=3, rng=1, checkpoint=tmp_path / "a")
    assert (run.status, run.best.score) == (Status.NON_FINITE, -np.inf)
    assert "none of" in run.reason
    for found in (run, load_run(tmp_path / "a", GENOTYPE)):
        assert np.isnan(found.best.genes).all()
        with pytest.raises(ValueError, match="no best network"):
            found.best.network  # noqa: B018
    assert evolve(GENOTYPE, fails, method, generations=5, rng=1, checkpoint=tmp_path / "a").generations == 5


def test_numbers_have_their_bounds():
    for name, value in (("evaluation_timeout", 0), ("evaluation_timeout", -1), ("checkpoint_every", -1), ("generations", 0)):
        with pytest.raises(ValueError, match=f"`{name}` must be"):
            evolve(GENOTYPE, peak, BeerGA(10), **{"generations": 1, name: value})
    for name, value in (("seconds", 0), ("learned", 0), ("learned", 1.5), ("mse", -1), ("evaluations", 0)):
        with pytest.raises(ValueError, match=f"`{name}` must be"):
            Stop(**{name: value})


def test_constants_that_evolve_are_not_given_as_well():
    world = Phototaxis()
    pair = Genotype(CTRNN(np.zeros((2, 2)), input_weights=np.zeros((2, 2))), {"biases": (-2, 2)})
    with pytest.raises(TypeError, match="`task_params` is no option here"):
        evolve(EmbodiedGenotype(pair, world, {"eye": (0, 1)}), world, BeerGA(10), generations=1, task_params={"eye": 1.0})


def test_what_a_killed_run_leaves_is_removed_by_the_next_one(tmp_path):
    """But not what another one is writing."""
    dead, empty = tmp_path / f".a.1234{SUFFIX}", tmp_path / f".c.1234{SUFFIX}"
    dead.write_bytes(b"half of it")
    empty.touch()
    os.utime(empty, (0.0, 0.0))
    with replacing(tmp_path / "other") as file:
        evolve(GENOTYPE, peak, BeerGA(10), generations=1, rng=3, checkpoint=tmp_path / "b")
        file.write(b"whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "other"]


WALK = Genotype(CTRNN(np.zeros((3, 3)), biases=[20, 20, -20]), {"weights": (-16, 16)})


def test_the_method_of_evaluate_is_the_integrator():
    run = evolve(WALK, LeggedWalker(), BeerGA(10), generations=1, rng=1, integrator="rk4")
    scores = [evaluate(run.best.network, LeggedWalker(), method=name).scores[0, 0] for name in ("rk4", "euler")]
    assert run.best.score == scores[0] != scores[1]
    assert run.again(rng=1).best.score == run.best.score
    with pytest.raises(TypeError, match=r"`method` must be a search method, .* is `integrator` here"):
        evolve(WALK, LeggedWalker(), method="rk4", generations=1)
    with pytest.raises(ValueError, match="`integrator`"):
        evolve(WALK, LeggedWalker(), BeerGA(10), generations=1, integrator="LSODA")
    with pytest.raises(TypeError, match="`integrator` is an option of `evaluate`, for a Task only"):
        evolve(GENOTYPE, peak, BeerGA(10), generations=1, integrator="rk4")


def test_options_of_single_members_are_refused():
    """Populations change; what is the same for all members, also trial by trial, is taken."""
    task, pair = Phototaxis(), Genotype(CTRNN(np.zeros((2, 2)), input_weights=np.zeros((2, 2))), {"input_weights": (-5, 5)})
    given = {"generations": 2, "rng": 1, "trials": 4}
    eyes = [0.2, 0.4, 0.6, 0.8]
    run = evolve(pair, task, BeerGA(6), task_params={"eye": [eyes]}, **given)
    assert run.generations == 2
    assert run.best.score != evolve(pair, task, BeerGA(6), task_params={"eye": 0.2}, **given).best.score
    many = evaluate(run.best.network, task, trials=4, rng=1, task_params={"eye": [eyes]}).scores
    assert (many == evaluate(run.best.network, task, trials=4, rng=1, task_params=np.array(
        [[task.with_params({"eye": eye}).params for eye in eyes]])).scores).all()  # fmt: skip
    for name, value in (("task_params", {"eye": np.ones(6)}), ("task_params", np.tile(task.params, (6, 1))),
                        ("task_params", {"eye": np.ones((6, 4))}), ("y0", np.zeros((6, 2)))):  # fmt: skip
        with pytest.raises(ValueError, match=f"`{name}.* must be the same for all members"):
            evolve(pair, task, BeerGA(6), **{name: value}, **given)
    with pytest.raises(ValueError, match=r"`task_params`: .*'eyes'"):
        evolve(pair, task, BeerGA(6), task_params={"eyes": 1.0}, **given)
    with pytest.raises(TypeError, match=r"`record` is no option here: .* evaluate\(run\.best\.network"):
        evolve(pair, task, BeerGA(6), record=(0, 0), **given)


class Slow(BeerGA):
    """Ctrl-C comes while it starts."""

    def start(self, size, **given):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.3)  # the main thread, which hears of it, may have to wait for others
        return super().start(size, **given)


def test_ctrl_c_before_the_first_generation_leaves_a_run_of_none(tmp_path):
    with pytest.raises(Interrupted) as caught:
        evolve(GENOTYPE, peak, Slow(10), generations=3, rng=1, checkpoint=tmp_path / "a")
    run = evolve(GENOTYPE, peak, Slow(10), generations=3, rng=1, on_interrupt="return")
    for each in (run, caught.value.result):
        assert (each.status, each.reason, each.generations, each.evaluations) == (Status.INTERRUPTED, "interrupted", 0, 0)
        assert each.best.score == -np.inf


def reset_lucky(key, trial, state, sensors):
    state[0] = draw_normal(key, 0)


def step_lucky(t, dt, motors, state, sensors, score):
    score[0] = state[0]
    return 1


def test_a_noisy_best_is_repeated_by_its_seed_and_its_number():
    """It is the luckiest of all: with other seeds its genes have the mean 0."""
    luck = Task(reset=reset_lucky, step=step_lucky, state_dim=1, sensors=0, motors=1)
    clock = {"duration": 0.1, "dt": 0.1}
    run = evolve(GENOTYPE, luck, BeerGA(20, reevaluate=True), generations=6, rng=1, **clock)
    generation, net = 1 + int(np.argmax(run.history["best"])), run.best.network
    again = [evaluate(net, luck, rng=np.random.default_rng([*run.description["seed"], generation]), first_member=k,
                      **clock).scores[0, 0] for k in range(20)]  # fmt: skip
    assert run.best.score in again
    assert run.best.score > 1.5 > 0.2 > abs(evaluate(net, luck, trials=1000, rng=2, **clock).scores.mean())
