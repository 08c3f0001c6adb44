"""Our side of every workload: the only file here that calls its API."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from .case import Case, Run
from .machine import cores
from .workloads import Adaptive, Basins, Population

PACKAGE = "neural-attractors"
METHODS = ("taylor", "dop853", "dopri5", "RK45")

USERS = "ctrnn: import, a user's right-hand side"
STARTUP = {
    "ctrnn: import": "import ctrnn",
    "ctrnn: import, first trajectory": """
import numpy as np
from ctrnn import CTRNN, simulate
W = 3 * np.random.default_rng(1).normal(size=(3, 3)) / np.sqrt(3)
sol = simulate(CTRNN(weights=W, activation="tanh"), (0, 100), [0.1, 0.2, 0.3], t_eval=np.linspace(0, 100, 1001))
assert sol.success
""",
    USERS: """
import numpy as np
from ctrnn import DynamicalSystem, simulate
def rhs(t, y, u, params, out):
    for i in range(y.size):
        out[i] = -y[i]
        for j in range(y.size):
            out[i] += params[i * y.size + j] * np.tanh(y[j])
W = 3 * np.random.default_rng(1).normal(size=(3, 3)) / np.sqrt(3)
system = DynamicalSystem(rhs=rhs, state_dim=3, params=W.ravel())
sol = simulate(system, (0, 100), [0.1, 0.2, 0.3], method="dopri5", t_eval=np.linspace(0, 100, 1001))
assert sol.success
""",
}


def available() -> bool:
    try:
        from ctrnn import simulate  # noqa: F401
    except ImportError:
        return False
    return True


def adaptive(problem: Adaptive) -> list[Case]:
    default = Case("ctrnn, default method", _adaptive_builder(problem, None))
    return [default, *(Case(f"ctrnn {method}", _adaptive_builder(problem, method)) for method in METHODS)]


def _adaptive_builder(problem: Adaptive, method: str | None) -> Callable[[float], Run]:
    from ctrnn import CTRNN, simulate

    net = CTRNN(weights=problem.W, activation="tanh")
    span = (0.0, float(problem.t[-1]))

    def build(tolerance: float) -> Run:
        def run() -> np.ndarray:
            sol = simulate(net, span, problem.x0, method=method, rtol=tolerance, atol=tolerance, t_eval=problem.t)
            if not sol.success:
                raise RuntimeError(sol.message)
            return sol.y

        return run

    return build


def fixed(pop: Population, method: str) -> list[Case]:
    from ctrnn import simulate

    def run() -> np.ndarray:
        sol = simulate(net, (0.0, pop.steps * pop.dt), pop.y0[0], method=method, dt=pop.dt, save="final")
        return sol.y.reshape(pop.y0.shape)

    net = _network(pop)
    return [Case(f"ctrnn {method}", lambda: run)]


def population(pop: Population) -> list[Case]:
    variants = [("float64", cores()), ("float64", 1), ("float32", cores())]
    return [
        Case(
            f"ctrnn {dtype}, {'one core' if workers == 1 else 'all cores'}",
            lambda dtype=dtype, workers=workers: _ensemble(pop, dtype, workers),
            cores=workers,
        )
        for dtype, workers in dict.fromkeys(variants)
    ]


def _ensemble(pop: Population, dtype: str, workers: int) -> Run:
    from ctrnn import simulate_ensemble

    net = _network(pop)
    params = None if pop.shared else _params(pop)
    options = {"method": "euler", "dt": pop.dt, "save": "final", "workers": workers}
    if dtype != "float64":
        options["dtype"] = dtype
    span = (0.0, pop.steps * pop.dt)

    def run() -> np.ndarray:
        return simulate_ensemble(net, span, pop.y0, params=params, **options).y

    return run


def controller(pop: Population) -> list[Case]:
    from ctrnn import Controller

    return [Case("ctrnn Controller.step", lambda: Controller(_network(pop), pop.dt, "euler").step)]


def controllers(pop: Population) -> list[Case]:
    from ctrnn import PopulationController

    return [
        Case("ctrnn PopulationController.step", lambda: PopulationController(_network(pop), _params(pop), pop.dt).step)
    ]


def gradients(pop: Population) -> list[Case]:
    from learning import gradient, losses

    def build(method: str) -> Run:
        net, targets = _network(pop), np.zeros((1, pop.size))
        options = {"times": [pop.steps * pop.dt], "dt": pop.dt, "integrator": "euler", "params": ["weights", "biases"]}
        return lambda: gradient(net, losses.MeanSquare(), pop.y0[0], targets, method=method, **options).vector

    methods = ("discrete", "hybrid", "forward") if pop.size <= 10 else ("discrete",)
    return [Case(f"ctrnn {method}", lambda method=method: build(method)) for method in methods]


def gradient_batches(pop: Population) -> list[Case]:
    """Return descents on many trials of one network, side by side and, for comparison, one after the other."""
    from learning import Trial, gradient, losses, train

    def beside() -> Run:
        net, targets = _network(pop), np.zeros((1, pop.size))
        trials = [Trial(targets, times=[pop.steps * pop.dt], y0=y0) for y0 in pop.y0]
        options = {"dt": pop.dt, "integrator": "euler", "params": ["weights", "biases"], "optimiser": "descent", "steps": 3}
        return lambda: train(net, trials, losses.MeanSquare(), **options).network.params

    def alone() -> Run:
        net, targets = _network(pop), np.zeros((1, pop.size))
        options = {"times": [pop.steps * pop.dt], "dt": pop.dt, "integrator": "euler", "params": ["weights", "biases"]}
        return lambda: [gradient(net, losses.MeanSquare(), y0, targets, **options).vector for y0 in pop.y0]

    return [Case("ctrnn side by side", beside, share=3.0), Case("ctrnn one by one", alone)]


def gradient_slopes() -> Iterator[tuple[str, int, int, Run]]:
    """Yield each method, number of units and of steps, and a gradient."""
    from learning import gradient, losses
    from recurrent import FullyRecurrent

    for method, sizes in (("discrete", (64, 128, 256)), ("hybrid", (16, 32, 64, 128)), ("forward", (16, 32, 64))):
        for n in sizes:
            net = FullyRecurrent(np.random.default_rng(n).normal(size=(n, n)) / np.sqrt(n))
            steps = 2000 if method == "discrete" else 2 * n
            given = {"times": [steps], "params": "weights", "method": method}
            yield method, n, steps, lambda net=net, n=n, given=given: gradient(
                net, losses.MeanSquare(), np.full(n, 0.1), np.zeros((1, n)), **given
            )


def walker(pop: Population) -> list[Case]:
    from ctrnn import evaluate
    from neuroevolution.tasks import LeggedWalker

    def build(workers: int, dtype: str) -> Run:
        net, task = _network(pop), LeggedWalker()
        options = {"params": _params(pop), "duration": pop.steps * pop.dt, "dt": pop.dt, "workers": workers, "dtype": dtype}
        return lambda: evaluate(net, task, **options).scores[:, 0]

    counts = {"all cores": cores(), "one core": 1}
    return [
        Case(f"ctrnn evaluate {dtype}, {name}", lambda n=n, dtype=dtype: build(n, dtype), cores=n)
        for dtype in ("float64", "float32")
        for name, n in counts.items()
    ]


def basins(problem: Basins) -> list[Case]:
    from analysis import basins, find_attractors
    from ctrnn import CTRNN

    net = CTRNN(problem.W, problem.b)

    def known(workers: int) -> Run:
        attractors = find_attractors(net)
        return lambda: basins(attractors, samples=problem.states, workers=workers).labels

    def unknown() -> Run:
        return lambda: basins(find_attractors(net), samples=problem.states).labels

    counts = {"all cores": cores(), "one core": 1}
    cases = [Case(f"ctrnn basins, {name}", lambda n=n: known(n), cores=n) for name, n in counts.items()]
    return [*cases, Case("ctrnn, attractors found as well", unknown, cores=cores())]


def many_basins(count: int) -> list[tuple[Case, int]]:
    """Return runs over random states of eight neurons, and how many attractors there are."""
    from analysis import basins, find_attractors
    from ctrnn import CTRNN

    W = np.random.default_rng(0).uniform(-3, 3, (8, 8))
    W[np.diag_indices(8)] = 7.0
    W = 0.5 * (W + W.T)
    nets = {"ctrnn, symmetric weights": CTRNN(W, -W.sum(axis=1) / 2), "ctrnn, decoupled units": CTRNN(8 * np.eye(8), -4.0)}
    found = {name: find_attractors(net) for name, net in nets.items()}
    return [
        (Case(name, lambda att=att: lambda: basins(att, samples=count).labels, cores=cores()), len(att))
        for name, att in found.items()
    ]


def long_run(size: int, steps: int, stride: int) -> Run:
    """Return a run of many Euler steps of which few are kept."""
    from ctrnn import simulate

    from .workloads import population

    pop = population(1, size, steps)
    net = _network(pop)
    return lambda: simulate(net, (0.0, steps * pop.dt), pop.y0[0], method="euler", dt=pop.dt, save=stride).y


def _params(pop: Population) -> dict[str, np.ndarray]:
    return {"weights": pop.W, "biases": pop.b, "time_constants": pop.tau}


def _network(pop: Population) -> object:
    from ctrnn import CTRNN

    W, b, tau = (pop.W, pop.b, pop.tau) if pop.shared else (pop.W[0], pop.b[0], pop.tau[0])
    return CTRNN(weights=W, biases=b, time_constants=tau, activation="logistic")
