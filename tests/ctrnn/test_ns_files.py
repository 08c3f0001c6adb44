"""Beer's text format, with what is found in the wild."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from ctrnn import CTRNN, fold_constant_inputs, random_ctrnn, read_ns, write_ns

NUMBERS = ["2", "1", "2.5", "-2.75", "-1.75", "1", "1.5", "4.5", "-1", "1", "4.25"]
WEIGHTS = [[4.5, 1], [-1, 4.25]]  # the file has w[1->1], w[1->2], w[2->1], w[2->2]


def write(tmp_path, text):
    path = tmp_path / "net.ns"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    "text",
    [" ".join(NUMBERS), "\n".join(NUMBERS), "\r".join(NUMBERS), "\r\n".join(NUMBERS) + "\r\n", "\t".join(NUMBERS) + "\v",
     "\ufeff" + " ".join(NUMBERS), "  \n\n " + " \r ".join(NUMBERS)],
    ids=["spaces", "LF", "CR", "CRLF", "tabs", "byte order mark", "mixed"],
)  # fmt: skip
def test_any_white_space_separates(tmp_path, text):
    net = read_ns(write(tmp_path, text))
    np.testing.assert_array_equal(net.weights, WEIGHTS)
    np.testing.assert_array_equal(net.time_constants, [1, 2.5])
    np.testing.assert_array_equal(net.biases, [-2.75, -1.75])
    np.testing.assert_array_equal(net.gains, [1, 1.5])


def test_extra_numbers_are_left_out_with_a_warning(tmp_path):
    path = write(tmp_path, "\r".join([*NUMBERS, "0.1", "0.2", "0.3"]))
    with pytest.warns(UserWarning, match=r"3 more than the 11 numbers .* begins with '0.1' in line 12"):
        net = read_ns(path)
    np.testing.assert_array_equal(net.weights, WEIGHTS)


@pytest.mark.parametrize(
    ("count", "missing"),
    [(1, "the time constant of neuron 1"), (4, "the bias of neuron 2"), (5, "the gain of neuron 1"),
     (7, "the weight from neuron 1 to neuron 1"), (8, "the weight from neuron 1 to neuron 2"),
     (10, "the weight from neuron 2 to neuron 2")],
)  # fmt: skip
def test_a_truncated_file_says_what_is_missing(tmp_path, count, missing):
    with pytest.raises(ValueError, match=rf"truncated: 2 neurons need 11 numbers, it holds {count}; .* is {missing}\."):
        read_ns(write(tmp_path, "\n".join(NUMBERS[:count])))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        (" \r\n ", "is empty"),
        ("two 1 1", "line 1: number 1 of the file must be the number of neurons; got 'two'"),
        ("2.5 1 1", "must be the number of neurons; got '2.5'"),
        ("-1", "must be the number of neurons; got '-1'"),
        ("1\r0.5\rabc\r1\r1", "line 3: number 3 of the file must be a number, the bias of neuron 1; got 'abc'"),
        ("1 1 0 1 nan", "number 5 of the file must be a number, the weight from neuron 1 to neuron 1; got 'nan'"),
        ("1 1 0 1 inf", "got 'inf'"),
        ("1 1 0 1 1_0", "got '1_0'"),
        ("1 1 0,5 1 1", "number 3 .* got '0,5'"),
        ("1 0 0 1 1", "number 2 of the file, the time constant of neuron 1, must be positive; got '0'"),
        ("1 1 0 1 " + "9" * 20 + "x" * 99, r"got '9999.*\.\.\.'"),
        ("999999999 1", "999999999 neurons need 1000000000999999999"),
        (b"PK\x03\x04\xff\xfe\x00", "is not a text file"),
    ],
)
def test_garbage_is_refused_with_its_place(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        read_ns(write(tmp_path, text))


def test_a_missing_file_is_what_python_calls_it(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_ns(tmp_path / "none.ns")


@pytest.mark.parametrize("n", [0, 1, 2, 11])
def test_what_is_written_is_read_back_exactly(tmp_path, rng, n):
    net = random_ctrnn(n, rng, gains=(-3, 3))
    path = tmp_path / "net.ns"
    write_ns(net, path)
    np.testing.assert_array_equal(read_ns(path).params, net.params)


@given(arrays(float, (2, 2), elements=st.floats(allow_nan=False, allow_infinity=False)))
def test_every_float_survives(tmp_path_factory, weights):
    path = tmp_path_factory.getbasetemp() / "every.ns"
    write_ns(CTRNN(weights), path)
    np.testing.assert_array_equal(read_ns(path).weights, weights)


def test_the_file_holds_weights_by_presynaptic_neuron(tmp_path):
    path = tmp_path / "net.ns"
    write_ns(CTRNN([[11, 21], [12, 22]], biases=[1, 2], time_constants=[3, 4], gains=[5, 6]), path)
    assert [float(token) for token in path.read_text().split()] == [2, 3, 4, 1, 2, 5, 6, 11, 12, 21, 22]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"activation": "tanh"}, "its activation is 'tanh'.*to_logistic"),
        ({"leaks": 2.0}, "leaks other than 1.*fold_leaks"),
        ({"constant_inputs": 1.0}, "constant inputs.*fold_constant_inputs"),
        ({"input_weights": [[1], [2]]}, "input weights"),
        ({"noise": 0.1}, "noise"),
    ],
)
def test_what_the_format_cannot_hold_is_refused(tmp_path, change, message):
    net = CTRNN(np.ones((2, 2))).replace(**change)
    with pytest.raises(ValueError, match=message):
        write_ns(net, tmp_path / "net.ns")
    assert list(tmp_path.iterdir()) == []


def test_the_remedy_works(tmp_path):
    net = CTRNN(np.ones((2, 2)), constant_inputs=[1, 2])
    write_ns(fold_constant_inputs(net), tmp_path / "net.ns")
    np.testing.assert_array_equal(read_ns(tmp_path / "net.ns").biases, [1, 2])
