"""Networks with delay lines: scipy's filters, nilpotent ones, Jordan's context, and models recovered from records."""

import numpy as np
import pytest
from scipy import signal

from analysis import lyapunov_spectrum
from neurodynamics import Sampled, simulate
from recurrent import NARX, Jordan, LinearFilter, frequency_response


def outputs(net, x, y0=None):
    x = np.atleast_2d(x)
    drive = Sampled(np.arange(x.shape[1]), x)
    return simulate(net, x.shape[1], np.zeros(net.state_dim) if y0 is None else y0, inputs=drive).outputs[:, 1:]


@pytest.mark.parametrize("seed", range(3))
def test_a_filter_is_scipys(seed):
    rng = np.random.default_rng(seed)
    b, a = signal.butter(3, 0.2 + 0.2 * seed)
    x = rng.normal(size=300)
    np.testing.assert_allclose(outputs(LinearFilter(b, a), x)[0], signal.lfilter(b, a, x), rtol=0, atol=1e-15)
    fir = rng.normal(size=5)
    np.testing.assert_allclose(outputs(LinearFilter(fir), x)[0], signal.lfilter(fir, [1], x), rtol=0, atol=2e-15)


def test_a_finite_response_ends_and_has_no_memory_left():
    net = LinearFilter([1.0, -2.0, 0.5, 3.0])
    run = simulate(net, 4, [0.3, 1.0, -1.0, 2.0])
    assert not run.final.any()
    found = lyapunov_spectrum(net, [0.3, 1.0, -1.0, 2.0], duration=50)
    assert np.isneginf(found.exponents).all()


def test_frequency_response_is_scipys_one_step_later():
    b, a = signal.butter(4, 0.3)
    w = np.linspace(0.1, 3, 7)
    _, expected = signal.freqz(b, a, w)
    found = frequency_response(LinearFilter(b, a), w, np.zeros(5))[:, 0, 0]
    np.testing.assert_allclose(found * np.exp(1j * w), expected, rtol=1e-8, atol=1e-9)


def test_frequency_response_of_a_flow_is_that_of_its_measured_sines():
    from ctrnn import CTRNN

    net = CTRNN([[0.5, -1.0], [1.0, 0.2]], time_constants=[1.0, 2.0], activation="tanh")
    gain = frequency_response(net, [0.8], [0.0, 0.0], [0.0, 0.0])[0, :, 0]
    J = np.array([[-0.5, -1.0], [0.5, -0.4]])
    np.testing.assert_allclose(gain, np.linalg.solve(0.8j * np.eye(2) - J, [1.0, 0.0]), rtol=1e-8)


def test_a_linear_model_is_recovered_from_its_record(rng):
    D, E, d = np.array([[1.1, -0.5, 0.1]]), np.array([[0.7, -0.3]]), [0.2]
    source = NARX(np.zeros((0, 3)), np.zeros((0, 2)), np.zeros((1, 0)), D, E, np.zeros(0), d)
    x = rng.normal(size=(1, 500))
    o = np.c_[np.zeros((1, 1)), outputs(source, x)][:, :500]
    found = NARX.fit_linear(x, o, lags=3, input_lags=2)
    for name, value in (("direct_weights", D), ("direct_input_weights", E), ("output_biases", d)):
        np.testing.assert_allclose(getattr(found, name), value, rtol=0, atol=1e-14)


def test_a_network_with_lags_is_its_formula(rng):
    K, M, p, q, H = 2, 3, 3, 2, 4
    W, U, V, D, E, b, d = (rng.normal(size=s) for s in ((H, K * p), (H, M * q), (K, H), (K, K * p), (K, M * q), H, K))
    net = NARX(W, U, V, 0.1 * D, E, b, d, inputs=M)
    x, o = rng.normal(size=(M, 20)), [np.zeros(K)] * p
    for k in range(20):
        past_o = np.concatenate(o[::-1][:p])
        past_x = np.concatenate([x[:, k], x[:, k - 1] if k else np.zeros(M)])
        o.append(V @ np.tanh(W @ past_o + U @ past_x + b) + 0.1 * D @ past_o + E @ past_x + d)
    np.testing.assert_allclose(outputs(net, x), np.transpose(o[p:]), rtol=1e-9)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="`alpha` must be at least 0 and below 1"):
        Jordan([[1.0]], [[1.0]], [[1.0]], alpha=1.0)
    with pytest.raises(ValueError, match=r"`a\[0\]` must not be 0"):
        LinearFilter([1.0], [0.0, 1.0])
    with pytest.raises(ValueError, match=r"`b\[0\]` must be finite"):
        LinearFilter([1.0], [1e-320, 1.0])
    with pytest.raises(ValueError, match=r"must be a vector of at least one coefficient"):
        LinearFilter([])
    with pytest.raises(ValueError, match=r"M = 2 inputs and q >= 1 lags; got 3"):
        NARX(np.ones((1, 1)), np.ones((1, 3)), np.ones((1, 1)), inputs=2)
    with pytest.raises(ValueError, match="equally long"):
        NARX.fit_linear([1, 2, 3], [1, 2], lags=1, input_lags=1)
    with pytest.raises(ValueError, match="at least"):
        NARX.fit_linear([1, 2, 3], [1, 2, 3], lags=2, input_lags=1)
