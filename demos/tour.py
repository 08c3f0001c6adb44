"""The table of published circuits: what is known about each, and what a simulation measures."""

from __future__ import annotations

import textwrap
import time

from ctrnn import library
from ctrnn.library import Circuit

WIDTH = 100


def print_table() -> bool:
    """Measure every circuit of the library, print known against measured, and return whether all agree."""
    print("Published circuits: what is known, and what is measured here.")
    print("(On a new machine all this compiles first; later runs start at once.)", flush=True)
    agree = [_print_circuit(library.load(name)) for name in library.names()]
    count = sum(len(library.load(name).figures) for name in library.names())
    off = sum(agree)
    print(f"\n{count - off} of {count} figures agree within their tolerances.")
    return off == 0


def _print_circuit(circuit: Circuit) -> int:
    """Print one circuit; return how many figures are off."""
    start = time.perf_counter()
    measured = circuit.measure()
    seconds = time.perf_counter() - start
    size = circuit.net.state_dim
    print(f"\n{circuit.title} ({size} neuron{'s' if size > 1 else ''}, {seconds:.1f} s)")
    for line in (circuit.behaviour, f"Source: {circuit.citation}."):
        print(textwrap.fill(line, WIDTH, initial_indent="  ", subsequent_indent="    "))
    print(f"  {'':26}{'published':>18}{'measured':>20}{'difference':>13}{'allowed':>11}")
    off = 0
    for name, figure in circuit.figures.items():
        value = measured[name]
        mark = "" if figure.agrees(value) else "  OFF"
        off += bool(mark)
        row = f"{figure.value:>18.12g}{value:>20.12g}{value - figure.value:>13.1e}{figure.tolerance:>11.1e}"
        print(f"  {name.replace('_', ' '):26}{row}{mark}")
    return off
