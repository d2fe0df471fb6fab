"""The programs of requests: each request's phases as rows."""

from simsched.workload.program.choice import Choice
from simsched.workload.program.counts import Counts, counts
from simsched.workload.program.fan_out import FanOut
from simsched.workload.program.layout import LayingOut, Plan, Rows, lay_out
from simsched.workload.program.repetition import Repetition
from simsched.workload.program.series import Series
from simsched.workload.program.single import Mark, Recorded, Single

__all__ = [
    "Choice",
    "Counts",
    "FanOut",
    "LayingOut",
    "Mark",
    "Plan",
    "Recorded",
    "Repetition",
    "Rows",
    "Series",
    "Single",
    "counts",
    "lay_out",
]
