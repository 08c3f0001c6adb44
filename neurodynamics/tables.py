"""Results as tables of pandas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from neurodynamics.extras import extra_package


def state_columns(rows: np.ndarray) -> dict[str, np.ndarray]:
    """Return states (K, N) by column, with the names that errors have for them: ``y[0]``, ``y[1]``, .."""
    return {f"y[{i}]": column for i, column in enumerate(rows.T)}


def table(columns: Mapping[str, Any], row_names: Any = None, called: str | None = None) -> Any:
    """Return a ``pandas.DataFrame`` of copies.

    Parameters
    ----------
    columns : mapping of str to array, shape (K,)
    row_names : array, shape (K,), optional
        By default the rows are counted.
    called : str, optional
        What the names of the rows are.
    """
    pandas = extra_package("pandas", "pandas", "`to_pandas` needs the package pandas")
    copies = {name: np.array(column) for name, column in columns.items()}
    count = len(next(iter(copies.values()), ()))
    index = pandas.Index(np.arange(count) if row_names is None else np.array(row_names), name=called)
    return pandas.DataFrame(copies, index)
