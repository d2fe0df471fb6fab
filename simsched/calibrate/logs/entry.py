"""What one line of an access log says of a request."""

from __future__ import annotations

from dataclasses import dataclass

from simsched.calibrate.logs.times import DAY_NS

_SWITCHING = 101


class UnusableLine(Exception):  # noqa: N818  the line is at fault, and others may be good
    """No request can be read from a line: ``reason`` is one of those in :data:`CURES`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


NO_REQUEST = "without a request"
NO_TIME = "without a time"
NO_DURATION = "without a duration"
NEGATIVE = "with a negative duration"
LASTED = "with a duration of more than a day"
TOO_LONG = "of more than 64 KiB"
BINARY = "of binary data"
TOO_DEEP = "of JSON that is nested too deeply"
CONNECTION = "about a connection (WebSocket or CONNECT), not a request"
UNANSWERED = "about a request that no server answered"

CURES = {
    NO_REQUEST: "those of an access log are in a format that is not known",
    NO_TIME: "log when each request ended: $msec (nginx), %(t)s (gunicorn)",
    NO_DURATION: "log how long each request took: $request_time (nginx), %(D)s (gunicorn)",
    NEGATIVE: "the clock was set back meanwhile",
    LASTED: "if the unit is another one, name it: --duration-unit",
    TOO_LONG: "leave headers and bodies out of the log",
    BINARY: "give the log itself, or what gzip makes of it",
    TOO_DEEP: "leave headers and bodies out of the log",
    CONNECTION: "it lasts as long as its client wants",
    UNANSWERED: "the balancer had no server for them, or the client left",
}
"""What lines that are not used are like, each with what to do or to know about it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One request of a log; times in nanoseconds.

    Attributes:
        stamp_ns: the time of the line, since 1970.
        is_start: whether that is when the request arrived; otherwise it is when it was answered.
        resolution_ns: the moment is less than so much later.
        duration_ns: how long the request took.
        upstream_ns: how long other servers took for it; None where the line does not say.
        method: of HTTP, as in ``GET``.
        target: the path that was asked for, perhaps with a query.
        status: the code of the answer; None where the line has none.
        assumes_unit: whether the line does not say what unit its duration is in.
        number: how many requests the server had counted; None where the line does not say.

    Raises:
        UnusableLine: the duration is none of a request.
    """

    stamp_ns: int
    is_start: bool
    resolution_ns: int
    duration_ns: int
    upstream_ns: int | None
    method: str
    target: str
    status: int | None
    assumes_unit: bool = False
    number: int | None = None

    def __post_init__(self) -> None:
        if self.status == _SWITCHING or self.method == "CONNECT":
            raise UnusableLine(CONNECTION)
        if self.duration_ns < 0:
            raise UnusableLine(NEGATIVE)
        if self.duration_ns > DAY_NS:
            raise UnusableLine(LASTED)
