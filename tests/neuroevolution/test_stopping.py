from neuroevolution import Stop


def test_rules_combine():
    a, b = Stop(mse=0.1), Stop(stagnation=5)
    assert not (a & b).reason({"mse": 0.05, "stagnation": 2})
    assert (a | b).reason({"mse": 0.05, "stagnation": 2}) == "mse = 0.1 reached"
