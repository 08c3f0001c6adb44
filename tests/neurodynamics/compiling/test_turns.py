"""Who compiles, and who waits, when several processes want one kernel."""

import multiprocessing
import threading
import time

import pytest

from neurodynamics.compiling import turns
from neurodynamics.compiling.turns import one_at_a_time


def hold(path, pipe):
    with one_at_a_time(path):
        pipe.send("entered")
        pipe.poll(60)


@pytest.fixture
def other(tmp_path):
    """Another process that has the turn, until something comes through its pipe."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    path = tmp_path / "kernel.nbc"
    process = spawn.Process(target=hold, args=(path, there))
    process.start()
    assert here.recv() == "entered"
    yield path, process, here
    here.close()
    process.kill()
    process.join()


def waiting(path):
    """Start to wait for the turn in a thread."""
    told = []

    def wait():
        with one_at_a_time(path) as waited:
            told.append(waited)

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.1)
    assert not told
    return thread, told


@pytest.mark.parametrize("end", ["it is done", "it is there", "killed"])
def test_whoever_comes_second_waits(other, end):
    path, process, pipe = other
    thread, told = waiting(path)
    {"it is done": lambda: pipe.send("leave"), "it is there": path.touch, "killed": process.kill}[end]()
    thread.join(30)
    assert told == [True]


def test_whoever_comes_first_does_not_wait(tmp_path):
    with one_at_a_time(tmp_path / "kernel.nbc") as waited:
        assert not waited
    assert not list(tmp_path.iterdir())


def test_patience_ends(other, monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.05)
    with one_at_a_time(other[0]) as waited:
        assert waited or turns.fcntl is None


@pytest.mark.parametrize("missing", ["folder", "file", "locks"])
def test_where_there_are_no_locks_nobody_waits(other, monkeypatch, missing):
    path = {"folder": other[0].parent / "none" / "kernel.nbc", "file": None, "locks": other[0]}[missing]
    if missing == "locks":
        monkeypatch.setattr(turns, "fcntl", None)
    with one_at_a_time(path) as waited:
        assert not waited
