"""From what was measured of a real server to a scenario that predicts it."""

from __future__ import annotations

from simsched.calibrate.agreement import Agreement, compare
from simsched.calibrate.fitting import Fit, Overheads, Parameter, fit
from simsched.calibrate.measured import Measured, read_measured
from simsched.calibrate.replay import Replay

__all__ = [
    "Agreement",
    "Fit",
    "Measured",
    "Overheads",
    "Parameter",
    "Replay",
    "compare",
    "fit",
    "read_measured",
]
