"""The adaptive BAM against its equations in numpy, its energy, and what it learns."""

import pickle

import numpy as np
import pytest

from hopfield import AdaptiveBAM, load, simulate


def made(rng, a=3, b=2):
    m = a + b
    return AdaptiveBAM(a, b, gain=rng.uniform(1, 3, m), time_constants=rng.uniform(0.5, 2, m), rate=1.5,
                       plastic_time=rng.uniform(2, 5, a))  # fmt: skip


def test_right_hand_side_and_energy_are_the_equations(rng):
    net = made(rng)
    y, u = rng.normal(size=net.state_dim), rng.normal(size=5)
    units, m = y[:5], y[5:].reshape(3, 2)
    S = np.tanh(net.gain * units)
    drive = np.concatenate([m @ S[3:], m.T @ S[:3]])
    rates = np.concatenate([
        (-units + drive + u) / net.time_constants, ((1.5 * np.outer(S[:3], S[3:]) - m) / net.plastic_time[:, None]).ravel()
    ])  # fmt: skip
    np.testing.assert_allclose(net.rhs(0, y, u), rates, rtol=1e-12)
    own = (units * S - np.log(np.cosh(net.gain * units)) / net.gain - u * S).sum()
    assert net.energy(y, u) == pytest.approx(own - S[:3] @ m @ S[3:] + (m * m).sum() / 3.0, rel=1e-12)


def test_energy_falls_and_the_jacobian_is_exact(rng):
    net, step = made(rng), 1e-6
    y, u = rng.normal(size=net.state_dim), rng.normal(size=5)
    columns = [(net.rhs(0, y + step * e, u) - net.rhs(0, y - step * e, u)) / (2 * step) for e in np.eye(len(y))]
    np.testing.assert_allclose(net.jac(0, y, u), np.transpose(columns), atol=1e-8)
    sol = simulate(net, 30, y, inputs=u, rtol=1e-11, atol=1e-13)
    assert sol.max_energy_rise < 1e-10


def test_a_pair_that_was_shown_is_recalled_from_one_half():
    net = AdaptiveBAM(6, 4, gain=5.0, rate=1.0, plastic_time=10.0)
    a, b = np.array([1, 1, -1, 1, -1, -1]), np.array([1, -1, 1, -1])
    taught = simulate(net, 30, net.start(), inputs=np.concatenate([a, b])).final
    m = net.couplings(taught)
    np.testing.assert_array_equal(np.sign(m), np.outer(a, b))
    end = simulate(net, 20, net.start(0.2 * a, 0.0, m)).final
    np.testing.assert_array_equal(np.sign(end[6:10]), b)
    nothing = simulate(net, 20, net.start(0.2 * a)).final  # the control: nothing was taught
    assert np.abs(nothing[6:10]).max() < 0.05


def test_whole_life(tmp_path, rng):
    net, path = made(rng, 1, 4), tmp_path / "net.npz"
    net.save(path)
    y = rng.normal(size=net.state_dim)
    for other in (pickle.loads(pickle.dumps(net)), load(path), net.replace(rate=1.5)):
        np.testing.assert_array_equal(other.rhs(0, y), net.rhs(0, y))
    assert net.couplings(np.tile(y[:, None], 3)).shape == (1, 4, 3)
    assert net.with_params({"rate": 2.0}).rate == 2.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: AdaptiveBAM(0, 2), "`units_a` must be at least 1"),
        (lambda: AdaptiveBAM(2, 2, rate=-1), "`rate` must be positive"),
        (lambda: AdaptiveBAM(2, 2, plastic_time=[1, 0]), r"`plastic_time\[1\]` must be positive"),
        (lambda: AdaptiveBAM(2, 3).start(couplings=np.ones((3, 2))), "`couplings` must have shape"),
        (lambda: AdaptiveBAM(2, 3).couplings(np.ones(4)), "`state` must have shape"),
        (lambda: AdaptiveBAM(10**6, 10**6), "`units_b`"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
