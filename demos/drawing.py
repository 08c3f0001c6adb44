"""Pictures of stories, drawn side by side in processes of their own."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import matplotlib as mpl

from demos.tour import print_table


def draw(names: Sequence[str], folder: Path, dpi: int) -> bool:
    """Draw a first picture; then the others, in processes of their own, while the table is made; return what it says."""
    print(save(names[0], folder, dpi), flush=True)
    alone = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max(1, min(len(names) - 1, os.cpu_count() or 1)), alone, _end_at_interrupt) as pool:
        drawn = [pool.submit(save, name, folder, dpi) for name in names[1:]]
        print()
        agree = print_table()
        print()
        for picture in as_completed(drawn):
            print(picture.result(), flush=True)
    return agree


def _end_at_interrupt() -> None:
    """At Ctrl-C end without a word: the process that asked for the picture speaks."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def title(name: str) -> str:
    """The first line of a story."""
    return (importlib.import_module(f"demos.{name}").__doc__ or "").partition("\n")[0]


def save(name: str, folder: Path, dpi: int) -> str:
    """Draw a story into a folder and return the picture's path and what it shows."""
    mpl.use("Agg")  # pictures go to files, also where there is no screen
    import matplotlib.pyplot as plt

    figure = importlib.import_module(f"demos.{name}").figure()
    path = folder / f"{name}.png"
    figure.savefig(path, dpi=dpi)
    plt.close(figure)
    return f"{path}: {title(name)}"
