"""Parts come back in any order, in time, and each once: whatever maps."""

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.pool import ThreadPool

import numpy as np
import pytest

from neurodynamics.mapping import Workers, answers, workers_of


def square(part, seconds):
    return part**2


def test_answers_are_those_of_their_parts_in_any_order():
    expected = dict(enumerate(k**2 for k in range(5)))
    assert dict(answers(None, square, range(5))) == expected
    assert dict(answers(lambda f, parts: [*map(f, parts)][::-1], square, range(5))) == expected
    with ThreadPoolExecutor(2) as pool:
        assert dict(answers(pool.map, square, range(5))) == expected
    assert [*answers(None, square, [])] == []


@pytest.mark.parametrize(("wrong", "what"), [
    (lambda f, parts: None, "5 of 5 did not come"),
    (lambda f, parts: map(f, parts[1:]), "1 of 5 did not come"),
    (lambda f, parts: [f(parts[0]), f(parts[0])], "one came twice"),
    (lambda f, parts: [each[1] for each in parts], "among them came 0"),
])  # fmt: skip
def test_what_does_not_map_is_refused(wrong, what):
    with pytest.raises(TypeError, match=f"`workers` must map.*{what}"):
        list(answers(wrong, square, range(5)))


def test_parts_know_their_time_and_late_ones_are_left_out():
    def slowly(part, seconds):
        time.sleep(0.05)
        return seconds

    for mapper, least in ((None, 2), (map, 1)):
        found = dict(answers(mapper, slowly, range(20), time.perf_counter() + 0.15))
        assert least <= len(found) <= 3
        assert found[0] <= 0.15
        assert (np.diff([found[k] for k in sorted(found)]) < -0.04).all()


def test_who_works():
    class Client:
        def get_executor(self):
            return self.pool

    assert workers_of(3) == workers_of(np.int64(3)) == Workers(3, None)
    assert workers_of(-1) == workers_of(None)
    assert workers_of(map) == Workers(1, map)
    with ThreadPoolExecutor(1) as pool:
        assert workers_of(pool) == Workers(1, pool.map)
        client = Client()
        client.pool = pool
        assert workers_of(client) == Workers(1, pool.map)
    with ThreadPool(1) as pool:
        assert workers_of(pool) == Workers(1, pool.imap_unordered)
    for wrong in ("2", 2.5, True, [map]):
        with pytest.raises(TypeError, match="`workers` must be a number of threads or something that maps"):
            workers_of(wrong)
    for wrong in (0, -2):
        with pytest.raises(ValueError, match="`workers` must be at least 1"):
            workers_of(wrong)


def fails(part, seconds):
    raise ZeroDivisionError("of the work")


def test_what_fails_on_the_way_is_said_with_the_names_of_the_arguments():
    """And what the work raises is raised as it is, from other processes as well."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
        with pytest.raises(TypeError, match=r"`task` cannot be sent to other processes, as `engine` needs: .*lambda"):
            list(answers(pool.map, square, [lambda: 1], name="engine", sent={"genotype": 1, "task": lambda: 1}))
        for mapper in (None, map, pool.map):
            with pytest.raises(ZeroDivisionError, match="of the work"):
                list(answers(mapper, fails, [1, 2]))
    with pytest.raises(RuntimeError, match="`engine` did not map the work: RuntimeError: cannot schedule new futures"):
        list(answers(pool.map, square, [1], name="engine", sent={"task": lambda: 1}))
    with pytest.raises(RuntimeError, match="`workers` did not map the work: TypeError: list expected"):
        list(answers(list, square, [1]))
