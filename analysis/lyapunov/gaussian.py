"""Averages over pairs of correlated Gaussian numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from neurodynamics.validation import Floats

FEWEST = 161  # nodes
REACH = 9.0  # standard deviations; the weight beyond is 1e-18
SPACING = 0.4  # of nodes in x: activations have their singularities at a distance of about 1.5 from the real line


def _rule(deviation: float) -> tuple[Floats, Floats]:
    """Nodes and weights of the trapezoidal rule, which converges geometrically for smooth integrands."""
    z = np.linspace(-REACH, REACH, max(FEWEST, int(2 * REACH * deviation / SPACING)))
    weights = np.exp(-0.5 * z * z)
    return z, weights / weights.sum()


def mean(f: Callable[[Floats], Floats], variance: float) -> float:
    """Return <f(x)> for x of the given variance."""
    z, weights = _rule(np.sqrt(variance))
    return float(weights @ f(np.sqrt(variance) * z))


def correlation(f: Callable[[Floats], Floats], covariances: Floats, variance: float) -> Floats:
    """Return <f(x) f(x')> for pairs (x, x') of the given variance and covariances (0 <= covariance <= variance).

    The common part c z of both numbers is averaged last: the average is that of ``<f(c z + d z')>**2`` over z.
    """
    z, weights = _rule(np.sqrt(variance))
    values = np.empty(len(covariances))
    for i, covariance in enumerate(np.clip(covariances, 0.0, variance)):
        common, own = np.sqrt(covariance), np.sqrt(variance - covariance)
        inner = f(common * z[:, np.newaxis] + own * z) @ weights
        values[i] = weights @ inner**2
    return values
