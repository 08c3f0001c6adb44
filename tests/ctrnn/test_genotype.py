"""Genes and parameters: there and back, ties, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st
from hypothesis.extra.numpy import arrays

from ctrnn import CTRNN, Genotype, MotorCTRNN, simulate_ensemble

N = 3
FREE = {"weights": (-16, 16), "biases": (-10, 4), "time_constants": (0.5, 10, "log")}


@pytest.fixture
def template():
    return CTRNN(np.zeros((N, N)), gains=1.5)


def test_decoding_is_affine_or_exponential(template):
    genotype = Genotype(template, FREE)
    assert genotype.size == N * N + 2 * N
    genes = np.linspace(-0.9, 0.9, genotype.size)
    net = genotype.network(genes)
    assert net.weights == pytest.approx(16 * genes[: N * N].reshape(N, N), rel=1e-15)
    assert net.biases == pytest.approx(-3 + 7 * genes[N * N : N * N + N], rel=1e-15)
    assert net.time_constants == pytest.approx(0.5 * 20 ** ((genes[-N:] + 1) / 2), rel=1e-14)
    assert np.array_equal(net.gains, template.gains)
    assert genotype.names[1] == "weights[0, 1]"
    assert genotype.names[-1] == "time_constants[2]"


def test_ends_are_exact(template):
    genotype = Genotype(template, {"weights": (-0.1, 0.3), "time_constants": (0.7, 11.3, "log")})
    for gene, weight, tau in ((-1, -0.1, 0.7), (1, 0.3, 11.3)):
        net = genotype.network(np.full(genotype.size, gene))
        assert (net.weights == weight).all()
        assert (net.time_constants == tau).all()
        assert (genotype.encode(net) == gene).all()


def test_encoding_is_the_inverse(template, rng):
    genotype = Genotype(template, FREE, tie=[("weights[0, 1]", "weights[1, 0]", -1), ("biases[0]", "biases[2]", 1)])
    genes = genotype.random(1000, rng)
    params = genotype.decode(genes)
    assert np.abs(genotype.encode(params) - genes).max() < 1e-14  # a few roundings at the width of the range
    np.testing.assert_array_equal(genotype.decode(genotype.encode(params)), params)
    symmetric = Genotype(template, {"weights": (-16, 16)})  # no rounding at all
    genes = symmetric.random(1000, rng)
    assert np.array_equal(symmetric.encode(symmetric.decode(genes)), genes)


ENDS = st.floats(-1e3, 1e3)
POSITIVE = st.floats(1e-6, 1e6)
GENES = arrays(float, 20, elements=st.floats(-1, 1))


def check_the_way_back(genotype, genes, scale):
    """Parameters come back to the last bit, and genes to four roundings of the ends."""
    genes = genes[:, np.newaxis]
    params = genotype.decode(genes)
    again = genotype.encode(params)
    np.testing.assert_array_equal(genotype.decode(again), params)
    assert np.abs(again - genes).max() <= 4 * 2.0**-53 * scale


@given(ENDS, ENDS, GENES)
def test_linear_ranges_are_inverted_to_the_last_bit(a, b, genes):
    low, high = min(a, b), max(a, b)
    assume(high - low > 1e-6 * max(1, abs(low), abs(high)))
    genotype = Genotype(CTRNN([[0.0]]), {"biases": (low, high)})
    check_the_way_back(genotype, genes, max(abs(low), abs(high)) / (0.5 * (high - low)))


@given(POSITIVE, POSITIVE, GENES)
def test_logarithmic_ranges_are_inverted_to_the_last_bit(a, b, genes):
    low, high = min(a, b), max(a, b)
    assume(high > 1.001 * low)
    genotype = Genotype(CTRNN([[0.0]], time_constants=low), {"time_constants": (low, high, "log")})
    check_the_way_back(genotype, genes, max(1, abs(np.log(low)), abs(np.log(high))) / (0.5 * np.log(high / low)))


def test_one_and_many_are_alike(template, rng):
    genotype = Genotype(template, FREE)
    genes = genotype.random(5, rng)
    assert np.array_equal(genotype.decode(genes)[3], genotype.decode(genes[3]))
    assert genotype.decode(genes[:0]).shape == (0, template.param_dim)
    assert np.array_equal(genotype.encode(genotype.network(genes[3])), genotype.encode(genotype.decode(genes))[3])
    ens = simulate_ensemble(template, 1, np.zeros(N), params=genotype.decode(genes), method="euler", dt=0.05, save="final")
    assert len(ens) == 5


def test_ties_chains_and_signs(template, rng):
    ties = [("weights[0, 1]", "weights[1, 2]", -1), ("weights[1, 2]", "weights[2, 0]", -1), ("biases", "constant_inputs", 1)]
    genotype = Genotype(template, FREE, tie=ties)
    assert genotype.size == N * N + 2 * N - 2
    for net in (genotype.network(g) for g in genotype.random(10, rng)):
        assert net.weights[1, 2] == -net.weights[0, 1]
        assert net.weights[2, 0] == net.weights[0, 1]
        assert np.array_equal(net.constant_inputs, net.biases)


def test_a_tie_to_what_is_fixed(rng):
    template = CTRNN(np.full((2, 2), 3.0))
    genotype = Genotype(template, {"biases": (-1, 1)}, tie=[("weights[0, 0]", "weights[1, 1]", -1)])
    net = genotype.network(genotype.random(1, rng)[0])
    assert net.weights[1, 1] == -3


def test_shared_single_and_masked(rng):
    template = CTRNN(np.ones((N, N)), mask=~np.eye(N, dtype=bool))
    free = {"time_constants": (1, 4, "shared", "log"), "weights": (-1, 1), "weights[2, 0]": (5, 6), "gains[1]": (1, 2)}
    genotype = Genotype(template, free)
    assert genotype.size == 1 + 5 + 1 + 1
    assert genotype.names[0] == "time_constants"
    assert "weights[0, 0]" not in genotype.names
    for net in (genotype.network(g) for g in genotype.random(20, rng)):
        assert len(set(net.time_constants)) == 1
        assert 5 <= net.weights[2, 0] <= 6
        assert (np.diag(net.weights) == 0).all()
        assert (net.gains[[0, 2]] == 1).all()


def test_sensor_and_motor_weights(rng):
    template = MotorCTRNN(np.zeros((N, N)), input_weights=np.zeros((N, 2)), motor_weights=np.zeros((2, N)))
    genotype = Genotype(template, {"input_weights": (-5, 5), "motor_weights": (-2, 2)})
    genes = genotype.random(1, rng)[0]
    net = genotype.network(genes)
    assert net.input_weights == pytest.approx(5 * genes[:6].reshape(N, 2))
    assert net.motor_weights == pytest.approx(2 * genes[6:].reshape(2, N))


@pytest.mark.parametrize(
    ("value", "where"), [(1.0000001, r"genes\[1, 2\]"), (-2, "-2"), (np.nan, "got nan"), (np.inf, "got inf")]
)
def test_genes_outside_are_named(template, value, where):
    genotype = Genotype(template, FREE)
    genes = np.zeros((3, genotype.size))
    genes[1, 2] = value
    with pytest.raises(ValueError, match=where) as caught:
        genotype.decode(genes)
    assert "weights[0, 2]" in str(caught.value)


def test_what_cannot_be_encoded_is_named(template):
    genotype = Genotype(template, {"weights": (-1, 1)}, tie=[("weights[0, 1]", "weights[1, 0]", 1)])
    for change, message in [
        ({"weights[2, 2]": 1.5}, r"`weights\[2, 2\]` must lie in \[-1, 1\]"),
        ({"biases[1]": 0.5}, r"`biases\[1\]` is not free"),
        ({"weights[0, 1]": 0.5}, r"`weights\[1, 0\]` shares its gene"),
    ]:
        with pytest.raises(ValueError, match=message):
            genotype.encode(template.with_params(change))


@pytest.mark.parametrize(
    ("free", "tie", "message"),
    [
        ({"weight": (0, 1)}, (), "Did you mean 'weights'"),
        ({"weights": (1, 0)}, (), "low < high"),
        ({"weights": 3}, (), "must be"),
        ({"weights": (0, 1, "lin")}, (), "log"),
        ({"biases": (-1, 1, "log")}, (), "positive"),
        ({"time_constants": (-1, 1)}, (), "positive"),
        ({"weights": (-1, 1)}, [("weights[0, 0]", "weights[0, 3]", 1)], "outside"),
        ({"weights": (-1, 1)}, [("weights[0, 0]", "weights[0, 1]", 2)], "sign"),
        ({"weights": (-1, 1)}, [("weights[0, 0]", "weights[0, 0]", -1)], "contradicts"),
        ({"weights": (-1, 1)}, [("weights", "biases", 1)], "same shape"),
        ({"time_constants": (1, 2)}, [("time_constants[0]", "time_constants[1]", -1)], "positive"),
    ],
)
def test_a_genotype_that_cannot_be(template, free, tie, message):
    with pytest.raises(ValueError, match=message):
        Genotype(template, free, tie)


def test_wrong_numbers_of_genes_and_parameters(template):
    genotype = Genotype(template, FREE)
    with pytest.raises(ValueError, match=r"\(15,\)"):
        genotype.decode(np.zeros(14))
    with pytest.raises(ValueError, match="must have shape"):
        genotype.encode(np.zeros((2, 5)))
    with pytest.raises(ValueError, match="must have shape"):
        genotype.network(np.zeros((2, 15)))
    with pytest.raises(TypeError):
        genotype.decode([["a"]])


def test_centre_crossing_genes_put_every_neuron_at_its_centre(template):
    """b_i = -sum_j W_ij / 2 (Mathayomchan & Beer, 2002), as far as the range of the biases goes; the rest is uniform."""
    genotype = Genotype(template, FREE)
    genes, uniform = genotype.random(50, rng=1, centre_crossing=True), genotype.random(50, rng=1)
    biases = np.array([name.startswith("biases") for name in genotype.names])
    assert (genes[:, ~biases] == uniform[:, ~biases]).all()
    for row in genes:
        net = genotype.network(row)
        assert net.biases == pytest.approx(np.clip(-net.weights.sum(axis=1) / 2, -10, 4), abs=1e-12)
    with pytest.raises(ValueError, match="biases"):
        Genotype(template, {"weights": (-1, 1)}).random(3, centre_crossing=True)
