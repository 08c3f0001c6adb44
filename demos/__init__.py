"""One short script a story, each of which makes a picture: ``python -m demos --list``."""

STORIES = (
    "oscillator",
    "chaos",
    "pulses",
    "sweep",
    "circuits",
    "random_networks",
    "evolve_walker",
    "letters",
    "names",
    "capacity",
    "descent",
    "exponents",
    "transition",
    "chaos_map",
    "atlas",
    "connections",
    "pattern_generator",
    "basins",
    "basin_fractions",
)
