"""Trajectories as tables: the same numbers under names; and tables where arrays are taken."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from ctrnn import CTRNN, load, simulate, simulate_ensemble
from neurodynamics import Task
from neurodynamics.models import henon

pandas = pytest.importorskip("pandas")
xarray = pytest.importorskip("xarray")

NET = CTRNN([[4.5, 1.0], [-1.0, 4.5]], biases=[-2.75, -1.75])
SOLUTION = simulate(NET, 1, [0.0, 0.5], t_eval=[0.0, 0.25, 1.0])
MEMBERS = {"biases": np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]])}
ENSEMBLE = simulate_ensemble(NET, 1, [0.0, 0.5], params=MEMBERS, t_eval=[0.0, 1.0])


def test_a_solution_in_pandas():
    frame = SOLUTION.to_pandas()
    assert list(frame.columns) == ["y[0]", "y[1]"]
    assert frame.index.name == "time"
    np.testing.assert_array_equal(frame.loc[0.25], SOLUTION.y[:, 1])
    frame.iloc[0, 0] = 9.0
    assert SOLUTION.y[0, 0] == 0.0


def test_a_solution_in_xarray():
    data = SOLUTION.to_xarray()
    assert data["y"].dims == ("state", "time")
    np.testing.assert_array_equal(data["y"].sel(time=0.25), SOLUTION.y[:, 1])
    np.testing.assert_array_equal(data["outputs"], SOLUTION.outputs)
    assert data["inputs"].dims == ("input", "time")
    assert data["params"].sel(param="weights[0, 1]") == 1.0
    told = {name: data.attrs[name] for name in ("method", "status", "path", "steps")}
    assert told == {"method": "taylor", "status": "success", "path": "compiled", "steps": SOLUTION.steps}


def test_an_ensemble_in_xarray():
    data = ENSEMBLE.to_xarray()
    assert data["y"].dims == ("member", "state", "time")
    np.testing.assert_array_equal(data["y"].sel(member=1, time=1.0), ENSEMBLE.y[1, :, -1])
    np.testing.assert_array_equal(data["params"].sel(param="biases[1]"), [1.0, 0.0, 2.0])
    np.testing.assert_array_equal(data["outputs"], ENSEMBLE.outputs)
    assert data.attrs["status 0"] == "success"


def test_final_states_have_no_times():
    ensemble = simulate_ensemble(NET, 1, [0.0, 0.5], params=MEMBERS, save="final")
    assert ensemble.to_xarray()["y"].dims == ("member", "state")


def test_maps_and_what_was_loaded_without_its_system(tmp_path):
    SOLUTION.save(tmp_path / "run.npz")
    loaded = replace(load(tmp_path / "run.npz"), system=None, inputs=None)
    assert set(loaded.to_xarray().data_vars) == {"y"}
    steps = simulate(henon(), 5, [0.1, 0.1])
    np.testing.assert_array_equal(steps.to_xarray()["time"], range(6))
    np.testing.assert_array_equal(steps.to_pandas().index, range(6))


def test_csv_gives_back_every_bit(tmp_path):
    path = tmp_path / "run.csv"
    path.write_text("older")
    SOLUTION.to_csv(path)
    assert path.read_text().splitlines()[0] == "time,y[0],y[1]"
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    np.testing.assert_array_equal(table.T, np.vstack([SOLUTION.t, SOLUTION.y]))
    read = pandas.read_csv(path, index_col="time")
    pandas.testing.assert_frame_equal(read, SOLUTION.to_pandas(), rtol=1e-15)  # its quick reader rounds the last digit
    assert [file.name for file in tmp_path.iterdir()] == ["run.csv"]


@pytest.mark.parametrize(("package", "convert"), [("pandas", SOLUTION.to_pandas), ("xarray", SOLUTION.to_xarray),
                                                  ("xarray", ENSEMBLE.to_xarray)])  # fmt: skip
def test_what_is_missing_is_named(package, convert, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=rf'pip install "neural-attractors\[{package}\]"'):
        convert()


# Tables where arrays are taken ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [pandas.Series([0.0, 0.5], index=[7, 3]), pandas.Series([0.0, 0.5], index=["b", "a"]),
                                   pandas.Series([0, 0.5], dtype="Float64"), xarray.DataArray([0.0, 0.5], dims="state"),
                                   SOLUTION.to_pandas().iloc[0], SOLUTION.to_xarray()["y"].isel(time=0)])  # fmt: skip
def test_states_are_read_in_their_order(start):
    np.testing.assert_array_equal(simulate(NET, 1, start, t_eval=SOLUTION.t).y, SOLUTION.y)


@pytest.mark.parametrize("table", [pandas.DataFrame, xarray.DataArray])
def test_weights_and_times(table):
    np.testing.assert_array_equal(CTRNN(table([[4.5, 1.0], [-1.0, 4.5]])).weights, NET.weights)
    times = pandas.Series([0, 1], index=["start", "end"]), pandas.Index([0.0, 0.25, 1.0])
    run = simulate(NET, times[0], [0.0, 0.5], t_eval=times[1], inputs=pandas.Series([0, 0]))
    np.testing.assert_array_equal(run.y, SOLUTION.y)


def test_names_of_neurons_in_two_orders_are_refused():
    table = pandas.DataFrame([[4.5, 1.0], [-1.0, 4.5]], index=["b", "a"], columns=["a", "b"])
    with pytest.raises(ValueError, match=r"`weights` has the same names .* Pass `weights.loc\[weights.columns\]`"):
        CTRNN(table)
    np.testing.assert_array_equal(CTRNN(table.loc[table.columns]).weights, [[-1.0, 4.5], [4.5, 1.0]])


@pytest.mark.parametrize("table", [pandas.DataFrame, xarray.DataArray, lambda rows: [pandas.Series(row) for row in rows]])
def test_inputs_of_members(table):
    rows = [[0.0, 1.0], [1.0, 0.0], [0.5, 0.5]]
    both = [simulate_ensemble(NET, 1, [0, 0], inputs=inputs, save="final").y for inputs in (rows, table(rows))]
    np.testing.assert_array_equal(*both)


def test_missing_numbers_are_refused():
    with pytest.raises(ValueError, match=r"`y0\[1\]` must be finite"):
        simulate(NET, 1, pandas.Series([0, None], dtype="Float64"))


FULL = pandas.Series(NET.params, index=list(NET.param_names))


@pytest.mark.parametrize("given", [FULL, FULL[::-1], FULL[["biases[1]", "weights[0, 1]"]], xarray.DataArray(FULL[::-1]),
                                   xarray.Dataset({"biases": ("neuron", [-2.75, -1.75])}),
                                   {"biases": pandas.Series([-2.75, -1.75])}])  # fmt: skip
def test_parameters_by_name_in_any_order(given):
    other = NET.with_params({"biases": [-2.75, -1.75], "weights[0, 1]": 1.0})
    np.testing.assert_array_equal(NET.with_params(given).params, other.params)


MEMBER_TABLE = pandas.DataFrame(ENSEMBLE.params, columns=list(NET.param_names))


@pytest.mark.parametrize("given", [MEMBER_TABLE, MEMBER_TABLE[MEMBER_TABLE.columns[::-1]],
                                   MEMBER_TABLE[["biases[1]", "biases[0]"]],
                                   ENSEMBLE.to_xarray()["params"][:, ::-1],
                                   xarray.Dataset({"biases": (("member", "neuron"), MEMBERS["biases"])})])  # fmt: skip
def test_parameters_of_members_by_name_in_any_order(given):
    ensemble = simulate_ensemble(NET, 1, [0.0, 0.5], params=given, t_eval=[0.0, 1.0])
    np.testing.assert_array_equal(ensemble.y, ENSEMBLE.y)


def test_parameters_of_tasks_go_by_their_names():
    task = Task(reset=lambda key, trial, state, sensors: None, step=lambda t, dt, motors, state, sensors, score: 0,
                state_dim=1, sensors=1, motors=1, params={"drag": 1.0, "mass": 2.0})  # fmt: skip
    np.testing.assert_array_equal(task.with_params(pandas.Series({"mass": 3.0, "drag": 4.0})).params, [4.0, 3.0])


def test_a_name_that_is_there_twice_is_refused():
    with pytest.raises(ValueError, match=r"once; 'biases\[0\]' is there twice"):
        NET.with_params(pandas.concat([FULL, FULL[["biases[0]"]]]))


def test_a_wrong_name_is_named():
    with pytest.raises(ValueError, match=r"bias"):
        NET.with_params(pandas.Series({"bias[0]": 1.0}))
