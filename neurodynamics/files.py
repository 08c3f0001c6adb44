"""Networks and solutions in files: `.npz` with a JSON header, written as a whole or not at all, read without pickle."""

from __future__ import annotations

import importlib
import os
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from neurodynamics import _npz, signals
from neurodynamics.activations import ACTIVATIONS, Activation
from neurodynamics.activations import activation as activation_of
from neurodynamics.additive import NETWORKS, AdditiveNetwork
from neurodynamics.signals import Inputs
from neurodynamics.solution import DenseOutput, Solution
from neurodynamics.status import Status
from neurodynamics.system import DynamicalSystem

OUR_PACKAGES = ("neurodynamics", "ctrnn", "hopfield")  # a file may have modules of these imported, and of no other
Path = str | os.PathLike
Parts = tuple[dict[str, Any], dict[str, np.ndarray]]


class _NotRestored(Exception):
    """What a file describes cannot be made again from it alone; the text says why, and what to do."""


# Networks ------------------------------------------------------------------------------------------------------------


def save_network(net: AdditiveNetwork, path: Path) -> None:
    """Write a network to an ``.npz`` file; :func:`load_network` reads it.

    Parameters
    ----------
    net : AdditiveNetwork
        A CTRNN, a graded Hopfield network, .. Of an activation of your own only the name is kept.
    path : str or path
        Taken as it is. A file of that name is replaced as a whole, or not at all.
    """
    if not isinstance(net, AdditiveNetwork):
        raise TypeError(f"`net` must be an additive network, such as a CTRNN; got {type(net).__name__}.")
    _npz.write(path, "network", *_network_parts(net))


def load_network(path: Path, *, activation: str | Activation | None = None) -> AdditiveNetwork:
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
    >>> from neurodynamics.files import load_network
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "net.npz")
    ...     CTRNN([[4.5]], biases=-2).save(path)
    ...     load_network(path).biases
    array([-2.])
    """
    header, arrays = _npz.read(path, "network")
    try:
        return _restored(path, header, arrays, activation)
    except _NotRestored as reason:
        raise ValueError(f"{os.fspath(path)!r}: {reason}") from None


def _network_parts(net: AdditiveNetwork) -> Parts:
    """Return what makes a network again: its header and its arrays."""
    further: dict[str, Any] = {}
    arrays = {f"network.{name}": getattr(net, name) for name in net.layout.shapes}
    for name in net.further_arguments:
        value = getattr(net, name)
        if isinstance(value, np.ndarray):
            arrays[f"further.{name}"] = value
        else:
            further[name] = value
    kind = type(net)
    return {
        "class": f"{kind.__module__}.{kind.__qualname__}",
        "activation": net.activation.name,
        "own_activation": ACTIVATIONS.get(net.activation.name) is not net.activation,
        "further": further,
    }, arrays


def _restored(path: Path, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray], activation: Any) -> AdditiveNetwork:
    cls = _class_named(str(header.get("class")))
    name = str(header.get("activation"))
    if activation is None and (header.get("own_activation") or name not in ACTIVATIONS):
        raise _NotRestored(f"the activation {name!r} is not one of this project; pass it as `activation=`.")
    chosen = activation_of(name if activation is None else activation)
    try:
        kept = dict(header["further"]) | _with_prefix(arrays, "further.")
        further = {name: kept[name] for name in cls.further_arguments}
        return cls.restore(_with_prefix(arrays, "network."), chosen, further)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{os.fspath(path)!r} is damaged: {error}") from error


def _class_named(name: str) -> type[AdditiveNetwork]:
    module = name.rpartition(".")[0]
    if name not in NETWORKS and module.partition(".")[0] in OUR_PACKAGES:
        try:
            importlib.import_module(module)
        except ImportError:
            pass
    if name not in NETWORKS:
        raise _NotRestored(f"it holds a {name}, which is not known here; import the module that defines it first.")
    return NETWORKS[name]


def _with_prefix(arrays: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


# Solutions -----------------------------------------------------------------------------------------------------------


def save_solution(solution: Solution, path: Path) -> None:
    """Write a solution with its system, inputs and options to an ``.npz`` file; :func:`load_solution` reads it.

    Of a system of your own the parameters are kept but not the functions; inputs that are functions are left out, and so,
    with a warning, are the interpolants of SciPy's methods.

    Parameters
    ----------
    solution : Solution
    path : str or path
        Taken as it is. A file of that name is replaced as a whole, or not at all.
    """
    header: dict[str, Any] = {name: getattr(solution, name) for name in _PLAIN}
    header |= {"status": int(solution.status), "events": len(solution.t_events), "system": None, "inputs": None}
    arrays = {"t": solution.t, "y": solution.y}
    for e, (times, states) in enumerate(zip(solution.t_events, solution.y_events, strict=True)):
        arrays |= {f"t_events.{e}": np.asarray(times), f"y_events.{e}": np.asarray(states)}
    if isinstance(solution.sol, DenseOutput):
        arrays |= {"dense.times": solution.sol.times, "dense.rows": solution.sol.rows}
    elif solution.sol is not None:
        warnings.warn(f"the interpolant of {solution.method!r} is not kept; the file holds the points.", stacklevel=3)
    if solution.system is not None:
        header["system"], more = _system_parts(solution.system)
        arrays |= more
    if solution.inputs is not None:
        header["inputs"], more = _input_parts(solution.inputs)
        arrays |= more
    _npz.write(path, "solution", header, arrays)


_PLAIN = ("message", "method", "reason", "path", "nfev", "steps", "rejected", "options")


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
    >>> from neurodynamics.files import load_solution
    >>> sol = simulate(CTRNN([[4.5]], biases=-2), 10, y0=[1])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sol.save(pathlib.Path(folder, "run.npz"))
    ...     again = load_solution(pathlib.Path(folder, "run.npz"))
    >>> bool((again.outputs == sol.outputs).all()), again.method == sol.method
    (True, True)
    """
    header, arrays = _npz.read(path, "solution")
    try:
        restored = _system(path, header["system"], arrays, system, activation)
    except _NotRestored as reason:
        warnings.warn(f"{os.fspath(path)!r} is loaded without its system: {reason}", stacklevel=2)
        restored = None
    except KeyError as error:
        raise ValueError(f"{os.fspath(path)!r} is damaged: it lacks {error}.") from error
    try:
        return _solution(header, arrays, restored)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ValueError(f"{os.fspath(path)!r} is damaged: {error}") from error


def _solution(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray], system: DynamicalSystem | None) -> Solution:
    t, y = arrays["t"], arrays["y"]
    if t.ndim != 1 or y.ndim != 2 or y.shape[1] != t.size:
        raise ValueError(f"t and y have the shapes {t.shape} and {y.shape}.")
    dense = _with_prefix(arrays, "dense.")
    return Solution(
        t=t, y=y, status=Status(header["status"]), system=system,
        t_events=[arrays[f"t_events.{e}"] for e in range(header["events"])],
        y_events=[arrays[f"y_events.{e}"] for e in range(header["events"])],
        sol=DenseOutput(dense["times"], dense["rows"]) if dense else None,
        inputs=_inputs(header["inputs"], _with_prefix(arrays, "inputs.")),
        **{name: header[name] for name in _PLAIN},
    )  # fmt: skip


def _system_parts(system: DynamicalSystem) -> Parts:
    if isinstance(system, AdditiveNetwork):
        return _network_parts(system)
    return {"class": None, "repr": repr(system)}, {"params": system.params}


def _system(path: Path, header: Any, arrays: Mapping[str, np.ndarray], given: Any, activation: Any) -> Any:
    if given is None:
        if header is None:
            return None
        if header["class"] is None:
            raise _NotRestored(f"it was {header['repr']}, whose functions no file can hold; pass it as `system=`.")
        return _restored(path, header, arrays, activation)
    if not isinstance(given, DynamicalSystem):
        raise TypeError(f"`system` must be a DynamicalSystem; got {type(given).__name__}.")
    if given.state_dim != arrays["y"].shape[0]:
        raise ValueError(f"`system` has {given.state_dim} states, and the solution {arrays['y'].shape[0]}.")
    if header is None or header["class"] is not None:
        return given
    if arrays["params"].shape != given.params.shape:
        raise ValueError(f"`system` has {given.param_dim} parameters, and that of the file {arrays['params'].size}.")
    return given.with_params(arrays["params"])


def _input_parts(inputs: Inputs) -> Parts:
    """Return what makes inputs again, unless they are functions."""
    if inputs.callable is not None or (inputs.terms[:, 1] == signals._FUNCTION).any():
        return {"kept": False}, {}
    names = ("base", "terms", "data", "breakpoints")
    return {"kept": True}, {f"inputs.{name}": getattr(inputs, name) for name in names}


def _inputs(header: Any, arrays: Mapping[str, np.ndarray]) -> Inputs | None:
    if header is None or not header["kept"]:
        return None
    base, terms, data, breakpoints = (np.ascontiguousarray(arrays[name], dtype=np.float64) for name in
                                      ("base", "terms", "data", "breakpoints"))  # fmt: skip
    _check_terms(base, terms, data)
    inputs = Inputs(None, base.size)
    inputs.base, inputs.terms, inputs.data, inputs.breakpoints = base, terms, data, breakpoints
    return inputs


def _check_terms(base: np.ndarray, terms: np.ndarray, data: np.ndarray) -> None:
    """Raise unless the table stays inside its arrays: kernels look things up in it without a further check."""
    if terms.ndim != 2 or terms.shape[1] != signals._COLUMNS or base.ndim != 1 or data.ndim != 1:
        raise ValueError("its inputs are not a table of signals.")
    channel, kind, start, count = terms[:, :4].T
    sampled = (kind == signals._HOLD) | (kind == signals._LINEAR)
    known = np.isin(kind, np.arange(signals._FUNCTION + 1, signals._LINEAR + 1))
    inside = np.isin(channel, np.arange(base.size))
    fits = (start >= 0) & (count >= 1) & (start % 1 == 0) & (count % 1 == 0) & (start + 2 * count <= data.size)
    if not (known & inside & (fits | ~sampled)).all():
        raise ValueError("its inputs are not a table of signals.")
