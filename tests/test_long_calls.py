"""Every long call ends in time: Ctrl-C within 0.1 s, `timeout` within 0.2 s, with a record of its own kind."""

import sys
import threading
import time
import warnings

import numpy as np
import pytest
from punctual import LOADED, PROMPT, PUNCTUAL, at_best, interrupted, timed

import hopfield
import learning
import neuroevolution
import recurrent
from analysis import (
    arnold_tongues,
    basin_stability,
    basin_sweep,
    basins,
    bifurcation_chart,
    bifurcation_curve,
    bifurcation_diagram,
    bifurcation_sets,
    characteristic_roots,
    classify,
    conditional_exponents,
    covariant_vectors,
    critical_rate,
    cycle_branch,
    delayed_lyapunov_spectrum,
    energy_landscape,
    energy_surface,
    expansion_entropy,
    fast_lyapunov_indicator,
    find_attractors,
    finite_time_field,
    finite_time_lyapunov,
    fixed_point_branch,
    fixed_point_near,
    fixed_points,
    gali,
    largest_lyapunov_exponent,
    limit_cycle,
    lyapunov_ensemble,
    lyapunov_map,
    lyapunov_spectrum,
    manifold_surface,
    master_stability,
    minimal_fatal_shock,
    minimum_action_path,
    phase_portrait,
    poincare_map,
    repeated_shocks,
    rotation_number,
    separatrix,
    slow_points,
    stroboscopic_map,
    sweep_diagram,
    wada,
)
from ctrnn import CTRNN, Genotype
from hopfield import DiscreteHopfield, capacity_curve, patterns, recall_curve, unlearn
from neurodynamics import DelayedSystem, DynamicalSystem, Interrupted, Sine, Status, delayed, simulate
from neurodynamics.watched import OutOfTime, long_call, uncut
from neuroevolution import BeerGA, evolve
from neuroevolution.tasks import PoleBalancing

# A signal that comes while Python drops an entry of a weak set is printed and lost: the call's own record is asked for.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def duffing(t, y, u, params, out):
    out[0] = y[1]
    out[1] = -0.3 * y[1] + y[0] - y[0] ** 3 + u[0]


def lorenz(t, y, u, params, out):
    out[0] = 10.0 * (y[1] - y[0])
    out[1] = y[0] * (params[0] - y[2]) - y[1]
    out[2] = y[0] * y[1] - 8 / 3 * y[2]


def blood(t, y, z, u, params, out):
    out[0] = 0.2 * z[0] / (1.0 + z[0] ** 10) - 0.1 * y[0]


def ring(t, y, u, params, out):
    out[:] = -y + 0.9 * np.tanh(0.5 * (np.roll(y, 1) + np.roll(y, -1))) + 0.1


def dawdling(genes):
    time.sleep(0.03)
    return -(genes**2).sum(axis=1)


def glass(n, g, seed=0):
    return CTRNN(np.random.default_rng(seed).normal(size=(n, n)) * g / np.sqrt(n), activation="tanh")


def symmetric(n, scale):
    w = np.random.default_rng(1).normal(size=(n, n)) * scale
    return CTRNN(w + w.T, activation="tanh")


def calls():
    """Name, and a call that would take minutes or hours."""
    rng = np.random.default_rng(0)
    driven, chaotic = DynamicalSystem(duffing, 2, input_dim=1), DynamicalSystem(lorenz, 3, {"rho": 28.0})
    pair = CTRNN([[4.5, -1.0], [1.0, 4.5]], biases=[-2.75, -1.75])
    two = find_attractors(CTRNN([[6.0, 1.0], [1.0, 6.0]], biases=[-3.5, -3.5]), rng=0)
    cells, around = basins(two, resolution=60), DynamicalSystem(ring, 200_000, host=True)
    biases = ("biases[0]", "biases[1]")
    square = [(-5, 5), (-5, 5)]
    folded, wide = CTRNN([[11, -10], [7, -1]], biases=[-3, -5.55]), [(-8, 2), (-9, 2)]
    fold = fixed_point_branch(folded, "biases[0]", (-8, 2)).points["LP1"]
    strobe = stroboscopic_map(driven, Sine(0.5, 0.19))
    section = poincare_map(chaotic, section=([0, 0, 1.0], 27.0))
    n20, n100, n200, n300 = glass(20, 2.5), glass(100, 1.5), glass(200, 1.8), glass(300, 1.2)
    many = rng.normal(size=(20_000, 3))
    values = np.linspace(-4, 0, 80)
    memory = DiscreteHopfield.from_patterns(patterns.random(30, 300, rng=0))
    yield "find_attractors", lambda **o: find_attractors(n20, samples=5000, rng=0, **o)
    yield "find_attractors, N = 200", lambda **o: find_attractors(n200, samples=500, rng=0, **o)
    yield "fixed_points of a stroboscopic map", lambda **o: fixed_points(strobe, bounds=[-2, 2], starts=5000, rng=0, **o)
    yield "fixed_points of a Poincare map", lambda **o: fixed_points(section, bounds=[-20, 20], starts=5000, rng=0, **o)
    yield "fixed_points, N = 300", lambda **o: fixed_points(n300, rng=0, **o)
    yield "fixed_points, proved", lambda **o: fixed_points(glass(40, 2.0), certify=True, max_boxes=10**12, **o)
    yield "limit_cycle", lambda **o: limit_cycle(n100, np.ones(100), max_duration=1e6, **o)
    yield "basin_sweep", lambda **o: basin_sweep(pair, "biases[0]", np.linspace(-4, 0, 2000), samples=1000, rng=0, **o)
    yield "basins", lambda **o: basins(two, resolution=3000, **o)
    yield "basin_stability", lambda **o: basin_stability(two, 0, np.linspace(1, 1e5, 100), samples=20_000, rng=0, **o)
    yield "repeated_shocks", lambda **o: repeated_shocks(two, 0, [-1, 1], 50.0, 10**6, samples=2000, rng=0, **o)
    yield "minimal_fatal_shock", lambda **o: minimal_fatal_shock(two, 0, directions=200_000, rng=0, **o)
    yield "wada", lambda **o: wada(cells, refinements=14, **o)
    yield "critical_rate", lambda **o: critical_rate(pair, "biases[0]", [-4, -1], [1e-8, 1], [0, 0], **o)
    yield "manifold_surface", lambda **o: manifold_surface(chaotic, np.zeros(3), distance=100, spacing=0.2, **o)
    yield "fixed_point_near", lambda **o: fixed_point_near(around, np.zeros(200_000), **o)
    yield "slow_points", lambda **o: slow_points(n200, 300, rng=0, **o)
    yield "slow_points of a user's system", lambda **o: slow_points(chaotic, many, rng=0, **o)
    yield "lyapunov_spectrum, N = 200", lambda **o: lyapunov_spectrum(n200, rng=0, duration=2000, **o)
    yield "lyapunov_spectrum", lambda **o: lyapunov_spectrum(chaotic, np.ones(3), duration=1e6, starts=3, **o)
    yield "largest_lyapunov_exponent", lambda **o: largest_lyapunov_exponent(n200, duration=1e5, rng=0, **o)
    yield "lyapunov_ensemble", lambda **o: lyapunov_ensemble(n20, rng.normal(size=(50, 20)), duration=1e4, rng=0, **o)
    yield "lyapunov_map", lambda **o: lyapunov_map(pair, dict.fromkeys(biases, values), duration=1e4, y0=[0, 0], **o)
    mackey_glass = DelayedSystem(blood, 1, [(0, 17.0)])
    yield "delayed_lyapunov_spectrum", lambda **o: delayed_lyapunov_spectrum(mackey_glass, [1.2], duration=1e8, rng=0, **o)
    late = delayed(glass(150, 0.8), 1.0)
    yield "characteristic_roots", lambda **o: characteristic_roots(late, np.zeros(150), **o)
    yield "classify", lambda **o: classify(n200, duration=1e5, rng=0, **o)
    yield "finite_time_lyapunov", lambda **o: finite_time_lyapunov(chaotic, many, 500.0, **o)
    yield "finite_time_field", lambda **o: finite_time_field(driven, 500.0, square, resolution=300, **o)
    yield "minimum_action_path", lambda **o: minimum_action_path(n100, np.zeros(100), np.ones(100), points=5000, **o)
    free = {"rng": 0}
    yield "covariant_vectors", lambda **o: covariant_vectors(n100, np.ones(100), 1e5, k=20, **free, **o)
    yield "gali", lambda **o: gali(n100, np.ones(100), 1e6, k=5, **free, **o)
    yield "fast_lyapunov_indicator", lambda **o: fast_lyapunov_indicator(chaotic, many, 500.0, **o)
    yield "expansion_entropy", lambda **o: expansion_entropy(chaotic, [[-20, 20]] * 3, 50.0, samples=10**6, **free, **o)
    yield "rotation_number", lambda **o: rotation_number(driven, many[:5000, :2], 1e4, phase=(0, 1), inputs=[0.3], **o)
    grid = {"frequency": np.linspace(0.1, 0.4, 50), "amplitude": np.linspace(0, 1, 50)}
    yield "arnold_tongues", lambda **o: arnold_tongues(driven, grid, [1.0, 0.0], 1e4, phase=(0, 1), **o)
    yield "master_stability", lambda **o: master_stability(chaotic, np.linspace(0, 5, 500), duration=1e4, **o)
    yield "conditional_exponents", lambda **o: conditional_exponents(chaotic, [1, 2], np.ones(3), 1e7, **o)
    yield "separatrix", lambda **o: separatrix(symmetric(20, 1.0), **o)
    yield "phase_portrait", lambda **o: phase_portrait(chaotic, trajectories=5000, rng=0, **o)
    yield "sweep_diagram", lambda **o: sweep_diagram(chaotic, "rho", np.linspace(10, 200, 5000), rng=0, **o)
    yield "energy_landscape", lambda **o: energy_landscape(symmetric(20, 1.0), rng=0, **o)
    yield "energy_landscape, N = 40", lambda **o: energy_landscape(symmetric(40, 0.25), rng=0, **o)
    yield "energy_surface", lambda **o: energy_surface(symmetric(20, 1.0), plane=(0, 1), resolution=2000, **o)
    yield "bifurcation_diagram", lambda **o: bifurcation_diagram(n20, "biases[0]", (-5, 5), **o)
    tiny = {"start": fold, "step": 1e-6, "max_points": 10**9}
    yield "bifurcation_curve", lambda **o: bifurcation_curve(folded, biases, wide, **tiny, **o)
    yield "bifurcation_chart", lambda **o: bifurcation_chart(n20, biases, square, **o)
    yield "fixed_point_branch", lambda **o: fixed_point_branch(n100, "biases[0]", (-5, 5), max_points=10**6, **o)
    yield "cycle_branch", lambda **o: cycle_branch(chaotic, "rho", (13.9, 400), start=[1.0, 1.0, 1.0], **o)
    yield "recall_curve", lambda **o: recall_curve(memory, np.linspace(0, 1, 5000), rng=1, **o)
    yield "capacity_curve", lambda **o: capacity_curve("hebbian", 200, [0.02, *([0.3] * 1000)], networks=1, rng=3, **o)
    full = DiscreteHopfield.from_patterns(patterns.random(60, 600, rng=0))
    yield "anneal", lambda **o: hopfield.anneal(full, np.linspace(3, 0.5, 100_000), rng=0, **o)
    yield "sample", lambda **o: hopfield.sample(full, 1.0, 20_000, chains=20, rng=0, **o)
    turns, rates = [[[0.0, 1.0], [-1.0, -0.1]], [[0.1, 1.0], [-2.0, 0.0]]], [[-1.0, 1.0], [2.0, -2.0]]
    yield "jump_exponents", lambda **o: hopfield.jump_exponents(turns, rates, jumps=10**7, rng=0, **o)
    yield "basin_radii", lambda **o: hopfield.basin_radii(full, trials=100, rng=0, **o)
    yield "damage_curve", lambda **o: hopfield.damage_curve(full, np.linspace(0, 1, 500), rng=0, **o)
    sizes, loads = [200, 400, 800], np.linspace(0.05, 0.4, 99)
    yield "capacity_scaling", lambda **o: hopfield.capacity_scaling("hebbian", sizes, loads, rng=0, **o)
    queens = hopfield.problems.Queens(20)
    yield "solve", lambda **o: hopfield.solve(queens, restarts=1000, rng=0, **o)
    one = Genotype(CTRNN([[0]], time_constants=0.05, input_weights=[[2, 4, 40, 10]]), {"input_weights": (-50, 50)})
    pole, endless = PoleBalancing(1, start="random"), {"generations": 10**6, "rng": 0}
    yield "evolve", lambda **o: evolve(one, pole, BeerGA(100), **endless, **o)
    yield "evolve by a function of a user", lambda **o: evolve(one, dawdling, BeerGA(4), **endless, **o)
    large, sine = glass(100, 1.5), np.sin(0.1 * np.arange(3_000_000))[np.newaxis]
    long = learning.Trial([[0.0] * 100], times=[1e4])
    short = [learning.Trial([[0.0, 0.0]], times=[float(k)]) for k in range(1, 40)]
    loss = learning.losses.MeanSquare()
    goes = {"times": [1e4], "targets": [[0.0] * 100], "dt": 0.01}
    yield "gradient", lambda **o: learning.gradient(large, loss, np.ones(100), **goes, **o)
    yield "gradient, hybrid", lambda **o: learning.gradient(large, loss, np.ones(100), **goes, method="hybrid", **o)
    yield "gradient, adjoint", lambda **o: learning.gradient(
        large, loss, np.ones(100), times=[3e3], targets=[[0.0] * 100], method="adjoint", **o)
    yield "gradient_flow", lambda **o: learning.gradient_flow(large, long, dt=0.01, rng=0, **o)
    yield "train", lambda **o: learning.train(pair, short, loss, dt=0.01, steps=10**6, rng=0, **o)
    yield "train by levenberg", lambda **o: learning.train(
        pair, short, loss, dt=0.01, steps=10**6, optimiser="levenberg", **o)
    yield "loss_landscape", lambda **o: learning.loss_landscape(pair, short, loss, dt=0.01, points=600, rng=0, **o)
    heard = CTRNN(large.weights, activation="tanh", input_weights=np.ones((100, 1)))
    yield "force", lambda **o: learning.force(heard, sine, dt=0.1, y0=rng.normal(size=100), **o)
    yield "unlearn", lambda **o: unlearn(hopfield.hebbian(patterns.random(5, 50, rng=0)), 20_000, rng=1, **o)


OWN = {  # the kind of record, where it is not named like the call
    "find_attractors": "Attractors", "limit_cycle": "LimitCycle", "lyapunov_spectrum": "LyapunovSpectrum",
    "largest_lyapunov_exponent": "LyapunovSpectrum", "classify": "Classification", "minimum_action_path": "ActionPath",
    "separatrix": "Separatrices", "gali": "AlignmentIndex", "covariant_vectors": "CovariantVectors",
    "finite_time_lyapunov": "FiniteTimeExponents", "train": "Fit", "force": "Forced", "unlearn": "LowRank", "evolve": "Run",
    "anneal": "Recall", "sample": "Samples", "solve": "Solutions", "minimal_fatal_shock": "FatalShock",
    "fixed_point_near": "LargeFixedPoint",
}  # fmt: skip
# What these have says how far they came.
NO_STATUS = {"recall_curve", "capacity_curve", "unlearn", "basin_radii", "damage_curve", "capacity_scaling"}


@pytest.fixture(scope="module")
def table():
    return dict(calls())


NAMES = [
    "find_attractors", "find_attractors, N = 200", "fixed_points of a stroboscopic map", "fixed_points of a Poincare map",
    "fixed_points, N = 300", "fixed_points, proved", "limit_cycle", "basin_sweep", "basins", "basin_stability",
    "repeated_shocks", "minimal_fatal_shock", "wada", "critical_rate", "manifold_surface", "fixed_point_near", "slow_points",
    "slow_points of a user's system", "lyapunov_spectrum, N = 200", "lyapunov_spectrum", "largest_lyapunov_exponent",
    "lyapunov_ensemble", "lyapunov_map", "delayed_lyapunov_spectrum", "characteristic_roots",
    "classify", "finite_time_lyapunov", "finite_time_field", "minimum_action_path",
    "covariant_vectors", "gali", "fast_lyapunov_indicator", "expansion_entropy", "rotation_number", "arnold_tongues",
    "master_stability", "conditional_exponents", "separatrix",
    "phase_portrait", "sweep_diagram", "energy_landscape", "energy_landscape, N = 40", "energy_surface",
    "bifurcation_diagram", "bifurcation_curve", "bifurcation_chart", "fixed_point_branch", "cycle_branch", "recall_curve",
    "capacity_curve", "anneal", "sample", "jump_exponents", "basin_radii", "damage_curve", "capacity_scaling", "solve",
    "evolve", "evolve by a function of a user", "gradient", "gradient, hybrid", "gradient, adjoint",
    "gradient_flow", "train", "train by levenberg", "loss_landscape", "force", "unlearn",
]  # fmt: skip


def own_kind(name):
    """``"LyapunovMap"`` for ``"lyapunov_map"``."""
    call = name.partition(" ")[0].rstrip(",")
    return OWN.get(call, "".join(word.capitalize() for word in call.split("_")))


def statuses(record):
    return {int(each) for each in np.ravel(record.status)}


def test_the_table_has_every_call_that_takes_a_timeout(table):
    import inspect

    import analysis

    assert list(table) == NAMES
    elsewhere = {"edge_state", "dynamics_along", "evolve_in_stages"}  # which have tests of their own
    here = {name.partition(" ")[0].rstrip(",") for name in NAMES} | elsewhere
    for module in (analysis, hopfield, neuroevolution, learning, recurrent):
        for name in module.__all__:
            f = getattr(module, name)
            if inspect.isfunction(f) and "timeout" in inspect.signature(f).parameters:
                assert name in here | set(hopfield._common), name


@pytest.mark.parametrize("name", NAMES)
def test_ctrl_c_is_answered_with_the_calls_own_record(table, name):
    for after in (0.25, 2.0, 10.0, 40.0):  # the first call on a machine compiles what it needs to check its arguments
        error, late = at_best(lambda after=after: interrupted(table[name], after), PROMPT + LOADED)
        if isinstance(error, Interrupted):
            break
    assert late < PROMPT + LOADED
    assert isinstance(error, Interrupted), "a plain KeyboardInterrupt"
    assert type(error.result).__name__ == own_kind(name)
    if name not in NO_STATUS:
        assert Status.INTERRUPTED in statuses(error.result)


@pytest.mark.parametrize("name", NAMES)
def test_timeouts_are_kept_with_a_record(table, name):
    record, seconds = at_best(lambda: timed(lambda: table[name](timeout=0.3)), 0.3 + PUNCTUAL + LOADED)
    assert seconds < 0.3 + PUNCTUAL + LOADED
    assert type(record).__name__ == own_kind(name)
    if name not in NO_STATUS:
        assert Status.TIMEOUT in statuses(record)


def test_the_record_is_returned_where_that_is_asked(table):
    for name in ("slow_points", "basins", "finite_time_field", "separatrix", "lyapunov_map", "classify"):
        record, _ = interrupted(lambda name=name: table[name](on_interrupt="return"))
        assert type(record).__name__ == own_kind(name)


def test_calls_without_a_record_end_at_once():
    two, ends = CTRNN([[11, -10], [7, -1]]), []
    while len(ends) < 5:
        ends.append(interrupted(lambda: [bifurcation_sets(two) for _ in range(1000)], 0.1))
    assert min(late for _, late in ends) < PROMPT + LOADED
    assert all(isinstance(error, KeyboardInterrupt) for error, _ in ends)


def test_a_landscape_that_runs_out_of_time_has_joined_what_it_found():
    """Minima without the saddles between them are no landscape: each stage has a share of the time."""
    net = symmetric(22, 0.35)
    for seconds in (2.0, 5.0, 10.0, 20.0):  # as this machine has time for others
        land = energy_landscape(net, rng=0, timeout=seconds)
        if len(land.saddles):
            break
    assert len(land.minima) > 1
    assert len(land.saddles) > 0
    assert (np.asarray(land.joins) >= 0).any()


# The mechanism ----------------------------------------------------------------------------------------------------------


def test_what_takes_long_in_the_calling_thread_is_seen_as_late():
    """The control: a decomposition answers Ctrl-C when it is done, and a long call beside it at once."""
    a = np.random.default_rng(0).normal(size=(1500, 1500))

    def decompose():
        np.linalg.eigvals(a)

    _, late = interrupted(decompose, 0.05)
    _, prompt = at_best(lambda: interrupted(lambda: long_call(decompose), 0.05), PROMPT + LOADED)
    assert late > PROMPT + LOADED > prompt


def test_stuck_work_is_left_behind_with_what_there_is():
    word = threading.Event()
    record, seconds = timed(lambda: long_call(lambda: word.wait(20), lambda status: status, timeout=0.1))
    word.set()
    assert record is Status.TIMEOUT
    assert seconds < 0.1 + PUNCTUAL + LOADED


def test_interrupts_reach_the_work_once_and_not_what_is_shielded():
    seen = []

    def whole():
        end = time.perf_counter() + 0.5
        while time.perf_counter() < end:
            pass
        seen.append("whole")

    def work():
        try:
            uncut(whole)
            seen.append("went on")
        except KeyboardInterrupt:
            seen.append("stopped")

    error, late = interrupted(lambda: long_call(work, lambda status: status), 0.2)
    assert isinstance(error, Status | KeyboardInterrupt)
    assert late < PROMPT + LOADED
    time.sleep(1.0)
    assert seen == ["whole", "stopped"]


def test_a_call_inside_another_has_its_own_time_and_the_outer_goes_on():
    """Also where it does not look at the clock; and what comes too late is not raised in the outer one."""

    def deaf():
        end = time.perf_counter() + 20.0
        while time.perf_counter() < end:
            pass

    def work():
        inner, quick = long_call(deaf, lambda status: status, timeout=0.1), []
        for _ in range(30):  # alarms that go off about when the work ends
            quick.append(long_call(lambda: time.sleep(0.1), lambda status: status, timeout=0.02))
        return inner, quick, "went on"

    (inner, quick, last), seconds = timed(lambda: long_call(work, lambda status: ((), (), status), timeout=60.0))
    assert inner is Status.TIMEOUT
    assert last == "went on"
    assert set(quick) <= {None, Status.TIMEOUT}
    assert seconds < 20.0


def test_an_interrupt_before_the_work_begins_stops_it():
    seen = []
    for _ in range(20):
        interrupted(lambda: long_call(lambda: seen.append(time.sleep(5)), lambda status: status, timeout=9.0), 0.0)
    time.sleep(0.1)
    assert len(seen) <= 1


@pytest.mark.parametrize("after", [0.02, 0.3])
def test_ctrl_c_while_a_function_is_compiled_is_not_lost_and_harms_nothing(after):
    """LLVM calls back into Python, where an exception is lost; code compiled by half must not stay in any table."""
    number = round(1e6 * after)  # another source each time, so that it is compiled

    def f(t, y, u, params, out):
        for i in range(y.size):
            out[i] = np.sin(y[i] * number) - np.tanh(y[i]) + np.exp(-y[i] ** 2) * number - y[i]

    def forever():
        while True:
            simulate(DynamicalSystem(f, 3), 1.0, np.zeros(3), method="rk4", dt=0.5)

    with warnings.catch_warnings():
        warnings.simplefilter("error")  # what numba or ctypes would have ignored
        error, late = interrupted(forever, after)
    assert isinstance(error, KeyboardInterrupt)
    assert late < PROMPT + LOADED + 0.5
    found = simulate(DynamicalSystem(f, 1), 0.5, [0.0], method="euler", dt=0.5)
    assert found.final[0] == 0.5 * number


def test_errors_come_through_and_threads_end():
    def fail():
        raise ZeroDivisionError("mine")

    before = sys.getswitchinterval()
    for _ in range(20):
        with pytest.raises(ZeroDivisionError, match="mine"):
            long_call(fail, lambda status: status)
    assert sys.getswitchinterval() == before
    assert threading.active_count() < 20


def test_work_that_is_out_of_time_before_it_has_a_record_ends_with_the_one_so_far():
    def late():
        raise OutOfTime

    assert long_call(late, lambda status: status, timeout=9.0) is Status.TIMEOUT
    assert long_call(lambda: long_call(late, lambda status: status), lambda status: "outer") is Status.TIMEOUT


def test_light_work_is_done_in_the_calling_thread_and_may_be_interrupted_as_well():
    def stopped():
        raise KeyboardInterrupt

    assert long_call(threading.get_ident, operations=10) == threading.get_ident() != long_call(threading.get_ident)
    assert long_call(threading.get_ident, operations=10, timeout=9.0) != threading.get_ident()
    assert long_call(stopped, lambda status: status, operations=10) is Status.INTERRUPTED
    with pytest.raises(KeyboardInterrupt):
        long_call(stopped, operations=10)
