"""Every circuit of the library does what is known about it."""

import numpy as np
import pytest

from ctrnn import library, simulate
from ctrnn.library import measures
from ctrnn.library.circuits import CIRCUITS


@pytest.mark.parametrize("name", library.names())
def test_the_circuit_measures_up_to_its_figures(name):
    circuit = library.load(name)
    measured = circuit.measure()
    assert set(measured) == set(circuit.figures)
    wrong = {k: (measured[k], figure.value) for k, figure in circuit.figures.items() if not figure.agrees(measured[k])}
    assert not wrong


@pytest.mark.parametrize("name", library.names())
def test_the_record_is_complete(name):
    circuit = library.load(name)
    assert circuit.name == name
    assert circuit is library.load(name)
    assert circuit.figures
    assert all(np.isfinite(f.value) and f.tolerance >= 0 and f.how for f in circuit.figures.values())
    assert simulate(circuit.net, circuit.t_span, circuit.y0).success
    assert name in repr(circuit)


def test_a_wrong_circuit_is_noticed():
    """The control: Beer's oscillator with one weight 0.01 % off misses its figures."""
    figures, net = library.load("two_neuron_oscillator").figures, library.two_neuron_oscillator().net
    wrong = net.replace(weights=net.weights * [[1, 1.0001], [1, 1]])
    measured = measures.oscillation(wrong, (0, 0), transient=500, level=2.75, longest=40)
    assert not any(figures[name].agrees(value) for name, value in measured.items())


def test_unknown_names_are_met_with_the_nearest():
    with pytest.raises(ValueError, match="Did you mean 'two_neuron_oscillator'"):
        library.load("two_neurons_oscillator")


def test_names_are_functions_of_the_module():
    assert set(library.names()) == set(CIRCUITS)
    assert all(callable(getattr(library, name)) for name in library.names())


# Other parameters -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "circuit",
    [library.odd_ring(5), library.bistable_neuron(9.0), library.centre_crossing_pair(3.0), library.bistable_units(4)],
    ids=lambda circuit: circuit.title,
)
def test_closed_forms_hold_for_other_parameters(circuit):
    measured = circuit.measure()
    assert all(figure.agrees(measured[name]) for name, figure in circuit.figures.items())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: library.odd_ring(4), "`n` must be odd"),
        (lambda: library.odd_ring(1), "`n` must be at least 3"),
        (lambda: library.bistable_neuron(4), "`weight` must exceed 4"),
        (lambda: library.centre_crossing_pair(-1), "`cross_weight` must be positive"),
        (lambda: library.random_network(1), "`n` must be at least 2"),
    ],
)
def test_parameters_without_the_behaviour_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_random_networks_are_repeatable_and_have_no_self_connections():
    one, two = library.random_network(20, rng=3), library.random_network(20, rng=3)
    assert (one.net.params == two.net.params).all()
    assert not np.diag(one.net.weights).any()
