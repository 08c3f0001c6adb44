"""Parts of :func:`analysis.energy_landscape`: networks with an energy, their stationary points, and what joins them."""
