"""One function loads whatever a file holds."""

import pytest

from ctrnn import (
    load,
    random_ctrnn,
    simulate,
    simulate_ensemble,
)
from neurodynamics.files import npz


def test_load_returns_whatever_is_there(tmp_path, rng):
    net = random_ctrnn(2, rng)
    net.save(tmp_path / "a")
    simulate(net, 1, [0, 0]).save(tmp_path / "b")
    simulate_ensemble(net, 1, [[0, 0]], save="final").save(tmp_path / "c")
    assert [type(load(tmp_path / name)).__name__ for name in "abc"] == ["CTRNN", "Solution", "Ensemble"]
    npz.write(tmp_path / "d", "castle", {}, {})
    with pytest.raises(ValueError, match="holds a castle, which this release does not know"):
        load(tmp_path / "d")
