"""What requests share outside the servers."""

from __future__ import annotations

from pydantic import Field

from simsched.scenario.model.base import Part
from simsched.scenario.model.quantities import Count


class Resource(Part):
    """Something with slots, of which a request needs one: a database pool, a limited service.

    Who finds none free waits in the order of arrival.
    """

    capacity: Count = Field(description="How many slots it has.", examples=[10])
