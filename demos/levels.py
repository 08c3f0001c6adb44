"""Levels of time: fast and slow groups of neurons, networks stacked upwards, and a history of surprises."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import lyapunov_spectrum, plotting
from ctrnn import CTRNN
from neurodynamics import simulate
from recurrent import HistoryCompressor, Predictor, hierarchical, multiple_timescales

TAU = {"fast": 1.0, "middle": 8.0, "slow": 60.0}


def figure(duration: float = 300.0, records: int = 60, size: int = 4) -> Figure:
    """Traces of three groups; exponents of a stack and of its lowest level alone; mistakes of cascades."""
    fig, axes = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    groups, links = {name: 20 for name in TAU}, [*((name, name) for name in TAU), ("slow", "middle"), ("middle", "fast")]
    net = multiple_timescales(groups, TAU, links, gain=4.0, rng=3)
    t = np.linspace(0, duration, 1200)
    y = simulate(net, duration, np.random.default_rng(1).normal(size=60), t_eval=t).y
    for k in range(len(TAU)):
        trace = y[20 * k : 20 * k + 2].T
        axes[0].plot(t, trace / np.abs(trace).max() / 2.3 - k, linewidth=0.9, color=plotting.series_color(k))
    axes[0].set(xlabel="time", title="the slow drive the middle, the middle the fast")
    axes[0].set_yticks([0, -1, -2], [f"{name}\ntau {tau:g}" for name, tau in TAU.items()])

    rng = np.random.default_rng(7)
    levels = [CTRNN(2.5 * rng.normal(size=(size, size)), rng.normal(size=size), activation="tanh") for _ in range(2)]
    whole = hierarchical(levels, [rng.normal(size=(size, size))])
    start = rng.normal(size=2 * size)
    spectra = {"the whole stack": lyapunov_spectrum(whole, start, duration=duration, rng=0),
               "lowest level alone": lyapunov_spectrum(levels[0], start[:size], duration=duration, rng=0)}  # fmt: skip
    for k, spectrum in enumerate(spectra.values()):
        axes[1].plot(np.full(len(spectrum.exponents), 1 - k), spectrum.exponents, "_", markersize=40, markeredgewidth=2,
                     color=plotting.series_color(k))  # fmt: skip
    axes[1].set_xticks([1, 0], list(spectra))
    axes[1].set(xlim=(-0.6, 1.6), ylabel="Lyapunov exponents (1/time)", title="what is below does not feel what is above")

    firsts = rng.integers(0, 2, records)
    for k in range(3):
        machine, wrong = HistoryCompressor([Predictor.last_symbol(24) for _ in range(k + 1)]), []
        for first in firsts.tolist():
            history = machine.compress([22, first, *range(2, 22), first])
            wrong.append(any(time == 22 for time, _ in history.events[-1]))
        axes[2].step(np.arange(records), np.cumsum(wrong), color=plotting.series_color(k), linewidth=[3, 2, 1][k],
                     label=f"{k + 1} level{'s' * (k > 0)}")  # fmt: skip
    axes[2].set(xlabel="records read", ylabel="mistakes so far", title="21 symbols back: a cascade knows")
    axes[2].legend(frameon=False)
    return fig
