"""Couplings as arrays, in the form in which they are held: for files and other processes, and never N x N."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hopfield.couplings.coupling import Coupling
from hopfield.couplings.forms import Block, Dense, Sparse
from hopfield.couplings.low_rank import LowRank
from hopfield.couplings.tour import Tour
from neurodynamics.systems import with_prefix
from neurodynamics.validation import Floats, as_number

Arrays = dict[str, NDArray[Any]]


def coupling_arrays(coupling: Coupling, patterns: NDArray[np.int8] | None = None) -> Arrays:
    """Return the numerators of a coupling, its scale and what form it has.

    Parameters
    ----------
    coupling : Coupling
    patterns : ndarray of int8, shape (p, N), optional
        Patterns of +-1 that are kept beside it; couplings made of exactly these do not repeat them.
    """
    if isinstance(coupling, Block):
        parts = {"between": coupling.between} | ({} if coupling.mirrored else {"back": coupling.back})
        held = {f"{name}.{key}": array for name, part in parts.items() for key, array in coupling_arrays(part).items()}
        return {"form": np.array("block"), **held}
    form, arrays = _numerators(coupling, patterns)
    return {"form": np.array(form), "scale": np.array(coupling.scale), **arrays}


def _numerators(coupling: Coupling, patterns: NDArray[np.int8] | None) -> tuple[str, Arrays]:
    if isinstance(coupling, LowRank):
        known = patterns is not None and np.array_equal(coupling.left, patterns)
        perhaps = {
            "left": None if known else coupling.left,
            "right": None if coupling.right is coupling.left else coupling.right,
            "core": coupling.core,
            "diagonal": _once(coupling.own_diagonal),
        }
        return "low rank", {name: array for name, array in perhaps.items() if array is not None}
    if isinstance(coupling, Sparse):
        w = coupling.matrix
        return "sparse", {"data": w.data, "indices": w.indices, "indptr": w.indptr, "shape": np.array(w.shape)}
    if isinstance(coupling, Tour):
        return "tour", {"distances": coupling.distances, "weights": np.array(coupling.weights)}
    return "dense", {"weights": coupling.weights if isinstance(coupling, Dense) else coupling.scaled_dense()}


def _once(diagonal: Floats | None) -> NDArray[Any] | None:
    """One number for a diagonal that is everywhere the same."""
    return diagonal if diagonal is None or np.ptp(diagonal) else np.array(diagonal[0])


def restored_coupling(arrays: Mapping[str, NDArray[Any]], patterns: NDArray[np.int8] | None = None) -> Coupling:
    """Return the coupling of :func:`coupling_arrays`; KeyError where one is missing."""
    form = str(arrays["form"])
    if form == "block":
        between, back = (with_prefix(arrays, name) for name in ("between.", "back."))
        return Block(restored_coupling(between), restored_coupling(back) if back else None)
    coupling = _FORMS[form](arrays, patterns)
    scale = as_number(float(arrays["scale"]), "scale", positive=True)
    coupling.scale = scale  # after the numerators, which it would round
    return coupling


def _low_rank(arrays: Mapping[str, NDArray[Any]], patterns: NDArray[np.int8] | None) -> LowRank:
    left = arrays["left"] if "left" in arrays or patterns is None else patterns
    return LowRank(left, arrays.get("right"), core=arrays.get("core"), diagonal=arrays.get("diagonal"))


def _sparse(arrays: Mapping[str, NDArray[Any]], patterns: Any) -> Sparse:
    shape = tuple(int(n) for n in arrays["shape"])
    return Sparse(sparse.csr_array((arrays["data"], arrays["indices"], arrays["indptr"]), shape=shape))


def _tour(arrays: Mapping[str, NDArray[Any]], patterns: Any) -> Tour:
    city, place, total, length = arrays["weights"].tolist()
    return Tour(arrays["distances"], city=city, place=place, total=total, length=length)


_FORMS = {
    "dense": lambda arrays, patterns: Dense(arrays["weights"]),
    "low rank": _low_rank,
    "sparse": _sparse,
    "tour": _tour,
}
