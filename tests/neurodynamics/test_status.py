"""How a computation ended, in words and in exceptions."""

from __future__ import annotations

import pytest

from neurodynamics import Interrupted, Kind, Status


def test_ctrl_c_is_a_keyboard_interrupt():
    assert issubclass(Interrupted, KeyboardInterrupt)


@pytest.mark.parametrize("status", Status)
def test_a_status_is_a_success_or_says_what_to_try(status):
    assert status.success == (status >= 0)
    assert status.message.endswith((".", "follows."))


def test_kinds_are_their_names():
    assert [Kind(kind.value) for kind in Kind] == list(Kind)
    assert all(str(kind) == kind.value for kind in Kind)
