"""Characteristic roots of systems with delays."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.delays import CharacteristicRoots
from analysis.plotting.axes import axes_or_new, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import QUIET, series_color


@draws(CharacteristicRoots)
def plot_characteristic_roots(found: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw characteristic roots in the complex plane; what lies on the right of the dashed line grows.

    Parameters
    ----------
    found : CharacteristicRoots
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import characteristic_roots, plotting
    >>> from ctrnn import CTRNN
    >>> from neurodynamics import delayed
    >>> found = characteristic_roots(delayed(CTRNN([[-3.0]], activation="tanh"), 2.0), [0.0])
    >>> ax = plotting.plot_characteristic_roots(found)
    """
    ax = axes_or_new(ax, size=(4.8, 4.8))
    ax.axvline(0.0, color=QUIET, linewidth=0.8, linestyle="--", zorder=0)
    grows = found.roots.real > 0
    defaults = {"color": series_color(0), "linestyle": "", "marker": "o", "markersize": 5.0}
    ax.plot(found.roots.real[~grows], found.roots.imag[~grows], **with_defaults(style, **defaults))
    if grows.any():
        defaults |= {"color": series_color(1), "marker": "s"}
        ax.plot(found.roots.real[grows], found.roots.imag[grows], **with_defaults(style, **defaults))
    finite = found.roots[np.isfinite(found.roots)]
    if finite.size:
        ax.set_ylim(*(1.1 * max(np.abs(finite.imag).max(), 1e-3) * np.array([-1.0, 1.0])))
    ax.set_xlabel("growth rate, real part")
    ax.set_ylabel("angular frequency, imaginary part")
    return ax
