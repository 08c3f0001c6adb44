"""One table of checks that every dynamical system passes.

To put a system under all of them, add a line to ``CASES``: how to make it and its right-hand side written once more, in
numpy and good for complex numbers, as the oracle.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import special

from hopfield import AdaptiveBAM, DenseFlow, GradedBAM, GradedHopfield, SaturatedHopfield
from neurodynamics import METHODS, AdditiveNetwork, DynamicalSystem, cascade, linearise, models, simulate, simulate_ensemble
from recurrent import (
    GRU,
    GRUODE,
    LSTM,
    MGU,
    NARX,
    CohenGrossberg,
    DifferentiableComputer,
    EchoState,
    Elman,
    Feedback,
    FullyRecurrent,
    GatedRate,
    IndRNN,
    Jordan,
    LinearFilter,
    LiquidState,
    LiquidTimeConstant,
    Memristive,
    NeuralTuringMachine,
    RateNetwork,
    SecondOrder,
    Shunting,
    loop_projector,
)

# Right-hand sides of users ------------------------------------------------------------------------------------------


def pendulum(t, y, u, params, out):
    """A driven damped pendulum."""
    out[0] = y[1]
    out[1] = u[0] * np.cos(0.7 * t) - params[0] * y[1] - params[1] * np.sin(y[0])


def pendulum_jac(t, y, u, params, out):
    out[0, 0] = 0.0
    out[0, 1] = 1.0
    out[1, 0] = -params[1] * np.cos(y[0])
    out[1, 1] = -params[0]


def pendulum_energy(y, u, params):
    return 0.5 * y[1] ** 2 - params[1] * np.cos(y[0])


def pendulum_outputs(y, params, out):
    out[0] = np.sin(y[0])
    out[1] = -np.cos(y[0])
    out[2] = params[1] * y[1]


def ikeda(t, y, u, params, out):
    """Ikeda's map with its phase driven by the input."""
    a, b = params[0], params[1]
    phase = 0.4 - b / (1 + y[0] * y[0] + y[1] * y[1]) + u[0]
    out[0] = 1 + a * (y[0] * np.cos(phase) - y[1] * np.sin(phase))
    out[1] = a * (y[0] * np.sin(phase) + y[1] * np.cos(phase))


def spiking(t, y, u, params, out):
    """A leaky integrate-and-fire neuron with an adaptation current."""
    out[0] = params[0] + u[0] - y[0] - y[1]
    out[1] = -params[1] * y[1]


def threshold(t, y, u, params, out):
    out[0] = y[0] - 1.0


def after_spike(event, t, y, u, params, out):
    out[0] = 0.0
    out[1] = y[1] + params[2]


def ornstein(t, y, u, params, out):
    for i in range(y.size):
        out[i] = -params[0] * y[i] + u[i]


def constant_noise(t, y, u, params, out):
    for i in range(y.size):
        out[i] = params[1] * (i + 1.0)


def whole_array(t, y, u, params, out):
    """As a host system may write it: with operators on arrays."""
    out[:] = np.roll(y, 1) - params[0] * y - y**3 + u


# The table ----------------------------------------------------------------------------------------------------------

ACTIVATIONS = {
    "logistic": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "relu": lambda x: np.where(x.real > 0, x, 0),
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "linear": lambda x: x,
    "erf": special.erf,
    "arctangent": lambda x: 2 / np.pi * np.arctan(np.pi * x / 2),
    "hard_sigmoid": lambda x: np.where(abs(x.real) < 2, 0.5 + x / 4, x.real > 0),
}


@dataclass(frozen=True)
class Case:
    """A system, and its right-hand side ``formula(system, t, y, u)`` by another author."""

    make: Callable[[], DynamicalSystem]
    formula: Callable
    method: str = "dopri5"
    span: float = 3.0
    fixed: Callable[[str], bool] = lambda name: False  # parameters that have to stay as they are
    centre: tuple[float, ...] = (0.0,)  # of the states that are drawn
    spread: tuple[float, ...] = (1.0,)
    state: Callable = lambda y: y  # makes a state that the system may be in of any
    by_params: bool = True  # whether the formula takes the parameters that the system has

    @functools.cached_property
    def system(self):
        return self.make()

    def draw(self, rng):
        """Return a time, a state and inputs."""
        n, m = self.system.state_dim, self.system.input_dim
        state = np.array(self.centre) + np.array(self.spread) * rng.normal(size=n)
        return rng.uniform(0, 5), self.state(state), 0.3 * rng.normal(size=m)

    def options(self, **more):
        options: dict = {"dt": 0.01} if METHODS[self.method].constant_step else {"rtol": 1e-8, "atol": 1e-10}
        return {} if self.system.kind == "map" else {"method": self.method, **options, **more}


def by_source(function):
    """The formula of a system whose Python function takes complex numbers as it is."""

    def formula(system, t, y, u):
        out = np.zeros(y.size, dtype=np.result_type(y, u, system.params))
        function(t, y, u, system.params, out)
        return out

    return formula


def sum_of_outputs(net, t, y, u):
    """tau dy/dt = -lambda y + W phi(g (y + b)) + V u + c."""
    drive = net.weights @ ACTIVATIONS[net.activation.name](net.gains * (y + net.biases)) + net.input_weights @ u
    return (-net.leaks * y + drive + net.constant_inputs) / net.time_constants


def additive(activation, n, input_dim=None, **more):
    """A random additive network and its textbook formula."""

    def make():
        rng = np.random.default_rng([n, *activation.encode()])
        weights = rng.normal(size=(n, n)) / np.sqrt(max(n, 1))
        tau, gains, leaks = rng.uniform(0.5, 2, n), rng.uniform(-2, 2, n), rng.uniform(0.2, 1.5, n)
        inputs = None if input_dim is None else rng.normal(size=(n, input_dim))
        return AdditiveNetwork(
            weights,
            rng.normal(size=n),
            tau,
            gains=gains,
            leaks=leaks,
            constant_inputs=rng.normal(size=n),
            input_weights=inputs,
            activation=activation,
            **more,
        )

    return Case(make, sum_of_outputs, "euler_maruyama" if more.get("noise") else "dopri5")


def hopfields(net, t, y, u):
    """C_i du_i/dt = sum_j W_ij V_j - u_i / R_i + I_i, V = phi(gain u)."""
    v = ACTIVATIONS[net.activation.name](net.gain * (y + net.biases))
    return (net.couplings.dense() @ v - y / net.resistances + net.currents + u) / net.capacitances


def graded(activation, n):
    """Hopfield's network of 1984 with random symmetric couplings."""

    def make():
        rng = np.random.default_rng([n, *activation.encode()])
        w = rng.normal(size=(n, n)) / np.sqrt(n)
        more = {"gain": rng.uniform(0.5, 3, n), "biases": rng.normal(size=n), "activation": activation}
        return GradedHopfield(w + w.T, rng.normal(size=n), rng.uniform(0.5, 2, n), rng.uniform(0.5, 2, n), **more)

    return Case(make, hopfields)


def kosko(layers):
    """A graded bidirectional memory of two pairs."""

    def make():
        rng = np.random.default_rng(layers)
        return GradedBAM.from_pairs(*(rng.choice([-1, 1], size=(2, n)) for n in layers), gain=rng.uniform(1, 3, sum(layers)))

    inside = [f"weights[{i}, {j}]" for first, last in ((0, layers[0]), (layers[0], sum(layers)))
              for i in range(first, last) for j in range(first, last)]  # fmt: skip
    return Case(make, hopfields, fixed=inside.__contains__)


def dense_flow(hidden, layers):
    """Krotov and Hopfield's flow, with their Lagrangians' slopes written out."""

    def formula(net, t, y, u):
        v, Xi, tau = y[:3], net.memories, net.time_constants
        g = net.gain * v if hidden == "softmax" else np.tanh(net.gain * v)
        h = Xi @ g if layers == 1 else y[3:]
        weights = np.exp(net.beta * (h - h.max()))
        f = weights / weights.sum() if hidden == "softmax" else np.maximum(net.beta * h / 3, 0) ** (net.degree - 1)
        own = (Xi.T @ f - v + net.currents + u) / tau
        return own if layers == 1 else np.append(own, (Xi @ g - h) / net.memory_time)

    def make():
        rng = np.random.default_rng(layers)
        times = {} if layers == 1 else {"memory_time": rng.uniform(0.5, 1, 4)}
        return DenseFlow(rng.normal(size=(4, 3)), hidden, beta=0.9, time_constants=rng.uniform(0.5, 2, 3), **times)

    return Case(make, formula, fixed="degree".__eq__)


def adaptive_bam(net, t, y, u):
    S, m = np.tanh(net.gain * y[:5]), y[5:].reshape(3, 2)
    drive = np.append(m @ S[3:], m.T @ S[:3])
    learned = (net.rate * np.outer(S[:3], S[3:]) - m) / net.plastic_time[:, None]
    return np.append((drive - y[:5] + u) / net.time_constants, learned)


# Recurrent networks: arrays named W, U, b by the formula's author ----------------------------------------------------


def logistic(x):
    return 1 / (1 + np.exp(-x))


def recurrent(cls, shapes, formula, method="dopri5", scale=0.5, fixed=lambda name: False, further=(), **options):
    """A random network of this class from arrays of these shapes, and its formula (W, U, b, .., further, y, u)."""

    def make():
        rng = np.random.default_rng([7, *cls.__name__.encode()])
        return cls(**{name: scale * rng.normal(size=shape) for name, shape in shapes.items()}, **options)

    def of_network(net, t, y, u):
        return formula(*(net.arrays()[name] for name in (*shapes, *further)), y, u)

    return Case(make, of_network, method, 3.0 if method != "map" else 12, fixed)


def lstm(W, U, b, P, y, u):
    h, c = np.split(y, 2)
    i, f, g, o = np.split(W @ h + U @ u + b, 4)
    c_new = logistic(f + P[1] * c) * c + logistic(i + P[0] * c) * np.tanh(g)
    return np.concatenate([logistic(o + P[2] * c_new) * np.tanh(c_new), c_new])


def lstm_of_1997(W, U, b, y, u):
    h, c = np.split(y, 2)
    i, g, o = np.split(W @ h + U @ u + b, 3)
    c_new = c + logistic(i) * np.tanh(g)
    return np.concatenate([logistic(o) * np.tanh(c_new), c_new])


def gru(W, U, b, a, y, u):
    (Wr, Wz, Wq), (r, z, q) = np.split(W, 3), np.split(U @ u + b, 3)
    r, z = logistic(r + Wr @ y), logistic(z + Wz @ y)
    return (1 - z) * np.tanh(q + r * (Wq @ y + a)) + z * y


def gru_before(W, U, b, a, y, u):
    (Wr, Wz, Wq), (r, z, q) = np.split(W, 3), np.split(U @ u + b, 3)
    r, z = logistic(r + Wr @ y), logistic(z + Wz @ y)
    return (1 - z) * np.tanh(q + a + Wq @ (r * y)) + z * y


def mgu(W, U, b, y, u):
    (Wf, Wq), (f, q) = np.split(W, 2), np.split(U @ u + b, 2)
    f = logistic(f + Wf @ y)
    return (1 - f) * y + f * np.tanh(q + Wq @ (f * y))


def jordan(W, U, V, b, d, y, u):
    h = logistic(U @ u + W @ y[2:] + b)
    o = logistic(V @ h + d)
    return np.concatenate([o, 0.5 * y[2:] + o])


def narx(W, U, V, D, E, b, d, y, u):
    own, past = y[:4], np.concatenate([u, y[4:]])
    o = V @ np.tanh(W @ own + U @ past + b) + D @ own + E @ past + d
    return np.concatenate([o, y[:2], u])


def linear_filter(b, a, y, u):
    o = b[0] * u[0] + y[1]
    return np.array([o, y[2] + b[1] * u[0] - a[1] * o, b[2] * u[0] - a[2] * o])


def gated_rate(J, Z, R, U, a, b, tau, y, u):
    f = np.tanh(y)
    return logistic(Z @ f + a) * (-y + J @ (logistic(R @ f + b) * f) + U @ u) / tau


def gru_flow(W, U, b, a, y, u):
    (Wr, Wz, Wq), (r, z, q) = np.split(W, 3), np.split(U @ u + b, 3)
    r, z = logistic(r + Wr @ y), logistic(z + Wz @ y)
    return (1 - z) * (np.tanh(q + a + Wq @ (r * y)) - y)


def liquid(W, U, b, A, tau, y, u):
    f = logistic(W @ y + U @ u + b)
    return -(1 / tau + f) * y + f * A


def second_order(W, b, y, u):
    return logistic(np.einsum("ijk,j,k->i", W, y, u) + b)


def shunting(net, t, y, u):
    gain, power, half, saturation = net.feedback
    f = np.where(y.real > 0, gain * y ** int(power.real) / (half + saturation * y ** int(power.real)), 0)
    excited, inhibited = net.excitation @ f + u[:3], net.inhibition @ f + u[3:]
    return -net.decay * y + (net.upper - y) * excited - (y + net.lower) * inhibited


def cohen_grossberg(C, a, b, y, u):
    return (a[0] + a[1] * y) * (b[0] + u - b[1] * y - C @ np.tanh(y))


def memristive(net, t, y, u):
    omega, w = net.projector, np.where(y.real < 0, 0, np.where(y.real > 1, 1, y))
    f = net.alpha * w - np.linalg.solve(np.eye(3) + net.xi * omega @ np.diag(w), omega @ (net.sources + u)) / net.beta
    return np.where(((y.real <= 0) & (f.real < 0)) | ((y.real >= 1) & (f.real > 0)), 0, f)


def turing_machine(net, t, y, u):
    """Both heads shift, then write and read; one column."""

    def attend(z, w, memory):
        content = np.exp(np.log(1 + np.exp(z[1])) * (z[0] * memory / np.sqrt((z[0] ** 2 + 1e-12) * (memory**2 + 1e-12))))
        w = logistic(z[2]) * content / content.sum() + (1 - logistic(z[2])) * w
        back, stay, on = np.exp(z[3:6]) / np.exp(z[3:6]).sum()
        w = (on * np.roll(w, 1) + stay * w + back * np.roll(w, -1)) ** (1 + np.log(1 + np.exp(z[6])))
        return w / w.sum()

    reads, writes, memory = y[1:3], y[3:5], y[5:7]
    z = net.interface @ np.concatenate([y[:1], u]) + net.interface_biases
    writes = attend(z[7:14], writes, memory)
    memory = memory * (1 - writes * logistic(z[14])) + writes * z[15]
    reads = attend(z[:7], reads, memory)
    return np.concatenate([[reads @ memory], reads, writes, memory])


def computer(net, t, y, u):
    """One head writes where there is room or by content, one reads along the links or by content; two columns."""
    R = net.rows
    r, reads, writes, h, memory, usage, p, links = (
        y[0:2], y[2 : 2 + R], y[2 + R : 2 + 2 * R], y[2 + 2 * R : 3 + 2 * R], y[3 + 2 * R : 3 + 4 * R].reshape(R, 2),
        y[3 + 4 * R : 3 + 5 * R], y[3 + 5 * R : 3 + 6 * R], y[3 + 6 * R :].reshape(R, R),
    )  # fmt: skip

    def content(key, strength):
        cosines = memory @ key / np.sqrt(((memory**2).sum(axis=1) + 1e-12) * ((key**2).sum() + 1e-12))
        found = np.exp((1 + np.log(1 + np.exp(strength))) * cosines)
        return found / found.sum()

    h = np.tanh(net.controller @ np.concatenate([r, h, u]) + net.controller_biases)
    z = net.interface @ np.concatenate([r, h, u]) + net.interface_biases
    usage = (usage + writes - usage * writes) * (1 - logistic(z[10]) * reads)
    order, room = np.argsort(usage.real, kind="stable"), 0 * usage
    for k, row in enumerate(order):
        room[row] = (1 - usage[row]) * np.prod(usage[order[:k]])
    w = logistic(z[12]) * (logistic(z[11]) * room + (1 - logistic(z[11])) * content(z[2:4], z[9]))
    memory = memory * (1 - np.outer(w, logistic(z[4:6]))) + np.outer(w, z[6:8])
    links = (1 - w[:, None] - w) * links + np.outer(w, p)
    links = links * (1 - np.eye(R))
    back, found, on = np.exp(z[13:16]) / np.exp(z[13:16]).sum()
    reads = back * links.T @ reads + found * content(z[0:2], z[8]) + on * links @ reads
    parts = (memory.T @ reads, reads, w, h, memory.ravel(), usage, (1 - w.sum()) * p + w, links.ravel())
    return np.concatenate(parts)


def liquid_state(net, t, y, u):
    """Between spikes: membranes that are not refractory, clocks, currents and synapses."""
    v, c, q, f, r = np.split(y, 5)
    free = c.real >= net.refractory.real
    return np.concatenate([
        np.where(free, (q + net.drive + net.input_weights @ u - v) / net.time_constants, 0),
        1 + 0 * c,
        -q / net.synaptic_time,
        (net.use - f) / net.facilitation,
        (1 - r) / net.recovery,
    ])


def random_computer():
    rng = np.random.default_rng(3)
    return DifferentiableComputer(3, 2, rng.normal(size=(1, 4)), rng.normal(size=(16, 4)), 0.1, 0.2, inputs=1)


def gated(n, m, gates, **more):
    return {"weights": (gates * n, n), "input_weights": (gates * n, m), "biases": (gates * n,), **more}


LAYER = {"weights": (3, 3), "input_weights": (3, 2), "biases": (3,)}
RECURRENT = {
    "fully recurrent": recurrent(FullyRecurrent, LAYER, lambda W, U, b, y, u: np.tanh(W @ y + U @ u + b), "map"),
    "Elman": recurrent(
        Elman,
        LAYER | {"output_weights": (2, 3), "output_biases": (2,)},
        lambda W, U, b, V, d, y, u: logistic(W @ y + U @ u + b),
        "map",
    ),
    "IndRNN": recurrent(
        IndRNN, LAYER | {"weights": (3,)}, lambda w, U, b, y, u: np.tanh(w * y + U @ u + b), "map", activation="tanh"
    ),
    "LSTM with peepholes": recurrent(LSTM, gated(2, 2, 4, peepholes=(3, 2)), lstm, "map"),
    "LSTM of 1997": recurrent(LSTM, gated(2, 2, 3), lstm_of_1997, "map", forget=False),
    "GRU": recurrent(GRU, gated(3, 2, 3, reset_biases=(3,)), gru, "map"),
    "GRU of Cho": recurrent(GRU, gated(3, 2, 3, reset_biases=(3,)), gru_before, "map", reset="before"),
    "MGU": recurrent(MGU, gated(3, 2, 2), mgu, "map"),
    "Jordan": recurrent(
        Jordan,
        {"weights": (3, 2), "input_weights": (3, 1), "output_weights": (2, 3), "biases": (3,), "output_biases": (2,)},
        jordan,
        "map",
        alpha=0.5,
        fixed="alpha".__eq__,
    ),
    "NARX": recurrent(
        NARX,
        {"weights": (3, 4), "input_weights": (3, 4), "output_weights": (2, 3), "direct_weights": (2, 4),
         "direct_input_weights": (2, 4), "biases": (3,), "output_biases": (2,)},
        narx,
        "map",
        scale=0.3,
        inputs=2,
    ),
    "echo state": recurrent(
        EchoState,
        LAYER | {"output_weights": (2, 3), "output_biases": (2,)},
        lambda W, U, b, V, d, y, u: 0.7 * y + 0.3 * np.tanh(W @ y + U @ u + b),
        "map",
        leak=0.3,
        fixed="leak".__eq__,
    ),
    "cascade of networks": Case(
        lambda: cascade(FullyRecurrent(np.diag([0.5, -0.9]), np.ones((2, 1))), GRU(0.5 * np.ones((3, 1)), np.ones((3, 2)))),
        lambda net, t, y, u: np.concatenate([
            np.tanh(np.array([0.5, -0.9]) * y[:2] + u[0]),
            gru(0.5 * np.ones((3, 1)), np.ones((3, 2)), np.zeros(3), np.zeros(1), y[2:], y[:2]),
        ]),
        "map",
        12,
        by_params=False,
    ),
    "neural Turing machine": Case(lambda: NeuralTuringMachine.copying(2, 3.0), turing_machine, "map", 12, state=np.abs),
    "differentiable computer": Case(
        random_computer, computer, "map", 12, centre=(0.4,), spread=(0.1,), state=lambda y: np.clip(y, 0.05, 0.6)
    ),
    "liquid state": Case(
        lambda: LiquidState(
            [[0.0, 1.5], [2.0, 0.0]], [[1.0], [0.5]], drive=[20.0, 17.0], use=[0.5, 0.3], recovery=[80.0, 60.0],
            facilitation=5.0,
        ),
        liquid_state,
        span=8.0,
        centre=(14.0, 14.0, 9.0, 9.0, 0.4, 0.4, 0.5, 0.5, 0.8, 0.8),
        spread=(0.1, 0.1, 1.0, 1.0, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05),
    ),
    "linear filter": Case(
        lambda: LinearFilter([0.5, 0.2, -0.3], [1.0, -0.9, 0.5]),
        lambda net, t, y, u: linear_filter(net.b, np.array([1.0, *net.a]), y, u),
        "map",
        12,
    ),
    "rate network": recurrent(
        RateNetwork, LAYER, lambda W, U, b, tau, y, u: (-y + np.tanh(W @ y + U @ u + b)) / tau, further=("time_constants",)
    ),
    "gated rate network": recurrent(
        GatedRate,
        {"weights": (3, 3), "update_weights": (3, 3), "reset_weights": (3, 3), "input_weights": (3, 2),
         "update_biases": (3,), "reset_biases": (3,)},
        gated_rate,
        further=("time_constants",),
    ),
    "GRU-ODE": recurrent(GRUODE, gated(3, 2, 3, reset_biases=(3,)), gru_flow),
    "liquid time constants": recurrent(
        LiquidTimeConstant, LAYER | {"targets": (3,)}, liquid, further=("time_constants",)
    ),
    "second order": recurrent(SecondOrder, {"weights": (3, 3, 2), "biases": (3,)}, second_order, "map"),
    "shunting": Case(
        lambda: Shunting(3, decay=[1, 2, 3], upper=[2, 2, 1], lower=0.5, feedback=Feedback.sigmoid(2.0, 0.5)),
        shunting,
        fixed=lambda name: name in ("feedback[1]", "inhibition"),
    ),
    "Cohen-Grossberg": recurrent(
        CohenGrossberg,
        {"weights": (3, 3), "amplification": (2, 3), "intrinsic": (2, 3)},
        cohen_grossberg,
        scale=0.3,
    ),
    "memristive": Case(
        lambda: Memristive(loop_projector([[0, 1], [1, 2], [2, 0]]), [1.0, 2.0, 0.5], alpha=0.3, beta=1.5, xi=2.0),
        memristive,
        span=0.3,
        state=lambda y: np.clip(0.5 + 0.2 * y, 0.0, 0.7),  # in the box, also 0.25 further up
        fixed=lambda name: name.startswith("projector"),
    ),
}
# Far from rest an amplification that turned negative lets this network blow up.
RECURRENT["Cohen-Grossberg"] = replace(RECURRENT["Cohen-Grossberg"], spread=(0.2,), span=0.5)


# The models of the library ------------------------------------------------------------------------------------------


def model(name, textbook, **more):
    """A model with its defaults, and ``textbook(t, y, u, p)``, where p has the parameters by name."""

    def formula(system, t, y, u):
        p = SimpleNamespace(**{name: system.layout.view(system.params, name)[()] for name in system.layout.shapes})
        return np.array(textbook(t, y, u, p))

    return Case(getattr(models, name), formula, **more)


def fired(v, slope, middle):
    return 1 / (1 + np.exp(-slope * (v - middle)))


def morris_lecar(t, y, u, p):
    (v, w), open_at_once, open_at_last = y, fired(y[0], 2 / p.v2, p.v1), fired(y[0], 2 / p.v4, p.v3)
    currents = p.g_l * (v - p.v_l) + p.g_ca * open_at_once * (v - p.v_ca) + p.g_k * w * (v - p.v_k)
    return [(p.current + u[0] - currents) / p.capacitance, p.phi * (open_at_last - w) * np.cosh((v - p.v3) / 2 / p.v4)]


def hodgkin_huxley(t, y, u, p):
    """As in the paper, whose voltages count from rest."""
    (v, m, h, n), x = y, y[0] + 65
    sodium, potassium, leak = p.g_na * m**3 * h, p.g_k * n**4, p.g_l
    total = sodium * (v - p.e_na) + potassium * (v - p.e_k) + leak * (v - p.e_l)
    alpha_m, beta_m = 0.1 * (25 - x) / (np.exp((25 - x) / 10) - 1), 4 * np.exp(-x / 18)
    alpha_h, beta_h = 0.07 * np.exp(-x / 20), 1 / (np.exp((30 - x) / 10) + 1)
    alpha_n, beta_n = 0.01 * (10 - x) / (np.exp((10 - x) / 10) - 1), 0.125 * np.exp(-x / 80)
    gates = [a - (a + b) * g for a, b, g in ((alpha_m, beta_m, m), (alpha_h, beta_h, h), (alpha_n, beta_n, n))]
    return [(p.current + u[0] - total) / p.capacitance, *gates]


def wilson_cowan(t, y, u, p):
    (e, i), (k_e, k_i) = y, (1 - fired(0, p.a_e, p.theta_e), 1 - fired(0, p.a_i, p.theta_i))
    s_e = fired(p.w_ee * e - p.w_ei * i + p.p + u[0], p.a_e, p.theta_e) - (1 - k_e)
    s_i = fired(p.w_ie * e - p.w_ii * i + p.q + u[1], p.a_i, p.theta_i) - (1 - k_i)
    return [((k_e - p.r_e * e) * s_e - e) / p.tau_e, ((k_i - p.r_i * i) * s_i - i) / p.tau_i]


def jansen_rit(t, y, u, p):
    """Each synapse is a critically damped oscillator, driven by a rate."""
    drives = [
        (p.gain_e, p.a, 2 * p.e0 * fired(y[1] - y[2], p.r, p.v0)),
        (p.gain_e, p.a, p.p + u[0] + 0.8 * p.c * 2 * p.e0 * fired(p.c * y[0], p.r, p.v0)),
        (p.gain_i, p.b, p.c / 4 * 2 * p.e0 * fired(p.c / 4 * y[0], p.r, p.v0)),
    ]
    bent = [g * rate * s - rate * (2 * y[3 + k] + rate * y[k]) for k, (g, rate, s) in enumerate(drives)]
    return [*y[3:], *bent]


def kuramoto(t, y, u, p):
    return p.frequencies + p.coupling * np.sin(y[None, :] - y[:, None]).mean(axis=1)


def rotated(t, y, u, p):
    """Ikeda's map: a turn and a shift."""
    phase = p.kappa - p.alpha / (1 + y @ y)
    turn = np.array([[np.cos(phase), -np.sin(phase)], [np.sin(phase), np.cos(phase)]])
    return np.array([p.a, 0]) + p.b * turn @ y


MAP = {"method": "map", "span": 8}
MODELS = {
    "bouncing_ball": model(
        "bouncing_ball", lambda t, y, u, p: [y[1], 0 * y[0] - p.gravity], centre=(1, 0), spread=(0.1, 0.5)
    ),
    "brusselator": model(
        "brusselator",
        lambda t, y, u, p: [p.a - y[0] - (p.b - y[0] * y[1]) * y[0], (p.b - y[0] * y[1]) * y[0]],
        centre=(1, 3),
        spread=(0.3, 0.3),
    ),
    "duffing": model(
        "duffing",
        lambda t, y, u, p: [
            y[1],
            p.gamma * np.cos(p.omega * t) + u[0] - p.delta * y[1] - y[0] * (p.alpha + p.beta * y[0] ** 2),
        ],
    ),
    "kuramoto": model("kuramoto", kuramoto),
    "pendulum": model("pendulum", lambda t, y, u, p: [y[1], u[0] - p.friction * y[1] - np.sin(y[0]) * p.gravity / p.length]),
    "van_der_pol": model("van_der_pol", lambda t, y, u, p: [y[1], u[0] - y[0] - p.mu * (y[0] ** 2 - 1) * y[1]]),
    "lorenz": model(
        "lorenz",
        lambda t, y, u, p: [p.sigma * y[1] - p.sigma * y[0], p.rho * y[0] - y[1] - y[0] * y[2], y[0] * y[1] - p.beta * y[2]],
    ),
    "lorenz84": model(
        "lorenz84",
        lambda t, y, u, p: [
            p.a * (p.f - y[0]) - (y[1:] ** 2).sum(),
            (y[0] - 1) * y[1] - p.b * y[0] * y[2] + p.g,
            (y[0] - 1) * y[2] + p.b * y[0] * y[1],
        ],
    ),
    "roessler": model("roessler", lambda t, y, u, p: [-(y[1] + y[2]), p.a * y[1] + y[0], y[0] * y[2] - p.c * y[2] + p.b]),
    "lotka_volterra": model(
        "lotka_volterra",
        lambda t, y, u, p: [y[0] * (p.alpha - p.beta * y[1]), y[1] * (p.delta * y[0] - p.gamma)],
        centre=(1, 0.5),
        spread=(0.1, 0.1),
    ),
    "rosenzweig_macarthur": model(
        "rosenzweig_macarthur",
        lambda t, y, u, p: [
            p.growth * y[0] - p.growth / p.capacity * y[0] ** 2 - y[0] * y[1] / (1 / p.attack + p.handling * y[0]),
            p.conversion * y[0] * y[1] / (1 / p.attack + p.handling * y[0]) - p.mortality * y[1],
        ],
        centre=(1, 1),
        spread=(0.1, 0.1),
    ),
    "fitzhugh_nagumo": model(
        "fitzhugh_nagumo",
        lambda t, y, u, p: [
            y[0] * (1 - y[0] ** 2 / 3) + p.current + u[0] - y[1],
            p.epsilon * y[0] - p.epsilon * p.b * y[1] + p.epsilon * p.a,
        ],
    ),
    "morris_lecar": model("morris_lecar", morris_lecar, centre=(-20, 0.3), spread=(15, 0.1), span=30),
    "hindmarsh_rose": model(
        "hindmarsh_rose",
        lambda t, y, u, p: [
            y[1] - y[0] ** 2 * (p.a * y[0] - p.b) - y[2] + p.current + u[0],
            p.c - y[1] - p.d * y[0] ** 2,
            p.r * p.s * (y[0] - p.x_rest) - p.r * y[2],
        ],
        centre=(-1, -4, 3),
        spread=(0.3, 1, 0.2),
    ),
    "hodgkin_huxley": model(
        "hodgkin_huxley", hodgkin_huxley, centre=(-60, 0.3, 0.5, 0.4), spread=(5, 0.05, 0.05, 0.05), span=10
    ),
    "integrate_and_fire": model(
        "integrate_and_fire",
        lambda t, y, u, p: (p.rest - y + p.resistance * (p.current + u[0])) / p.tau,
        centre=(-60,),
        spread=(2,),
        span=30,
    ),
    "wilson_cowan": model("wilson_cowan", wilson_cowan, centre=(0.2, 0.2), spread=(0.05, 0.05)),
    "jansen_rit": model("jansen_rit", jansen_rit, centre=(0.1, 20, 12, 0, 0, 0), spread=(0.02, 2, 2, 1, 1, 1), span=0.3),
    "henon": model("henon", lambda t, y, u, p: [1 + y[1] - p.a * y[0] ** 2, p.b * y[0]], spread=(0.2, 0.1), **MAP),
    "ikeda": model("ikeda", rotated, **MAP),
    "logistic_map": model("logistic_map", lambda t, y, u, p: p.r * (y - y**2), centre=(0.4,), spread=(0.02,), **MAP),
    "standard_map": model("standard_map", lambda t, y, u, p: np.cumsum([y[1] + p.k * np.sin(y[0]), y[0]])[[1, 0]], **MAP),
    "delayed_logistic_map": model(
        "delayed_logistic_map",
        lambda t, y, u, p: [p.a * y[0] - p.a * y[0] * y[1], y[0]],
        centre=(0.5, 0.5),
        spread=(0.05, 0.05),
        **MAP,
    ),
    "circle_map": model("circle_map", lambda t, y, u, p: y + p.omega - p.k * np.sin(2 * np.pi * y) / 2 / np.pi, **MAP),
}

SPIKING = {"events": threshold, "event_directions": [1], "reset": after_spike}
CASES = {
    **{f"additive {activation}": additive(activation, 3) for activation in ACTIVATIONS},
    "additive with input weights": additive("logistic", 5, 2),
    "additive without inputs": additive("tanh", 4, 0),
    "additive of one neuron": additive("logistic", 1),
    "additive of eight neurons": additive("tanh", 8, 3),
    "additive of nine neurons": additive("softplus", 9),
    "additive of 130 neurons": additive("tanh", 130, 2),  # through BLAS
    "additive with noise": additive("tanh", 3, noise=0.2),
    "graded Hopfield": graded("tanh", 4),
    "graded Hopfield of 1984": graded("arctangent", 2),
    "graded BAM": kosko((3, 2)),
    "dense flow of softmax": dense_flow("softmax", 1),
    "dense flow of powers in two layers": dense_flow("power", 2),
    "adaptive BAM": Case(lambda: AdaptiveBAM(3, 2, gain=1.5, plastic_time=[1, 2, 3]), adaptive_bam),
    "saturated Hopfield": Case(
        lambda: SaturatedHopfield([[0.5, -0.9], [0.3, 0.8]], [0.1, 0.2]),
        lambda net, t, y, u: np.clip(net.weights @ y + net.biases + u, -1, 1),
    ),
    "flow of a user": Case(
        lambda: DynamicalSystem(
            pendulum,
            2,
            {"friction": 0.3, "gravity": 2.0},
            1,
            jac=pendulum_jac,
            energy=pendulum_energy,
            outputs=pendulum_outputs,
            output_dim=3,
        ),
        by_source(pendulum),
    ),
    "map of a user": Case(lambda: DynamicalSystem(ikeda, 2, [0.6, 6.0], 1, kind="map"), by_source(ikeda), "map", 12),
    "flow with events and reset": Case(
        lambda: DynamicalSystem(spiking, 2, {"drive": 1.6, "decay": 0.5, "kick": 0.2}, 1, **SPIKING), by_source(spiking)
    ),
    "flow with noise": Case(
        lambda: DynamicalSystem(ornstein, 3, [0.8, 0.3], 3, diffusion=constant_noise), by_source(ornstein), "euler_maruyama"
    ),
    "host flow": Case(lambda: DynamicalSystem(whole_array, 4, [0.5], 4, host=True), by_source(whole_array)),
    "host flow with events": Case(
        lambda: DynamicalSystem(spiking, 2, [1.6, 0.5, 0.2], 1, host=True, **SPIKING), by_source(spiking)
    ),
    **RECURRENT,
    **{f"model {name}": case for name, case in MODELS.items()},
    "host map": Case(lambda: DynamicalSystem(ikeda, 2, [0.6, 6.0], 1, kind="map", host=True), by_source(ikeda), "map", 12),
}


@pytest.fixture(params=CASES, scope="module")
def case(request):
    return CASES[request.param]


# The checks ---------------------------------------------------------------------------------------------------------


def test_every_model_is_in_the_table():
    assert sorted(MODELS) == sorted(models.__all__)


def test_shapes_are_those_of_the_contract(case, rng):
    system = case.system
    t, y, u = case.draw(rng)
    n, k = system.state_dim, system.output_dim
    assert system.rhs(t, y, u).shape == (n,)
    assert system.jac(t, y, u).shape == (n, n)
    assert system.outputs(y).shape == (k,)
    assert system.outputs(np.stack([y, y, y], axis=1)).shape == (k, 3)
    assert system.params.shape == (system.param_dim,) == (len(system.param_names),)
    sol = simulate(system, case.span, y, inputs=u, **case.options())
    assert sol.t.ndim == 1
    assert sol.y.shape == (n, sol.t.size)
    assert sol.outputs.shape == (k, sol.t.size)
    assert len(sol.t_events) == len(sol.y_events) == system.event_dim
    assert all(y_e.shape == (t_e.size, n) for t_e, y_e in zip(sol.t_events, sol.y_events, strict=True))


def test_the_right_hand_side_is_the_formula(case, rng):
    """To rounding: the terms of a sum are added in another order."""
    t, y, u = case.draw(rng)
    expected = case.formula(case.system, t, y, u)
    np.testing.assert_allclose(case.system.rhs(t, y, u), expected, rtol=1e-12, atol=1e-12 * np.abs(expected).max())


def test_the_jacobian_is_the_complex_step_derivative(case, rng):
    """The complex step is exact to rounding. Where a system has no Jacobian, central differences are good to 1e-9."""
    t, y, u = case.draw(rng)
    n, step = y.size, 1e-30
    exact = np.empty((n, n))
    for j in range(n):
        z = y.astype(complex)
        z[j] += 1j * step
        exact[:, j] = case.formula(case.system, t, z, u).imag / step
    tolerance = 1e-11 if case.system.has("jac") else 1e-8
    np.testing.assert_allclose(case.system.jac(t, y, u), exact, rtol=tolerance, atol=tolerance)


def complex_step(f, x):
    """Return the derivatives of f at x, exact to rounding."""
    columns = [f(x + 1e-30j * direction).imag / 1e-30 for direction in np.eye(x.size)]
    return np.stack(columns, axis=1) if columns else np.zeros((len(f(x)), 0))


def with_vector(system, vector):
    """Return the system with complex parameters, for formulas only."""
    if system.structure("additive") is not None:
        views = {name: system.layout.view(vector, name) for name in system.layout.shapes}
        return SimpleNamespace(**{"input_weights": np.eye(system.state_dim)} | views, activation=system.activation)
    other = object.__new__(type(system))
    other.__dict__.update(system.__dict__ | {"params": vector, "_derived": {}})
    return other


def test_products_and_derivatives_are_those_of_the_complex_step(case, rng):
    """J v, J' w, and derivatives by inputs and parameters: exact for all systems of ours, of users' good to 1e-7."""
    system = case.system
    formula = case.formula if system.structure("additive") is None else sum_of_outputs
    t, y, u = case.draw(rng)
    at = linearise(system, y, u, t=t)
    assert at.exact == all(hasattr(system.function("rhs").source, name) for name in ("is_kernel", "py_func"))
    J = complex_step(lambda z: np.asarray(formula(system, t, z, u)), y)
    v, w = rng.normal(size=(system.state_dim, 2)), rng.normal(size=(system.state_dim, 3))
    close = {"rtol": 1e-11, "atol": 1e-11 * np.abs(J).max(initial=1.0)} if at.exact else {"rtol": 1e-6, "atol": 1e-7}
    np.testing.assert_allclose(at.jvp(v), J @ v, **close)
    np.testing.assert_allclose(at.vjp(w), J.T @ w, **close)
    np.testing.assert_allclose(at.vjp(w[:, 0]), J.T @ w[:, 0], **close)
    by_inputs = complex_step(lambda z: np.asarray(formula(system, t, y.astype(complex), z)), u)
    np.testing.assert_allclose(at.dfdinputs(), by_inputs, **close)
    free = [k for k in range(system.param_dim) if case.by_params and not case.fixed(system.param_names[k])]
    some = rng.permutation(free)[:40].astype(int)

    def of_params(z):
        vector = system.params.astype(complex)
        vector[some] = z
        return np.asarray(formula(with_vector(system, vector), t, y.astype(complex), u))

    by_params = complex_step(of_params, system.params[some])
    close["atol"] = max(close["atol"], 1e-11 * np.abs(by_params).max(initial=1.0))
    np.testing.assert_allclose(at.dfdparams()[:, some], by_params, **close)
    np.testing.assert_allclose(at.vjp_params(w)[some], by_params.T @ w, **close)
    np.testing.assert_allclose(at.dfdparams([system.param_names[k] for k in some[:1]]), by_params[:, :1], **close)


def test_nothing_that_is_passed_is_changed(case, rng):
    system = case.system
    t, y, u = case.draw(rng)
    before = y.copy(), u.copy(), system.params.copy()
    for array in (y, u):
        array.flags.writeable = False
    system.rhs(t, y, u)
    system.jac(t, y, u)
    system.outputs(y)
    simulate(system, case.span, y, inputs=u, **case.options())
    for array, old in zip((y, u, system.params), before, strict=True):
        np.testing.assert_array_equal(array, old)


def test_what_is_returned_is_the_callers(case, rng):
    """Writing to a result changes no later one."""
    t, y, u = case.draw(rng)
    first = case.system.rhs(t, y, u)
    kept = first.copy()
    first[:] = np.nan
    sol = simulate(case.system, case.span, y, inputs=u, **case.options(), **seeded(case))
    final = sol.final
    sol.y[:] = np.nan
    np.testing.assert_array_equal(case.system.rhs(t, y, u), kept)
    np.testing.assert_array_equal(
        simulate(case.system, case.span, y, inputs=u, **case.options(), **seeded(case)).final, final
    )


def seeded(case, seed=7):
    return {"rng": seed} if METHODS[case.method].noisy else {}


def test_the_same_run_gives_the_same_bits(case, rng):
    t, y, u = case.draw(rng)
    runs = [simulate(case.system, case.span, y, inputs=u, **case.options(), **seeded(case)) for _ in range(2)]
    np.testing.assert_array_equal(runs[0].t, runs[1].t)
    np.testing.assert_array_equal(runs[0].y, runs[1].y)
    assert runs[0].nfev == runs[1].nfev
    if METHODS[case.method].noisy:
        other = simulate(case.system, case.span, y, inputs=u, **case.options(), **seeded(case, 8))
        assert not np.array_equal(other.y, runs[0].y)


def test_a_system_never_changes(case):
    system = case.system
    for array in (system.params, system.event_directions, system.event_terminal):
        if array.size:
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1
    free = np.array([not case.fixed(name) for name in system.param_names], dtype=bool)
    other = system.with_params(np.where(free, 1.5, 1.0) * system.params)
    assert type(other) is type(system)
    assert not np.shares_memory(other.params, system.params)
    if system.param_dim:
        assert not np.array_equal(other.params, system.params)


def test_parameters_have_names_that_find_them(case):
    system = case.system
    assert len(set(system.param_names)) == system.param_dim
    some = np.unique(np.linspace(0, system.param_dim - 1, 40).astype(int)) if system.param_dim else []
    for k in some:
        name = system.param_names[k]
        if case.fixed(name):
            continue
        assert system.param(name) == system.params[k]
        assert system.layout.index(name) == k
        changed = system.with_params({name: 0.125 + system.params[k]})
        assert list(np.flatnonzero(changed.params != system.params)) == [k]
        assert changed.param(name) == 0.125 + system.params[k]
    by_array = {name: system.param(name) for name in system.layout.shapes}
    np.testing.assert_array_equal(system.with_params(by_array).params, system.params)


def test_scipys_solver_agrees_with_the_compiled_one(case, rng):
    """To a hundred times the tolerance over a few time constants; a map agrees with its formula, iterated."""
    _, y, u = case.draw(rng)
    system = case.system
    if system.kind == "map":
        states = [y]
        for k in range(int(case.span)):
            states.append(case.formula(system, float(k), states[-1], u))
        sol = simulate(system, case.span, y, inputs=u)
        np.testing.assert_allclose(sol.y.T, states, rtol=1e-9, atol=1e-9)
        return
    if METHODS[case.method].noisy:
        with pytest.raises(ValueError, match="`method` 'DOP853' ignores the noise"):
            simulate(system, case.span, y, inputs=u, method="DOP853")
        return
    compiled = simulate(system, case.span, y, inputs=u, **case.options())
    scipy = simulate(system, case.span, y, inputs=u, **case.options() | {"method": "DOP853"})
    assert {compiled.path, scipy.path} == {"host" if system.host else "compiled", "scipy"}
    np.testing.assert_allclose(compiled.final, scipy.final, rtol=1e-6, atol=1e-6)
    for mine, theirs in zip(compiled.t_events, scipy.t_events, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-6)


def test_a_python_input_gives_what_a_constant_gives(case, rng):
    """The same drivers run uncompiled, with the arithmetic of numpy: equal to rounding, which tolerances may amplify."""
    _, y, u = case.draw(rng)
    compiled = simulate(case.system, case.span, y, inputs=u, **case.options(), **seeded(case))
    host = simulate(case.system, case.span, y, inputs=lambda t: u, **case.options(), **seeded(case))
    assert host.path == "host"
    np.testing.assert_allclose(host.final, compiled.final, rtol=1e-6, atol=1e-6)


def test_a_member_of_an_ensemble_is_the_single_run(case, rng):
    """Bit for bit, wherever it stands."""
    _, y, u = case.draw(rng)
    span, options = case.span, case.options()
    single = simulate(case.system, span, y, inputs=u, **options, **seeded(case), save="final")
    ensemble = simulate_ensemble(
        case.system, span, np.stack([y, y + 0.25]), inputs=u, **options, **seeded(case), save="final"
    )
    assert single.success
    np.testing.assert_array_equal(ensemble.y[0], single.final)
    if not METHODS[case.method].noisy:  # noise differs from member to member
        single = simulate(case.system, span, y + 0.25, inputs=u, **options, save="final")
        np.testing.assert_array_equal(ensemble.y[1], single.final)
