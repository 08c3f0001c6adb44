"""The predators and prey of Rosenzweig and MacArthur, where riches bring oscillations."""

from __future__ import annotations

from neurodynamics.compiling import kernel
from neurodynamics.systems import DynamicalSystem


@kernel
def rhs(t, y, u, params, out):
    """x' = r x (1 - x/K) - eaten, y' = e eaten - m y, eaten = a x y / (1 + a h x)."""
    r, capacity, a, h, e, m = params
    eaten = a * y[0] * y[1] / (1 + a * h * y[0])
    out[0] = r * y[0] * (1 - y[0] / capacity) - eaten
    out[1] = e * eaten - m * y[1]


@kernel
def jac(t, y, u, params, out):
    """out[i, j] = d f_i / d y_j."""
    r, capacity, a, h, e, m = params
    share = 1 / (1 + a * h * y[0])
    by_prey, by_predators = a * y[1] * share * share, a * y[0] * share
    out[0, 0], out[0, 1] = r * (1 - 2 * y[0] / capacity) - by_prey, -by_predators
    out[1, 0], out[1, 1] = e * by_prey, e * by_predators - m


def rosenzweig_macarthur(
    *,
    growth: float = 1.0,
    capacity: float = 3.0,
    attack: float = 2.0,
    handling: float = 0.5,
    conversion: float = 1.0,
    mortality: float = 0.5,
) -> DynamicalSystem:
    """Return the Rosenzweig-MacArthur system: ``x' = r x (1 - x/K) - f(x) y, y' = e f(x) y - m y``.

    ``f(x) = a x / (1 + a h x)`` is Holling's response of the second type. Both species live together at
    ``x = m / (a (e - m h))``, which gives way to a cycle at ``K = 2 x + 1 / (a h)``: the paradox of enrichment.

    Parameters
    ----------
    growth, capacity : float
        r and K of the prey.
    attack, handling : float
        a and h: how often a predator meets prey, and how long it is busy with one.
    conversion, mortality : float
        e and m of the predators.

    References
    ----------
    .. [1] Rosenzweig & MacArthur (1963), Am. Nat. 97, 209.
    .. [2] Rosenzweig (1971), Science 171, 385.

    Examples
    --------
    >>> from neurodynamics import models, simulate
    >>> calm = simulate(models.rosenzweig_macarthur(capacity=1), 200, [0.5, 0.5]).final
    >>> [round(float(x), 4) for x in calm]  # x = 1/3, y = r (1 - x/K) (1 + a h x) / a
    [0.3333, 0.4444]
    """
    params = {"growth": growth, "capacity": capacity, "attack": attack, "handling": handling,
              "conversion": conversion, "mortality": mortality}  # fmt: skip
    return DynamicalSystem(rhs, 2, params, jac=jac)
