"""Characters as pictures, from the fonts that matplotlib brings along; matplotlib itself is not imported for that."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neurodynamics.validation import as_choice

HEIGHT = 200  # pixels of a letter before it is shrunk to the grid


def raster(character: str, rows: int, columns: int, font: str) -> NDArray[np.bool_]:
    """Return a character stretched to a grid; a pixel is set where ink covers at least half of it."""
    from PIL import Image, ImageFont  # a dependency of matplotlib

    drawn = ImageFont.truetype(_font_file(font), HEIGHT).getmask(character, mode="L")
    ink = np.array(drawn, dtype=np.uint8).reshape(drawn.size[::-1])
    if not ink.any():
        raise ValueError(f"`text` must hold characters that leave ink; got {character!r}.")
    shrunk = Image.fromarray(ink[_extent(ink.any(axis=1)), _extent(ink.any(axis=0))]).resize(
        (columns, rows), Image.Resampling.BOX
    )
    return np.asarray(shrunk) >= 128


def _extent(used: NDArray[np.bool_]) -> slice:
    where = np.flatnonzero(used)
    return slice(where[0], where[-1] + 1)


def _font_file(font: str) -> str:
    spec = find_spec("matplotlib")
    folders = spec.submodule_search_locations if spec else None
    files = {file.stem: file for folder in folders or () for file in Path(folder, "mpl-data/fonts/ttf").glob("*.ttf")}
    return str(files[as_choice(font, "font", files)])
