"""Memories with noise: Glauber's and Little's dynamics, Langevin flows, annealing, parameters that jump."""

from hopfield.stochastic.escape import Escape, escape_rate
from hopfield.stochastic.exponents import JumpExponents, jump_exponents
from hopfield.stochastic.jumps import JumpRun, MarkovJump
from hopfield.stochastic.langevin import Langevin
from hopfield.stochastic.laws import all_states, stationary_law, transition_matrix
from hopfield.stochastic.noisy_map import noisy_map
from hopfield.stochastic.occupancy import occupancy
from hopfield.stochastic.sampling import Samples, anneal, cooling, sample

__all__ = [
    "Escape",
    "JumpExponents",
    "JumpRun",
    "Langevin",
    "MarkovJump",
    "Samples",
    "all_states",
    "anneal",
    "cooling",
    "escape_rate",
    "jump_exponents",
    "noisy_map",
    "occupancy",
    "sample",
    "stationary_law",
    "transition_matrix",
]
