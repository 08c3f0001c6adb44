"""Parameters of a population, one row a network: checks, and whether dt suits them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from neurodynamics.schemes import METHODS, Method, check_step, method_named
from neurodynamics.systems import DynamicalSystem, by_name
from neurodynamics.validation import Floats, as_real


def parameter_rows(template: Any, params: Any) -> tuple[Floats, np.ndarray]:
    """Return parameters (B, P), and whether each member's are finite; those of the others are the template's.

    Parameters
    ----------
    params : array_like (B, P), or mapping of str to array_like, or None
    """
    rows = template.params[np.newaxis].copy() if params is None else unchecked_rows(template, params)
    usable: Any = np.isfinite(rows).all(axis=1)
    rows[~usable] = template.params
    template.check_params(rows)
    rows.flags.writeable = False
    return rows, usable


def unchecked_rows(template: Any, params: Any) -> Floats:
    """Return parameters (B, P), given as such or by name, whatever their values."""
    params = by_name(params)
    if isinstance(params, Mapping):
        return _named_rows(template, params)
    rows = _numbers(params, "params")
    if rows.ndim != 2 or rows.shape[1] != template.param_dim:
        raise ValueError(
            f"`params` must have shape (B, param_dim) = (B, {template.param_dim}), or be a dict of named parameters; "
            f"got {rows.shape}."
        )
    return rows


def _named_rows(template: Any, params: Mapping) -> Floats:
    columns = []
    for name, value in params.items():
        positions = template.layout.positions(name)
        array = _numbers(value, f"params[{name!r}]")
        if array.ndim != positions.ndim + 1 or array.shape[1:] != positions.shape:
            shape = ", ".join(["B", *map(str, positions.shape)]) + ("," if positions.ndim == 0 else "")
            raise ValueError(f"`params[{name!r}]` must have shape ({shape}), one entry a member; got {array.shape}.")
        columns.append((name, positions, array))
    sizes = {name: len(array) for name, _, array in columns}
    if len(set(sizes.values())) > 1:
        text = " and ".join(f"{name!r} has {size}" for name, size in sizes.items())
        raise ValueError(f"all entries of `params` must have the same number of members; {text}.")
    rows = np.tile(template.params, (next(iter(sizes.values()), 1), 1))
    for _, positions, array in columns:
        rows[:, positions] = array
    return rows


def _numbers(value: Any, name: str) -> Floats:
    """Return a new float64 array that may hold NaN."""
    return as_real(value, name)


def check_template(template: Any, name: str = "template") -> None:
    """Raise unless the template is a compiled flow."""
    if not isinstance(template, DynamicalSystem):
        raise TypeError(f"`{name}` must be a network or a DynamicalSystem; got {type(template).__name__}.")
    if template.kind != "flow" or template.host:
        raise ValueError(f"`{name}` must be a flow with compiled functions; maps and host systems are iterated by hand.")
    if template.event_dim:
        raise ValueError(f"`{name}` has events, which closed loops do not look for; put them into the body's functions.")


def check_method(name: str, template: Any, *, noisy: bool) -> Method:
    """Return the method of that name, or raise where it does not serve closed loops of this template."""
    method = method_named(name)
    usable = [m.name for m in METHODS.values() if m.family == "fixed" and (noisy or not m.noisy)]
    if method.name not in usable:
        raise ValueError(f"`method` of a closed loop must be one of {', '.join(map(repr, usable))}; got {name!r}.")
    if template.has("diffusion") and not method.noisy:
        instead = "use 'euler_maruyama'" if noisy else "make the system without noise"
        raise ValueError(f"`method` {name!r} ignores the noise of this system; {instead}.")
    if method.noisy and not template.has("diffusion"):
        raise ValueError(f"`method` {name!r} needs a system with `diffusion`.")
    if method.exponential and template.structure("additive") is None:
        raise ValueError(f"`method` {name!r} needs an additive network, whose leak it integrates exactly.")
    return method


def check_steps(system: Any, method: Method, dt: float, rows: Floats) -> None:
    """Raise where dt is beyond the stability of a member's leak, naming the member; warn where it is coarse for one."""
    if not method.constant_step or system.structure("additive") is None or not system.state_dim or not len(rows):
        return
    tau = system.layout.view(rows, "time_constants")
    leak_rates = system.layout.view(rows, "leaks") / tau
    for member in {int(np.argmax(leak_rates.max(axis=1))), int(np.argmin(tau.min(axis=1)))}:
        try:
            check_step(system.with_params(rows[member]), method, dt)
        except ValueError as error:
            raise ValueError(f"{error} (member {member})") from None


def motor_weights_of(template: Any) -> tuple[int, int]:
    """Return how many motors the template has of its own, and where their weights begin; (outputs, 0) without weights."""
    if "motor_weights" in getattr(template.layout, "shapes", ()):
        return template.layout.shapes["motor_weights"][0], template.layout.slice_of("motor_weights").start
    return template.output_dim, 0
