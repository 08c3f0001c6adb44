"""Inputs: what each signal is, and that no method steps over what a signal declares."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from scipy import integrate

from neurodynamics import (
    METHODS,
    AdditiveNetwork,
    DynamicalSystem,
    Pulse,
    PulseTrain,
    Ramp,
    Sampled,
    Signal,
    Sine,
    Step,
    simulate,
)

FLOW_METHODS = [name for name, method in METHODS.items() if method.family != "map"]
T = np.array([0.0, 1.0, 2.5, 4.0, 4.5])  # times of samples
V = np.array([0.3, -1.0, 2.0, 0.5, 1.5])


def chirp(t):
    return math.sin(0.3 * t * t)


def kinked(t):
    return abs(t - 2.0)


# name: signal, what it is as a function of an array of times, its breakpoints
SIGNALS = {
    "step": (Step(2.0, 1.5), lambda t: np.where(t >= 2.0, 1.5, 0.0), [2.0]),
    "pulse": (Pulse(1.25, 0.5, -2.0), lambda t: np.where((t >= 1.25) & (t < 1.75), -2.0, 0.0), [1.25, 1.75]),
    "train": (
        PulseTrain(0.5, 0.25, 2.0, 1.0, 3),
        lambda t: np.where((t >= 0.5) & (t < 3.5) & ((t - 0.5) % 1.0 < 0.25), 2.0, 0.0),
        [0.5, 0.75, 1.5, 1.75, 2.5, 2.75],
    ),
    "sine": (Sine(0.7, 0.4, 0.3, 0.2), lambda t: 0.2 + 0.7 * np.sin(2 * np.pi * 0.4 * t + 0.3), []),
    "ramp": (Ramp(1.0, 3.0, 2.0), lambda t: np.clip(t - 1.0, 0, 2), [1.0, 3.0]),
    "held samples": (Sampled(T, V), lambda t: V[np.clip(np.searchsorted(T, t, "right") - 1, 0, 4)], T),
    "joined samples": (Sampled(T, V, "linear"), lambda t: np.interp(t, T, V), T),
    "one sample": (Sampled([1.0], [0.4]), lambda t: np.full(t.shape, 0.4), []),
    "function": (Signal(chirp), lambda t: np.sin(0.3 * t**2), []),
    "function with a kink": (Signal(kinked, [2.0]), lambda t: np.abs(t - 2), [2.0]),
    "sum": (
        Sine(1.0, 0.1) + Step(1.0, 2.0) + 0.5 + Pulse(1.0, 2.0, 1.0),
        lambda t: np.sin(0.2 * np.pi * t) + 2.0 * (t >= 1.0) + 0.5 + 1.0 * ((t >= 1.0) & (t < 3.0)),
        [1.0, 3.0],
    ),
}


@pytest.fixture(params=SIGNALS)
def case(request):
    return SIGNALS[request.param]


# What a signal is ----------------------------------------------------------------------------------------------------


def test_a_signal_has_its_values_and_breakpoints(case):
    """At a breakpoint it has the value after it."""
    signal, formula, breakpoints = case
    times = np.unique(np.concatenate([np.linspace(-1, 6, 701), breakpoints]))
    np.testing.assert_allclose(signal(times), formula(times), rtol=1e-14, atol=1e-14)
    np.testing.assert_array_equal(signal.breakpoints, breakpoints)
    assert signal(times.reshape(1, -1)).shape == (1, times.size)
    assert signal(times[3]) == signal(times)[3]
    assert np.ndim(signal(2.0)) == 0


def test_the_pulses_of_a_train_begin_and_end_at_its_breakpoints(rng):
    """Although neither period nor width is a number of binary digits."""
    for _ in range(50):
        start, width, period = rng.uniform(-10, 10), rng.uniform(0.01, 0.5), rng.uniform(0.51, 2)
        train = PulseTrain(start, width, 1.0, period, 200)
        begins, ends = train.breakpoints[::2], train.breakpoints[1::2]
        np.testing.assert_allclose(train(begins), 1, rtol=1e-11)  # the area is kept where times are rounded
        np.testing.assert_array_equal(train(np.nextafter(begins, -np.inf)), 0)
        np.testing.assert_array_equal(train(ends), 0)
        np.testing.assert_allclose(train(np.nextafter(ends, -np.inf)), 1, rtol=1e-11)


def test_sums_are_independent_of_their_order():
    parts = [signal for signal, _, _ in SIGNALS.values()]
    times = np.linspace(-1, 6, 113)
    total, reverse = sum(parts), sum(reversed(parts))
    np.testing.assert_allclose(total(times), reverse(times), rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(total(times), sum(signal(times) for signal in parts), rtol=1e-13, atol=1e-13)
    np.testing.assert_array_equal(total.breakpoints, reverse.breakpoints)


def test_a_signal_does_not_change_with_what_it_was_made_from():
    times, values = T.copy(), V.copy()
    signal = Sampled(times, values)
    times += 1
    values *= 0
    np.testing.assert_array_equal(signal(T), V)
    step = Step(1.0, 1.0)
    _ = step + Pulse(2.0, 1.0, 1.0)
    np.testing.assert_array_equal(step.breakpoints, [1.0])


# Never missed --------------------------------------------------------------------------------------------------------

TAU = 2.0


def no_noise(t, y, u, params, out):
    out[0] = 0.0


def leaky(t, y, u, params, out):
    out[0] = (u[0] - y[0]) / params[0]


LEAK = AdditiveNetwork([[0.0]], time_constants=TAU, activation="tanh")
QUIET = DynamicalSystem(leaky, 1, [TAU], 1, diffusion=no_noise)


def response(signal, breakpoints, t, y0=0.0, t0=0.0):
    """Exact state of 2 y' = -y + u by quadrature, piece by piece."""
    edges = np.unique(np.clip([t0, *breakpoints, t], min(t0, t), max(t0, t)))
    if t < t0:
        edges = edges[::-1]
    parts = [
        integrate.quad(lambda s: np.exp((s - t) / TAU) * signal(s) / TAU, a, b, epsabs=1e-13, epsrel=1e-12)[0]
        for a, b in zip(edges[:-1], edges[1:], strict=True)
    ]
    return y0 * np.exp((t0 - t) / TAU) + sum(parts)


def options(method, dt=0.01):
    if METHODS[method].constant_step:
        return {"method": method, "dt": dt}
    return {"method": method, "rtol": 1e-8, "atol": 1e-10}


# relative errors: of order dt for the first order, dt**2 for the second, some tolerances for the adaptive
ALLOWED = {1: 1e-2, 2: 1e-4, 4: 1e-8}


def allowed(method):
    return ALLOWED[METHODS[method].order] if METHODS[method].constant_step else 2e-6


def run(method, end, inputs, y0=0.0, start=0.0, dt=0.01):
    system = QUIET if METHODS[method].noisy else LEAK
    return simulate(system, (start, end), [y0], inputs=inputs, **options(method, dt))


@pytest.mark.parametrize("method", FLOW_METHODS)
def test_a_short_pulse_is_never_missed_from_rest(method):
    """Nor at times that are no steps: a pulse of width 0.1 at t = 50, and one of width 1e-3 at t = 70.0004."""
    for t0, width, dt in ((50.0, 0.1, 0.01), (50.0, 0.1, 0.03), (70.0004, 1e-3, 0.01)):
        sol = run(method, 80, [Pulse(t0, width, 3.0)], dt=dt)
        before, after = sol.t <= t0, (sol.t >= t0 + width) & (sol.t < t0 + 1)
        np.testing.assert_array_equal(sol.y[0, before], 0)
        expected = 3 * (np.exp(-(sol.t[after] - t0 - width) / TAU) - np.exp(-(sol.t[after] - t0) / TAU))
        np.testing.assert_allclose(sol.y[0, after], expected, rtol=3 * allowed(method), atol=1e-9)


@pytest.mark.parametrize("method", ["RK23", "RK45", "DOP853", "Radau", "BDF", "LSODA"])
def test_scipy_misses_the_pulse_when_it_is_not_told(method):
    """The control of the test above."""
    sol = integrate.solve_ivp(lambda t, y: (3.0 * (50 <= t < 50.1) - y) / TAU, (0, 80), [0.0], method=method)
    assert not sol.y.any()


@pytest.mark.parametrize("method", FLOW_METHODS)
def test_a_short_pulse_is_never_missed_in_motion(method):
    """Two pulses that overlap, closer to each other than a step, while the neuron relaxes."""
    inputs = Pulse(5.003, 0.1, 3.0) + Pulse(5.1021, 0.1, -2.0)
    sol = run(method, 8, [inputs], y0=1.5)
    assert sol.final[0] == pytest.approx(response(inputs, inputs.breakpoints, 8.0, 1.5), rel=3 * allowed(method))


def is_refused(case, method):
    """Whether the method does not take the signal, and says so."""
    if method != "taylor" or case not in (SIGNALS["function"], SIGNALS["function with a kink"]):
        return False
    with pytest.raises(ValueError, match=r"a function whose Taylor coefficients are unknown\. Use 'dop853'"):
        run(method, 5, [case[0]], y0=0.8)
    return True


@pytest.mark.parametrize("method", FLOW_METHODS)
def test_every_signal_drives_every_method(method, case):
    if is_refused(case, method):
        return
    signal, formula, breakpoints = case
    sol = run(method, 5, [signal], y0=0.8)
    exact = response(lambda s: float(formula(np.asarray(s))), breakpoints, 5.0, 0.8)
    assert sol.final[0] == pytest.approx(exact, rel=3 * allowed(method), abs=3 * allowed(method))


@pytest.mark.parametrize("method", ["heun", "midpoint", "rk4", "dopri5", "dop853", "taylor", "RK45", "Radau"])
def test_every_signal_is_the_same_backwards_in_time(method, case):
    if is_refused(case, method):
        return
    signal, formula, breakpoints = case
    sol = run(method, 0, [signal], y0=0.8, start=5)
    assert (np.diff(sol.t) < 0).all()
    exact = response(lambda s: float(formula(np.asarray(s))), breakpoints, 0.0, 0.8, 5.0)
    assert sol.final[0] == pytest.approx(exact, rel=10 * allowed(method), abs=10 * allowed(method))


@pytest.mark.parametrize("method", ["midpoint", "heun", "rk4"])
def test_breakpoints_between_steps_do_not_spoil_the_order(method):
    """A step that holds one is split there. Without that, the order would be one."""
    inputs = Pulse(0.3333, 0.2718, 2.0) + Ramp(0.7001, 1.3, 1.0)
    exact = response(inputs, inputs.breakpoints, 2.0, 0.5)
    errors = [abs(run(method, 2, [inputs], y0=0.5, dt=dt).final[0] - exact) for dt in (0.1, 0.05)]
    assert np.log2(errors[0] / errors[1]) > METHODS[method].order - 0.4
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the integral of a jump
        undeclared = [
            abs(simulate(LEAK, 2, [0.5], inputs=lambda t: [inputs(t)], method=method, dt=dt).final[0] - exact)
            for dt in (0.1, 0.05)
        ]
    assert undeclared[1] > 30 * errors[1]


@pytest.mark.parametrize("method", ["euler", "rk4", "dopri5", "taylor", "RK45"])
@pytest.mark.parametrize("shift", [0.25, -3.7, 1000.0])
def test_a_shift_in_time_shifts_the_solution(method, shift):
    """To rounding of the times, of which steps on a grid and splits depend continuously."""
    here = run(method, 3, [Pulse(0.5, 1.013, 2.0) + Step(2.0, 1.0)], y0=0.3)
    there = run(method, 3 + shift, [Pulse(0.5 + shift, 1.013, 2.0) + Step(2.0 + shift, 1.0)], y0=0.3, start=shift)
    assert here.final[0] == pytest.approx(there.final[0], rel=1e-11)


@pytest.mark.parametrize("method", ["rk4", "dopri5", "taylor", "LSODA"])
def test_breakpoints_at_the_ends_and_outside_of_the_span_do_no_harm(method):
    inputs = Step(0.0, 1.0) + Step(3.0, 5.0) + Step(-4.0, 0.5) + Step(7.0, 9.0)
    sol = run(method, 3, [inputs], y0=0.3)
    assert sol.final[0] == pytest.approx(0.3 * np.exp(-1.5) + 1.5 * (1 - np.exp(-1.5)), rel=1e-6)


@pytest.mark.parametrize("method", ["rk4", "dopri5", "taylor", "RK45"])
def test_breakpoints_next_to_each_other_do_no_harm(method):
    """A pulse of one unit in the last place, and two steps that differ by as much."""
    close = np.nextafter(1.0, 2.0)
    inputs = Step(1.0, 1.0) + Step(close, 1.0) + Pulse(2.0, np.spacing(2.0), 1e3)
    sol = run(method, 3, [inputs])
    assert sol.success
    assert sol.final[0] == pytest.approx(2 * (1 - np.exp(-1.0)), rel=1e-5)


def test_a_long_train_costs_a_step_a_piece():
    train = PulseTrain(0.0, 0.3, 1.0, 1.0, 5000)
    sol = run("taylor", 5000, [train])
    assert sol.success
    assert 10_000 <= sol.steps < 40_000
    periodic = (1 - np.exp(-0.15)) * np.exp(-0.35) / (1 - np.exp(-0.5))  # after each period in the long run
    assert sol.final[0] == pytest.approx(periodic, rel=1e-5)


# Ways to pass inputs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["euler", "rk4", "dopri5", "dop853", "RK45", "Radau"])
def test_a_python_function_gives_what_the_signal_gives(method):
    """It runs uncompiled: equal to rounding for a given step, to the tolerance otherwise."""
    net = AdditiveNetwork([[4.5, 1], [-1, 4.5]], [-2.75, -1.75])
    compiled = simulate(net, 3, [0, 0], inputs=[Sine(1.0, 0.5), 0.2], **options(method))
    python = simulate(net, 3, [0, 0], inputs=lambda t: [np.sin(np.pi * t), 0.2], **options(method))
    assert python.path == ("scipy" if compiled.path == "scipy" else "host")
    np.testing.assert_allclose(python.final, compiled.final, rtol=1e-12 if METHODS[method].constant_step else 1e-7)
    np.testing.assert_allclose(python.input_values[0], np.sin(np.pi * python.t))


def test_taylor_says_why_it_does_not_take_a_function():
    for inputs in (lambda t: [0.0], [Signal(chirp)]):
        with pytest.raises(ValueError, match=r"'taylor' does not apply: an input is a function.*Use 'dop853'"):
            simulate(LEAK, 1, [0.0], inputs=inputs, method="taylor")
        assert simulate(LEAK, 1, [0.0], inputs=inputs).method == "dop853"


def test_inputs_are_returned_with_the_solution():
    net = AdditiveNetwork(np.zeros((2, 2)), input_weights=[[1.0, 0.0, 2.0], [0.0, 1.0, 1.0]])
    sol = simulate(net, 4, [0, 0], inputs=[0.5, Step(2.0, 1.0), Sine(1.0, 0.25)], t_eval=[0, 1, 2, 4])
    np.testing.assert_allclose(sol.input_values, [[0.5] * 4, [0, 0, 1, 1], [0, 1, 0, 0]], atol=1e-15)
    expected = AdditiveNetwork(np.zeros((2, 2)), constant_inputs=[0.5, 0.0]).rhs(0, [0, 0])
    np.testing.assert_allclose(net.rhs(0, [0, 0], [0.5, 0, 0]), expected)


def test_samples_with_a_row_for_each_channel_are_the_whole_input():
    net = AdditiveNetwork(np.zeros((2, 2)))
    rows = np.array([V, V[::-1]])
    together = simulate(net, 5, [0, 0], inputs=Sampled(T, rows, "linear"))
    apart = simulate(net, 5, [0, 0], inputs=[Sampled(T, V, "linear"), Sampled(T, V[::-1], "linear")])
    np.testing.assert_array_equal(together.y, apart.y)
    np.testing.assert_allclose(together.input_values, [np.interp(together.t, T, row) for row in rows])


def test_a_number_drives_every_channel_and_a_signal_the_only_one():
    net = AdditiveNetwork(np.zeros((2, 2)))
    np.testing.assert_array_equal(simulate(net, 1, [0, 0], inputs=0.5).y, simulate(net, 1, [0, 0], inputs=[0.5, 0.5]).y)
    np.testing.assert_array_equal(run("rk4", 2, Step(1.0, 1.0)).y, run("rk4", 2, [Step(1.0, 1.0)]).y)


def test_maps_are_driven_at_their_iterations():
    def add(k, y, u, params, out):
        out[0] = y[0] + u[0]

    system = DynamicalSystem(add, 1, input_dim=1, kind="map")
    for signal, formula, _ in SIGNALS.values():
        sol = simulate(system, (0, 6), [0.0], inputs=[signal])
        np.testing.assert_allclose(sol.y[0], np.concatenate([[0], np.cumsum(formula(np.arange(6.0)))]), atol=1e-13)
        host = simulate(system, (0, 6), [0.0], inputs=lambda k, signal=signal: [signal(k)])
        np.testing.assert_allclose(host.y, sol.y, atol=1e-13)


# What is refused -----------------------------------------------------------------------------------------------------

REFUSED = {
    "`width` must be positive; got 0": lambda: Pulse(0, 0, 1),
    "`width` must be positive; got -1": lambda: Pulse(0, -1, 1),
    "`t0` must be finite; got nan": lambda: Pulse(np.nan, 1, 1),
    "`amplitude` must be a number; got 'a'": lambda: Step(0, "a"),
    "`t0` must be a number; got None": lambda: Step(None, 1),
    "`frequency` must be finite; got inf": lambda: Sine(1, np.inf),
    "`t1` must be later than t0 = 1; got 1": lambda: Ramp(1, 1, 2),
    "`width` must be less than the period 1; got 2": lambda: PulseTrain(0, 2, 1, 1, 3),
    "`count` must be at least 1; got 0": lambda: PulseTrain(0, 0.5, 1, 1, 0),
    "`count` must be an integer; got 2.5": lambda: PulseTrain(0, 0.5, 1, 1, 2.5),
    "`t` must increase; t[1] = 0 does not exceed t[0] = 0": lambda: Sampled([0, 0], [1, 2]),
    "`t` must be a vector of at least one time; got shape (0,)": lambda: Sampled([], []),
    "`values` must have shape (T,) or (M, T) with T = 2; got (1,)": lambda: Sampled([1, 2], [1]),
    "`values[0, 1]` must be finite; got nan": lambda: Sampled([1, 2], [[1, np.nan]]),
    "`kind` must be one of 'hold', 'linear'; got 'lineal'. Did you mean 'linear'?": lambda: Sampled([1], [1], "lineal"),
    "`Sampled` with 2 rows is the whole `inputs`": lambda: Sampled([0, 1], [[1, 2], [3, 4]]) + Step(0, 1),
    "cannot be added; add to the signals of its channels": lambda: 1.0 + Sampled([0, 1], [[1, 2], [3, 4]]) + Step(0, 1),
    "`function` must be a function (t); got int": lambda: Signal(3),
    "`function` must take the arguments (t); <lambda> takes (t, y)": lambda: Signal(lambda t, y: t),
    "`function` must be a plain function that numba can compile": lambda: Signal(math.sin),
    "`breakpoints[0]` must be finite; got nan": lambda: Signal(chirp, [np.nan]),
    "must return a number; it returns": lambda: simulate(LEAK, 1, [0], inputs=[Signal(lambda t: (t, t))]),
    "unsupported operand type(s) for +: 'Step' and 'str'": lambda: Step(0, 1) + "a",
    "'Step' does not support ufuncs": lambda: Step(0, 1) + np.array([1.0, 2.0]),
    "cannot be added": lambda: Sampled([0, 1], [[1, 2], [3, 4]]) + 1.0,
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_is_no_signal_is_refused(message):
    with pytest.raises((TypeError, ValueError)) as raised:
        REFUSED[message]()
    assert message in str(raised.value)


TWO = AdditiveNetwork(np.zeros((2, 2)))
NO_INPUTS = {
    "`inputs` must hold real numbers; got 'ab'": "ab",
    "`inputs` must hold real numbers; got {}": {},
    "`inputs[0]` must be finite; got nan": [np.nan, 0],
    "one entry for each of the 2 inputs; got 1": [1],
    "one entry for each of the 2 inputs; got 3": [1, 2, 3],
    "each of the 2 inputs": [[1, 2]],
    "each of the 2 inputs; got 1": Step(0, 1),
    "`inputs[1]` must be a number; got 'x'": [Step(0, 1), "x"],
    "`inputs[1]` must be a number; got [1, 2]": [Step(0, 1), [1, 2]],
    "`inputs[0]` is a Python function; wrap it as Signal(function, breakpoints)": [np.sin, 0],
    "`inputs[1]` must be a signal of one channel; got 2 rows": [0.0, Sampled([0, 1], [[1, 2], [3, 4]])],
    "`inputs` must take the arguments (t)": lambda: [0, 0],
    "`inputs` must return 2 numbers; got shape (3,) at t = 0": lambda t: [1, 2, 3],
}


@pytest.mark.parametrize("message", NO_INPUTS)
def test_what_is_no_input_is_refused(message):
    with pytest.raises((TypeError, ValueError)) as raised:
        simulate(TWO, 1, [0, 0], inputs=NO_INPUTS[message])
    assert message in str(raised.value)


# Pulses of tiny width ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["taylor", "dopri5", "dop853"])
@pytest.mark.parametrize("width", [1e-16, 1e-14, 1e-9])
def test_an_impulse_keeps_its_area_however_short(width, method):
    """Times near 50 are told apart by 7e-15; a neuron without leak sums up what it is given."""
    net = AdditiveNetwork([[0.0]], leaks=0.0)
    options = {"method": method, "save": "final"}
    final = simulate(net, 100, [0.0], inputs=[Pulse(50, width, 1 / width)], **options).final
    np.testing.assert_allclose(final, [1.0], rtol=1e-9)
    train = PulseTrain(50, width, 1 / width, period=1.0, count=5)
    np.testing.assert_allclose(simulate(net, 100, [0.0], inputs=[train], **options).final, [5.0], rtol=1e-9)


def test_steps_that_would_pass_over_an_impulse_are_refused():
    net = AdditiveNetwork([[0.0]], leaks=0.0)
    with pytest.raises(ValueError, match=r"`inputs` hold a pulse at t = 50 of the width"):
        simulate(net, 100, [0.0], inputs=[Pulse(50, 1e-14, 1e14)], method="rk4", dt=0.1)


def test_times_that_cannot_be_told_apart_are_refused():
    with pytest.raises(ValueError, match=r"`dt` = 0\.0625 is less than times in `t_span`"):
        simulate(AdditiveNetwork([[0.0]]), (1e15, 1e15 + 10), [0.0], method="rk4", dt=0.0625)
    with pytest.raises(ValueError, match="is longer than the largest number"):
        simulate(AdditiveNetwork([[0.0]]), (-1e308, 1e308), [0.0])


def test_many_samples_keep_few_points():
    t = np.linspace(0, 20, 20_001)
    sol = simulate(AdditiveNetwork([[0.0]]), 20, [0.0], inputs=Sampled(t, np.sin(t)[np.newaxis], kind="linear"))
    assert sol.t.size <= 2 * t.size
    np.testing.assert_allclose(sol.final, [(np.sin(20) - np.cos(20) + np.exp(-20)) / 2], atol=1e-5)
