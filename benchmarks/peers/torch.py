"""PyTorch on the processor: a batch of networks, one Python iteration a step."""

from __future__ import annotations

import importlib.util

import numpy as np

from ..case import Case, Run
from ..workloads import Population

PACKAGE = "torch"
DTYPES = ("float64", "float32")
SHARE = 0.1  # of the steps that are asked for
LEAST = 1000

STARTUP = """
import torch
W = torch.randn(3, 3)
y = torch.zeros(3)
for _ in range(1000):
    y = y + 0.1 * (W @ torch.tanh(y) - y)
"""


def available() -> bool:
    return importlib.util.find_spec("torch") is not None


def population(pop: Population) -> list[Case]:
    steps = min(pop.steps, max(LEAST // 2, int(SHARE * pop.steps)))
    few, share = pop.lasting(steps), steps / pop.steps
    return [Case(f"torch {dtype}", lambda dtype=dtype: _run(few, dtype), cores=0, share=share) for dtype in DTYPES]


def _run(pop: Population, dtype: str) -> Run:
    import torch

    W, b, tau, y0 = (torch.as_tensor(a).to(getattr(torch, dtype)) for a in (pop.W, pop.b, pop.tau, pop.y0))
    rate = pop.dt / tau

    def run() -> np.ndarray:
        y = y0
        with torch.no_grad():
            for _ in range(pop.steps):
                o = torch.sigmoid(y + b)
                drive = o @ W.T if pop.shared else torch.bmm(W, o.unsqueeze(2)).squeeze(2)
                y = torch.addcmul(y, rate, drive - y)
        return y.numpy()

    return run


def gradients(pop: Population) -> list[Case]:
    return [Case("torch float64", lambda: _back(pop), cores=0)]


def gradient_batches(pop: Population) -> list[Case]:
    return [Case("torch float64, one batch", lambda: _back_together(pop), cores=0)]


def _back_together(pop: Population) -> Run:
    import torch

    W, b, tau, y0 = (torch.as_tensor(a).to(torch.float64) for a in (pop.W, pop.b, pop.tau, pop.y0))
    W, b = (each.clone().requires_grad_() for each in (W, b))
    rate = pop.dt / tau

    def run() -> list[np.ndarray]:
        y = y0
        for _ in range(pop.steps):
            y = torch.addcmul(y, rate, torch.sigmoid(y + b) @ W.T - y)
        loss = torch.mean(torch.sigmoid(y + b) ** 2)
        return [each.numpy() for each in torch.autograd.grad(loss, (W, b))]

    return run


def _back(pop: Population) -> Run:
    import torch

    W, b, tau, y0 = (torch.as_tensor(a[0]).to(torch.float64) for a in (pop.W, pop.b, pop.tau, pop.y0))
    W, b = (each.clone().requires_grad_() for each in (W, b))
    rate = pop.dt / tau

    def run() -> list[np.ndarray]:
        y = y0
        for _ in range(pop.steps):
            y = torch.addcmul(y, rate, W @ torch.sigmoid(y + b) - y)
        loss = torch.mean(torch.sigmoid(y + b) ** 2)
        return [each.numpy() for each in torch.autograd.grad(loss, (W, b))]

    return run
