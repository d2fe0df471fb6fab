"""The reports folder in a browser: an index of runs, their pages, and two of them side by side."""

from simsched.report.view.serving import serve

__all__ = ["serve"]
