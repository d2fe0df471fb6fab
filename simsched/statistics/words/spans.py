"""Sentences on what spans do not show, and what was left out of them."""

from __future__ import annotations

from simsched.statistics.words.numbers import counted, percent
from simsched.units import format_duration

NO_CPU_TIME = (
    "The CPU time of the server is not known: overhead.request is what is seen between the spans "
    "of two requests, which is less than there is. Give --cpu-time, or metrics with "
    "process.cpu.time."
)

NO_SWITCH = (
    "What the server computes at each return to a request is not seen, since hardly any request "
    "waited for another: overhead.request stands for it, too."
)

NO_LOOP = (
    "Only of event loops is it known when a request computes. Of this server, all time between "
    "calls counts as computing, though part of it may have been waiting for a thread, a lock or a "
    "core."
)

NO_CLIENTS = (
    "The clients' times are not known: what passes on the network and in the client is left out. "
    "What is predicted is compared with spans, which may begin only when the server gets to a "
    "request, so that they lack its waiting until then. Give --client."
)


NETWORK = "the time that calls take longer than the spans of the service"


def rare(requests: int, of: int) -> str:
    """Return that some requests are of no common variant."""
    return f"{requests:,} of {counted(of, 'request')} do what hardly any other does: left out."


def without_spans(requests: int, of: int) -> str:
    """Return that the clients sent more requests than there are spans of."""
    return (
        f"{requests:,} of the clients' {counted(of, 'request')} have no spans; what is found of "
        "the others stands for them."
    )


def sampled(share: float) -> str:
    """Return what is in doubt where only some requests have spans."""
    return (
        f"Only {percent(share)} of the requests have spans. Waiting for those that have none is "
        "not seen, so calls seem longer than they are: record all requests of a minute."
    )


def lost(spans: int) -> str:
    """Return that some spans are of no request."""
    return (
        f"Left out: {counted(spans, 'span')} of no request, as a parent is missing. The requests "
        "seem to compute instead."
    )


def clipped(calls: int) -> str:
    """Return that some calls are not within their requests."""
    return (
        f"Left out: {counted(calls, 'call')} before the request or after its answer, as background "
        "tasks make them, or where clocks differ."
    )


def cut(file: str) -> str:
    """Return that a file was not written to its end."""
    return f"The last line of {file} is not complete: it is read up to there."


def repeated(spans: int) -> str:
    """Return that some spans came several times."""
    return f"Counted once: {counted(spans, 'span')} that came again."


def backwards(spans: int) -> str:
    """Return that some spans ended before they began."""
    return f"Counted as instants: {counted(spans, 'span')} with an end before the beginning."


def called(services: str) -> str:
    """Return that other services are not simulated."""
    return f"What is called of other services ({services}) is I/O of the measured duration."


def service(name: str, loops: int) -> str:
    """Return that a service that is called is simulated, and as what."""
    return (
        f"The service {name} is simulated as {counted(loops, 'event loop')}, as many as there are "
        f"processes among its spans. If it is another server, change services.{name}."
    )


def too_few_calls(name: str, requests: int) -> str:
    """Return that hardly anything is known of a service."""
    return (
        f"Of the service {name} there are only {counted(requests, 'request')}: calls to it are "
        "I/O of the measured duration."
    )


def clocks(name: str, ahead_s: float) -> str:
    """Return that the clock of a service differs."""
    way = "ahead" if ahead_s > 0 else "behind"
    return (
        f"The clock of {name} is at least {format_duration(abs(ahead_s))} {way}. Nothing depends "
        "on it: each service is measured by its own clock, and only durations are compared."
    )


def unpooled(system: str) -> str:
    """Return that the pool of a database is not known."""
    return (
        f"How many connections to {system} there are is not known: requests do not wait for one. "
        "Give --pool db=CAPACITY."
    )


def never_full(pool: str, capacity: int, most: int) -> str:
    """Return that a pool was never scarce."""
    return (
        f"The pool {pool} was never full (at most {most} of {capacity} connections in use), so "
        "that nothing measured shows how requests wait for it; the scenario lets them wait in line."
    )


def full(pool: str) -> str:
    """Return that a pool was scarce."""
    return (
        f"The pool {pool} was full at times. Computing before a connection is taken is estimated "
        "from the other times."
    )


def contention(system: str, calls: str, resource: str) -> str:
    """Return that calls wait for each other where they are served."""
    return (
        f"Some calls to {system} take longer while others are in flight, as if one core served "
        f"them one after the other ({calls}): the resource '{resource}'."
    )


def yields(classes: str) -> str:
    """Return that requests let others run where they wait for nothing."""
    return (
        f"Requests ({classes}) let others run in places where they wait for nothing, as a driver "
        "does that gives a connection back: I/O of no length."
    )


def scaled(by: float) -> str:
    """Return that requests seem to compute more than they can."""
    return (
        f"Between their calls the requests seem to compute {by:.3g} times as much as the CPU time "
        "allows: they wait for something that has no span. Their computing is scaled to the CPU "
        "time."
    )


def too_much_cpu(cpu_s: float, elapsed_s: float, workers: int) -> str:
    """Return that the CPU time of the server is longer than it can compute."""
    cpu, elapsed = format_duration(cpu_s), format_duration(elapsed_s)
    return (
        f"--cpu-time {cpu}: too long for {counted(workers, 'worker')} in the {elapsed} from the "
        "first request to the last answer; give that of this time alone, and --server workers=N if "
        "there are more"
    )


def loops_unknown(workers: int) -> str:
    """Return that what waits for which loop is not known."""
    return (
        f"The spans do not say which of the {workers} workers served a request, so that waiting "
        "for a loop cannot be taken out: record service.instance.id or process.pid."
    )
