"""What the user wrote: a scenario file, read, validated and frozen."""

from __future__ import annotations

from simsched.scenario.dumping import STARTER, dump, json_schema
from simsched.scenario.loading import load, load_all, loads
from simsched.scenario.model.scenario import Scenario
from simsched.scenario.model.servers import Server

__all__ = ["STARTER", "Scenario", "Server", "dump", "json_schema", "load", "load_all", "loads"]
