"""Draw the stories. ``python -m demos`` is the tour: a table of published circuits, and all pictures."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pathlib import Path

import matplotlib as mpl

from demos import GROUPS, STORIES


def main(arguments: list[str] | None = None) -> int:
    """Return 1 where a circuit does not do what is published, else 0."""
    parser = argparse.ArgumentParser(prog="python -m demos", description="Simulate, compare, draw.")
    parser.add_argument("name", nargs="?", choices=STORIES, help="one story; without it, the tour through all of them")
    parser.add_argument("--list", action="store_true", help="name the stories and do nothing")
    parser.add_argument("--out", type=Path, default=Path("figures"), metavar="DIR", help="where the pictures go (figures)")
    parser.add_argument("--dpi", type=int, default=110, help="pixels an inch (110)")
    options = parser.parse_args(arguments)
    if options.list:
        for group, names in GROUPS.items():
            print(f"{group}:", *(f"  {name:17} {title(name)}" for name in names), sep="\n")
        return 0
    mpl.use("Agg")  # pictures go to files, also where there is no screen
    start = time.perf_counter()
    agree = True
    options.out.mkdir(parents=True, exist_ok=True)
    names = [options.name] if options.name else STORIES
    for i, name in enumerate(names):
        print(f"{save(name, options.out, options.dpi)}: {title(name)}", flush=True)
        if i == 0 and options.name is None:  # after a first picture: the table waits for the compiler
            from demos.tour import print_table

            print()
            agree = print_table()
            print()
    print(f"Pictures are in {options.out.resolve()} ({time.perf_counter() - start:.0f} s).")
    return 0 if agree else 1


def title(name: str) -> str:
    """The first line of a story."""
    return (importlib.import_module(f"demos.{name}").__doc__ or "").partition("\n")[0]


def save(name: str, folder: Path, dpi: int) -> Path:
    """Draw a story into a folder and return the picture's path."""
    import matplotlib.pyplot as plt

    figure = importlib.import_module(f"demos.{name}").figure()
    path = folder / f"{name}.png"
    figure.savefig(path, dpi=dpi)
    plt.close(figure)
    return path


if __name__ == "__main__":
    sys.exit(main())
