"""Maps of one and two states."""
