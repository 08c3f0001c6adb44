"""Predators and prey."""
