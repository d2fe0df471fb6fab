"""A sweep: which values the paths of a scenario take, and the points that come of it."""
