"""What a neuron does over the members of an ensemble."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from analysis.plotting.axes import axes_or_new, component_label, legend_beside, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import series_color
from analysis.plotting.path import after_time
from analysis.plotting.series import chosen_rows, ensemble_values
from neurodynamics import Ensemble
from neurodynamics.validation import as_count, as_floats


@draws(Ensemble)
def plot_sweep(
    ensemble: Ensemble,
    values: ArrayLike,
    *,
    neuron: int = 0,
    what: str = "outputs",
    after: float | None = None,
    label: str = "parameter",
    ax: Axes | None = None,
    **style: Any,
) -> Axes:
    """Draw the range that a neuron covers, once transients are over, against the parameter that was varied.

    A resting network shows a line, an oscillating one a band.

    Parameters
    ----------
    ensemble : Ensemble
        With states (B, N, T).
    values : array_like, shape (B,)
        The parameter of each member.
    neuron : int
    what : {"outputs", "states"}
    after : float, optional
        Time from which on the range is taken; by default the second half of the run.
    label : str
        Name of the parameter.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.fill_between`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from ctrnn import CTRNN, simulate_ensemble
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> biases = [-3.5, -2.75, -2.0]
    >>> ensemble = simulate_ensemble(net, 40, [0, 0], params={"biases[0]": biases}, t_eval=range(41))
    >>> ax = plotting.plot_sweep(ensemble, biases)
    """
    data = ensemble_values(ensemble, what)
    if data.ndim != 3:
        raise ValueError(f"`ensemble` must hold trajectories (B, N, T); got shape {data.shape}. Simulate with t_eval.")
    at = as_floats(values, "values")
    if at.shape != data.shape[:1]:
        raise ValueError(f"`values` must have one entry for each of the {data.shape[0]} members; got shape {at.shape}.")
    (row,) = chosen_rows(as_count(neuron, "neuron"), data.shape[1], "neuron")
    t = ensemble.t
    late = data[:, row, after_time(t, 0.5 * (t[0] + t[-1]) if after is None else after)]
    low, high = late.min(axis=1), late.max(axis=1)  # NaN, and so a gap, for members that did not reach the end
    ax = axes_or_new(ax)
    color = series_color(row)
    ax.fill_between(at, low, high, **with_defaults(style, color=color, alpha=0.25, linewidth=0, label="range"))
    ax.plot(at, high, color=color, linewidth=1.2, label="largest and least")
    ax.plot(at, low, color=color, linewidth=1.2)
    ax.set_xlim(at.min(), at.max())
    ax.set_xlabel(label)
    ax.set_ylabel(component_label(what, row, ensemble.system))
    legend_beside(ax)
    return ax
