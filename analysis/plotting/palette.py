"""Colours that colour-blind readers can tell apart: the same thing has the same colour in every picture."""

from __future__ import annotations

from matplotlib.colors import to_hex, to_rgb

from neurodynamics import DIVERGES, UNDECIDED

SERIES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#6A4C00")
"""Okabe & Ito (2008), Color universal design, without yellow, which is hard to see on white, and with a brown."""

INK = "#222222"  # trajectories, starts, equilibria
QUIET = "#9A9A9A"  # what stands in the background, such as arrows
PALE = "#C8C8C8"  # undecided starts; a darker grey looks like the purple above to some
LINE_STYLES = ("-", "--", ":", "-.")

SEQUENTIAL = "viridis"  # amounts
DIVERGING = "PuOr"  # amounts of either sign

_SHADES = (0.0, 0.45, -0.4)  # towards white, towards black


def series_color(index: int) -> str:
    """Return the colour of the neuron, or series, of that number.

    Examples
    --------
    >>> series_color(0)
    '#0072b2'
    """
    return _shade(SERIES[index % len(SERIES)], _SHADES[index // len(SERIES) % len(_SHADES)])


def series_style(index: int) -> str:
    """Return the style of the line of that number: every pass through the colours has its own."""
    return LINE_STYLES[index // len(SERIES) % len(LINE_STYLES)]


def attractor_color(attractor: int) -> str:
    """Return the colour of an attractor by its id, pale grey for undecided and nearly black for diverging starts.

    Examples
    --------
    >>> attractor_color(0)
    '#0072b2'
    """
    if attractor == UNDECIDED:
        return PALE
    if attractor == DIVERGES:
        return INK
    if attractor < 0:
        raise ValueError(f"`attractor` must be an id 0, 1, .., UNDECIDED or DIVERGES; got {attractor}.")
    return series_color(attractor)


def _shade(color: str, amount: float) -> str:
    end = 1.0 if amount > 0 else 0.0
    red, green, blue = (part + abs(amount) * (end - part) for part in to_rgb(color))
    return to_hex((red, green, blue))
