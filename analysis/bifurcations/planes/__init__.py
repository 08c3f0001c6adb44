"""Planes of two parameters: two neurons in closed form, and charts of the numbers of equilibria."""
