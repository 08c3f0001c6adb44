"""Steps of networks with delays, impulses and parameters that jump, compiled."""

from __future__ import annotations

import numpy as np

from neurodynamics.compiling import call, kernel, offset, pointer
from neurodynamics.inputs import fill_normal, uniform_pair

OF_THE_CHAIN = 0xFFFFFFFF  # index of the random number for the mode, beyond those for the noise


@kernel
def advance(rhs, params, leaks, noise, chances, factor, u, h, gap, key, member, first, count, stop, past, modes):
    """Steps number first .. first + count - 1 of each path.

    x += h [rhs_r(x delayed) + leak_r (x delayed - x)] + sqrt(h) noise_r xi: leaks see the present, all else the past. Rows
    of ``past`` are a ring: step k is in row k mod (lag + 1). Impulses come after each ``gap`` steps; then the mode jumps.
    """
    paths, ring, n = past.shape
    p, f, w, x = params.shape[1], np.empty(n), np.empty(n), np.empty(n)
    for b in range(paths):
        for step in range(first, first + count):
            if stop[0]:
                return
            r, now, old = modes[b], past[b, step % ring], past[b, (step + 1) % ring]
            call(rhs[r], step * h, pointer(old), n, pointer(u), u.size, offset(pointer(params), r * p), p, pointer(f), n)
            fill_normal(key, member + b, step, n, 1, w)
            for i in range(n):
                x[i] = now[i] + h * (f[i] + leaks[r, i] * (old[i] - now[i])) + np.sqrt(h) * noise[r, i] * w[i]
            new = past[b, (step + 1) % ring]
            for i in range(n):
                new[i] = x[i]
            if gap > 0 and (step + 1) % gap == 0:
                for i in range(n):
                    new[i] = 0.0
                    for j in range(n):
                        new[i] += factor[i, j] * x[j]
            chance = uniform_pair(key, member + b, step, OF_THE_CHAIN)[0] * chances[r, -1]
            r = 0
            while chance > chances[modes[b], r]:
                r += 1
            modes[b] = r
