"""C and C++ written by hand for comparison, compiled when a benchmark asks for it, in a temporary folder."""

from __future__ import annotations

import ctypes
import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

FLAGS = ("-O3", "-march=native")
FAST_FLAGS = ("-O3", "-march=native", "-ffast-math")
COMPILERS = {".c": "gcc", ".cpp": "g++"}

DOUBLES = np.ctypeslib.ndpointer(np.float64, flags="C_CONTIGUOUS")
FLOATS = np.ctypeslib.ndpointer(np.float32, flags="C_CONTIGUOUS")
NETWORK = [DOUBLES, DOUBLES, DOUBLES, DOUBLES]  # weights, biases, time constants, state


def available(source: str) -> bool:
    """Whether the compiler that a source file needs is installed."""
    return shutil.which(COMPILERS[Path(source).suffix]) is not None


@functools.cache
def library(source: str, flags: tuple[str, ...] = FLAGS) -> ctypes.CDLL:
    """Compile one file of this folder and load it."""
    path = Path(__file__).parent / source
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "library.so"
        command = [COMPILERS[path.suffix], *flags, "-shared", "-fPIC", str(path), "-o", str(target), "-lm"]
        subprocess.run(command, check=True, capture_output=True, text=True)
        return ctypes.CDLL(str(target))


def circuit(source: str, flags: tuple[str, ...] = FLAGS) -> ctypes.CDLL:
    """Compile ``loop.c`` or ``beer.cpp`` and declare the three functions that both export."""
    lib = library(source, flags)
    for name in ("euler", "rk4"):
        getattr(lib, name).argtypes = [ctypes.c_int, ctypes.c_long, ctypes.c_double, *NETWORK]
        getattr(lib, name).restype = None
    lib.population.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_long, ctypes.c_double, *NETWORK]
    lib.population.restype = None
    return lib
