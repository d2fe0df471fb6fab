"""Figures of runs whose requests are not kept: each is counted as it comes, and forgotten."""

from simsched.statistics.streaming.sketch import RELATIVE_ERROR, Sketch
from simsched.statistics.streaming.stream import Stream

__all__ = ["RELATIVE_ERROR", "Sketch", "Stream"]
