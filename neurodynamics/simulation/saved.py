"""Networks, solutions and ensembles in files: `.npz`, written as a whole or not at all, read without pickle."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from neurodynamics.activations import Activation, activation as activation_of
from neurodynamics.files import npz, reads, writes
from neurodynamics.inputs import Inputs, Sampled, input_parts, restored_inputs
from neurodynamics.simulation.ensemble import Ensemble
from neurodynamics.simulation.solution import DenseOutput, End, Solution
from neurodynamics.status import Status
from neurodynamics.systems import (
    Arrays,
    DynamicalSystem,
    Header,
    NotRestored,
    Path,
    floats,
    is_network,
    network_parts,
    restored_network,
    restored_system,
    system_parts,
    with_prefix,
)

_OF_SOLUTION = ("message", "method", "reason", "path", "nfev", "steps", "rejected", "options")
_OF_ENSEMBLE = ("method", "reason", "path", "options")
_ARRAYS_OF_ENSEMBLE = ("t", "y", "status", "t_end", "params", "steps")


# Networks ------------------------------------------------------------------------------------------------------------


@writes(DynamicalSystem)
def save_network(net: DynamicalSystem, path: Path) -> None:
    """Write a network to an ``.npz`` file; :func:`load_network` reads it.

    Parameters
    ----------
    net : DynamicalSystem
        A CTRNN, a graded Hopfield network, a network of ``recurrent``, .. Of an activation of your own only the name is
        kept.
    path : str or path
        Taken as it is. A file of that name is replaced as a whole, or not at all.
    """
    if not is_network(net):
        raise TypeError(f"`net` must be a network, such as a CTRNN; got {type(net).__name__}.")
    npz.write(path, "network", *network_parts(net))


@reads("network")
def load_network(path: Path, *, activation: str | Activation | None = None) -> Any:
    """Return the network in a file that :func:`save_network` has written, of the class that it had.

    Parameters
    ----------
    path : str or path
    activation : str or Activation, optional
        Takes the place of the network's activation; needed where that was your own.

    Raises
    ------
    ValueError
        Where the file is damaged, is something else, or needs a class or an activation that is not known.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from ctrnn import CTRNN
    >>> from neurodynamics import load_network
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "net.npz")
    ...     CTRNN([[4.5]], biases=-2).save(path)
    ...     load_network(path).biases
    array([-2.])
    """
    if activation is not None:
        activation = activation_of(activation)
    header, arrays = npz.read(path, "network")
    try:
        return restored_network(path, header, arrays, activation)
    except NotRestored as reason:
        raise ValueError(f"{os.fspath(path)!r}: {reason}") from None


# Results -------------------------------------------------------------------------------------------------------------


@writes(Solution)
def save_solution(solution: Solution, path: Path) -> None:
    """Write a solution with its system, inputs and options to an ``.npz`` file; :func:`load_solution` reads it.

    Of a system of your own the parameters are kept but not the functions; inputs that are functions are kept as samples at
    the times of the solution; the interpolants of SciPy's methods are left out, with a warning.

    Parameters
    ----------
    solution : Solution
    path : str or path
        Taken as it is. A file of that name is replaced as a whole, or not at all.
    """
    header: dict[str, Any] = {name: getattr(solution, name) for name in _OF_SOLUTION}
    header |= {"status": int(solution.status), "events": len(solution.t_events)}
    arrays = {"t": solution.t, "y": solution.y}
    for e, (times, states) in enumerate(zip(solution.t_events, solution.y_events, strict=True)):
        arrays |= {f"t_events.{e}": np.asarray(times), f"y_events.{e}": np.asarray(states)}
    if solution.end is not None:
        arrays |= {"end.t": np.array([solution.end.t]), "end.y": solution.end.y}
    if isinstance(solution.sol, DenseOutput):
        arrays |= {"dense.times": solution.sol.times, "dense.rows": solution.sol.rows}
    elif solution.sol is not None:
        warnings.warn(f"the interpolant of {solution.method!r} is not kept; the file holds the points.", stacklevel=3)
    _write_result(path, "solution", header, arrays, solution.system, _kept_inputs(solution))


def _kept_inputs(solution: Solution) -> list[Inputs] | None:
    """Return the inputs, those that are functions as samples at the times of the solution."""
    if solution.inputs is None:
        return None
    if input_parts([solution.inputs])[0] is not None or not solution.t.size:
        return [solution.inputs]
    times, first = np.unique(solution.t, return_index=True)
    values = solution.input_values[:, first]
    return [Inputs(Sampled(times, values, kind="linear"), len(values))]


@reads("solution")
def load_solution(
    path: Path, *, system: DynamicalSystem | None = None, activation: str | Activation | None = None
) -> Solution:
    """Return the solution in a file that ``solution.save(path)`` has written.

    Parameters
    ----------
    path : str or path
    system : DynamicalSystem, optional
        What was simulated, where the file cannot say: a system of your own. It is given the parameters of the file.
    activation : str or Activation, optional
        The activation of the network, where it was your own.

    Returns
    -------
    Solution
        Without a system, and with a warning that says why, where it can be had from neither the file nor the arguments:
        then ``outputs`` is refused, and the rest is there.

    Raises
    ------
    ValueError
        Where the file is damaged or something else, or the given system does not fit.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from ctrnn import CTRNN, simulate
    >>> from neurodynamics import load_solution
    >>> sol = simulate(CTRNN([[4.5]], biases=-2), 10, y0=[1])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sol.save(pathlib.Path(folder, "run.npz"))
    ...     again = load_solution(pathlib.Path(folder, "run.npz"))
    >>> bool((again.outputs == sol.outputs).all()), again.method == sol.method
    (True, True)
    """
    return _load_result(path, "solution", _solution, 0, system, activation)


def _solution(header: Header, arrays: Arrays, **restored: Any) -> Solution:
    t, y = floats(arrays, "t"), floats(arrays, "y")
    if t.ndim != 1 or y.ndim != 2 or y.shape[1] != t.size:
        raise ValueError(f"t and y have the shapes {t.shape} and {y.shape}.")
    _require_times(t)
    if header["status"] >= 0 and not np.isfinite(y).all():
        raise ValueError("it says that the run succeeded, and its states are not finite.")
    dense = {name: floats(arrays, f"dense.{name}") for name in with_prefix(arrays, "dense.")}
    if dense and (dense["times"].shape[1:] != (3,) or dense["rows"].shape[::2] != (len(dense["times"]), len(y))):
        raise ValueError("its interpolants do not fit its states.")
    if dense and not (np.isfinite(dense["times"]).all() and _in_order(dense["times"][:, 0])):
        raise ValueError("its interpolants are not one after the other.")
    _require_counts(header[name] for name in ("nfev", "steps", "rejected"))
    end = End(float(floats(arrays, "end.t")[0]), floats(arrays, "end.y")) if "end.t" in arrays else None
    if end is not None and end.y.shape != (len(y),):
        raise ValueError(f"its last state has the shape {end.y.shape}.")
    if end is not None and not (np.isfinite(end.t) and (header["status"] < 0 or np.isfinite(end.y).all())):
        raise ValueError("its last state or time is not finite.")
    events = [(floats(arrays, f"t_events.{e}"), floats(arrays, f"y_events.{e}")) for e in range(header["events"])]
    span = np.append(t, [] if end is None else end.t)
    for e, (times, states) in enumerate(events):
        if states.shape != (times.size, len(y)):
            raise ValueError(f"event {e} has times and states of different number.")
        _require_times(times)
        if header["status"] >= 0 and times.size and not (span.min() <= times.min() and times.max() <= span.max()):
            raise ValueError(f"event {e} was at a time that the run does not span.")
    inputs = restored.pop("inputs")
    return Solution(
        t=t, y=y, status=Status(header["status"]), inputs=inputs and inputs[0],
        t_events=[times for times, _ in events], y_events=[states for _, states in events],
        sol=DenseOutput(dense["times"], dense["rows"], getattr(restored.get("system"), "domain", None)) if dense else None,
        end=end,
        **{name: header[name] for name in _OF_SOLUTION}, **restored,
    )  # fmt: skip


def _require_times(t: np.ndarray) -> None:
    """Raise where times are no numbers, or go to and fro."""
    if t.ndim != 1 or not np.isfinite(t).all() or not _in_order(t):
        raise ValueError("its times are not finite, or not in order.")


def _in_order(t: np.ndarray) -> bool:
    return bool((np.diff(t) >= 0).all() or (np.diff(t) <= 0).all())


def _require_counts(counts: Iterable[Any]) -> None:
    """Raise where something that was counted is no number, or below zero."""
    if any(isinstance(count, bool) or not isinstance(count, int) or count < 0 for count in counts):
        raise ValueError("what it has counted is no number of steps.")


@writes(Ensemble)
def save_ensemble(ensemble: Ensemble, path: Path) -> None:
    """Write an ensemble to an ``.npz`` file, as :func:`save_solution` does for one run; :func:`load_ensemble` reads it."""
    header = {name: getattr(ensemble, name) for name in _OF_ENSEMBLE}
    arrays = {name: np.asarray(getattr(ensemble, name)) for name in _ARRAYS_OF_ENSEMBLE}
    if ensemble.y_end is not None:
        arrays["y_end"] = ensemble.y_end
    _write_result(path, "ensemble", header, arrays, ensemble.system, ensemble.inputs)


@reads("ensemble")
def load_ensemble(
    path: Path, *, system: DynamicalSystem | None = None, activation: str | Activation | None = None
) -> Ensemble:
    """Return the ensemble in a file that ``ensemble.save(path)`` has written; see :func:`load_solution`.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from ctrnn import CTRNN, simulate_ensemble
    >>> from neurodynamics import load_ensemble
    >>> ens = simulate_ensemble(CTRNN([[4.5]], biases=-2), 10, y0=[[1], [2]], save="final")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ens.save(pathlib.Path(folder, "runs.npz"))
    ...     again = load_ensemble(pathlib.Path(folder, "runs.npz"))
    >>> bool((again.outputs == ens.outputs).all())
    True
    """
    return _load_result(path, "ensemble", _ensemble, 1, system, activation)


def _ensemble(header: Header, arrays: Arrays, **restored: Any) -> Ensemble:
    whole = ("status", "steps")
    held: dict[str, Any] = {name: arrays[name] if name in whole else floats(arrays, name) for name in _ARRAYS_OF_ENSEMBLE}
    if any(held[name].dtype.kind not in "iu" for name in whole):
        raise ValueError("`status` and `steps` must be whole numbers.")
    _require_counts(held["steps"].ravel().tolist())
    if not set(held["status"].ravel().tolist()) <= set(Status):
        raise ValueError("`status` is none of a run.")
    if not np.isfinite(held["t_end"]).all():
        raise ValueError("`t_end` is not finite.")
    members = {held[name].shape[:1] for name in _ARRAYS_OF_ENSEMBLE if name != "t"}
    if held["y"].ndim not in (2, 3) or len(members) != 1:
        raise ValueError("its arrays are not of one number of members.")
    if held["y"].ndim == 3 and held["y"].shape[2:] != held["t"].shape:
        raise ValueError(f"t and y have the shapes {held['t'].shape} and {held['y'].shape}.")
    _require_times(held["t"])
    if not np.isfinite(held["y"][held["status"] == Status.SUCCESS]).all():
        raise ValueError("it says that members succeeded, and their states are not finite.")
    system = restored.get("system")
    if system is not None and held["params"].shape[1:] != (system.param_dim,):
        raise ValueError(f"its members have {held['params'].shape[1:]} parameters, and its system {system.param_dim}.")
    y_end = floats(arrays, "y_end") if "y_end" in arrays else None
    if y_end is not None and y_end.shape != held["y"].shape[:2]:
        raise ValueError(f"its last states have the shape {y_end.shape}.")
    if y_end is not None and not np.isfinite(y_end[held["status"] >= 0]).all():
        raise ValueError("it says that members succeeded, and their last states are not finite.")
    return Ensemble(**held, y_end=y_end, **{name: header[name] for name in _OF_ENSEMBLE}, **restored)


def _write_result(path: Path, kind: str, header: Header, arrays: Arrays, system: Any, inputs: Any) -> None:
    of_system, system_arrays = system_parts(system)
    of_inputs, input_arrays = input_parts(inputs)
    whole = {**header, "system": of_system, "inputs": of_inputs}
    npz.write(path, kind, whole, {**arrays, **system_arrays, **input_arrays})


def _load_result(path: Path, kind: str, make: Callable, axis: int, given: Any, activation: Any) -> Any:
    if activation is not None:
        activation = activation_of(activation)
    if given is not None and not isinstance(given, DynamicalSystem):
        raise TypeError(f"`system` must be a DynamicalSystem; got {type(given).__name__}.")
    header, arrays = npz.read(path, kind)
    name = repr(os.fspath(path))
    try:
        states = arrays["y"].shape[axis]
        system = restored_system(path, header["system"], arrays, states, given, activation)
    except NotRestored as reason:
        warnings.warn(f"{name} is loaded without its system: {reason}", stacklevel=3)
        system = None
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError(f"{name} is damaged: {error!r}.") from error
    if system is not None and system.state_dim != states:
        raise ValueError(f"{name} is damaged: its states are {states}, and those of its system {system.state_dim}.")
    try:
        return make(header, arrays, system=system, inputs=restored_inputs(header["inputs"], arrays))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        raise ValueError(f"{name} is damaged: {error}") from error
