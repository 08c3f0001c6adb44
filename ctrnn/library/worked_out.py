"""Circuits whose behaviour can be worked out with pencil and paper."""

from __future__ import annotations

import itertools
import math

import numpy as np

from ctrnn.library import measures
from ctrnn.library.circuits import Circuit, Figure, listed
from ctrnn.network import CTRNN
from ctrnn.sampling import centre_crossing
from neurodynamics import simulate
from neurodynamics.notices import quiet
from neurodynamics.validation import as_count, as_number

OFFSET = 3.83001609630908  # the root of d = 4 tanh(d/2)


@listed
def bistable_neuron(weight: float = 6.0) -> Circuit:
    """Return one neuron that excites itself (w > 4) and remembers: two stable states between two folds.

    Examples
    --------
    >>> from ctrnn import library
    >>> library.bistable_neuron(6.0).net.biases
    array([-3.])
    """
    w = as_number(weight, "weight")
    if w <= 4:
        raise ValueError(f"`weight` must exceed 4, where the two folds meet in a cusp; got {w:g}.")
    bias = -w / 2
    net = CTRNN([[w]], biases=bias)
    root = math.sqrt(w * (w - 4))
    shift, half = 2 * math.log((math.sqrt(w) + math.sqrt(w - 4)) / 2), root / 2
    folds = shift - w / 2 - half, -shift - w / 2 + half

    def ends_high(inputs: float, start: float) -> bool:
        return simulate(net, 2e4, [start], inputs=[inputs], rtol=1e-10, save="final").outputs[0, -1] > 0.5

    def measure() -> dict[str, float]:
        middle = -w / 2 - bias
        up = measures.threshold(lambda i: ends_high(i, middle - w), middle, folds[1] - bias + 1, 1e-7)
        down = measures.threshold(lambda i: ends_high(i, middle + 2 * w), folds[0] - bias - 1, middle, 1e-7)
        return {"left_fold": down + bias, "right_fold": up + bias}

    how = "input + bias at which a slow change of the input makes the neuron jump; closed form"
    return Circuit(
        "bistable_neuron",
        "Bistable neuron",
        net,
        "Beer (1995), On the dynamics of small continuous-time recurrent neural networks, Adaptive Behavior 3, 469",
        "Between the folds two stable states, one silent and one active; outside one.",
        (0.0,),
        (0.0, 20.0),
        {"left_fold": Figure(folds[0], 1e-6, f"{how}, downwards"), "right_fold": Figure(folds[1], 1e-6, f"{how}, upwards")},
        measure,
    )


@listed
def centre_crossing_pair(cross_weight: float = 8.0) -> Circuit:
    """Return an excitatory and an inhibitory neuron at their Hopf bifurcation, by the centre-crossing condition.

    Examples
    --------
    >>> from ctrnn import library
    >>> library.centre_crossing_pair(8.0).net.biases
    array([ 2., -6.])
    """
    v = as_number(cross_weight, "cross_weight", positive=True)
    net = centre_crossing(CTRNN([[4.0, -v], [v, 4.0]]))
    centre = -net.biases
    start = (float(centre[0]) + 1e-4, float(centre[1]))

    def measure() -> dict[str, float]:
        omega = measures.frequency(net, start, 40 * 2 * np.pi / (v / 4), level=float(centre[0]))
        speed = abs(net.rhs(0, centre)).max()
        return {"angular_frequency": omega, "output_1": net.outputs(centre)[0], "speed": speed}

    return Circuit(
        "centre_crossing_pair",
        "Centre-crossing pair",
        net,
        "Mathayomchan & Beer (2002), Center-crossing recurrent neural networks for the evolution of rhythmic behavior, "
        "Neural Computation 14, 2043",
        "An equilibrium with all outputs 1/2, where the Jacobian is W/4 - 1: a Hopf bifurcation for self-weights 4.",
        (float(centre[0]) + 1.0, float(centre[1])),
        (0.0, 50.0),
        {
            "angular_frequency": Figure(v / 4, 1e-6, "of small oscillations; closed form"),
            "output_1": Figure(0.5, 1e-14, "at the equilibrium; exact"),
            "speed": Figure(0.0, 1e-13, "of the state at the equilibrium; exact"),
        },
        measure,
    )


@listed
def bogdanov_takens_pair() -> Circuit:
    """Return two neurons at a Bogdanov-Takens point, where lines of folds, Hopf and homoclinic bifurcations meet.

    Examples
    --------
    >>> from ctrnn import library
    >>> net = library.bogdanov_takens_pair().net
    >>> net.biases.round(6)
    array([ 2.971184, -9.99647 ])
    """
    weights = np.array([[8.0, -8.0], [8.0, 8.0]])
    k = weights[0, 1] * weights[1, 0] / (weights[0, 0] * weights[1, 1])
    a = 1 + math.sqrt(k / (k - 1))
    slopes = np.array([a, 2 - a]) / np.diag(weights)
    x = np.log((1 - 2 * slopes + np.sqrt(1 - 4 * slopes)) / (2 * slopes))
    biases = x - weights @ (1 / (1 + np.exp(-x)))
    net = CTRNN(weights, biases=biases)
    equilibrium = x - biases

    def measure() -> dict[str, float]:
        jacobian = net.jac(0, equilibrium)
        return {
            "bias_1": net.biases[0], "bias_2": net.biases[1],
            "speed": abs(net.rhs(0, equilibrium)).max(),
            "trace": np.trace(jacobian), "determinant": np.linalg.det(jacobian),
        }  # fmt: skip

    return Circuit(
        "bogdanov_takens_pair",
        "Bogdanov-Takens pair",
        net,
        "closed form: both eigenvalues of the Jacobian vanish for slopes (1 +- sqrt(k/(k-1)))/w_ii, k = w12 w21/(w11 w22)",
        "An equilibrium with two zero eigenvalues.",
        tuple(map(float, equilibrium + 0.1)),
        (0.0, 100.0),
        {
            "bias_1": Figure(2.97118384, 5.1e-9, "closed form"),
            "bias_2": Figure(-9.99647003, 5.1e-9, "closed form"),
            "speed": Figure(0.0, 1e-13, "of the state at the equilibrium; exact"),
            "trace": Figure(0.0, 1e-13, "of the Jacobian there; exact"),
            "determinant": Figure(0.0, 1e-13, "of the Jacobian there; exact"),
        },
        measure,
    )


@listed
def odd_ring(n: int = 3) -> Circuit:
    """Return a ring of an odd number of neurons, each inhibiting the next, at its Hopf bifurcation.

    Examples
    --------
    >>> from ctrnn import library
    >>> library.odd_ring(5).net.state_dim
    5
    """
    n = as_count(n, "n", minimum=3)
    if n % 2 == 0:
        raise ValueError(f"`n` must be odd, an even ring settles; got {n}.")
    ring = np.roll(np.eye(n), 1, axis=0)
    critical, omega = 1 / math.cos(math.pi / n), math.tan(math.pi / n)
    net = CTRNN(-critical * ring, activation="tanh")
    mode = 1e-6 * np.cos(np.pi * (n - 1) / n * np.arange(n))
    start = (1e-4, *[0.0] * (n - 1))

    def grows(weight: float) -> bool:
        ends = simulate(net.replace(weights=-weight * ring), 300, mode, t_eval=[100, 300], rtol=1e-11, atol=1e-18).y
        return float(np.linalg.norm(ends[:, 1])) > float(np.linalg.norm(ends[:, 0]))

    def measure() -> dict[str, float]:
        settled = measures.settled(net, start, 60.0)
        return {
            "critical_weight": measures.threshold(grows, 0.9 * critical, 1.1 * critical, 1e-9),
            "angular_frequency": measures.frequency(net, settled, 40 * 2 * np.pi / omega),
        }

    return Circuit(
        "odd_ring",
        f"Ring of {n}",
        net,
        "closed form: the eigenvalues of the ring are -1 - w exp(2 pi i k/n)",
        "A Hopf bifurcation: below the critical weight everything dies out, above it a wave runs around the ring.",
        (1.0, *start[1:]),
        (0.0, 100.0),
        {
            "critical_weight": Figure(critical, 1e-7, "where small oscillations begin to grow; 1/cos(pi/n)"),
            "angular_frequency": Figure(omega, 1e-6, "of small oscillations there; tan(pi/n)"),
        },
        measure,
    )


@listed
def bistable_units(n: int = 3) -> Circuit:
    """Return n neurons that excite themselves and do not see each other: 2^n attractors, 3^n equilibria.

    Examples
    --------
    >>> from ctrnn import library
    >>> library.bistable_units(2).net.weights
    array([[8., 0.],
           [0., 8.]])
    """
    n = as_count(n, "n", minimum=1)
    net = CTRNN(8 * np.eye(n), biases=-4.0)

    def measure() -> dict[str, float]:
        corners = [4 + np.array(signs) for signs in itertools.product((-1.0, 1.0), repeat=n)]
        ends = np.array([measures.settled(net, corner, 50.0) for corner in corners])
        border = measures.threshold(lambda y: measures.settled(net, [y] * n, 200.0)[0] > 4, 0.0, 10.0, 1e-9)
        return {"attractors": len(np.unique(ends.round(6), axis=0)), "offset": float(ends.max()) - 4, "border": border}

    return Circuit(
        "bistable_units",
        f"{n} bistable units",
        net,
        "closed form: each unit settles at 4 +- d, d = 4 tanh(d/2)",
        "The basin of each attractor is an orthant with its corner at y = 4.",
        (4.5,) * n,
        (0.0, 20.0),
        {
            "attractors": Figure(2.0**n, 0.0, "different ends of runs from all orthants; exact"),
            "offset": Figure(OFFSET, 1e-9, "distance of the attractors' coordinates from 4; root of d = 4 tanh(d/2)"),
            "border": Figure(4.0, 1e-8, "where the first state must start to end high; exact"),
        },
        measure,
    )


@listed
def mutual_inhibition() -> Circuit:
    """Return two equal neurons that inhibit each other: the one that starts ahead wins.

    Examples
    --------
    >>> from ctrnn import library
    >>> library.mutual_inhibition().net.weights
    array([[ 0., -8.],
           [-8.,  0.]])
    """
    net = CTRNN([[0.0, -8.0], [-8.0, 0.0]], constant_inputs=4.0)

    def measure() -> dict[str, float]:
        rng = np.random.default_rng(1)
        starts = rng.uniform(-5, 5, (200, 2))
        ends = np.array([measures.settled(net, start, 50.0) for pair in starts for start in (pair, pair[::-1])])
        border = measures.threshold(lambda y: measures.settled(net, (1.0, y), 100.0)[1] > 0, -5.0, 5.0, 1e-9)
        return {"basin_fraction": float(np.mean(ends[:, 0] > 0)), "winner": float(ends.max()), "border": border}

    return Circuit(
        "mutual_inhibition",
        "Mutual inhibition",
        net,
        "closed form: attractors (d, -d) and (-d, d) with d = 4 tanh(d/2); the separatrix is y1 = y2",
        "Exactly two attractors; whichever neuron starts higher silences the other.",
        (0.1, 0.0),
        (0.0, 20.0),
        {
            "basin_fraction": Figure(0.5, 0.0, "share of 200 starts and their mirror images that neuron 1 wins; exact"),
            "winner": Figure(OFFSET, 1e-9, "state of the winner; root of d = 4 tanh(d/2)"),
            "border": Figure(1.0, 1e-8, "what neuron 2 must start above to win where neuron 1 starts at 1; exact"),
        },
        measure,
    )


@listed
def self_inhibition() -> Circuit:
    """Return one neuron that inhibits itself: it settles, and yet oscillates under coarse Euler steps.

    Examples
    --------
    >>> from ctrnn import library
    >>> library.self_inhibition().net.weights
    array([[-10.]])
    """
    net = CTRNN([[-10.0]])

    def measure() -> dict[str, float]:
        equilibrium = measures.settled(net, (0.0,), 50.0)
        with quiet():  # the step is coarse on purpose
            coarse = simulate(net, 1000, (0.0,), method="euler", dt=1.0).y[0, -2:]
        return {
            "equilibrium": float(equilibrium[0]),
            "largest_euler_step": net.max_stable_step("euler", equilibrium),
            "euler_cycle_low": float(coarse.min()),
            "euler_cycle_high": float(coarse.max()),
        }

    return Circuit(
        "self_inhibition",
        "Self-inhibition",
        net,
        "closed form: -y - 10 s(y) = 0; under Euler the multiplier is 1 - h (1 + 10 s'(y))",
        "A flow is not its discretisation: the only equilibrium is stable, and Euler with dt = 1 has a stable 2-cycle.",
        (0.0,),
        (0.0, 10.0),
        {
            "equilibrium": Figure(-1.6335062, 5.1e-8, "where a run ends"),
            "largest_euler_step": Figure(0.8450685, 5.1e-8, "from the Jacobian at the equilibrium"),
            "euler_cycle_low": Figure(-4.7950454, 5.1e-8, "forward Euler, dt = 1"),
            "euler_cycle_high": Figure(-0.0820278, 5.1e-8, "forward Euler, dt = 1"),
        },
        measure,
    )
