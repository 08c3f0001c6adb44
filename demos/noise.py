"""Memories with noise: states come as often as exp(-E / T) says, are forgotten at Kramers' rate, and modes jump."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis import plotting
from hopfield import AdditiveNetwork, GradedHopfield, Langevin, MarkovJump, escape_rate, simulate, simulate_ensemble

NET = GradedHopfield([[1.0]], gain=2.0)  # one unit that holds itself: two minima, a barrier of 0.163
MINIMUM = NET.recall([1.0]).states[0]
BLUE, ORANGE = plotting.series_color(0), plotting.series_color(1)
MODES = (1.0, -3.0)  # dx = x dt, or -3 x dt


def figure(members: int = 4000, duration: float = 300.0, ratios: tuple[float, ...] = (3.0, 4.0, 5.0, 6.0)) -> Figure:
    """A path between two minima and the law that it samples; rates of escape; a system that decays and grows."""
    fig = plt.figure(figsize=(9.5, 5.6), layout="constrained")
    axes = fig.subplots(2, 2, width_ratios=(1.6, 1))
    _path(axes[0, 0], axes[0, 1], members, duration)
    _rates(axes[1, 1], members, ratios)
    _jumps(axes[1, 0])
    return fig


def _path(left: Axes, right: Axes, members: int, duration: float) -> None:
    flow = Langevin(NET, 0.05)
    run = simulate(flow, duration, [0.9], dt=0.02, rng=1)
    left.plot(run.t, run.y[0], color=BLUE, linewidth=0.6)
    left.set(xlabel="time", ylabel="output V", title="a memory of two states with noise")
    starts = np.linspace(-0.99, 0.99, members)[:, np.newaxis]
    ends = simulate_ensemble(flow, 30.0, starts, dt=0.02, rng=2, save="final").y[:, 0]
    v = np.linspace(-1, 1, 401)
    density = np.exp(flow.log_density(v[:, np.newaxis]))
    right.hist(ends, bins=40, range=(-1, 1), density=True, color=BLUE, alpha=0.35, label="members")
    right.plot(v, density / np.trapezoid(density, v), color="#222222", label="exp(-E / T)")
    right.set(xlabel="output V", ylabel="density", title="in the long run")
    right.legend(frameon=False)


def _rates(ax: Axes, members: int, ratios: tuple[float, ...]) -> None:
    """Kramers' formula, and the decay of the mean sign of members that start in one well."""
    measured, theory = [], []
    barrier = escape_rate(Langevin(NET, 1.0), MINIMUM, [0.0]).barrier
    for ratio in ratios:
        flow = Langevin(NET, barrier / ratio)
        theory.append(escape_rate(flow, MINIMUM, [0.0]).rate)
        times = np.array([5.0, 5.0 + 0.4 / theory[-1]])
        starts = np.full((members, 1), NET.outputs(MINIMUM)[0])
        y = simulate_ensemble(flow, times[-1], starts, dt=0.05, rng=3, t_eval=times).y[:, 0]
        signs = np.sign(y).mean(axis=0)
        measured.append(np.log(signs[0] / signs[1]) / (2 * np.diff(times)[0]))
    ax.semilogy(ratios, theory, color="#222222", label="Kramers")
    ax.semilogy(ratios, measured, "o", color=ORANGE, label="simulated")
    ax.set(xlabel="barrier / T", ylabel="rate of escape", title="how fast it forgets")
    ax.legend(frameon=False)


def _jumps(ax: Axes) -> None:
    modes = [AdditiveNetwork([[0.0]], leaks=-rate, activation="linear") for rate in MODES]
    net = MarkovJump(modes, [[-2.0, 2.0], [2.0, -2.0]])
    run, exponents = net.run(12.0, np.ones((40, 1)), dt=0.005, rng=4), net.exponents()
    plotting.plot_jump_run(run, ax=ax, color=BLUE, linewidth=0.4)
    ax.plot(run.t, np.exp(exponents.almost_sure * run.t), color="#222222", label="almost surely")
    ax.plot(run.t, np.exp(exponents.mean_square / 2 * run.t), color=ORANGE, label="root mean square")
    ax.set(yscale="log", ylabel="x", title="modes that jump: paths decay, their mean square grows")
    ax.legend(frameon=False, fontsize="small", loc="lower left")
