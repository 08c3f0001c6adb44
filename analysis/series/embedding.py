"""Points from time series: rows of states, or delay vectors of one variable."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.validation import Floats, as_count, as_floats, require_room


def delay_embedding(series: ArrayLike, dimension: int, delay: int = 1) -> Floats:
    """Return delay vectors ``(x[i], x[i + tau], .., x[i + (d - 1) tau])`` of a time series.

    Parameters
    ----------
    series : array_like, shape (T,)
    dimension : int
        d. Takens' theorem asks for more than twice the dimension of the attractor.
    delay : int
        tau, in samples.

    Returns
    -------
    array, shape (T - (d - 1) tau, d)

    References
    ----------
    .. [1] Takens (1981), Lect. Notes Math. 898, 366.

    Examples
    --------
    >>> from analysis import delay_embedding
    >>> delay_embedding([1, 2, 3, 4, 5], 2, delay=2).tolist()
    [[1.0, 3.0], [2.0, 4.0], [3.0, 5.0]]
    """
    x = as_series(series, "series")
    d, tau = as_count(dimension, "dimension", minimum=1), as_count(delay, "delay", minimum=1)
    rows = x.size - (d - 1) * tau
    if rows < 1:
        name = "dimension" if d > x.size else "delay"
        raise ValueError(f"`{name}` is too large for {x.size} samples: (dimension - 1) * delay must be below.")
    require_room(float(rows) * d, "dimension")
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(x, (d - 1) * tau + 1)[:, ::tau])


def as_series(value: Any, name: str, *, fewest: int = 2) -> Floats:
    """Return a series of one variable, (T,)."""
    x = as_floats(value, name)
    if x.ndim != 1 or x.size < fewest:
        raise ValueError(f"`{name}` must have shape (T,) with T at least {fewest}; got {x.shape}.")
    return x


def as_points(value: Any, name: str, *, fewest: int = 2) -> Floats:
    """Return points (T, D); a vector is T points on a line."""
    x = as_floats(value, name)
    x = x[:, np.newaxis] if x.ndim == 1 else x
    if x.ndim != 2 or len(x) < fewest or x.shape[1] == 0:
        raise ValueError(f"`{name}` must have shape (T, D) or (T,) with T at least {fewest}; got {np.shape(value)}. "
                         f"Of a solution, these are the columns: `sol.y.T`.")  # fmt: skip
    return x
