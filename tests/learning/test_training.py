"""Training reaches what can be reached, and goes on from its file to the last bit."""

import threading

import numpy as np
import pytest
from punctual import LOADED, interrupted

from ctrnn import CTRNN
from learning import Adam, Trial, gradient, losses, train
from neurodynamics import Status
from neurodynamics.inputs import Sampled
from recurrent import EchoState, Elman, FullyRecurrent

NET = CTRNN([[1.0, 0.5], [-0.5, 1.0]])
REACH = Trial(targets=[[0.2, 0.8]], times=[5.0])


def sums(rng, count=6, length=12):
    """Trials whose target is the running sum of the inputs."""
    x = rng.normal(size=(count, 1, length + 1))
    return [Trial(np.cumsum(each[:, :-1], axis=1).T, inputs=Sampled(np.arange(length + 1), each)) for each in x]


def adder(rng):
    return FullyRecurrent(
        0.3 * rng.normal(size=(2, 2)), rng.normal(size=(2, 1)), activation="linear", output_weights=[[1.0, 0.5]]
    )


def at_rate(optimiser, rate):
    """The rate, of those that take one."""
    return {} if optimiser in ("lbfgs", "levenberg") else {"rate": rate}


@pytest.mark.parametrize("optimiser", ["lbfgs", "levenberg", "rprop", "adam", "rmsprop"])
def test_a_target_that_can_be_reached_is(optimiser):
    fit = train(NET, REACH, losses.MeanSquare(), params="biases", optimiser=optimiser, dt=0.1, steps=150,
                **at_rate(optimiser, 0.1))  # fmt: skip
    assert fit.loss < 1e-5
    assert fit.loss <= fit.history["loss"].min()
    assert fit.steps <= 150
    assert len(set(map(len, fit.history.values()))) == 1
    found = gradient(fit.network, losses.MeanSquare(), None, REACH.targets, times=REACH.times, dt=0.1)
    assert found.value == pytest.approx(fit.loss, rel=1e-12, abs=1e-30)
    np.testing.assert_array_equal(fit.network.weights, NET.weights)


def test_a_linear_network_learns_to_add(rng):
    """The best network is known: one unit that keeps what it has, so the loss falls to rounding."""
    fit = train(adder(rng), sums(rng), losses.MeanSquare(), optimiser="levenberg", steps=100)
    assert fit.loss < 1e-20
    assert np.abs(np.linalg.eigvals(fit.network.weights) - 1.0).min() < 1e-6


@pytest.mark.parametrize("options", [{"optimiser": "adam", "batch": 2}, {"optimiser": "rprop"}, {"optimiser": "lbfgs"}])
def test_a_run_goes_on_from_its_file_to_the_last_bit(options, rng, tmp_path):
    net, trials = adder(rng), sums(rng)
    given = {"loss": losses.MeanSquare(), "rng": 3, "keep": 4, **options}
    whole = train(net, trials, steps=14, **given)
    for steps in (5, 9, 14):
        parts = train(net, trials, steps=steps, checkpoint=tmp_path / "it.fit", **given)
    np.testing.assert_array_equal(parts.network.params, whole.network.params)
    np.testing.assert_array_equal(parts.history["loss"], whole.history["loss"])
    assert list(parts.kept) == list(whole.kept) == [0, 4, 8, 12]
    for step, kept in whole.kept.items():
        np.testing.assert_array_equal(parts.kept[step].params, kept.params)
    np.testing.assert_array_equal(whole.kept[8].params, train(net, trials, steps=9, **given).kept[8].params)


def test_new_trials_and_threads(rng):
    net = adder(rng)
    runs = [
        train(net, lambda rng: sums(rng, 5), losses.MeanSquare(), steps=5, rng=2, workers=workers) for workers in (1, 2, 3)
    ]
    for run in runs[1:]:
        np.testing.assert_array_equal(run.network.params, runs[0].network.params)
    assert np.unique(runs[0].history["loss"]).size == 5


def test_masks_stay_and_parameters_keep_their_range(rng):
    mask = np.array([[1, 0], [1, 1]])
    fit = train(
        FullyRecurrent([[0.5, 0.0], [0.3, 0.2]], None, 0.1, mask=mask),
        Trial(np.full((3, 2), 0.9)),
        losses.MeanSquare(),
        steps=20,
    )
    assert fit.network.weights[0, 1] == 0.0
    assert (fit.network.weights != 0).sum() == 3
    slow = train(
        CTRNN([[0.0]], biases=[1.0]),
        Trial([[1.0]], times=[0.01], y0=[0.0]),
        losses.MeanSquare(),
        params="time_constants",
        rate=0.6,
        steps=30,
        dt=0.01,
    )
    assert slow.network.time_constants[0] > 0


def test_a_step_out_of_the_numbers_says_so_and_keeps_what_was_there():
    net = FullyRecurrent([[3.0]], None, 1.0, activation="linear")
    fit = train(net, Trial([[0.0]], times=[20]), losses.MeanSquare(), optimiser="descent", rate=1e3, steps=50)
    assert fit.status == Status.NON_FINITE
    assert "smaller rate" in fit.reason
    assert np.isfinite(fit.network.params).all()


def test_timeout_and_goal(rng):
    trials = sums(rng)
    late = train(adder(rng), trials, losses.MeanSquare(), steps=10**6, rate=1e-4, timeout=0.3)
    assert late.status == Status.TIMEOUT
    assert 0 < late.steps < 10**6
    early = train(adder(rng), trials, losses.MeanSquare(), steps=5000, rate=0.01, goal=1.0)
    assert early.loss <= 1.0
    assert early.history["loss"][:-1].min() > 1.0


def test_ctrl_c_hands_over_what_there_is(rng):
    net, trials = adder(rng), sums(rng)
    train(net, trials, losses.MeanSquare(), steps=1)  # compiles
    caught, late = interrupted(lambda: train(net, trials, losses.MeanSquare(), steps=10**7, rate=1e-4))
    assert caught.result.steps > 0
    assert caught.result.reason == "interrupted"
    assert late < LOADED


def test_a_rule_of_ones_own_and_schedules(rng):
    class Signs:
        def begin(self, size):
            return {}

        def change(self, g, rate, memory):
            return -rate * np.sign(g)

    fit = train(NET, REACH, losses.MeanSquare(), optimiser=Signs(), rate=lambda k: 0.5 * 0.9**k, dt=0.1, steps=60)
    np.testing.assert_allclose(fit.history["rate"], 0.5 * 0.9 ** np.arange(60))
    assert fit.loss < 1e-3


def test_temporal_xor_reaches_its_floor(rng):
    """Elman's task: every third bit is the XOR of the two before it. The rms error of the best predictor over all positions
    is sqrt(2/3 1/4) = 0.408248; where the bit can be predicted it goes towards 0: below 0.1 after 1500 steps.
    """

    def trials(rng, count=32):
        pairs = rng.integers(0, 2, (4, count, 2))
        bits = np.concatenate([pairs, pairs[:, :, :1] ^ pairs[:, :, 1:]], axis=2).reshape(4, -1).astype(float)
        times, after = np.arange(3 * count + 1), np.column_stack([bits[:, 1:], np.full(4, 0.5)])
        return [Trial(y[:, np.newaxis], inputs=Sampled(times, [[*x, 0]])) for x, y in zip(bits, after, strict=True)]

    net = Elman(
        rng.normal(size=(8, 8)) / 2.4,
        rng.normal(size=(8, 1)),
        rng.normal(size=(1, 8)),
        rng.normal(size=8),
        activation="tanh",
    )
    fit = train(net, trials, losses.MeanSquare(), rng=1, clip=1.0, steps=900, rate=lambda k: 0.03 * 0.9975**k)
    test = trials(rng, 100)
    shown = [gradient(fit.network, losses.MeanSquare(), None, each.targets, inputs=each.inputs).shown for each in test]
    error = np.array([found - each.targets for found, each in zip(shown, test, strict=True)])[:, :-1, 0]
    assert np.sqrt(np.mean(error[:, 1::3] ** 2)) < 0.15
    assert 0.39 < np.sqrt(np.mean(error**2)) < 0.408248 + 0.02


def test_what_is_wrong_is_named():
    for change, words in (
        ({"data": []}, "data"),
        ({"data": [1.0]}, r"data\[0\]"),
        ({"optimiser": "adamm"}, "adam"),
        ({"rate": -1}, "rate"),
        ({"optimiser": "lbfgs", "batch": 1}, "batch"),
        ({"optimiser": "levenberg", "loss": losses.CrossEntropy()}, "residuals"),
        ({"steps": 0}, "steps"),
        ({"clip": 0.0}, "clip"),
        ({"params": ["biases", "biases[0]"]}, "once"),
        ({"optimiser": Adam}, "optimiser"),
        ({"loss": lambda shown, targets: 1.0}, "loss"),
        ({"loss": lambda shown, targets: (1.0, np.zeros(3))}, "loss"),
    ):
        given = {"data": REACH, "loss": losses.MeanSquare(), "dt": 0.1} | change
        with pytest.raises((ValueError, TypeError), match=words):
            train(NET, **given)
    assert threading.active_count() < 10


@pytest.mark.parametrize("optimiser", ["adam", "descent", "lbfgs", "levenberg"])
def test_bounds_hold_and_the_best_within_is_found(optimiser):
    """One bias is worth 2 without bounds: within, the best is the end; beside it, the other is free."""
    net = FullyRecurrent(np.zeros((2, 2)), biases=0.5, activation="linear")
    fit = train(net, Trial([[2.0, -3.0]]), losses.MeanSquare(), params="biases", bounds={"biases[0]": (0.0, 1.2)},
                optimiser=optimiser, steps=400, **at_rate(optimiser, 0.1))  # fmt: skip
    np.testing.assert_allclose(fit.network.biases, [1.2, -3.0], atol=2e-2 if optimiser == "adam" else 1e-6)
    assert fit.network.biases[0] <= 1.2


def test_nonsense_is_refused():
    for change, word in (
        ({"params": []}, "`params` must name at least one"),
        ({"loss": losses.MeanSquare}, "an object as MeanSquare"),
        ({"loss": lambda shown: (0.0, shown)}, "`loss` must be .* with so many arguments"),
        ({"rate": lambda: 0.1}, "`rate` must be a number, or step -> number"),
        ({"data": lambda: REACH}, "`data` must be trials, or rng -> trials"),
        ({"bounds": {"a": (0, 1)}}, "name 'a' in `bounds`"),
        ({"data": Trial([[np.nan, np.nan]], times=[1.0])}, "`targets` must hold at least one"),
        ({"data": Trial([-1], times=[1.0]), "loss": losses.CrossEntropy()}, "`targets` must hold at least one"),
        ({"optimiser": "levenberg", "window": 3}, "`window`"),
        ({"bounds": {"weights": (0, 1)}}, "`bounds` must name parameters that learn"),
        ({"bounds": {"biases": (1, 0)}}, r"`bounds\['biases'\]` must be \(low, high\)"),
        ({"bounds": {"biases": (0.0, 2.0), "biases[1]": (1.0, 2.0)}}, r"begins: biases\[1\] = 0 is not in \[1, 2\]"),
        ({"data": lambda rng: None}, r"`data\(rng\)` must be"),
        ({"data": lambda rng: [REACH, 1]}, r"`data\(rng\)\[1\]` must be"),
        ({"batch": 9}, "`batch` must be at most the number of trials, 1; got 9"),
        ({"optimiser": "lbfgs", "rate": lambda k: 0.1}, '`rate`: optimiser="lbfgs" .* takes none'),
        ({"optimiser": "levenberg", "rate": 0.1}, '`rate`: optimiser="levenberg" .* takes none'),
    ):
        given = {"data": REACH, "loss": losses.MeanSquare(), "params": "biases", "dt": 0.1, "steps": 2} | change
        with pytest.raises((TypeError, ValueError), match=word):
            train(NET, **given)


def test_least_squares_leaves_masked_weights_alone():
    net = CTRNN(np.ones((3, 3)), mask=1 - np.eye(3))
    trials = [Trial([[0.2, 0.8, 0.5]], times=[2.0]), Trial([[0.5, 0.1, 0.6]], times=[2.0], y0=[1, 0, 0])]
    fit = train(net, trials, losses.MeanSquare(), params="weights", optimiser="levenberg", dt=0.1, steps=200)
    assert fit.loss < 1e-20
    assert not np.diag(fit.network.weights).any()


@pytest.mark.parametrize("optimiser", ["adam", "descent", "lbfgs", "levenberg"])
def test_one_step_is_a_step(optimiser):
    """A linear unit that is to show 1, its bias at 0: one step goes towards it, and what comes back is its end."""
    net, given = FullyRecurrent([[0.0]], activation="linear"), {"params": "biases", "optimiser": optimiser}
    fit = train(net, Trial([[1.0]]), losses.MeanSquare(), steps=1, **given)
    assert fit.steps == 1
    assert fit.history["loss"].tolist() == [1.0]
    assert 0.0 < fit.network.biases[0] <= 1.0
    assert fit.loss == pytest.approx((1.0 - fit.network.biases[0]) ** 2, abs=1e-15)
    assert fit.reason in ("1 steps", "gtol termination condition is satisfied", "both ftol and xtol termination conditions")


@pytest.mark.parametrize("optimiser", ["adam", "lbfgs", "levenberg"])
def test_steps_of_a_resumed_run_are_counted_on(optimiser, rng, tmp_path):
    net, trials = adder(rng), sums(rng)
    given = {"loss": losses.MeanSquare(), "optimiser": optimiser, "checkpoint": tmp_path / "it.fit"}
    for steps, there in ((3, 3), (7, 7), (5, 7)):
        fit = train(net, trials, steps=steps, **given)
        assert (fit.steps, fit.reason) == (there, f"{there} steps")
    late = train(net, trials, losses.MeanSquare(), optimiser=optimiser, timeout=0.0)
    assert (late.steps, late.status) == (0, Status.TIMEOUT)
    assert np.isnan(late.loss)


@pytest.mark.parametrize("optimiser", ["lbfgs", "levenberg"])
def test_searches_turn_back_where_there_is_no_loss(optimiser):
    """After 3000 iterations of h' = w h + b the numbers are left from w = 1.27 on, and h = b (1 - w**3000) / (1 - w)."""
    net = FullyRecurrent([[0.99]], None, 0.1, activation="relu")
    fit = train(net, Trial([[1e3]], times=[3000]), losses.MeanSquare(), optimiser=optimiser, steps=60)
    w, b = float(fit.network.weights[0, 0]), float(fit.network.biases[0])
    assert b * (1 - w**3000) / (1 - w) == pytest.approx(1e3, rel=1e-8)
    begun_outside = train(FullyRecurrent([[3.0]], None, 0.1, activation="relu"), Trial([[1.0]], times=[3000]),
                          losses.MeanSquare(), optimiser=optimiser)  # fmt: skip
    assert begun_outside.status == Status.NON_FINITE
    assert "not finite in step 1" in begun_outside.reason
    assert np.isnan(begun_outside.loss)


def test_a_wrong_gradient_ends_with_a_reason():
    def wrong(shown, targets):
        return float((shown**2).sum()), -2.0 * shown

    fit = train(NET, REACH, wrong, params="biases", optimiser="lbfgs", dt=0.1)
    assert "its gradient is wrong" in fit.reason


def test_a_parameter_at_its_bound_does_not_hold_the_others():
    """The leak is at 1, and would grow: the bias learns all the same, and reaches its target."""
    net, trial = EchoState([[0.0]], biases=0.1, activation="linear"), Trial([[2.0]])
    fit = train(net, trial, losses.MeanSquare(), params=["leak", "biases"], optimiser="descent", rate=0.1,
                steps=200)
    assert fit.network.leak == 1.0
    assert fit.loss < 1e-6


def test_rules_are_asked_for_changes_that_fit():
    class Short:
        def begin(self, size):
            return {}

        def change(self, g, rate, memory):
            return np.zeros(1)

    with pytest.raises(ValueError, match=r"`optimiser.change\(..\)` must return one number a parameter, \(2,\); got \(1,\)"):
        train(NET, REACH, losses.MeanSquare(), params="biases", optimiser=Short(), dt=0.1)
    with pytest.raises(ValueError, match=r"`rate\(0\)` must be at least 0"):
        train(NET, REACH, losses.MeanSquare(), params="biases", rate=lambda k: -1.0, dt=0.1)
    with pytest.raises(ValueError, match="`epsilon` must be positive"):
        Adam(epsilon=0.0)
