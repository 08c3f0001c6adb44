"""Compiled code that is kept on disk is always right, and always there when nothing has changed.

Most facts here are about several processes, so a tiny package of kernels is written to a folder and run there. Where
the claim is that numba's own cache is wrong, a control shows it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import warnings
import zipfile
from pathlib import Path

import numba
import pytest
from numba import types
from numba.core import caching

from neurodynamics.compiling import cache as _cache, digests
from neurodynamics.compiling.jit import OPTIONS, kernel

ROOT = Path(__file__).parents[3]

# Plain numba with its own cache, as a stand-in for `kernel`: the control of every claim about numba.
PLAIN = "import numba\ndef kernel(function):\n    return numba.njit(function, cache=True)\n"
OURS = "from neurodynamics.compiling.jit import kernel\n"

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
# A process that has numba ready, and from which a new process for a script takes a tenth of the time that Python takes
# with importing it. Nothing of ours is imported before the fork. It reads lists of jobs, runs each list at once, and
# says when all are done.
NURSERY = """
import json, os, sys, traceback
import numba
numba.njit(lambda x: x + 1.0)(1.0)

def run(job):
    for descriptor, path in (1, job["stdout"]), (2, job["stderr"]):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), descriptor)
    os.environ.update(job["environment"])
    os.chdir(job["folder"])
    sys.path[:0] = job["paths"]
    exec(job["script"], {"__name__": "__main__"})

for line in sys.stdin:
    children = []
    for job in json.loads(line):
        children.append(os.fork())
        if not children[-1]:
            status = 1
            try:
                run(job)
                status = 0
            except BaseException:
                traceback.print_exc()
            sys.stdout.flush()
            os._exit(status)
    print(json.dumps([os.waitpid(child, 0)[1] for child in children]), flush=True)
"""


def clean_environment() -> dict[str, str]:
    # Python's own cache takes an edit within a second, of equal length, for the old text; these tests are that fast.
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("NUMBA_", "PYTHON"))}
    return {**inherited, "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture(scope="module")
def nursery():
    with subprocess.Popen(
        [sys.executable, "-c", NURSERY],
        env=clean_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.stdin.close()


class Tiny:
    """A package of kernels in a folder of its own, and a way to run scripts over it, each in a new process."""

    def __init__(self, folder: Path, nursery: subprocess.Popen) -> None:
        self.folder = folder
        self.nursery = nursery
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

    def run_all(self, *scripts: str, path: Path | None = None) -> list[dict]:
        """Run scripts at the same time; return what each printed last, with what it wrote to stderr."""
        jobs = [
            {
                "script": textwrap.dedent(REPORT) + textwrap.dedent(script),
                "paths": [str(path or self.folder), str(ROOT)],
                "folder": str(self.folder),
                "environment": {"HOME": str(self.folder / "home")},
                "stdout": str(self.folder / f"stdout{i}"),
                "stderr": str(self.folder / f"stderr{i}"),
            }
            for i, script in enumerate(scripts)
        ]
        for stream in self.folder.glob("std*"):
            stream.unlink()
        print(json.dumps(jobs), file=self.nursery.stdin, flush=True)
        status = json.loads(self.nursery.stdout.readline())
        errors = [Path(job["stderr"]).read_text() for job in jobs]
        assert not any(status), "\n".join(errors)
        printed = [Path(job["stdout"]).read_text().splitlines()[-1] for job in jobs]
        return [{**json.loads(line), "stderr": error} for line, error in zip(printed, errors, strict=True)]

    def run(self, script: str, path: Path | None = None) -> dict:
        (answer,) = self.run_all(script, path=path)
        assert not answer.pop("stderr")
        return answer

    def run_python(self, script: str, *options: str, **environment: str) -> dict:
        """Run a script in a Python of its own, with options and another environment."""
        paths = os.pathsep.join([str(self.folder), str(ROOT)])
        answer = subprocess.run(
            [sys.executable, *options, "-c", textwrap.dedent(REPORT) + textwrap.dedent(script)],
            env={**clean_environment(), "PYTHONPATH": paths, **environment},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert (answer.returncode, answer.stderr) == (0, "")
        return json.loads(answer.stdout)

    @property
    def kept(self) -> list[Path]:
        return sorted(self.files.rglob("*.nbc"))


@pytest.fixture
def tiny(tmp_path, nursery):
    return Tiny(tmp_path, nursery)


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
    answers = tiny.run(patched)
    assert (answers["inner"], answers["outer"]) == (6.0, 7.0)  # both, and `inner` inside `outer`, compiled after the patch
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


def test_two_closures_of_one_factory_never_mix(tiny):
    """Each is compiled as the first of its process; then both are called by a third function."""
    tiny.write("plain", PLAIN)
    tiny.write("plain_factory", TINY["factory"].replace("tiny.jit", "tiny.plain"))
    for k in (1, 2):
        tiny.run(f"""
            from tiny import factory, plain_factory
            report(plain=(plain_factory.scale({k}), 5.0), ours=(factory.scale({k}), 5.0))
        """)
    answers = tiny.run("""
        import numba
        from tiny import factory, plain_factory
        def both_of(one, two):
            one(5.0), two(5.0)
            return numba.njit(lambda x: (one(x), two(x)))
        ours = both_of(factory.scale(1), factory.scale(2))
        plain = both_of(plain_factory.scale(1), plain_factory.scale(2))
        report(ours=(ours, 5.0), plain=(plain, 5.0))
    """)
    one, two = answers["ours"]
    assert two == 2 * one
    one, two = answers["plain"]
    assert two == one  # the control: numba calls one closure for the other


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
    answer = tiny.run_all(OUTER)[0]
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
    answer = tiny.run_all(script)[0]
    assert answer["f"] > 0
    assert answer["stderr"].count("RuntimeWarning") == 1


def test_numba_cache_dir_is_respected(tiny):
    script = "from tiny.inner import inner; report(inner=(inner, 2.0))"
    place = tiny.folder / "elsewhere"
    assert tiny.run_python(script, NUMBA_CACHE_DIR=str(place))["inner"] == 20.0
    assert len(list(place.rglob("*.nbc"))) == 1
    assert not tiny.kept


def test_optimised_python_and_other_settings_of_numba_have_files_of_their_own(tiny):
    tiny.edit("inner", "return", "if __debug__:\n        x = -x\n    return")  # what `assert` stands on
    script = "from tiny.inner import inner; report(inner=(inner, 2.0))"
    assert tiny.run(script) == {"inner": -20.0, "inner hits": 0}
    assert tiny.run_python(script, "-O") == {"inner": 20.0, "inner hits": 0}
    assert tiny.run_python(script, "-O", NUMBA_BOUNDSCHECK="1") == {"inner": 20.0, "inner hits": 0}
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
        answer = tiny.run(OUTER, path=archive)
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
    one, two = tiny.run_all(*(script.format(mine=flags[i], other=flags[1 - i], k=i + 1) for i in (0, 1)))
    assert one["stderr"] == two["stderr"] == ""
    assert two["f"] == 2 * one["f"]
    assert one["outer"] == two["outer"] == 21.0
    assert one["outer hits"] + two["outer hits"] == 1  # the second waits for the first
    after = tiny.run("""
        from tiny.factory import scale, twice
        from tiny.outer import outer
        report(one=(twice(scale(1)), 5.0), two=(twice(scale(2)), 5.0), outer=(outer, 2.0))
    """)
    assert (after["one"], after["two"], after["outer"]) == (one["f"], two["f"], 21.0)
    assert (after["one hits"], after["two hits"], after["outer hits"]) == (1, 1, 1)
    assert not [*tiny.files.rglob("*.tmp"), *tiny.files.rglob("*.turn")]


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
            from neurodynamics.compiling import state
        plain = type(state.combine._cache) is caching.FunctionCache
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


# Keys ----------------------------------------------------------------------------------------------------------------


def test_the_options_are_part_of_the_key():
    function = kernel(lambda x: x).py_func
    generator = numba.core.registry.cpu_target.target_context.codegen()
    keys = {
        _cache.DiskCache(function, options)._entry((types.float64,), generator).key
        for options in (OPTIONS, {**OPTIONS, "nogil": False})
    }
    assert len(keys) == 2


def test_importing_kernels_computes_no_digest(monkeypatch):
    monkeypatch.setattr(_cache, "digest", None)
    monkeypatch.setattr(digests, "_add_code", None)
    assert kernel(lambda x: x).is_kernel


# Trust ---------------------------------------------------------------------------------------------------------------


def test_folders_and_files_that_others_may_write_are_refused(tmp_path):
    """Who may write compiled code may run it."""
    folder = tmp_path / "kernels"
    before = os.umask(0)
    try:
        _cache._make_private(folder)
        assert folder.stat().st_mode & 0o777 == 0o700
        entry = _cache._Entry(folder / "a.nbc", b"key")
        _cache._write(entry, b"code")
        assert entry.path.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)
    assert _cache._read(entry) == b"code"
    for path, mode in ((entry.path, 0o666), (folder, 0o777)):
        kept = path.stat().st_mode
        path.chmod(mode)
        with pytest.raises(_cache.Untrusted, match="others may write"):
            _cache._read(entry)
        path.chmod(kept)
    assert _cache._read(entry) == b"code"


def test_without_a_home_no_folder_appears_in_the_current_one(monkeypatch):
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    _cache._implementation.cache_clear()
    try:
        names = {locator.__name__ for locator in _cache._implementation()._locator_classes}
    finally:
        _cache._implementation.cache_clear()
    assert "InTreeCacheLocator" in names
    assert not names & {"UserWideCacheLocator", "ZipCacheLocator"}


@pytest.mark.parametrize("damaged", [False, True])
def test_machine_code_for_a_level_of_processors_is_found_on_any_of_them_unless_it_is_damaged(tmp_path, damaged):
    module = """
        import ctypes
        from pathlib import Path
        from numba import types
        from neurodynamics.compiling import cache, kernel
        cache.SHIPPED, cache.LEVELS = Path(__file__).parents[1] / "kept", {"x86-64": {"sse2"}}

        @kernel
        def twice(x):
            return 2.0 * x

        def main():
            address = twice.address(types.float64(types.float64))
            print(ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(address)(21.0), sum(twice._cache_hits.values()))
    """
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "doubling.py").write_text(textwrap.dedent(module))

    def run_with(folder, **environment):
        path = os.pathsep.join([str(ROOT), str(tmp_path / "room")])
        more = {"PYTHONPATH": path, "NUMBA_CACHE_DIR": str(tmp_path / folder)} | environment
        script = [sys.executable, "-c", "import doubling; doubling.main()"]
        environment = clean_environment() | more
        return subprocess.run(script, env=environment, check=True, capture_output=True, text=True, timeout=60).stdout.split()

    assert run_with("first", NUMBA_CPU_NAME="x86-64", NUMBA_CPU_FEATURES="") == ["42.0", "0"]
    (code,) = (tmp_path / "first").rglob("*.nbc")
    kept = tmp_path / "kept" / "x86-64" / "room" / code.name
    kept.parent.mkdir(parents=True)
    content = code.read_bytes()
    kept.write_bytes(content[:-1] + bytes([content[-1] ^ damaged]))
    assert run_with("second") == ["42.0", "0" if damaged else "1"]
