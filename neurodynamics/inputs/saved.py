"""What a file keeps of inputs, and how they are made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from neurodynamics.inputs import signals
from neurodynamics.inputs.signals import Inputs, Signal

# What the kinds of terms are called in files, and how many values they have. (The numbers are signals' own affair.)
_KINDS = {"step": (signals.STEP, 2), "pulse": (signals.PULSE, 3), "train": (signals.TRAIN, 5), "sine": (signals.SINE, 4),
          "ramp": (signals.RAMP, 3), "hold": (signals.HOLD, 2), "linear": (signals.LINEAR, 2)}  # fmt: skip
_NAMES = {code: name for name, (code, _) in _KINDS.items()}
_SAMPLED = ("hold", "linear")
_VALUES = 5


def input_parts(inputs: Sequence[Inputs] | None) -> tuple[Any, dict[str, np.ndarray]]:
    """Return header and arrays for the inputs of one run or of several; (None, {}) where they are functions."""
    if inputs is None or any(each.callable is not None or not _has_names(each) for each in inputs):
        return None, {}
    terms = [row for each in inputs for row in each.terms]
    parts = {
        "base": np.array([each.base for each in inputs]),
        "channels": np.array([row[0] for row in terms]),
        "values": np.array([row[2 : 2 + _VALUES] for row in terms]).reshape(-1, _VALUES),
        "data": np.concatenate([each.data for each in inputs]),
        "breakpoints": np.concatenate([each.breakpoints for each in inputs]),
        "counts": np.array([(len(each.terms), each.data.size, each.breakpoints.size) for each in inputs]),
    }
    return {"kinds": [_NAMES[int(row[1])] for row in terms]}, {f"inputs.{name}": array for name, array in parts.items()}


def _has_names(inputs: Inputs) -> bool:
    return all(int(row[1]) in _NAMES for row in inputs.terms)


def restored_inputs(header: Any, arrays: Mapping[str, np.ndarray]) -> list[Inputs] | None:
    """Return the inputs of a file; ValueError where they make none."""
    if header is None:
        return None
    parts = {name.removeprefix("inputs."): array for name, array in arrays.items() if name.startswith("inputs.")}
    counts = parts["counts"].astype(int)
    if counts.ndim != 2 or counts.shape != (len(parts["base"]), 3) or (counts < 0).any():
        raise ValueError("`inputs.counts` must be three numbers for each member.")
    for name in ("base", "channels", "values", "data", "breakpoints"):
        if parts[name].dtype.kind not in "iuf" or not np.isfinite(parts[name][~np.isneginf(parts[name])]).all():
            raise ValueError(f"`inputs.{name}` must be finite numbers.")
    ends = np.cumsum(counts, axis=0)
    found = []
    for k, base in enumerate(parts["base"]):
        terms, data, breakpoints = (slice(end - count, end) for end, count in zip(ends[k], counts[k], strict=True))
        described = zip(parts["channels"][terms], header["kinds"][terms], parts["values"][terms], strict=True)
        found.append(_inputs(base, list(described), parts["data"][data], parts["breakpoints"][breakpoints]))
    return found


def _inputs(base: np.ndarray, described: list[Any], data: np.ndarray, breakpoints: np.ndarray) -> Inputs:
    channels: list[Any] = [float(value) for value in base]
    for channel, kind, values in described:
        signal = _signal(str(kind), values, data)
        index = range(len(channels))[int(channel)]
        channels[index] = channels[index] + signal if isinstance(channels[index], Signal) else signal
    inputs = Inputs(channels, len(channels))
    inputs.breakpoints = np.asarray(breakpoints, dtype=np.float64)
    return inputs


def _signal(kind: str, values: np.ndarray, data: np.ndarray) -> Signal:
    code, count = _KINDS[kind]
    if kind not in _SAMPLED:
        return Signal._of(signals._Term(code, tuple(map(float, values[:count])), np.empty(0)))
    start, samples = int(values[0]), int(values[1])
    if start < 0 or samples < 1 or start + 2 * samples > data.size:
        raise ValueError("a sampled input reaches beyond its samples")
    times = data[start : start + samples]
    if (np.diff(times) <= 0).any():
        raise ValueError("the times of a sampled input must increase")
    return Signal._of(signals._Term(code, (), np.empty(0), data=np.array(data[start : start + 2 * samples], dtype=float)))
