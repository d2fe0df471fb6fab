"""Random workloads, servers and conditions over the whole grammar, with many ties."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import accumulate, chain
from math import inf
from typing import TypeVar

from hypothesis import strategies as st
from workloads import (
    MS,
    Program,
    call,
    closed,
    cpu,
    hold,
    io,
    off,
    parallel,
    respond,
    tried,
    workload,
)

from simsched.engine.conditions import Conditions, Outage, Service, Slowdown
from simsched.scenario.model.client import Backoff, Budget, Client, Connections, Retries
from simsched.scenario.model.limits import InFlight
from simsched.scenario.model.overhead import Overhead
from simsched.scenario.model.servers import (
    CooperativeServer,
    SerialServer,
    Server,
    ThreadedServer,
)
from simsched.scenario.model.shedding import CoDel, RateLimit
from simsched.workload.closed import ClosedWorkload
from simsched.workload.columns import Workload
from simsched.workload.merging import merged
from simsched.workload.steps import Resource, Tokens

ATTEMPTS = 3

Kind = TypeVar("Kind", SerialServer, ThreadedServer, CooperativeServer)

RESOURCES = {"db": 2, "cache": 1}

SERVICES = ("a", "b")

durations = st.integers(0, 4)  # few values, so many ties


def _joined(phases: list[Program]) -> Program:
    return [row for phase in phases for row in phase]


computing = st.builds(cpu, durations, st.sampled_from([0.0, 0.0, 0.0, 0.5, 0.6, 1.0]))
resources = st.tuples(
    *(
        st.builds(
            Resource,
            st.just(name),
            st.just(capacity),
            per_worker=st.booleans(),
            patience_ns=st.none() | st.integers(1, 6).map(lambda patience: patience * MS),
            discipline=st.sampled_from(["fifo", "lifo", "random"]),
            tokens=st.none()
            | st.none()
            | st.builds(
                Tokens,
                st.sampled_from([1, 2, 4]).map(lambda every: every * MS),
                st.integers(1, 3),
                st.booleans(),
            ),
        )
        for name, capacity in RESOURCES.items()
    )
)
plain = computing | durations.map(io)
limits = {
    "blocking": st.booleans(),
    "timeout": st.none() | st.integers(1, 5),
    "goes_on": st.booleans(),
    "fails": st.just(()) | st.lists(st.integers(1, ATTEMPTS), max_size=2),
}
failing = st.builds(io, durations, st.none(), **limits)
using = st.builds(io, durations, st.sampled_from(list(RESOURCES)), **limits)
plain_programs = st.lists(plain, min_size=1, max_size=6).map(_joined)
computing_programs = st.lists(computing, min_size=1, max_size=6).map(_joined)
branching_programs = st.recursive(
    plain | using | failing,
    lambda phase: (
        st.builds(
            lambda branches: parallel(*map(_joined, branches)),
            st.lists(st.lists(phase, max_size=2), min_size=1, max_size=3),
        )
        | st.builds(hold, st.just("db"), phase, phase)
        | st.builds(off, st.just("thread"), phase)
    ),
    max_leaves=6,
)
elsewhere = st.builds(off, st.just("process"), computing) | st.builds(
    off, st.just("thread"), computing, plain | using
)
answers = st.builds(respond)


@st.composite
def tries(draw: st.DrawFn, phase: st.SearchStrategy[Program]) -> Program:
    """Return a call that may be sent several times, each time for something else."""
    number, hedge = draw(st.integers(1, 3)), draw(st.none() | st.integers(0, 4))
    service = draw(st.sampled_from(SERVICES))
    copies = [
        call(service, draw(phase), there=draw(st.integers(0, 2)), back=draw(st.integers(0, 2)))
        for _ in range(number * (1 if hedge is None else 2))
    ]
    return tried(
        copies,
        pauses=[draw(st.integers(0, 3)) for _ in range(number - 1)],
        hedge=hedge,
        timeout=draw(st.none() | st.integers(1, 8)),
        blocking=draw(st.booleans()),
        budget=draw(st.none() | st.just((0.5, 2))),
    )


called_phases = st.recursive(
    plain | using | failing,
    lambda phase: (
        st.builds(
            lambda service, phases, **ways: call(service, _joined(phases), **ways),
            st.sampled_from(SERVICES),
            st.lists(phase, min_size=1, max_size=3),
            there=st.integers(0, 2),
            back=st.integers(0, 2),
            blocking=st.booleans(),
            timeout=st.none() | st.integers(1, 8),
        )
        | tries(phase)
        | st.builds(
            lambda branches: parallel(*map(_joined, branches)),
            st.lists(st.lists(phase, max_size=2), min_size=1, max_size=3),
        )
        | st.builds(hold, st.just("db"), phase, phase)
    ),
    max_leaves=6,
)
calling_programs = st.lists(called_phases | answers, min_size=1, max_size=4).map(_joined)
programs = st.lists(branching_programs | elsewhere | answers, min_size=1, max_size=4).map(_joined)
straight_programs = st.lists(
    plain
    | using
    | failing
    | answers
    | st.builds(hold, st.just("db"), plain, plain)
    | st.builds(hold, st.just("db"), plain, answers),
    min_size=1,
    max_size=5,
).map(_joined)
free_programs = st.lists(
    st.recursive(
        plain,
        lambda phase: st.builds(
            lambda branches: parallel(*map(_joined, branches)),
            st.lists(st.lists(phase, max_size=2), min_size=1, max_size=3),
        ),
        max_leaves=6,
    ),
    min_size=1,
    max_size=4,
).map(_joined)

overheads = st.builds(
    lambda request, switch, io: Overhead(
        request=f"{request}ms", switch=f"{switch}ms", io=f"{io}ms"
    ),
    st.integers(0, 2),
    st.integers(0, 2),
    st.integers(0, 2),
)
disciplines = st.sampled_from(["fifo", "lifo", "priority", "preemptive", "shortest"])
options = {
    "workers": st.integers(1, 3)
    | st.lists(
        st.sampled_from([{"speed": 1}, {"speed": 0.4}, {"speed": 2}]), min_size=1, max_size=3
    ),
    "cores": st.none() | st.integers(1, 2),
    "time_slice": st.sampled_from(["300us", "1ms", "3ms"]),
    "discipline": disciplines,
    "dispatch": st.sampled_from(
        ["shared", "last_idle", "race", "random", "round_robin", "least_busy"]
    ),
    "overhead": overheads,
    "backlog": st.none() | st.integers(0, 3),
    "backlog_full": st.sampled_from(["refuse", "drop"]),
    "queue_timeout": st.none() | st.sampled_from(["1ms", "2ms"]),
    "max_requests": st.none() | st.integers(1, 3),
    "rate_limit": st.none()
    | st.none()
    | st.builds(
        lambda every, burst, when_full, per: RateLimit(
            rate=f"{1000 // every}/s", burst=burst, when_full=when_full, per=per
        ),
        st.sampled_from([1, 2, 4]),
        st.integers(1, 3),
        st.sampled_from(["wait", "refuse"]),
        st.sampled_from(["server", "worker"]),
    ),
    "codel": st.none()
    | st.none()
    | st.builds(
        CoDel,
        target=st.sampled_from(["1ms", "2ms"]),
        interval=st.sampled_from(["1ms", "3ms"]),
    ),
    "max_requests_jitter": st.integers(0, 2),
    "boot": st.sampled_from(["0s", "1ms", "2ms"]),
    "max_in_flight": st.none()
    | st.integers(1, 4)
    | st.builds(InFlight, max=st.integers(1, 2), per=st.sampled_from(["server", "worker"])),
    "cancel_abandoned": st.booleans(),
}


def _built(kind: type[Kind]) -> Callable[..., Kind]:
    """Return what makes a server of options, some of which need others."""

    def build(**options: object) -> Kind:
        if options["backlog"] is None:
            del options["backlog_full"]
        if options.get("batch") and options["backlog"] == 0:
            del options["backlog"], options["backlog_full"]
        if options["max_requests"] is None:
            del options["max_requests_jitter"]
        limit = options["rate_limit"]
        if isinstance(limit, RateLimit):
            options.pop("backlog_full", None)
            if limit.per == "worker" and options["dispatch"] in {"shared", "last_idle"}:
                options["dispatch"] = "round_robin"
        return kind(**options)

    return build


batches = st.builds(
    lambda most, wait, base, each: {
        "max": most,
        "wait": f"{wait}ms",
        "duration": {"base": f"{base}ms", "each": f"{each}ms"},
    },
    st.integers(1, 4),
    st.integers(0, 3),
    st.integers(0, 2),
    st.integers(0, 2),
)
serial_servers = st.builds(
    _built(SerialServer), model=st.just("serial"), batch=st.none() | st.none() | batches, **options
)
threaded_servers = st.builds(
    _built(ThreadedServer),
    model=st.just("threaded"),
    threads=st.integers(1, 3),
    switch_interval=st.sampled_from(["300us", "1ms", "2ms"]),
    interpreter_lock=st.booleans(),
    parallel=st.sampled_from(["sequential", "concurrent"]),
    **options,
)
cooperative_servers = st.builds(
    _built(CooperativeServer),
    model=st.just("cooperative"),
    thread_pool=st.integers(1, 2),
    process_pool=st.integers(1, 2),
    switch_interval=st.sampled_from(["300us", "1ms", "2ms"]),
    interpreter_lock=st.booleans(),
    parallel=st.sampled_from(["sequential", "concurrent"]),
    **options,
)
any_servers = serial_servers | threaded_servers | cooperative_servers
servers = st.shared(any_servers, key="server")
those_called = st.tuples(*(st.builds(Service, st.just(name), any_servers) for name in SERVICES))

retries = st.builds(
    Retries,
    max=st.integers(1, ATTEMPTS - 1),
    backoff=st.builds(
        Backoff,
        initial=st.sampled_from(["1ms", "2ms"]),
        factor=st.sampled_from([1.0, 2.0]),
        max=st.just("3ms"),
    ),
    jitter=st.sampled_from(["none", "full", "equal"]),
    budget=st.none() | st.just(Budget(ratio=0.5, burst=2)),
)
connections = st.builds(
    Connections,
    max=st.integers(1, 3),
    reuse=st.sampled_from(["lifo", "fifo"]),
    idle=st.none() | st.sampled_from(["1ms", "3ms"]),
)
clients = st.builds(
    Client,
    timeout=st.none() | st.integers(1, 8).map(lambda timeout: f"{timeout}ms"),
    retries=st.none() | retries,
    connections=st.none() | connections,
)


@st.composite
def windows(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Return some (start, finish) in ns, one after the other; many begin where another ends."""
    lengths = draw(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 4)), max_size=4))
    ends = list(accumulate(chain.from_iterable(lengths)))
    return [(start * MS, finish * MS) for start, finish in zip(ends[::2], ends[1::2], strict=True)]


@st.composite
def conditions(draw: st.DrawFn) -> Conditions:
    """Return conditions for the server that is drawn from ``servers``."""
    factors = st.sampled_from([2.0, 3.0, inf])
    slowdowns = [Slowdown("db", *window, draw(factors)) for window in draw(windows())]
    outages = draw(outages_of(draw(servers)))
    return Conditions(
        client=draw(clients),
        slowdowns=tuple(slowdowns if draw(st.booleans()) else ()),
        outages=outages,
    )


@st.composite
def outages_of(draw: st.DrawFn, server: Server) -> tuple[Outage, ...]:
    """Return nothing, or what happens to the workers of *server*."""
    if draw(st.booleans()):
        return ()
    kinds = st.sampled_from([{}, {"drain": True}, {"slower": 2.0}])
    return tuple(
        Outage(worker, *window, **draw(kinds))
        for worker in range(server.workers)
        for window in draw(windows())
    )


def waits(count: int) -> st.SearchStrategy[list[tuple[int | None, int | None]] | None]:
    """Return how long clients wait, for an answer and to be taken up, or nothing of that."""
    wait = st.none() | st.integers(0, 8)
    some = st.lists(st.tuples(wait, wait), min_size=count, max_size=count)
    return st.none() | (some if count else st.none())


@st.composite
def with_services(draw: st.DrawFn) -> Conditions:
    """Return conditions with services for the server that is drawn from ``servers``."""
    services = tuple(
        replace(each, outages=draw(outages_of(each.server))) for each in draw(those_called)
    )
    return replace(draw(conditions()), services=services)


@st.composite
def workloads(
    draw: st.DrawFn,
    programs: st.SearchStrategy[Program] = plain_programs,
    services: tuple[str, ...] = (),
    *,
    impatient: bool = False,
) -> Workload:
    arrivals = sorted(draw(st.lists(st.integers(0, 12), max_size=10)))
    return workload(
        [(arrival, draw(programs)) for arrival in arrivals],
        dispatch=[draw(st.sampled_from([0.0, 0.4, 0.7])) for _ in arrivals],
        priorities=[draw(st.integers(0, 1)) for _ in arrivals],
        end=draw(st.none() | st.integers(12, 40)),
        resources=draw(resources),
        services=services,
        attempts=ATTEMPTS,
        jitter=0.25,
        handoff=draw(st.sampled_from([0.0, 0.4, 0.7])),
        waits=draw(waits(len(arrivals))) if impatient else None,
    )


@st.composite
def streams(
    draw: st.DrawFn,
    programs: st.SearchStrategy[Program] = programs,
    services: tuple[str, ...] = (),
) -> tuple[Workload | ClosedWorkload, tuple[Client, ...]]:
    """Return several streams of requests at once, and the clients of each."""
    opened, peopled = draw(st.sampled_from([(2, 0), (1, 1), (0, 2), (2, 1)]))
    each = draw(st.integers(1, 2))
    arrivals = [sorted(draw(st.lists(st.integers(0, 12), max_size=5))) for _ in range(opened)]
    crowds = [draw(st.integers(1, 3)) for _ in range(peopled)]
    counts = [*map(len, arrivals), *(count * each for count in crowds)]
    asked = [[draw(programs) for _ in range(count)] for count in counts]
    shared = {"resources": draw(resources), "attempts": ATTEMPTS, "jitter": 0.25}
    shared |= {"services": services, "handoff": draw(st.sampled_from([0.0, 0.4, 0.7]))}
    shared["catalogue"] = [program for those in asked for program in those]
    ends = [draw(st.none() | st.integers(12, 40)) for _ in counts]
    patient = draw(st.booleans())
    parts: dict[str, Workload | ClosedWorkload] = {}
    for number, (those, end) in enumerate(zip(asked, ends, strict=True)):
        wait = st.tuples(st.none() | st.integers(0, 8), st.none() | st.integers(0, 8))
        waits = None if patient else [draw(wait) for _ in those]
        own = {**shared, "dispatch": [draw(st.sampled_from([0.0, 0.4, 0.7])) for _ in those]}
        own["waits"] = waits if those else None
        if number < opened:
            part = workload([*zip(arrivals[number], those, strict=True)], end=end, **own)
        else:
            users = [
                [(draw(st.integers(0, 4)), program) for program in those[at : at + each]]
                for at in range(0, len(those), each)
            ]
            rounds = draw(st.integers(1, 4)) if end is None else draw(st.none() | st.just(3))
            paced, most = draw(st.booleans()), draw(st.none() | st.integers(1, 9))
            part = closed(users, end=end, paced=paced, iterations=rounds, most=most, **own)
        parts[f"stream {number}"] = part
    impatient = st.builds(Client, retries=st.none() | retries, connections=st.none() | connections)
    return merged(parts), tuple(draw(impatient) for _ in parts)


@st.composite
def stages(draw: st.DrawFn, count: int) -> list[tuple[float, int]]:
    """Return no stages, or some in order, at one of which all users are there."""
    if draw(st.booleans()):
        return []
    times = sorted(draw(st.lists(st.integers(0, 30), min_size=1, max_size=4)))
    numbers = [draw(st.integers(0, count)) for _ in times]
    numbers[draw(st.integers(0, len(times) - 1))] = count
    return list(zip(map(float, times), numbers, strict=True))


@st.composite
def users(
    draw: st.DrawFn,
    programs: st.SearchStrategy[Program] = programs,
    services: tuple[str, ...] = (),
) -> ClosedWorkload:
    count, each = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    thinking = st.integers(0, 4)
    return closed(
        [[(draw(thinking), draw(programs)) for _ in range(each)] for _ in range(count)],
        dispatch=[draw(st.sampled_from([0.0, 0.4, 0.7])) for _ in range(count * each)],
        end=draw(st.integers(5, 40)),
        most=draw(st.none() | st.integers(1, 30)),
        paced=draw(st.booleans()),
        iterations=draw(st.none() | st.integers(1, 5)),
        stages=draw(stages(count)),
        resources=draw(resources),
        services=services,
        attempts=ATTEMPTS,
        jitter=0.25,
        handoff=draw(st.sampled_from([0.0, 0.4, 0.7])),
        waits=draw(waits(count * each)),
    )
