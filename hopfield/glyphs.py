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
    image = Image.fromarray(np.array(drawn, dtype=np.uint8).reshape(drawn.size[::-1]))
    extent = image.getbbox()
    if extent is None:
        raise ValueError(f"`text` must hold characters that leave ink; got {character!r}.")
    return np.asarray(image.resize((columns, rows), Image.Resampling.BOX, box=extent)) >= 128


def _font_file(font: str) -> str:
    spec = find_spec("matplotlib")
    folders = spec.submodule_search_locations if spec else None
    files = {file.stem: file for folder in folders or () for file in Path(folder, "mpl-data/fonts/ttf").glob("*.ttf")}
    return str(files[as_choice(font, "font", files)])
