"""Ways to find and check equilibria that share nothing with the code under test but the activations."""

from types import SimpleNamespace

import mpmath
import numpy as np
import pytest

VALUE = {
    "logistic": lambda x: 0.5 * (1 + np.tanh(0.5 * x)),
    "tanh": np.tanh,
    "arctangent": lambda x: 2 / np.pi * np.arctan(0.5 * np.pi * x),
}
SLOPE = {
    "logistic": lambda x: 0.25 / np.cosh(0.5 * x) ** 2,
    "tanh": lambda x: 1 / np.cosh(x) ** 2,
    "arctangent": lambda x: 1 / (1 + (0.5 * np.pi * x) ** 2),
}
NEWTON_STEPS = 40
LONGEST_STEP = 20.0


def jacobian(A, x, name):
    """I - A diag(phi'(x)), also for many points (.., N)."""
    return np.eye(len(A)) - A * SLOPE[name](x)[..., None, :]


def newton(A, beta, name, starts):
    """Roots of x - beta - A phi(x) that Newton's method reaches from `starts` (k, N), equal ones once."""
    x = starts.copy()
    with np.errstate(over="ignore"):
        for _ in range(NEWTON_STEPS):
            J = jacobian(A, x, name)
            J[np.abs(np.linalg.det(J)) < 1e-13] = np.eye(len(A))
            step = np.linalg.solve(J, (x - beta - VALUE[name](x) @ A.T)[..., None])[..., 0]
            length = np.abs(step).max(axis=1, keepdims=True)
            x = x - step * np.minimum(1.0, LONGEST_STEP / np.maximum(length, 1e-300))
        residual = np.abs(x - beta - VALUE[name](x) @ A.T).max(axis=1)
    good = (residual < 1e-9) & (length[:, 0] < 1e-9 * (1 + np.abs(x).max(axis=1)))
    return np.unique(np.round(x[good], 7), axis=0)


def exact_root(A, beta, x):
    """The root of the logistic network near x, to 40 digits."""
    A = mpmath.matrix(A.tolist())

    def f(*y):
        s = mpmath.matrix([1 / (1 + mpmath.exp(-v)) for v in y])
        return list(mpmath.matrix(y) - mpmath.matrix(beta.tolist()) - A * s)

    return mpmath.findroot(f, tuple(x.tolist()), tol=1e-60, maxsteps=30)


def krawczyk(A, beta, x, R):
    """Krawczyk's operator of the logistic network on x +- R in interval arithmetic; returns its elements."""
    iv, n = mpmath.iv, len(beta)
    Y = np.linalg.inv(jacobian(A, x, "logistic"))
    box = [iv.mpf([v - mpmath.mpf(R), v + mpmath.mpf(R)]) for v in map(mpmath.mpf, x.tolist())]
    s = [1 / (1 + iv.exp(-iv.mpf(v))) for v in x.tolist()]
    F = [iv.mpf(x[i]) - beta[i] - sum((iv.mpf(A[i, j]) * s[j] for j in range(n)), iv.mpf(0)) for i in range(n)]
    slopes = [1 / (2 + iv.exp(b) + iv.exp(-b)) for b in box]
    out = []
    for i in range(n):
        k = iv.mpf(x[i]) - sum((iv.mpf(Y[i, j]) * F[j] for j in range(n)), iv.mpf(0))
        for j in range(n):
            YJ = sum((iv.mpf(Y[i, m]) * ((m == j) - iv.mpf(A[m, j]) * slopes[j]) for m in range(n)), iv.mpf(0))
            k += ((i == j) - YJ) * (box[j] - iv.mpf(x[j]))
        out.append(k)
    return out, box


@pytest.fixture(scope="session")
def oracle():
    """The functions above, for tests."""
    return SimpleNamespace(
        value=VALUE, slope=SLOPE, jacobian=jacobian, newton=newton, exact_root=exact_root, krawczyk=krawczyk
    )
