"""A hundred neurons lose stability, one mode after the other, as their gain grows."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from analysis import fixed_point_branch
from ctrnn import CTRNN


def figure(size: int = 100, largest: float = 1.6) -> Figure:
    """The spectrum at three gains, and the number of unstable directions with the bifurcations."""
    weights = np.random.default_rng(0).standard_normal((size, size)) / np.sqrt(size)
    network = CTRNN(weights, activation="tanh", gains=0.9)
    branch = fixed_point_branch(network, "gains", (0.5, largest), start=np.zeros(size), normal_forms=False, step=0.1)
    fig = plt.figure(figsize=(11, 4.4), layout="constrained")
    plane, count = fig.subplots(1, 2, width_ratios=(1, 1.5))
    for color, gain in zip(("#0072B2", "#009E73", "#D55E00"), (0.5, 1.0, largest), strict=True):
        values = branch.eigenvalues[int(np.argmin(np.abs(branch.values - gain)))]
        plane.plot(values.real, values.imag, ".", color=color, label=f"gain {gain:g}")
    plane.axvline(0.0, color="#222222", linewidth=0.8)
    plane.set(xlabel="real part", ylabel="imaginary part", aspect="equal")
    plane.set_title("eigenvalues of the state of rest", loc="left")
    plane.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=3, frameon=False, fontsize="small")
    changes = branch.points.of_kind("BP", "H")
    places = [0.5, *(point.value for point in changes), largest]
    heights = np.cumsum([0, *(2 if point.kind == "H" else 1 for point in changes)])
    count.stairs(heights, places, baseline=None, color="#222222")
    for kind, marker, name in (("BP", "D", "branch point"), ("H", "o", "Hopf")):
        of_kind = [k for k, point in enumerate(changes) if point.kind == kind]
        count.plot([places[k + 1] for k in of_kind], heights[:-1][of_kind], marker, color="white", markeredgecolor="#222222",
                   label=name)  # fmt: skip
    count.set(xlabel="gain g", ylabel="unstable directions", xlim=(0.5, largest))
    count.legend(frameon=False)
    return fig
