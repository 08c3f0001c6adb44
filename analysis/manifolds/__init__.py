"""Two-dimensional stable and unstable manifolds, grown as surfaces."""

from analysis.manifolds.surface import ManifoldSurface, manifold_surface

__all__ = [
    "ManifoldSurface",
    "manifold_surface",
]
