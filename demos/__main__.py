"""Draw the stories. ``python -m demos`` is the tour: a table of published circuits, and a dozen of the pictures."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from demos import GROUPS, STORIES, TOUR
from demos.drawing import draw, save, title


def main(arguments: list[str] | None = None) -> int:
    """Return 1 where a circuit does not do what is published, else 0."""
    parser = argparse.ArgumentParser(prog="python -m demos", description="Simulate, compare, draw.")
    parser.add_argument("name", nargs="?", choices=STORIES, metavar="name", help="one story, of those that --list names")
    parser.add_argument("--all", action="store_true", help="all stories; by default a tour: one or two of a kind")
    parser.add_argument("--list", action="store_true", help="name the stories and do nothing")
    parser.add_argument("--out", type=Path, default=Path("figures"), metavar="DIR", help="where the pictures go (figures)")
    parser.add_argument("--dpi", type=int, default=110, help="pixels an inch (110)")
    options = parser.parse_args(arguments)
    if options.list:
        for group, names in GROUPS.items():
            print(f"{group}:", *(f"  {name:22} {title(name)}" for name in names), sep="\n")
        return 0
    start = time.perf_counter()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.name:
        print(save(options.name, options.out, options.dpi), flush=True)
        return 0
    agree = draw(STORIES if options.all else TOUR, options.out, options.dpi)
    print(f"Pictures are in {options.out.resolve()} ({time.perf_counter() - start:.0f} s).")
    if not options.all:
        print(f"{len(STORIES) - len(TOUR)} more: python -m demos --list, --all, or a name.")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
