"""A network and its discrete twins: where Euler's step follows the flow, and where it makes a cycle of its own."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import fixed_points, plotting
from ctrnn import CTRNN, discretise, simulate
from neurodynamics import simulate_ensemble

NET = CTRNN([[-10.0]])
SPURIOUS = 0.8450685  # Euler's step from which the rest of this neuron is unstable, 2/|J|


def figure(steps: int = 60, duration: float = 8.0) -> Figure:
    """The flow and two methods at a long step; what Euler's map settles on over the step; errors of both methods."""
    fig, axes = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    t = np.linspace(0, duration, 300)
    axes[0].plot(t, simulate(NET, duration, [1.0], t_eval=t).y[0], color="#222222", label="flow")
    for k, method in enumerate(("euler", "exponential_euler")):
        sol = simulate(discretise(NET, method, 1.0), int(duration), [1.0])
        axes[0].plot(sol.t, sol.y[0], ".--", color=plotting.series_color(k), label=f"{method.replace('_', ' ')}, dt = 1")
    axes[0].set(xlabel="time", ylabel="state", title="one neuron that inhibits itself")
    axes[0].legend(frameon=False)

    dts = np.linspace(0.5, 1.2, steps)
    for k, method in enumerate(("euler", "exponential_euler")):
        twin = simulate_ensemble(discretise(NET, method, 1.0), 400, [1.0], params={"dt": dts})
        axes[1].plot(np.repeat(dts, 2), np.ravel(twin.y[:, 0, -2:]), ".", markersize=4, color=plotting.series_color(k),
                     label=method.replace("_", " "))  # fmt: skip
    axes[1].axvline(SPURIOUS, linestyle="--", color="#888888", label=f"dt = {SPURIOUS:g}")
    axes[1].axhline(fixed_points(NET).x[0, 0], linewidth=0.8, color="#222222")
    axes[1].set(xlabel="step dt", ylabel="last two states", title="a cycle that the flow does not have")
    axes[1].legend(frameon=False)

    exact = simulate(NET, 1.0, [1.0], rtol=1e-12, atol=1e-14).final[0]
    for k, method in enumerate(("euler", "exponential_euler")):
        dts = 2.0 ** -np.arange(4, 12)
        errors = [abs(simulate(NET, 1.0, [1.0], method=method, dt=dt).final[0] - exact) for dt in dts]
        axes[2].loglog(dts, errors, ".-", color=plotting.series_color(k), label=method.replace("_", " "))
    axes[2].set(xlabel="step dt", ylabel="error at t = 1", title="both are of first order")
    axes[2].legend(frameon=False)
    return fig
