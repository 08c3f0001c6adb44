"""Klinotaxis: against the paper's rules in plain numpy with whole histories, and what its networks achieve."""

from __future__ import annotations

import numpy as np
import pytest

from ctrnn import evaluate
from neuroevolution import tasks

FOUND = [-0.3, 0.99, 0.2, -0.73, 0.94, -0.9, -0.03, 0.51]  # by CMA-ES


def crawl(net, heading, phase, steepness, steps, *, window=42, before=42):
    """Five steps of the network, then the worm turns, moves and tastes; windows are means over lists."""
    y, place, u, score = np.zeros(2), np.array([-4.5, 0.0]), np.array([0, 0, np.sin(phase)]), []
    tasted, course = [-4.5 * steepness] * 100, []
    for k in range(steps):
        for _ in range(5):
            o = 1 / (1 + np.exp(-(y + net.biases)))
            y = y + 0.01 * (-y + net.weights @ o + net.input_weights @ u) / net.time_constants
        o = 1 / (1 + np.exp(-(y + net.biases)))
        heading += 0.05 * 2 * (o[1] - o[0])
        place = place + 0.05 * 0.022 * np.array([np.cos(heading), np.sin(heading)])
        tasted.append(-steepness * np.hypot(*place))
        change = np.mean(tasted[-window:]) - np.mean(tasted[-window - before : -window])
        u = np.array([max(change, 0), max(-change, 0), np.sin(phase + 2 * np.pi / 4.2 * (k + 1) * 0.05)])
        score.append(1 - np.hypot(*place) / 4.5)
        course.append([*place, heading])
    return np.array(course).T, np.mean(score)


@pytest.fixture(scope="module")
def worm():
    return tasks.Klinotaxis()


def test_a_worm_follows_the_papers_rules(worm, rng):
    genotype = worm.genotype()
    for genes in (FOUND, genotype.random(1, rng)[0]):
        net = genotype.network(genes)
        loop = evaluate(net, worm, duration=40, dt=0.01, substeps=5, rng=3, record=(0, 0)).solution
        course, score = crawl(net, *loop.state[2:5, 0], 800)
        np.testing.assert_allclose(loop.state[:3, 1:], course, rtol=0, atol=1e-9)  # 1500 times a difference of sums
        np.testing.assert_allclose(loop.state[:2, 1:101], course[:2, :100], rtol=0, atol=1e-12)
        assert loop.scores[0, -1] == pytest.approx(score, abs=1e-10)


def test_windows_are_parameters(worm):
    net = worm.genotype().network(FOUND)
    task = worm.with_params({"window": 0.5, "before": 4.2})
    loop = evaluate(net, task, duration=20, dt=0.01, substeps=5, rng=3, record=(0, 0)).solution
    course, _ = crawl(net, *loop.state[2:5, 0], 400, window=10, before=84)
    np.testing.assert_allclose(loop.state[:3, 1:], course, rtol=0, atol=1e-9)


def test_a_worm_finds_the_peak_by_its_cells(worm):
    """The paper's best networks reach 3/4 as well."""
    net = worm.genotype().network(FOUND)
    blind = net.replace(input_weights=net.input_weights * [0, 0, 1])  # the control: it only undulates
    found, lost = (evaluate(each, worm.genotype().task(FOUND), **worm.standard, rng=1).scores for each in (net, blind))
    assert found.min() > 0.6
    assert found.mean() > 0.7
    assert lost.mean() < 0.1


def test_the_two_neurons_are_alike_but_for_the_phase(worm):
    net = worm.genotype().network([0.1, 0.2, 0.3, 0.4, 0.5, 0, 0, 0])
    np.testing.assert_array_equal(net.input_weights[0], net.input_weights[1] * [1, 1, -1])
    assert net.weights[0, 0] == net.weights[1, 1] == pytest.approx(1.5)
    assert net.weights[0, 1] == net.weights[1, 0] == 0
    assert net.input_weights[0] == pytest.approx([450, 600, 11.25])
