import pytest

from neuroevolution import load_run


def test_foreign_files_are_refused(tmp_path):
    (tmp_path / "a").write_bytes(b"something else")
    with pytest.raises(ValueError, match="is not an"):
        load_run(tmp_path / "a")
