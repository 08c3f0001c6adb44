"""Compiled code that is kept on disk is always right, and always there when nothing has changed.

Most facts here are about several processes, so a tiny package of kernels is written to a folder and run there.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import subprocess
import sys
import textwrap
import types
import warnings
import zipfile
from pathlib import Path

import numba
import numpy as np
import pytest
from numba import types as nb
from numba.core import caching
from numba.extending import intrinsic

from neurodynamics import _cache, _digest, _pointer
from neurodynamics._jit import OPTIONS, compiled, digest, host_version, kernel

ROOT = Path(__file__).parents[2]

# Plain numba with its own cache, as a stand-in for `kernel`: the control of every claim about numba.
PLAIN = "import numba\ndef kernel(function):\n    return numba.njit(function, cache=True)\n"
OURS = "from neurodynamics._jit import kernel\n"

TINY = {
    "jit": OURS,
    "constants": "SCALE = 10.0\nTABLE = (1.0, 2.0)\n",
    "inner": """
        from tiny.jit import kernel
        from tiny import constants

        @kernel
        def inner(x):
            return constants.SCALE * x
    """,
    "special": """
        from numba import types
        from numba.extending import intrinsic, overload

        @intrinsic
        def special(typingctx, x):
            def codegen(context, builder, sig, args):
                return builder.fadd(args[0], context.get_constant(types.float64, 100.0))
            return types.float64(types.float64), codegen

        def overloaded(x):
            return 0.0

        @overload(overloaded)
        def _overloaded(x):
            return lambda x: 1000.0 * x
    """,
    "outer": """
        from tiny.jit import kernel
        from tiny import special
        from tiny.inner import inner
        from tiny.special import overloaded

        @kernel
        def outer(x):
            return inner(x) + 1.0

        @kernel
        def extended(x):
            return special.special(x) + overloaded(x)
    """,
    "factory": """
        from tiny.jit import kernel

        def scale(k):
            @kernel
            def value(x):
                s = 0.0
                for i in range(int(x)):
                    s += k * i + 0.5 * s
                return s
            return value

        def twice(value):
            @kernel
            def double(x):
                return value(x) + value(x + 1.0)
            return double
    """,
}
REPORT = """
    import json
    def report(**kernels):
        answers = {}
        for name, (f, x) in kernels.items():
            answers[name] = f(x)
            answers[name + " hits"] = sum(f.stats.cache_hits.values())
        print(json.dumps(answers))
"""
# Python's own cache takes an edit within a second, of equal length, for the old text; these tests are that fast.
DEFAULTS = {"PYTHONDONTWRITEBYTECODE": "1"}


class Tiny:
    """A package of kernels in a folder of its own, and a way to run scripts over it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = folder / "tiny"
        self.files.mkdir()
        (self.files / "__init__.py").touch()
        for name, text in TINY.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        (self.files / f"{name}.py").write_text(textwrap.dedent(text))

    def edit(self, name: str, old: str, new: str) -> None:
        file = self.files / f"{name}.py"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def start(self, script: str, *options: str, **environment: str) -> subprocess.Popen:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("NUMBA_", "PYTHON"))}
        paths = os.pathsep.join([environment.pop("path", str(self.folder)), str(ROOT)])
        return subprocess.Popen(
            [sys.executable, *options, "-c", textwrap.dedent(REPORT) + textwrap.dedent(script)],
            env={**inherited, "HOME": str(self.folder / "home"), "PYTHONPATH": paths, **DEFAULTS, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
        )

    def run(self, script: str, *options: str, **environment: str) -> dict:
        answer = finish(self.start(script, *options, **environment))
        assert not answer.pop("stderr")
        return answer

    @property
    def kept(self) -> list[Path]:
        return sorted(self.files.rglob("*.nbc"))


def finish(process: subprocess.Popen) -> dict:
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 0, stderr
    return {**json.loads(stdout), "stderr": stderr}


@pytest.fixture
def tiny(tmp_path):
    return Tiny(tmp_path)


# What changes the code is compiled again -----------------------------------------------------------------------------

OUTER = "from tiny.outer import outer, extended; report(outer=(outer, 2.0), extended=(extended, 2.0))"


def test_an_edit_anywhere_below_a_kernel_is_seen_by_the_next_process(tiny):
    assert tiny.run(OUTER) == {"outer": 21.0, "outer hits": 0, "extended": 2102.0, "extended hits": 0}
    files = tiny.kept
    assert tiny.run(OUTER) == {"outer": 21.0, "outer hits": 1, "extended": 2102.0, "extended hits": 1}
    tiny.edit("inner", "SCALE * x", "SCALE * x * x")  # a callee in another file
    tiny.edit("special", "100.0", "200.0")  # an intrinsic
    assert tiny.run(OUTER) == {"outer": 41.0, "outer hits": 0, "extended": 2202.0, "extended hits": 0}
    tiny.edit("constants", "10.0", "20.0")  # a constant two files away
    tiny.edit("special", "1000.0", "3000.0")  # an overload of a plain function
    assert tiny.run(OUTER) == {"outer": 81.0, "outer hits": 0, "extended": 6202.0, "extended hits": 0}
    tiny.edit("special", "@intrinsic", "# a comment\n@intrinsic")
    assert tiny.run(OUTER) == {"outer": 81.0, "outer hits": 1, "extended": 6202.0, "extended hits": 1}
    assert tiny.kept == files  # overwritten, not piled up


def test_plain_numba_calls_the_old_callee(tiny):
    """The control of the test above."""
    tiny.write("jit", PLAIN)
    script = "from tiny.outer import outer; report(outer=(outer, 2.0))"
    tiny.run(script)
    tiny.edit("inner", "SCALE * x", "SCALE * x * x")
    assert tiny.run(script) == {"outer": 21.0, "outer hits": 1}


def test_code_kept_under_a_patched_constant_is_not_taken_for_the_original(tiny):
    patched = """
        from tiny import constants, inner, outer
        report(inner=(inner.inner, 2.0))
        constants.SCALE = 3.0
        report(inner=(inner.inner, 2), outer=(outer.outer, 2.0))
    """
    original = "from tiny import inner, outer; report(inner=(inner.inner, 2), outer=(outer.outer, 2.0))"
    process = tiny.start(patched)
    stdout, stderr = process.communicate(timeout=120)
    answers = json.loads(stdout.splitlines()[-1])
    assert not stderr
    assert (answers["inner"], answers["outer"]) == (6.0, 21.0)  # compiled after and before the patch
    assert tiny.run(original) == {"inner": 20.0, "inner hits": 0, "outer": 21.0, "outer hits": 0}


def test_an_intrinsic_edited_while_a_process_runs_is_not_taken_for_the_new_text(tiny):
    running = """
        import pathlib, time
        import tiny.special
        from tiny.outer import extended
        file = pathlib.Path(tiny.special.__file__)
        time.sleep(0.05)  # beyond the clock tick of file systems
        file.write_text(file.read_text().replace("100.0", "200.0"))
        report(extended=(extended, 2.0))
    """
    fresh = "from tiny.outer import extended; report(extended=(extended, 2.0))"
    assert tiny.run(running) == {"extended": 2102.0, "extended hits": 0}  # the text it had imported
    assert tiny.run(fresh) == {"extended": 2202.0, "extended hits": 0}


# Closures ------------------------------------------------------------------------------------------------------------


def test_closures_over_kernels_are_found_in_the_next_process(tiny):
    script = "from tiny.factory import scale, twice; report(a=(twice(scale(1)), 5.0), b=(twice(scale(2)), 5.0))"
    first, second = tiny.run(script), tiny.run(script)
    assert (first["a hits"], first["b hits"]) == (0, 0)
    assert (second["a hits"], second["b hits"]) == (1, 1)
    assert first["b"] == 2 * first["a"] == second["b"] == 2 * second["a"]


# Two closures, each compiled as the first of its process, then called by a third function.
MIXED = """
    from tiny.factory import scale, twice
    import numba
    one, two = scale(1), scale(2)
    one(5.0), two(5.0)
    both = numba.njit(lambda x: (one(x), two(x)))
    report(both=(both, 5.0))
"""


@pytest.mark.parametrize(("jit", "ratio"), [(OURS, 2.0), (PLAIN, 1.0)], ids=["ours", "plain numba mixes them"])
def test_two_closures_of_one_factory_never_mix(tiny, jit, ratio):
    tiny.write("jit", jit)
    for k in (1, 2):
        tiny.run(f"from tiny.factory import scale; report(f=(scale({k}), 5.0))")
    one, two = tiny.run(MIXED)["both"]
    assert two == ratio * one


def test_twins_of_one_closure_outlive_each_other(tiny):
    script = """
        import gc
        from tiny.factory import scale, twice
        def make():
            return twice(scale(1))
        a, b = make(), make()
        answers = [a(5.0), b(5.0)]
        del a
        gc.collect()
        c = make()
        answers += [b(5.0), c(5.0)]
        del b
        gc.collect()
        answers += [c(5.0)]
        assert len(set(answers)) == 1, answers
        report(c=(c, 5.0))
    """
    assert tiny.run(script)["c hits"] == 1  # found the file that its twin had just written
    assert tiny.run(script)["c hits"] == 1


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
    with pytest.raises(_digest.NotKept, match=r"theirs is compiled, but not by `kernel`"):
        digest(over)


# Files ---------------------------------------------------------------------------------------------------------------


def scale(k):
    @kernel
    def value(x):
        return k * x

    return value


@pytest.fixture
def cache_dir(tmp_path, monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.parametrize("damage", [lambda b: b"", lambda b: b[:40], lambda b: b[:-1], lambda b: b"garbage" * 999])
def test_a_damaged_file_costs_a_recompile(cache_dir, damage):
    assert scale(3.0)(2.0) == 6.0
    (file,) = cache_dir.rglob("*.nbc")
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    after, later = scale(3.0), scale(3.0)
    assert after(2.0) == later(2.0) == 6.0
    assert sum(after.stats.cache_hits.values()) == 0
    assert sum(later.stats.cache_hits.values()) == 1  # the file is whole again


def test_plain_numba_crashes_on_a_damaged_file(cache_dir):
    """The control of the test above."""

    def make():
        return numba.njit(lambda x: 3.0 * x, cache=True)

    make()(2.0)
    for file in cache_dir.rglob("*.nb?"):
        file.write_bytes(file.read_bytes()[:40])
    with pytest.raises(Exception, match=r"truncated|[Rr]an out of input"):
        make()(2.0)


def test_without_a_place_for_files_everything_works_with_one_warning(tiny):
    (tiny.files / "__pycache__").write_text("a file, where a folder should be")
    (tiny.folder / "home").write_text("a file, where a folder should be")
    answer = finish(tiny.start(OUTER))
    assert (answer["outer"], answer["extended"]) == (21.0, 2102.0)
    assert answer["stderr"].count("RuntimeWarning") == 1
    assert "NUMBA_CACHE_DIR" in answer["stderr"]


def test_a_folder_that_becomes_unwritable_costs_one_warning(tiny):
    script = """
        import shutil
        from tiny.factory import scale
        for k in range(2):
            f = scale(k)
            f.stats  # finds the folder
            shutil.rmtree("tiny/__pycache__", ignore_errors=True)
            open("tiny/__pycache__", "w").close()
            report(f=(f, 5.0)) if k else f(5.0)
            import os; os.remove("tiny/__pycache__")
    """
    answer = finish(tiny.start(script))
    assert answer["f"] > 0
    assert answer["stderr"].count("RuntimeWarning") == 1


def test_numba_cache_dir_is_respected(tiny):
    script = "from tiny.inner import inner; report(inner=(inner, 2.0))"
    place = tiny.folder / "elsewhere"
    assert tiny.run(script, NUMBA_CACHE_DIR=str(place))["inner hits"] == 0
    assert tiny.run(script, NUMBA_CACHE_DIR=str(place))["inner hits"] == 1
    assert len(list(place.rglob("*.nbc"))) == 1
    assert not tiny.kept


def test_optimised_python_and_other_settings_of_numba_have_files_of_their_own(tiny):
    tiny.edit("inner", "return", "assert x < 0.0\n    return")
    script = "from tiny.inner import inner; report(inner=(inner, {}))"
    assert tiny.run(script.format(-2.0)) == {"inner": -20.0, "inner hits": 0}
    assert tiny.run(script.format(2.0), "-O") == {"inner": 20.0, "inner hits": 0}
    assert tiny.run(script.format(2.0), "-O", NUMBA_BOUNDSCHECK="1") == {"inner": 20.0, "inner hits": 0}
    assert len(tiny.kept) == 3
    assert all(sys.implementation.cache_tag in file.name for file in tiny.kept)  # so do versions of Python


def test_a_zipped_install_works(tiny):
    archive = tiny.folder / "tiny.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for module in tiny.files.glob("*.py"):
            file.write(module, f"tiny/{module.name}")
    for module in tiny.files.glob("*.py"):
        module.unlink()
    for hits in (0, 1):
        answer = tiny.run(OUTER, path=str(archive))
        assert answer == {"outer": 21.0, "outer hits": hits, "extended": 2102.0, "extended hits": hits}


# Races ---------------------------------------------------------------------------------------------------------------


def test_two_processes_at_once(tiny):
    """Both are right, and whoever comes after them finds the code of both."""
    script = """
        import os, time
        from tiny.factory import scale, twice
        from tiny.outer import outer
        open({mine!r}, "w").close()
        while not os.path.exists({other!r}):
            time.sleep(0.001)
        report(f=(twice(scale({k})), 5.0), outer=(outer, 2.0))
    """
    flags = [str(tiny.folder / "a"), str(tiny.folder / "b")]
    pair = [tiny.start(script.format(mine=flags[i], other=flags[1 - i], k=i + 1)) for i in (0, 1)]
    one, two = (finish(process) for process in pair)
    assert two["f"] == 2 * one["f"]
    assert one["outer"] == two["outer"] == 21.0
    after = tiny.run("""
        from tiny.factory import scale, twice
        from tiny.outer import outer
        report(one=(twice(scale(1)), 5.0), two=(twice(scale(2)), 5.0), outer=(outer, 2.0))
    """)
    assert (after["one"], after["two"], after["outer"]) == (one["f"], two["f"], 21.0)
    assert (after["one hits"], after["two hits"], after["outer hits"]) == (1, 1, 1)
    assert not list(tiny.files.rglob("*.tmp"))


def interleave(steps):
    """Run generators in turn, a step of each at a time."""
    steps = list(steps)
    while steps:
        steps = [s for s in steps if next(s, steps) is not steps]


def test_numbered_files_mix_when_two_processes_save_at_once(tmp_path):
    """The control of the test below: numba's files, with the steps of two processes interleaved by hand."""

    def save(key, data):
        file = caching.IndexDataCacheFile(str(tmp_path), "f", "stamp")
        overloads = file._load_index()
        yield
        name = file._data_name(1 + len(overloads))
        file._save_index({**overloads, key: name})
        yield
        if key == "one":
            yield  # one process is a little slower
        file._save_data(name, data)

    interleave([save("one", "code of one"), save("two", "code of two")])
    assert caching.IndexDataCacheFile(str(tmp_path), "f", "stamp").load("two") == "code of one"


@pytest.mark.parametrize("paths", [("a.nbc", "b.nbc"), ("a.nbc", "a.nbc")], ids=["closures", "versions of a source"])
def test_entries_written_at_once_never_stand_for_each_other(tmp_path, paths):
    entries = [_cache._Entry(tmp_path / path, bytes([i]) * 32) for i, path in enumerate(paths)]
    for order in (entries, entries[::-1]):
        for entry in order:
            _cache._write(entry, b"code of %d" % entry.key[0])
        assert _cache._read(order[-1]) == b"code of %d" % order[-1].key[0]
        assert _cache._read(order[0]) in (None, b"code of %d" % order[0].key[0])


# Another numba -------------------------------------------------------------------------------------------------------


def test_where_numba_has_changed_its_own_cache_stands_in_with_one_warning(tmp_path):
    script = """
        import json, warnings
        from numba.core import caching
        caching.CompileResultCacheImpl.rebuild = lambda self, context, payload, more: None
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            from neurodynamics import _state
        plain = type(_state.combine._cache) is caching.FunctionCache
        print(json.dumps([plain, *(str(w.message) for w in caught if w.category is RuntimeWarning)]))
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    plain, message = json.loads(subprocess.check_output(command, cwd=ROOT, env=environment, timeout=120))
    assert plain
    assert "this version of numba is unknown" in message


@pytest.mark.parametrize(
    ("owner", "name", "change"),
    [
        (caching, "CompileResultCacheImpl", None),
        (numba.core, "sigutils", None),
        (caching.FunctionCache, "load_overload", lambda self, sig, target_context, more: None),
        (caching.FunctionCache, "save_overload", lambda self, data: None),
    ],
)
def test_changes_of_numba_are_noticed(monkeypatch, owner, name, change):
    look = _cache.is_numba_as_known.__wrapped__
    assert look()
    if change is None:
        monkeypatch.delattr(owner, name)
    else:
        monkeypatch.setattr(owner, name, change)
    assert not look()


def test_an_unforeseen_failure_of_the_digest_costs_a_warning(monkeypatch):
    monkeypatch.setattr(_cache, "digest", lambda *args, **kwargs: 1 / 0)
    monkeypatch.setattr(_cache, "_warned", False)
    f = kernel(lambda x: x + 1.0)
    with pytest.warns(RuntimeWarning, match="division by zero"):
        assert f(1.0) == 2.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert f(1) == 2.0


# The digest ----------------------------------------------------------------------------------------------------------


class Colour(numba.types.Type):
    """A type of our own."""


@dataclasses.dataclass(frozen=True)
class Record:
    name: str
    value: object
    bound: float = 1.0


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
    return _pointer.ABSENT + x


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
    monkeypatch.setattr(_pointer, "ABSENT", 1)
    assert digest(use_module) != original


def test_the_digest_tells_closures_apart_by_what_they_close_over():
    def over(*values):
        def f(x):
            return values

        return f

    values = [1, 1.0, True, -0.0, 0.0, "1", None, (1,), (1, 1), [1], {1: 2}, np.float32(1), np.dtype("f4"), np.ones(2)]
    values += [np.ones((2, 2)), np.ones((2, 2), order="F"), np.zeros(2), scale(1), scale(2), np.exp, np.sin, len]
    values += [functools.partial(len, 1), functools.partial(len, 2), _pointer.call, nb.float64, nb.float32, Record]
    values += [_digest.enum.Enum("E", "a b").a, _digest.enum.Enum("E", "a b").b, Colour("a"), Colour("b"), np, _pointer]
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
        return np.sum(x) + _pointer.call(x, numba.prange(3), nb.float64)

    digest(f)
    assert names == ["neurodynamics._pointer"]


def test_the_digest_does_not_depend_on_the_process(tiny):
    script = """
        from neurodynamics._jit import digest
        from tiny.outer import extended, outer
        from tiny.factory import scale, twice
        names = lambda x: x in {"a", "b", "c", "d"}
        print(json.dumps([digest(f) for f in (outer, extended, twice(scale(1)), names)]))
    """
    runs = []
    for seed in "1", "2":
        process = tiny.start(script, PYTHONHASHSEED=seed)
        runs.append(process.communicate(timeout=60)[0])
    assert runs[0] == runs[1]
    assert len(json.loads(runs[0])) == 4


def test_types_of_our_own_bring_their_module():
    plain, ours = (nb.float64,), (nb.UniTuple(Colour("red"), 2),)
    assert __name__ not in _digest.type_tokens(plain)
    assert Colour.__module__ in _digest.type_tokens(ours)
    with pytest.raises(_digest.NotKept, match="as arguments"):
        _digest.type_tokens((nb.Dispatcher(scale(1)),))


def test_importing_kernels_computes_no_digest(monkeypatch):
    monkeypatch.setattr(_cache, "digest", None)
    monkeypatch.setattr(_digest, "_add_code", None)
    assert kernel(lambda x: x).is_kernel


# Host versions -------------------------------------------------------------------------------------------------------


def a_call(f, y):
    out = np.empty_like(y)
    _pointer.call(f, 0.0, y, y, y, out)
    return out


def rhs(t, y, u, params, out):
    assert isinstance(out, np.ndarray)  # a Python function, not an address
    out[:] = -y


@kernel
def driver(f, y):
    out = np.empty_like(y)
    _pointer.call(f, 0.0, y, y, y, out)
    return out


@kernel
def outer_driver(f, y):
    return driver(f, y) + 1.0


def closed(inner):
    @kernel
    def outer(f, y, g=inner):
        return inner(f, y) + g(f, y)

    return outer


record = Record("record", driver)
pair = (driver, 1.0)
module = types.ModuleType("made")
module.run = driver


@kernel
def through_record(f, y):
    return record.value(f, y)


@kernel
def through_tuple(f, y):
    return pair[0](f, y)


@kernel
def through_module(f, y):
    return module.run(f, y)


@kernel
def countdown(f, n):
    return f(n) if n == 0 else countdown(f, n - 1)


def test_a_driver_runs_uncompiled_over_python_functions():
    assert host_version(driver)(rhs, np.ones(2)).tolist() == [-1.0, -1.0]
    assert not driver.signatures


@pytest.mark.parametrize("run", [outer_driver, closed(driver), through_record, through_tuple, through_module])
def test_kernels_are_replaced_wherever_compiled_code_finds_them(run):
    host_version(run)(rhs, np.ones(2))
    assert not driver.signatures  # the Python function would have been refused


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
    assert host_version(rhs) is rhs


# Options -------------------------------------------------------------------------------------------------------------


def test_kernels_divide_like_numpy_and_keep_nan():
    @kernel
    def ratio(a, b):
        return a / b

    assert ratio(1.0, 0.0) == np.inf
    assert np.isnan(ratio(0.0, 0.0))
    assert ratio.targetoptions["nogil"]
    assert "fastmath" not in ratio.targetoptions


def test_the_options_are_part_of_the_key(tmp_path):
    function = kernel(lambda x: x).py_func
    generator = numba.core.registry.cpu_target.target_context.codegen()
    keys = {
        _cache.DiskCache(function, options)._entry((nb.float64,), generator).key
        for options in (OPTIONS, {**OPTIONS, "nogil": False})
    }
    assert len(keys) == 2


def test_kernels_import_without_a_compiler(tiny):
    """NUMBA_DISABLE_JIT leaves plain functions."""
    script = """
        from neurodynamics._jit import host_version
        from tiny.inner import inner
        print(json.dumps({"answer": host_version(inner)(2.0)}))
    """
    assert tiny.run(script, NUMBA_DISABLE_JIT="1") == {"answer": 20.0}
