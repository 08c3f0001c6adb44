"""Memories with noise: Glauber's and Little's dynamics, Langevin flows, annealing, parameters that jump."""

from hopfield.stochastic.chain_maps import noisy_map
from hopfield.stochastic.escape import Escape, escape_rate
from hopfield.stochastic.exponents import JumpExponents, jump_exponents
from hopfield.stochastic.generators import occupancy
from hopfield.stochastic.jumps import JumpRun, MarkovJump
from hopfield.stochastic.langevin import Langevin
from hopfield.stochastic.laws import all_states, stationary_law, transition_matrix
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
