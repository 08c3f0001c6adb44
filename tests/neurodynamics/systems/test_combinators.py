"""Compositions are what their parts do one after the other, and their Jacobians follow the chain rule."""

import copy
import pickle

import numpy as np
import pytest

from ctrnn import CTRNN
from hopfield import GradedHopfield
from neurodynamics import (
    Box,
    DynamicalSystem,
    Sampled,
    Simplex,
    cascade,
    confined,
    delay_line,
    discretise,
    linearise,
    load,
    markov_modes,
    mask,
    simulate,
    switch,
    unroll,
)
from neurodynamics.files import npz
from neurodynamics.systems import network_parts
from recurrent import GRU, Elman, FullyRecurrent, LinearFilter


def elman(rng, n, m, k):
    return Elman(rng.normal(size=(n, n)), rng.normal(size=(n, m)), rng.normal(size=(k, n)), 0.1, -0.1)


def pendulum(t, y, u, params, out):
    out[0] = y[1]
    out[1] = u[0] - params[0] * np.sin(y[0])


def chain_rule(first, second, y, u):
    n = first.state_dim
    at = linearise(second, y[n:], first.outputs(y[:n]))
    steps = 1e-6 * np.eye(n)
    C = np.stack([(first.outputs(y[:n] + e) - first.outputs(y[:n] - e)) / 2e-6 for e in steps], axis=1)
    zero = np.zeros((n, second.state_dim))
    return np.block([[first.jac(0, y[:n], u), zero], [at.dfdinputs() @ C, at.system.jac(0, y[n:], first.outputs(y[:n]))]])


def pairs():
    rng = np.random.default_rng(5)
    two = rng.normal(size=(2, 2, 2))
    return [
        (elman(rng, 3, 2, 2), GRU(rng.normal(size=(6, 2)), rng.normal(size=(6, 2)))),
        (CTRNN(two[0], input_weights=[[1.0], [0.5]]), CTRNN(two[1], [0.1, 0.2], [1.0, 3.0])),
        (CTRNN(two[0]), DynamicalSystem(pendulum, 2, {"g": 2.0}, 2)),
    ]


@pytest.mark.parametrize(("first", "second"), pairs(), ids=["maps", "additive", "of a user"])
def test_a_cascade_is_its_parts_in_a_row(first, second, rng):
    whole, n = cascade(first, second), first.state_dim
    y, u = rng.normal(size=n + second.state_dim), rng.normal(size=first.input_dim)
    parts = [first.rhs(0, y[:n], u), second.rhs(0, y[n:], first.outputs(y[:n]))]
    np.testing.assert_allclose(whole.rhs(0, y, u), np.concatenate(parts), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(whole.jac(0, y, u), chain_rule(first, second, y, u), atol=1e-7)
    np.testing.assert_array_equal(whole.outputs(y), second.outputs(y[n:]))
    exact = first.has("jac") and second.has("jac")
    assert whole.has("jac") == linearise(whole, y, u).exact == exact
    assert whole.with_params({"second_" + second.param_names[0]: 0.5}).params[first.param_dim] == 0.5


def test_a_delayed_network_says_the_same_later(rng):
    net, x = elman(rng, 3, 1, 2), rng.normal(size=(1, 20))
    drive = Sampled(np.arange(20), x)
    plain = simulate(net, 20, np.zeros(3), inputs=drive).outputs
    late = simulate(cascade(net, delay_line(2, 4)), 20, np.zeros(11), inputs=drive).outputs
    np.testing.assert_array_equal(late[:, 4:], plain[:, :-4])
    assert not np.linalg.matrix_power(delay_line(2, 4).jac(0, np.zeros(8)), 4).any()


def test_a_switch_follows_its_sequence(rng):
    nets = [FullyRecurrent(rng.normal(size=(2, 2)), rng.normal(size=(2, 1)), 0.1 * k) for k in range(3)]
    sequence, u = [2, 0, 1, 1], [0.3]
    y = expected = rng.normal(size=2)
    for k in range(9):
        expected = nets[sequence[k % 4]].rhs(k, expected, u)
    whole = switch(nets, sequence)
    np.testing.assert_array_equal(simulate(whole, 9, y, inputs=u).final, expected)
    for k in range(4):
        np.testing.assert_allclose(whole.jac(k, y, u), nets[sequence[k]].jac(0, y, u), rtol=1e-13)


def test_a_flow_switches_where_its_chain_jumps():
    """Linear decays in turn: the logarithm falls by the time spent in each mode, times its rate."""
    fast, slow = CTRNN([[0.0]], time_constants=0.5), CTRNN([[0.0]], time_constants=2.0)
    modes = markov_modes([[-1.0, 1.0], [0.5, -0.5]], 8.0, rng=4)
    run = simulate(switch([fast, slow]), 8.0, [1.0], inputs=[0.0, modes], rtol=1e-10, atol=1e-14)
    t = np.linspace(0, 8, 400001)
    in_slow = np.mean([modes.split()[0](0.5 * (a + b)) for a, b in zip(t[:-1:50], t[1::50], strict=True)])
    assert np.log(run.final[0]) == pytest.approx(-8 * (2 * (1 - in_slow) + 0.5 * in_slow), abs=1e-2)


def test_chains_spend_their_time_as_their_generator_says():
    """Occupancy: the left null vector of Q, here (1/3, 2/3)."""
    modes = markov_modes([[-1.0, 1.0], [0.5, -0.5]], 3000.0, rng=0)
    times = np.append(np.array([term.data[: term.data.size // 2] for term in modes._terms])[0], 3000.0)
    values = np.array([modes(t) for t in times[:-1]])
    assert (np.diff(times) * np.ravel(values)).sum() / 3000 == pytest.approx(2 / 3, abs=0.03)


def test_masked_parameters_stay_zero(rng):
    net = FullyRecurrent(rng.normal(size=(2, 2)))
    masked = mask(net, {"weights": [[1, 0], [1, 1]]})
    expected = np.tanh([net.weights[0, 0], net.weights[1] @ [1, 2]])
    np.testing.assert_allclose(masked.rhs(0, [1, 2]), expected, rtol=1e-14)
    assert masked.with_params({"weights[1, 0]": 3.0}).param("weights[1, 0]") == 3.0
    with pytest.raises(ValueError, match=r"`weights\[0, 1\]` must be 0: it is masked"):
        masked.with_params({"weights[0, 1]": 3.0})
    with pytest.raises(ValueError, match=r"`masks\['biases'\]` must have shape"):
        mask(net, {"biases": [[True]]})


def test_a_masked_network_has_the_noise_and_the_energy_of_its_parameters():
    """Whether there is noise, or an energy, depends on parameters, which a mask changes."""
    net, kept = CTRNN([[1.0, 2.0], [3.0, 4.0]], noise=[0.0, 0.1]), {"weights": [[1, 1], [0, 1]]}
    quiet = mask(net.with_params({"noise": 0.0}), kept)
    assert not quiet.has("diffusion")
    alike = CTRNN([[1.0, 2.0], [0.0, 4.0]])
    for method in (None, "dop853", "rk4"):
        options = {"method": method, "dt": 0.01} if method == "rk4" else {"method": method}
        y = [simulate(each, 5, [0.3, 0.3], **options).final for each in (quiet, alike)]
        np.testing.assert_allclose(y[0], y[1], rtol=1e-6)
    assert mask(net, kept).has("diffusion")
    assert mask(net, kept).with_params({"noise": 0.0}).has("diffusion") is False
    assert mask(net, {"noise": [1, 0]}).has("diffusion") is False
    memory = GradedHopfield([[0.0, 1.0], [1.0, 0.0]])
    assert memory.has("energy")
    assert mask(memory, {"weights": [[1, 1], [1, 1]]}).has("energy")
    assert not mask(memory, {"weights": [[1, 1], [0, 1]]}).has("energy")


def test_an_unrolled_map_is_many_steps(rng):
    net = GRU(rng.normal(size=(6, 2)), rng.normal(size=(6, 1)))
    whole, y, x = unroll(net, 5), rng.normal(size=2), rng.normal(size=5)
    expected, J = y, np.eye(2)
    for each in x:
        J = net.jac(0, expected, [each]) @ J
        expected = net.rhs(0, expected, [each])
    np.testing.assert_array_equal(whole.rhs(0, y, x), expected)
    np.testing.assert_allclose(whole.jac(0, y, x), J, rtol=1e-11, atol=1e-13)


def compositions():
    rng = np.random.default_rng(4)
    maps = [FullyRecurrent(rng.normal(size=(2, 2)), rng.normal(size=(2, 2)), 0.1 * k) for k in range(2)]
    flow = CTRNN(rng.normal(size=(2, 2)), [0.1, 0.2], [1.0, 3.0])
    masked = mask(GRU(rng.normal(size=(6, 2))), {"weights": rng.random((6, 2)) < 0.5, "biases": rng.random(6) < 0.5})
    return {
        "cascade": cascade(*maps, maps[0]),
        "delay line": delay_line(2, 3),
        "switch": switch(maps, [0, 1, 1]),
        "switched flow": switch([flow, flow.replace(biases=0.3)]),
        "mask": mask(masked, {"weights": np.ones((6, 2))}),
        "unrolled": unroll(maps[1], 3),
        "nested": cascade(unroll(maps[0], 1), delay_line(2, 2)).with_params({"first_biases[0]": 0.7}),
        "in a box": confined(flow, Box(-1.0, 0.5)),
        "in a simplex": confined(switch([flow, flow]), Simplex()),
        "discretised": discretise(flow, "euler", 0.1).with_params({"dt": 0.2}),
    }


@pytest.mark.parametrize("name", compositions())
def test_compositions_live_as_other_systems_do(name, tmp_path):
    """They are pickled, copied, saved and loaded, alone and with their runs, and compute the same bits."""
    system = compositions()[name]
    path, u = tmp_path / "it.npz", np.full(system.input_dim, 0.3)
    y = np.full(system.state_dim, 1 / system.state_dim)
    run = simulate(system, 3, y, inputs=u)
    run.save(tmp_path / "run.npz")
    system.save(path)
    others = [load(path), load(tmp_path / "run.npz").system, pickle.loads(pickle.dumps(system)), copy.copy(system),
              copy.deepcopy(system)]  # fmt: skip
    for other in others:
        assert type(other) is type(system)
        assert other.domain == system.domain
        assert other.layout.shapes == system.layout.shapes
        np.testing.assert_array_equal(other.params, system.params)
        np.testing.assert_array_equal(simulate(other, 3, y, inputs=u).y, run.y)
    if name == "mask":
        with pytest.raises(ValueError, match="it is masked"):
            others[0].with_params(np.ones(system.param_dim))


def test_files_refuse_compositions_of_functions(tmp_path):
    whole = cascade(CTRNN(np.eye(2)), DynamicalSystem(pendulum, 2, {"g": 2.0}, 2))
    with pytest.raises(TypeError, match="`net` must be a network"):
        whole.save(tmp_path / "it.npz")
    run = simulate(whole, 1, np.zeros(4))
    run.save(tmp_path / "run.npz")
    with pytest.warns(UserWarning, match="pass it as `system=`"):
        assert load(tmp_path / "run.npz").system is None
    np.testing.assert_array_equal(load(tmp_path / "run.npz", system=whole).y, run.y)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(whole)).rhs(0, [1, 2, 3, 4]), whole.rhs(0, [1, 2, 3, 4]))


def test_damaged_compositions_are_refused(tmp_path):
    header, arrays = network_parts(cascade(FullyRecurrent([[1.0]]), FullyRecurrent([[1.0]], [[1.0]])))
    for change in ({"maker": "exec"}, {"arguments": []}, {"arguments": [{"value": 1}, {"value": 2}]}, {"arguments": 3}):
        npz.write(tmp_path / "it.npz", "network", {**header, **change}, arrays)
        with pytest.raises(ValueError, match="damaged"):
            load(tmp_path / "it.npz")


def test_bad_parts_are_named():
    with pytest.raises(ValueError, match="as many inputs as `first` has outputs, 2; it has 1"):
        cascade(FullyRecurrent(np.eye(2)), LinearFilter([1.0, 1.0]))
    with pytest.raises(ValueError, match="both be flows or both maps"):
        cascade(CTRNN([[1.0]]), FullyRecurrent([[1.0]], [[1.0]]))
    with pytest.raises(ValueError, match=r"`sequence` must hold modes 0 to 0"):
        switch([FullyRecurrent([[1.0]])], [0, 1])
    with pytest.raises(ValueError, match="at least one system"):
        switch([])
    with pytest.raises(ValueError, match="rows that sum to 0"):
        markov_modes([[-1.0, 2.0], [1.0, -1.0]], 1.0)
    with pytest.raises(ValueError, match="must be a map"):
        unroll(CTRNN([[1.0]]), 3)


def test_events_of_parts_are_not_lost():
    """Of a network with a terminal event, a composition once ran to the end and called that a success."""

    def half(t, y):
        return y[0] - 0.5

    first, second = CTRNN([[0.0]], constant_inputs=2.0), CTRNN([[0.0]], input_weights=[[1.0]])
    watched = first.with_events(half, terminal=[True])
    for compose in (lambda: cascade(watched, second), lambda: cascade(first, second, watched), lambda: switch([watched])):
        with pytest.raises(ValueError, match="no events"):
            compose()
    whole = cascade(first, second).with_events(half, terminal=[True])
    assert simulate(whole, 2.0, [0.0, 0.0]).t_events[0] == pytest.approx([np.log(4 / 3)], rel=1e-6)  # y = 2 (1 - exp(-t))


def test_noise_is_refused_and_not_left_out():
    still, noisy = CTRNN([[0.0]]), CTRNN([[0.0]], noise=0.5)
    for make in (lambda: switch([still, noisy]), lambda: cascade(still, noisy), lambda: confined(noisy, Box(0.0, 1.0))):
        with pytest.raises(ValueError, match="must have no noise"):
            make()
    assert not switch([still, still]).has("diffusion")
