"""Bad input, and systems at the edge of what is defined."""

import numpy as np
import pytest

from analysis import classify, largest_lyapunov_exponent, lyapunov_spectrum
from ctrnn import CTRNN
from neurodynamics import DynamicalSystem, Interrupted, Kind, Status


@pytest.mark.parametrize(("options", "message"), [
    ({"k": 0}, "`k` must be at least 1"),
    ({"k": 4}, "`k` must be at most the number of states, 3"),
    ({"duration": 0}, "`duration` must be positive"),
    ({"duration": -1}, "`duration` must be positive"),
    ({"duration": 10, "tolerance": 0.1}, "exclude each other"),
    ({"max_duration": 10}, "give that as well"),
    ({"transient": -1}, "`transient` must be at least 0"),
    ({"method": "RK45"}, "`method` must be one of"),
    ({"method": "rk4"}, "`dt` must be given"),
    ({"dt": 0.1, "method": "dop853"}, "`dt` has no meaning"),
    ({"dt": 0.1, "rtol": 1e-3}, "`rtol` has no meaning"),
    ({"starts": 0}, "`starts` must be at least 1"),
    ({"perturb": 0.0}, "`perturb` must be positive"),
    ({"window": "hamming"}, "`window` must be one of"),
    ({"inputs": [1, 2]}, "`inputs` must have one entry"),
    ({"on_interrupt": "ignore"}, "`on_interrupt` must be one of"),
])  # fmt: skip
def test_bad_arguments_are_named(known, options, message):
    with pytest.raises(ValueError, match=message):
        lyapunov_spectrum(known.LORENZ, **options)


def test_what_is_no_system_is_refused():
    with pytest.raises(TypeError, match="`system` must be a network"):
        lyapunov_spectrum(np.eye(3))
    with pytest.raises(TypeError, match="`k` is 1 here"):
        largest_lyapunov_exponent(CTRNN([[0.0]]), k=2)


def test_maps_refuse_what_is_for_flows(known):
    for options in ({"dt": 1}, {"rtol": 1e-6}, {"method": "rk4"}):
        with pytest.raises(ValueError, match="no meaning for a map"):
            lyapunov_spectrum(known.HENON, **options)
    with pytest.raises(TypeError, match="`duration` must be an integer"):
        lyapunov_spectrum(known.HENON, duration=10.5)


def test_finite_differences_stand_in_for_a_jacobian_and_are_flagged(known):
    ls = lyapunov_spectrum(known.LORENZ_BY_DIFFERENCES, [1, 2, 3], duration=200, rng=0)
    assert ls.jacobian == "differences"
    assert "differences" in repr(ls)
    assert any("finite differences" in note for note in ls.notes)
    assert abs(ls.exponents.sum() + 41 / 3) < 1e-5


@pytest.mark.parametrize("kind", ["flow", "map"])
def test_diverging_trajectories_have_a_status_and_no_exponents(known, kind):
    ls = lyapunov_spectrum(known.linear([[3.0]], kind), [1.0], duration=2000)
    assert ls.status == Status.NON_FINITE
    assert not ls.success
    assert ls.exponents.size == 0
    assert ls.kind == Kind.DIVERGES
    assert "no exponents" in repr(ls)
    assert classify(known.linear([[3.0]], kind), [1.0], duration=2000).kind == Kind.DIVERGES


def test_a_start_on_an_unstable_equilibrium_warns_and_can_be_perturbed(known):
    with pytest.warns(UserWarning, match="unstable equilibrium"):
        at_rest = lyapunov_spectrum(known.LORENZ, [0, 0, 0], duration=100)
    assert at_rest.exponents[0] == pytest.approx(0.5 * (-11 + np.sqrt(1201)))
    away = lyapunov_spectrum(known.LORENZ, [0, 0, 0], duration=100, perturb=1e-6, rng=0)
    assert away.kind == Kind.CHAOS


def test_an_unstable_symmetric_cycle_is_not_called_chaos(known):
    """Two oscillators that repel each other, started in step: the cycle closes, and neighbours leave it."""
    weights = np.kron(np.eye(2), [[4.5, 1], [-1, 4.5]]) + np.kron([[0, 1], [1, 0]], [[-0.2, 0], [0, -0.2]])
    net = CTRNN(weights, biases=[-2.75, -1.75] * 2)
    net = net.replace(biases=-weights.sum(axis=1) / 2)
    found = classify(net, [1.0, 0.5, 1.0, 0.5], duration=2000, rng=0)
    if found.spectrum.kind == Kind.CHAOS:
        assert found.kind == Kind.UNDECIDED
        assert "perturb" in found.reason
    else:
        assert found.kind in (Kind.LIMIT_CYCLE, Kind.FIXED_POINT)


def test_activations_with_corners_are_named_in_the_record(rng):
    net = CTRNN(2.0 * rng.normal(size=(6, 6)) / np.sqrt(6) - np.eye(6), activation="hard_sigmoid")
    ls = lyapunov_spectrum(net, duration=100, rng=rng)
    assert any("corners" in note for note in ls.notes)


def test_one_neuron():
    ls = lyapunov_spectrum(CTRNN([[0.5]], time_constants=2.0), rng=0)
    assert ls.exponents == pytest.approx(np.linalg.eigvals(CTRNN([[0.5]], time_constants=2.0).jac(0.0, ls.y)).real)
    assert ls.kind == Kind.FIXED_POINT


def test_nilpotent_maps_have_minus_infinity():
    def shift(t, y, u, params, out):
        out[0] = y[1] * y[1]
        out[1] = np.sin(t)

    def jac(t, y, u, params, out):
        out[0, 0], out[0, 1], out[1, 0], out[1, 1] = 0.0, 2.0 * y[1], 0.0, 0.0

    ls = lyapunov_spectrum(DynamicalSystem(shift, 2, jac=jac, kind="map"), [1, 1], duration=100, rng=0)
    assert np.all(np.isneginf(ls.exponents))
    assert ls.success
    assert ls.kaplan_yorke_dimension == 0.0


def test_one_dead_direction_leaves_the_others_alone():
    def rhs(t, y, u, params, out):
        out[0] = 4.0 * y[0] * (1.0 - y[0])
        out[1] = y[0]

    def jac(t, y, u, params, out):
        out[0, 0], out[0, 1], out[1, 0], out[1, 1] = 4.0 - 8.0 * y[0], 0.0, 1.0, 0.0

    ls = lyapunov_spectrum(DynamicalSystem(rhs, 2, jac=jac, kind="map"), [0.3, 0.1], duration=20_000, rng=0)
    assert abs(ls.exponents[0] - np.log(2)) <= 3 * ls.errors[0]
    assert np.isneginf(ls.exponents[1])
    assert ls.kind == Kind.CHAOS


def test_host_systems_by_differences_by_product_and_compiled_agree(rng):
    n = 24
    options = {"duration": 10, "transient": 5, "warm_up": 5, "rng": 3}
    for _ in range(50):  # until a network moves: at rest the compiled path reads eigenvalues, which others come to slowly
        weights, start = 2.0 * rng.normal(size=(n, n)) / np.sqrt(n), rng.normal(size=n)
        compiled = largest_lyapunov_exponent(CTRNN(weights, activation="tanh"), start, **options)
        if compiled.method != "eigenvalues":
            break

    def rhs(t, y, u, params, out):
        out[:] = -y + weights @ np.tanh(y)

    def product(t, y, u, params, q, out):
        out[:] = -q + weights @ ((1 - np.tanh(y) ** 2) * q)

    host = DynamicalSystem(rhs, n, host=True)
    differences = largest_lyapunov_exponent(host, start, **options)
    products = largest_lyapunov_exponent(host, start, product=product, **options)
    assert (differences.path, products.path, compiled.path) == ("host", "host", "compiled")
    assert (differences.jacobian, products.jacobian) == ("differences", "product")
    assert products.exponents == pytest.approx(compiled.exponents, abs=1e-5)
    assert differences.exponents == pytest.approx(products.exponents, abs=1e-5)


def test_a_timeout_keeps_what_was_averaged(known):
    ls = lyapunov_spectrum(known.LORENZ, [1, 2, 3], duration=1e8, transient=10, warm_up=10, timeout=0.4, rng=0)
    assert ls.status == Status.TIMEOUT
    assert ls.exponents.size == 3
    assert 0 < ls.duration < 1e8


def test_ctrl_c_raises_with_what_was_averaged(known, monkeypatch):
    from analysis.lyapunov import measure

    def interrupt(carrier):
        raise KeyboardInterrupt

    monkeypatch.setattr(measure, "probe", interrupt)
    with pytest.raises(Interrupted) as caught:
        lyapunov_spectrum(known.LORENZ, [1, 2, 3], duration=500, rng=0)
    assert caught.value.result.status == Status.INTERRUPTED
    assert caught.value.result.exponents.size == 3
    kept = lyapunov_spectrum(known.LORENZ, [1, 2, 3], duration=500, rng=0, on_interrupt="return")
    assert kept.exponents.size == 3


def test_a_run_goes_on_until_its_tolerance_or_says_that_it_did_not(known):
    ls = lyapunov_spectrum(known.LORENZ, [1, 2, 3], tolerance=0.008, rng=0)
    assert ls.success
    assert np.all(ls.standard_errors <= 0.008)
    short = lyapunov_spectrum(known.LORENZ, [1, 2, 3], tolerance=1e-6, max_duration=200, rng=0)
    assert short.status == Status.MAX_STEPS
    assert "max_duration" in short.message
    assert short.exponents.size == 3


def test_systems_that_are_reset_have_exponents():
    def rhs(t, y, u, params, out):
        out[0] = 1.0

    def events(t, y, u, params, out):
        out[0] = y[0] - 1.0

    def reset(event, t, y, u, params, out):
        out[0] = 0.0

    found = lyapunov_spectrum(DynamicalSystem(rhs, 1, events=events, reset=reset), [0.0], duration=50)
    assert abs(found.exponents[0]) < 1e-9
