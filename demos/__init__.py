"""One short script a story, each of which makes a picture: ``python -m demos --list``."""

TOUR = (
    "oscillator",
    "chaos",
    "circuits",
    "connections",
    "exponents",
    "basins",
    "letters",
    "letters_tree",
    "route_to_chaos",
    "evolve_walker",
    "automaton",
    "flip_flop",
)  # one or two of each group, each of which is there within seconds

GROUPS = {
    "Continuous-time networks": (
        "oscillator",
        "chaos",
        "pulses",
        "sweep",
        "circuits",
        "random_networks",
        "pattern_generator",
        "connections",
        "sampling",
    ),
    "Networks in bodies": ("evolve_walker", "categorical_perception", "poles", "methods"),
    "Memories": ("letters", "names", "capacity", "descent", "letters_tree", "memory_path", "salesman", "damage"),
    "Attractors and chaos": ("exponents", "transition", "chaos_map", "atlas", "basins", "basin_fractions"),
    "Bifurcations": ("chart", "route_to_chaos", "losing_stability", "sensor"),
    "Recurrent networks": (
        "layers",
        "levels",
        "trees",
        "gates",
        "automaton",
        "competition",
        "memristors",
        "reservoir",
        "liquid",
        "memory_machines",
    ),
    "Learning": ("flip_flop", "figure_eight", "temporal_xor", "reber", "adding", "counter", "compressor", "filters",
                 "lorenz_force"),
}
STORIES = tuple(name for names in GROUPS.values() for name in names)
