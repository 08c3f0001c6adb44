"""How attractors are found and told apart: absorbing neighbourhoods, trajectories in lanes, and what they settle into."""
