"""Ten thousand random networks in a second, sorted by what they do in the long run: rest, oscillate, or something else."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis.plotting import series_color
from ctrnn import CTRNN, simulate_ensemble

NEURONS, WEIGHT, TAU = 4, 16.0, (0.5, 5.0)
TRANSIENT, WINDOW, POINTS, DT = 200.0, 150.0, 301, 0.05
STILL = 0.01  # outputs that range over less than this rest
REPEATS = 0.97  # correlation of an output with itself one period later
KINDS = ("rest", "oscillation", "other")
EXAMPLES = 4


def population(members: int, centred: bool, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Random parameters; centred networks have biases that put every neuron into the middle of its range."""
    weights = rng.uniform(-WEIGHT, WEIGHT, (members, NEURONS, NEURONS))
    biases = -weights.sum(axis=2) / 2 if centred else rng.uniform(-WEIGHT, WEIGHT, (members, NEURONS))
    return {"weights": weights, "biases": biases, "time_constants": rng.uniform(*TAU, (members, NEURONS))}


def sort(outputs: np.ndarray) -> np.ndarray:
    """Return the kind, 0, 1 or 2, of each member from its outputs (B, N, T) after the transient."""
    spread = np.ptp(outputs, axis=2)
    lively = np.take_along_axis(outputs, spread.argmax(axis=1)[:, np.newaxis, np.newaxis], axis=1)[:, 0]
    kinds = np.where(spread.max(axis=1) < STILL, 0, 2)
    moving = np.flatnonzero(kinds)
    x = lively[moving] - lively[moving].mean(axis=1, keepdims=True)
    left, best = np.zeros(len(x), dtype=bool), np.zeros(len(x))
    for lag in range(1, POINTS // 2):
        a, b = x[:, :-lag], x[:, lag:]
        r = (a * b).sum(axis=1) / np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
        left |= r < 0.5  # it first has to become different from itself
        best = np.where(left, np.maximum(best, r), best)
    kinds[moving[best > REPEATS]] = 1
    return kinds


def figure(members: int = 5000, seed: int = 1) -> Figure:
    """How often each kind occurs, for random biases and for centred ones, and examples of each."""
    rng = np.random.default_rng(seed)
    net = CTRNN(np.zeros((NEURONS, NEURONS)))
    t = TRANSIENT + np.linspace(0, WINDOW, POINTS)
    shares, outputs, kinds = {}, [], []
    for label, centred in (("random biases", False), ("centre-crossing", True)):
        y0 = rng.normal(size=(members, NEURONS))
        parameters = population(members, centred, rng)
        ens = simulate_ensemble(net, t[-1], y0, params=parameters, method="euler", dt=DT, t_eval=t)
        outputs.append(ens.outputs)
        kinds.append(sort(outputs[-1]))
        shares[label] = np.bincount(kinds[-1], minlength=3) / members

    fig = plt.figure(figsize=(10, 6.4), layout="constrained")
    panels = fig.subplot_mosaic([["shares"] * 3, list(KINDS)], height_ratios=[1, 1.7])
    draw_shares(panels["shares"], shares)
    panels["shares"].set_xlabel(f"% of {members} networks each")
    for k, kind in enumerate(KINDS):
        draw_examples(panels[kind], t, np.concatenate(outputs)[np.concatenate(kinds) == k], k)
    return fig


def draw_shares(ax: plt.Axes, shares: dict[str, np.ndarray]) -> None:
    """Draw one bar a population, in the colours of the kinds."""
    start = np.zeros(len(shares))
    for k, kind in enumerate(KINDS):
        width = 100 * np.array([share[k] for share in shares.values()])
        ax.barh(list(shares), width, left=start, color=series_color(k), label=kind)
        start += width
    ax.set_xlim(0, 100)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)


def draw_examples(ax: plt.Axes, t: np.ndarray, outputs: np.ndarray, kind: int) -> None:
    """Draw the liveliest neuron of a few networks of one kind, one above the other."""
    for row, member in enumerate(outputs[:EXAMPLES]):
        x = member[np.ptp(member, axis=1).argmax()]
        ax.plot(t, x + 1.2 * row, color=series_color(kind), linewidth=1.2)
    ax.set(title=KINDS[kind], xlabel="time t", xlim=(t[0], t[-1]), yticks=[])
    ax.set_ylabel("output of the liveliest neuron" if kind == 0 else "")
