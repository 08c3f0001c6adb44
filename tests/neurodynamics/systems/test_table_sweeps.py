"""Sweeps over what a function did: forwards and backwards they are one matrix."""

import numpy as np
import pytest

from neurodynamics import DynamicalSystem, cascade, linearise, mask, switch, unroll
from neurodynamics.systems import replay_of
from recurrent import GRU, FullyRecurrent


def everything(t, y, u, params, out):
    x, a = y[0], params[0]
    smooth = np.exp(-x) / (1.5 + np.sin(x) * np.cos(a - x)) - np.sqrt(x) * np.log(x) ** 3 + a / x - np.tanh(x) ** x
    out[0] = smooth + abs(-x) * np.sinh(0.3 * x) - np.cosh(x) + np.expm1(a * t) * np.arctan(x * u[0])


def test_elementary_functions_have_their_slopes():
    """Against central differences of the same function, good to 1e-9."""
    system, point = DynamicalSystem(everything, 1, params=[2.0], input_dim=1), np.array([0.7, 0.4, 2.0, 0.3])
    at = replay_of(system).at(0.3, point[:1], point[1:2], point[2:3])

    def f(x):
        out = np.empty(1)
        everything(x[3], x[:1], x[1:2], x[2:3], out)
        return out[0]

    slopes = [(f(point + h) - f(point - h)) / 2e-5 for h in 1e-5 * np.eye(4)]
    np.testing.assert_allclose(at.back(np.ones((1, 1)))[:, 0], slopes, rtol=1e-8)
    np.testing.assert_allclose(at.along(np.eye(4))[0], slopes, rtol=1e-8)
    assert at.values[0] == pytest.approx(f(point), rel=1e-15)


def compositions():
    rng = np.random.default_rng(2)
    nets = [FullyRecurrent(rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), 0.1 * k) for k in range(2)]
    gru = GRU(rng.normal(size=(9, 3)), rng.normal(size=(9, 3)))
    return {"cascade": cascade(nets[0], gru), "switch": switch(nets, [0, 1, 1]), "unroll": unroll(gru, 4),
            "mask": mask(gru, {"weights": rng.random((9, 3)) < 0.5})}  # fmt: skip


@pytest.mark.parametrize("name", compositions())
def test_compositions_are_swept_as_their_parts_are(name, rng):
    """w'(J v) = (J'w)'v, with J by dual numbers, which are another way; at times with different modes."""
    system = compositions()[name]
    for t in (1.0, 0.0, 2.0, 1.0):
        y, u = rng.normal(size=system.state_dim), rng.normal(size=system.input_dim)
        at, w = linearise(system, y, u, t=t), rng.normal(size=(system.state_dim, 2))
        np.testing.assert_allclose(at.vjp(w), system.jac(t, y, u).T @ w, rtol=1e-12, atol=1e-13)
        one_by_one = np.stack([at._dual(dp=direction) for direction in np.eye(system.param_dim)], axis=1)
        np.testing.assert_allclose(at.dfdparams(), one_by_one, rtol=1e-12, atol=1e-13)
