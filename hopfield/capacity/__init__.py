"""Theory of storage capacity."""

from hopfield.capacity.theory import (
    critical_load,
    critical_overlap,
    dense_memory,
    exponential_memory,
    gardner,
    mceliece,
    overlap,
    retrieval_temperature,
    single_bit_error,
    spin_glass_temperature,
    tolerated_damage,
)

__all__ = [
    "critical_load",
    "critical_overlap",
    "dense_memory",
    "exponential_memory",
    "gardner",
    "mceliece",
    "overlap",
    "retrieval_temperature",
    "single_bit_error",
    "spin_glass_temperature",
    "tolerated_damage",
]
