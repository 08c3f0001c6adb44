"""Temporal XOR: every third bit is the exclusive or of the two before; Elman's network finds out which."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import plotting
from learning import Trial, losses, train
from neurodynamics import Sampled
from recurrent import Elman, run


def bits(rng: np.random.Generator, triples: int) -> np.ndarray:
    """Return two random bits and their exclusive or, again and again."""
    pairs = rng.integers(0, 2, (triples, 2))
    return np.column_stack([pairs, pairs[:, 0] ^ pairs[:, 1]]).ravel().astype(float)


def trial(rng: np.random.Generator, triples: int = 60) -> list[Trial]:
    """Return one run through a stream of bits, of which the next is to be predicted."""
    x = bits(rng, triples)
    return [Trial(x[1:], inputs=Sampled(np.arange(x.size), x[np.newaxis]))]


def figure(steps: int = 3000, units: int = 8, seed: int = 0) -> Figure:
    """The loss; errors at the three places of a triple; hidden states before the bit that can be known."""
    rng = np.random.default_rng(seed)
    net = Elman(rng.normal(size=(units, units)) / np.sqrt(units), rng.normal(size=(units, 1)), rng.normal(size=(1, units)),
                rng.normal(size=units), activation="tanh", output_activation="linear")  # fmt: skip
    fit = train(net, trial, losses.CrossEntropy(), steps=steps, clip=1.0, rng=seed,
                rate=lambda k: 0.01 * (1 + np.cos(np.pi * k / steps)))  # fmt: skip
    fig, axes = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    fit.plot(ax=axes[0]).axhline(2 / 3 * np.log(2), color="#888888", linewidth=0.8)
    axes[0].set(title="learning; line: all that can be known")
    x = bits(rng, 1000)
    y = run(fit.network, x[np.newaxis, :-1])
    said = 1 / (1 + np.exp(-fit.network.outputs_of_rows(y.T.copy())[:, 0]))
    error = np.abs(said - x[1:])
    mean = [error[60 + place :: 3].mean() for place in range(3)]  # of the second bit, the third, the first of the next
    axes[1].bar(["first", "second", "third"], [mean[2], mean[0], mean[1]], color=plotting.series_color(0))
    axes[1].set(xlabel="bit of a triple", ylabel="mean error", title="two of three are a coin")
    known = y[:, 61::3]
    plane = np.linalg.svd(known - known.mean(axis=1, keepdims=True))[0][:, :2].T @ known
    pairs = 2 * x[60:-1:3] + x[61::3]
    for k in range(4):
        axes[2].plot(*plane[:, pairs[: plane.shape[1]] == k], ".", color=plotting.series_color(k), markersize=3,
                     label=f"{k // 2}{k % 2}: {(k // 2) ^ (k % 2)} is next")  # fmt: skip
    axes[2].set(xlabel="first principal axis", ylabel="second", title="hidden states after two bits")
    axes[2].legend(frameon=False, markerscale=3)
    return fig
