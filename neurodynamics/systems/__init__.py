"""What is simulated: the contract, additive networks, a network coupled to its body."""

from neurodynamics.systems.additive import NETWORKS, VECTOR_NAMES, AdditiveNetwork, name_in_files
from neurodynamics.systems.additive_duals import dual_functions
from neurodynamics.systems.additive_kernels import BIAS, BLAS_FROM, CONSTANT, GAIN, LEAK, TAU, WEIGHTS, additive_functions
from neurodynamics.systems.angles import NO_ANGLES, Angles
from neurodynamics.systems.combinators import (
    Composition,
    cascade,
    delay_line,
    markov_modes,
    mask,
    switch,
    unroll,
)
from neurodynamics.systems.coupled import CoupledSystem, couple
from neurodynamics.systems.domain import Box, Simplex, confined, started_in
from neurodynamics.systems.dual import dual_kernel, jacobian_of, keep, lifted, multiply_add, scratch
from neurodynamics.systems.lanes import (
    LANES,
    VECTORS,
    invert,
    lanes_address,
    noise_address,
    pack_lanes,
    rates_address,
    unpack_lanes,
    why_not_lanes,
)
from neurodynamics.systems.linearisation import Linearisation, linearise
from neurodynamics.systems.parameters import ParameterLayout
from neurodynamics.systems.replay import Replay, replay_of
from neurodynamics.systems.saltation import saltation_matrix, with_tangents
from neurodynamics.systems.saved import (
    Arrays,
    Header,
    NotRestored,
    Path,
    floats,
    is_network,
    network_parts,
    restored_network,
    restored_system,
    system_parts,
    with_prefix,
)
from neurodynamics.systems.system import DynamicalSystem, Recipe, maker
from neurodynamics.systems.table_sweeps import backwards, forwards, holds, tangents
from neurodynamics.systems.tape import add_block, add_product, affine

__all__ = [
    "BIAS",
    "BLAS_FROM",
    "CONSTANT",
    "GAIN",
    "LANES",
    "LEAK",
    "NETWORKS",
    "NO_ANGLES",
    "TAU",
    "VECTORS",
    "VECTOR_NAMES",
    "WEIGHTS",
    "AdditiveNetwork",
    "Angles",
    "Arrays",
    "Box",
    "Composition",
    "CoupledSystem",
    "DynamicalSystem",
    "Header",
    "Linearisation",
    "NotRestored",
    "ParameterLayout",
    "Path",
    "Recipe",
    "Replay",
    "Simplex",
    "add_block",
    "add_product",
    "additive_functions",
    "affine",
    "backwards",
    "cascade",
    "confined",
    "couple",
    "delay_line",
    "dual_functions",
    "dual_kernel",
    "floats",
    "forwards",
    "holds",
    "invert",
    "is_network",
    "jacobian_of",
    "keep",
    "lanes_address",
    "lifted",
    "linearise",
    "maker",
    "markov_modes",
    "mask",
    "multiply_add",
    "name_in_files",
    "network_parts",
    "noise_address",
    "pack_lanes",
    "rates_address",
    "replay_of",
    "restored_network",
    "restored_system",
    "saltation_matrix",
    "scratch",
    "started_in",
    "switch",
    "system_parts",
    "tangents",
    "unpack_lanes",
    "unroll",
    "why_not_lanes",
    "with_prefix",
    "with_tangents",
]
