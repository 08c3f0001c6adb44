"""What every test file shares: a seeded generator, pictures without a screen, and a look at the machine."""

from __future__ import annotations

import os
import re
import secrets
import signal
import sys
import threading
import time
import tracemalloc
import zlib

# In the environment and before matplotlib is imported, so that demos and other child processes have it as well.
os.environ["MPLBACKEND"] = "Agg"

import hypothesis
import numba
import numpy as np
import pytest

from neurodynamics.compiling.dispatcher import KernelLibrary

# Other work on the machine is no failure.
for name, derandomize in (("same examples", True), ("new examples", False)):
    hypothesis.settings.register_profile(
        name, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], derandomize=derandomize
    )

OURS = re.compile(r"cfunc\._ZN\d+(neurodynamics|ctrnn|hopfield|recurrent|learning|analysis|neuroevolution)\d")
SEED = "seed of the random numbers"


def pytest_addoption(parser):
    parser.addoption("--seed", default="own", help="of the fixture `rng`: a number, new, or own of each test (default)")


def pytest_configure(config):
    hypothesis.settings.load_profile("new examples" if config.getoption("--seed") == "new" else "same examples")


@pytest.fixture
def rng(request):
    """A generator; each test has a seed of its own, so that runs agree. ``--seed=new`` looks for what that seed misses."""
    given = request.config.getoption("--seed")
    own = {"new": secrets.randbits(32), "own": zlib.crc32(request.node.nodeid.encode())}
    seed = own[given] if given in own else int(given)
    request.node.add_report_section("setup", SEED, f"repeat with --seed={seed}")
    return np.random.default_rng(seed)


@pytest.fixture(scope="session", autouse=True)
def sane_machine():
    """Stop at once where every further failure would be a riddle."""
    assert not numba.config.DISABLE_JIT, "NUMBA_DISABLE_JIT is set: kernels have no addresses without the compiler"
    assert sys.float_info.min / 2 > 0, "numbers below the normal range are flushed to zero on this thread"
    assert np.finfo(float).eps == 2.0**-52


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_arrives():
    """A shell starts its background jobs with Ctrl-C ignored, and their children inherit that."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def memory_is_traced_alone():
    """CPython crashes where tracing of memory ends while another thread allocates: it goes on as long as one is at work."""
    stop = tracemalloc.stop

    def patient_stop():
        until = time.perf_counter() + 20.0
        while any(map(is_at_work, sys._current_frames().items())):
            if time.perf_counter() > until:
                return
            time.sleep(0.02)
        stop()

    tracemalloc.stop = patient_stop
    yield
    tracemalloc.stop = stop


@pytest.fixture(scope="session", autouse=True)
def machine_code_is_kept():
    """A kernel of this project whose machine code cannot be kept would be compiled again by every process."""
    code, lost = KernelLibrary.code, set()

    def noted(library, entry):
        kept = code(library, entry)
        if kept is None and OURS.match(entry):
            lost.add(library.name)
        return kept

    KernelLibrary.code = noted
    yield
    KernelLibrary.code = code
    assert not lost, f"compiled again by every process; look for exceptions that they may raise, as slices do: {lost}"


def pytest_collection_modifyitems(items):
    """Calls that are left behind in compiled code go on for a while: their tests come last."""
    items.sort(key=lambda item: item.path.name == "test_long_calls.py")


def is_at_work(running):
    """Whether a thread of a long call, or of its workers, goes on."""
    thread, frame = running
    while frame is not None and thread != threading.get_ident():
        if frame.f_code.co_filename.endswith(("watched.py", "threads.py")):
            return True
        frame = frame.f_back
    return False
