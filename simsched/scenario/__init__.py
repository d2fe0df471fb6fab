"""What the user wrote: a scenario file, read, validated and frozen."""

from __future__ import annotations

from simsched.scenario.loading import load, loads
from simsched.scenario.scenario import Scenario

__all__ = ["Scenario", "load", "loads"]
