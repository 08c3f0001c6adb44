"""Results in notebooks: every record that a public function returns has the one table."""

import dataclasses
import html.parser
import importlib
import inspect
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from neurodynamics import Status
from neurodynamics.records import LONGEST, Record

NAMES = [line.split() for line in (Path(__file__).parents[1] / "data/public_names.txt").read_text().splitlines()]
MODELS = {"Activation", "Automaton", "FlowGraph", "PushdownNetwork", "Recursive"}  # what users compute with: no results


@dataclass(frozen=True)
class Found(Record):
    status: Status
    value: float
    states: np.ndarray
    message: str
    certain: bool = True
    inside: object = None
    _kept: int = 3


class Cells(html.parser.HTMLParser):
    """The texts of a table by tag, with what was escaped put back."""

    def __init__(self, source):
        super().__init__()
        self.texts, self.open = [], []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append((self.open[-1], data))


def test_scalars_and_shapes_are_rows_and_the_repr_is_the_caption():
    found = Found(Status.TIMEOUT, 1 / 3, np.zeros((2, 5)), "<b>a & b</b>", inside=object)
    table = Cells(found._repr_html_())
    words = [text for tag, text in table.texts if tag in ("th", "td")]
    assert words == ["status", "timeout", "value", "0.333333", "states", "array (2, 5)", "message", "<b>a & b</b>",
                     "certain", "True"]  # fmt: skip
    assert [text for tag, text in table.texts if tag == "caption"] == [repr(found)[:LONGEST]]
    assert table.open == []


def test_what_is_long_is_cut():
    source = Found(Status.SUCCESS, 0.0, np.zeros(1), "x" * 10_000)._repr_html_()
    assert len(source) < 2000


def records():
    """Return the frozen dataclasses that public functions name as what they return."""
    functions = [getattr(importlib.import_module(package), name) for package, name in NAMES]
    functions = [each for each in functions if inspect.isfunction(each)]
    returned = {each.__globals__.get(word) for each in functions
                for word in re.findall(r"\w+", str(each.__annotations__.get("return")))}  # fmt: skip
    kinds = [each for each in returned if dataclasses.is_dataclass(each) and each.__dataclass_params__.frozen]
    return sorted(kinds, key=lambda kind: kind.__qualname__)


@pytest.mark.parametrize("record", records(), ids=lambda record: record.__name__)
def test_every_result_of_a_public_function_is_a_record(record):
    expected = record.__name__ not in MODELS
    assert issubclass(record, Record) == expected, f"write `class {record.__name__}(Record)`: see neurodynamics/records.py"


def test_there_are_records():
    assert {"Solution", "FixedPoints", "LyapunovSpectrum", "Recall"} <= {each.__name__ for each in records()}
