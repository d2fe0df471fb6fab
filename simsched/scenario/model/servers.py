"""The servers that a scenario compares."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import Field, model_validator

from simsched.scenario.file.explaining import members
from simsched.scenario.file.problems import Problem, complaint
from simsched.scenario.model.alternatives import ByValue
from simsched.scenario.model.base import Part
from simsched.scenario.model.batching import Batching
from simsched.scenario.model.disciplines import BacklogFull, Discipline, Dispatch
from simsched.scenario.model.limits import InFlight, Limit, Worker, Workers
from simsched.scenario.model.overhead import Overhead
from simsched.scenario.model.quantities import Count, Duration, PositiveDuration
from simsched.scenario.model.shedding import CoDel, RateLimit

Branches = Literal["concurrent", "sequential"]
"""How the branches of a parallel phase are served: together, or one after another."""


class _Server(Part):
    """What all servers have in common; the models differ in what is left out.

    Engines and formulas ask a model for what it is like (:attr:`keeps`, :attr:`one_computes`, ...)
    rather than for its name.

    Attributes:
        occupied: what a request occupies while it is served.
        keeps: whether it keeps that from its first phase to its last, also while it waits.
    """

    occupied: ClassVar[Literal["worker", "thread", "loop"]]
    keeps: ClassVar[bool]

    model: str
    crew: Workers = Field(
        default=1,
        alias="workers",
        description="How many processes serve; a list where they are not equally fast.",
        examples=[2, [{"speed": 1}, {"speed": 0.5}]],
    )
    cores: int | None = Field(
        default=None,
        ge=1,
        le=10_000,
        description="How many cores the workers share; one for each of them if left out.",
        examples=[4],
    )
    time_slice: PositiveDuration = Field(
        default=3_000_000,
        description="How long a worker has a core while others wait for it.",
        examples=["3ms"],
    )
    discipline: Discipline = Field(
        default="fifo", description="In which order those who wait are taken."
    )
    dispatch: Dispatch = Field(default="shared", description="Which worker gets an arrival.")
    overhead: Overhead = Field(
        default_factory=Overhead, description="CPU time that the server itself adds."
    )
    backlog: int | None = Field(
        default=None,
        ge=0,
        le=1_000_000_000,
        description="How many requests may wait to be accepted; no limit if left out.",
        examples=[64],
    )
    backlog_full: BacklogFull = Field(
        default="refuse", description="What becomes of a request that finds the backlog full."
    )
    queue_timeout: PositiveDuration | None = Field(
        default=None,
        description="After what wait a request is refused when its turn comes; never if left out.",
        examples=["500ms"],
    )
    rate_limit: RateLimit | None = Field(
        default=None,
        description="How many requests may come; no limit if left out.",
        examples=[{"rate": "10/s", "burst": 20}],
    )
    codel: CoDel | None = Field(
        default=None,
        description="Whether requests are refused while all of them wait too long.",
        examples=[{"target": "5ms", "interval": "100ms"}],
    )
    max_in_flight: Limit | None = Field(
        default=None,
        description="How many requests are served at once; no limit if left out.",
        examples=[100, {"max": 100, "per": "worker"}],
    )
    max_requests: Count | None = Field(
        default=None,
        description="After how many requests a worker restarts; never if left out.",
        examples=[1000],
    )
    max_requests_jitter: int = Field(
        default=0,
        ge=0,
        le=1_000_000_000,
        description="Up to how many requests more, so that workers do not all restart at once.",
        examples=[100],
    )
    boot: Duration = Field(
        default=0,
        description="How long a worker takes to come up after a restart, or after it was down.",
        examples=["2s"],
    )
    cost: float | None = Field(
        default=None,
        ge=0,
        le=1e12,
        description="What the server costs, in any unit: its workers, times cores if given, unless "
        "said here. A sweep names the cheapest point that keeps all objectives.",
        examples=[120],
    )
    cancel_abandoned: bool = Field(
        default=False, description="Whether work for clients that gave up is stopped."
    )

    @property
    def workers(self) -> int:
        """How many processes serve."""
        return self.crew if isinstance(self.crew, int) else len(self.crew)

    @property
    def speeds(self) -> tuple[float, ...]:
        """How fast each worker computes."""
        if isinstance(self.crew, int):
            return (1.0,) * self.crew
        return tuple(float(worker.speed) for worker in self.crew)

    @property
    def pace(self) -> float:
        """How fast they compute on average; the slowest does where arrivals go to all alike."""
        blind = self.dispatch in {"random", "round_robin"}
        return min(self.speeds) if blind else sum(self.speeds) / self.workers

    @property
    def core_count(self) -> int:
        """How many cores the workers share."""
        return self.cores or self.workers

    @property
    def cores_in_all(self) -> int:
        """How many cores there are with those of the workers' pools of processes."""
        return self.core_count

    @model_validator(mode="after")
    def _backlog_is_there(self) -> Self:
        if self.backlog_full == "drop" and self.backlog is None:
            hint = "write for example backlog: 64"
            raise complaint(Problem(("backlog_full",), "there is no backlog to be full", hint))
        return self

    @model_validator(mode="after")
    def _limits_who_was_accepted(self) -> Self:
        limit = self.rate_limit
        if limit is not None and self.backlog_full == "drop":
            message = "a rate limit is about what was accepted, and so was not dropped"
            raise complaint(Problem(("backlog_full",), message, "write refuse, or no rate_limit"))
        if limit is not None and limit.per == "worker" and self.has_one_queue and self.workers > 1:
            message = "all workers take from one queue, which no worker's bucket is before"
            hint = "write per: server, or dispatch: random"
            raise complaint(Problem(("rate_limit", "per"), message, hint))
        return self

    @model_validator(mode="after")
    def _max_requests_is_there(self) -> Self:
        if self.max_requests_jitter and self.max_requests is None:
            hint = "write for example max_requests: 1000"
            raise complaint(Problem(("max_requests_jitter",), "it needs max_requests", hint))
        return self

    @property
    def room(self) -> int | None:
        """How many requests an accept queue has room for; None where it is not limited.

        Linux's holds one more than its backlog (``sk_acceptq_is_full`` in ``include/net/sock.h``).
        """
        if self.backlog is None:
            return None
        return self.backlog + (self.backlog_full == "drop")

    @property
    def turns_away(self) -> bool:
        """Whether requests may be refused: for want of room or of a token, or for their wait."""
        limited = self.rate_limit is not None and self.rate_limit.when_full == "refuse"
        return self.bounds_its_queue or limited

    @property
    def bounds_its_queue(self) -> bool:
        """Whether the accept queue, or the wait there, stays bounded under any load."""
        waits = self.queue_timeout is not None or self.codel is not None
        return self.backlog is not None or waits

    @property
    def most_at_once(self) -> int | None:
        """How many requests are served at once, together or, if it :attr:`limits_each`, by each."""
        limit = self.max_in_flight
        return limit.max if isinstance(limit, InFlight) else limit

    @property
    def limits_each(self) -> bool:
        """Whether each of several workers may serve so many requests at once."""
        return isinstance(self.max_in_flight, InFlight) and self.max_in_flight.per == "worker"

    @property
    def places(self) -> int | None:
        """How many requests all workers together serve at once; None where that is not limited."""
        most = self.most_at_once
        return most * self.workers if most is not None and self.limits_each else most

    @property
    def has_one_queue(self) -> bool:
        """Whether all workers take from one accept queue."""
        return self.dispatch in {"shared", "last_idle"}

    @property
    def deals_by_chance(self) -> bool:
        """Whether chance decides which of several workers gets an arrival."""
        return self.workers > 1 and self.dispatch in {"race", "random"}

    @property
    def needs_draws(self) -> bool:
        """Whether chance decides who gets an arrival, or when a worker restarts."""
        return self.deals_by_chance or self.max_requests_jitter > 0

    @property
    def per_worker(self) -> int:
        """How many threads each worker has; one where it is the worker or its loop that serves."""
        return 1

    @property
    def one_computes(self) -> bool:
        """Whether at most one request of a worker computes at a time."""
        return True

    @property
    def lock_interval(self) -> int | None:
        """After what time a thread lets go of the interpreter lock; None where there is no lock."""
        return None

    @property
    def batching(self) -> Batching | None:
        """How its workers serve several requests together; None where they do not."""
        return None

    @property
    def batch_size(self) -> int:
        """How many requests a worker takes at a time."""
        return 1 if self.batching is None else self.batching.max

    @property
    def kept_at_once(self) -> int:
        """How many requests a worker has at once that keep it or a thread of it to their end."""
        return self.per_worker * self.batch_size

    @property
    def least_added(self) -> float:
        """CPU time (ns) that it adds to each request at least: in batches, if all are full."""
        if self.batching is None:
            return self.overhead.request
        duration = self.batching.duration
        return self.overhead.request + duration.each + duration.base / self.batching.max

    @property
    def added_alone(self) -> int:
        """CPU time (ns) that it adds to a request that is alone."""
        if self.batching is None:
            return self.overhead.request
        duration = self.batching.duration
        return self.overhead.request + duration.each + duration.base

    @property
    def price(self) -> float:
        """What it costs: what the scenario says, or its workers times the cores it names."""
        return float((self.cores or 1) * self.workers) if self.cost is None else self.cost

    @classmethod
    def home(cls, key: str) -> str:
        """Return the models that *key* belongs to."""
        models = (
            get_args(each.under("model"))[0] for each in members(Server) if key in each.fields()
        )
        return " or ".join(f"model: {model}" for model in models)


def _are_several(crew: int | tuple[Worker, ...]) -> bool:
    return (crew if isinstance(crew, int) else len(crew)) > 1


class SerialServer(_Server):
    """A WSGI sync worker: it keeps a request until the last phase ends."""

    occupied = "worker"
    keeps = True

    model: Literal["serial"] = Field(description="How the server handles requests.")
    batch: Batching | None = Field(
        default=None,
        description="How a worker serves several requests together; one by one if left out.",
        examples=[{"max": 8, "wait": "10ms", "duration": {"base": "20ms", "each": "2ms"}}],
    )
    parallel: Literal["sequential"] = Field(
        default="sequential", description="It serves parallel branches one after another."
    )

    @model_validator(mode="after")
    def _batches_may_form(self) -> Self:
        batch = self.batch
        if batch is not None and batch.wait and batch.max > 1 and self.room == 0:
            message = "no request may wait, and so none may wait for the others of its batch"
            hint = f"write backlog: {batch.max - 1} or more"
            raise complaint(Problem(("backlog",), message, hint))
        return self

    @property
    def batching(self) -> Batching | None:
        """How its workers serve several requests together; None where they do not."""
        return self.batch


class _Interpreter(_Server):
    """A server whose workers may have several threads, each under an interpreter."""

    switch_interval: PositiveDuration = Field(
        default=5_000_000,
        description="After what time a thread lets go of the lock that others wait for.",
        examples=["5ms"],
    )
    interpreter_lock: bool = Field(
        default=True, description="Whether one thread computes at a time: false is free threading."
    )


class ThreadedServer(_Interpreter):
    """A pool of threads under an interpreter lock: a request keeps its thread to the last phase."""

    occupied = "thread"
    keeps = True

    model: Literal["threaded"] = Field(description="How the server handles requests.")
    threads: int = Field(
        default=8, ge=1, le=10_000, description="How many threads each worker has.", examples=[40]
    )
    dispatch: Dispatch = Field(
        default_factory=lambda given: "race" if _are_several(given.get("crew", 1)) else "shared",
        description="Which worker gets an arrival; of several workers, the first to accept it "
        "(race) unless said here.",
    )
    parallel: Branches = Field(
        default="sequential", description="How the branches of a parallel phase are served."
    )

    @property
    def per_worker(self) -> int:
        """How many threads each worker has."""
        return self.threads

    @property
    def one_computes(self) -> bool:
        """Whether at most one request of a worker computes at a time: by the lock."""
        return self.interpreter_lock

    @property
    def lock_interval(self) -> int | None:
        """After what time a thread lets go of the interpreter lock; None where there is no lock."""
        return self.switch_interval if self.interpreter_lock else None


class CooperativeServer(_Interpreter):
    """An asyncio event loop per worker: it runs what is ready while other requests wait for I/O."""

    occupied = "loop"
    keeps = False

    model: Literal["cooperative"] = Field(description="How the server handles requests.")
    dispatch: Dispatch = Field(default="random", description="Which worker gets an arrival.")
    parallel: Branches = Field(
        default="concurrent", description="How the branches of a parallel phase are served."
    )
    thread_pool: Count = Field(
        default=40,
        description="How many threads each worker has for what is not done on its loop.",
        examples=[40],
    )
    process_pool: Count | None = Field(
        default=None,
        description="How many processes, with a core each, each worker has for that.",
        examples=[4],
    )

    @property
    def cores_in_all(self) -> int:
        """How many cores there are with those of the workers' pools of processes."""
        return self.core_count + self.workers * (self.process_pool or 0)


Server = Annotated[SerialServer | ThreadedServer | CooperativeServer, ByValue("model")]
"""One server, of the kind that its ``model`` names."""
