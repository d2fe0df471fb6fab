"""A server of a scenario in which one value varies."""

from __future__ import annotations

from dataclasses import dataclass

from simsched.errors import InputError
from simsched.experiment.search.length import planned
from simsched.experiment.search.parameter import Load, Parameter
from simsched.statistics.contender import Contender


@dataclass(frozen=True)
class Variation:
    """A server as it is at each value of a parameter.

    Attributes:
        load: makes the scenario.
        parameter: what varies.
        server: the server's name.
    """

    load: Load
    parameter: Parameter
    server: str

    def at(self, value: float) -> Contender | None:
        """Return the server at *value*, with runs as long as its load needs.

        None where the scenario cannot have that value.
        """
        try:
            scenario = self.load((self.parameter.option(value),))
        except InputError:
            return None
        return planned(Contender(self.server, scenario, scenario.servers[self.server]))
