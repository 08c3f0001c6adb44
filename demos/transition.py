"""Random networks become chaotic as their gain grows: theory for infinitely many neurons, and networks of 300."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import largest_lyapunov_exponent, mean_field_lyapunov, plotting
from ctrnn import CTRNN


def random_network(gain: float, size: int, seed: int) -> CTRNN:
    """dx/dt = -x + J tanh(x) with weights of variance gain^2/N."""
    weights = gain * np.random.default_rng(seed).normal(size=(size, size)) / np.sqrt(size)
    return CTRNN(weights, activation="tanh")


def figure(size: int = 300, networks: int = 3, duration: float = 120.0) -> Figure:
    """The largest exponent over the gain, and the autocorrelation that the theory is made of."""
    gains = np.array([0.6, 0.9, 1.2, 1.5, 2.0, 2.5, 3.0])
    theory = [mean_field_lyapunov(gain) for gain in np.linspace(0.5, 3.2, 28)]
    measured = [
        [
            largest_lyapunov_exponent(random_network(gain, size, seed), duration=duration, rtol=1e-5, rng=seed)
            for seed in range(networks)
        ]
        for gain in gains
    ]
    fig = plt.figure(figsize=(12, 4.4), layout="constrained")
    left, right = fig.subplots(1, 2)
    plotting.plot_transition_to_chaos(theory, gains, measured, ax=left)
    left.legend(loc="upper left", frameon=False)
    left.set_title("finite networks stay below the theory")
    for number, gain in enumerate((1.2, 1.5, 2.0, 3.0)):
        plotting.plot_mean_field(mean_field_lyapunov(gain), color=plotting.series_color(number), ax=right)
    right.set_xlim(0, 60)
    right.set_title("autocorrelation, by the theory")
    right.legend(frameon=False)
    return fig
