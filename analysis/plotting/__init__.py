"""Pictures. Every function takes a result, draws on ``ax`` or on a new figure, and returns the axes; none calls show()."""

from analysis.plotting.agents import plot_dynamics_along, plot_lesions, plot_perturbations
from analysis.plotting.attractors import plot_attractors
from analysis.plotting.basin_fractions import plot_basin_sweep
from analysis.plotting.basins import plot_basins
from analysis.plotting.behaviour import plot_behaviour
from analysis.plotting.bifurcation_branches import plot_bifurcation_diagram, plot_fixed_point_branch
from analysis.plotting.bifurcation_planes import plot_bifurcation_chart, plot_bifurcation_curve, plot_bifurcation_sets
from analysis.plotting.couplings import plot_couplings
from analysis.plotting.covariant import plot_covariant_angles
from analysis.plotting.cycle_branches import plot_cycle_branch, plot_cycle_periods
from analysis.plotting.cycles import plot_limit_cycle, plot_multipliers
from analysis.plotting.delays import plot_characteristic_roots
from analysis.plotting.densities import plot_stationary_density
from analysis.plotting.energy import plot_energy
from analysis.plotting.ensemble import plot_ensemble
from analysis.plotting.equilibria import plot_equilibria, plot_fixed_points
from analysis.plotting.evolution import plot_comparison, plot_replicates, plot_run
from analysis.plotting.exponents import plot_lyapunov_spectrum, plot_mean_field
from analysis.plotting.films import animate_descent, animate_recall
from analysis.plotting.indicators import plot_alignment, plot_expansion, plot_fast_indicator, plot_zero_one
from analysis.plotting.landscape import plot_energy_path, plot_landscape
from analysis.plotting.learning import (
    plot_fit,
    plot_forced,
    plot_gradient_flow,
    plot_learned_fixed_points,
    plot_loss_landscape,
)
from analysis.plotting.lyapunov import plot_finite_time_field, plot_lyapunov_map, plot_transition_to_chaos
from analysis.plotting.manifold_surfaces import plot_manifold_surface
from analysis.plotting.memories import (
    plot_basin_radii,
    plot_capacity,
    plot_capacity_scaling,
    plot_damage,
    plot_recall,
    plot_recall_curve,
)
from analysis.plotting.nullcline import plot_nullcline
from analysis.plotting.pads import LetterPad, letter_pad
from analysis.plotting.palette import attractor_color, series_color
from analysis.plotting.panels import plot_time_panels
from analysis.plotting.patterns import plot_filmstrip, plot_patterns
from analysis.plotting.phase_plane import plot_phase_plane
from analysis.plotting.phase_portrait import plot_phase_portrait
from analysis.plotting.projection import plot_projection
from analysis.plotting.recurrence import plot_recurrence
from analysis.plotting.scenes import animate_behaviour, plot_frames
from analysis.plotting.separatrices import plot_separatrices
from analysis.plotting.slow_points import plot_slow_points
from analysis.plotting.solutions import plot_solution
from analysis.plotting.spectra import plot_correlation_sums, plot_order_parameter, plot_power_spectrum
from analysis.plotting.stochastic import plot_jump_run, plot_samples
from analysis.plotting.surface import plot_energy_surface
from analysis.plotting.sweep import plot_sweep
from analysis.plotting.sweep_diagram import plot_sweep_diagram
from analysis.plotting.synchrony import plot_arnold_tongues, plot_master_stability
from analysis.plotting.time_series import plot_time_series
from analysis.plotting.trajectory import plot_trajectory
from analysis.plotting.tree import plot_disconnectivity
from analysis.plotting.vector_field import plot_vector_field

__all__ = [
    "LetterPad",
    "animate_behaviour",
    "animate_descent",
    "animate_recall",
    "attractor_color",
    "letter_pad",
    "plot_alignment",
    "plot_arnold_tongues",
    "plot_attractors",
    "plot_basin_radii",
    "plot_basin_sweep",
    "plot_basins",
    "plot_behaviour",
    "plot_bifurcation_chart",
    "plot_bifurcation_curve",
    "plot_bifurcation_diagram",
    "plot_bifurcation_sets",
    "plot_capacity",
    "plot_capacity_scaling",
    "plot_characteristic_roots",
    "plot_comparison",
    "plot_correlation_sums",
    "plot_couplings",
    "plot_covariant_angles",
    "plot_cycle_branch",
    "plot_cycle_periods",
    "plot_damage",
    "plot_disconnectivity",
    "plot_dynamics_along",
    "plot_energy",
    "plot_energy_path",
    "plot_energy_surface",
    "plot_ensemble",
    "plot_equilibria",
    "plot_expansion",
    "plot_fast_indicator",
    "plot_filmstrip",
    "plot_finite_time_field",
    "plot_fit",
    "plot_fixed_point_branch",
    "plot_fixed_points",
    "plot_forced",
    "plot_frames",
    "plot_gradient_flow",
    "plot_jump_run",
    "plot_landscape",
    "plot_learned_fixed_points",
    "plot_lesions",
    "plot_limit_cycle",
    "plot_loss_landscape",
    "plot_lyapunov_map",
    "plot_lyapunov_spectrum",
    "plot_manifold_surface",
    "plot_master_stability",
    "plot_mean_field",
    "plot_multipliers",
    "plot_nullcline",
    "plot_order_parameter",
    "plot_patterns",
    "plot_perturbations",
    "plot_phase_plane",
    "plot_phase_portrait",
    "plot_power_spectrum",
    "plot_projection",
    "plot_recall",
    "plot_recall_curve",
    "plot_recurrence",
    "plot_replicates",
    "plot_run",
    "plot_samples",
    "plot_separatrices",
    "plot_slow_points",
    "plot_solution",
    "plot_stationary_density",
    "plot_sweep",
    "plot_sweep_diagram",
    "plot_time_panels",
    "plot_time_series",
    "plot_trajectory",
    "plot_transition_to_chaos",
    "plot_vector_field",
    "plot_zero_one",
    "series_color",
]
