"""A scenario to play with: controls that change it, and servers that answer at once."""
