"""The page that people open and forward: one file that works offline."""

from simsched.report.html.page import render
from simsched.report.html.templates import SHARED_FILE, PlotlyJs

__all__ = ["SHARED_FILE", "PlotlyJs", "render"]
