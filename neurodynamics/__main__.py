"""``python -m neurodynamics --info`` prints what a report of a bug should say of the machine."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from neurodynamics.information import report


def main(arguments: Sequence[str] | None = None) -> None:
    """Print what is asked for, or what there is to ask."""
    parser = argparse.ArgumentParser(prog="python -m neurodynamics", description="Tell about this installation.")
    parser.add_argument("--info", action="store_true", help="versions, kept machine code, threads: for reports of bugs")
    if not parser.parse_args(arguments).info:
        parser.print_help()
        return
    for subject, words in report().items():
        print(f"{subject:18} {words}")


if __name__ == "__main__":
    main()
