"""A history compressor: twenty symbols between cause and effect are none for a level that hears surprises only."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import plotting
from learning import Trial, losses, train
from neurodynamics import Sampled
from recurrent import Elman, HistoryCompressor, Predictor, one_hot

LAG, SYMBOLS = 20, 22  # a or x, then b1 .. b20, which are always the same


def record(first: int) -> list[int]:
    """Return a record: what comes first, 0 or 1, comes again after twenty symbols."""
    return [first, *range(2, SYMBOLS), first]


def trial(rng: np.random.Generator) -> list[Trial]:
    """Return one record, of which each symbol is to be predicted from those before."""
    symbols = record(int(rng.integers(2)))
    return [Trial(symbols[1:], inputs=Sampled(np.arange(LAG + 2), one_hot(symbols, SYMBOLS)))]


def figure(records: int = 60, steps: int = 1000, units: int = 10, seed: int = 0) -> Figure:
    """Which symbols reach which level; mistakes at the last symbol; a network of one level, by gradients."""
    fig, axes = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    firsts = np.random.default_rng(seed).integers(0, 2, records).tolist()
    for count in (1, 2):
        machine = HistoryCompressor([Predictor.last_symbol(SYMBOLS) for _ in range(count)])
        reached, wrong = np.zeros((records, LAG + 2)), np.zeros(records)
        for k, first in enumerate(firsts):
            history = machine.compress(record(first))
            for level, events in enumerate(history.events):
                reached[k, [time for time, _ in events]] = level
            wrong[k] = reached[k, -1] == count
        axes[1].step(np.arange(records), np.cumsum(wrong), color=plotting.series_color(count - 1),
                     label=f"{count} level{'s' * (count > 1)}")  # fmt: skip
    axes[0].imshow(reached, cmap="Greys", aspect="auto", vmin=0, vmax=2)
    axes[0].set(xlabel="symbol of the record", ylabel="record", title="surprises: of one level, and of both")
    axes[1].set(xlabel="records read", ylabel="mistakes so far", title="the last symbol: two levels know")
    axes[1].legend(frameon=False)
    rng = np.random.default_rng(seed)
    net = Elman(rng.normal(size=(units, units)) / np.sqrt(units), rng.normal(size=(units, SYMBOLS)),
                rng.normal(size=(SYMBOLS, units)), activation="tanh", output_activation="linear")  # fmt: skip
    fit = train(net, trial, losses.CrossEntropy(), steps=steps, rate=0.01, clip=1.0, rng=seed)
    fit.plot(ax=axes[2]).axhline(np.log(2) / (LAG + 1), color="black", linewidth=0.8)  # a coin at the end
    axes[2].set(xlabel="records read", title="one network, back through time")
    return fig
