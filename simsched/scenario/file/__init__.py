"""A scenario file: its text, its tree with positions, and what is wrong with it."""
