"""What a file keeps of a system, and how it is made again."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from neurodynamics.activations import ACTIVATIONS, Activation, activation as activation_of
from neurodynamics.systems.additive import NETWORKS, OUR_PACKAGES, name_in_files
from neurodynamics.systems.domain import Box, Simplex
from neurodynamics.systems.system import MAKERS, DynamicalSystem

Path = str | os.PathLike
Header = Mapping[str, Any]
Arrays = Mapping[str, np.ndarray]
Parts = tuple[dict[str, Any], dict[str, np.ndarray]]


class NotRestored(Exception):
    """What a file describes cannot be made again from it alone; the text says why, and what to do."""


def is_network(system: Any) -> bool:
    """Whether a file can hold the system: its class is known and makes it from named arrays, or it is made of such."""
    kind, recipe = type(system), system._recipe if isinstance(system, DynamicalSystem) else None
    if recipe is not None:
        kept = all(is_network(part) and part._added is None for part in recipe.systems)
        return kept and recipe.make in MAKERS.values()
    return NETWORKS.get(name_in_files(kind)) is kind


def network_parts(net: Any) -> Parts:
    """Return what makes a network again: its header and its arrays."""
    if net._recipe is not None:
        return _recipe_parts(net)
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


def _recipe_parts(system: Any) -> Parts:
    """Return what makes a composition again: the name of its maker, the arguments, and its parameters."""
    if system._added is not None:
        raise ValueError("`net` has events, which are functions and cannot be kept in a file; save it without them.")
    arrays = {"made.params": system.params}
    arguments = [_kept(value, f"made.{k}", arrays) for k, value in enumerate(system._recipe.arguments)]
    return {"class": None, "maker": system._recipe.make.__name__, "arguments": arguments, "repr": repr(system)}, arrays


def _kept(value: Any, name: str, arrays: dict[str, np.ndarray]) -> Any:
    """Return what JSON can hold of an argument; arrays go to ``arrays``, with names that begin with this one."""
    if isinstance(value, DynamicalSystem):
        header, parts = network_parts(value)
        arrays |= {f"{name}/{key}": array for key, array in parts.items()}
        return {"system": header}
    if isinstance(value, (list, tuple)):
        return {"list": [_kept(each, f"{name}.{k}", arrays) for k, each in enumerate(value)]}
    if isinstance(value, Mapping):
        return {"mapping": {key: _kept(each, f"{name}.{key}", arrays) for key, each in value.items()}}
    if isinstance(value, np.ndarray):
        arrays[name] = value
        return {"array": name}
    return {"box": [value.lower, value.upper]} if isinstance(value, Box) else (
        {"simplex": None} if isinstance(value, Simplex) else {"value": value}
    )  # fmt: skip


def _again(kept: Any, name: str, path: Path, arrays: Arrays, activation: Any) -> Any:
    ((kind, value),) = kept.items()
    if kind == "system":
        chosen = activation if value.get("own_activation") or value["class"] is None else None
        return restored_network(path, value, with_prefix(arrays, f"{name}/"), chosen)
    if kind == "list":
        return [_again(each, f"{name}.{k}", path, arrays, activation) for k, each in enumerate(value)]
    if kind == "mapping":
        return {key: _again(each, f"{name}.{key}", path, arrays, activation) for key, each in value.items()}
    return {"array": lambda: arrays[name], "box": lambda: Box(*value), "simplex": Simplex, "value": lambda: value}[kind]()


def _made(path: Path, header: Header, arrays: Arrays, activation: Any) -> Any:
    """Return the composition of a file."""
    try:
        arguments = [_again(each, f"made.{k}", path, arrays, activation) for k, each in enumerate(header["arguments"])]
        return MAKERS[header["maker"]](*arguments).with_params(arrays["made.params"])
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ValueError(f"{os.fspath(path)!r} is damaged: {error}") from error


def restored_network(path: Path, header: Header, arrays: Arrays, activation: Any) -> Any:
    """Return the network of a file; NotRestored where its class or its activation is not known."""
    if header.get("maker") is not None:
        return _made(path, header, arrays, activation)
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
    package, qualname = name.partition(".")[0], name.rpartition(".")[2]
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
        if header["class"] is None and "maker" not in header:
            raise NotRestored(f"it was {header['repr']}, whose functions no file can hold; pass it as `system=`.")
        return restored_network(path, header, arrays, activation)
    if not isinstance(given, DynamicalSystem):
        raise TypeError(f"`system` must be a DynamicalSystem; got {type(given).__name__}.")
    if given.state_dim != states:
        raise ValueError(f"`system` has {given.state_dim} states, and that of the file {states}.")
    if header is None or header["class"] is not None:
        return given
    vector = arrays["made.params" if "maker" in header else "system.params"]
    if vector.shape != given.params.shape:
        raise ValueError(f"`system` has {given.param_dim} parameters, and that of the file {vector.size}.")
    return given.with_params(vector)
