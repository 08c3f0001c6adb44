"""Grossberg's competition: the signal function decides whether a pattern is kept, sharpened or lost."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import plotting
from neurodynamics import Pulse, simulate
from recurrent import Feedback, Shunting, may_leonard

CASES = {
    "linear: the pattern is kept": Feedback(),
    "faster than linear: the winner takes all": Feedback.faster_than_linear(2.0),
    "slower than linear: all become equal": Feedback.slower_than_linear(2.0, 0.5),
    "sigmoid: what is weak is quenched": Feedback.sigmoid(2.0, 0.25),
}
INPUTS = np.array([0.1, 0.2, 0.3, 0.4])


def ring(units: int, width: float, strength: float) -> np.ndarray:
    """Return a kernel on a ring, normal in the distance."""
    distance = np.abs(np.arange(units) - units / 2)
    return strength * np.array([np.roll(np.exp(-((distance / width) ** 2)), k - units // 2) for k in range(units)])


def figure(duration: float = 30.0, units: int = 60, travel: float = 40.0) -> Figure:
    """Short-term memory of one pattern under four signals; a travelling wave; May and Leonard's list without end."""
    fig, axes = plt.subplots(2, 3, figsize=(13, 7), layout="constrained")
    for ax, (title, signal) in zip(axes.flat, CASES.items(), strict=False):
        net = Shunting(4, decay=1.0, upper=3.0, feedback=signal)
        inputs = [Pulse(0.0, 1.0, float(x)) for x in 2 * INPUTS] + [0.0] * 4
        sol = simulate(net, duration, np.zeros(4), inputs=inputs)
        for k in range(4):
            ax.plot(sol.t, sol.y[k], color=plotting.series_color(k), label=f"input {INPUTS[k]:g}")
        ax.axvspan(0, 1, color="#dddddd", label="inputs on")
        ax.set(xlabel="time", ylabel="activity", title=title)
    axes[0, 0].set(ylim=(-0.06, 1.75))
    axes[0, 0].legend(frameon=False, ncols=2, loc="upper right")

    shifted = np.roll(ring(units, 3.0, 1.0), 1, axis=0)  # each unit excites those ahead of it
    wave = Shunting(decay=1.0, upper=1.0, feedback=Feedback.sigmoid(4.0, 0.1), excitation=shifted,
                    inhibition=1.6 * np.ones((units, units)))  # fmt: skip
    start = np.exp(-(((np.arange(units) - 10) / 3.0) ** 2))
    t = np.linspace(0, travel, 300)
    y = simulate(wave, travel, start, t_eval=t).y
    axes[1, 1].imshow(y, aspect="auto", origin="lower", extent=(0, travel, 0, units), cmap="magma",
                      vmax=float(y[:, len(t) // 2 :].max()))  # fmt: skip
    axes[1, 1].set(xlabel="time", ylabel="place on the ring", title="a travelling wave")

    t = np.linspace(0, 300, 3000)
    sol = simulate(may_leonard(0.8, 1.3), 300.0, [0.34, 0.32, 0.3], t_eval=t, rtol=1e-10, atol=1e-14)
    for k in range(3):
        axes[1, 2].plot(t, sol.y[k], color=plotting.series_color(k), label=f"item {k + 1}")
    axes[1, 2].legend(frameon=False, loc="upper left")
    axes[1, 2].set(xlabel="time", ylabel="activity", title="a list that is recited ever more slowly")
    return fig
