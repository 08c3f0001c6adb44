"""Time series: the right numbers, labelled, with legends beside the data."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import plotting
from ctrnn import CTRNN, DynamicalSystem, Pulse, cascade, couple, simulate

BEER = CTRNN([[4.5, 1.0], [-1.0, 4.5]], biases=[-2.75, -1.75])
SOLUTION = simulate(BEER, (0, 60), [0, 0], inputs=[Pulse(t0=30, width=0.01, amplitude=3), 0.5])


@pytest.mark.parametrize(
    ("what", "values", "label"),
    [("outputs", SOLUTION.outputs, "output o"), ("states", SOLUTION.y, "state y")],
)
def test_lines_hold_the_solution(what, values, label):
    ax = plotting.plot_time_series(SOLUTION, what=what)
    for number, line in enumerate(ax.lines):
        np.testing.assert_array_equal(line.get_xdata(), SOLUTION.t)
        np.testing.assert_array_equal(line.get_ydata(), values[number])
        assert line.get_label() == f"neuron {number}"
        assert line.get_color() == plotting.series_color(number)
    assert ax.get_ylabel() == label
    assert ax.get_xlabel() == "time t (in units of the time constant)"


def test_times_have_a_unit_only_where_it_is_known():
    in_seconds = simulate(CTRNN([[1.0]], time_constants=0.02), 1, [0.1])
    assert in_seconds.plot().get_xlabel() == "time t"


def test_parts_of_a_coupled_system_have_names():
    def spring(t, y, u, params, out):
        out[0] = y[1]
        out[1] = u[0] - y[0]

    def sense(x, params, out):
        out[0] = x[0]

    def act(o, params, out):
        out[0] = o[0] - 0.5

    system = couple(CTRNN([[0.0]]), DynamicalSystem(spring, 2, input_dim=1), sense, act)
    ax = simulate(system, 5, [0, 1, 0]).plot(what="states")
    assert [line.get_label() for line in ax.lines] == ["neuron 0", "state 0 of the body", "state 1 of the body"]
    plane = plotting.plot_trajectory(simulate(system, 5, [0, 1, 0]), neurons=(0, 2))
    assert (plane.get_xlabel(), plane.get_ylabel()) == ("state y of neuron 0", "state 1 of the body")


def test_neurons_of_a_cascade_say_in_which_part_they_are():
    chain = cascade(CTRNN([[0.0]]), CTRNN(np.zeros((2, 2)), input_weights=[[1.0], [1.0]]))
    run = simulate(chain, 5, [0, 1, 0])
    names = ["neuron 0 of the first", "neuron 0 of the second", "neuron 1 of the second"]
    assert [line.get_label() for line in run.plot(what="states").lines] == names
    assert [line.get_label() for line in run.plot(what="outputs").lines] == names[1:]
    assert plotting.plot_trajectory(run, neurons=(0, 2)).get_ylabel() == "state y of neuron 1 of the second"


def test_solution_plot_is_the_time_series():
    ax = SOLUTION.plot(what="states", linewidth=3)
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), SOLUTION.y[1])
    assert ax.lines[1].get_linewidth() == 3


def test_a_short_pulse_is_upright_and_not_missed():
    """Whatever the times of the solution: here only its end is kept."""
    sparse = simulate(BEER, (0, 60), [0, 0], inputs=[Pulse(t0=30, width=0.01, amplitude=3), 0.5], save="final", method="rk4",
                      dt=0.01)  # fmt: skip
    for solution in (SOLUTION, sparse):
        ax = plotting.plot_time_series(solution, what="inputs")
        t, pulse = ax.lines[0].get_data()
        if solution is SOLUTION:
            assert pulse.max() == 3.0
            np.testing.assert_allclose(t[pulse == 3.0], [30.0, 30.01], atol=1e-12)
            edges = np.flatnonzero(np.diff(pulse))
            assert (np.diff(t)[edges] < 1e-14).all()
        assert (ax.lines[1].get_ydata() == 0.5).all()


@pytest.mark.parametrize(("count", "images"), [(19, 0), (20, 1)])
def test_a_heat_map_from_twenty_neurons_up(count, images, rng):
    network = CTRNN(rng.normal(size=(count, count)), activation="tanh")
    solution = simulate(network, (0, 5), rng.normal(size=count))
    ax = solution.plot()
    assert len(ax.images) == images
    assert len(ax.lines) == (0 if images else count)
    assert ax.get_xlabel().startswith("time t")
    assert ax.get_ylabel() == ("neuron" if images else "output o")


def test_a_heat_map_shows_values_at_their_times():
    """A linear decay per neuron, sampled at uneven times: the column in the middle shows the middle."""
    t = np.concatenate([np.linspace(0, 1, 50), np.linspace(1.2, 4, 5)])
    network = CTRNN(np.zeros((3, 3)), time_constants=[1, 2, 4], activation="linear")
    solution = simulate(network, (0, 4), [1, 1, 1], t_eval=t, rtol=1e-10)
    ax = solution.plot(what="states", heat_map=True)
    (image,) = ax.images
    columns = np.linspace(0, 4, image.get_array().shape[1])
    expected = np.array([np.interp(columns, solution.t, row) for row in solution.y])
    np.testing.assert_allclose(image.get_array(), expected)
    assert list(image.get_extent()) == [0.0, 4.0, 2.5, -0.5]
    assert ax.figure.axes[1].get_ylabel() == "state y"


def test_zero_is_between_the_two_hues():
    image = simulate(CTRNN(np.eye(2), activation="tanh"), 1, [-1, 3]).plot(heat_map=True).images[0]
    low, high = image.get_clim()
    assert low == -high


def test_chosen_neurons_keep_their_colours():
    ax = SOLUTION.plot(neurons=[1])
    assert [line.get_label() for line in ax.lines] == ["neuron 1"]
    assert ax.lines[0].get_color() == plotting.series_color(1)


def test_maps_count_iterations():
    def logistic_map(k, y, u, params, out):
        out[0] = params[0] * y[0] * (1 - y[0])

    system = DynamicalSystem(logistic_map, 1, params=[3.7], kind="map")
    ax = simulate(system, 50, [0.2]).plot()
    assert ax.get_xlabel() == "iteration k"
    assert ax.get_ylabel() == "state y"
    assert ax.lines[0].get_marker() == "."


def test_legends_stand_beside_the_data():
    ax = SOLUTION.plot()
    ax.figure.canvas.draw()
    legend, frame = ax.get_legend().get_window_extent(), ax.get_window_extent()
    assert legend.x0 >= frame.x1
    assert legend.x1 <= ax.figure.bbox.x1


def test_drawn_on_the_axes_given():
    ax = SOLUTION.plot()
    assert SOLUTION.plot(ax=ax) is ax
    assert len(ax.lines) == 4


def test_runs_without_neurons_or_time():
    empty = simulate(CTRNN(np.zeros((0, 0))), 1, [])
    assert not empty.plot().lines
    point = simulate(BEER, (2, 2), [0, 0])
    assert len(plotting.plot_time_panels(point).axes) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"what": "state"}, "Did you mean 'states'"),
        ({"neurons": [0, 2]}, r"`neurons\[1\]` must be below 2"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        SOLUTION.plot(**arguments)
