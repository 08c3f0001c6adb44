"""Lyapunov exponents of flows, maps and driven systems."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.common import slowest_time
from analysis.lyapunov.measure import Measurement, Trajectories
from analysis.lyapunov.record import LyapunovSpectrum
from analysis.lyapunov.scheme import scheme_for
from neurodynamics import DynamicalSystem
from neurodynamics.inputs import Inputs
from neurodynamics.notices import warn
from neurodynamics.validation import Floats, as_choice, as_count, as_generator, as_number
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

FIRST_DURATION = 1000.0  # in slowest time constants, of a run that ends at a tolerance
PERTURBATION = 1e-6
SETTLE, WARM_UP = (0.1, 50.0, 2000.0), (0.05, 20.0, 1000.0)  # share of the duration, at least, at most


def lyapunov_spectrum(
    system: DynamicalSystem,
    y0: ArrayLike | None = None,
    k: int | None = None,
    duration: float | None = None,
    *,
    tolerance: float | None = None,
    max_duration: float | None = None,
    transient: float | None = None,
    warm_up: float | None = None,
    inputs: Any = None,
    method: str | None = None,
    dt: float | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    max_step: float | None = None,
    window: str = "auto",
    perturb: float | None = None,
    starts: int = 1,
    product: Any = None,
    rng: np.random.Generator | int | None = None,
    timeout: float | None = None,
    progress: bool = False,
    on_interrupt: str = "raise",
) -> LyapunovSpectrum:
    """Measure the k largest Lyapunov exponents of a flow or a map, with their errors.

    Tangent vectors are carried along a trajectory, ``dQ/dt = J Q`` (of a map: ``Q <- J Q``), and made orthonormal as
    often as they need it; the exponents are the averages of their growth rates [1]_ [2]_. For additive networks ``J Q``
    is formed without J. Where the trajectory comes to rest the exponents are found exactly, as real parts of the
    eigenvalues of J.

    Parameters
    ----------
    system : DynamicalSystem
        A network, or a system of your own. Without a ``jac`` finite differences take its place, and the record says so.
    y0 : array_like, shape (N,), optional
        Where to start; by default a random state.
    k : int, optional
        How many exponents; by default all N.
    duration : float, optional
        Time to average over, after the transient (of a map: iterations). By default 1000 slowest time constants.
    tolerance : float, optional
        Instead of ``duration``: go on until no standard error exceeds it, or for ``max_duration``.
    transient, warm_up : float, optional
        Time for the state to settle, and for state and tangent vectors together, before averages begin. By default a
        tenth and a twentieth of the duration, but at least 50 and 20, and at most 2000 and 1000, slowest time constants.
    inputs : optional
        None, constants, signals or a Python function, as for `simulate`. The exponents of a driven system are its
        conditional ones: below zero it forgets its start (the echo-state condition).
    method, dt, rtol, atol, max_step : optional
        "dop853" (default) or "dopri5" with a tolerance on trajectory and tangent vectors alike (1e-7, from 16 states on
        1e-6); "rk4", "heun",
        "midpoint", "euler" with a step dt; with noise "stochastic_heun" or "euler_maruyama" (frozen noise).
    window : {"auto", "taper", "smooth", "flat"}
        Weights of the time average; "flat" is the plain one.
    perturb : float, optional
        Displace y0 by a random vector of this length: for starts on an unstable symmetric state.
    starts : int
        Trajectories from different random states (or displacements), whose results are pooled.
    product : callable ``(t, y, u, params, q, out)``, optional
        Writes ``J q``, for systems too large for a matrix; the run is then uncompiled.
    rng : optional
        Seed or generator for starts, tangent vectors and noise.
    timeout, progress, on_interrupt
        As for `simulate`; what was averaged until then is in the record.

    Returns
    -------
    LyapunovSpectrum

    References
    ----------
    .. [1] Benettin, Galgani, Giorgilli & Strelcyn (1980), Meccanica 15, 9.
    .. [2] Geist, Parlitz & Lauterborn (1990), Prog. Theor. Phys. 83, 875.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import lyapunov_spectrum
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> ls = lyapunov_spectrum(net, duration=2000, rng=0)
    >>> ls.kind, bool(ls.zero_error < 1e-4)
    (<Kind.LIMIT_CYCLE: 'limit_cycle'>, True)
    """
    if not isinstance(system, DynamicalSystem):
        raise TypeError(f"`system` must be a network or a DynamicalSystem; got {type(system).__name__}.")
    rng = as_generator(rng)
    count, scheme = _number_of_exponents(k, system), scheme_for(system, method, dt, rtol, atol, max_step, rng)
    drive = Inputs(inputs, system.input_dim)
    states = _starts(system, y0, perturb, as_count(starts, "starts", minimum=1), rng)
    job = Measurement(
        system=system,
        k=count,
        scheme=scheme,
        inputs=drive,
        window=as_choice(window, "window", ["auto", "taper", "smooth", "flat"]),
        product=_check_product(product),
        timeout=as_timeout(timeout),
        progress=bool(progress),
        **_times(system, duration, tolerance, max_duration, transient, warm_up, 1.0),
    )
    call = Trajectories(job, states, rng)

    def work() -> LyapunovSpectrum:
        unit = slowest_time(system, drive.base, np.array(states))
        call.job = replace(job, unit=unit, **_times(system, duration, tolerance, max_duration, transient, warm_up, unit))
        return call.run()

    result: LyapunovSpectrum = long_call(work, call.so_far, timeout=job.timeout, on_interrupt=as_on_interrupt(on_interrupt))
    _warn_on_unstable_rest(result)
    return result


def largest_lyapunov_exponent(system: DynamicalSystem, y0: ArrayLike | None = None, **options: Any) -> LyapunovSpectrum:
    """Measure the largest Lyapunov exponent alone: for networks too large for a spectrum.

    Parameters
    ----------
    system : DynamicalSystem
        Also a host system: sparse or low-rank couplings inside Python functions. Its tangent product is the user's
        ``product``, or a difference along the tangent vector: two evaluations a step, and no matrix.
    y0, options
        As for :func:`lyapunov_spectrum`.

    Returns
    -------
    LyapunovSpectrum
        With k = 1.

    Examples
    --------
    >>> import numpy as np
    >>> from ctrnn import CTRNN
    >>> from analysis import largest_lyapunov_exponent
    >>> W = np.random.default_rng(0).normal(size=(50, 50)) / np.sqrt(50)
    >>> ls = largest_lyapunov_exponent(CTRNN(0.5 * W, activation="tanh"), rng=1)
    >>> ls.kind, ls.method
    (<Kind.FIXED_POINT: 'fixed_point'>, 'eigenvalues')
    """
    if "k" in options:
        raise TypeError("`k` is 1 here; use lyapunov_spectrum for more exponents.")
    return lyapunov_spectrum(system, y0, 1, **options)


# Checking what users give ----------------------------------------------------------------------------------------------


def _number_of_exponents(k: Any, system: DynamicalSystem) -> int:
    n = system.state_dim
    if n == 0:
        raise ValueError("`system` has no states, so it has no exponents.")
    if k is None:
        return n
    count = as_count(k, "k", minimum=1)
    if count > n:
        raise ValueError(f"`k` must be at most the number of states, {n}; got {count}.")
    return count


def _times(system: DynamicalSystem, duration: Any, tolerance: Any, longest: Any, transient: Any, warm_up: Any,
           unit: float) -> dict:  # fmt: skip
    if tolerance is not None and duration is not None:
        raise ValueError("`duration` and `tolerance` exclude each other; leave one out, or limit a run by `max_duration`.")
    if longest is not None and tolerance is None:
        raise ValueError("`max_duration` limits a run that ends at a `tolerance`; give that as well.")
    given = FIRST_DURATION * unit if duration is None else _time(system, duration, "duration")
    settle, warm = (
        float(np.clip(share * given, least * unit, most * unit)) if value is None else _time(system, value, name, zero=True)
        for value, name, (share, least, most) in ((transient, "transient", SETTLE), (warm_up, "warm_up", WARM_UP))
    )
    if system.kind == "map":
        settle, warm = float(np.ceil(settle)), float(np.ceil(warm))
    limit = given
    if tolerance is not None:
        tolerance = as_number(tolerance, "tolerance", positive=True)
        limit = 1000.0 * given if longest is None else _time(system, longest, "max_duration")
        given = min(given, limit)
    return {"duration": given, "transient": settle, "warm_up": warm, "tolerance": tolerance, "max_duration": limit}


def _time(system: DynamicalSystem, value: Any, name: str, *, zero: bool = False) -> float:
    if system.kind == "map":
        return float(as_count(value, name, minimum=0 if zero else 1))
    return as_number(value, name, minimum=0.0) if zero else as_number(value, name, positive=True)


def _check_product(product: Any) -> Any:
    if product is not None and not callable(product):
        raise TypeError(f"`product` must be a function (t, y, u, params, q, out); got {type(product).__name__}.")
    return product


def _starts(system: DynamicalSystem, y0: Any, perturb: Any, count: int, rng: np.random.Generator) -> list[Floats]:
    size = None if perturb is None else as_number(perturb, "perturb", positive=True)
    if y0 is None:
        return list(system.set_back(rng.normal(size=(count, system.state_dim))))
    start = system.check_state(y0, "y0")
    if size is None and count > 1:
        size = 0.1 * (1.0 + float(np.max(np.abs(start))))
    states = []
    for _ in range(count):
        away = rng.normal(size=start.size)
        states.append(start if size is None else start + size * away / np.linalg.norm(away))
    return states


def _warn_on_unstable_rest(record: LyapunovSpectrum) -> None:
    if any("rests on an unstable equilibrium" in note for note in record.notes):
        warn(
            "the trajectory rests on an unstable equilibrium, where no perturbed trajectory stays; start elsewhere, or pass "
            f"perturb={PERTURBATION:g} to leave it.",
            stacklevel=3,
        )
