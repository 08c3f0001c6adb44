"""Lyapunov exponents: how they converge, and what they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analysis.lyapunov import LyapunovSpectrum, MeanField
from analysis.plotting.axes import axes_or_new, legend_beside, time_label, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import QUIET, series_color, series_style
from neurodynamics.validation import as_choice

LINES_UP_TO = 7  # more cannot be told apart
SIGMAS = 2.0  # half-width of bands and bars, in errors


@draws(LyapunovSpectrum)
def plot_lyapunov_spectrum(spectrum: Any, *, what: str | None = None, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the running averages of Lyapunov exponents with bands of two errors, or the exponents in order.

    Parameters
    ----------
    spectrum : LyapunovSpectrum
    what : {"convergence", "spectrum"}, optional
        By default the convergence, of more than 7 exponents the spectrum.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import lyapunov_spectrum, plotting
    >>> from neurodynamics import models
    >>> spectrum = lyapunov_spectrum(models.henon(), [0, 0], duration=1000, rng=0)
    >>> ax = plotting.plot_lyapunov_spectrum(spectrum)
    """
    if what is None:
        what = "convergence" if len(spectrum.exponents) <= LINES_UP_TO and spectrum.history_t.size else "spectrum"
    as_choice(what, "what", ["convergence", "spectrum"])
    ax = axes_or_new(ax)
    ax.axhline(0.0, color=QUIET, linewidth=0.8, zorder=0)
    per = "iteration" if spectrum.system is not None and spectrum.system.kind == "map" else "unit of time"
    ax.set_ylabel(f"Lyapunov exponent per {per}")
    (_convergence if what == "convergence" else _in_order)(ax, spectrum, style)
    return ax


def _convergence(ax: Axes, spectrum: Any, style: dict[str, Any]) -> None:
    for number, (value, error) in enumerate(zip(spectrum.exponents, spectrum.errors, strict=True)):
        color = series_color(number)
        ax.axhspan(value - SIGMAS * error, value + SIGMAS * error, color=color, alpha=0.2, linewidth=0)
        label = f"{value:.4g} ± {error:.1g}"
        defaults = {"color": color, "linestyle": series_style(number), "linewidth": 1.2, "label": label}
        ax.plot(spectrum.history_t, spectrum.history[number], **with_defaults(style, **defaults))
    ax.set_xlabel(time_label(spectrum.system))
    legend_beside(ax, "at the end")


def _in_order(ax: Axes, spectrum: Any, style: dict[str, Any]) -> None:
    finite = np.isfinite(spectrum.exponents)
    numbers = np.arange(len(spectrum.exponents))[finite]
    defaults = {"color": series_color(0), "linestyle": "", "marker": "o", "markersize": 3.5}
    ax.errorbar(numbers, spectrum.exponents[finite], yerr=SIGMAS * np.nan_to_num(spectrum.errors[finite]),
                **with_defaults(style, **defaults))  # fmt: skip
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("number of the exponent")


@draws(MeanField)
def plot_mean_field(theory: Any, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the autocorrelation of a random network of infinite size.

    Parameters
    ----------
    theory : MeanField
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.plot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import mean_field_lyapunov, plotting
    >>> ax = plotting.plot_mean_field(mean_field_lyapunov(2.0))
    """
    ax = axes_or_new(ax)
    label = f"gain {theory.gain:g}: exponent {theory.exponent:.4g}"
    ax.plot(theory.lags, theory.autocorrelation, **with_defaults(style, linewidth=1.5, label=label))
    ax.set_xlabel("lag (in units of the time constants)")
    ax.set_ylabel("autocorrelation of a neuron's state")
    legend_beside(ax)
    return ax
