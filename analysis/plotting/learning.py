"""Learning: the loss over its steps and over a plane, fixed points that appear, gradients along a task, FORCE."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analysis.equilibria import fixed_points
from analysis.plotting.axes import axes_or_new, legend_beside, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import INK, PALE, QUIET, SEQUENTIAL, series_color
from neurodynamics.validation import as_number_of

LEVELS = 24


@draws("history")
def plot_fit(fit: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the loss of each step of a training run, and the smallest so far.

    Parameters
    ----------
    fit : Fit
        As `learning.train` returns it.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`, of the smallest so far.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from ctrnn import CTRNN
    >>> from learning import Trial, losses, train
    >>> fit = train(CTRNN([[1.0]]), Trial([[0.9]], times=[5.0]), losses.MeanSquare(), dt=0.1, steps=20)
    >>> ax = plotting.plot_fit(fit)
    """
    ax = axes_or_new(ax, size=(6.0, 3.4))
    loss = fit.history["loss"]
    step = np.arange(1, len(loss) + 1)
    ax.plot(step, loss, color=QUIET, linewidth=0.8, label="of each step")
    best = np.minimum.accumulate(loss) if len(loss) else loss
    ax.plot(step, best, **with_defaults(style, color=series_color(0), label="smallest so far"))
    if len(loss) and (loss > 0).all() and loss.max() > 10 * loss.min():
        ax.set_yscale("log")
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    ax.set(xlabel="step", ylabel="loss")
    legend_beside(ax)
    return ax


@draws("kept")
def plot_learned_fixed_points(
    fit: Any, *, neuron: int = 0, inputs: Any = None, ax: Axes | None = None, **style: Any
) -> Axes:  # fmt: skip
    """Draw all fixed points that are found of each network that was kept in training: how attractors appear.

    Parameters
    ----------
    fit : Fit
        As `learning.train(.., keep=)` returns it.
    neuron : int
        Which state is drawn.
    inputs : optional
        Constants; as for :func:`analysis.fixed_points`.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.scatter`, of those that attract.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from ctrnn import CTRNN
    >>> from learning import Trial, losses, train
    >>> rests = Trial([[1.0], [-1.0]])
    >>> fit = train(CTRNN([[0.0]], activation="tanh"), rests, losses.FixedPoints(margin=0.1), rate=0.1, steps=40, keep=5)
    >>> ax = plotting.plot_learned_fixed_points(fit)
    """
    ax = axes_or_new(ax, size=(6.0, 3.4))
    if not fit.kept:
        raise ValueError("`fit` must hold networks that were kept: use `train(.., keep=10)`.")
    which = as_number_of(neuron, "neuron", fit.network.state_dim, "state")
    found = [(step, fixed_points(network, inputs=inputs, rng=0)) for step, network in fit.kept.items()]
    for stable, drawn in ((False, {"s": 9, "facecolors": "none", "edgecolors": QUIET, "label": "other fixed points"}),
                          (True, with_defaults(style, s=16, color=series_color(0), label="attract"))):  # fmt: skip
        points = [(step, x) for step, each in found for x in each.x[np.asarray(each.stable) == stable, which]]
        if points:
            ax.scatter(*np.transpose(points), **drawn)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="step", ylabel=f"state {which} of fixed points")
    legend_beside(ax)
    return ax


@draws("growth")
def plot_gradient_flow(flow: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the length of a vector that goes back along a task, and lines with the slopes of all exponents.

    Parameters
    ----------
    flow : GradientFlow
        As `learning.gradient_flow` returns it.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`, of the vector.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from learning import Trial, gradient_flow
    >>> from recurrent import FullyRecurrent
    >>> ax = plotting.plot_gradient_flow(gradient_flow(FullyRecurrent([[0.5]]), Trial(t_span=20), rng=0))
    """
    ax = axes_or_new(ax, size=(6.0, 3.6))
    end = flow.times[-1]
    known = flow.exponents[np.isfinite(flow.exponents)]
    for k, exponent in enumerate(known):
        ax.plot([flow.times[0], end], [exponent * (end - flow.times[0]) / np.log(10), 0.0], color=QUIET, linewidth=0.7,
                label=None if k else "singular values")  # fmt: skip
    ax.plot(flow.times, flow.growth / np.log(10), **with_defaults(style, color=series_color(0), label="vector"))
    ax.axhline(0.0, color=INK, linewidth=0.5)
    ax.set(xlabel="time, to which it went back", ylabel="log10 of the length")
    ax.legend(loc="best", frameon=False)
    return ax


@draws("change")
def plot_forced(forced: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw outputs over their targets while FORCE learns, and on the right how much the weights still change.

    Parameters
    ----------
    forced : Forced
        As `learning.force` returns it.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`, of the outputs.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import numpy as np
    >>> from analysis import plotting
    >>> from ctrnn import CTRNN
    >>> from learning import force
    >>> net = CTRNN(np.zeros((3, 3)), [0.1, 0.5, 1.0], activation="tanh", input_weights=np.ones((3, 1)))
    >>> ax = plotting.plot_forced(force(net, np.ones((1, 50)), dt=0.1))
    """
    ax = axes_or_new(ax, size=(6.0, 3.4))
    ax.plot(forced.targets.T, color=QUIET, linewidth=3, label=["targets", *[None] * (len(forced.targets) - 1)])
    for k, shown in enumerate(forced.shown):
        ax.plot(shown, **with_defaults(style, color=series_color(k), linewidth=0.8, label=f"output {k}"))
    bottom, top = ax.get_ylim()
    ax.set(xlabel="step", ylabel="outputs", ylim=(bottom, top + 0.35 * (top - bottom)))
    ax.legend(loc="upper center", frameon=False, ncols=2)  # above the curves
    learned = np.flatnonzero(forced.change)
    if learned.size:
        right = ax.twinx()
        right.semilogy(learned, forced.change[learned], color=INK, linewidth=0.5)
        right.set_ylabel("change of the weights")
    return ax


@draws("directions")
def plot_loss_landscape(landscape: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the loss over a plane of parameters; a cross is where the system is, grey where the loss is not known.

    Parameters
    ----------
    landscape : LossLandscape
        As `learning.loss_landscape` returns it.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.contourf`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from ctrnn import CTRNN
    >>> from learning import Trial, loss_landscape, losses
    >>> trial, both = Trial([[0.2]], times=[5.0]), ["weights", "biases"]
    >>> found = loss_landscape(CTRNN([[1.0]]), trial, losses.MeanSquare(), params=both, points=5, dt=0.1, rng=0)
    >>> ax = plotting.plot_loss_landscape(found)
    """
    ax = axes_or_new(ax, size=(5.6, 4.4))
    shown = np.ma.masked_invalid(landscape.loss.T)
    if landscape.why:
        ax.set_facecolor(PALE)
        ax.set_title(f"grey: {landscape.why:.70}", fontsize="small")
    if shown.count():
        filled = ax.contourf(landscape.a, landscape.b, shown, **with_defaults(style, levels=LEVELS, cmap=SEQUENTIAL))
        ax.figure.colorbar(filled, ax=ax, label="loss")
    ax.plot(0.0, 0.0, "x", color=INK)
    ax.set(xlabel="first direction", ylabel="second direction")
    return ax
