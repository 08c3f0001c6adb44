"""Trajectories under names: arrays of xarray, files of comma-separated values."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from neurodynamics.extras import extra_package
from neurodynamics.files import replacing
from neurodynamics.status import Status
from neurodynamics.tables import state_columns

MOST_NAMES = 10_000  # of parameters: beyond, their names take more memory than all else


def write_csv(solution: Any, path: str | os.PathLike) -> None:
    """Write lines ``t, y[0], ..`` that are read as the same numbers, in place of an older file, as a whole or not at all."""
    header = ",".join(["time", *state_columns(solution.y.T)])
    with replacing(path) as file:
        np.savetxt(file, np.vstack([solution.t, solution.y]).T, fmt="%.17g", delimiter=",", header=header, comments="")


def solution_dataset(solution: Any) -> Any:
    """Return an ``xarray.Dataset`` of a solution."""
    variables: dict[str, Any] = {"y": (("state", "time"), solution.y)}
    system, coordinates = solution.system, {"time": solution.t, "state": np.arange(len(solution.y))}
    if system is not None:
        if system.has("outputs"):
            variables["outputs"] = ("output", "time"), solution.outputs
        if system.input_dim and solution.inputs is not None:
            variables["inputs"] = ("input", "time"), solution.input_values
        variables["params"] = ("param",), system.params
    counts = {"nfev": solution.nfev, "steps": solution.steps, "rejected": solution.rejected}
    ended = {"status": solution.status.name.lower(), "message": solution.message}
    return _dataset(solution, variables, coordinates, ended | counts)


def ensemble_dataset(ensemble: Any) -> Any:
    """Return an ``xarray.Dataset`` of an ensemble."""
    along = ("time",) if ensemble.y.ndim == 3 else ()
    members = ("member",)
    variables = {"y": (("member", "state", *along), ensemble.y), "status": (members, ensemble.status),
                 "t_end": (members, ensemble.t_end), "steps": (members, ensemble.steps),
                 "params": (("member", "param"), ensemble.params)}  # fmt: skip
    if ensemble.system is not None and ensemble.system.has("outputs"):
        variables["outputs"] = ("member", "output", *along), ensemble.outputs
    coordinates = {"member": np.arange(len(ensemble)), "state": np.arange(ensemble.y.shape[1])}
    coordinates |= {"time": ensemble.t} if along else {}
    meaning = {f"status {int(each)}": each.name.lower() for each in Status if each in ensemble.status}
    return _dataset(ensemble, variables, coordinates, meaning)


def _dataset(result: Any, variables: dict[str, Any], coordinates: dict[str, Any], attributes: dict[str, Any]) -> Any:
    """Return a dataset of copies, with what the parameters are called and how the result came to be."""
    xarray = extra_package("xarray", "xarray", "`to_xarray` needs the package xarray")
    system = result.system
    if system is not None and 0 < system.param_dim <= MOST_NAMES:
        coordinates = coordinates | {"param": list(system.param_names)}
    options = {name: value for name, value in result.options.items() if isinstance(value, (int, float, str, np.ndarray))}
    attributes = {"method": result.method, "reason": result.reason, "path": result.path} | attributes | options
    copies = {name: (axes, np.array(values)) for name, (axes, values) in variables.items()}
    return xarray.Dataset(copies, coordinates, attributes)
