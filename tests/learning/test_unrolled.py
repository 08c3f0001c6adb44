"""A chain of steps is what the drivers compute, and its sweeps are linear."""

import numpy as np
import pytest

from ctrnn import CTRNN
from learning.courses import Course, Way
from learning.trials import Trial
from learning.unrolled import NotFinite, Seen, Unrolled
from neurodynamics import METHODS, DynamicalSystem, simulate
from neurodynamics.inputs import Inputs, Pulse, Sine
from neurodynamics.schemes import EULER
from recurrent import FullyRecurrent

DRIVE = [Sine(1.0, 0.3), Pulse(0.4, 0.35, 2.0), 0.5]


def chain(net, y0, inputs, times, tableau=EULER, **given):
    looks = np.arange(len(times))
    return Unrolled(net, Course(y0, inputs, times, tableau, looks, {}, net.kind == "map"), **given)


@pytest.mark.parametrize("method", ["euler", "heun", "midpoint", "rk4"])
def test_steps_are_those_of_the_drivers(method, rng):
    """Where no input jumps inside a step."""
    net = CTRNN(rng.normal(size=(3, 3)), biases=rng.normal(size=3), time_constants=[1.0, 1.5, 2.0])
    drive, times = [DRIVE[0], 0.3, DRIVE[2]], np.append(np.arange(20) * 0.1, 2.0)
    run = chain(net, np.full(3, 0.2), Inputs(drive, 3), times, METHODS[method].tableau)
    sol = simulate(net, 2, np.full(3, 0.2), inputs=drive, method=method, dt=0.1)
    np.testing.assert_allclose(run.y.T, sol.y, rtol=1e-12, atol=1e-14)


def test_back_and_ahead_are_transposes(rng):
    """w . (dY/dy0 v + dY/dp q), from both sides."""
    net = CTRNN(rng.normal(size=(3, 3)), biases=rng.normal(size=3))
    run = chain(net, np.zeros(3), Inputs(DRIVE, 3), np.linspace(0, 3, 25), METHODS["rk4"].tableau)
    w, v, q = rng.normal(size=run.y.shape), rng.normal(size=(3, 1)), rng.normal(size=(net.param_dim, 1))
    by_params = np.zeros(net.param_dim)
    seen = Seen(np.arange(25), w)
    start = run.back(seen, by_params) + w[0]
    last, kept, total = run.ahead(v, q, keep=[0, 24], seen=seen)
    assert total[0] == pytest.approx(start @ v[:, 0] + by_params @ q[:, 0], rel=1e-12)
    np.testing.assert_array_equal(kept[0], v)
    np.testing.assert_array_equal(kept[1], last)


def test_parts_of_the_way_back_add_up(rng):
    net = FullyRecurrent(rng.normal(size=(3, 3)), None, rng.normal(size=3))
    run = chain(net, np.zeros(3), Inputs(None, 0), np.arange(21.0))
    w, whole, parts = Seen(np.arange(21), rng.normal(size=run.y.shape)), np.zeros(net.param_dim), np.zeros(net.param_dim)
    start = run.back(w, whole)
    middle = run.back(w, parts, first=8)
    np.testing.assert_allclose(run.back(w, parts, last=8, end=middle), start, rtol=1e-12)
    np.testing.assert_allclose(parts, whole, rtol=1e-12)


def test_the_step_that_leaves_the_numbers_is_named():
    net = FullyRecurrent([[10.0]], activation="linear")
    with pytest.raises(NotFinite, match="after step 308") as caught:
        chain(net, np.array([1.0]), Inputs(None, 0), np.arange(400.0))
    assert caught.value.step == 308


def test_few_states_are_kept_and_nothing_changes(rng):
    """Of S steps about 2 sqrt(S) states, and the gradient to the last bit; also through resets, ahead, and in lanes."""

    def neuron(t, y, u, params, out):
        out[0] = (params[0] - y[0]) / params[1] + u[0]

    def threshold(t, y, u, params, out):
        out[0] = y[0] - params[2]

    def back_to(event, t, y, u, params, out):
        out[0] = params[3]

    spiking = DynamicalSystem(neuron, 1, params=[1.5, 2.0, 1.0, 0.1], input_dim=1, events=threshold, reset=back_to)
    net = CTRNN(rng.normal(size=(3, 3)), biases=rng.normal(size=3))
    for system, drive in ((net, DRIVE), (spiking, [Sine(0.1, 1.0)])):
        n, p = system.state_dim, system.param_dim
        steps = [Way(dt=0.03).course(system, Trial(None, 9.5, times, None, drive)) for times in ([0.0, 2.0, 9.0], [7.0])]
        for given in (steps[0], steps) if system is net else (steps[0],):
            full, few = Unrolled(system, given), Unrolled(system, given, most=0)
            assert len(few.y) + len(few._begins) < 2.2 * np.sqrt(full.size) + 3 < 0.2 * len(full.y)
            np.testing.assert_array_equal(few.seen, full.seen)
            seen, found = Seen(full.looks if full.several else given.looks, rng.normal(size=full.seen.shape)), []
            for run in (full, few):
                by_params, by_inputs = np.zeros(p), None if run.several else np.zeros((run.size, system.input_dim))
                found.append([run.back(seen, by_params, by_inputs), by_params])
                if not run.several:
                    found[-1].append(by_inputs)
                    S, ways = np.eye(n, n + p), np.eye(p, n + p, n)
                    found[-1] += run.ahead(S, ways, keep=[5, 200], seen=seen)
            for one, other in zip(*found, strict=True):
                np.testing.assert_array_equal(one, other)
