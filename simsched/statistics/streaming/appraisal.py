"""All that can be said of servers whose requests are not kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simsched.statistics.appraisal import Appraisal, conclude
from simsched.statistics.contender import Contender
from simsched.statistics.streaming import warmup
from simsched.statistics.streaming.stream import Stream
from simsched.statistics.streaming.summarize import summarize_streams
from simsched.statistics.warmup import Cut


def stream_of(contender: Contender, classes: Sequence[str]) -> Stream:
    """Return what counts one replication of *contender*, before anything is counted."""
    method = contender.method()
    return Stream(
        classes,
        tuple(contender.scenario.resources),
        origin_ns=warmup.origin_ns(method.warmup),
        asked=[part for part, _ in method.parts],
    )


def appraise_streams(
    contenders: Sequence[Contender], streams: Mapping[str, Sequence[Stream]]
) -> Appraisal:
    """Return what :func:`simsched.statistics.appraisal.appraise` does of traces."""
    cuts = _cuts(contenders, streams)
    servers = {
        each.label: summarize_streams(
            each.method(), each.label, streams[each.label], cuts[each.label]
        )
        for each in contenders
    }
    return conclude(contenders, servers, streams)


def _cuts(
    contenders: Sequence[Contender], streams: Mapping[str, Sequence[Stream]]
) -> dict[str, tuple[Cut, ...]]:
    """Return the warm-ups, alike for the servers that have a steady state."""
    own = {
        each.label: warmup.cuts(streams[each.label], each.method().warmup) for each in contenders
    }
    steady = [each.label for each in contenders if each.is_steady]
    if not steady:
        return own
    latest = [
        max(cut.time_ns for cut in ends)
        for ends in zip(*(own[label] for label in steady), strict=True)
    ]
    return own | {
        label: tuple(
            warmup.at(stream, time_ns, cut.share)
            for stream, time_ns, cut in zip(streams[label], latest, own[label], strict=True)
        )
        for label in steady
    }
