"""Mechanical, electrical and chemical oscillators, alone and coupled."""
