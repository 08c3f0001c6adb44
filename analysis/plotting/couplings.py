"""Matrices of couplings."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.plotting.axes import axes_or_new, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import DIVERGING

MOST = 2000  # units on a side; more are more than there are pixels


@draws("couplings", "weights", "dense", np.ndarray, list)
def plot_couplings(network: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw ``W[i, j]``, from unit j (columns) to unit i (rows), with white for zero.

    Parameters
    ----------
    network : network, Coupling or array_like, shape (N, N)
        What has ``couplings`` or ``weights``, what can be written out with ``dense()``, or a matrix.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.imshow`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from ctrnn import CTRNN
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> ax = plotting.plot_couplings(net)
    """
    matrix = _matrix(network)
    ax = axes_or_new(ax, size=(5.2, 4.2))
    largest = float(np.abs(matrix).max(initial=0.0)) or 1.0
    defaults = {"cmap": DIVERGING, "vmin": -largest, "vmax": largest, "interpolation": "nearest"}
    image = ax.imshow(matrix, **with_defaults(style, **defaults))
    layers = getattr(network, "layers", None)
    if layers is not None:
        for line in (ax.axhline, ax.axvline):
            line(layers[0] - 0.5, color="#222222", linewidth=0.6)
    ax.set_xlabel("from unit")
    ax.set_ylabel("to unit")
    if ax.figure is not None:
        ax.figure.colorbar(image, ax=ax, label="coupling W")
    return ax


def _matrix(network: Any) -> Any:
    source = next((getattr(network, name) for name in ("couplings", "weights") if hasattr(network, name)), network)
    shape = np.shape(source) if not hasattr(source, "dense") else source.shape
    if len(shape) != 2 or max(shape) > MOST:
        raise ValueError(f"`network` must have a matrix of couplings of at most {MOST} units a side; got shape {shape}.")
    return source.dense() if hasattr(source, "dense") else np.asarray(source, dtype=float)
