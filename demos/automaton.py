"""A finite automaton in a network of sigmoid units: bistable above strength 4, right for ever above 6."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import plotting
from recurrent import random_automaton, run_string, tomita


def figure(length: int = 60, strengths: int = 40, states: int = 20) -> Figure:
    """Fixed points of one unit over its strength; activities along a string; errors over the strength."""
    fig, axes = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    x = np.linspace(0.001, 0.999, 2000)
    strength = np.log(x / (1 - x)) / (x - 0.5)
    stable = strength * x * (1 - x) < 1
    axes[0].plot(np.where(stable, strength, np.nan), x, color=plotting.series_color(0), label="stable")
    axes[0].plot(np.where(stable, np.nan, strength), x, "--", color="#888888", label="unstable")
    axes[0].plot([3, 4], [0.5, 0.5], color=plotting.series_color(0))
    axes[0].plot([4, 8], [0.5, 0.5], "--", color="#888888")
    axes[0].set(xlim=(3, 8), xlabel="strength H", ylabel="fixed points of x' = s(H x - H/2)", title="pitchfork at H = 4")
    axes[0].legend(frameon=False)

    grammar, symbols = tomita(5), np.random.default_rng(1).integers(0, 2, length)
    run = run_string(grammar.encode(8.0), grammar.start_state(), symbols)
    axes[1].imshow(run, aspect="auto", cmap="viridis", vmin=0, vmax=1, interpolation="nearest")
    axes[1].set(xlabel="symbols read", yticks=range(len(run)), title="Tomita 5 at H = 8, unit by unit")
    axes[1].set_yticklabels([f"state {q}" for q in range(len(run) - 1)] + ["accepts"])

    automaton = random_automaton(states, rng=3)
    symbols = np.random.default_rng(2).integers(0, 2, 300)
    right = automaton.accepting[automaton.run(symbols)]
    H = np.linspace(4, 8, strengths)
    errors = [np.mean((run_string(automaton.encode(h), automaton.start_state(), symbols)[-1] > 0.5) != right) for h in H]
    axes[2].plot(H, errors, ".-", color=plotting.series_color(1))
    axes[2].axvspan(5.5, 6.75, color="#cccccc", alpha=0.5, label="published smallest H")
    axes[2].set(xlabel="strength H", ylabel="share of wrong answers", title=f"a random automaton of {states} states")
    axes[2].legend(frameon=False)
    return fig
