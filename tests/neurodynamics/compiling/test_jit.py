"""Kernels are compiled with one set of options, and run uncompiled as well."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import types
from fractions import Fraction
from pathlib import Path

import numba
import numpy as np
import pytest

from neurodynamics.compiling import digests
from neurodynamics.compiling.jit import compiled, digest, host_version, kernel

ROOT = Path(__file__).parents[3]

# Options -------------------------------------------------------------------------------------------------------------


def test_kernels_divide_like_numpy_and_keep_nan():
    @kernel
    def ratio(a, b):
        return a / b

    assert ratio(1.0, 0.0) == np.inf
    assert np.isnan(ratio(0.0, 0.0))
    assert ratio.targetoptions["nogil"]
    assert "fastmath" not in ratio.targetoptions


def test_functions_of_users_are_compiled_as_copies_and_not_kept():
    def theirs(x):
        return 1.0 / x

    ours = compiled(theirs)
    assert ours(0.0) == np.inf  # with our error model
    assert ours.py_func is not theirs
    assert ours.stats.cache_path is None
    assert compiled(numba.njit(theirs)).py_func is not theirs
    over = kernel(lambda x: ours(x))
    assert over(0.0) == np.inf
    with pytest.raises(digests.NotKept, match=r"theirs is compiled, but not by `kernel`"):
        digest(over)


def test_kernels_import_without_a_compiler():
    """NUMBA_DISABLE_JIT leaves plain functions."""
    script = """if True:
        import numpy as np
        from neurodynamics.compiling import state
        from neurodynamics.compiling.jit import host_version
        print(state.distance(np.ones(4), np.zeros(4), 4), host_version(state.distance)(np.ones(4), np.zeros(4), 4))
    """
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    answer = subprocess.check_output([sys.executable, "-c", script], cwd=ROOT, env=environment)
    assert answer.split() == [b"2.0", b"2.0"]


# Host versions -------------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Record:
    name: str
    value: object


def scale(k):
    @kernel
    def value(x):
        return k * x

    return value


def theirs(x):
    assert isinstance(x, Fraction)  # nothing that compiled code could have handed over
    return -x


@kernel
def driver(f, x):
    return f(x) + 1


@kernel
def outer_driver(f, x):
    return driver(f, x) + 1


def closed(inner):
    @kernel
    def outer(f, x, g=inner):
        return inner(f, x) + g(f, x)

    return outer


record = Record("record", driver)
pair = (driver, 1.0)
module = types.ModuleType("made")
module.run = driver


@kernel
def through_record(f, x):
    return record.value(f, x)


@kernel
def through_tuple(f, x):
    return pair[0](f, x)


@kernel
def through_module(f, x):
    return module.run(f, x)


@kernel
def countdown(f, n):
    return f(n) if n == 0 else countdown(f, n - 1)


HALF = Fraction(1, 2)


def test_a_driver_runs_uncompiled_over_python_functions():
    assert host_version(driver)(theirs, HALF) == HALF
    assert not driver.signatures


@pytest.mark.parametrize(
    ("run", "answer"),
    [(outer_driver, 3 * HALF), (closed(driver), 1), (through_record, HALF), (through_tuple, HALF), (through_module, HALF)],
)
def test_kernels_are_replaced_wherever_compiled_code_finds_them(run, answer):
    assert host_version(run)(theirs, HALF) == answer
    assert not driver.signatures


def test_kernels_replaced_in_a_closure_do_not_change_the_original():
    inner = scale(3.0)
    run = closed(inner)
    assert host_version(run) is host_version(run)
    assert run.py_func.__closure__[0].cell_contents is inner
    assert host_version(run).__defaults__ != run.py_func.__defaults__


def test_recursive_kernels_have_host_versions():
    assert host_version(countdown)(lambda n: f"python {n}", 3) == "python 0"
    assert not countdown.signatures


def test_a_host_twin_stands_in_for_its_kernel():
    @kernel(host=lambda x: "host")
    def leaf(x):
        return x

    @kernel
    def branch(x):
        return leaf(x)

    assert host_version(leaf)(1.0) == "host"
    assert host_version(branch)(1.0) == "host"
    assert branch(1.0) == 1.0


def test_what_is_no_kernel_is_its_own_host_version():
    assert host_version(theirs) is theirs
