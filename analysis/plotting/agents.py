"""Agents taken apart: lesions, disturbances, and what a network would settle into along a behaviour."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.behaviours import DynamicsAlong
from analysis.plotting.axes import axes_or_new, component_label, legend_beside, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import INK, QUIET, SEQUENTIAL, series_color, series_style
from neurodynamics.validation import as_count


@draws("parts")
def plot_lesions(lesions: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the scores that are left without each part; where pairs were lesioned, without each two of them.

    Parameters
    ----------
    lesions : Lesions
        As `neuroevolution.lesion` returns them.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.barh`, of pairs for :meth:`matplotlib.axes.Axes.imshow`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import numpy as np
    >>> from analysis import plotting
    >>> from ctrnn import CTRNN
    >>> from neuroevolution import lesion, tasks
    >>> net = CTRNN(np.zeros((3, 3)), biases=[20, 20, -20])
    >>> ax = plotting.plot_lesions(lesion(net, tasks.LeggedWalker()))
    """
    count = len(lesions.parts)
    ax = axes_or_new(ax, size=(6.4, max(2.4, 0.8 + 0.22 * count)))
    places = np.arange(count)
    if lesions.pairs is None:
        ax.barh(places, lesions.scores, **with_defaults(style, color=series_color(0)))
        ax.axvline(lesions.intact, color=INK, linestyle="--", label="intact")
        ax.set(xlabel="score without it")
        ax.invert_yaxis()
        legend_beside(ax)
    else:
        image = ax.imshow(lesions.pairs, **with_defaults(style, cmap=SEQUENTIAL))
        ax.set_xticks(places, lesions.parts, rotation=90)
        if ax.figure is not None:
            ax.figure.colorbar(image, ax=ax, label="score without both")
    ax.set_yticks(places, lesions.parts)
    return ax


@draws("quantity")
def plot_perturbations(perturbations: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw scores over the size of a disturbance: one line a neuron, or median and quartiles of directions.

    Parameters
    ----------
    perturbations : Perturbations
        As `neuroevolution.robustness` and `neuroevolution.tonic_input` return them.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import numpy as np
    >>> from analysis import plotting
    >>> from ctrnn import CTRNN
    >>> from neuroevolution import robustness, tasks
    >>> net = CTRNN(np.zeros((3, 3)), biases=[20, 20, -20])
    >>> ax = plotting.plot_perturbations(robustness(net, tasks.LeggedWalker(), [1, 10], directions=9, rng=1))
    """
    ax = axes_or_new(ax, size=(6.0, 3.4))
    x, scores = perturbations.values, perturbations.scores
    if perturbations.names:
        for k, name in enumerate(perturbations.names):
            ax.plot(x, scores[:, k], **with_defaults(style, color=series_color(k), linestyle=series_style(k), label=name))
    else:
        low, middle, high = np.nanquantile(scores, [0.25, 0.5, 0.75], axis=1)
        ax.fill_between(x, low, high, color=QUIET, alpha=0.3, label="quartiles")
        ax.plot(x, middle, **with_defaults(style, color=series_color(0), label="median"))
    ax.axhline(perturbations.intact, color=INK, linestyle="--", label="intact")
    ax.set(xlabel=perturbations.quantity, ylabel="score")
    legend_beside(ax)
    return ax


@draws(DynamicsAlong)
def plot_dynamics_along(
    found: DynamicsAlong, *, sensor: int = 0, neuron: int = 0, ax: Axes | None = None, **style: Any
) -> Axes:
    """Draw a bifurcation diagram over a sensor, and on it the behaviour.

    Filled marks are stable fixed points, open ones unstable; bars reach from the least to the largest output on a cycle.

    Parameters
    ----------
    found : DynamicsAlong
        As `analysis.dynamics_along` returns it.
    sensor, neuron : int
        Over what, and whose output.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`, of the behaviour.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import dynamics_along, plotting
    >>> from ctrnn import CTRNN, evaluate
    >>> from neuroevolution import tasks
    >>> net = CTRNN([[6.0]], biases=-3, time_constants=0.05, input_weights=[[2, 4, 40, 10]])
    >>> fall = evaluate(net, tasks.PoleBalancing(1), duration=1, dt=0.01, substeps=2, record=(0, 0)).solution
    >>> ax = plotting.plot_dynamics_along(dynamics_along(fall, moments=5), sensor=1)
    """
    solution = found.solution
    for name, value, count in (("sensor", sensor, len(solution.sensors)), ("neuron", neuron, solution.system.output_dim)):
        if as_count(value, name) >= count:
            raise ValueError(f"`{name}` must be below {count}; got {value}.")
    ax = axes_or_new(ax, size=(6.4, 4.0))
    system = solution.system
    ax.plot(solution.sensors[sensor], system.outputs(solution.y)[neuron],
            **with_defaults(style, color=series_color(0), linewidth=1.0, label="behaviour"))  # fmt: skip
    for stable, face, label in ((True, INK, "stable point"), (False, "white", "unstable point")):
        chosen = [system.outputs_of_rows(p.x[p.stable == stable])[:, neuron] for p in found.points]
        x = np.repeat(found.inputs[:, sensor], [len(each) for each in chosen])
        ax.plot(x, np.concatenate([np.empty(0), *chosen]), "o", markersize=4, markerfacecolor=face, markeredgecolor=INK,
                label=label if len(x) else None)  # fmt: skip
    spans = [(u[sensor], c.outputs[neuron]) for c, u in zip(found.cycles, found.inputs, strict=True) if c is not None]
    if spans:
        ax.vlines([x for x, _ in spans], [o.min() for _, o in spans], [o.max() for _, o in spans], color=series_color(1),
                  alpha=0.6, label="cycle")  # fmt: skip
    ax.set(xlabel=f"sensor {sensor}", ylabel=component_label("outputs", neuron, system))
    legend_beside(ax)
    return ax
