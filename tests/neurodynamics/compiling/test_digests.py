"""The digest of a kernel changes with everything that it is compiled from, and with nothing else."""

from __future__ import annotations

import dataclasses
import functools
import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest
from numba import types as nb
from numba.extending import intrinsic

from neurodynamics.compiling import digests as _digest, pointers
from neurodynamics.compiling.jit import compiled, digest, kernel

ROOT = Path(__file__).parents[3]


class Colour(numba.types.Type):
    """A type of our own."""


@dataclasses.dataclass(frozen=True)
class Record:
    name: str
    value: object
    bound: float = 1.0


def scale(k):
    @kernel
    def value(x):
        return k * x

    return value


LOGISTIC = Record("logistic", scale(1.0))
COUNT = 3


def intrinsic_of(n):
    @intrinsic
    def number(typingctx):
        return nb.float64(), lambda context, builder, sig, args: context.get_constant(nb.float64, n)

    return number


def use_record(x):
    return LOGISTIC.value(x)


def use_module(x):
    return pointers.ABSENT + x


def use_partial(x):
    return functools.partial(scale, 2)


def digest_with(function, monkeypatch, **names):
    for name, value in names.items():
        monkeypatch.setattr(sys.modules[__name__], name, value)
    return digest(function)


def test_the_digest_holds_the_kernels_and_numbers_of_a_record(monkeypatch):
    original = digest(use_record)
    assert digest_with(use_record, monkeypatch, LOGISTIC=Record("logistic", scale(1.0))) == original
    assert digest_with(use_record, monkeypatch, LOGISTIC=Record("logistic", scale(2.0))) != original
    assert digest_with(use_record, monkeypatch, LOGISTIC=Record("logistic", scale(1.0), 2.0)) != original


def test_the_digest_follows_attributes_of_modules(monkeypatch):
    original = digest(use_module)
    monkeypatch.setattr(pointers, "ABSENT", 1)
    assert digest(use_module) != original


def test_the_digest_tells_closures_apart_by_what_they_close_over():
    def over(*values):
        def f(x):
            return values

        return f

    values = [1, 1.0, True, -0.0, 0.0, "1", None, (1,), (1, 1), [1], {1: 2}, np.float32(1), np.dtype("f4"), np.ones(2)]
    values += [np.ones((2, 2)), np.ones((2, 2), order="F"), np.zeros(2), scale(1), scale(2), np.exp, np.sin, len]
    values += [functools.partial(len, 1), functools.partial(len, 2), pointers.call, nb.float64, nb.float32, Record]
    values += [_digest.enum.Enum("E", "a b").a, _digest.enum.Enum("E", "a b").b, Colour("a"), Colour("b"), np, pointers]
    values += [intrinsic_of(1), intrinsic_of(2)]
    digests = [digest(over(value)) for value in values]
    assert len(set(digests)) == len(values)
    assert digests == [digest(over(value)) for value in values]
    a, b = scale(1), scale(2)
    assert digest(over(a, b, a)) != digest(over(a, b, b)) != digest(over(b, a, a))
    for value in (object(), np.array([None]), compiled(lambda x: x)):
        with pytest.raises(_digest.NotKept):
            digest(over(value))


def test_the_digest_copes_with_recursion():
    @kernel
    def even(n):
        return True if n == 0 else odd(n - 1)

    @kernel
    def odd(n):
        return False if n == 0 else even(n - 1)

    assert digest(even) != digest(odd)
    assert digest(even) == digest(even.py_func)


def test_the_digest_does_not_look_into_numba_and_numpy(monkeypatch):
    names = []
    original = _digest._code_digest
    monkeypatch.setattr(_digest, "_code_digest", lambda name, spec: names.append(name) or original(name, spec))
    monkeypatch.setattr(_digest, "_module_digests", {})

    def f(x):
        return np.sum(x) + pointers.call(x, numba.prange(3), nb.float64)

    digest(f)
    assert names == ["neurodynamics.compiling.pointers"]


def test_the_digest_does_not_depend_on_the_process():
    script = """if True:
        from neurodynamics.compiling import state
        from neurodynamics.compiling.jit import digest
        print(digest(state.combine), digest(lambda x: x in {"a", "b", "c", "d"}))
    """
    answers = [
        subprocess.check_output([sys.executable, "-c", script], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed})
        for seed in ("1", "2")
    ]
    assert answers[0] == answers[1]
    assert len(answers[0].split()) == 2


def test_types_of_our_own_bring_their_module():
    plain, ours = (nb.float64,), (nb.UniTuple(Colour("red"), 2),)
    assert __name__ not in _digest.type_tokens(plain)
    assert Colour.__module__ in _digest.type_tokens(ours)
    with pytest.raises(_digest.NotKept, match="as arguments"):
        _digest.type_tokens((nb.Dispatcher(scale(1)),))
