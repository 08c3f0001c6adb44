"""Cycles of a flow while a parameter varies."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from analysis.bifurcations.cycle_plan import CyclePlan
from analysis.bifurcations.cycle_record import CycleBranch
from analysis.bifurcations.cycle_walk import LONGEST
from analysis.bifurcations.records import follows
from analysis.bifurcations.setting import Setting
from neurodynamics import DynamicalSystem, Interrupted, Status
from neurodynamics.validation import as_count, as_number

INTERVALS, POINTS, RTOL = 50, 500, 1e-9


@follows("branch of cycles")
def cycle_branch(
    system: DynamicalSystem,
    parameter: Any,
    bounds: ArrayLike,
    *,
    start: Any,
    inputs: Any = None,
    step: float | None = None,
    max_points: int | None = None,
    max_period: float | None = None,
    intervals: int | None = None,
    rtol: float | None = None,
    normal_forms: bool = False,
    timeout: float | None = None,
    progress: bool = False,
    on_interrupt: str = "raise",
) -> CycleBranch:
    """Follow a cycle of a flow, stable or not, while a parameter varies, and find its bifurcations.

    Cycles are solved by Gauss collocation of degree 4 on a mesh that adapts, and followed by pseudo-arclength. Folds of
    cycles (LPC), branch points (BP), period doublings (PD) and Neimark-Sacker points (NS) are located. The ends of a branch
    say why it ends there: at a Hopf point, at a homoclinic orbit, at a saddle-node on the cycle (SNIC), at the bounds, ..

    Parameters
    ----------
    system : DynamicalSystem
        A flow without `reset`.
    parameter : str or dict
        As in `fixed_point_branch`.
    bounds : array_like, shape (2,)
        Least and largest value.
    start : SpecialPoint, LimitCycle, or array_like of shape (N,)
        A Hopf point, from which the branch is followed in its one direction; a period doubling or branch point of cycles,
        at which the other branch is taken; a cycle at the value that `system` has, or a state that runs into one: these are
        followed in both directions.
    inputs : array_like, shape (M,), optional
        Constants.
    step : float, optional
        Longest step, relative to the size of the cycle, its period and the bounds; 0.25 by default.
    max_points : int, optional
        In each direction; 500 by default.
    max_period : float, optional
        Where to give up if the period grows without bound; 100 times the first one by default.
    intervals : int, optional
        Of the mesh, 50 by default. There are up to 400 where the cycle needs them.
    rtol : float, optional
        Relative error aimed at of the states at the mesh points; 1e-9 by default.
    normal_forms : bool
        Whether to compute normal forms of LPC, PD and NS, of the map between passages through a plane: about a second each.
    timeout : float, optional
        Seconds; what was found until then is returned, and the end of the branch says so.
    progress : bool
        Whether to show a progress bar (needs tqdm).
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with what was found as ``.result``, or returns it.

    Returns
    -------
    CycleBranch

    References
    ----------
    .. [1] Doedel, Keller & Kernevez (1991), Int. J. Bifurcation Chaos 1, 745.
    .. [2] Ascher, Mattheij & Russell (1995), Numerical Solution of Boundary Value Problems.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import cycle_branch, limit_cycle
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> branch = cycle_branch(net, "biases[0]", (-6, 0), start=limit_cycle(net, [0, 0]))
    >>> [str(end.kind) for end in branch.ends]
    ['Hopf', 'Hopf']
    >>> branch.at(-2.7)[0]  # doctest: +ELLIPSIS
    LimitCycle(limit_cycle, period 29.251608..., stable, largest multiplier 0.0020...)
    """
    setting = Setting.of(system, [parameter], [bounds], inputs, 1, None, None, None, normal_forms, timeout,
                         on_interrupt)  # fmt: skip
    if setting.family.is_map:
        raise ValueError("`system` must be a flow; cycles of a map are fixed points of its iterates: fixed_point_branch.")
    plan = CyclePlan(
        setting, LONGEST if step is None else as_number(step, "step", positive=True),
        POINTS if max_points is None else as_count(max_points, "max_points", minimum=1),
        INTERVALS if intervals is None else as_count(intervals, "intervals", minimum=5),
        RTOL if rtol is None else as_number(rtol, "rtol", positive=True),
        None if max_period is None else as_number(max_period, "max_period", positive=True),
    )  # fmt: skip
    branch = plan.follow(start, progress)
    if branch.status == Status.INTERRUPTED and on_interrupt == "raise":
        raise Interrupted(branch)
    return branch
