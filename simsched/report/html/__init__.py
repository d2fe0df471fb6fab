"""The page that people open and forward: one file that works offline."""

from simsched.report.html.library import SHARED_FILE, PlotlyJs
from simsched.report.html.page import render

__all__ = ["SHARED_FILE", "PlotlyJs", "render"]
