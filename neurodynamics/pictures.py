"""How a result draws itself: the one place of the library that reaches up to the pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def drawn(picture: str, does: str) -> Callable[..., Any]:
    """Return a method that hands its object to a function of ``analysis.plotting``.

    Parameters
    ----------
    picture : str
        Name of the function.
    does : str
        What it draws, for the docstring.

    Examples
    --------
    >>> from neurodynamics.pictures import drawn
    >>> class Result:
    ...     plot = drawn("plot_time_series", "Draw the time series")
    >>> Result.plot.__doc__
    'Draw the time series; see :func:`analysis.plotting.plot_time_series`.'
    """

    def plot(self: Any, ax: Any = None, **style: Any) -> Any:
        from analysis import plotting  # late: matplotlib is imported where something is drawn

        return getattr(plotting, picture)(self, ax=ax, **style)

    plot.__doc__ = f"{does}; see :func:`analysis.plotting.{picture}`."
    return plot
