"""Chaos in three neurons, measured: the attractor, its exponents with their errors, and how neighbours part."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import finite_time_lyapunov, lyapunov_spectrum, plotting
from ctrnn import library, simulate

CIRCUIT = library.load("three_neuron_chaos")


def figure(duration: float = 20_000.0, shown: float = 1500.0) -> Figure:
    """The attractor coloured by the growth over the next 20 units of time; the convergence of the exponents."""
    spectrum = lyapunov_spectrum(CIRCUIT.net, CIRCUIT.y0, duration=duration, rng=0)
    run = simulate(CIRCUIT.net, shown, spectrum.y, t_eval=np.linspace(0, shown, 4000))
    growth = finite_time_lyapunov(CIRCUIT.net, run.y.T, 20.0).largest

    fig = plt.figure(figsize=(12, 5), layout="constrained")
    space, convergence = fig.add_subplot(1, 2, 1, projection="3d"), fig.add_subplot(1, 2, 2)
    points = space.scatter(*run.outputs, c=growth, s=1.5, cmap="viridis", rasterized=True)
    space.set(xlabel="output of neuron 0", ylabel="output of neuron 1", zlabel="output of neuron 2")
    space.set_title("where neighbours part")
    fig.colorbar(points, ax=space, label="largest exponent over the next 20 units of time", shrink=0.7)

    plotting.plot_lyapunov_spectrum(spectrum, ax=convergence)
    convergence.set_ylim(-0.6, 0.1)
    checks = f"sum less mean trace {spectrum.trace_error:.0e}, zero exponent {spectrum.zero_error:.0e}"
    convergence.set_title(f"dimension {spectrum.kaplan_yorke_dimension:.3f}\n{checks}", fontsize="medium")
    return fig
