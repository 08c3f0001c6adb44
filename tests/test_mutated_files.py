"""Files that were changed: bytes, sizes, kinds of numbers, the header. A ValueError, or an object that works; never more."""

import contextlib
import io
import json
import re
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest
from scipy import sparse

from ctrnn import CTRNN, Genotype
from hopfield import (
    AdaptiveBAM,
    DenseFlow,
    DenseMemory,
    DiscreteBAM,
    DiscreteHopfield,
    GradedBAM,
    GradedHopfield,
    HigherOrderBAM,
    SaturatedHopfield,
    SequenceMemory,
    SoftmaxMemory,
    patterns,
)
from neurodynamics import DynamicalSystem, Sine, load, simulate, simulate_ensemble
from neuroevolution import BeerGA, HillClimbing, MicrobialGA, ParticleSwarm, Run, SimulatedAnnealing, evolve
from recurrent import (
    GRU,
    LSTM,
    NARX,
    CohenGrossberg,
    DifferentiableComputer,
    EchoState,
    Elman,
    FullyRecurrent,
    GatedRate,
    Jordan,
    LinearFilter,
    LiquidState,
    Memristive,
    NeuralTuringMachine,
    RateNetwork,
    Shunting,
)

SHORT, LONG = 20, 3000  # files of each kind
ROOM = 30e6  # bytes: much more than any file here needs
HEADER = "header"
GENES = Genotype(CTRNN([[0.0]]), {"biases": (-1, 1)})


OF_TEXTBOOKS = [
    FullyRecurrent(np.ones((2, 2)), mask=np.eye(2)), Elman([[0.5]], [[1.0]], [[2.0], [3.0]]), Memristive([[1.0]], 1.0),
    Jordan([[1.0]], [[0.5]], [[2.0]]), GRU(np.ones((3, 1)), reset="before"), NARX([[1.0, 0.5]], [[0.5, 0.1]], [[2.0]]),
    LinearFilter([1.0, 0.5], [1.0, -0.3]), Shunting(3, upper=2.0), LiquidState([[0.0]], drive=16.0),
    DifferentiableComputer.copying(2),
]  # fmt: skip
METHODS = {"evolved": BeerGA(4), "microbial": MicrobialGA(4), "swarm": ParticleSwarm(4), "climbers": HillClimbing(4),
           "chains": SimulatedAnnealing(4)}  # fmt: skip


def first_gene(genes):
    return genes[:, 0]


def saved():
    """One of each class that can be saved."""
    rng = np.random.default_rng(0)
    w = np.abs(rng.normal(size=(3, 3)))
    pair = CTRNN([[4.5, -1.0], [1.0, 4.5]], biases=[-2.75, -1.75])
    xi = patterns.random(2, 8, rng=0)
    memory = DiscreteHopfield.from_patterns(xi)
    yield "network", pair
    yield "tanh network", CTRNN(w, activation="tanh")
    yield "rates", RateNetwork(w)
    yield "gated", GatedRate(w)
    yield "gates", LSTM(np.ones((6, 2)), forget=False, peepholes=np.ones((2, 2)))
    yield "memory machine", NeuralTuringMachine.copying(2)
    for net in OF_TEXTBOOKS:
        yield type(net).__name__, net
    for name, method in METHODS.items():
        yield name, evolve(GENES, first_gene, method, generations=2, rng=1)
    yield "echo", EchoState(w, np.ones((3, 1)))
    yield "grossberg", CohenGrossberg(w)
    yield "solution", simulate(pair, 2.0, [0.1, 0.2], inputs=[Sine(0.1, 0.5), 0.0], dense_output=True)
    yield "fixed steps", simulate(pair, 1.0, [0.1, 0.2], method="rk4", dt=0.1)
    yield "ensemble", simulate_ensemble(pair, 1.0, rng.normal(size=(3, 2)), t_eval=[0.0, 0.5, 1.0])
    yield "final", simulate_ensemble(pair, 1.0, rng.normal(size=(3, 2)), save="final")
    yield "memory", memory
    yield "dense memory", DiscreteHopfield(w + w.T)
    yield "sparse memory", DiscreteHopfield(sparse.csr_array(w + w.T))
    yield "sequence", SequenceMemory.from_patterns(xi)
    yield "bam", DiscreteBAM.from_pairs(xi, xi[:, :5])
    yield "recall", memory.recall(xi, record=True, rng=0)
    yield "graded", GradedHopfield.from_patterns(xi)
    yield "graded bam", GradedBAM.from_pairs(xi, xi[:, :5])
    yield "of degree 3", DenseMemory(xi)
    yield "softmax", SoftmaxMemory(xi * 0.5, 2.0)
    yield "bam of order 2", HigherOrderBAM(xi, xi[:, :5])
    yield "dense flow", DenseFlow(xi, memory_time=0.5)
    yield "adaptive bam", AdaptiveBAM(2, 3)
    yield "on a cube", SaturatedHopfield.from_patterns(xi)


KINDS = ["network", "tanh network", "rates", "gated", "gates", "memory machine",
         *(type(net).__name__ for net in OF_TEXTBOOKS), *METHODS,
         "echo", "grossberg", "solution", "fixed steps", "ensemble", "final",
         "memory", "dense memory", "sparse memory", "sequence", "bam", "recall", "graded", "graded bam",
         "of degree 3", "softmax", "bam of order 2", "dense flow", "adaptive bam", "on a cube"]  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    found = {}
    for name, thing in saved():
        path = folder / f"{name}.npz"
        thing.save(path)
        found[name] = path.read_bytes()
    assert list(found) == KINDS
    return found


# How files are changed ----------------------------------------------------------------------------------------------------


def flipped(content, rng):
    """Some bytes changed."""
    data = bytearray(content)
    for k in rng.integers(len(data), size=rng.integers(1, 9)):
        data[k] ^= 1 << int(rng.integers(8))
    return bytes(data)


def cut(content, rng):
    a, b = sorted(rng.integers(len(content), size=2))
    return content[:a] + content[b:]


def resized(arrays, rng):
    name, array = chosen(arrays, rng)
    shapes = [
        lambda: np.concatenate([array.ravel()] * 2), lambda: array.ravel()[:-1], lambda: array[np.newaxis],
        lambda: array.T.copy(), lambda: np.empty((0, *array.shape[1:]), array.dtype), lambda: np.tile(array, 3),
        lambda: np.resize(array, 10**5), lambda: np.resize(array, (100, 2)),
    ]  # fmt: skip
    arrays[name] = shapes[int(rng.integers(len(shapes)))]()


def retyped(arrays, rng):
    name, array = chosen(arrays, rng)
    dtype = rng.choice(["f4", "f8", "i1", "i8", "u8", "?", "U3", "f2", "c16", "M8[s]", ">f8"])
    with contextlib.suppress(ValueError, TypeError), np.errstate(all="ignore"):
        arrays[name] = array.astype(dtype)


def revalued(arrays, rng):
    name, array = chosen(arrays, rng)
    if array.size and array.dtype.kind in "fiu":
        array = arrays[name] = array.copy()
        floats = array.dtype.kind == "f"
        wrong = [np.nan, np.inf, -np.inf, 1e308, -1.0] if floats else [-1, 127, 3, np.iinfo(array.dtype).max]
        array.flat[int(rng.integers(array.size))] = wrong[int(rng.integers(len(wrong)))]


def renamed(arrays, rng):
    name, array = chosen(arrays, rng)
    del arrays[name]
    if rng.random() < 0.5:
        arrays[str(rng.choice(["x", "..", "couplings.indices", "y", "weights"]))] = array


def reworded(arrays, rng):
    """Something in the header changed."""
    header = json.loads(str(arrays[HEADER]))
    places = [(header, key) for key in header]
    for value in header.values():
        if isinstance(value, dict):
            places += [(value, key) for key in value]
        if isinstance(value, list):
            places += [(value, k) for k in range(len(value))]
    where, key = places[int(rng.integers(len(places)))]
    wrong = [None, -1, 10**12, 10**400, 1e308, "x", "", [], {}, [1, 2], {"a": 1}, True, "../x", "os"]
    if rng.random() < 0.2:
        del where[key]
    else:
        where[key] = wrong[int(rng.integers(len(wrong)))]
    arrays[HEADER] = np.array(json.dumps(header))


def without_members(arrays):
    """Take out what the header says of arrays."""
    header = json.loads(str(arrays[HEADER]))
    header.pop("members", None)
    arrays[HEADER] = np.array(json.dumps(header))


def chosen(arrays, rng):
    names = [name for name in arrays if name != HEADER]
    name = names[int(rng.integers(len(names)))]
    return name, arrays[name]


OF_BYTES, OF_ARRAYS = (flipped, cut), (resized, retyped, revalued, renamed, reworded)


def changed(content, rng, path):
    """Write a changed file; return how it was changed."""
    how = (OF_BYTES + OF_ARRAYS * 2)[int(rng.integers(len(OF_BYTES) + 2 * len(OF_ARRAYS)))]
    if how in OF_BYTES:
        path.write_bytes(how(content, rng))
        return how.__name__
    path.write_bytes(content)
    with np.load(path) as stored:
        arrays = dict(stored)
    how(arrays, rng)
    if rng.random() < 0.5:  # who made up the header as well, or a release before
        without_members(arrays)
    with path.open("wb") as file:
        np.savez(file, **arrays)
    return how.__name__


# What may come of it ----------------------------------------------------------------------------------------


def used(thing, path):
    """Do what would reach outside of arrays that do not fit."""
    if isinstance(thing, DynamicalSystem):
        start = np.full(thing.state_dim, 0.1)
        once = {} if thing.kind == "map" else {"method": "euler", "dt": 0.01}
        simulate(thing, 2 if thing.kind == "map" else 0.02, start, **once)
    elif isinstance(thing, Run):
        method = next((m for m in METHODS.values() if repr(m) == thing.description["method"]), BeerGA(4))
        evolve(GENES, first_gene, method, generations=3, rng=1, checkpoint=path)
    elif isinstance(thing, DiscreteBAM | HigherOrderBAM):
        thing.recall(a=np.ones((1, thing.layers[0]), np.int8), max_sweeps=2)
    elif isinstance(thing, SoftmaxMemory):
        thing.recall(np.ones(thing.size), max_steps=2)
    elif hasattr(thing, "recall"):
        thing.recall(np.ones((1, thing.size), np.int8), max_sweeps=2, rng=0)
    elif hasattr(thing, "couplings"):
        thing.couplings.dense()
    else:
        for name in ("outputs", "final", "inputs", "success", "sol", "trace", "messages"):
            getattr(thing, name, None)
    repr(thing)


def attack(content, path, rng, count):
    for trial in range(count):
        seed = int(rng.integers(2**32))
        how = changed(content, np.random.default_rng(seed), path)
        tracemalloc.start()
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                thing = load(path)
        except ValueError as error:
            thing = error
        finally:
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert peak < ROOM, (how, seed)
        if isinstance(thing, ValueError):  # a sentence that names the file, or what is wrong in it
            assert path.name in str(thing) or "`" in str(thing), (how, seed, str(thing))
            continue
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                used(thing, path)
        except (ValueError, TypeError, FloatingPointError):
            pass
        except Exception as error:
            raise AssertionError(f"{how}, seed {seed}, trial {trial}: {type(thing).__name__} does not work") from error


@pytest.mark.parametrize("kind", KINDS)
def test_changed_files_are_refused_or_harmless(kind, files, rng, tmp_path):
    attack(files[kind], tmp_path / "changed.npz", rng, SHORT)


@pytest.mark.attack
@pytest.mark.parametrize("kind", KINDS)
def test_many_changed_files_are_refused_or_harmless(kind, files, rng, tmp_path):
    attack(files[kind], tmp_path / "changed.npz", rng, LONG)


DEEP = "[" * 10**5 + "]" * 10**5
HEADERS_OF_ARRAYS = [
    "(" * 3000, "{'descr': '<f8', 'fortran_order': False, 'shape': (True,)}", "{'descr': '<f8'}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (10**12,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 1000000000000)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -1)}",
    "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'more': 1}",
]  # fmt: skip


@pytest.mark.parametrize("text", HEADERS_OF_ARRAYS, ids=range(len(HEADERS_OF_ARRAYS)))
def test_headers_of_arrays_that_lie_are_refused(text, files, tmp_path):
    """Sizes that are claimed, brackets without end, objects: what numpy, tokenize and zipfile raise becomes one sentence."""
    line = text.encode() + b"\n"
    array = b"\x93NUMPY\x01\x00" + len(line).to_bytes(2, "little") + line + b"\0" * 8
    replaced(files["network"], tmp_path / "lies.npz", "network.biases.npy", array)
    with pytest.raises(ValueError, match=r"lies\.npz' is damaged"):
        load(tmp_path / "lies.npz")


@pytest.mark.parametrize("text", [DEEP, '{"format": ' + DEEP + "}", '"' + "x" * 10**6 + '"', "9" * 5000])
def test_headers_without_end_are_refused(text, files, tmp_path):
    header = io.BytesIO()
    np.save(header, np.array(text))
    replaced(files["network"], tmp_path / "deep.npz", "header.npy", header.getvalue())
    with pytest.raises(ValueError, match="not one that this project has written"):
        load(tmp_path / "deep.npz")


def replaced(content, path, name, member):
    """Write the file again with one of its members changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(path, "w") as new:
        assert name in old.namelist()
        for each in old.namelist():
            new.writestr(each, member if each == name else old.read(each))


@pytest.mark.parametrize("kind", ["fixed steps", "ensemble"])
@pytest.mark.parametrize("name", ["t", "y"])
def test_what_is_success_has_no_nan(kind, name, files, tmp_path):
    path = tmp_path / "nan.npz"
    path.write_bytes(files[kind])
    with np.load(path) as stored:
        arrays = dict(stored)
    for planted in (False, True):  # the control: written again without a change, it loads
        if planted:
            arrays[name].flat[-1] = np.nan
        with path.open("wb") as file:
            np.savez(file, **arrays)
        if planted:
            with pytest.raises(ValueError, match="not finite"):
                load(path)
        else:
            load(path)


def written(arrays, path):
    with path.open("wb") as file:
        np.savez(file, **arrays)


TAKEN = {"text": lambda a: np.array("abc"), "longer": lambda a: np.resize(a, a.size + 1), "missing": None}


def with_one_taken(arrays, name, how):
    taken = {} if how == "missing" else {name: TAKEN[how](arrays[name])}
    return {each: array for each, array in arrays.items() if each != name} | taken


@pytest.mark.parametrize("how", TAKEN)
@pytest.mark.parametrize("kind", ["recall", "evolved", "solution", "ensemble", "network", "memory", "graded"])
def test_every_array_is_as_the_header_says(kind, how, files, tmp_path):
    """Who loads is told, and not who uses it; the control, written again without a change, loads."""
    path = tmp_path / "taken.npz"
    path.write_bytes(files[kind])
    with np.load(path) as stored:
        arrays = dict(stored)
    written(arrays, path)
    load(path)
    for name in arrays.keys() - {HEADER}:
        written(with_one_taken(arrays, name, how), path)
        with pytest.raises(ValueError, match=rf"taken\.npz' is damaged: `{re.escape(name)}` is"):
            load(path)


@pytest.mark.parametrize("how", TAKEN)
@pytest.mark.parametrize(("kind", "names"), [
    ("recall", ["trace.states", "trace.overlaps", "trace.energies", "overlaps"]),
    ("evolved", ["state.genes", "state.best_genes"]),
])  # fmt: skip
def test_arrays_that_do_not_fit_are_refused_without_that_as_well(kind, names, how, files, tmp_path):
    path = tmp_path / "taken.npz"
    path.write_bytes(files[kind])
    with np.load(path) as stored:
        arrays = dict(stored)
    without_members(arrays)
    for name in names:
        optional = how == "missing" and name in ("trace.overlaps", "trace.energies", "overlaps", "state.genes")
        written(with_one_taken(arrays, name, how), path)
        if not optional:
            with pytest.raises(ValueError, match="is damaged"):
                load(path)


def circle(t, y, u, params, out):
    out[0], out[1] = y[1], -y[0]


WRONG = [
    ("solution", "t", lambda t: np.roll(t, 1)), ("solution", "t_events.0", lambda t: t + 100.0),
    ("solution", "t_events.0", lambda t: -t),
    ("solution", "dense.times", lambda t: t * np.nan), ("ensemble", "steps", lambda n: -1 - n),
    ("ensemble", "t_end", lambda t: t * np.nan), ("ensemble", "status", lambda n: n + 77),
    ("recall", "sweeps", lambda n: n - 99),
    ("final", "steps", lambda n: -1 - n), ("evolved", "state.evaluations", lambda n: -n),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "name", "change"), WRONG, ids=[f"{kind} {name}" for kind, name, _ in WRONG])
def test_what_no_run_can_have_written_is_refused(kind, name, change, files, tmp_path):
    """Times that go to and fro, events when nothing ran, counts below zero."""
    path = tmp_path / "wrong.npz"
    path.write_bytes(files[kind])
    if kind == "solution" and "event" in name:
        clock = DynamicalSystem(circle, 2)
        simulate(clock, 20.0, [1.0, 0.0], events=lambda t, y: y[0]).save(path)
    with np.load(path) as stored:
        arrays = dict(stored)
    for wrong in (False, True):  # the control: written again without a change, it loads
        if wrong:
            arrays[name] = change(arrays[name])
        with path.open("wb") as file:
            np.savez(file, **arrays)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if wrong:
                with pytest.raises(ValueError, match="is damaged"):
                    load(path)
            else:
                load(path)
