"""Populations of neurons, as a few averages each."""
