"""Cycles of flows: collocation, their branches with bifurcations and ends, and curves of their bifurcations."""
