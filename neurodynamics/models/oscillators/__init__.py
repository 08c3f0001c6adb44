"""Mechanical and electrical oscillators, alone and coupled."""
