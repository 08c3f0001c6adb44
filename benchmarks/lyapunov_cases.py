"""Ways to measure Lyapunov exponents: ours, SciPy's and heyoka's variational integrations with QR between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .case import Case, Run

TOLERANCE = 1e-9  # of Lorenz' trajectory
TAU = 1.0  # between two QR decompositions of the peers


def random_weights(size: int, gain: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    weights = gain * rng.normal(size=(size, size)) / np.sqrt(size)
    np.fill_diagonal(weights, 0.0)
    return weights, rng.normal(size=size)


def lorenz(duration: float) -> list[Case]:
    from analysis import lyapunov_spectrum
    from neurodynamics import models

    system = models.lorenz()
    start = [1.0, 2.0, 20.0]

    def ours(rtol: float) -> Run:
        options = {"duration": duration, "transient": 0, "warm_up": 0, "rtol": rtol, "rng": 0}
        return lambda: lyapunov_spectrum(system, start, **options).exponents

    cases = [Case(f"ours, rtol {rtol:g}", lambda rtol=rtol: ours(rtol)) for rtol in (1e-7, 1e-8, TOLERANCE)]
    return cases + [
        Case(f"heyoka, {TOLERANCE:g}, QR every {every:g}", lambda every=every: _heyoka_lorenz(duration, every, start))
        for every in (0.5, 1.0)
    ]


def _heyoka_lorenz(duration: float, every: float, start: Any) -> Run:
    import heyoka as hy

    x, y, z = hy.make_vars("x", "y", "z")
    system = [(x, 10.0 * (y - x)), (y, x * (28.0 - z) - y), (z, x * y - 8.0 / 3.0 * z)]
    variational = hy.var_ode_sys(system, args=hy.var_args.vars, order=1)
    integrator = hy.taylor_adaptive(variational, start, tol=TOLERANCE)

    def run() -> np.ndarray:
        integrator.time = 0.0
        integrator.state[:] = [*start, *np.eye(3).ravel()]
        return _with_qr(lambda t: integrator.propagate_until(t), integrator.state, 3, duration, every)

    return run


def network(size: int, duration: float, share: float) -> list[Case]:
    from analysis import lyapunov_spectrum
    from ctrnn import CTRNN

    weights, start = random_weights(size)
    net = CTRNN(weights, activation="tanh")

    def ours(rtol: float) -> Run:
        options = {"duration": duration, "transient": 0, "warm_up": 0, "rtol": rtol, "rng": 0}
        return lambda: lyapunov_spectrum(net, start, **options).exponents

    cases = [Case(f"ours, rtol {rtol:g}", lambda rtol=rtol: ours(rtol), cores=0) for rtol in (1e-4, 1e-6)]
    for method, rtol in (("RK45", 1e-6), ("RK45", 1e-3), ("DOP853", 1e-6)):
        build = _scipy(weights, start, method, rtol, share * duration)
        cases.append(Case(f"SciPy {method}, rtol {rtol:g}", build, cores=0, share=share))
    return cases


def _scipy(weights: np.ndarray, start: np.ndarray, method: str, rtol: float, duration: float) -> Callable[[], Run]:
    from scipy import integrate

    size = len(start)

    def slope(t: float, state: np.ndarray) -> np.ndarray:
        phi = np.tanh(state[:size])
        q = state[size:].reshape(size, size)
        out = np.empty_like(state)
        out[:size] = weights @ phi - state[:size]
        out[size:] = (weights @ ((1.0 - phi**2)[:, np.newaxis] * q) - q).ravel()
        return out

    def run() -> np.ndarray:
        state = np.concatenate([start, np.eye(size).ravel()])
        times = [0.0]

        def advance(t: float) -> None:
            state[:] = integrate.solve_ivp(slope, (times[-1], t), state, method=method, rtol=rtol, atol=1e-9).y[:, -1]
            times.append(t)

        return _with_qr(advance, state, size, duration, TAU)

    return lambda: run


def _with_qr(advance: Callable[[float], Any], state: np.ndarray, size: int, duration: float, every: float) -> np.ndarray:
    """Advance, decompose, and average the logarithms of the diagonal of R."""
    growth = np.zeros(size)
    count = round(duration / every)
    for i in range(1, count + 1):
        advance(i * every)
        q, r = np.linalg.qr(state[size:].reshape(size, size))
        growth += np.log(np.abs(np.diag(r)))
        state[size:] = q.ravel()
    return growth / (count * every)


def many(count: int, duration: float) -> Callable[[], Run]:
    from analysis import lyapunov_ensemble
    from ctrnn import CTRNN

    rng = np.random.default_rng(0)
    params = {
        "weights": rng.uniform(-8, 8, (count, 3, 3)),
        "biases": rng.uniform(-4, 4, (count, 3)),
        "time_constants": rng.uniform(0.5, 2, (count, 3)),
    }
    net = CTRNN(np.zeros((3, 3)))
    return lambda: lambda: lyapunov_ensemble(net, np.zeros(3), duration=duration, params=params, rng=0).exponents


def large(size: int, k: int, duration: float) -> Callable[[], Run]:
    from analysis import lyapunov_spectrum
    from ctrnn import CTRNN

    weights, start = random_weights(size, 1.5)
    net = CTRNN(weights, activation="tanh")
    options = {"transient": 0, "warm_up": 0, "rtol": 1e-5, "rng": 0}
    return lambda: lambda: lyapunov_spectrum(net, start, k, duration, **options).exponents
