"""Power spectra, correlation sums and order parameters of time series."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.plotting.axes import axes_or_new, legend_beside, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import QUIET, series_color
from analysis.series import CorrelationDimension, OrderParameter, PowerSpectrum


@draws(PowerSpectrum)
def plot_power_spectrum(found: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the spectral density with its interval at 95 %.

    Parameters
    ----------
    found : PowerSpectrum
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
    >>> from analysis import plotting, power_spectrum
    >>> ax = plotting.plot_power_spectrum(power_spectrum(np.random.default_rng(0).normal(size=2000)))
    """
    ax = axes_or_new(ax)
    shown = found.power > 0
    x, y = found.frequency[shown], found.power[shown]
    (line,) = ax.plot(x, y, **with_defaults(style, color=series_color(0), linewidth=1.2))
    low, high = found.factors
    ax.fill_between(x, low * y, high * y, color=line.get_color(), alpha=0.25, linewidth=0)
    ax.set_yscale("log")
    ax.set_xlabel("frequency (cycles per unit time)")
    ax.set_ylabel("spectral density")
    return ax


@draws(CorrelationDimension)
def plot_correlation_sums(found: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the correlation sum over radii, with the fit whose slope is the dimension.

    Parameters
    ----------
    found : CorrelationDimension
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
    >>> from analysis import correlation_dimension, plotting
    >>> found = correlation_dimension(np.random.default_rng(0).uniform(size=(1000, 2)))
    >>> ax = plotting.plot_correlation_sums(found)
    """
    ax = axes_or_new(ax)
    shown = found.sums > 0
    ax.loglog(found.radii[shown], found.sums[shown],
              **with_defaults(style, color=series_color(0), marker="o", markersize=3, linewidth=0.8))  # fmt: skip
    inside = shown & (found.radii >= found.fitted[0]) & (found.radii <= found.fitted[1])
    if inside.any():
        r = found.radii[inside]
        level = np.exp(np.mean(np.log(found.sums[inside]) - found.dimension * np.log(r)))
        low, high = found.interval
        label = f"slope {found.dimension:.3f}\nin [{low:.3f}, {high:.3f}]"
        ax.plot(r, level * r**found.dimension, color=series_color(1), linewidth=2.0, label=label)
    ax.set_xlabel("radius r")
    ax.set_ylabel("correlation sum C(r)")
    legend_beside(ax)
    return ax


@draws(OrderParameter)
def plot_order_parameter(found: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the order parameter over samples, with its mean.

    Parameters
    ----------
    found : OrderParameter
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
    >>> from analysis import order_parameter, plotting
    >>> ax = plotting.plot_order_parameter(order_parameter(np.outer([1.0, 1.1, 1.2], np.arange(100))))
    """
    ax = axes_or_new(ax)
    ax.plot(found.r, **with_defaults(style, color=series_color(0), linewidth=1.2))
    ax.axhline(found.mean, color=QUIET, linewidth=0.9)
    ax.set_ylim(0.0, 1.02)
    ax.set_xlabel("sample")
    ax.set_ylabel("order parameter r")
    return ax
