"""The rules of docs/design.md that a machine can check, read from the source; each with a planted breach as control."""

from __future__ import annotations

import ast
import dataclasses
import enum
import functools
import graphlib
import importlib
import inspect
import os
import pkgutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from neurodynamics.compiling import digests

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "neurodynamics": set(),
    "ctrnn": {"neurodynamics"},
    "hopfield": {"neurodynamics"},
    "recurrent": {"ctrnn", "neurodynamics"},
    "learning": {"ctrnn", "recurrent", "neurodynamics"},
    "analysis": {"neurodynamics"},
    "neuroevolution": {"ctrnn", "neurodynamics"},
}
# The rooms of each package, from the ground up.
ROOMS = {
    "neurodynamics": ["status", "unchanging", "lazily", "notices", "validation", "watched", "extras", "tables",
                      "progress", "pictures", "records", "compiling", "mapping", "tracing", "files", "activations", "inputs",
                      "schemes", "systems", "delays", "models", "methods", "simulation", "closed_loop", "prepare",
                      "information", "__main__"],
    "ctrnn": ["network", "sampling", "groups", "ties", "genotype", "conversions", "ns_files", "graphs", "controllers",
              "c_code", "library"],
    "hopfield": ["checks", "glyphs", "states", "patterns", "measures", "recall", "capacity", "couplings", "energy",
                 "registry", "rules", "discrete", "graded", "bam", "dense", "stochastic", "experiments", "basin_rings",
                 "damage", "scaling", "problems", "files"],
    "recurrent": ["network", "torch_layers", "readout", "records", "series", "fully_recurrent", "hierarchy", "liquid",
                  "second_order", "delays", "gates", "grossberg", "jordan", "memory", "computer", "memristive", "rate",
                  "neat_genomes", "reservoir", "history", "recursive", "automata", "stacks"],
    "analysis": ["common", "lyapunov", "series", "synchrony", "delays", "cycles", "equilibria", "behaviours", "manifolds",
                 "portraits", "sweeps", "attractors", "noise", "landscape", "bifurcations", "resilience", "plotting"],
    "neuroevolution": ["embodied", "tasks", "search", "descriptions", "objective", "engines", "policies", "environments",
                       "agents", "stopping", "replication", "run", "evolving", "stages", "comparison"],
    "learning": ["fixed_point_losses", "losses", "trials", "frames", "stages", "sweeps", "courses", "jumps", "unrolled",
                 "outputs", "chosen", "passes", "checking", "gradients", "objective", "optimisers", "checkpoints",
                 "whole_data", "training_runs", "training", "diagnosis", "landscapes", "flow_graphs", "iir_networks",
                 "plasticity", "excitability", "readouts", "preparing"],
}  # fmt: skip
PICTURES = ("neurodynamics/pictures.py", "plot")  # the file and the function that reach up
COMPILERS = {"njit", "jit", "cfunc", "vectorize", "guvectorize", "stencil", "jit_module", "prange", "experimental"}
MACHINERY = {f"neurodynamics/compiling/{name}.py" for name in ("jit", "digests", "cache", "dispatcher", "twins", "waiting")}
PICKLERS = {"pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}


@dataclass(frozen=True)
class Import:
    """One imported name: ``from module import name``, or ``import module`` with an empty name."""

    module: str
    name: str
    line: int
    function: str | None  # the function around it

    @property
    def full(self) -> str:
        return f"{self.module}.{self.name}".rstrip(".")

    def reaches(self, module: str) -> bool:
        return f"{self.full}.".startswith(f"{module}.")


@dataclass(frozen=True)
class Source:
    """A Python file of the library."""

    path: str
    text: str

    @functools.cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def package(self) -> str:
        return self.path.partition("/")[0]

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @functools.cached_property
    def imports(self) -> list[Import]:
        return list(self._imports(self.tree, None))

    def _imports(self, node: ast.AST, function: str | None) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                yield from (Import(alias.name, "", child.lineno, function) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                module = self._absolute(child)
                yield from (Import(module, alias.name, child.lineno, function) for alias in child.names)
            elif isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield from self._imports(child, child.name)
            elif not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)):
                yield from self._imports(child, function)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        folder = self.path.split("/")[: -node.level]
        return ".".join([*folder, *filter(None, [node.module])])

    @functools.cached_property
    def attributes(self) -> list[tuple[str, int]]:
        """Every dotted name in the file, such as ``np.random.seed``."""
        nodes = (node for node in ast.walk(self.tree) if isinstance(node, ast.Attribute))
        return [(ast.unparse(node), node.lineno) for node in nodes]

    @functools.cached_property
    def functions(self) -> list[tuple[str, ast.FunctionDef, list[str]]]:
        """Qualified name, definition and decorators of every function, as they are called."""
        return list(self._functions(self.tree, ""))

    def _functions(self, node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef, list[str]]]:
        for child in ast.iter_child_nodes(node):
            inner = prefix
            if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
                inner = f"{prefix}{child.name}."
                if isinstance(child, ast.FunctionDef):
                    yield inner[:-1], child, [ast.unparse(d).partition("(")[0] for d in child.decorator_list]
            yield from self._functions(child, inner)


@functools.cache
def read(root: Path) -> list[Source]:
    files = sorted(file for package in MAY_IMPORT for file in (root / package).rglob("*.py"))
    return [Source(file.relative_to(root).as_posix(), file.read_text()) for file in files]


def room_of(module: str) -> str:
    """Return the room of a module, empty for a package itself."""
    return module.split(".")[1] if "." in module else ""


# The rules -----------------------------------------------------------------------------------------------------------


def arrows(source: Source) -> Iterator[str]:
    """Packages import each other along the arrows of the design only; a result reaches its picture in one place."""
    for each in source.imports:
        package = each.module.partition(".")[0]
        if package in MAY_IMPORT and package not in {source.package, *MAY_IMPORT[source.package]}:
            if (source.path, each.function) != PICTURES:
                yield f"{each.line}: {source.package} imports {each.full}"


def rooms(source: Source) -> Iterator[str]:
    """Within a package a room imports rooms before it in the order of the design, late imports included."""
    order = ROOMS.get(source.package, [])
    own = room_of(source.module)
    for each in source.imports:
        package, *inner = each.full.split(".")
        other = inner[0] if package == source.package and inner else ""
        if own and other in order and own != other and order.index(own) <= order.index(other):
            yield f"{each.line}: {own} imports {other}"
        if own and package == source.package and other not in order:
            yield f"{each.line}: imports {each.full}, which is in no room"


def doors(source: Source) -> Iterator[str]:
    """What stands in a room is imported from the room, not from the files in it."""
    for each in source.imports:
        package, *inner = each.module.split(".")
        outside = package != source.package or inner[:1] != [room_of(source.module)]
        if package in ROOMS and len(inner) > 1 and outside:
            yield f"{each.line}: reaches past {package}.{inner[0]} for {each.full}"


def plain_names(source: Source) -> Iterator[str]:
    """No file of the library has a name with an underscore before it: what is inside is known by its room."""
    if any(part.startswith("_") and part not in ("__init__.py", "__main__.py") for part in source.path.split("/")):
        yield "1: has an underscore before its name"


def shadows(source: Source) -> Iterator[str]:
    """No folder exports a name that is also one of its files, which it would hide."""
    if source.path.endswith("__init__.py"):
        for each in source.imports:
            if each.module == f"{source.module}.{each.name}":
                yield f"{each.line}: {each.full} hides the file {each.module}"


def matplotlib(source: Source) -> Iterator[str]:
    """matplotlib is imported in analysis/plotting only."""
    if not source.path.startswith("analysis/plotting/"):
        for each in source.imports:
            if each.reaches("matplotlib") or each.reaches("mpl_toolkits"):
                yield f"{each.line}: imports {each.full}"


def compilers(source: Source) -> Iterator[str]:
    """Options for compiling are given in compiling/jit.py only."""
    if source.path == "neurodynamics/compiling/jit.py":
        return
    for each in source.imports:
        if each.module.partition(".")[0] == "numba" and COMPILERS & {each.name, *each.module.split(".")}:
            yield f"{each.line}: imports {each.full}"
    for name, line in source.attributes:
        if name.startswith("numba.") and name.split(".")[1] in COMPILERS:
            yield f"{line}: uses {name}"


def insides_of_numba(source: Source) -> Iterator[str]:
    """numba's insides, save types and errors, are for files that extend it, and for how code is kept."""
    extends = any(each.module == "numba.extending" for each in source.imports)
    if source.path not in MACHINERY and not extends:
        for each in source.imports:
            known = each.reaches("numba.core.types") or each.reaches("numba.core.errors")
            if each.reaches("numba.core") and not known:
                yield f"{each.line}: imports {each.full}"


def overloads(source: Source) -> Iterator[str]:
    """An overload stands at the top of the file of its function: the digest of a kernel knows it by that file."""
    top = {node.name for node in source.tree.body if isinstance(node, ast.FunctionDef)}
    for name, node, decorators in source.functions:
        for called, decorator in zip(decorators, node.decorator_list, strict=True):
            if called.rpartition(".")[2].startswith("overload"):
                target = ast.unparse(decorator.args[0]) if isinstance(decorator, ast.Call) and decorator.args else ""
                if "." in name or target not in top:
                    yield f"{node.lineno}: overload of {target or 'nothing'}"


def kernel_names(source: Source) -> Iterator[str]:
    """Kernels of one file have names of their own: the files that their code is kept in are called so."""
    names = Counter(
        name
        for name, _, decorators in source.functions
        if any(called.rpartition(".")[2].endswith("kernel") for called in decorators)
    )
    yield from (f"{count} kernels are called {name}" for name, count in names.items() if count > 1)


def pickles(source: Source) -> Iterator[str]:
    """Nothing is loaded by pickle, except machine code through numba, in compiling/cache.py."""
    for each in source.imports:
        if each.module.partition(".")[0] in PICKLERS or each.reaches("numba.core.serialize"):
            yield f"{each.line}: imports {each.full}"
    for name, line in source.attributes:
        if name.startswith("core.serialize.") and source.path != "neurodynamics/compiling/cache.py":
            yield f"{line}: uses {name}"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle" and ast.unparse(node.value) != "False":
            yield f"{node.lineno}: allows pickle"


def global_generators(source: Source) -> Iterator[str]:
    """Random numbers come from generators that are handed over: of np.random only classes and default_rng."""
    for each in source.imports:
        if each.reaches("random") or (each.module == "numpy.random" and _is_global(each.name)):
            yield f"{each.line}: imports {each.full}"
    for name, line in source.attributes:
        module, _, attribute = name.rpartition(".")
        if module in ("np.random", "numpy.random") and _is_global(attribute):
            yield f"{line}: uses {name}"


def dangling_pointers(source: Source) -> Iterator[str]:
    """An array that a kernel makes is named after the last use of a pointer to it: numba frees it after its last use."""
    for name, function, decorators in source.functions:
        if not {"kernel", "pointer_kernel", "pointer_closure"}.isdisjoint(decorators):
            yield from (f"{array} of {name} is freed while it is pointed to" for array in _freed_too_early(function))


def _freed_too_early(function: ast.FunctionDef) -> Iterator[str]:
    loops = [node for node in ast.walk(function) if isinstance(node, (ast.For, ast.While))]
    places: dict[tuple[str, type], list[int]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Name):
            places.setdefault((node.id, type(node.ctx)), []).append(node.lineno)

    def last_use(name: str) -> float:  # what was made before a loop is there until its end
        made = min(places.get((name, ast.Store), [0]))
        ends = [loop.end_lineno + 0.5 for line in places.get((name, ast.Load), [0]) for loop in loops
                if made < loop.lineno <= line <= loop.end_lineno]  # fmt: skip
        return max([*places.get((name, ast.Load), [0]), *ends])

    made = {leaf.id for node in ast.walk(function) if isinstance(node, ast.Assign) for target in node.targets
            for leaf in ast.walk(target) if isinstance(leaf, ast.Name) and _makes_an_array(node.value)}  # fmt: skip
    statements = [node for node in ast.walk(function) if isinstance(node, (ast.Assign, ast.Expr, ast.Return, ast.AugAssign))]
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pointer":
                array = ast.unparse(node.args[0]).partition("[")[0]
                targets = statement.targets if isinstance(statement, ast.Assign) else []
                holders = [leaf.id for target in targets for leaf in ast.walk(target) if isinstance(leaf, ast.Name)]
                until = max([statement.end_lineno, *map(last_use, holders)])
                if array in made and array not in holders and last_use(array) <= until:
                    yield array


def _makes_an_array(value: ast.expr) -> bool:
    return any(isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in {"empty", "zeros", "ones", "copy"}
               for node in ast.walk(value))  # fmt: skip


def _is_global(name: str) -> bool:
    return name != "default_rng" and not name[:1].isupper()


FILE_RULES: dict[Callable[[Source], Iterator[str]], list[Source]] = {
    arrows: [
        Source("neurodynamics/a.py", "import ctrnn"),
        Source("ctrnn/a.py", "def f():\n    from hopfield.graded import Graded"),
        Source("hopfield/a.py", "from analysis import plotting"),
        Source("hopfield/a.py", "class A:\n    def plot(self):\n        from analysis import plotting"),
        Source("analysis/a.py", "from ctrnn import CTRNN"),
        Source("analysis/plotting/a.py", "from hopfield import theory"),
    ],
    rooms: [
        Source("neurodynamics/inputs/a.py", "from neurodynamics.systems import DynamicalSystem"),
        Source("neurodynamics/status.py", "def f():\n    from neurodynamics import files"),
        Source("hopfield/rules/a.py", "import hopfield.bam"),
        Source("analysis/lyapunov/a.py", "from analysis import limit_cycle"),
    ],
    doors: [
        Source("ctrnn/network.py", "from neurodynamics.systems.system import DynamicalSystem"),
        Source("analysis/cycles/a.py", "def f():\n    from analysis.lyapunov.flow import advance_flow"),
    ],
    plain_names: [Source("ctrnn/_a.py", ""), Source("ctrnn/_a/b.py", "")],
    shadows: [Source("analysis/cycles/__init__.py", "from analysis.cycles.floquet import floquet")],
    matplotlib: [
        Source("analysis/a.py", "import matplotlib.pyplot as plt"),
        Source("ctrnn/a.py", "def plot():\n    from matplotlib import pyplot"),
    ],
    compilers: [
        Source("ctrnn/a.py", "from numba import njit"),
        Source("ctrnn/a.py", "import numba as nb\nimport numba\nf = numba.njit(g)"),
        Source("ctrnn/a.py", "from numba.experimental import jitclass"),
    ],
    insides_of_numba: [Source("ctrnn/a.py", "from numba.core import compiler")],
    overloads: [
        Source("ctrnn/a.py", "import numpy as np\n@overload(np.clip)\ndef f(x): ..."),
        Source("ctrnn/a.py", "from b import g\n@extending.overload(g, inline='always')\ndef f(x): ..."),
        Source("ctrnn/a.py", "def g(): ...\ndef make():\n    @overload(g)\n    def f(x): ..."),
    ],
    kernel_names: [Source("ctrnn/a.py", "@kernel\ndef f(): ...\n@kernel(host=g)\ndef f(): ...")],
    pickles: [
        Source("ctrnn/a.py", "def load():\n    from pickle import loads"),
        Source("ctrnn/a.py", "np.load(file, allow_pickle=True)"),
        Source("ctrnn/a.py", "from numba import core\ncore.serialize.loads(b'')"),
    ],
    global_generators: [
        Source("ctrnn/a.py", "import random"),
        Source("ctrnn/a.py", "x = np.random.normal(size=3)"),
        Source("ctrnn/a.py", "from numpy.random import seed"),
    ],
    dangling_pointers: [
        Source("ctrnn/a.py", "@kernel\ndef f(g, n):\n    y = np.empty(n)\n    at = pointer(y)\n    call(g, at)"),
        Source("ctrnn/a.py", "@kernel\ndef f(g, n):\n    y = np.empty(n)\n    call(g, pointer(y))\n    return 0"),
    ],
}
CLEAN = Source(
    "neurodynamics/compiling/a.py",
    """
from typing import TYPE_CHECKING
import numpy as np
from numba import carray, types
from numba.extending import overload
from numba.core import cgutils
from neurodynamics.compiling.jit import kernel
from neurodynamics.status import Status
if TYPE_CHECKING:
    from matplotlib.axes import Axes

def g(): ...

@overload(g)
def f(x): ...

@kernel
def first(): ...

@kernel
def second(g, n):
    y, z = np.empty(n), np.empty(n)
    at = pointer(y)
    for _ in range(n):
        call(g, at, pointer(z))
    keep((y,))
    return z

def make(rng: np.random.Generator):
    rng = np.random.default_rng(rng)
    @kernel
    def first(): ...

class Result:
    plot = drawn("plot_solution", "Draw it")
""",
)


@pytest.mark.parametrize("rule", FILE_RULES, ids=lambda rule: rule.__name__)
def test_every_file_keeps_the_rule(rule):
    breaches = [f"{source.path}: {breach}" for source in read(ROOT) for breach in rule(source)]
    assert not breaches, f"{rule.__doc__}\n" + "\n".join(breaches)


@pytest.mark.parametrize("rule", FILE_RULES, ids=lambda rule: rule.__name__)
def test_the_rule_sees_a_breach(rule):
    """The control of the test above."""
    assert all(list(rule(breach)) for breach in FILE_RULES[rule])
    assert not list(rule(CLEAN))


# Rules about all files together --------------------------------------------------------------------------------------


def reach_scipy_integrate(sources: list[Source]) -> list[str]:
    return [
        source.path
        for source in sources
        if any(each.reaches("scipy.integrate") for each in source.imports)
        or any(f"{name}.".startswith("scipy.integrate.") for name, _ in source.attributes)
    ]


def test_scipy_integrate_is_reached_from_one_file():
    assert len(reach_scipy_integrate(read(ROOT))) <= 1
    ways = "import scipy.integrate", "from scipy import integrate", "from scipy.integrate import odeint"
    ways += ("import scipy\nscipy.integrate.quad",)
    assert len(reach_scipy_integrate([Source("ctrnn/a.py", text) for text in ways])) == 4


def order_of_import(sources: list[Source]) -> list[str]:
    """Return the modules so that each comes after what it imports, now or later; CycleError if there is none."""
    modules = {source.module for source in sources}
    graph: dict[str, set[str]] = {}
    for source in sources:
        wanted = [each for each in source.imports if (source.path, each.function) != PICTURES]
        targets = [each.full if each.full in modules else each.module for each in wanted]
        graph[source.module] = {target for target in targets if target in modules}
    return list(graphlib.TopologicalSorter(graph).static_order())


def test_imports_run_in_no_circles():
    order_of_import(read(ROOT))
    circle = [Source("ctrnn/__init__.py", "from ctrnn.a import A"), Source("ctrnn/a.py", "def f():\n    import ctrnn")]
    with pytest.raises(graphlib.CycleError):
        order_of_import(circle)


def test_the_wheel_holds_the_packages_on_disk():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]
    assert settings == {"include": [f"{package}*" for package in MAY_IMPORT]}
    folders = {(ROOT / source.path).parent for source in read(ROOT)}
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_every_room_is_in_the_order_and_on_disk():
    for package, order in ROOMS.items():
        assert set(order) == {room_of(source.module) for source in read(ROOT) if source.package == package} - {""}


def test_the_map_shows_every_package_and_every_folder():
    text = (ROOT / "docs/design.md").read_text(encoding="utf-8")
    folders = [f"{room}/" for package in ROOMS for room in ROOMS[package] if (ROOT / package / room).is_dir()]
    assert [name for name in [*(f"{package}/" for package in MAY_IMPORT), *folders] if name not in text] == []


# Tests stand where the code stands -----------------------------------------------------------------------------------

BY_TABLE = {"neurodynamics.models": "test_models.py", "ctrnn.library": "test_library.py"}  # one test for all in a folder


def public_modules() -> set[str]:
    """Return the modules that define public functions, or classes that users construct: results and kinds aside."""
    listed = (line.split() for line in (ROOT / "tests/data/public_names.txt").read_text().splitlines())
    objects = [getattr(importlib.import_module(package), name) for package, name in listed]
    used = (each for each in objects if inspect.isfunction(each) or (inspect.isclass(each) and not is_record(each)))
    return {each.__module__ for each in used}


def is_record(kind: type) -> bool:
    return dataclasses.is_dataclass(kind) or issubclass(kind, (tuple, enum.Enum, BaseException))


def file_of_tests(module: str) -> str:
    """Return the path of the tests of a public module: the same folder, and its name."""
    for folder, name in BY_TABLE.items():
        if f"{module}.".startswith(f"{folder}."):
            return f"{folder.replace('.', '/')}/{name}"
    folder, _, name = module.rpartition(".")
    return f"{folder.replace('.', '/')}/test_{name}.py"


def test_every_public_module_has_a_test_module_of_its_name():
    there = {file.relative_to(ROOT / "tests").as_posix() for file in (ROOT / "tests").rglob("test_*.py")}
    lacking = {file_of_tests(module) for module in public_modules()} - there
    assert not lacking, f"there are no tests/{', tests/'.join(sorted(lacking))}"
    assert file_of_tests("analysis.lyapunov.spectrum") == "analysis/lyapunov/test_spectrum.py"


def test_tests_stand_in_folders_of_the_code():
    """And in folders of its own stand the demos, which are no package."""
    folders = {file.parent.relative_to(ROOT / "tests") for file in (ROOT / "tests").rglob("test_*.py")}
    assert [folder for folder in folders if folder != Path("demos") and not (ROOT / folder).is_dir()] == []


# What importing does -------------------------------------------------------------------------------------------------

WATCHED_IMPORT = """
import gc, sys
import numba, numpy
from numba.core import event
from numba.core.dispatcher import Dispatcher
recorded = event.RecordingListener()
event.register("numba:compile", recorded)
import {package}
kernels = [d for d in gc.get_objects() if isinstance(d, Dispatcher) and hasattr(d, "is_kernel")]
assert not recorded.buffer, recorded.buffer
assert not [k for k in kernels if k.signatures], "a kernel is ready, so it was taken from the disk"
late = {{"matplotlib.pyplot", "scipy.integrate"}} & set(sys.modules)
print(*late)
"""


def heavy_imports(package: str) -> set[str]:
    """Import a package in a process of its own; return the heavy modules that it brought."""
    command = [sys.executable, "-c", WATCHED_IMPORT.format(package=package)]
    as_users = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    answer = subprocess.run(command, cwd=ROOT, env=as_users, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0, answer.stderr
    return set(answer.stdout.split())


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_importing_compiles_nothing_and_brings_nothing_heavy(package):
    assert not heavy_imports(package)


def modules_of(package: str) -> Iterator[str]:
    yield package
    path = [str(ROOT / package)]
    for module in pkgutil.walk_packages(path, f"{package}."):
        yield module.name


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_every_kernel_can_be_kept_on_disk(package, monkeypatch):
    """That is, everything that it is compiled from has a value in the key."""
    monkeypatch.setattr(digests, "_STARTED", float("inf"))  # files may be edited while this runs
    for name in modules_of(package):
        module = importlib.import_module(name)
        for value in vars(module).values():
            if getattr(value, "is_kernel", False):
                assert digests.digest(value)
