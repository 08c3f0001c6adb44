"""Zeros of event functions inside a step, found on its interpolant; compiled for runs that have events.

Each function is sampled along the step. An interval is done with where the differences of four samples show that the
function is monotone in it, or leave no room for an extremum that reaches zero; any other is halved. So a function that
touches zero or crosses it twice is found as well, however long the step.
"""

from __future__ import annotations

import numpy as np

from neurodynamics.compiling import call_reset, copy_to, interpolant_at, kernel, offset
from neurodynamics.methods import protocol as P
from neurodynamics.methods.frame import no_doubles
from neurodynamics.methods.output import NOTHING, RESTART, STOP, Step
from neurodynamics.methods.protocol import crossed, event_values, log_event, problem_of, trajectory_of

DEEPEST = 26  # halvings of a step: an extremum is flat to rounding on what is left
MOST_SAMPLES = 400  # of a function in one scan, for those that are nothing but rounding
CLOSEST = 44  # halvings of a step after which a function that starts at zero may first show its sign
EARLY = 2.0**-6  # of a step: when it is seen whether a function leaves its zero as t or as t^2
ROOT_ITERATIONS = 100
SAME = 64.0  # spacings of the time within which zeros of a function are one
SHRINKS_TO, SHRINKING = 0.999, 10  # gaps between resets, and how many in a row, that accumulate ..
SHRUNK = 1e-3  # share of the first gap below which they may get lost in the tolerance
BURST = 1000  # .. or so many resets ..
MOMENT = 1e-10  # .. within this share of the time that has passed


@kernel
def locate(frame, t, h, t_new, t_ref, y, y_new, q, degree, z):
    """Find the zeros inside the step and log them in order, up to the first that ends the step; its state is in z."""
    problem, trajectory = problem_of(frame, no_doubles()), trajectory_of(frame, no_doubles())
    step = Step(t, h, t_new, t_ref, y, y_new, q, degree, z)
    count, events = trajectory.count, trajectory.events
    before, after, roots = events.before, events.after, events.roots
    if not _first_roots(problem, trajectory, step):
        copy_to(y, problem.width, z)
        trajectory.clock[P.T_EVENT] = t
        return P.ACCUMULATED
    while True:
        first = 0
        for e in range(events.count):
            if roots[e] < roots[first]:
                first = e
        x = roots[first]
        if x == np.inf:
            break
        time = _values_at(x, problem, events, step)
        log_event(time, first, step.z, problem.n, trajectory)
        stops = events.terminal[first] != 0
        if stops or problem.functions[P.RESET] != 0 or count[P.LOGGED] >= events.room:
            trajectory.clock[P.T_EVENT] = time
            count[P.EVENT] = first
            trajectory.clock[P.CAME] = _came(before[first], events.directions[first])
            for e in range(events.count):
                if e == first or not crossed(before[e], after[e], events.directions[e]):
                    before[e] = after[e]  # else zero at the same time: its turn comes in a step from here
            return STOP if stops else RESTART
        same = x + SAME * np.spacing(max(abs(step.t), abs(step.t_new))) / abs(step.h)
        for _ in range(ROOT_ITERATIONS):  # the rounding of the function crosses zero to and fro
            if roots[first] > same:
                break
            _values_at(roots[first], problem, events, step)
            value = after[first] if after[first] != 0.0 else _leaving(roots[first], first, problem, events, step)
            roots[first] = _next_root(roots[first], value, first, problem, events, step)
    _values_at(1.0, problem, events, step)
    copy_to(after, events.count, before)
    return NOTHING


@kernel
def _values_at(x, problem, events, step):
    """Evaluate the event functions at the fraction x of the step; return its time, and leave its state in z."""
    time = step.t + x * step.h
    if x == 1.0 or (time - step.t_new) * step.h > 0.0:
        time = step.t_new
    if x == 1.0:
        copy_to(step.y_new, problem.width, step.z)
    else:
        interpolant_at(step.y, step.q, step.degree, x, problem.width, step.z)
    event_values(problem, events, time, step.t_ref, step.z, events.after)
    return time


@kernel
def _leaving(x, e, problem, events, step):
    """The value of an event function just after the fraction x, where it is zero."""
    for k in range(CLOSEST, 0, -1):
        _values_at(x + (1.0 - x) * 2.0**-k, problem, events, step)
        if events.after[e] != 0.0:
            break
    return events.after[e]


@kernel
def _came(before, direction):
    """The sign with which an event function came to a zero that it crosses in a direction, 0: either."""
    return -1.0 if direction > 0 or (direction == 0 and before < 0.0) else 1.0


@kernel
def _tangential(e, problem, events, step):
    """Whether an event function that is zero at the start of the step leaves it without speed: not in proportion to time."""
    _values_at(2.0 * EARLY, problem, events, step)
    later = abs(events.after[e])
    _values_at(EARLY, problem, events, step)
    return later > 3.0 * abs(events.after[e])


@kernel
def _first_roots(problem, trajectory, step):
    """Put the first zero of each function into `roots`; most are far from any, which three samples of a half show.

    Return False where resets that accumulate have become too small for the tolerance: the solution does not come back; and
    where a reset has left no speed at all, and the solution goes on through the zero: the next reset would be there at once.
    """
    events, clock, number = trajectory.events, trajectory.clock, trajectory.count[P.EVENT]
    before, samples, roots, count = events.before, events.samples, events.roots, events.count
    for e in range(count):
        if before[e] == 0.0:
            before[e] = _leaving(0.0, e, problem, events, step)
            ever_faster = trajectory.count[P.SHRINKING] >= SHRINKING and clock[P.GAP] < SHRUNK * clock[P.FIRST_GAP]
            through = e == number and crossed(clock[P.CAME], before[e], events.directions[e])
            if through and (ever_faster or _tangential(e, problem, events, step)):
                return False
    for k in range(1, 7):
        _values_at(k / 6.0, problem, events, step)
        copy_to(events.after, count, offset(samples, (k - 1) * count))
    for e in range(count):
        half, end = samples[2 * count + e], samples[5 * count + e]
        left = _is_clear(before[e], samples[e], samples[count + e], half)
        right = _is_clear(half, samples[3 * count + e], samples[4 * count + e], end)
        same = before[e] * half > 0.0 and half * end > 0.0
        roots[e] = np.inf if left and right and same else _next_root(0.0, before[e], e, problem, events, step)
    return True


@kernel
def _next_root(start, value, e, problem, events, step):
    """The fraction of the first zero of event e after `start`, whence it comes with that value; infinite without."""
    g, direction, span = events.after, events.directions[e], 1.0 - start
    level, k, left, taken = 1, 0, value, 0
    while True:
        width = span * 2.0**-level
        low = start + k * width
        high = 1.0 if k + 1 == 2**level else low + width
        first, second = low + width / 3.0, low + 2.0 * width / 3.0
        _values_at(first, problem, events, step)
        a = g[e]
        _values_at(second, problem, events, step)
        b = g[e]
        _values_at(high, problem, events, step)
        right = g[e]
        taken += 3
        if not _is_clear(left, a, b, right) and level < DEEPEST and taken < MOST_SAMPLES:
            level += 1
            k *= 2
            continue
        if crossed(left, a, direction):
            return _root(e, low, left, first, a, problem, events, step)
        if crossed(a, b, direction):
            return _root(e, first, a, second, b, problem, events, step)
        if crossed(b, right, direction):
            return _root(e, second, b, high, right, problem, events, step)
        left = right
        k += 1
        while k % 2 == 0:
            k //= 2
            level -= 1
        if level == 0:
            return np.inf


@kernel
def _is_clear(a, b, c, d):
    """Whether four equidistant samples tell how often a function is zero between them: monotone, or far from zero."""
    first, second, third = b - a, c - b, d - c
    bend = max(abs(second - first), abs(third - second)) + 2.0 * abs(third - 2.0 * second + first)
    if not bend < np.inf:  # NaN or infinite: what is before is looked for, where there is any
        return not (abs(a) < np.inf or abs(b) < np.inf or abs(c) < np.inf or abs(d) < np.inf)
    slowest = min(abs(first), abs(second), abs(third))
    monotone = first * second > 0.0 and second * third > 0.0 and slowest > 0.5 * bend
    same = (a > 0.0 and b > 0.0 and c > 0.0 and d > 0.0) or (a < 0.0 and b < 0.0 and c < 0.0 and d < 0.0)
    nothing = a == 0.0 and b == 0.0 and c == 0.0 and d == 0.0
    return monotone or nothing or (same and min(min(abs(a), abs(b)), min(abs(c), abs(d))) > 0.25 * bend)


@kernel
def _root(e, low, left, high, right, problem, events, step):
    """The zero of event e between two fractions of the step, by regula falsi (Illinois), safeguarded by bisection."""
    g = events.after
    side = 0
    for k in range(ROOT_ITERATIONS):
        if right == 0.0 or (high - low) * abs(step.h) <= 2.0 * np.spacing(abs(step.t + high * step.h)):
            break
        x = high - right * (high - low) / (right - left)
        if k % 3 == 2 or not low < x < high:
            x = 0.5 * (low + high)
        if not low < x < high:
            break
        _values_at(x, problem, events, step)
        if g[e] == 0.0:
            high, right = x, 0.0
        elif (g[e] > 0.0) == (right > 0.0):
            high, right = x, g[e]
            if side == 1:
                left *= 0.5
            side = 1
        else:
            low, left = x, g[e]
            if side == -1:
                right *= 0.5
            side = -1
    return high


# Resets --------------------------------------------------------------------------------------------------------------


@kernel
def restart(frame, event, t, t_ref, y, z):
    """Reset y after an event; return whether resets accumulate.

    Where the reset did not move an event function away from its zero, its value before counts as zero, so that the same
    event is not seen again; another function that was zero at the same time keeps the sign it came with, and is seen.
    """
    problem, trajectory = problem_of(frame, y), trajectory_of(frame, y)
    events, n, drive = trajectory.events, problem.n, problem.drive
    before, after, came = events.before, events.after, events.roots
    copy_to(before, events.count, came)
    event_values(problem, events, t, t_ref, y, after)  # leaves the inputs at this time
    call_reset(problem.functions[P.RESET], event, t, y, n, drive.u, drive.m, problem.params, problem.p, z)
    copy_to(z, n, y)
    event_values(problem, events, t, t_ref, y, before)
    if abs(before[event]) <= abs(after[event]):
        before[event] = 0.0
    for e in range(events.count):
        if e != event and crossed(came[e], after[e], events.directions[e]) and before[e] * came[e] <= 0.0:
            before[e] = came[e]
    return 1 if _accumulate(trajectory, t) else 0


@kernel
def _accumulate(trajectory, t):
    """Whether resets follow each other faster and faster, with no end before a finite time (Zeno)."""
    clock, count = trajectory.clock, trajectory.count
    gap = abs(t - clock[P.T_RESET])
    moment = MOMENT * abs(t - clock[P.T_BEGIN])
    clock[P.T_RESET] = t
    count[P.BURST] = 0 if gap > moment else count[P.BURST] + 1
    if gap > 0.0:
        count[P.SHRINKING] = count[P.SHRINKING] + 1 if gap <= SHRINKS_TO * clock[P.GAP] else 0
        if count[P.SHRINKING] == 0:
            clock[P.FIRST_GAP] = gap
        clock[P.GAP] = gap
    ever_faster = count[P.SHRINKING] >= SHRINKING and 0.0 < gap < moment
    return ever_faster or count[P.BURST] > BURST + 10 * trajectory.events.count
