"""README.md keeps its word: examples run, commands are those that .ci/run runs, links lead somewhere."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
LARGEST_PICTURE = 100_000


def blocks(page, language):
    """The code blocks of a page in one language, each with the number of lines above its first."""
    text = page.read_text(encoding="utf-8")
    pattern = re.compile(rf"^```{language}\n(.*?)^```$", re.DOTALL | re.MULTILINE)
    return [(text.count("\n", 0, match.start(1)), match[1]) for match in pattern.finditer(text)]


def run_examples(page):
    """Run the examples of a page in order, in one namespace, with line numbers of the page in error messages."""
    names = {"__name__": "__main__"}
    for above, source in blocks(page, "python"):
        exec(compile("\n" * above + source, str(page), "exec"), names)
    plt.close("all")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_examples(page)


def test_a_wrong_example_is_found(tmp_path):
    """The control of the test above, with the line of the page in the traceback."""
    page = tmp_path / "page.md"
    page.write_text("# Title\n\n```python\nx = 1\n```\n\ntext\n\n```python\nassert x == 2\n```\n", encoding="utf-8")
    with pytest.raises(AssertionError) as caught:
        run_examples(page)
    assert caught.traceback[-1].lineno + 1 == 10


def test_there_are_two_commands_of_one_line_and_ci_runs_the_second():
    commands = [source.strip() for _, source in blocks(ROOT / "README.md", "sh")]
    assert len(commands) == 2
    assert all("\n" not in command and command.startswith("python3 -m venv .venv && ") for command in commands)
    assert commands[0].endswith(".venv/bin/python -m demos")
    lines = [line.strip() for line in (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()]
    assert lines.count(commands[1]) == 1


def test_ci_run_can_be_run():
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


def test_extras_that_are_named_exist():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = {name for page in PAGES for name in re.findall(r'"\.\[(\w+)\]"', page.read_text(encoding="utf-8"))}
    assert {"test", "bench"} <= named <= set(extras)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert not missing


def test_pictures_are_small():
    pictures = sorted((ROOT / "docs/images").glob("*.png"))
    assert pictures
    assert all(picture.stat().st_size < LARGEST_PICTURE for picture in pictures)
