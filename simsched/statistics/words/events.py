"""What a request does at an instant: clauses of one sentence, whose subject is the request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simsched.engine.trace import Activity, Status
from simsched.statistics.words.numbers import counted, show_exact
from simsched.units import SECOND

MILLISECOND = SECOND // 1000

_MOST_NAMED = 4
_MOST_DECIMALS = 3

NEVER = "is still there when the run ends"
"""What is said of a request that the run leaves without an answer."""

_ENDINGS = {
    Status.COMPLETED: "is answered",
    Status.TIMED_OUT: "is given up by its client",
    Status.REFUSED: "is refused",
    Status.CANCELLED: "is cancelled",
    Status.FAILED: "fails",
}

HAS_LOOP = "has the loop"
HAS_LOCK = "has the interpreter lock"
COMPUTES = "computes"

WAITS_FOR_POOL = "waits for a thread or process"
"""What is said of work off the loop whose pool has none free."""

NOTHING = "Nothing happens in this time."


def heading(scenario: str, replication: int, seed: int) -> str:
    """Return what the events are of."""
    return f"{scenario}: replication {replication:,}, seed {seed}"


def clocks(instants_ns: Sequence[int]) -> list[str]:
    """Return instants in milliseconds, as in ``72 ms``, all with the same number of decimals.

    They have the fewest that write them exactly, or write no two of them alike; three at most.
    """
    different = len(set(instants_ns))
    for decimals in range(_MOST_DECIMALS):
        is_exact = not any(instant * 10**decimals % MILLISECOND for instant in instants_ns)
        found = _clocks(instants_ns, decimals)
        if is_exact or (decimals and len(set(found)) == different):
            return found
    return _clocks(instants_ns, _MOST_DECIMALS)


def _clocks(instants_ns: Sequence[int], decimals: int) -> list[str]:
    return [f"{instant / MILLISECOND:,.{decimals}f} ms" for instant in instants_ns]


def lasting(length_ns: int) -> str:
    """Return a length of time, as in ``8 ms``."""
    return show_exact(length_ns / SECOND)


def subject(request: int, kind: str, attempt: int, *, is_given_up: bool) -> str:
    """Return who a sentence is about; *kind* is its class where that is to be said, or ""."""
    again = f"attempt {attempt}" if attempt > 1 else ""
    gone = "given up" if is_given_up else ""
    remarks = ", ".join(filter(None, (kind, again, gone)))
    return f"request {request} ({remarks})" if remarks else f"request {request}"


def arrives(attempt: int) -> str:
    """Return that an attempt begins."""
    return "arrives" if attempt == 1 else "is sent again"


def waited(activity: Activity, length_ns: int, *, is_served: bool) -> str:
    """Return that a wait of *length_ns* ends, for the queue or the CPU."""
    if activity is Activity.QUEUE:
        return f"leaves the queue after {lasting(length_ns)}"
    if is_served:
        return f"gets the CPU after {lasting(length_ns)}"
    # It was given up, or waited while the others of its batch were served.
    return f"has waited for the CPU for {lasting(length_ns)}"


def waited_for_pool(length_ns: int, *, is_served: bool) -> str:
    """Return that a wait of *length_ns* for a thread or process of a pool ends."""
    what = "gets" if is_served else "stops waiting for"
    return f"{what} a thread or process after {lasting(length_ns)}"


def begins(work: Activity | str, label: str, length_ns: int, on: str, count: int) -> str:
    """Return that work begins: *count* times at once, with a slot of the resource *on* if any.

    The work is an activity, or the service that is called.
    """
    match work:
        case str():
            verb = f"calls {work}"
        case Activity.CPU:
            verb = "computes"
        case _:
            verb = "starts I/O"
    remarks = ", ".join(filter(None, (label, _at_once(count), lasting(length_ns))))
    return f"{verb} ({remarks}){f' with a slot of {on}' if on else ''}"


def stay(queued_ns: int, served_ns: int) -> str:
    """Return how long a call was in the queue of its service, and was served there."""
    served = f"served in {lasting(served_ns)}"
    return f"{lasting(queued_ns)} in its queue, {served}" if queued_ns else served


def ends(work: Activity | str, label: str, count: int, at_service: str = "") -> str:
    """Return that work ends, as in ``ends I/O (database)`` or ``ends its call of stock``.

    Of a call it is said what became of it *at_service*, if anything is.
    """
    match work:
        case str():
            verb = f"ends its call of {work}"
        case Activity.CPU:
            verb = "stops computing"
        case _:
            verb = "ends I/O"
    remarks = ", ".join(filter(None, (label, _at_once(count), at_service)))
    return f"{verb} ({remarks})" if remarks else verb


def waits(
    activity: Activity,
    computing: Sequence[int],
    others: Mapping[str, Sequence[int]],
    count: int,
    *,
    goes_on: bool = False,
) -> str:
    """Return that *count* waits for a worker or its CPU begin, and what is served meanwhile.

    *goes_on* says whether it is the wait of which it was just said how long it was. The *others*
    wait for the service that they call, or for I/O where that is "".
    """
    wait_for_cpu = "still waits for it" if goes_on else "waits for the CPU"
    what = "waits in the queue" if activity is Activity.QUEUE else wait_for_cpu
    meanwhile = [_at_once(count)] if count > 1 else []
    if computing:
        meanwhile.append(f"{_requests(computing)} {_verb('compute', computing)}")
    for service, found in others.items():
        meanwhile.append(f"{_requests(found)} {_verb('wait', found)} for {service or 'I/O'}")
    return f"{what} ({', '.join(meanwhile)})" if meanwhile else what


def waits_for_slot(resource: str, holders: Sequence[int]) -> str:
    """Return that a wait for a slot begins, and which requests have the slots."""
    what = f"waits for a slot of {resource}"
    if not holders:
        return what
    return f"{what} ({_requests(holders)} {'has it' if len(holders) == 1 else 'have them'})"


def takes_slot(resource: str, waited_ns: int) -> str:
    """Return that a slot is taken, after a wait of *waited_ns* if any."""
    return f"takes a slot of {resource}{f' after {lasting(waited_ns)}' if waited_ns else ''}"


def returns_slot(resource: str) -> str:
    """Return that a slot is given back."""
    return f"returns its slot of {resource}"


def stops_waiting(resource: str, waited_ns: int) -> str:
    """Return that the wait for a slot ends without one."""
    return f"stops waiting for a slot of {resource} after {lasting(waited_ns)}"


def finishes(status: Status, after_ns: int) -> str:
    """Return how a request ends, *after_ns* of its arrival."""
    return f"{_ENDINGS[status]}{f' after {lasting(after_ns)}' if after_ns else ''}"


def joined(who: str, clauses: Sequence[str]) -> str:
    """Return the sentence that *who* does all of *clauses*."""
    if len(clauses) == 1:
        return f"{who} {clauses[0]}"
    return f"{who} {', '.join(clauses[:-1])} and {clauses[-1]}"


def cut(shown: int, count: int) -> str:
    """Return that only the first events are shown, and how to see others."""
    return (
        f"The first {counted(shown, 'event')} of {count:,}: choose a time with --around, or "
        "--from and --to, or a server with --server."
    )


def until(instant_ns: int) -> str:
    """Return how far the list goes without a time that the user chose."""
    return f"The list ends at {clocks([instant_ns])[0]}: choose another time with --around."


def _at_once(count: int) -> str:
    return f"{count} at once" if count > 1 else ""


def _verb(verb: str, numbers: Sequence[int]) -> str:
    return f"{verb}s" if len(numbers) == 1 else verb


def _requests(numbers: Sequence[int]) -> str:
    """Return requests by number, as in ``requests 1, 2 and 5``; of many the first, and how many."""
    if len(numbers) == 1:
        return f"request {numbers[0]}"
    if len(numbers) > _MOST_NAMED:
        named = ", ".join(map(str, numbers[: _MOST_NAMED - 1]))
        return f"requests {named} and {len(numbers) - _MOST_NAMED + 1} more"
    return f"requests {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
