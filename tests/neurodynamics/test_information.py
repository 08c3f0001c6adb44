"""Reports of bugs say what is installed and where machine code is kept."""

import importlib.metadata
import os
import platform
import subprocess
import sys
import tomllib
from pathlib import Path

import numba

from ctrnn import CTRNN, simulate
from neurodynamics.__main__ import main
from neurodynamics.compiling import cache_folders
from neurodynamics.compiling.cache import PACKAGES
from neurodynamics.information import NEEDED, optional_packages, report

ROOT = Path(__file__).parents[2]


def test_versions_are_those_of_the_packages():
    rows = report()
    assert {name: rows[name] for name in NEEDED} == {name: importlib.metadata.version(name) for name in NEEDED}
    assert rows["Python"].startswith(platform.python_version())
    assert f"numba {numba.config.NUMBA_NUM_THREADS}" in rows["threads"]
    assert "blas" in rows["BLAS"].lower() or "mkl" in rows["BLAS"].lower() or "accelerate" in rows["BLAS"].lower()


def test_the_folders_are_those_where_kernels_are_kept():
    """A run compiled its kernels or read them: either way the files are there, and their number is that of the disk."""
    simulate(CTRNN([[0.5]]), 0.1, [0.0])
    folders = cache_folders()
    files = [file for folder in folders for file in folder.glob("*.nbc")]
    assert any(file.name.startswith("taylor.") for file in files)
    assert report()["machine code"].startswith(f"{len(files)} files in {len(folders)} folders")


def test_the_folder_of_the_environment_is_told(tmp_path):
    """In a process of its own, where nothing is kept yet."""
    command = [sys.executable, "-m", "neurodynamics", "--info"]
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert f"NUMBA_CACHE_DIR={tmp_path}" in answer.stdout
    assert "machine code       0 files" in answer.stdout


def test_all_packages_are_looked_through():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]
    assert {f"{package}*" for package in PACKAGES} == set(settings["include"])


def test_extras_are_those_for_users():
    assert {"tqdm", "networkx", "cma"} <= set(optional_packages())
    assert not {"pytest", "ruff"} & set(optional_packages())


def test_without_an_option_it_says_what_there_is(capsys):
    main([])
    assert "--info" in capsys.readouterr().out
