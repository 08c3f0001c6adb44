"""Delays make a ring of two neurons oscillate, and one blood cell count chaotic."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import characteristic_roots, delayed_lyapunov_spectrum, plotting
from ctrnn import CTRNN
from neurodynamics import DelayedSystem, delayed, simulate

RING = CTRNN([[0.0, 2.0], [-2.0, 0.0]], activation="tanh")
CRITICAL = np.pi / (6 * np.sqrt(3))  # where roots cross at +-i sqrt(3)
TAU = 17.0


def mackey_glass(t, y, z, u, params, out):
    """Y' = beta z / (1 + z^n) - gamma y, with z = y(t - tau)."""
    beta, gamma, n = params
    out[0] = beta * z[0] / (1.0 + z[0] ** n) - gamma * y[0]


BLOOD = DelayedSystem(mackey_glass, 1, [(0, TAU)], {"beta": 0.2, "gamma": 0.1, "n": 10.0})


def figure(duration: float = 8000.0, shown: float = 1500.0) -> Figure:
    """Roots on both sides of the Hopf point and what follows from them; the attractor of Mackey and Glass."""
    fig = plt.figure(figsize=(13, 4.2), layout="constrained")
    roots, series, attractor = fig.subplots(1, 3, width_ratios=(1, 1.3, 1.2))
    for number, share in enumerate((0.8, 1.2)):
        ring = delayed(RING, share * CRITICAL)
        found = characteristic_roots(ring, [0.0, 0.0], count=8)
        color = plotting.series_color(number)
        plotting.plot_characteristic_roots(found, color=color, marker="os"[number], ax=roots)
        run = simulate(ring, 60, [0.3, 0.0])
        series.plot(run.t, run.y[0], color=color, linewidth=1.2, label=f"delay {share:g} of the critical one")
    roots.set_title("roots of the state of rest")
    series.set(xlabel="time", ylabel="state of neuron 0", ylim=(-0.8, 1.1))
    series.legend(loc="upper center", frameon=False)
    series.set_title("a ring of two neurons")

    spectrum = delayed_lyapunov_spectrum(BLOOD, [1.2], k=3, duration=duration, rtol=1e-6, rng=0)
    run = simulate(BLOOD, 500 + shown, [1.2], dense_output=True)
    times = np.linspace(500, 500 + shown, 6000)
    attractor.plot(run.sol(times)[0], run.sol(times - TAU)[0], color=plotting.series_color(2), linewidth=0.6)
    attractor.set(xlabel="y(t)", ylabel=f"y(t - {TAU:g})")
    error, value = spectrum.errors[0], spectrum.exponents[0]
    figures = f"exponent {value:.4f} ± {error:.4f}, dimension {spectrum.kaplan_yorke_dimension:.2f}"
    attractor.set_title(f"Mackey and Glass\n{figures}", fontsize="medium")
    return fig
