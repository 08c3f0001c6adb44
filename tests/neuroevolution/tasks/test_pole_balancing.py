"""Pole balancing: against mechanics, and against an adaptive solution of Wieland's equations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from ctrnn import CTRNN, Status, evaluate
from neuroevolution import tasks

KEY = (np.uint64(1), np.uint64(0))
MASSES, HALVES, G = np.array([0.1, 0.01]), np.array([0.5, 0.05]), 9.8


def wieland(poles, force, friction=True):
    """The equations of Wieland (1991) in numpy, with gravity counted negative as there."""
    m, half, g = MASSES[:poles], HALVES[:poles], -G
    mu_c, mu_p = (0.0005, 0.000002) if friction else (0.0, 0.0)

    def rhs(t, state):
        v, angle, speed = state[1], state[2::2], state[3::2]
        hinge = mu_p * speed / (m * half)
        pull = m * half * speed**2 * np.sin(angle) + 0.75 * m * np.cos(angle) * (hinge + g * np.sin(angle))
        mass = m * (1 - 0.75 * np.cos(angle) ** 2)
        acceleration = (force - mu_c * np.sign(v) + pull.sum()) / (1.0 + mass.sum())
        out = np.empty_like(state)
        out[0::2], out[1] = state[1::2], acceleration
        out[3::2] = -0.75 / half * (acceleration * np.cos(angle) + g * np.sin(angle) + hinge)
        return out

    return rhs


def move(task, state, o, steps):
    """Move the body by hand; return its state and whether the trial is done."""
    state, sensors, score = np.array(state), np.zeros(task.sensors), np.zeros(1)
    for k in range(steps):
        if task.step(0.02 * k, 0.02, np.array([o]), state, sensors, score):
            return state, True
    return state, False


@pytest.mark.parametrize("poles", [1, 2])
@pytest.mark.parametrize("o", [0.2, 0.5, 1.0])
def test_the_cart_follows_wielands_equations(poles, o):
    start = np.array([0.1, 0.5, 0.05, -0.1, 0.02, 0.2])[: 2 + 2 * poles]
    state, done = move(tasks.PoleBalancing(poles, fallen=7.0), start, o, 8)
    exact = solve_ivp(wieland(poles, 10 * (2 * o - 1)), (0, 0.16), start, method="DOP853", rtol=1e-11, atol=1e-13).y[:, -1]
    assert not done
    assert state == pytest.approx(exact, rel=1e-4, abs=1e-5)  # steps of 0.01 s; the short pole's time is 0.08 s


@pytest.mark.parametrize("poles", [1, 2])
def test_two_steps_of_runge_kutta_to_the_last_digits(poles):
    """The classical method in numpy, 0.01 s a step, for one second."""
    start, rhs, h = np.array([0.1, 0.5, 0.05, -0.1, 0.02, 0.2])[: 2 + 2 * poles], wieland(poles, 4.0), 0.01
    state = start.copy()
    for _ in range(100):
        k1 = rhs(0, state)
        k2 = rhs(0, state + h / 2 * k1)
        k3 = rhs(0, state + h / 2 * k2)
        state = state + h / 6 * (k1 + 2 * k2 + 2 * k3 + rhs(0, state + h * k3))
    ours, _ = move(tasks.PoleBalancing(poles, fallen=70.0), start, 0.7, 50)
    np.testing.assert_allclose(ours, state, rtol=1e-10, atol=1e-10)


def energy(state, poles):
    """Kinetic and potential energy of a cart with uniform rods, from mechanics alone."""
    v, angle, speed = state[1], state[2::2], state[3::2]
    m, half = MASSES[:poles], HALVES[:poles]
    vx, vy = v + half * np.cos(angle) * speed, -half * np.sin(angle) * speed
    kinetic = 0.5 * v**2 + (0.5 * m * (vx**2 + vy**2) + 0.5 * (m * half**2 / 3) * speed**2).sum()
    return kinetic + (m * G * half * np.cos(angle)).sum()


@pytest.mark.parametrize("poles", [1, 2])
def test_energy_is_kept_without_force_and_friction(poles):
    task = tasks.PoleBalancing(poles, friction=False, fallen=7.0, track=100.0)
    start = np.array([0.0, 0.3, 0.4, 0.2, -0.2, 0.1])[: 2 + 2 * poles]
    state, _ = move(task, start, 0.5, 50)
    assert np.abs(state - start).max() > 0.1
    assert energy(state, poles) == pytest.approx(energy(start, poles), rel=1e-4 if poles == 2 else 1e-6)


@pytest.mark.parametrize("poles", [1, 2])
def test_friction_takes_energy(poles):
    start = np.array([0.0, 0.3, 0.1, 0.2, -0.1, 0.1])[: 2 + 2 * poles]
    kept, lost = (move(tasks.PoleBalancing(poles, friction=f, fallen=7.0), start, 0.5, 10)[0] for f in (False, True))
    assert energy(lost, poles) < energy(kept, poles)


def test_a_leaning_pole_falls_at_the_rate_of_its_linear_equations():
    """theta'' = (3 g/(4 l)) theta / (1 - 0.75 m/(M + m)) near upright, with the cart free."""
    rate = np.sqrt(0.75 * G / 0.5 / (1 - 0.75 * 0.1 / 1.1))
    task = tasks.PoleBalancing(1, friction=False)
    state, _ = move(task, [0, 0, 1e-6, 1e-6 * rate], 0.5, 100)
    assert state[2] == pytest.approx(1e-6 * np.exp(2 * rate), rel=1e-5)


def test_the_standard_trial_and_its_sensors():
    for poles, velocities, count in ((1, True, 4), (1, False, 2), (2, True, 6), (2, False, 3)):
        task = tasks.PoleBalancing(poles, velocities=velocities)
        assert (task.state_dim, task.sensors) == (2 + 2 * poles, count)
        state, sensors = np.zeros(task.state_dim), np.zeros(count)
        task.reset(KEY, 0, state, sensors)
        assert state[2] == pytest.approx(np.radians(4.5))
        assert sensors[2 if velocities else 1] == pytest.approx(4.5 / 36)
    task.step(0.0, 0.02, np.array([1.0]), state, sensors, np.zeros(1))
    assert sensors == pytest.approx(state[::2] / [2.4, np.radians(36), np.radians(36)])


def test_trials_end_at_the_limits():
    idle = CTRNN([[0.0]], input_weights=np.zeros((1, 6)))
    result = evaluate(idle, tasks.PoleBalancing(2), duration=20, dt=0.01, substeps=2, record=(0, 0))
    assert result.status[0, 0] == Status.EVENT
    assert np.abs(result.solution.state[[2, 4], -1]).max() > np.radians(36)
    assert result.scores[0, 0] == pytest.approx(0.02 * (result.steps[0, 0] - 1))
    push = CTRNN([[0.0]], biases=5.0, input_weights=np.zeros((1, 4)))
    pushed = evaluate(push, tasks.PoleBalancing(1, fallen=100.0), duration=20, dt=0.01, substeps=2, record=(0, 0))
    assert abs(pushed.solution.state[0, -1]) > 2.4
    assert abs(pushed.solution.state[0, -2]) <= 2.4


def test_a_hand_made_controller_balances_two_poles_for_ever():
    """Linear feedback from an LQR by hand: solve the Riccati equation of the linearised cart, put it into one neuron."""
    from scipy.linalg import solve_continuous_are

    rhs, n = wieland(2, 0.0, friction=False), 6
    A = np.stack([(rhs(0, 1e-6 * e) - rhs(0, -1e-6 * e)) / 2e-6 for e in np.eye(n)], axis=1)
    B = (wieland(2, 1.0, friction=False)(0, np.zeros(n)) - rhs(0, np.zeros(n)))[:, np.newaxis]
    gain = (B.T @ solve_continuous_are(A, B, np.eye(n), np.eye(1)))[0]
    scale = np.array([2.4, 2.0, np.radians(36), 2.0, np.radians(36), 2.0])
    weights = -gain * scale * 4 / 20  # force = 20 (o - 1/2), and the slope of the logistic function is 1/4
    net = CTRNN([[0.0]], time_constants=0.01, input_weights=weights[np.newaxis])
    result = evaluate(net, tasks.PoleBalancing(2), duration=200, dt=0.01, substeps=2)
    assert result.scores[0, 0] == pytest.approx(200)


def test_random_starts_differ_and_stay_near_the_middle():
    task, net = tasks.PoleBalancing(2, start="random"), CTRNN([[0.0]], input_weights=np.zeros((1, 6)))
    starts = np.stack([evaluate(net, task, trials=20, duration=0, dt=0.01, rng=1, record=(0, k)).solution.state[:, 0]
                       for k in range(20)])  # fmt: skip
    limits = 0.2 * np.array([2.4, 1, np.radians(36), 1, np.radians(36), 1])
    assert (np.abs(starts) <= limits).all()
    assert np.unique(starts).size == starts.size
    assert (np.abs(starts).max(axis=0) > 0.7 * limits).all()


def test_arguments():
    with pytest.raises(ValueError, match="1 or 2"):
        tasks.PoleBalancing(3)
    with pytest.raises(ValueError, match="standard"):
        tasks.PoleBalancing(start="somewhere")


def test_gruaus_fitness_is_that_of_the_recorded_course():
    """A controller that pushes to where the long pole leans, and one that does nothing and falls within 100 steps."""
    net = CTRNN([[0.0]], time_constants=0.05, input_weights=[[2, 4, 40, 10]])
    task = tasks.PoleBalancing(1, fitness="gruau")
    loop = evaluate(net, task, **task.standard, record=(0, 0)).solution
    assert loop.t.size == 1001
    for n in (50, 99, 100, 101, 637, 1000):
        sums = np.abs(loop.state[:4, 1 : n + 1]).sum(axis=0)[-100:].sum()
        assert loop.scores[0, n] == pytest.approx(0.1 * n / 1000 + (0.9 * 0.75 / sums if n >= 100 else 0), rel=1e-10)
    task = tasks.PoleBalancing(2, fitness="gruau", velocities=False)
    fallen = evaluate(CTRNN([[0.0]], input_weights=np.zeros((1, 3))), task, **task.standard)
    assert fallen.scores[0, 0] == pytest.approx(0.1 * (fallen.steps[0, 0] - 1) / 1000)
    assert fallen.steps[0, 0] < 100


def test_the_grid_has_625_starts():
    task = tasks.PoleBalancing(2, start="grid")
    starts, sensors = np.zeros((625, 6)), np.zeros(6)
    for trial in range(625):
        task.reset.py_func(KEY, trial, starts[trial], sensors)
    values = 2 * np.array([0.05, 0.25, 0.5, 0.75, 0.95]) - 1
    axes = [values * limit for limit in (2.16, 1.35, np.radians(3.6), np.radians(8.6))]
    np.testing.assert_array_equal(starts[:, :4], np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(625, 4))
    assert (starts[:, 4:] == 0).all()
    net = CTRNN([[0.0]], time_constants=0.05, input_weights=[[2, 4, 40, 10]])
    one = evaluate(net, tasks.PoleBalancing(1, start="grid"), trials=625, duration=20, dt=0.01, substeps=2).scores
    assert 200 < (one >= 19.99).sum() < 625
