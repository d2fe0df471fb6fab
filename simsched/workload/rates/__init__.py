"""How the rate of arrival changes over time."""

from simsched.workload.rates.multiplied import Modulated, Multiplied, Sojourns, on_off
from simsched.workload.rates.pieces import Pieces
from simsched.workload.rates.rate import Rate, Steady
from simsched.workload.rates.reading import rate, surged
from simsched.workload.rates.swing import Swing

__all__ = [
    "Modulated",
    "Multiplied",
    "Pieces",
    "Rate",
    "Sojourns",
    "Steady",
    "Swing",
    "on_off",
    "rate",
    "surged",
]
