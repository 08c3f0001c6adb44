"""Two-dimensional manifolds in space."""

from __future__ import annotations

from typing import Any

from matplotlib import colormaps
from matplotlib.axes import Axes

from analysis.manifolds import ManifoldSurface
from analysis.plotting.axes import axes_or_new, component_label, name_axes, with_defaults
from analysis.plotting.given import draws
from neurodynamics.validation import Floats

EYE = (25.0, -60.0)
BANDS = 12  # of colours: their edges are geodesic circles


@draws(ManifoldSurface)
def plot_manifold_surface(
    found: ManifoldSurface, *, states: tuple[int, ...] = (0, 1, 2), ax: Axes | None = None, **style: Any
) -> Axes:
    """Draw a surface in space, in bands of colours by the distance from the saddle: their edges are geodesic circles.

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
    given = list(states) if isinstance(states, (tuple, list)) else []
    if len(given) != 3 or not all(type(k) is int and 0 <= k < n for k in given):
        raise ValueError(f"`states` must be three numbers of states from 0 to {n - 1}; got {states!r}.")
    solid: Any = axes_or_new(ax, size=(6.4, 5.6), projection="3d")
    points: Floats = found.points[:, given]
    if len(found.triangles):
        defaults = {"cmap": colormaps["viridis"].resampled(BANDS), "linewidth": 0.0, "antialiased": False}
        mesh = solid.plot_trisurf(*points.T, triangles=found.triangles, **with_defaults(style, **defaults))
        mesh.set_array(found.distance[found.triangles].mean(axis=1))
        mesh.set_clim(0.0, found.distance.max())
        solid.figure.colorbar(mesh, ax=solid, shrink=0.6, pad=0.12, label="distance from the saddle")
    solid.view_init(*EYE)
    name_axes(solid, [component_label("states", k, found.system) for k in given])
    return solid  # type: ignore[no-any-return]
