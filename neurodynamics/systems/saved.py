"""What a file keeps of a system, and how it is made again."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from neurodynamics.activations import ACTIVATIONS, Activation, activation as activation_of
from neurodynamics.systems.additive import NETWORKS, OUR_PACKAGES, name_in_files
from neurodynamics.systems.system import DynamicalSystem

Path = str | os.PathLike
Header = Mapping[str, Any]
Arrays = Mapping[str, np.ndarray]
Parts = tuple[dict[str, Any], dict[str, np.ndarray]]


class NotRestored(Exception):
    """What a file describes cannot be made again from it alone; the text says why, and what to do."""


def is_network(system: Any) -> bool:
    """Whether a file can hold the system: its class is known, and makes it from named arrays."""
    kind = type(system)
    return NETWORKS.get(name_in_files(kind)) is kind


def network_parts(net: Any) -> Parts:
    """Return what makes a network again: its header and its arrays."""
    if net._added is not None:
        raise ValueError(
            "`net` has events, which are functions and cannot be kept in a file; save the network without them, and add "
            "them again with `with_events`."
        )
    further: dict[str, Any] = {}
    arrays = {f"network.{name}": array for name, array in net.arrays().items()}
    for name in net.further_arguments:
        value = getattr(net, name)
        if isinstance(value, np.ndarray):
            arrays[f"further.{name}"] = value
        else:
            further[name] = value.name if isinstance(value, Activation) else value
    return {
        "class": name_in_files(type(net)),
        "activation": net.activation.name,
        "own_activation": ACTIVATIONS.get(net.activation.name) is not net.activation,
        "further": further,
    }, arrays


def restored_network(path: Path, header: Header, arrays: Arrays, activation: Any) -> Any:
    """Return the network of a file; NotRestored where its class or its activation is not known."""
    cls = _class_named(str(header.get("class")))
    name = str(header.get("activation"))
    if activation is None and (header.get("own_activation") or name not in ACTIVATIONS):
        raise NotRestored(f"the activation {name!r} is not one of this project; pass it as `activation=`.")
    chosen = activation_of(name if activation is None else activation)
    try:
        kept = dict(header["further"]) | with_prefix(arrays, "further.")
        further = {name: kept[name] for name in cls.further_arguments}
        return cls.restore(with_prefix(arrays, "network."), chosen, further)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{os.fspath(path)!r} is damaged: {error}") from error


def _class_named(name: str) -> Any:
    package, *_, qualname = name.split(".")
    if package in OUR_PACKAGES:  # the first files have the module between the two; no other package is imported for a file
        name = f"{package}.{qualname}"
        importlib.import_module(package)
    if name not in NETWORKS:
        raise NotRestored(f"it holds a {name}, which is not known here; import the module that defines it first.")
    return NETWORKS[name]


def floats(arrays: Arrays, name: str) -> np.ndarray:
    """Return an array of a file; ValueError where it holds other than numbers."""
    if arrays[name].dtype.kind not in "iuf":
        raise ValueError(f"`{name}` holds {arrays[name].dtype}, no real numbers.")
    single = arrays[name].dtype == np.float32 and name == "y"  # what a run in single precision gives
    return np.ascontiguousarray(arrays[name], dtype=np.float32 if single else np.float64)


def with_prefix(arrays: Arrays, prefix: str) -> dict[str, np.ndarray]:
    """Return the arrays whose names begin with the prefix, without it."""
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def system_parts(system: DynamicalSystem | None) -> tuple[Any, dict[str, np.ndarray]]:
    """Return header and arrays of what a file keeps of a system."""
    if system is None:
        return None, {}
    if is_network(system) and system._added is None:
        return network_parts(system)
    return {"class": None, "repr": repr(system)}, {"system.params": system.params}


def restored_system(path: Path, header: Any, arrays: Arrays, states: int, given: Any, activation: Any) -> Any:
    """Return the system of a file, or the given one with the parameters of the file; NotRestored where there is none."""
    if given is None:
        if header is None:
            return None
        if header["class"] is None:
            raise NotRestored(f"it was {header['repr']}, whose functions no file can hold; pass it as `system=`.")
        return restored_network(path, header, arrays, activation)
    if not isinstance(given, DynamicalSystem):
        raise TypeError(f"`system` must be a DynamicalSystem; got {type(given).__name__}.")
    if given.state_dim != states:
        raise ValueError(f"`system` has {given.state_dim} states, and that of the file {states}.")
    if header is None or header["class"] is not None:
        return given
    vector = arrays["system.params"]
    if vector.shape != given.params.shape:
        raise ValueError(f"`system` has {given.param_dim} parameters, and that of the file {vector.size}.")
    return given.with_params(vector)
