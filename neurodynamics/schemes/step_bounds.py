"""The largest steps that explicit methods allow.

On a mode ``dz/dt = mu z`` a Runge-Kutta step of length h multiplies z by the stability polynomial R(h mu). Exponential
Euler mixes the modes: with the Jacobian J and the rates r = lambda/tau of the leaks its step is
``1 + diag((1 - exp(-r h))/r) J``.

References
----------
.. [1] Hairer & Wanner (1996), Solving Ordinary Differential Equations II, 2nd ed., section IV.2.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from neurodynamics.notices import warn
from neurodynamics.schemes.table import Method, method_named
from neurodynamics.schemes.tableaus import Tableau
from neurodynamics.validation import Floats

COARSE = 0.1  # a step above this share of the smallest time constant deserves a warning
ROUNDING = 1e-12  # |R| - 1 and distances from a real number below this are taken for zero
GROWTH = 1.02  # ratio of the steps at which exponential Euler is looked at
LONGEST = 60.0  # 1 - exp(-r h) is 1 in double precision beyond r h = 37


@functools.cache
def stability_polynomial(tableau: Tableau) -> Floats:
    """Return the coefficients of ``R(z) = 1 + sum_k b A^k 1 z^(k+1)``, ascending.

    Examples
    --------
    >>> from neurodynamics.schemes.tableaus import HEUN
    >>> stability_polynomial(HEUN)
    array([1. , 1. , 0.5])
    """
    stages = tableau.stages
    power, coefficients = np.ones(stages), [1.0]
    for _ in range(stages):
        coefficients.append(float(tableau.b @ power))
        power = tableau.a[:stages, :stages] @ power
    return np.trim_zeros(np.array(coefficients), "b")


def largest_stable_multiple(tableau: Tableau, mu: complex) -> float:
    """Return the largest h with ``|R(h' mu)| <= 1`` for all 0 < h' <= h; 0 where the first steps grow already."""
    coefficients = stability_polynomial(tableau) * (mu / abs(mu)) ** np.arange(stability_polynomial(tableau).size)
    squared = np.convolve(coefficients, coefficients.conj()).real  # |R|^2 in ascending powers of h |mu|; it starts with 1
    excess = np.polynomial.Polynomial(np.trim_zeros(np.where(np.abs(squared[1:]) > ROUNDING, squared[1:], 0.0), "f"))
    roots, fall = excess.roots(), excess.deriv()
    roots = roots - excess(roots) / np.where(fall(roots) == 0, np.inf, fall(roots))  # companion matrices lose digits
    edges = np.concatenate([[0.0], np.sort(roots.real[(np.abs(roots.imag) <= 1e-7 * np.abs(roots)) & (roots.real > 0)])])
    for k, low in enumerate(edges):
        middle = 0.5 * (low + edges[k + 1]) if k + 1 < edges.size else 2.0 * low + 1.0
        if excess(middle) > 0.0:
            return float(low / abs(mu))
    return np.inf


@functools.cache
def real_extent(tableau: Tableau) -> float:
    """Return how far the stability region reaches on the negative real axis: 2 for Euler, 2.785 for RK4."""
    return largest_stable_multiple(tableau, -1.0)


def max_stable_leak_step(system: Any, method: Method) -> float:
    """Return the step beyond which the leak alone, ``dy/dt = -(lambda/tau) y``, grows under the method."""
    fastest = float(np.max(system.leaks / system.time_constants, initial=0.0))
    return np.inf if fastest == 0 or method.exponential else real_extent(_tableau(method)) / fastest


def max_stable_step(system: Any, method: str = "euler", y: Any = None) -> float:
    """Return the largest step for which an explicit method of constant step is stable on an additive network.

    Parameters
    ----------
    system : AdditiveNetwork
    method : str
        "euler", "exponential_euler", "heun", "midpoint", "rk4", ..
    y : array_like, shape (N,), optional
        A state, such as an equilibrium. The answer is then exact for the network linearised there: the largest step up
        to which every mode that decays in the network decays in the method. A mode that grows in the network may grow.
        A centre, neither growing nor decaying, sets no limit. For "exponential_euler", the step up to which no more
        modes grow than in the network, looked for at steps 2 % apart.

        Without a state the answer serves all of them: no mode with a real eigenvalue, whatever the state, grows by the
        method alone. It is ``extent / rho``, where rho, the spectral radius of the largest ``|J_ij|`` that the slopes of
        the activation allow, bounds every eigenvalue at every state, and extent is that of the method on the negative
        real axis. It is exact for a leak alone. Spirals that decay slowly can need smaller steps, for "euler", "heun"
        and "midpoint" arbitrarily small ones close to a Hopf bifurcation; give the state to see them. Where the Jacobian
        is the same at all states (linear networks), it is used as with a state.

    Returns
    -------
    float
        inf where every step is stable.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75], time_constants=0.5)
    >>> net.replace(weights=[[0, 0], [0, 0]]).max_stable_step("euler")
    1.0
    >>> round(net.max_stable_step("rk4", y=[-40, -40]), 6)
    1.392647
    """
    chosen = method_named(method)
    if chosen.family != "fixed":
        raise ValueError(f"`method` must be an explicit method of constant step; {method!r} chooses its own steps.")
    if not hasattr(system, "structure") or system.structure("additive") is None:
        raise ValueError("`system` must be an additive network; the stability of other systems has no simple bound.")
    if system.state_dim == 0:
        return np.inf
    low, high = _slopes(system) if y is None else (np.zeros(system.state_dim),) * 2
    if y is None and np.any(low != high):
        return _bound_over_states(system, chosen, low, high)
    jacobian = system.jac(0.0, np.zeros(system.state_dim) if y is None else y)
    if chosen.exponential:
        return _exponential_step(jacobian, system.leaks / system.time_constants)
    modes = np.linalg.eigvals(jacobian)
    decaying = modes[modes.real < -ROUNDING * np.abs(modes)]
    return min((largest_stable_multiple(_tableau(chosen), mu) for mu in decaying), default=np.inf)


def _tableau(method: Method) -> Tableau:
    assert method.tableau is not None
    return method.tableau


def _slopes(system: Any) -> tuple[Floats, Floats]:
    """Return the least and the largest slope of every neuron's output over all states."""
    phi = system.activation
    if not np.isfinite(phi.max_slope):
        raise ValueError(
            f"`y` must be given: the activation {phi.name!r} has no finite `max_slope`, so nothing bounds its slope at all "
            "states."
        )
    least = phi.max_slope if phi.name == "linear" else 0.0 if phi.monotone else -phi.max_slope
    ends = np.outer([least, phi.max_slope], system.gains)
    return ends.min(axis=0), ends.max(axis=0)


def _bound_over_states(system: Any, method: Method, low: Floats, high: Floats) -> float:
    leaks = np.diag(system.leaks)
    largest = np.maximum(np.abs(system.weights * low - leaks), np.abs(system.weights * high - leaks))
    largest /= system.time_constants[:, np.newaxis]
    if not method.exponential:
        radius = _spectral_radius(largest)
        return np.inf if radius == 0 else real_extent(_tableau(method)) / radius
    rates = system.leaks / system.time_constants
    h_low, h_high = 0.0, 1.0 / max(np.max(np.abs(rates)), _spectral_radius(largest), np.finfo(float).tiny)

    def stable(h: float) -> bool:
        return _spectral_radius(_filter(rates, h)[:, np.newaxis] * largest) <= 2.0

    while stable(h_high):
        h_low, h_high = h_high, 2.0 * h_high
        if np.all(rates * h_high > LONGEST) or h_high > 1e300:
            return np.inf
    return _bisect(stable, h_low, h_high)


def _exponential_step(jacobian: Floats, rates: Floats) -> float:
    modes = np.linalg.eigvals(jacobian)
    growing = int(np.sum(modes.real >= -ROUNDING * np.abs(modes)))
    identity = np.eye(rates.size)

    def stable(h: float) -> bool:
        step = identity + _filter(rates, h)[:, np.newaxis] * jacobian
        return int(np.sum(np.abs(np.linalg.eigvals(step)) > 1.0 + ROUNDING)) <= growing

    fastest = max(np.max(np.abs(modes), initial=0.0), np.max(np.abs(rates)))
    slowest = np.min(np.abs(rates[rates != 0]), initial=fastest)
    if fastest == 0:
        return np.inf
    h = 1e-3 / fastest
    if not stable(h):
        return 0.0
    while h <= LONGEST / slowest:
        if not stable(GROWTH * h):
            return _bisect(stable, h, GROWTH * h)
        h *= GROWTH
    return np.inf


def _filter(rates: Floats, h: float) -> Floats:
    """(1 - exp(-r h))/r, h where r = 0: what exponential Euler has in the place of h."""
    with np.errstate(over="ignore"):
        return np.where(rates == 0, h, -np.expm1(-rates * h) / np.where(rates == 0, 1.0, rates))


def _spectral_radius(matrix: Floats) -> float:
    return float(np.max(np.abs(np.linalg.eigvals(matrix)), initial=0.0))


def _bisect(stable: Any, low: float, high: float) -> float:
    while high - low > 1e-12 * high:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if stable(middle) else (low, middle)
    return low


def check_step(system: Any, method: Method, dt: float, *, stacklevel: int = 5) -> None:
    """Raise where dt is beyond the stability of the leak; warn where it is coarse."""
    if system.structure("additive") is None or system.state_dim == 0:
        return
    limit = max_stable_leak_step(system, method)
    if dt > limit * (1 + 1e-12):
        i = int(np.argmax(system.leaks / system.time_constants))
        raise ValueError(
            f"`dt` must be at most {limit:g} for {method.name!r}: beyond it even the leak of neuron {i} "
            f"(time constant {system.time_constants[i]:g}) grows without bound; got {dt:g}."
        )
    i = int(np.argmin(system.time_constants))
    tau = float(system.time_constants[i])
    if dt > COARSE * tau * (1 + 1e-12):
        warn(
            f"`dt` = {dt:g} is above a tenth of the smallest time constant ({tau:g}, neuron {i}); the result may depend "
            "on dt more than on the network.",
            stacklevel=stacklevel,
        )
