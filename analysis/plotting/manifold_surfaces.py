"""Two-dimensional manifolds in space."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from analysis.manifolds import ManifoldSurface
from analysis.plotting.axes import axes_or_new, component_label, name_axes, with_defaults
from analysis.plotting.given import draws
from analysis.plotting.palette import INK
from neurodynamics.validation import Floats

EYE = (25.0, -60.0)
CIRCLES = 12  # drawn, about


@draws(ManifoldSurface)
def plot_manifold_surface(
    found: ManifoldSurface, *, states: tuple[int, ...] = (0, 1, 2), ax: Axes | None = None, **style: Any
) -> Axes:
    """Draw a surface in space, coloured by the distance from the saddle, with some of its circles.

    Parameters
    ----------
    found : ManifoldSurface
    states : tuple of int
        Three states along the axes.
    ax : Axes, optional
        In space; a new figure by default.
    **style
        For :meth:`mpl_toolkits.mplot3d.axes3d.Axes3D.plot_trisurf`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import numpy as np
    >>> from analysis import manifold_surface, plotting
    >>> from ctrnn import CTRNN
    >>> net = CTRNN(np.diag([0.5, 0.2, 3.0]), activation="linear")
    >>> ax = plotting.plot_manifold_surface(manifold_surface(net, [0, 0, 0], distance=1.0))
    """
    n = found.system.state_dim
    if len(states) != 3 or not all(isinstance(k, (int, np.integer)) and 0 <= k < n for k in states):
        raise ValueError(f"`states` must be three numbers of states from 0 to {n - 1}; got {states!r}.")
    solid: Any = axes_or_new(ax, size=(6.4, 5.6), projection="3d")
    points: Floats = found.points[:, list(states)]
    if len(found.triangles):
        defaults = {"cmap": "viridis", "linewidth": 0.0, "antialiased": False, "alpha": 0.9}
        mesh = solid.plot_trisurf(*points.T, triangles=found.triangles, **with_defaults(style, **defaults))
        mesh.set_array(found.distance[found.triangles].mean(axis=1))
        for circle in found.circles[:: max(1, len(found.circles) // CIRCLES)]:
            ring = np.vstack([points[circle], points[circle.start]])
            solid.plot(*ring.T, color=INK, linewidth=0.5, alpha=0.6)
        solid.figure.colorbar(mesh, ax=solid, shrink=0.6, label="distance from the saddle")
    solid.view_init(*EYE)
    name_axes(solid, [component_label("states", int(k), found.system) for k in states])
    return solid  # type: ignore[no-any-return]
