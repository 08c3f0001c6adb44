"""Lanes compute, bit for bit, what single runs do."""

from __future__ import annotations

import numpy as np
import pytest

from ctrnn import CTRNN
from neurodynamics import Pulse, Sampled, Sine, simulate, simulate_ensemble

MEMBERS = 37  # two blocks and a part of a third
SPAN, DT = (0, 1), 0.02


def population(n, activation, seed, input_dim=2):
    """A template and parameters by name for members that share nothing."""
    rng = np.random.default_rng(seed)
    weights = rng.uniform(-4, 4, (MEMBERS, n, n))
    params = {
        "weights": weights,
        "biases": -weights.sum(2) / 2,
        "time_constants": rng.uniform(0.5, 2, (MEMBERS, n)),
        "input_weights": rng.normal(size=(MEMBERS, n, input_dim)),
    }
    template = CTRNN(
        weights[0], leaks=1.3, gains=0.7, activation=activation, input_weights=params["input_weights"][0]
    )
    return template, params, rng.normal(size=(MEMBERS, n))


INPUTS = {
    "none": None,
    "constants": [1.0, 2.0],
    "signals": [Sine(1, 0.1), Pulse(0.503, 0.1, 3)],
    "own constants": np.arange(2.0 * MEMBERS).reshape(MEMBERS, 2),
    "own signals": [[Pulse(0.5, 0.1, k), Sampled([0, 1, 2], [k, 1, 2], kind="linear")] for k in range(MEMBERS)],
}


@pytest.mark.parametrize("kind", INPUTS)
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("method", ["euler", "exponential_euler", "heun", "rk4"])
def test_a_lane_is_a_single_run(method, shared, kind):
    net, params, y0 = population(5, "logistic", seed=3)
    inputs = INPUTS[kind]
    options = {"method": method, "dt": DT, "t_eval": [0.0, 0.123, 0.6, 1.0]}
    ensemble = simulate_ensemble(net, SPAN, y0, params=None if shared else params, inputs=inputs, workers=2, **options)
    assert ensemble.path == "lanes, float64"
    for member in (0, 17, MEMBERS - 1):
        own = inputs[member] if kind.startswith("own") else inputs
        single = simulate(net.with_params(ensemble.params[member]), SPAN, y0[member], inputs=own, **options)
        np.testing.assert_array_equal(single.y, ensemble.y[member])


@pytest.mark.parametrize(("n", "activation"), [(1, "tanh"), (4, "erf"), (8, "softplus"), (10, "arctangent"),
                                               (17, "relu"), (3, "hard_sigmoid"), (2, "linear")])  # fmt: skip
def test_any_size_and_activation(n, activation):
    net, params, y0 = population(n, activation, seed=n)
    ensemble = simulate_ensemble(net, SPAN, y0, params=params, method="euler", dt=DT, save="final")
    for member in (0, MEMBERS - 1):
        single = simulate(net.with_params(ensemble.params[member]), SPAN, y0[member], method="euler", dt=DT, save="final")
        np.testing.assert_array_equal(single.y[:, 0], ensemble.y[member])


def test_position_and_company_do_not_matter():
    net, params, y0 = population(6, "logistic", seed=1)
    whole = simulate_ensemble(net, SPAN, y0, params=params, method="rk4", dt=DT, save="final")
    order = np.random.default_rng(0).permutation(MEMBERS)
    shuffled = simulate_ensemble(net, SPAN, y0[order], params=whole.params[order], method="rk4", dt=DT, save="final",
                                 workers=1)  # fmt: skip
    np.testing.assert_array_equal(whole.y[order], shuffled.y)


def test_breakpoints_between_steps_that_differ_leave_the_lanes_and_stay_right():
    net, params, y0 = population(4, "logistic", seed=2)
    inputs = [[Pulse(0.5 + 0.003 * k, 0.1, 3.0), 0.0] for k in range(MEMBERS)]
    ensemble = simulate_ensemble(net, SPAN, y0, params=params, inputs=inputs, method="euler", dt=DT, save="final")
    assert ensemble.path == "compiled"
    single = simulate(net.with_params(ensemble.params[9]), SPAN, y0[9], inputs=inputs[9], method="euler", dt=DT)
    np.testing.assert_array_equal(single.y[:, -1], ensemble.y[9])


def test_noise_belongs_to_the_member():
    net = CTRNN(2 * np.eye(3), noise=0.1)
    options = {"method": "stochastic_heun", "dt": 0.01, "rng": 1, "save": "final"}
    many = simulate_ensemble(net, SPAN, np.zeros((40, 3)), **options)
    few = simulate_ensemble(net, SPAN, np.zeros((3, 3)), **options)
    assert (many.path, few.path) == ("lanes, float64", "compiled")
    np.testing.assert_array_equal(many.y[:3], few.y)
    np.testing.assert_array_equal(many.y[0], simulate(net, SPAN, np.zeros(3), **options).final)


def test_a_member_that_diverges_harms_no_other():
    net = CTRNN(np.full((3, 3), 3.0), activation="linear")
    grows = np.linspace(-1, 60, 20)
    ensemble = simulate_ensemble(net, (0, 50), np.ones(3), params={"weights[0, 0]": grows}, method="euler", dt=0.1, save=50)
    bad = ensemble.status < 0
    assert bad.any()
    assert not bad.all()
    assert np.isnan(ensemble.y[bad][:, :, -1]).all()
    assert np.isfinite(ensemble.y[~bad]).all()
    fine = int(np.argmin(bad))
    single = simulate(net.with_params({"weights[0, 0]": grows[fine]}), (0, 50), np.ones(3), method="euler", dt=0.1, save=50)
    np.testing.assert_array_equal(single.y, ensemble.y[fine])


@pytest.mark.parametrize("shared", [False, True])
def test_single_precision_is_as_exact_as_it_can_be(shared):
    net, params, y0 = population(5, "logistic", seed=5)
    options = {"params": None if shared else params, "method": "rk4", "dt": DT, "save": "final"}
    single = simulate_ensemble(net, SPAN, y0, dtype="float32", **options)
    double = simulate_ensemble(net, SPAN, y0, **options)
    assert single.y.dtype == np.float32
    # 50 steps, each rounding states below about 4 to 2**-24, contracted or stretched by at most e
    assert np.abs(single.y - double.y).max() < 50 * 4 * np.e * 2.0**-24


@pytest.mark.parametrize("size", [0, 1, 16, 17])
def test_any_number_of_members(size):
    net, _, _ = population(4, "logistic", seed=0)
    y0 = np.random.default_rng(1).normal(size=(size, 4))
    ensemble = simulate_ensemble(net, SPAN, y0, method="euler", dt=DT, save="final")
    assert ensemble.y.shape == (size, 4)
    assert len(ensemble) == size
    for member, solution in enumerate(ensemble):
        np.testing.assert_array_equal(simulate(net, SPAN, y0[member], method="euler", dt=DT).final, solution.final)


def test_single_precision_says_where_it_does_not_apply():
    net, _, y0 = population(4, "logistic", seed=0)
    with pytest.raises(ValueError, match="`dtype` must be 'float64' here: 'dopri5' is not a method of constant step"):
        simulate_ensemble(net, SPAN, y0, method="dopri5", save="final", dtype="float32")
    with pytest.raises(ValueError, match="`dtype` must be one of 'float64', 'float32'; got 'float16'"):
        simulate_ensemble(net, SPAN, y0, method="euler", dt=DT, save="final", dtype="float16")
