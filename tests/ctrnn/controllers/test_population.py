"""Many controllers at once: each as if it were alone, whenever its episodes begin."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from ctrnn import CTRNN, Controller, DynamicalSystem, MotorCTRNN, MotorMap, PopulationController, evaluate, random_ctrnn
from neuroevolution import tasks

N, M = 5, 3
METHODS = ("euler", "exponential_euler", "heun", "midpoint", "rk4")


@pytest.fixture
def net(rng):
    return random_ctrnn(N, rng, input_dim=M)


def rows_of(rng, net, count):
    return {"weights": rng.uniform(-8, 8, (count, N, N)), "time_constants": rng.uniform(0.5, 3, (count, N))}


def alone(net, params, b, **options):
    return Controller(net.replace(**{name: values[b] for name, values in params.items()}), **options)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [1, 16, 21])
def test_every_member_is_a_controller_of_its_own(net, rng, method, size):
    params, y0 = rows_of(rng, net, size), rng.normal(size=(size, N))
    pop = PopulationController(net, params, dt=0.05, substeps=2, method=method, y0=y0)
    singles = [alone(net, params, b, dt=0.05, substeps=2, method=method, y0=y0[b]) for b in range(size)]
    for _ in range(20):
        seen = rng.normal(size=(size, M))
        shown = pop.step(seen)
        assert np.array_equal(shown, [single.step(u) for single, u in zip(singles, seen, strict=True)])
    assert np.array_equal(pop.y, [single.y for single in singles])


def test_episodes_that_end_at_different_times_are_those_run_alone(net, rng):
    size, length = 19, 60
    params = rows_of(rng, net, size)
    ends = rng.random((length, size)) < 0.1
    seen = rng.normal(size=(length, size, M))
    pop = PopulationController(net, params, dt=0.02, substeps=3, y0=np.full(N, 0.5))
    shown = np.empty((length, size, N))
    times = np.empty((length, size))
    for k in range(length):
        shown[k] = pop.step(seen[k])
        times[k] = pop.t
        pop.reset(mask=ends[k])
    for b in range(size):
        single = alone(net, params, b, dt=0.02, substeps=3, y0=np.full(N, 0.5))
        for k in range(length):
            assert np.array_equal(single.step(seen[k, b]), shown[k, b])
            assert single.t == times[k, b]
            if ends[k, b]:
                single = alone(net, params, b, dt=0.02, substeps=3, y0=np.full(N, 0.5))


def test_a_state_put_back_goes_on_as_before(net, rng):
    pop = PopulationController(net, rows_of(rng, net, 20), dt=0.05)
    pop.step(rng.normal(size=(20, M)))
    kept, seen = pop.y, rng.normal(size=(20, M))
    first = pop.step(seen).copy()
    pop.y = kept
    assert np.array_equal(pop.step(seen), first)
    assert np.array_equal(pop.reset(), PopulationController(net, pop.params, dt=0.05).motors)


def test_other_systems_and_large_networks(rng):
    def rhs(t, y, u, params, out):
        out[0] = params[0] * (u[0] - y[0]) + t

    brain = DynamicalSystem(rhs, 1, params={"rate": 2.0}, input_dim=1)
    large = random_ctrnn(130, rng, input_dim=1)
    for system in (brain, large):
        pop = PopulationController(system, 3, dt=0.01, substeps=2)
        singles = [Controller(system, dt=0.01, substeps=2) for _ in range(3)]
        for _ in range(5):
            seen = rng.normal(size=(3, 1))
            assert np.array_equal(pop.step(seen), [c.step(u) for c, u in zip(singles, seen, strict=True)])


def test_motor_maps(net, rng):
    motor_map = MotorMap(scale=[2, 1], offset=-1, low=-0.5, high=[0.5, 1], threshold=[np.nan, 0.5])
    params = rows_of(rng, net, 18)
    plain, mapped = (
        PopulationController(net, params, dt=0.1, motors=2, motor_map=m) for m in (None, motor_map)
    )
    seen = rng.normal(size=(18, M))
    outputs = plain.step(seen)
    motors = mapped.step(seen)
    assert np.array_equal(motors, motor_map(outputs))
    expected = np.stack([np.clip(2 * outputs[:, 0] - 1, -0.5, 0.5), np.clip((outputs[:, 1] > 0.5) - 1.0, -0.5, 1)], axis=1)
    assert np.array_equal(motors, expected)


def test_motor_weights(rng):
    net = MotorCTRNN(rng.normal(size=(N, N)), motor_weights=rng.normal(size=(2, N)), input_weights=rng.normal(size=(N, M)))
    inner = CTRNN(net.weights, input_weights=net.input_weights)
    for size in (1, 20):
        weights = rng.normal(size=(size, 2, N))
        pop = PopulationController(net, {"motor_weights": weights}, dt=0.1)
        single = Controller(inner, dt=0.1)
        for _ in range(3):
            seen = rng.normal(size=M)
            outputs = single.step(seen)
            assert pop.step(np.tile(seen, (size, 1))) == pytest.approx(weights @ outputs, rel=1e-13, abs=1e-14)
    assert net.replace(biases=1.0).motor_weights == pytest.approx(net.motor_weights)


def test_motor_weights_move_the_bodies_of_tasks(rng):
    selection = np.eye(3, N)[[2, 0, 1]]
    weights, tau = rng.uniform(-10, 10, (20, N, N)), rng.uniform(1, 5, N)
    order = [2, 0, 1, 3, 4]
    net = MotorCTRNN(np.zeros((N, N)), 0.0, tau, motor_weights=selection)
    permuted = CTRNN(np.zeros((N, N)), 0.0, tau[order])
    one = evaluate(net, tasks.LeggedWalker(), params={"weights": weights}, duration=20, dt=0.1)
    swapped = weights[:, order][:, :, order]
    other = evaluate(permuted, tasks.LeggedWalker(), params={"weights": swapped}, duration=20, dt=0.1)
    assert one.scores == pytest.approx(other.scores, abs=1e-9)


def test_a_member_that_diverges_harms_no_other():
    net = CTRNN([[0.0]], activation="linear")
    pop = PopulationController(net, {"weights": np.array([0.0, 1e9]).reshape(2, 1, 1)}, dt=0.1, y0=[1.0])
    for _ in range(60):
        shown = pop.step(np.zeros((2, 1)))
    assert list(pop.failed) == [False, True]
    assert np.isfinite(shown[0]).all()
    pop.reset(mask=pop.failed)
    assert not pop.failed.any()


def test_no_members(net):
    pop = PopulationController(net, 0, dt=0.1)
    assert pop.step(np.zeros((0, M))).shape == (0, N)


def test_bad_input(net, rng):
    pop = PopulationController(net, 4, dt=0.1)
    seen = np.zeros((4, M))
    seen[2, 1] = np.nan
    with pytest.raises(ValueError, match=r"observations\[2, 1\]"):
        pop.step(seen)
    with pytest.raises(ValueError, match=r"\(4, 3\)"):
        pop.step(np.zeros(M))
    with pytest.raises(ValueError, match="4 booleans"):
        pop.reset(mask=[1, 0, 0, 0])
    with pytest.raises(ValueError, match="member 1"):
        PopulationController(net, {"biases": [np.zeros(N), np.full(N, np.nan)]}, dt=0.1)
    with pytest.raises(ValueError, match="member 1"):
        PopulationController(net, {"time_constants": [np.ones(N), np.full(N, 0.01)]}, dt=0.1)
    with pytest.raises(ValueError, match="number of outputs"):
        PopulationController(net, 2, dt=0.1, motors=9)
    with pytest.raises(ValueError, match="low"):
        MotorMap(low=1, high=0)([0.0])
    with pytest.raises(TypeError, match="MotorMap"):
        PopulationController(net, 2, dt=0.1, motor_map=abs)


def test_copies_go_on_by_themselves(net, rng):
    pop = PopulationController(net, rows_of(rng, net, 20), dt=0.1, motors=2, motor_map=MotorMap(scale=2))
    pop.step(rng.normal(size=(20, M)))
    other, seen = copy.deepcopy(pop), rng.normal(size=(20, M))
    assert np.array_equal(other.t, pop.t)
    first = other.step(seen).copy()
    other.reset()
    assert np.array_equal(pop.step(seen), first)
