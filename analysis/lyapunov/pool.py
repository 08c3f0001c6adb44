"""Several measurements of the same exponents as one."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from analysis.lyapunov.record import LyapunovSpectrum
from neurodynamics import Kind
from neurodynamics.validation import as_instance, as_items

DISAGREE = 5.0  # standard errors between starts that must belong to different attractors


def pooled(records: Sequence[LyapunovSpectrum]) -> LyapunovSpectrum:
    """Return one record from those of several starts, or of several inputs of one kind.

    Parameters
    ----------
    records : sequence of LyapunovSpectrum
        Failed ones are left out, and counted in the notes.

    Returns
    -------
    LyapunovSpectrum
        Means; standard errors of the means, from those of the records or from their scatter, whichever is larger. Where
        the records disagree a note says so: the starts lead to different attractors.

    Examples
    --------
    >>> import math
    >>> from analysis import lyapunov_spectrum, pooled
    >>> from neurodynamics import models
    >>> runs = [lyapunov_spectrum(models.henon(), start, duration=1000, rng=0) for start in ([0, 0], [0.1, 0.1])]
    >>> bool(abs(pooled(runs).exponents.sum() - math.log(0.3)) < 1e-9)
    True
    """
    records = [as_instance(each, f"records[{k}]", LyapunovSpectrum) for k, each in enumerate(as_items(records, "records"))]
    if not records:
        raise ValueError("`records` must hold at least one record; got none.")
    good = [record for record in records if record.exponents.size]
    if len(good) < 2:
        return good[0] if good else records[0]
    values = np.array([record.exponents for record in good])
    errors = np.array([record.standard_errors for record in good])
    count = len(good)
    mean = values.mean(axis=0)
    within = np.sqrt((errors**2).sum(axis=0)) / count
    with np.errstate(invalid="ignore"):
        scatter = values.std(axis=0, ddof=1) / np.sqrt(count)
    scatter = np.where(np.isneginf(mean), 0.0, scatter)
    notes = list(good[0].notes)
    kind = good[0].kind
    if len({record.kind for record in good}) > 1 or np.any(scatter > DISAGREE * np.maximum(within, 1e-6)):
        notes.append("the starts disagree by more than their errors: they lead to different attractors")
        kind = Kind.UNDECIDED
    if count < len(records):
        notes.append(f"{len(records) - count} of {len(records)} trajectories failed")
    zero = max(record.zero_error for record in good)
    return dataclasses.replace(
        good[0], exponents=mean, standard_errors=np.fmax(within, scatter),
        bias=np.mean([record.bias for record in good], axis=0), kind=kind, zero_error=zero,
        trace_error=max((record.trace_error for record in good), key=abs),
        duration=sum(record.duration for record in good), steps=sum(record.steps for record in good), notes=tuple(notes),
        status=min(record.status for record in records),
    )  # fmt: skip
