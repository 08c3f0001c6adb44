"""Circuits from the literature, with the figures that were published or computed for them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ctrnn.library import measures
from ctrnn.library.circuits import Circuit, Figure, listed
from ctrnn.network import CTRNN
from neurodynamics import simulate
from neurodynamics.validation import as_count, as_generator, as_number

BEER = "Beer (1995), On the dynamics of small continuous-time recurrent neural networks, Adaptive Behavior 3, 469"
MEAN_FIELD = {1.5: 0.04675, 2.0: 0.11246, 3.0: 0.23546}  # largest exponents for N -> infinity


@listed
def two_neuron_oscillator() -> Circuit:
    """Return Beer's two neurons with one limit cycle around one equilibrium.

    Examples
    --------
    >>> from ctrnn import library
    >>> library.two_neuron_oscillator().figures["period"].value
    28.9999078994859
    """
    net = CTRNN([[4.5, 1.0], [-1.0, 4.5]], biases=[-2.75, -1.75])
    start = (-0.084000643, -0.408035109)

    def measure() -> dict[str, float]:
        centre = simulate(net, (0, -300), (2.7, 1.7), rtol=1e-12, atol=1e-14, save="final").final
        mode = np.linalg.eigvals(net.jac(0, centre))[0]
        euler = simulate(net, 250, start, method="euler", dt=0.01, t_eval=[50, 250]).outputs
        return {
            **measures.oscillation(net, (0, 0), transient=500, level=2.75, longest=40),
            "equilibrium_1": centre[0], "equilibrium_2": centre[1],
            "growth_rate": mode.real, "angular_frequency": abs(mode.imag),
            "euler_output_1_at_50": euler[0, 0], "euler_output_2_at_50": euler[1, 0],
            "euler_output_1_at_250": euler[0, 1], "euler_output_2_at_250": euler[1, 1],
        }  # fmt: skip

    euler = "forward Euler, dt = 0.01, as in Beer's programs, from y = (-0.084000643, -0.408035109)"
    return Circuit(
        "two_neuron_oscillator",
        "Two-neuron oscillator",
        net,
        BEER,
        "A stable limit cycle around the only equilibrium, an unstable spiral.",
        (0.0, 0.0),
        (0.0, 250.0),
        {
            "period": Figure(28.9999078994859, 1e-8, "time between two upward crossings of y1 = 2.75 on the cycle"),
            "lowest_output": Figure(0.18905638, 1e-8, "least output of either neuron on the cycle"),
            "highest_output": Figure(0.81094362, 1e-8, "largest output of either neuron on the cycle"),
            "equilibrium_1": Figure(2.75, 1e-9, "where the run backwards in time ends; exact"),
            "equilibrium_2": Figure(1.75, 1e-9, "the same"),
            "growth_rate": Figure(0.125, 1e-9, "real part of the eigenvalues there; exact"),
            "angular_frequency": Figure(0.25, 1e-9, "imaginary part of the eigenvalues there; exact"),
            "euler_output_1_at_50": Figure(0.7937701, 5.1e-8, euler),
            "euler_output_2_at_50": Figure(0.4131848, 5.1e-8, euler),
            "euler_output_1_at_250": Figure(0.8027476, 5.1e-8, euler),
            "euler_output_2_at_250": Figure(0.6339193, 5.1e-8, euler),
        },
        measure,
    )


@listed
def three_neuron_chaos() -> Circuit:
    """Return Beer's three neurons with a strange attractor.

    Examples
    --------
    >>> from ctrnn import library
    >>> library.three_neuron_chaos().net.time_constants
    array([1. , 2.5, 1. ])
    """
    weights = np.array([[5.422, -0.018, 2.75], [-0.24, 4.59, 1.21], [0.535, -2.25, 3.885]])
    net = CTRNN(weights, biases=[-4.108, -2.787, -1.114], time_constants=[1.0, 2.5, 1.0])

    def measure() -> dict[str, float]:
        turned = simulate(net.replace(weights=weights.T), 500, net.state_dim * (0.1,), rtol=1e-10, save="final").final
        spectrum = measures.exponents(net, (0.1, 0.1, 0.1), transient=500, duration=3e5)
        return spectrum | {f"transposed_equilibrium_{i + 1}": float(turned[i]) for i in range(3)}

    turned = "with the weights transposed, the mistake that is easily made: one attracting equilibrium"
    return Circuit(
        "three_neuron_chaos",
        "Three-neuron chaos",
        net,
        f"{BEER}, figure 9D",
        "A strange attractor: one positive exponent, Kaplan-Yorke dimension 2.021.",
        (0.1, 0.1, 0.1),
        (0.0, 500.0),
        {
            "largest_exponent": Figure(0.0097, 6e-4, "growth of a tangent vector over 300 000 time units"),
            "sum_of_exponents": Figure(-0.4563, 2.5e-3, "mean trace of the Jacobian over the same time"),
            "transposed_equilibrium_1": Figure(0.6637596, 1e-6, turned),
            "transposed_equilibrium_2": Figure(-2.0585909, 1e-6, turned),
            "transposed_equilibrium_3": Figure(3.7098977, 1e-6, turned),
        },
        measure,
    )


@listed
def random_network(n: int = 400, gain: float = 3.0, rng: Any = 1) -> Circuit:
    """Return ``x' = -x + J tanh(x)`` with J_ij normal of variance gain^2/n and no self-connections.

    Examples
    --------
    >>> from ctrnn import library
    >>> library.random_network(20, gain=1.5).net.state_dim
    20
    """
    n, g = as_count(n, "n", minimum=2), as_number(gain, "gain", positive=True)
    rng = as_generator(rng)
    weights = rng.normal(0.0, g / math.sqrt(n), (n, n))
    np.fill_diagonal(weights, 0.0)
    net = CTRNN(weights, activation="tanh")
    start = rng.normal(size=n)
    figures = {"sum_of_exponents": Figure(-float(n), 1e-9 * n, "mean trace of the Jacobian; exact without self-connections")}
    if g in MEAN_FIELD:
        how = "growth of a tangent vector; mean-field theory for n to infinity, 0.01 to 0.06 more than 400 neurons have"
        figures["largest_exponent"] = Figure(MEAN_FIELD[g], 1.5 / math.sqrt(n), how)
    return Circuit(
        "random_network",
        f"Random network of {n}",
        net,
        "Sompolinsky, Crisanti & Sommers (1988), Chaos in random neural networks, Phys. Rev. Lett. 61, 259",
        "Quiet for gains below 1, chaotic above, for large networks.",
        tuple(map(float, start)),
        (0.0, 100.0),
        figures,
        lambda: measures.exponents(net, start, transient=50, duration=200),
    )
