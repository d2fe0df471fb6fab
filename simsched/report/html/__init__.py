"""The page that people open and forward: one file that works offline."""

from simsched.report.html.page import render

__all__ = ["render"]
