"""From traces to estimates: summaries, intervals, order of completion, comparisons.

Every figure is an :class:`Estimate`: a value with the interval its evidence supports, or the reason
why there is none.
"""

from simsched.statistics.compare import compare, compare_classes
from simsched.statistics.estimate import Estimate
from simsched.statistics.measurement import Measurement
from simsched.statistics.replication import LittlesLawError
from simsched.statistics.summarize import Method, summarize, summarize_by
from simsched.statistics.summary import ClassSummary, Comparison, ServerSummary

__all__ = [
    "ClassSummary",
    "Comparison",
    "Estimate",
    "LittlesLawError",
    "Measurement",
    "Method",
    "ServerSummary",
    "compare",
    "compare_classes",
    "summarize",
    "summarize_by",
]
