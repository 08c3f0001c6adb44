"""The vector field of two states, as arrows of equal length or as streamlines."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from analysis.common import as_box, constant_inputs
from analysis.plotting.axes import axes_or_new, component_label, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import QUIET
from neurodynamics import DynamicalSystem
from neurodynamics.validation import Floats, as_choice, as_count

FINEST = 2000
ARROWS, STREAM_CELLS = 19, 40


@draws(DynamicalSystem)
def plot_vector_field(
    system: DynamicalSystem,
    box: ArrayLike,
    *,
    inputs: Any = None,
    kind: str = "arrows",
    points: int | None = None,
    ax: Axes | None = None,
    **style: Any,
) -> Axes:
    """Draw the directions of a flow of two states.

    Parameters
    ----------
    system : DynamicalSystem
        A flow of two states.
    box : array_like, shape (2, 2)
        Rows (least, largest), one a state.
    inputs : array_like, shape (M,), optional
        Constants.
    kind : {"arrows", "stream"}
        Arrows of equal length on a grid, or streamlines.
    points : int, optional
        Points of the grid along each axis.
    ax : Axes, optional
        Where to draw; a new figure by default.
    **style
        For :meth:`matplotlib.axes.Axes.quiver` or :meth:`~matplotlib.axes.Axes.streamplot`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from analysis import plotting
    >>> from neurodynamics import models
    >>> ax = plotting.plot_vector_field(models.pendulum(), [(-4, 4), (-7, 7)])
    """
    as_choice(kind, "kind", ["arrows", "stream"])
    require_plane_flow(system)
    window, drive = as_box(box), constant_inputs(system, inputs)
    count = (ARROWS if kind == "arrows" else STREAM_CELLS) if points is None else as_count(points, "points", minimum=2)
    if count > FINEST:
        raise ValueError(f"`points` must be at most {FINEST} along each axis, which no screen resolves; got {points!r:.60}.")
    ax = axes_or_new(ax, size=(5.4, 4.8))
    size = np.diff(window, axis=1)
    if kind == "arrows":
        centres = window[:, :1] + size * (np.arange(count) + 0.5) / count
        field = _field(system, centres, drive) / size[..., np.newaxis]
        speed = np.hypot(*field)
        field *= size[..., np.newaxis] * 0.7 / count / np.where(speed > 0, speed, 1.0)
        defaults: dict[str, Any] = {"color": QUIET, "angles": "xy", "scale_units": "xy", "scale": 1.0, "pivot": "middle",
                                    "width": 0.0028, "headwidth": 4.5, "zorder": 1}  # fmt: skip
        ax.quiver(*centres, *field, **with_defaults(style, **defaults))
    else:
        ends = np.linspace(window[:, 0], window[:, 1], count, axis=1)
        defaults = {"color": QUIET, "linewidth": 0.7, "arrowsize": 0.8, "density": 1.1, "zorder": 1}
        ax.streamplot(*ends, *_field(system, ends, drive), **with_defaults(style, **defaults))
    ax.set_xlim(*window[0])
    ax.set_ylim(*window[1])
    ax.set_xlabel(component_label("states", 0, system))
    ax.set_ylabel(component_label("states", 1, system))
    return ax


def require_plane_flow(system: DynamicalSystem) -> None:
    """Raise unless the system is a flow of two states."""
    if system.kind != "flow" or system.state_dim != 2:
        raise ValueError(
            f"`system` must be a flow of 2 states; got a {system.kind} of {system.state_dim}. For more states see "
            "plot_trajectory and plot_projection."
        )


def _field(system: DynamicalSystem, axes: Floats, inputs: Floats) -> Floats:
    """Return the right-hand side on the grid, (2, rows, columns), as pictures count them."""
    field = np.array([[system.rhs(0.0, (a, b), inputs) for a in axes[0]] for b in axes[1]])
    return np.moveaxis(field, -1, 0)
