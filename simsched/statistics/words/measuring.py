"""Sentences on what was measured on this machine, and how noisy that is."""

from __future__ import annotations

from typing import Protocol

from simsched.scenario.number_format import show_value
from simsched.statistics.words.numbers import percent


class Noise(Protocol):
    """How late sleeps return, and how much longer than its CPU time computing takes."""

    @property
    def late_s(self) -> float:
        """How late a sleep returned, in seconds."""
        ...

    @property
    def late_p95_s(self) -> float:
        """At most in 95 % of the trials."""
        ...

    @property
    def stretch(self) -> float:
        """How much longer than its CPU time computing took, as a share."""
        ...

    @property
    def stretch_p95(self) -> float:
        """At most in 95 % of the trials."""
        ...

    @property
    def stolen(self) -> float:
        """Which share of the time of computing something else had the servers' cores."""
        ...

    @property
    def client_late_s(self) -> float:
        """How late the client sent a request at most, in seconds."""
        ...

    @property
    def is_noisy(self) -> bool:
        """Whether that shows in what is measured."""
        ...


def noise(found: Noise) -> tuple[str, ...]:
    """Return how noisy the machine was."""
    late, latest, sent = (
        show_value(float(f"{each:.2g}"), "duration")
        for each in (found.late_s, found.late_p95_s, found.client_late_s)
    )
    longer, longest, stolen = (
        percent(float(f"{max(0.0, each):.2g}"))
        for each in (found.stretch, found.stretch_p95, found.stolen)
    )
    kind = "noisy: measure again when it has less to do" if found.is_noisy else "quiet"
    return (
        "Measured on this machine, not simulated.",
        f"The machine is {kind}. Before the run, a sleep of 1 ms returned {late} late (95 % of them"
        f" within {latest}), and 1 ms of computing took {longer} longer (95 % within {longest}). In"
        f" the run, something else took {stolen} of the time of computing, and the client sent "
        f"requests up to {sent} late.",
    )
