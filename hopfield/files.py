"""Recalls and networks of two-valued units in files: `.npz`, written as a whole or not at all, read without pickle."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from hopfield.bam import DiscreteBAM, HigherOrderBAM
from hopfield.checks import as_patterns, to_spins
from hopfield.couplings import coupling_arrays, restored_coupling
from hopfield.dense import DenseMemory, SoftmaxMemory
from hopfield.discrete import DiscreteHopfield, DiscreteNetwork, SequenceMemory
from hopfield.recall import Recall, RecallStatus, Trace
from neurodynamics.files import npz, reads, writes
from neurodynamics.systems import with_prefix
from neurodynamics.validation import as_choice, as_path

_ALWAYS = ("states", "status", "periods", "sweeps", "flips")
_PERHAPS = ("energies", "max_energy_rise", "overlaps", "times", "residuals")
_TRACE = ("states", "energies", "overlaps")
_NETWORKS = {kind.__name__: kind for kind in (SequenceMemory, DiscreteHopfield, DiscreteBAM)}  # the special one first
_MADE_AGAIN: dict[str, Any] = {kind.__name__: kind for kind in (DenseMemory, SoftmaxMemory, HigherOrderBAM)}


@writes(Recall)
def save_recall(recall: Recall, path: str | os.PathLike) -> None:
    """Write a recall to an ``.npz`` file; :func:`load_recall` reads it.

    Parameters
    ----------
    recall : Recall
    path : str or path
        Taken as it is. A file of that name is replaced as a whole, or not at all.

    Examples
    --------
    >>> from hopfield import DiscreteHopfield, patterns
    >>> xi = patterns.random(2, 20, rng=0)
    >>> save_recall(DiscreteHopfield.from_patterns(xi).recall(xi, rng=0), "recall.npz")
    """
    if not isinstance(recall, Recall):
        raise TypeError(f"`recall` must be a Recall; got {type(recall).__name__}.")
    arrays = {name: getattr(recall, name) for name in (*_ALWAYS, *_PERHAPS)}
    if recall.trace is not None:
        arrays |= {f"trace.{name}": getattr(recall.trace, name) for name in _TRACE}
    header = {"layers": recall.layers, "step": recall.trace.step if recall.trace is not None else None}
    npz.write(as_path(path), "recall", header, {k: v for k, v in arrays.items() if v is not None})


@reads("recall")
def load_recall(path: str | os.PathLike) -> Recall:
    """Return the recall in a file that :func:`save_recall` has written.

    Parameters
    ----------
    path : str or path

    Examples
    --------
    >>> from hopfield import DiscreteHopfield, patterns
    >>> xi = patterns.random(2, 20, rng=0)
    >>> save_recall(DiscreteHopfield.from_patterns(xi).recall(xi, rng=0), "recall.npz")
    >>> load_recall("recall.npz").states.shape
    (2, 20)
    """
    header, arrays = npz.read(as_path(path), "recall")
    parts: dict[str, Any] = {name: arrays.get(name) for name in (*_ALWAYS, *_PERHAPS)}
    moments: dict[str, Any] = {name: arrays.get(f"trace.{name}") for name in _TRACE}
    try:
        step = as_choice(header.get("step") or "sweep", "step", ("sweep", "change", "step"))
        trace = None if all(each is None for each in moments.values()) else Trace(**moments, step=step)
        layers = None if header["layers"] is None else tuple(header["layers"])
        return _checked(Recall(**parts, trace=trace, layers=layers))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{os.fspath(path)!r} is damaged: {error}") from error


def _checked(recall: Recall) -> Recall:
    """Raise ValueError where what a file holds is no recall: shapes, kinds of numbers, finite where it succeeded."""
    (k, n), known = recall.states.shape, recall.overlaps
    for name in ("status", "periods", "sweeps", "flips", "energies", "max_energy_rise", "times", "residuals"):
        array = getattr(recall, name)
        if name in _ALWAYS or array is not None:
            _require(array.shape == (k,) and array.dtype.kind in ("iu" if name in _ALWAYS else "f"), name)
    _require(all((getattr(recall, name) >= 0).all() for name in ("periods", "sweeps", "flips")), "sweeps")
    _require(set(recall.status.tolist()) <= set(RecallStatus), "status")
    _require(known is None or (known.ndim == 2 and len(known) == k), "overlaps")
    _require(recall.layers is None or (len(recall.layers) == 2 and sum(recall.layers) == n), "layers")
    done = recall.success
    for name in ("states", *_PERHAPS):
        array = getattr(recall, name)
        _require(array is None or np.isfinite(array[done]).all(), name)
    if recall.trace is not None:
        _check_trace(recall.trace, k, n, known)
    return recall


def _check_trace(trace: Trace, k: int, n: int, overlaps: Any) -> None:
    moments = trace.states.shape[-1] if trace.states.ndim else 0
    _require(trace.states.shape == (k, n, moments) and trace.states.dtype.kind in "if", "trace.states")
    patterns = () if overlaps is None else overlaps.shape[1:]
    for name, shape in (("energies", (k, moments)), ("overlaps", (k, *patterns, moments))):
        array = getattr(trace, name)
        _require(array is None or (array.shape == shape and array.dtype.kind == "f"), f"trace.{name}")


def _require(holds: bool, name: str) -> None:
    if not holds:
        raise ValueError(f"`{name}` does not fit to the rest.")


@writes(DiscreteNetwork)
def save_memory(network: DiscreteNetwork, path: str | os.PathLike) -> None:
    """Write a network of two-valued units to an ``.npz`` file; :func:`load_memory` reads it.

    Couplings are written as they are held: those of patterns take a byte an entry of the patterns, and nothing of size
    N x N is formed. Graded networks have their own ``save``, which :func:`hopfield.load_network` reads.

    Parameters
    ----------
    network : DiscreteHopfield or DiscreteBAM
    path : str or path
        Taken as it is. A file of that name is replaced as a whole, or not at all.

    Examples
    --------
    >>> from hopfield import DiscreteHopfield, patterns
    >>> save_memory(DiscreteHopfield.from_patterns(patterns.random(2, 20, rng=0)), "memory.npz")
    >>> load_memory("memory.npz").patterns.shape
    (2, 20)
    """
    if not isinstance(network, DiscreteNetwork):
        raise TypeError(f"`network` must be a DiscreteHopfield or a DiscreteBAM; got {type(network).__name__}.")
    spins = None if network.patterns is None else to_spins(network.patterns, network.values)
    arrays = {f"couplings.{name}": array for name, array in coupling_arrays(network.couplings, spins).items()}
    arrays |= {"bias": network.bias} | ({} if network.patterns is None else {"patterns": network.patterns})
    kind = next(name for name, known in _NETWORKS.items() if isinstance(network, known))
    npz.write(as_path(path), "memory", {"class": kind, "values": network.values}, arrays)


@writes(DenseMemory)
@writes(SoftmaxMemory)
@writes(HigherOrderBAM)
def _save_arguments(memory: Any, path: str | os.PathLike) -> None:
    """Write a memory that keeps its patterns: what its constructor is given."""
    arguments = memory.arguments()
    arrays = {name: value for name, value in arguments.items() if isinstance(value, np.ndarray)}
    rest = {name: value for name, value in arguments.items() if name not in arrays}
    npz.write(as_path(path), "memory", {"class": type(memory).__name__, "arguments": rest}, arrays)


@reads("memory")
def load_memory(path: str | os.PathLike) -> Any:
    """Return the memory of two-valued units, or SoftmaxMemory, in a file that its ``save(path)`` has written.

    Parameters
    ----------
    path : str or path

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from hopfield import DiscreteHopfield, load_memory
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "memory.npz")
    ...     DiscreteHopfield.from_patterns([[1, -1, 1, 1]]).save(path)
    ...     load_memory(path)
    DiscreteHopfield(4 bipolar units, LowRank(4 x 4, 1 patterns of int8, diagonal set))
    """
    header, arrays = npz.read(as_path(path), "memory")
    try:
        if "arguments" in header:
            return _MADE_AGAIN[header["class"]](**arrays, **header["arguments"])
        patterns = None if "patterns" not in arrays else as_patterns(arrays["patterns"], values=header["values"])
        spins = None if patterns is None else to_spins(patterns, header["values"])
        network: Any = object.__new__(_NETWORKS[header["class"]])
        network._set(restored_coupling(with_prefix(arrays, "couplings."), spins), arrays["bias"], header["values"], patterns)
        if isinstance(network, DiscreteBAM):
            network.layers = network.couplings.layers
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{os.fspath(path)!r} is damaged: {error}") from error
    return network
