"""How a worker serves several requests together, as servers of machine-learning models do."""

from __future__ import annotations

from pydantic import Field

from simsched.scenario.model.base import Part
from simsched.scenario.model.quantities import Count, Duration


class BatchDuration(Part):
    """CPU time that a batch takes besides the phases of its requests."""

    base: Duration = Field(
        default=0, description="Added once for each batch, whatever its size.", examples=["20ms"]
    )
    each: Duration = Field(
        default=0, description="Added for each request of a batch.", examples=["2ms"]
    )


class Batching(Part):
    """A worker takes several requests at a time, and answers them together."""

    max: Count = Field(description="How many requests a batch has at most.", examples=[8])
    wait: Duration = Field(
        default=0,
        description="How long the first request waits for others before a batch that is not full "
        "is served.",
        examples=["10ms"],
    )
    duration: BatchDuration = Field(
        default_factory=BatchDuration,
        description="CPU time that a batch takes besides the phases of its requests.",
    )
