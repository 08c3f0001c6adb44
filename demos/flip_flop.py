"""A network learns to remember three bits; all its fixed points are then counted, with proof."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import fixed_points, plotting
from ctrnn import CTRNN
from learning import Trial, losses, train
from neurodynamics import Sampled, simulate

LEVEL = 0.8


def trials(rng: np.random.Generator, count: int, length: int = 40, pulses: float = 0.12) -> list[Trial]:
    """Return trials: pulses of +-1 on three inputs, each to be remembered by the output of its neuron."""
    made = []
    for _ in range(count):
        x = np.where(rng.uniform(size=(3, length + 1)) < pulses, rng.choice([-1.0, 1.0], (3, length + 1)), 0.0)
        x[:, 0] = rng.choice([-1.0, 1.0], 3)
        last = np.maximum.accumulate(np.where(x != 0, np.arange(length + 1), 0), axis=1)
        bits = np.take_along_axis(x, last, axis=1)
        made.append(Trial(LEVEL * bits[:, :-1].T, times=np.arange(1, length + 1), inputs=Sampled(np.arange(length + 1), x)))
    return made


def figure(steps: int = 400, seed: int = 1) -> Figure:
    """A trial, the loss, and the fixed points before, while and after it learns."""
    rng = np.random.default_rng(seed)
    net = CTRNN(0.5 * rng.normal(size=(3, 3)), input_weights=rng.normal(size=(3, 3)), activation="tanh", time_constants=0.5)
    fit = train(net, lambda rng: trials(rng, 6), losses.MeanSquare(), params=["weights", "biases", "input_weights"],
                steps=steps, rate=lambda k: 0.05 * 0.995**k, clip=1.0, dt=0.25, integrator="heun", rng=1,
                keep=8)  # fmt: skip
    fig = plt.figure(figsize=(14, 5), layout="constrained")
    grid = fig.add_gridspec(6, 3, width_ratios=(1.4, 1.4, 1))
    (test,) = trials(rng, 1, length=60)
    sol = simulate(fit.network, 60, np.zeros(3), inputs=test.inputs)
    for k in range(3):
        ax = fig.add_subplot(grid[2 * k : 2 * k + 2, 0])
        ax.plot(test.times, np.asarray(test.targets)[:, k], color="#b8b8b8", linewidth=3, label="bit")
        ax.plot(sol.t, sol.outputs[k], color=plotting.series_color(k), label="output")
        ax.plot(sol.t, sol.input_values[k], color="black", linewidth=0.6, label="input")
        ax.set(ylim=(-1.2, 1.2), ylabel=f"bit {k}", xlabel="time" if k == 2 else "")
        if k == 0:
            ax.set_title("what it has learned", loc="right")
            ax.legend(frameon=False, ncols=3, fontsize="small", loc="lower left", bbox_to_anchor=(0.0, 1.1))
    fit.plot(ax=fig.add_subplot(grid[:3, 1])).set(title="learning", xlabel="")
    plotting.plot_learned_fixed_points(fit, ax=fig.add_subplot(grid[3:, 1]))
    space = fig.add_subplot(grid[:, 2], projection="3d")
    for system, marker, word in ((net, "^", "before"), (fit.network, "o", "after")):
        points = fixed_points(system)
        outputs = np.array([system.outputs(x) for x in points.x])
        stable = np.asarray(points.stable)
        for which, filled in ((stable, True), (~stable, False)):
            kind = "stable" if filled else "unstable"
            colour = plotting.series_color(0 if word == "after" else 1)
            if which.any():
                space.scatter(*outputs[which].T, marker=marker, s=40 if filled else 14, color=colour,
                              facecolors=colour if filled else "none",
                              label=f"{which.sum()} {kind} {word}")  # fmt: skip
    space.set(xlabel="bit 0", ylabel="bit 1", zlabel="bit 2", title="all fixed points, certified")
    space.legend(frameon=False, fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.02))
    return fig
