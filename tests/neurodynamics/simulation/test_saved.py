"""Networks and solutions in `.npz` files: round trips, interrupted writing, and files that are something else."""

import dataclasses
import io
import json
import math
import os
import zipfile

import numpy as np
import pytest

from ctrnn import (
    CTRNN,
    Activation,
    AdditiveNetwork,
    DynamicalSystem,
    Pulse,
    Sampled,
    Signal,
    Sine,
    load_ensemble,
    load_network,
    load_solution,
    random_ctrnn,
    simulate,
    simulate_ensemble,
)
from neurodynamics.files import npz


class Doubled(AdditiveNetwork):
    """A network class of a user."""

    further_arguments = ("note",)

    def __init__(self, weights, note="", **arguments):
        self.note = note
        super().__init__(2 * np.asarray(weights), **arguments)


def bump():
    return Activation.from_functions(
        "bump", value=lambda x: math.exp(-x * x), derivative=lambda x: -2 * x * math.exp(-x * x), range=(0, 1)
    )


# Networks -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [0, 1, 5])
@pytest.mark.parametrize("name", ["logistic", "tanh", "relu"])
def test_a_network_is_read_back_exactly(tmp_path, rng, n, name):
    net = random_ctrnn(n, rng, input_dim=2, activation=name, mask=rng.random((n, n)) < 0.5).replace(leaks=0.3)
    net.save(tmp_path / "net.npz")
    again = load_network(tmp_path / "net.npz")
    assert type(again) is CTRNN
    assert again.activation is net.activation
    assert again.layout.shapes == net.layout.shapes
    np.testing.assert_array_equal(again.params, net.params)
    np.testing.assert_array_equal(again.mask, net.mask)


def test_a_network_without_a_mask_has_none_after_loading(tmp_path):
    CTRNN([[1]]).save(tmp_path / "net.npz")
    assert load_network(tmp_path / "net.npz").mask is None


def test_classes_of_users_are_found_by_name(tmp_path):
    Doubled([[1.0]], note="mine").save(tmp_path / "net.npz")
    again = load_network(tmp_path / "net.npz")
    assert type(again) is Doubled
    assert again.note == "mine"
    assert again.weights.tolist() == [[2]]


def test_a_class_that_is_not_imported_is_named(tmp_path):
    path = altered(tmp_path, **{"class": "somewhere.Else"})
    with pytest.raises(ValueError, match=r"holds a somewhere.Else, which is not known here; import the module"):
        load_network(path)


def test_no_file_makes_foreign_modules_run(tmp_path, monkeypatch):
    (tmp_path / "trap.py").write_text("raise SystemExit('ran')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match="is not known here"):
        load_network(altered(tmp_path, **{"class": "trap.Net"}))


def test_activations_of_users_are_asked_for(tmp_path):
    phi = bump()
    net = CTRNN([[3.0]], activation=phi)
    net.save(tmp_path / "net.npz")
    with pytest.raises(ValueError, match="activation 'bump' is not one of this project; pass it as `activation=`"):
        load_network(tmp_path / "net.npz")
    assert load_network(tmp_path / "net.npz", activation=phi).activation is phi


def test_an_activation_of_a_user_does_not_pass_for_ours_of_that_name(tmp_path):
    phi = Activation.from_functions("tanh", value=lambda x: x, derivative=lambda x: 1.0)
    CTRNN([[3.0]], activation=phi).save(tmp_path / "net.npz")
    with pytest.raises(ValueError, match="pass it as `activation=`"):
        load_network(tmp_path / "net.npz")


def test_the_header_says_what_wrote_the_file(tmp_path):
    CTRNN([[1]]).save(tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz", allow_pickle=False) as archive:
        header = json.loads(str(archive["header"]))
    assert header["class"] == "ctrnn.CTRNN"
    assert header["versions"]["numpy"] == np.__version__


# Solutions ------------------------------------------------------------------------------------------------------------


def same(one, two):
    for name in ("t", "y", "outputs", "input_values"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name), err_msg=name)
    for name in ("status", "message", "method", "reason", "path", "nfev", "steps", "rejected", "options", "success"):
        assert getattr(one, name) == getattr(two, name), name


@pytest.mark.parametrize(
    "inputs",
    [None, [1.0, -2.0], [Pulse(1, 0.5, 3), Sine(1, 0.2)], Sampled([0, 1, 2], [[1, 2, 3], [4, 5, 6]], kind="linear"),
     Sampled([0, 1, 2], [[1, 2, 3], [4, 5, 6]])],
    ids=["none", "constants", "signals", "linear", "held"],
)  # fmt: skip
@pytest.mark.parametrize(
    "options", [{}, {"method": "rk4", "dt": 0.02}, {"method": "LSODA"}], ids=["default", "rk4", "LSODA"]
)
def test_a_solution_is_read_back_exactly(tmp_path, rng, inputs, options):
    sol = simulate(random_ctrnn(2, rng), 4, [0, 1], inputs=inputs, **options)
    sol.save(tmp_path / "run.npz")
    again = load_solution(tmp_path / "run.npz")
    same(again, sol)
    on = simulate(again.system, (4, 5), again.final, inputs=inputs, **options)
    np.testing.assert_array_equal(on.y, simulate(sol.system, (4, 5), sol.final, inputs=inputs, **options).y)


def test_dense_output_is_kept(tmp_path, rng):
    sol = simulate(random_ctrnn(2, rng), 4, [0, 1], method="dop853", dense_output=True)
    sol.save(tmp_path / "run.npz")
    t = rng.uniform(0, 4, 20)
    np.testing.assert_array_equal(load_solution(tmp_path / "run.npz").sol(t), sol.sol(t))


def test_an_interpolant_of_scipy_is_left_out_with_a_warning(tmp_path, rng):
    sol = simulate(random_ctrnn(2, rng), 4, [0, 1], method="Radau", dense_output=True)
    with pytest.warns(UserWarning, match="the interpolant of 'Radau' is not kept"):
        sol.save(tmp_path / "run.npz")
    assert load_solution(tmp_path / "run.npz").sol is None


def test_a_failed_run_stays_a_failure(tmp_path):
    sol = simulate(CTRNN([[3.0]], activation="linear"), 5000, [1], method="dopri5")
    assert not sol.success
    sol.save(tmp_path / "run.npz")
    again = load_solution(tmp_path / "run.npz")
    assert again.status is sol.status
    assert again.message == sol.message


def turning(t, y, u, params, out):
    out[0] = params[0] * y[1]
    out[1] = -params[0] * y[0]


def height(t, y, u, params, out):
    out[0] = y[0]


def test_a_system_of_a_user_is_asked_for_and_given_its_parameters(tmp_path):
    system = DynamicalSystem(turning, 2, params={"omega": 2.0}, events=height)
    sol = simulate(system, 5, [1, 0])
    sol.save(tmp_path / "run.npz")
    with pytest.warns(UserWarning, match="loaded without its system: it was DynamicalSystem.*pass it as `system=`"):
        bare = load_solution(tmp_path / "run.npz")
    np.testing.assert_array_equal(bare.y, sol.y)
    np.testing.assert_array_equal(bare.t_events[0], sol.t_events[0])
    np.testing.assert_array_equal(bare.y_events[0], sol.y_events[0])
    with pytest.raises(ValueError, match="without its system"):
        bare.outputs  # noqa: B018
    whole = load_solution(tmp_path / "run.npz", system=system.with_params({"omega": 7.0}))
    assert whole.system.param("omega") == 2.0


@pytest.mark.parametrize(
    ("system", "error", "message"),
    [
        (CTRNN(np.eye(3)), ValueError, "3 states, and that of the file 2"),
        (DynamicalSystem(turning, 2, params=[1.0, 2.0]), ValueError, "2 parameters, and that of the file 1"),
        ("net", TypeError, "must be a DynamicalSystem; got str"),
    ],
)
def test_a_system_that_does_not_fit_is_refused(tmp_path, system, error, message):
    simulate(DynamicalSystem(turning, 2, params={"omega": 2.0}), 1, [1, 0]).save(tmp_path / "run.npz")
    with pytest.raises(error, match=message):
        load_solution(tmp_path / "run.npz", system=system)


def test_inputs_that_are_functions_are_kept_as_samples(tmp_path, rng):
    sol = simulate(random_ctrnn(1, rng), 1, [0], inputs=[Signal(lambda t: t * t)])
    sol.save(tmp_path / "run.npz")
    again = load_solution(tmp_path / "run.npz")
    np.testing.assert_array_equal(again.outputs, sol.outputs)
    np.testing.assert_allclose(again.input_values, sol.input_values, rtol=1e-12)


# Ensembles ------------------------------------------------------------------------------------------------------------


def same_ensemble(one, two):
    for name in ("t", "y", "status", "t_end", "params", "steps", "outputs"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name), err_msg=name)
    for name in ("method", "reason", "path", "options"):
        assert getattr(one, name) == getattr(two, name), name


@pytest.mark.parametrize("save", ["all", "final"])
def test_an_ensemble_is_read_back_exactly(tmp_path, rng, save):
    net = random_ctrnn(3, rng)
    ens = simulate_ensemble(net, 2, rng.normal(size=(4, 3)), params={"biases[1]": np.arange(4.0)}, save=save,
                            method="rk4", dt=0.05)  # fmt: skip
    ens.save(tmp_path / "runs.npz")
    again = load_ensemble(tmp_path / "runs.npz")
    same_ensemble(again, ens)
    np.testing.assert_array_equal(again[2].outputs, ens[2].outputs)
    assert again[2].system.biases[1] == 2


def test_inputs_of_every_member_are_kept(tmp_path, rng):
    net = random_ctrnn(2, rng)
    inputs = [[Pulse(0.5, 0.1, b), Sampled([0, 1], [b, 2 * b])] for b in range(1, 4)]
    ens = simulate_ensemble(net, 2, [0, 0], inputs=inputs, method="rk4", dt=0.05)
    ens.save(tmp_path / "runs.npz")
    again = load_ensemble(tmp_path / "runs.npz")
    for b in range(3):
        same(again[b], ens[b])
        np.testing.assert_array_equal(again[b].inputs.breakpoints, ens[b].inputs.breakpoints)


def test_an_ensemble_of_a_system_of_a_user(tmp_path):
    system = DynamicalSystem(turning, 2, params={"omega": 2.0})
    ens = simulate_ensemble(system, 1, [[1, 0], [0, 1]], save="final")
    ens.save(tmp_path / "runs.npz")
    with pytest.warns(UserWarning, match="loaded without its system"):
        np.testing.assert_array_equal(load_ensemble(tmp_path / "runs.npz").y, ens.y)
    same_ensemble(load_ensemble(tmp_path / "runs.npz", system=system), ens)


# Files that are broken or something else -------------------------------------------------------------------------------


def saved(tmp_path):
    path = tmp_path / "run.npz"
    simulate(random_ctrnn(2, 1), 1, [0, 0], inputs=[Sine(1, 1), 0.0]).save(path)
    return path


def altered(tmp_path, arrays=(), **header):
    """A network's file with other entries in the header or other arrays."""
    path = tmp_path / "altered.npz"
    CTRNN([[1.0, 2.0], [3.0, 4.0]], mask=np.ones((2, 2))).save(path)
    with np.load(path) as archive:
        content = dict(archive)
    content["header"] = np.array(json.dumps(json.loads(str(content["header"])) | {"members": None} | header))
    np.savez(path, **(content | dict(arrays)))
    return path


def test_every_truncation_is_a_value_error(tmp_path):
    path = saved(tmp_path)
    data = path.read_bytes()
    for size in [*range(0, len(data) - 1, 97), len(data) - 1]:
        path.write_bytes(data[:size])
        with pytest.raises(ValueError, match=r"run\.npz' is (not an \.npz file|damaged)"):
            load_solution(path)


def test_a_changed_byte_is_found_or_harmless(tmp_path, rng):
    """Numbers are under a checksum; bytes outside of it (names, sizes, dates) break the file or do not matter."""
    path = saved(tmp_path)
    data, whole = path.read_bytes(), load_solution(path)
    for position in rng.integers(0, len(data), 300):
        broken = bytearray(data)
        broken[position] ^= 0x55
        path.write_bytes(broken)
        try:
            again = load_solution(path)
        except ValueError:
            continue
        same(again, whole)


@pytest.mark.parametrize("content", [b"", b"PK", b"hello", b"\x93NUMPY\x01\x00"], ids=["empty", "PK", "text", "npy"])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"other' is (not an \.npz file|damaged)"):
        load_network(path)


def test_other_archives_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", weights=np.eye(2))
    with pytest.raises(ValueError, match="not one that this project has written"):
        load_network(tmp_path / "a.npz")
    with zipfile.ZipFile(tmp_path / "b.npz", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(ValueError, match=r"not one that this project has written|damaged"):
        load_network(tmp_path / "b.npz")


def test_pickles_are_not_loaded(tmp_path):
    np.savez(tmp_path / "a.npz", header=np.array({"format": 1}, dtype=object))
    with pytest.raises(ValueError, match=r"a\.npz' is damaged: .*no numbers|neither numbers"):
        load_network(tmp_path / "a.npz")


def test_a_file_of_the_other_kind_names_its_function(tmp_path):
    with pytest.raises(ValueError, match="holds a solution, not a network; use `load_solution`"):
        load_network(saved(tmp_path))
    with pytest.raises(ValueError, match="holds a network, not a solution; use `load_network`"):
        load_solution(altered(tmp_path))


@pytest.mark.parametrize(
    ("arrays", "header", "message"),
    [
        ({}, {"format_version": 99}, "version 99 of the format, and this release reads 1"),
        ({"network.weights": np.ones((2, 3))}, {}, "is damaged: `mask` must have the shape"),
        ({"network.biases": np.array([1, np.nan])}, {}, r"is damaged: `biases\[1\]` must be finite"),
        ({"network.time_constants": np.array([1, -1])}, {}, r"is damaged: `time_constants\[1\]` must be positive"),
        ({"further.mask": np.zeros((2, 2))}, {}, r"is damaged: `weights\[0, 0\]` must be 0"),
        ({}, {"further": 3}, "is damaged"),
        ({}, {"activation": "sigmiod"}, "activation 'sigmiod' is not one of this project"),
    ],
)
def test_what_makes_no_network_is_refused(tmp_path, arrays, header, message):
    with pytest.raises(ValueError, match=message):
        load_network(altered(tmp_path, arrays, **header))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inputs.values": [[0, 9, 0, 0, 0]]}, "reaches beyond its samples"),
        ({"inputs.values": [[-1, 1, 0, 0, 0]]}, "reaches beyond its samples"),
        ({"inputs.values": [[0, 0, 0, 0, 0]]}, "reaches beyond its samples"),
        ({"inputs.channels": [2]}, "index out of range"),
        ({"inputs.counts": [[7, 0, 0]]}, "reaches beyond its samples"),
        ({"kinds": ["function"]}, "'function'"),
    ],
    ids=["too long", "before the start", "empty", "channel", "counts", "a function"],
)
def test_signals_that_reach_outside_are_refused(tmp_path, change, message):
    """Kernels look samples up unchecked, and functions are addresses."""
    path = tmp_path / "run.npz"
    simulate(random_ctrnn(1, 1), 1, [0], inputs=[Sampled([0, 0.5], [1, 2])]).save(path)
    with np.load(path) as archive:
        content = dict(archive)
    header = json.loads(str(content["header"]))
    header.pop("members")
    header["inputs"]["kinds"] = change.get("kinds", header["inputs"]["kinds"])
    content |= {name: np.array(array, dtype=float) for name, array in change.items() if name != "kinds"}
    np.savez(path, **(content | {"header": np.array(json.dumps(header))}))
    with pytest.raises(ValueError, match=rf"run\.npz' is damaged: .*{message}"):
        load_solution(path)


# Writing --------------------------------------------------------------------------------------------------------------


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "net.npz"
    CTRNN([[1]]).save(path)
    monkeypatch.setattr(np, "savez", lambda file, **arrays: (file.write(b"half"), 1 / 0))
    with pytest.raises(ZeroDivisionError):
        CTRNN([[2]]).save(path)
    assert load_network(path).weights.tolist() == [[1]]
    assert os.listdir(tmp_path) == ["net.npz"]


def test_a_write_replaces_what_a_link_points_to(tmp_path):
    (tmp_path / "real").mkdir()
    target, link = tmp_path / "real" / "net.npz", tmp_path / "link.npz"
    CTRNN([[1]]).save(target)
    link.symlink_to(target)
    CTRNN([[2]]).save(link)
    assert link.is_symlink()
    assert load_network(target).weights.tolist() == [[2]]


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no such folder"):
        CTRNN([[1]]).save(tmp_path / "none" / "net.npz")


def test_only_numbers_and_text_are_written(tmp_path):
    with pytest.raises(TypeError, match="`a` must be an array of numbers or text"):
        npz.write(tmp_path / "x.npz", "network", {}, {"a": np.array([io.BytesIO()], dtype=object)})
    assert os.listdir(tmp_path) == []


# Crafted files -------------------------------------------------------------------------------------------------------


def rewritten(path, changes, compress=zipfile.ZIP_STORED):
    """Write the arrays of a file again, some of them changed."""
    with np.load(path) as archive:
        arrays = dict(archive) | changes
    header = json.loads(str(arrays["header"]))
    header.pop("members", None)  # who made that up as well
    arrays["header"] = np.array(json.dumps(header))
    with zipfile.ZipFile(path, "w", compress) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w") as stream:
                np.lib.format.write_array(stream, np.asanyarray(array))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, None),  # the control
        ({"y": np.zeros((200, 3)), "t": np.zeros(3)}, "its states are 200, and those of its system 2"),
        ({"y": np.full((2, 1), np.nan), "t": np.zeros(1)}, "its states are not finite"),
        ({"y": np.zeros((2, 3))}, "shapes"),
        ({"t": np.array(["a"]), "y": np.zeros((2, 1))}, "no real numbers"),
    ],
)
def test_crafted_solutions_are_refused(tmp_path, changes, message):
    path = tmp_path / "run.npz"
    simulate(CTRNN(np.eye(2)), 1, [0.1, 0.2]).save(path)
    rewritten(path, changes)
    if message is None:
        assert load_solution(path).outputs.shape[0] == 2
        return
    with pytest.raises(ValueError, match=message):
        load_solution(path)


def test_files_that_unpack_to_more_than_they_are_are_refused(tmp_path):
    path = tmp_path / "bomb.npz"
    CTRNN(np.zeros((300, 300))).save(path)
    rewritten(path, {}, compress=zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 10_000
    with pytest.raises(ValueError, match="compressed"):
        load_network(path)


def test_headers_of_arrays_that_promise_more_than_there_is_are_refused(tmp_path):
    path = tmp_path / "short.npz"
    CTRNN(np.eye(2)).save(path)
    with zipfile.ZipFile(path, "a") as archive, archive.open("huge.npy", "w") as stream:
        np.lib.format.write_array_header_1_0(stream, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)})
    with pytest.raises(ValueError, match="does not have the size of its shape"):
        load_network(path)


def test_states_of_another_system_are_refused():
    """Compiled code would read beyond them."""
    sol = simulate(CTRNN(np.eye(2)), 1, [0.1, 0.2])
    for rows in (1, 200):
        with pytest.raises(ValueError, match=r"states must have the shape \(R, 2\)"):
            _ = dataclasses.replace(sol, y=np.zeros((rows, 3)), t=np.zeros(3)).outputs


def test_outputs_of_states_in_single_precision_are_those_of_the_same_numbers():
    net = CTRNN([[1.0, 2.0], [-2.0, 1.0]], [0.1, 0.2])
    solution = simulate(net, 2.0, [0.1, 0.2], method="rk4", dt=0.1)
    single = dataclasses.replace(solution, y=solution.y.astype(np.float32))
    exact = 1 / (1 + np.exp(-(single.y.astype(float) + net.biases[:, np.newaxis])))
    np.testing.assert_allclose(single.outputs, exact, rtol=1e-15)
