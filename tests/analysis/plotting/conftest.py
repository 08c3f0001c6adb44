"""Every test starts and ends without figures, and leaves matplotlib's settings as they were; what several of them draw."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from analysis import energy_landscape
from hopfield import GradedHopfield, patterns


@pytest.fixture(autouse=True)
def no_figures():
    settings = dict(mpl.rcParams)
    yield
    plt.close("all")
    assert dict(mpl.rcParams) == settings


@pytest.fixture(scope="session")
def letters():
    """The landscape of three letters."""
    return energy_landscape(GradedHopfield.from_patterns(patterns.letters("ABC", (9, 7)), gain=4.0), samples=200)
