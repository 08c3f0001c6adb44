"""Graded recall of one noisy pattern in a process of its own: ``python -m benchmarks.large_recall RULE N P``."""

from __future__ import annotations

import json
import sys
import time

from .probe import _forget_peak, _status

TOLERANCE = 1e-8
NOISE = 0.1


def measure(rule: str, size: int, count: int) -> dict[str, float]:
    """Return seconds, peak memory of the whole process in bytes, and how near to rest the probe came."""
    from hopfield import GradedHopfield, patterns

    warm = patterns.random(2, 3000, rng=0)
    GradedHopfield.from_patterns(warm, rule).recall(warm[0])
    xi = patterns.random(count, size, rng=0)
    probe = patterns.flip(xi[0], NOISE, rng=1)
    _forget_peak()
    times = [time.perf_counter(), time.process_time()]
    network = GradedHopfield.from_patterns(xi, rule)
    times += [time.perf_counter(), time.process_time()]
    r = network.recall(probe, tolerance=TOLERANCE)
    times += [time.perf_counter(), time.process_time()]
    return {
        "learning": times[2] - times[0],
        "recall": times[4] - times[2],
        "recall_cpu": times[5] - times[3],
        "steps": float(r.sweeps[0]),
        "residual": float(r.residuals[0]),
        "overlap": float(r.overlaps[0, 0]),
        "peak": _status("VmHWM"),
        "patterns": float(network.couplings.left.nbytes),
    }


if __name__ == "__main__":
    rule, size, count = sys.argv[1:]
    print(json.dumps(measure(rule, int(size), int(count))))
