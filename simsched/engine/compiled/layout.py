"""What the engine's records are made of.

Everything that a run may have many of lies in an array of records; one record refers to another by
its position, and -1 is none. Times are nanoseconds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Records = NDArray[np.void]
"""An array of one of the types below."""

Record = Any
"""An element of one; its fields are attributes in compiled code."""

ACTIVITIES = 5
"""How many activities a request's time is divided into."""

NONE = -1
NEVER = np.iinfo(np.int64).max
"""The time of what is not going to happen."""

_INT = np.int64
_FLAG = np.bool_


def _record(*, whole: str, flags: str = "", others: tuple[tuple[Any, ...], ...] = ()) -> Any:
    fields: list[tuple[Any, ...]] = [(name, _INT) for name in whole.split()]
    fields += [*others, *((name, _FLAG) for name in flags.split())]
    return np.dtype(fields, align=True)


def _padded(kind: Any) -> Any:
    """Return the same record in a power of two bytes, so that its place is found by shifting."""
    names, formats = zip(*((name, kind[name]) for name in kind.names), strict=True)
    return np.dtype(
        {
            "names": names,
            "formats": formats,
            "offsets": [kind.fields[name][1] for name in names],
            "itemsize": 1 << (kind.itemsize - 1).bit_length(),
        },
        align=True,
    )


def _pools(names: str) -> str:
    """Return for each pool the fields of its address and its size."""
    return "".join(f" {name} {name}_size" for name in names.split())


_RUN_POOLS = "tasks jobs spent heap handovers queues takers workers winners stretches also"

RUN = _record(
    # now: the present moment; end: when the run ends; last_change: when something last happened to
    #     a request. sequence: how many events were scheduled; tickets: how often queues were
    #     joined; dispatched, in_flight, rows: how many requests were dispatched, are started and
    #     not ended, were attempted; numbered: how many requests users sent.
    # first_time, first_rank, first_subject: the first event; events: how many more are in the
    #     calendar. handed, handovers_count: the first hand-over, and how
    #     many there are; timer, timers_count: the same of timers.
    # arrived: how many requests of an open workload came; next_arrival, next_rank: the next one's
    #     time and rank. next_timer, next_timer_rank: the first timer's.
    # free, fresh, alive: the first of the task slots that are free again, the first never used,
    #     and how many are in use. launched, last_launched: branches that have yet to begin.
    # place: which of the servers of a run this is.
    # stretches, visits: how many were recorded. timeline: for how many requests they are.
    # stuck: the user for whom time stands still. awake, awake_at: who accepted the latest request
    #     in a race, and when.
    whole="now end last_change sequence tickets dispatched in_flight rows numbered"
    " first_time first_rank first_subject events handed handovers_count timer timers_count"
    " arrived expected next_arrival next_rank"
    " next_timer next_timer_rank free fresh alive launched last_launched"
    " stretches_count visits timeline stuck rows_size takers_count awake awake_at"
    " place" + _pools(_RUN_POOLS),
    flags="concurrent has_first",
)
"""The figures of a run, of which there is one each."""

SERVER = _record(
    whole="workers discipline dispatch backlog queue_timeout max_in_flight request switch late"
    " again cpu threads timeout branches max_requests max_requests_jitter"
    " boot lobby kept thread_pools process_pools token_interval token_burst"
    " batch_size batch_wait batch_base",
    flags="cooperative off_loads drops tokens_each waits_for_token codel limits_each shared"
    " last_idle least_busy preemptive sequential cancels same_rows works_late needs_draws",
)
"""A server's options, and how long all clients wait; -1 stands for what is not limited.

The queues from ``lobby`` + 1 on are lines for connections, and those from ``kept`` on are the kept
queues of the workers; that is -1 where there are none.
"""

TASK = _padded(
    _record(
        # As in the reference. previous, next: its neighbours in a queue or a line.
        # child, sibling, above: its place in the heap of a queue that is ranked.
        # elder, younger: its neighbours among the tasks of its job.
        # epoch: distinguishes what was scheduled for its latest purpose from what no longer counts.
        # due, began: how long it may compute on its core, and since when it does; due is also when
        #     its I/O on a resource ends. fails: whether the request fails with its I/O.
        # row, executed, overhead: of its burst, for the timeline. lock_free: as in the reference.
        # where: off its loop, in a thread or process. level: of its turns, OWN_CORE without any.
        # calls: the first of the messages whose answer it waits for; copy: the row of the next.
        whole="job position end since parent activity branches queue ticket rank previous next"
        " child sibling above elder younger taker epoch due began waits_for asked visit"
        " row executed overhead calls copy lock_free sent_to",
        # early: whether it waits for a token, and not yet for a slot. sent_to: the accept queue
        # that it joins once it has its token.
        flags="alive blocking fails early",
        others=(
            ("speed", np.float64),
            *[(name, np.int8) for name in ("where", "level", "on_grant")],
        ),
    )
)

JOB = _padded(
    _record(
        # call: the row of the call that it is, message: and that which waits for its answer.
        # connection, sent: as in the reference.
        whole="row number index attempt user worker arrival start finish status"
        " begin first last previous next late_cpu late_until call message connection sent",
        flags="unwanted kept",
    )
)

EVENT = _record(whole="time rank subject")
"""``rank`` is its order, its number in order of scheduling, and what is to be done."""

HANDOVER = _record(whole="action subject")

ENDS = _record(whole="first last")
"""The ends of a list whose records know their neighbours: ``previous`` and ``next``."""

EMPTY = (NONE, NONE)
"""The ends of an empty list."""

QUEUE = _padded(
    _record(whole="length root", flags="gated", others=(("tasks", ENDS), ("idle", ENDS)))
)

TAKER = _padded(_record(whole="worker task queue ready previous next", flags="idle"))

WORKER = _record(
    # As a life of the reference, and whether it is up.
    whole="load in_flight taken limit number held",
    flags="up draining restarts",
    others=(("jobs", ENDS), ("speed", np.float64), ("full_speed", np.float64)),
)

STEP = _record(
    whole="kind pool timeout where service hedge budget",
    flags="blocking per_worker goes_on may_fail",
    others=(("lock_free", np.float64),),
)

STRETCH = _record(
    whole="request activity start finish worker row executed overhead attempt",
    others=(("speed", np.float64),),
)

LEVEL = _record(whole="places quantum switch" + _pools("turns lines"))
"""A CPU that its users take turns on: the cores of a host, or the locks of its workers."""

REQUESTS = _record(
    whole="first_row step_id duration_ns class_id stream_id dispatch arrival_ns elapsed_ns"
    " priorities steps"
)
"""The addresses of the columns of the requests, as in the workload.

``elapsed_ns`` is a running total of what rows take; it is there where queues rank by that, and
``stream_id`` where requests come in several streams.
"""

COLUMNS = _record(whole="worker start_ns finish_ns queue_ns cpu_ns cpu_wait_ns io_ns status")
"""The addresses of the columns of the trace that a job fills when it ends.

In a plain run no request waits for a slot, and ``io_wait_ns`` is 0.
"""

GENERAL = _record(
    whole="drawn drawn_rows longest users_count outages_count io_wait_ns late_cpu_ns"
    " late_until_ns think_ns stays_first handoff fails timeout_ns patience_ns"
    + _pools(
        "levels pools slowdowns visits timers longest_waits jitter dispatch attempts users"
        " blocks up outages stays streams populations full_again codels connections batches"
    ),
    flags="waits",
)
"""What plain runs do without: turns, resources, patience, users, outages."""

TURN = _record(whole="demand executed extra due previous next", flags="on")

LINE = _record(whole="count", others=(("running", ENDS), ("waiting", ENDS)))
"""Those who run, of whom there are so many, and those who wait for a turn."""

POOL = _record(
    # token_interval: -1 without a bucket of tokens. full_again: when that is.
    whole="resource capacity in_use waiting patience discipline slowdowns slowdowns_end"
    " token_interval token_burst full_again",
    flags="refuses",
    others=(("line", ENDS),),
)
"""The slots of a resource that all workers of a server share, or those of one of them."""

VISIT = _record(whole="pool row asked granted released next", others=(("draw", np.float64),))

CODEL = _record(whole="target interval above due count last_count", flags="refusing again")
"""What CoDel knows of an accept queue, as in the reference."""

BATCH = _record(whole="left_count overdue", others=(("left", ENDS), ("done", ENDS)))
"""The batch of a worker; those who joined before the ticket ``overdue`` wait for no others."""

SLOWDOWN = _record(whole="start finish", others=(("factor", np.float64),))

TIMER = _record(whole="time rank job row")

ATTEMPT = _record(whole="number index user attempt arrival")

USER = _record(whole="asked block index began rounds sent population")

POPULATION = _record(whole="iterations most_requests numbered", flags="paced")
"""Users of one kind; ``numbered`` is how many requests they sent together."""

STREAM = _record(
    # most, longest_idle, fifo: of connections, as in the scenario. first, fresh, free: of their
    #     records the first, the first never used, and the first that is free again. idle: those
    #     that are, the one used last at the end; opened: how many there are.
    whole="retries longest_waits most longest_idle first fresh free opened",
    flags="fifo",
    others=(
        *((name, np.float64) for name in ("least_share", "ratio", "burst", "balance")),
        ("idle", ENDS),
    ),
)
"""How the clients of a stream try again; their longest waits begin at this place among all.

A budget's ``burst`` is -1 where there is none, and ``most`` where no connection is kept.
"""

CONNECTION = _record(whole="worker life idle_since previous next")
"""A connection that is kept, as in the reference."""

BLOCK = _record(whole="before per_user base")

OUTAGE = _record(whole="worker start finish", flags="drain", others=(("slower", np.float64),))

STAY = _record(whole="joins leaves")

NETWORK = _record(
    whole="current free fresh under_way next next_time next_rank"
    + _pools("places messages budgets"),
    flags="crowded",
)
"""The servers of a run, and the messages that are under way between them.

current: the server in which things happen. next, next_time, next_rank: which of the others is the
next in which something does, and when. free, fresh: the first places for a message that are free
again, or were never used. crowded: whether a calendar has little room.
"""

PLACE = _record(whole="run server requests columns general time rank calls")
"""The addresses of a server's records and of its calls, and its next event."""

MESSAGE = _padded(
    _record(
        # caller, ticket: who waits for the answer, and for which task; sent_by: the row of its job.
        # service: who is called; job, job_row: what it does for it.
        # row: of the call; sent: when; status: how it ended. uses: how many events are to come.
        whole="caller service ticket row number index attempt sent_by sent status job job_row uses"
        " next"
    )
)
"""A call, from its being sent until its answer is back."""

CALL = _record(whole="caller row sent answered")
"""What a call is: which server sent it, for which of its jobs, by row, and when."""

BUDGET = _record(
    whole="", others=(("balance", np.float64), ("ratio", np.float64), ("burst", np.float64))
)
"""How many retries all calls of a step may make."""

_RUN_FIGURES = ("end", "expected", "timeline", "rows_size", "takers_count")

FIXED: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (RUN, (*_RUN_FIGURES, *_pools(_RUN_POOLS).split())),
    *((kind, kind.names) for kind in (SERVER, STEP, LEVEL, REQUESTS, COLUMNS, GENERAL)),
    (NETWORK, tuple(_pools("places messages budgets").split())),
    (PLACE, ("run", "server", "requests", "columns", "general", "calls")),
)
"""Kinds of records, and those of their fields that no rule ever changes."""
