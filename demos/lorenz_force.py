"""A random network is taught, in the closed loop, to make Lorenz's attractor by itself: FORCE learning."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import plotting
from ctrnn import CTRNN
from learning import force
from neurodynamics import discretise, models, simulate

DT, SPEED = 0.1, 0.03  # Euler's step; Lorenz's time in that of neurons: a turn lasts 25 of their time constants
SCALE, CENTRE = np.array([[14.0], [18.0], [16.0]]), np.array([[0.0], [0.0], [24.0]])


def target(steps: int) -> np.ndarray:
    """Return Lorenz's system (3, steps), about as large as outputs of neurons."""
    times = 50 + SPEED * DT * np.arange(steps)
    return (simulate(models.lorenz(), times[-1], [1.0, 1.0, 1.0], t_eval=times).y - CENTRE) / SCALE


def figure(units: int = 300, length: int = 30_000, shown: int = 30_000, seed: int = 0) -> Figure:
    """Outputs while learning, the closed loop afterwards, and how both return: maxima of z against the next ones."""
    rng = np.random.default_rng(seed)
    W = 0.8 / np.sqrt(units) * rng.normal(size=(units, units))
    biases, U = 0.5 * rng.normal(size=units), rng.uniform(-1, 1, (units, 3))
    net = CTRNN(W, biases, activation="tanh", input_weights=U)
    signal = target(length)
    forced = force(net, signal, dt=DT, ridge=1e-4, every=1, y0=rng.normal(size=units))
    loop = discretise(forced.network, "euler", DT)
    alone = forced.readout(loop.outputs_of_rows(simulate(loop, shown, forced.state).y.T.copy()).T)
    fig, axes = plt.subplots(1, 4, figsize=(15, 3.6), layout="constrained")
    forced.plot(ax=axes[0]).set(title="while it learns", xlim=(0, min(length, 4000)))
    for ax, path, title in ((axes[1], signal, "Lorenz's system"), (axes[2], alone, "the network, by itself")):
        ax.plot(path[0], path[2], color=plotting.series_color(0), linewidth=0.5)
        ax.set(title=title, xlabel="x", ylabel="z")
    for path, label, k in ((signal, "Lorenz's system", 1), (alone, "the network", 0)):
        top = path[2, 1:-1][(path[2, 1:-1] > path[2, :-2]) & (path[2, 1:-1] > path[2, 2:])]
        axes[3].plot(top[:-1], top[1:], ".", color=plotting.series_color(k), label=label, markersize=4)
    axes[3].set(xlabel="maximum of z", ylabel="next maximum", title="how they return")
    axes[3].legend(frameon=False)
    return fig
