"""Kernels are compiled for the way they are used, and what is entered by its address is found again in other processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
from numba import types

from neurodynamics.compiling import waiting
from neurodynamics.compiling.jit import kernel
from neurodynamics.compiling.pointers import address_of, call_address, pointer, row

ROOT = Path(__file__).parents[3]


class Pair(NamedTuple):
    first: Any
    second: Any


def make_writer(compiler):
    @compiler
    def take(pair):
        return pair.first

    @compiler
    def write(memory):
        pair = Pair(row(pointer(memory), 0, 1), row(pointer(memory), 1, 1))
        pair.second[0] = 2.0  # the last write through this name
        return take(pair)[1]

    return write


def test_a_write_through_a_local_record_is_kept():
    memory = np.zeros(2)
    assert make_writer(kernel)(memory) == 2.0
    assert memory.tolist() == [0.0, 2.0]


def test_a_kernel_serves_python_other_kernels_and_addresses():
    @kernel
    def double(x):
        return 2 * x

    @kernel
    def through(f, x):
        return double(x) + call_address(f, (x,))

    f = address_of(double, types.int64(types.int64))
    assert [double(3), through(f, 3)] == [6, 12]
    assert [double(4), through(f, 5)] == [8, 20]


def test_closures_of_one_factory_are_told_apart():
    def scaled(k):
        @kernel
        def inner(x):
            return k * x

        @kernel
        def outer(x):
            return inner(x) + 0.5

        return address_of(outer, types.float64(types.float64)), outer

    @numba.njit
    def plain(x):
        return twice(x) + thrice(x)

    twice, thrice = scaled(2.0)[1], scaled(3.0)[1]
    assert plain(10.0) == 51.0


SCRIPT = """
import ctypes, pathlib, sys
from numba import types
from neurodynamics.compiling.jit import kernel
from neurodynamics.compiling.pointers import DOUBLES, address_of
import numpy as np

@kernel
def inner(x, n):
    return np.full(n, x).sum()

@kernel
def entry(x, n):
    return inner(x[0], n) + np.exp(x[1])

address = address_of(entry, types.float64(DOUBLES, types.int64))
x = (ctypes.c_double * 2)(1.5, 0.0)
call = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_void_p, ctypes.c_int64)(address)
print(call(ctypes.addressof(x), 4), sum(entry._cache_hits.values()), "scipy.linalg" in sys.modules)
"""


def test_machine_code_is_found_again_without_the_kernels_inside(tmp_path):
    script, cache = tmp_path / "script.py", tmp_path / "cache"
    script.write_text(SCRIPT)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(cache)}

    def run():
        return subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=True).stdout

    assert run().split()[:2] == ["7.0", "0"]
    files = list(cache.rglob("*.nbc"))
    assert len(files) == 1  # control: `inner` left none
    assert run().split()[:2] == ["7.0", "1"]
    files[0].write_bytes(files[0].read_bytes()[:-7])
    assert run().split()[:2] == ["7.0", "0"]  # damaged: compiled again


def test_one_line_tells_who_waits(monkeypatch, capsys):
    monkeypatch.setattr(waiting, "is_interactive", lambda: True)
    waiting._told.clear()
    with waiting.told(after=60.0):
        pass
    assert capsys.readouterr().err == ""
    for _ in range(2):
        with waiting.told(after=0.0):
            waiting._told.wait(10.0)
    assert capsys.readouterr().err == waiting.LINE + "\n"

