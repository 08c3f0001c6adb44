"""Memory machines: a tape in a matrix, a stack of real lengths, and two numbers that are a Turing machine until bits end."""

from fractions import Fraction

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import plotting
from recurrent import NeuralTuringMachine, counter_network, run
from recurrent.stacks import contents, push


def figure(bits: int = 30, symbols: int = 50, pairs: int = 20) -> Figure:
    """Heads of the copy machine; the stack of a^n b^n; bits of a stack that come back, exactly and in double precision."""
    fig, axes = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    rng = np.random.default_rng(0)
    machine, given = NeuralTuringMachine.copying(bits + 1), np.zeros((3, 2 * bits))
    given[0, :bits], given[1, :bits], given[2, bits:] = rng.integers(0, 2, bits), 1, 1
    states = run(machine, given, machine.blank())
    rows = machine.rows
    heads = states[1 + rows : 1 + 2 * rows] - states[1 : 1 + rows]
    axes[0].imshow(heads, aspect="auto", origin="lower", cmap="coolwarm", vmin=-1, vmax=1)
    axes[0].text(bits / 2, bits * 0.75, "writes", color="#b40426", ha="right")
    axes[0].text(bits * 1.75, bits * 0.5, "reads", color="#3b4cc0", ha="right")
    axes[0].set(xlabel="step", ylabel="row of the memory", title=f"a neural Turing machine copies {bits} bits")

    net, string = counter_network(), [0] * pairs + [1] * pairs
    depth = [net.run(string[:k])[1].length for k in range(len(string) + 1)]
    axes[1].plot(depth, ".-", color=plotting.series_color(0), label=f"a^{pairs} b^{pairs}")
    axes[1].plot([net.run(string[:k] if k < 25 else [*string[:25], 0])[1].length for k in range(27)], "x",
                 color=plotting.series_color(1), label="an a among the b's")  # fmt: skip
    axes[1].set(xlabel="symbols read", ylabel="length of the stack", title="a pushdown network counts")
    axes[1].legend(frameon=False)

    counts = np.arange(1, symbols + 1)
    for k, (number, name) in enumerate(((Fraction, "fractions"), (float, "double precision"))):
        back = []
        for count in counts:
            word, stack = rng.integers(0, 2, count).tolist(), number(0)
            for bit in reversed(word):
                stack = push(stack, bit)
            got = contents(stack)
            same = np.cumprod([a == b for a, b in zip(word, got, strict=False)])
            back.append(int(same.sum()))
        axes[2].plot(counts, back, ".-" if k else "-", color=plotting.series_color(k), label=name)
    axes[2].set(xlabel="bits pushed on one number", ylabel="bits that come back", title="a stack in a number")
    axes[2].legend(frameon=False)
    return fig
