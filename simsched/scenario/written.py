"""What may be written in a scenario: types for editors and type checkers.

Made from the schema by ``make update``. Each type is the mapping that a file would hold, and makes
one: ``Server(model="serial", workers=4)`` is ``{"model": "serial", "workers": 4}``. What they do
not say, such as bounds, is checked when a scenario is made of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NotRequired, TypeAlias, TypedDict


class Arrival(TypedDict):
    """One request of an explicit schedule, or several at once."""

    at: Literal[0, "0"] | str
    """When it arrives."""
    request: str
    """The class of the request."""
    times: NotRequired[int]
    """How many such requests arrive."""


ArrivalsEvent = TypedDict(
    "ArrivalsEvent", {"arrivals": ("float"), "at": ("Literal[0, '0'] | str"), "for": ("str")}
)
"""More or fewer requests arrive: the rate of arrivals is multiplied."""


class Backoff(TypedDict):
    """How long a client waits before it tries again: ``initial``, then ``factor`` times longer.

    It never waits longer than ``max``.
    """

    initial: NotRequired[str]
    """The wait before the first retry."""
    factor: NotRequired[float]
    """How much longer each wait is than the one before."""
    max: NotRequired[str]
    """The longest wait."""


class BatchDuration(TypedDict):
    """CPU time that a batch takes besides the phases of its requests."""

    base: NotRequired[Literal[0, "0"] | str]
    """Added once for each batch, whatever its size."""
    each: NotRequired[Literal[0, "0"] | str]
    """Added for each request of a batch."""


class Batching(TypedDict):
    """A worker takes several requests at a time, and answers them together."""

    max: int
    """How many requests a batch has at most."""
    wait: NotRequired[Literal[0, "0"] | str]
    """How long the first request waits for others before a batch that is not full is served."""
    duration: NotRequired[BatchDuration]


class BoundedPareto(TypedDict):
    """A Pareto distribution cut at both ends."""

    low: str
    """The least."""
    high: str
    """The most."""
    shape: float
    """The exponent of the tail: the smaller, the heavier."""


class Bounds(TypedDict):
    """The ends of a range."""

    low: Literal[0, "0"] | str
    """The least."""
    high: str
    """The most."""


class Budget(TypedDict):
    """How many retries all clients together may make, so that they don't make a bad time worse.

    It begins with ``burst`` retries, never holds more, and each request adds ``ratio`` of one.
    """

    ratio: float
    """How much of a retry each request adds."""
    burst: NotRequired[int]
    """The most retries that are saved up."""


class Bursts(TypedDict):
    """A source that alternates between on and off, each for an exponential time."""

    on: str
    """How long it is on, on average."""
    off: str
    """How long it is off, on average."""
    idle: NotRequired[Literal[0] | str]
    """The rate while it is off."""


class CallPhase(TypedDict):
    """Calling a service: a request to a server of its own, which the caller waits for."""

    call: str
    """The service that is called."""
    phases: Sequence[Phase]
    """What the service does for the call."""
    network: NotRequired[
        Literal[0, "0"]
        | str
        | Exponential
        | Lognormal
        | Gamma
        | Erlang
        | Hyperexponential
        | Uniform
        | Weibull
        | Pareto
        | Empirical
        | Mixture
        | Shifted
        | Column
    ]
    """How long the call is under way to the service, and its answer back."""
    blocking: NotRequired[bool]
    """Whether it keeps the loop: a synchronous call in asynchronous code."""
    timeout: NotRequired[str | None]
    """After how long without an answer the call is given up; never if left out."""
    retries: NotRequired[Retries | None]
    """How the call is tried again when it was refused, failed or was given up; not at all if left
    out.
    """
    hedge: NotRequired[Hedge | None]
    """When the call is sent once more for want of an answer; never if left out."""
    label: NotRequired[str | None]
    """What the phase is called in a timeline."""


class Choice(TypedDict):
    """One way a request may go on, and how likely it is."""

    weight: float
    """How likely, in proportion to the other weights."""
    phases: Sequence[Phase]
    """What happens then; the list may be empty."""


class ChoosePhase(TypedDict):
    """One of several ways to go on, as chance decides: a hit or a miss in a cache."""

    choose: Sequence[Choice]
    """The ways to go on."""
    label: NotRequired[str | None]
    """What the phase is called in a timeline."""


class Client(TypedDict):
    """What clients do when they wait too long or are refused, and how they keep connections."""

    timeout: NotRequired[
        str
        | Exponential
        | Lognormal
        | Gamma
        | Erlang
        | Hyperexponential
        | Uniform
        | Weibull
        | Pareto
        | Empirical
        | Mixture
        | Shifted
        | None
    ]
    """How long a client waits before it gives up; forever if left out."""
    patience: NotRequired[
        str
        | Exponential
        | Lognormal
        | Gamma
        | Erlang
        | Hyperexponential
        | Uniform
        | Weibull
        | Pareto
        | Empirical
        | Mixture
        | Shifted
        | None
    ]
    """How long a client waits for its request to be taken up, before it leaves the queue; forever
    if left out.
    """
    retries: NotRequired[Retries | None]
    """How clients try again; not at all if left out."""
    connections: NotRequired[Connections | None]
    """How clients keep connections; each request has one of its own if left out."""


class ClosedUsers(TypedDict):
    """Users who think, send a request, wait for its response, and begin again.

    With ``pacing``, a user's requests follow each other at that distance instead, or at once
    where the response took longer. With ``stages``, the number of users changes.
    """

    users: NotRequired[int]
    """How many users there are."""
    think: NotRequired[
        Literal[0, "0"]
        | str
        | Exponential
        | Lognormal
        | Gamma
        | Erlang
        | Hyperexponential
        | Uniform
        | Weibull
        | Pareto
        | Empirical
        | Mixture
        | Shifted
    ]
    """How long a user thinks before each request, the first one too."""
    pacing: NotRequired[
        Literal[0, "0"]
        | str
        | Exponential
        | Lognormal
        | Gamma
        | Erlang
        | Hyperexponential
        | Uniform
        | Weibull
        | Pareto
        | Empirical
        | Mixture
        | Shifted
        | None
    ]
    """The time from one request of a user to the next, in place of a think time. If the response
    takes longer, the next request is sent at once.
    """
    iterations: NotRequired[int | None]
    """How many requests each user sends."""
    ramp_up: NotRequired[Literal[0, "0"] | str]
    """Over what time the users begin, evenly; all at once if left out."""
    stages: NotRequired[Sequence[Stage] | None]
    """How the number of users changes: linearly from stage to stage, beginning with users at 0s; at
    once where two stages are at the same time.
    """


class CoDel(TypedDict):
    """Refuses those whose turn comes, more and more of them, while all waits are too long.

    Source: K. Nichols & V. Jacobson, Controlling queue delay, ACM Queue 10 (2012); RFC 8289.
    """

    target: NotRequired[str]
    """A wait that is short enough."""
    interval: NotRequired[str]
    """For how long waits are to be longer before a request is refused."""


class Column(TypedDict):
    """A duration that each request takes from its row of the trace."""

    column: str
    """The name of the column."""


class Component(TypedDict):
    """One distribution of a mixture, and how likely it is."""

    weight: float
    """How likely, in proportion to the other weights."""
    duration: (
        Literal[0, "0"]
        | str
        | Exponential
        | Lognormal
        | Gamma
        | Erlang
        | Hyperexponential
        | Uniform
        | Weibull
        | Pareto
        | Empirical
        | Mixture
        | Shifted
    )
    """The duration then."""


class Connections(TypedDict):
    """Connections that clients keep alive: each stays with the worker that accepted it."""

    max: int
    """How many there are at most: a request that finds all in use waits."""
    reuse: NotRequired[Literal["lifo", "fifo"]]
    """Which of the idle ones a request takes: the one that was used last (lifo), or the one that
    has been idle for longest (fifo).
    """
    idle: NotRequired[str | None]
    """After what time an idle one is closed; never if left out."""


class CountRange(TypedDict):
    """The ends of a range of counts; both may occur."""

    low: int
    """The least."""
    high: int
    """The most."""


CpuPhase = TypedDict(
    "CpuPhase",
    {
        "cpu": (
            "Literal[0, '0'] | str | Exponential | Lognormal | Gamma | Erlang | "
            "Hyperexponential | Uniform | Weibull | Pareto | Empirical | Mixture | Shifted | "
            "Column"
        ),
        "in": ("NotRequired[Literal['thread', 'process'] | None]"),
        "lock_free": ("NotRequired[float | str]"),
        "label": ("NotRequired[str | None]"),
    },
)
"""Computing: it occupies a CPU for its duration."""


class Daily(TypedDict):
    """A rate that rises and falls once a day."""

    daily: DailyCurve


class DailyCurve(TypedDict):
    """A sine curve around ``mean``, at its ``peak`` at ``peak_at`` and once each ``period``."""

    mean: str
    """The mean rate."""
    peak: str
    """The highest rate, at most twice the mean: the lowest is not below 0."""
    peak_at: Literal[0, "0"] | str
    """When the rate is highest."""
    period: NotRequired[str]
    """After what time the curve repeats."""


class File(TypedDict):
    """Observed durations in a column of a CSV or Parquet file, relative to the scenario file.

    They are read with the scenario, in which the values take the file's place.
    """

    file: str
    """A CSV or Parquet file, relative to the scenario file."""
    column: str
    """The name of the column."""
    unit: NotRequired[Literal["ns", "us", "µs", "ms", "s", "min", "h"]]
    """The unit of the column's numbers."""


class Empirical(TypedDict):
    """Observed durations, each as likely as the others."""

    empirical: Values | File


class Erlang(TypedDict):
    """The Erlang distribution: a sum of exponential stages, steadier than one of them."""

    erlang: MeanStages


class Exponential(TypedDict):
    """The exponential distribution: waiting for something that can happen at any moment."""

    exponential: str
    """Its mean."""


class Gamma(TypedDict):
    """The gamma distribution."""

    gamma: MeanCv | Percentiles


class GeometricMean(TypedDict):
    """The mean of a geometric distribution."""

    mean: float
    """The mean."""


class GeometricTimes(TypedDict):
    """At least once, and after each time again with the same chance."""

    geometric: GeometricMean


class Hedge(TypedDict):
    """Sending a call once more if the answer takes long: the first one counts."""

    after: str
    """After how long without an answer the call is sent once more."""


class HoldPhase(TypedDict):
    """Phases during which the request keeps one slot of a resource, such as a connection."""

    hold: str
    """The resource of which a slot is kept."""
    phases: Sequence[Phase]
    """What happens meanwhile."""
    label: NotRequired[str | None]
    """What the phase is called in a timeline."""


class Hyperexponential(TypedDict):
    """One of two exponential distributions, with balanced means: its cv is at least 1."""

    hyperexponential: MeanCv


class InFlight(TypedDict):
    """How many requests are served at once, by the whole server or by each of its workers."""

    max: int
    """How many requests."""
    per: NotRequired[Literal["server", "worker"]]
    """Whether all workers together serve so many, or each of them does."""


IoPhase = TypedDict(
    "IoPhase",
    {
        "io": (
            "Literal[0, '0'] | str | Exponential | Lognormal | Gamma | Erlang | "
            "Hyperexponential | Uniform | Weibull | Pareto | Empirical | Mixture | Shifted | "
            "Column"
        ),
        "on": ("NotRequired[str | None]"),
        "blocking": ("NotRequired[bool]"),
        "in": ("NotRequired[Literal['thread'] | None]"),
        "timeout": ("NotRequired[str | None]"),
        "on_timeout": ("NotRequired[Literal['fail', 'continue']]"),
        "fails": ("NotRequired[float | str]"),
        "label": ("NotRequired[str | None]"),
    },
)
"""Waiting for something outside the server: a database, a web service, a disk."""


class Lognormal(TypedDict):
    """The lognormal distribution: what most measured response times look like."""

    lognormal: MeanCv | Percentiles


class MeanCv(TypedDict):
    """A mean and a coefficient of variation: the standard deviation over the mean."""

    mean: str
    """The mean."""
    cv: float
    """The coefficient of variation: the standard deviation over the mean."""


class MeanStages(TypedDict):
    """The mean of a sum, and how many exponential stages add up to it."""

    mean: str
    """The mean of the sum."""
    stages: int
    """How many stages add up."""


class Mixture(TypedDict):
    """One of several distributions, by their weights."""

    mixture: Sequence[Component]


class ObservedTimes(TypedDict):
    """Observed counts, each as likely as the others."""

    values: Sequence[int]
    """Observed counts, each as likely as the others."""


class Offset(TypedDict):
    """A constant, and what is added to it."""

    by: Literal[0, "0"] | str
    """The constant."""
    duration: (
        Literal[0, "0"]
        | str
        | Exponential
        | Lognormal
        | Gamma
        | Erlang
        | Hyperexponential
        | Uniform
        | Weibull
        | Pareto
        | Empirical
        | Mixture
        | Shifted
    )
    """What is added to it."""


class OpenArrivals(TypedDict):
    """Arrivals that do not wait for responses.

    Either a ``rate``, which may change over time, with ``arrivals``, ``cv`` or ``bursts``; or
    ``interarrival``: the distribution of the time between arrivals. Evenly spaced arrivals begin
    at time 0; random ones are in equilibrium from then on.
    """

    rate: NotRequired[str | Steps | Ramp | Daily | None]
    """How many requests arrive, on average; or how that changes over time."""
    arrivals: NotRequired[Literal["poisson", "constant"]]
    """Whether the requests of a rate come at random or evenly spaced."""
    cv: NotRequired[float | None]
    """How irregular the times between arrivals are: the coefficient of variation of their gamma
    distribution. 1 is Poisson, more is bursty.
    """
    bursts: NotRequired[Bursts | None]
    """A source that alternates between on and off; the rate is its long-run mean."""
    interarrival: NotRequired[
        Literal[0, "0"]
        | str
        | Exponential
        | Lognormal
        | Gamma
        | Erlang
        | Hyperexponential
        | Uniform
        | Weibull
        | Pareto
        | Empirical
        | Mixture
        | Shifted
        | None
    ]
    """The time between arrivals, or its distribution, in place of a rate."""


class Overhead(TypedDict):
    """Time that the server itself adds: CPU time, and how late I/O comes back."""

    request: NotRequired[Literal[0, "0"] | str]
    """Added before a request's first phase."""
    switch: NotRequired[Literal[0, "0"] | str]
    """Added each time a loop or lock is given to a request again."""
    io: NotRequired[Literal[0, "0"] | str]
    """How late each I/O comes back, for timers and wake-ups. It takes no CPU; a resource that the
    I/O is on is given back before it.
    """


class ParallelPhase(TypedDict):
    """Branches that begin together; the request goes on when the last one has ended."""

    parallel: Sequence[Sequence[Phase]]
    """The branches, each a list of phases."""
    label: NotRequired[str | None]
    """What the phase is called in a timeline."""


class Pareto(TypedDict):
    """The Pareto distribution, bounded: the heavy tail of file sizes."""

    pareto: BoundedPareto


class Percentiles(TypedDict):
    """The median and the 99th percentile."""

    p50: str
    """The median."""
    p99: str
    """The 99th percentile: one in a hundred is longer."""


class PoissonMean(TypedDict):
    """The mean of a Poisson distribution."""

    mean: float
    """The mean."""


class PoissonTimes(TypedDict):
    """A Poisson count, which may be none."""

    poisson: PoissonMean


class Ramp(TypedDict):
    """A rate that changes steadily: linearly from point to point; the last point's rate stays."""

    ramp: Sequence[RatePoint]
    """The points, from 0s on; between them the rate is linear."""


class RateLimit(TypedDict):
    """How many requests may come to a server: a token bucket."""

    rate: str
    """How many requests may come, on average."""
    burst: NotRequired[int]
    """How many tokens the bucket holds: so many requests may come at once."""
    when_full: NotRequired[Literal["wait", "refuse"]]
    """What becomes of a request without a token: it waits for one, or is refused."""
    per: NotRequired[Literal["server", "worker"]]
    """Whether the workers share a bucket, or each has its own."""


class RatePoint(TypedDict):
    """A rate at a moment."""

    at: Literal[0, "0"] | str
    """When."""
    rate: Literal[0] | str
    """The rate from then on."""


class RepeatPhase(TypedDict):
    """Phases that happen several times over: a query for each row of another one."""

    repeat: Repetition
    """What is repeated, and how often."""
    label: NotRequired[str | None]
    """What the phase is called in a timeline."""


class Repetition(TypedDict):
    """Phases, and how often they happen."""

    times: int | UniformTimes | GeometricTimes | PoissonTimes | ObservedTimes
    """How often."""
    phases: Sequence[Phase]
    """What happens each time."""


RequestClassMapping = TypedDict(
    "RequestClassMapping",
    {
        "phases": ("Sequence[Phase]"),
        "priority": ("NotRequired[int]"),
        "timeout": (
            "NotRequired[str | Exponential | Lognormal | Gamma | Erlang | Hyperexponential | "
            "Uniform | Weibull | Pareto | Empirical | Mixture | Shifted | None]"
        ),
        "patience": (
            "NotRequired[str | Exponential | Lognormal | Gamma | Erlang | Hyperexponential | "
            "Uniform | Weibull | Pareto | Empirical | Mixture | Shifted | None]"
        ),
        "in": ("NotRequired[Literal['thread'] | None]"),
    },
)
"""A class of requests: its phases in order. In a file the list of phases may stand alone."""


class Resource(TypedDict):
    """Something with slots, of which a request needs one: a database pool, a limited service."""

    capacity: int
    """How many slots it has."""
    per: NotRequired[Literal["server", "worker"]]
    """Whether the workers of a server share the slots, or each has as many of its own, as processes
    with a pool each do.
    """
    acquire_timeout: NotRequired[str | None]
    """After how long a request that waits for a slot fails; never if left out."""
    discipline: NotRequired[Literal["fifo", "lifo", "random"]]
    """Which of those who wait gets a slot that is given back."""
    rate_limit: NotRequired[TokenBucket | None]
    """How many requests may ask for a slot; no limit if left out. One without a token waits for it,
    or fails.
    """


ResourceEvent = TypedDict(
    "ResourceEvent",
    {
        "resource": ("str"),
        "at": ("Literal[0, '0'] | str"),
        "for": ("str"),
        "slower": ("NotRequired[float | None]"),
        "stopped": ("NotRequired[Literal[True] | None]"),
    },
)
"""A resource is slower by a factor, or stopped: exactly one of the two."""


class RespondPhase(TypedDict):
    """The client gets its answer; what follows is done without it: a background task."""

    respond: Literal[True]
    """That the answer is sent."""


class Retries(TypedDict):
    """A client tries again when it was refused, gave up waiting, or its request failed."""

    max: int
    """The most retries of one request."""
    backoff: NotRequired[Backoff]
    """How long the client waits before it tries again."""
    jitter: NotRequired[Literal["none", "full", "equal"]]
    """Whether chance shortens a wait: to anything (full), or to no less than half (equal)."""
    budget: NotRequired[Budget | None]
    """How many retries all clients together may make; no limit if left out."""


class Run(TypedDict):
    """How often, and from which seed, to simulate."""

    seed: NotRequired[int]
    """The seed of everything that chance decides."""
    replications: NotRequired[int | None]
    """How often to simulate; left out, once where nothing is random and 10 times otherwise."""
    warmup: NotRequired[str | int]
    """Requests that arrive before it are served, but left out of the statistics: a time, none, or
    auto to find where the run settles (a schedule has none).
    """
    confidence: NotRequired[float | str]
    """How sure intervals are to cover the truth."""
    quantiles: NotRequired[str | Sequence[str]]
    """The quantiles of response time to report."""
    until: NotRequired[Sequence[Until] | Until | None]
    """Adds replications until intervals are narrow enough; a list of these where metrics need
    different precision.
    """
    timeline_at: NotRequired[Sequence[Literal[0, "0"] | str]]
    """Times that the report shows the timeline around, beside those it chooses."""
    engine: NotRequired[Literal["auto", "simpy", "compiled"]]
    """What simulates, with the same outcome: simpy, the reference; compiled, which is quicker for
    large runs; or auto to choose by size.
    """


class Shifted(TypedDict):
    """A constant and a distribution, added."""

    shifted: Offset


class SloMapping(TypedDict):
    """A service level objective. In a file the limit may stand alone."""

    limit: str
    """A metric, one of < <= > >=, and a value."""
    servers: NotRequired[Sequence[str] | None]
    """The servers it holds for, if not for all of them."""
    request: NotRequired[str | None]
    """The class of requests it is about, if not about all."""
    stream: NotRequired[str | None]
    """The stream of requests it is about, if not about all."""


class Stage(TypedDict):
    """How many users there are at a moment."""

    at: Literal[0, "0"] | str
    """When."""
    users: int
    """How many users there are then."""


class Steps(TypedDict):
    """A rate that changes at once: each point's rate holds until the next one."""

    steps: Sequence[RatePoint]
    """The points, from 0s on; each rate holds until the next."""


class Stream(TypedDict):
    """Requests that arrive beside those of other streams, from clients of their own."""

    schedule: NotRequired[Sequence[Arrival] | None]
    """Requests at given times."""
    open: NotRequired[OpenArrivals | None]
    """Arrivals that do not wait for responses."""
    closed: NotRequired[ClosedUsers | None]
    """Users who wait for each response."""
    trace: NotRequired[Trace | None]
    """Requests that were recorded in a file."""
    mix: NotRequired[Mapping[str, float] | None]
    """How likely each class of requests is; without it, all are as likely."""
    duration: NotRequired[str | None]
    """When the simulation ends."""
    requests: NotRequired[int | None]
    """How many requests arrive."""
    client: NotRequired[Client | None]
    """What its clients do when they wait too long, or are refused; as any if left out."""


class TokenBucket(TypedDict):
    """Each request takes a token, and tokens come at a rate.

    Source: J. S. Turner, New directions in communications, IEEE Communications Magazine 24
    (1986).
    """

    rate: str
    """How many requests may come, on average."""
    burst: NotRequired[int]
    """How many tokens the bucket holds: so many requests may come at once."""
    when_full: NotRequired[Literal["wait", "refuse"]]
    """What becomes of a request without a token: it waits for one, or is refused."""


class Trace(TypedDict):
    """The requests of a CSV or Parquet file, one a row.

    In a scenario file ``file`` is relative to it; here it is absolute. It is checked that the
    file has the columns, which are read later: they may have millions of rows.
    """

    file: str
    """A CSV or Parquet file, relative to the scenario file."""
    arrival: str
    """The column with the arrival time of each request."""
    request: NotRequired[str | None]
    """The column that names each request's class; without it, mix decides."""
    unit: NotRequired[Literal["ns", "us", "µs", "ms", "s", "min", "h"]]
    """The unit of the columns of times."""


class Uniform(TypedDict):
    """The uniform distribution: everything between two ends is as likely."""

    uniform: Bounds


class UniformTimes(TypedDict):
    """Any count of a range, each as likely."""

    uniform: CountRange


class Until(TypedDict):
    """A stopping rule: replications are added until intervals are narrow enough."""

    metric: str | Sequence[str]
    """The metrics, one or a list, that need this precision."""
    relative: float | str
    """Half an interval, relative to its value."""
    at_most: NotRequired[int]
    """The most replications to spend on it."""


class Values(TypedDict):
    """Observed durations, each as likely as the others."""

    values: Sequence[Literal[0, "0"] | str]
    """The observed durations."""


class Weibull(TypedDict):
    """The Weibull distribution."""

    weibull: MeanCv | Percentiles


class Worker(TypedDict):
    """One of several workers that differ."""

    speed: float
    """How fast it computes: at 0.5, everything takes twice as much CPU time."""


WorkerEvent = TypedDict(
    "WorkerEvent",
    {
        "worker": ("int"),
        "at": ("Literal[0, '0'] | str"),
        "for": ("str"),
        "down": ("NotRequired[Literal[True, 'drain'] | None]"),
        "slower": ("NotRequired[float | None]"),
        "server": ("NotRequired[str | None]"),
        "service": ("NotRequired[str | None]"),
    },
)
"""A worker is down, or slower by a factor: exactly one of the two.

When it goes down its requests fail, or it ends them first (``drain``).
"""


class Workload(TypedDict):
    """When requests arrive, in one way; or the names of several streams, each with its own."""

    schedule: NotRequired[Sequence[Arrival] | None]
    """Requests at given times."""
    open: NotRequired[OpenArrivals | None]
    """Arrivals that do not wait for responses."""
    closed: NotRequired[ClosedUsers | None]
    """Users who wait for each response."""
    trace: NotRequired[Trace | None]
    """Requests that were recorded in a file."""
    mix: NotRequired[Mapping[str, float] | None]
    """How likely each class of requests is; without it, all are as likely."""
    duration: NotRequired[str | None]
    """When the simulation ends."""
    requests: NotRequired[int | None]
    """How many requests arrive."""


class Server(TypedDict):
    """A server: its model, and the options of that model."""

    model: Literal["serial", "threaded", "cooperative"]
    """How the server handles requests."""
    workers: NotRequired[int | Sequence[Worker]]
    """How many processes serve; a list where they are not equally fast."""
    cores: NotRequired[int | None]
    """How many cores the workers share; one for each of them if left out."""
    time_slice: NotRequired[str]
    """How long a worker has a core while others wait for it."""
    discipline: NotRequired[Literal["fifo", "lifo", "priority", "preemptive", "shortest"]]
    """In which order those who wait are taken."""
    dispatch: NotRequired[
        Literal["shared", "last_idle", "race", "random", "round_robin", "least_busy"]
    ]
    """Which worker gets an arrival."""
    overhead: NotRequired[Overhead]
    """CPU time that the server itself adds."""
    backlog: NotRequired[int | None]
    """How many requests may wait to be accepted; no limit if left out."""
    backlog_full: NotRequired[Literal["refuse", "drop"]]
    """What becomes of a request that finds the backlog full."""
    queue_timeout: NotRequired[str | None]
    """After what wait a request is refused when its turn comes; never if left out."""
    rate_limit: NotRequired[RateLimit | None]
    """How many requests may come; no limit if left out."""
    codel: NotRequired[CoDel | None]
    """Whether requests are refused while all of them wait too long."""
    max_in_flight: NotRequired[int | InFlight | None]
    """How many requests are served at once; no limit if left out."""
    max_requests: NotRequired[int | None]
    """After how many requests a worker restarts; never if left out."""
    max_requests_jitter: NotRequired[int]
    """Up to how many requests more, so that workers do not all restart at once."""
    boot: NotRequired[Literal[0, "0"] | str]
    """How long a worker takes to come up after a restart, or after it was down."""
    cost: NotRequired[float | None]
    """What the server costs, in any unit: its workers, times cores if given, unless said here. A
    sweep names the cheapest point that keeps all objectives.
    """
    cancel_abandoned: NotRequired[bool]
    """Whether work for clients that gave up is stopped."""
    batch: NotRequired[Batching | None]
    """How a worker serves several requests together; one by one if left out."""
    parallel: NotRequired[Literal["sequential", "concurrent"]]
    """It serves parallel branches one after another."""
    switch_interval: NotRequired[str]
    """After what time a thread lets go of the lock that others wait for."""
    interpreter_lock: NotRequired[bool]
    """Whether one thread computes at a time: false is free threading."""
    threads: NotRequired[int]
    """How many threads each worker has."""
    thread_pool: NotRequired[int]
    """How many threads each worker has for what is not done on its loop."""
    process_pool: NotRequired[int | None]
    """How many processes, with a core each, each worker has for that."""


class Written(TypedDict):
    """All sections of a scenario."""

    name: str
    """What the scenario is called."""
    description: NotRequired[str]
    """What it is about."""
    requests: Mapping[str, RequestClass]
    """The classes of requests, each a list of phases."""
    workload: Workload | Mapping[str, Stream]
    """When requests arrive."""
    servers: Mapping[str, Server]
    """The servers to compare; the first one is the baseline."""
    services: NotRequired[Mapping[str, Server]]
    """The servers that requests call: a database, another web service."""
    resources: NotRequired[Mapping[str, Resource]]
    """What requests share outside the servers, such as a database pool."""
    client: NotRequired[Client]
    """What clients do when they wait too long, or are refused."""
    events: NotRequired[Sequence[ResourceEvent | WorkerEvent | ArrivalsEvent]]
    """What goes wrong, or is different, for a while."""
    run: NotRequired[Run]
    slo: NotRequired[Mapping[str, Slo]]
    """Limits on metrics, each judged as kept, missed or open."""


Phase: TypeAlias = (
    "CallPhase | ChoosePhase | CpuPhase | HoldPhase | IoPhase | ParallelPhase | "
    "RepeatPhase | RespondPhase"
)

RequestClass: TypeAlias = "RequestClassMapping | Sequence[Phase]"

Slo: TypeAlias = "str | SloMapping"
