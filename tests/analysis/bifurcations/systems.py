"""Systems whose bifurcations are known: networks, textbook flows and maps. ``u`` are inputs, everywhere unused."""

from __future__ import annotations

import numpy as np

from ctrnn import CTRNN
from neurodynamics import DynamicalSystem

W1 = [[11, -10], [7, -1]]
W4 = [[9, -10], [5, 7]]
OSCILLATOR = [[4.5, 1], [-1, 4.5]]
BEER = CTRNN([[5.422, -0.018, 2.75], [-0.24, 4.59, 1.21], [0.535, -2.25, 3.885]], biases=[-4.108, -2.787, -1.114],
             time_constants=[1, 2.5, 1])  # fmt: skip


def ring(n):
    """An odd ring of inhibition, ``x_i' = -x_i - w tanh(x_(i-1))``, and w as a direction."""
    weights = -np.roll(np.eye(n), -1, axis=1)
    names = {f"weights[{i}, {(i - 1) % n}]": -1.0 for i in range(n)}
    return CTRNN(weights, activation="tanh"), names


def lorenz(rho=0.5):
    def rhs(t, y, u, params, out):
        sigma, rho, beta = params
        out[0] = sigma * (y[1] - y[0])
        out[1] = y[0] * (rho - y[2]) - y[1]
        out[2] = y[0] * y[1] - beta * y[2]

    return DynamicalSystem(rhs, 3, {"sigma": 10.0, "rho": rho, "beta": 8 / 3})


def pp2(p=0.1):
    """The predator and prey of AUTO's demo pp2."""

    def rhs(t, y, u, params, out):
        out[0] = 3 * y[0] * (1 - y[0]) - y[0] * y[1] - params[0] * (1 - np.exp(-5 * y[0]))
        out[1] = -y[1] + 3 * y[0] * y[1]

    return DynamicalSystem(rhs, 2, {"p": p})


def lorenz84(F=2.0, T=0.04):
    def rhs(t, y, u, params, out):
        F, T = params
        X, Y, Z, U = y
        out[0] = -Y * Y - Z * Z - 0.25 * X + 0.25 * F - 0.987 * U * U
        out[1] = X * Y - X * Z - Y + 0.25
        out[2] = X * Y + X * Z - Z
        out[3] = -1.04 * U + 0.987 * U * X + T

    return DynamicalSystem(rhs, 4, {"F": F, "T": T})


def co_oxidation(q2=1.4, k=0.4):
    def rhs(t, y, u, params, out):
        q2, k = params
        x, v, s = y
        z = 1 - x - v - s
        out[0] = 2 * 2.5 * z * z - 2 * 1.0 * x * x - 10 * x * v
        out[1] = q2 * z - 0.1 * v - 10 * x * v
        out[2] = 0.0675 * (z - k * s)

    return DynamicalSystem(rhs, 3, {"q2": q2, "k": k})


def fitzhugh_nagumo(I=0.0):  # noqa: E741
    def rhs(t, y, u, params, out):
        out[0] = y[0] - y[0] ** 3 / 3 - y[1] + params[0]
        out[1] = 0.08 * (y[0] + 0.7 - 0.8 * y[1])

    return DynamicalSystem(rhs, 2, {"I": I})


def morris_lecar(I=50.0):  # noqa: E741
    def rhs(t, y, u, params, out):
        v, w = y
        m = 0.5 * (1 + np.tanh((v + 1.2) / 18))
        n = 0.5 * (1 + np.tanh((v - 2) / 30))
        out[0] = (params[0] - 4.4 * m * (v - 120) - 8 * w * (v + 84) - 2 * (v + 60)) / 20
        out[1] = 0.04 * np.cosh((v - 2) / 60) * (n - w)

    return DynamicalSystem(rhs, 2, {"I": I})


def roessler(c=1.0, a=0.2):
    def rhs(t, y, u, params, out):
        a, c = params
        out[0] = -y[1] - y[2]
        out[1] = y[0] + a * y[1]
        out[2] = a + y[2] * (y[0] - c)

    return DynamicalSystem(rhs, 3, {"a": a, "c": c})


def logistic(r=2.5):
    def rhs(t, y, u, params, out):
        out[0] = params[0] * y[0] * (1 - y[0])

    return DynamicalSystem(rhs, 1, {"r": r}, kind="map")


def henon(a=0.2):
    def rhs(t, y, u, params, out):
        out[0] = 1 - params[0] * y[0] ** 2 + y[1]
        out[1] = 0.3 * y[0]

    return DynamicalSystem(rhs, 2, {"a": a}, kind="map")


def delayed_logistic(a=1.5):
    def rhs(t, y, u, params, out):
        out[0] = params[0] * y[0] * (1 - y[1])
        out[1] = y[0]

    return DynamicalSystem(rhs, 2, {"a": a}, kind="map")
