"""From what was measured of a real server to a scenario that predicts it."""

from __future__ import annotations

from simsched.calibrate.agreement import Agreement, compare
from simsched.calibrate.clients import Clients, read_clients
from simsched.calibrate.fitting import Fit, Overheads, Parameter, fit
from simsched.calibrate.formats import DataFormat, format_of
from simsched.calibrate.learned import Facts, Learned
from simsched.calibrate.measured import Measured, read_measured
from simsched.calibrate.prediction import Prediction, predict
from simsched.calibrate.replay import Replay
from simsched.calibrate.spans import Learner

__all__ = [
    "Agreement",
    "Clients",
    "DataFormat",
    "Facts",
    "Fit",
    "Learned",
    "Learner",
    "Measured",
    "Overheads",
    "Parameter",
    "Prediction",
    "Replay",
    "compare",
    "fit",
    "format_of",
    "predict",
    "read_clients",
    "read_measured",
]
