"""A new file takes the place of the old one as a whole; what killed processes left goes, what live ones write stays."""

import os
import signal
import time

import pytest

from neurodynamics.files import replacing
from neurodynamics.files.atomic import SUFFIX


def unfinished(folder):
    return [name for name in os.listdir(folder) if name.endswith(SUFFIX)]


def test_only_the_files_of_dead_processes_are_removed(tmp_path):
    """The same file, before and after its process is killed."""
    child = os.fork()
    if child == 0:
        with replacing(tmp_path / "a") as file:
            file.write(b"half")
            file.flush()
            time.sleep(60)
    while not unfinished(tmp_path) or not (tmp_path / unfinished(tmp_path)[0]).stat().st_size:
        time.sleep(0.01)
    for alive in (True, False):
        if not alive:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        with replacing(tmp_path / "b") as file:
            file.write(b"b")
        assert len(unfinished(tmp_path)) == alive
    assert os.listdir(tmp_path) == ["b"]


def test_the_old_file_stays_where_the_new_one_is_not_finished(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(TypeError, match="bytes-like"), replacing(tmp_path / "a") as file:
        file.write("new")
    assert (tmp_path / "a").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]
