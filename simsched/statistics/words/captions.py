"""Captions: what a table or a figure covers, how to read it, and what it leaves out.

Each is a sentence for the page, or "" where there is nothing to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import assert_never

from simsched.engine.trace import Activity
from simsched.scenario.number_format import show_value
from simsched.statistics.moments import Kind
from simsched.statistics.words.numbers import counted, ordinal, percent
from simsched.units import SECOND

ACTIVITIES = {
    Activity.QUEUE: "queue",
    Activity.CPU: "CPU",
    Activity.CPU_WAIT: "waiting for the CPU",
    Activity.IO: "I/O",
    Activity.IO_WAIT: "waiting for a resource",
}
"""What a request does, in legends."""


def doing(activity: Activity, label: str, service: str) -> str:
    """Return what a request does, as in ``I/O: database``; a call if there is a *service*."""
    words = f"call of {service}" if service else ACTIVITIES[activity]
    return f"{words}: {label}" if label not in {"", service} else words


def for_ever(what: str) -> str:
    """Return what a request in a deadlock waits for without end."""
    return f"for ever: {what}"


SPENT_ON = {
    Activity.QUEUE: "waiting in the queue",
    Activity.CPU: "computing",
    Activity.CPU_WAIT: "waiting for the CPU",
    Activity.IO: "I/O",
    Activity.IO_WAIT: "waiting for a resource",
}
"""What a request spends its time on, in sentences."""


def exported(shown: int, of: int) -> str:
    """Return that a file has not all requests, in a line; "" if it has."""
    if shown == of:
        return ""
    return f"It has {shown:,} of {counted(of, 'request')}: the first ones and the slowest.\n"


RETRIES = "earlier attempts"
FIRST_REPLICATION = "The first replication."
WITH_WARMUP = "The warm-up is included."

CANNOT_KEEP_UP = "which cannot keep up with the load"
TOO_FEW = "which answered too few requests"
NO_ANSWER = "which answered no request"
NO_ANSWER_AFTER_WARMUP = "which answered no request after the warm-up"

PERCENTILES = "Any percentile can be read off: p95 is where a line crosses 95 %."
TENTHS = "Each grid line is a tenth of the requests of the one above."
PLACES = (
    "Left of 0 are requests that were answered before earlier ones, right of 0 those that later "
    "ones overtook."
)
WARMUP_SHADED = "The warm-up is shaded: figures leave it out."
GIVEN_UP = "Attempts of clients that have given up count in the queue and on the CPU."
BUSY_WITH_STORED = "Workers are drawn as busy with stored requests only."
STRIP_OF_FIRST = (
    "The strip shows how long each request took, in order of arrival. Drag along it to choose "
    "which are drawn."
)
STRIP_OF_SLOWEST = (
    "The strip shows how long the slowest requests took, the slowest first. Drag along it to "
    "choose which are drawn."
)
WHOLE_RUN = "Numbers of requests are of the whole run."
FOLDER_OF_PAGE = "In the folder of this page:"
FOLDERS_OF_BOTH = "From the folders of both runs:"
SCENARIOS_BELOW = "With the scenarios below:"
CHANGES = "From the earlier run to the later one, with intervals; left of the line is less."
BEST_MARKED = "A best value is marked where the evidence sets it apart."


def sentences(*parts: str) -> str:
    """Return those of *parts* that say something, in one line."""
    return " ".join(filter(None, parts))


def most_time(activity: str, part: str, whole: str) -> str:
    """Return what most of the mean response time goes to, as in ``mostly I/O: 55 of 85 ms``."""
    return f"mostly {activity}: {part} of {whole} on average"


def waiting_for(resource: str) -> str:
    """Return that a request waits for a slot of *resource*."""
    return f"waiting for a slot of {resource}"


def scope(*, replications: str, is_cut: bool) -> str:
    """Return what the figures cover: which *replications*, "" for the only one, and from when."""
    parts = [part for part in (replications, "after the warm-up" if is_cut else "") if part]
    return sentence(", ".join(parts))


def warmups(longest: str, *, is_one: bool) -> str:
    """Return how long the warm-ups are, as in ``a warm-up of 30 s``."""
    return f"a warm-up of {longest}" if is_one else f"warm-ups of up to {longest}"


def moment(kind: Kind, at_ns: int, servers: Sequence[str], event: str) -> str:
    """Return what a moment of a run is called, of *servers* or of an *event*."""
    time = f"{at_ns / SECOND:,.3f}".rstrip("0").rstrip(".") + " s"
    whose = " and ".join(servers)
    match kind:
        case "warmup":
            return f"end of the warm-up, {time}"
        case "given":
            return f"around {time}"
        case "begin":
            return f"{event}, from {time}"
        case "end":
            return f"{event}, until {time}"
        case "slowest":
            return f"slowest of {whose}, {time}"
        case "unanswered":
            return f"first without an answer from {whose}, {time}"
        case _:
            assert_never(kind)


def throughput_window(*, is_open: bool, all_answered: bool) -> str:
    """Return over what time throughput is, where a run goes on until all is done."""
    start = "time 0" if is_open else "the first arrival"
    end = "the last answer" if all_answered else "the end of the last request"
    return f"throughput is over the time from {start} to {end}"


def not_drawn(servers: Mapping[str, str]) -> str:
    """Return which servers a figure leaves out, each with the reason."""
    if not servers:
        return ""
    return f"Not drawn: {'; '.join(f'{name}, {why}' for name, why in servers.items())}."


def answered_only(unanswered: Mapping[str, float]) -> str:
    """Return whose requests are missing from a distribution: servers with the share they lose."""
    if not unanswered:
        return ""
    lost = (f"{name} leaves {percent(each)} without an answer" for name, each in unanswered.items())
    return f"Answered requests only: {', '.join(lost)}."


def branches_overlap(servers: Sequence[str]) -> str:
    """Return on which servers a bar is longer than the response time."""
    if not servers:
        return ""
    return (
        f"Branches of a request overlap on {', '.join(servers)}: a bar is the time of all branches "
        "together, which is more than the response time."
    )


def mean_steps(lengths_s: Iterable[float]) -> str:
    """Return what each step is the mean over, in seconds; "" where steps are exact."""
    lengths = sorted(lengths_s)
    if not lengths:
        return ""
    ends = dict.fromkeys(show_value(end, "duration") for end in (lengths[0], lengths[-1]))
    return f"Each step is a mean over {' to '.join(ends)}, which hides shorter peaks."


def always_zero(titles: Sequence[str]) -> str:
    """Return which panels are left out as nothing happens in them."""
    return f"Always 0, and not drawn: {', '.join(titles)}." if titles else ""


def order(server: str, requests: Iterable[int]) -> str:
    """Return the order in which a server answers, in a sentence."""
    return f"{server} answers in the order {' '.join(map(str, requests))}."


def grey(server: str) -> str:
    """Return whose line stands behind those of the others, each in its panel."""
    return f"The grey line is that of {server}."


def never_answered(server: str, count: int, slowest: int) -> str:
    """Return how many of the *slowest* requests of a server were never answered."""
    longest = f"the {counted(slowest, 'request')} that took longest"
    if count == slowest:
        return f"{server} answered none of {longest}."
    return f"{server} never answered {count:,} of {longest}."


def intervals(confidence: float) -> str:
    """Return what ± and brackets mean."""
    return f"± and brackets are {percent(confidence)} confidence intervals."


def left_out(warmup: str) -> str:
    """Return that figures leave out a *warmup*, as :func:`warmups` words it."""
    return f"figures leave out {warmup}"


def sentence(caption: str) -> str:
    """Return a *caption* as a sentence."""
    return f"{caption[:1].upper()}{caption[1:]}." if caption else ""


SAME_NAME = "the server of the same name in the first run"


def compared_with(baseline: str) -> str:
    """Return what the figures are compared with."""
    return f"compared with {baseline}"


def small_print(baseline: str) -> str:
    """Return what the small print below a figure is."""
    return f"Small print: change from {baseline} (percentage points for shares)."


def kept_places(server: str, share: float) -> str:
    """Return which *share* of its requests a server completed in the order of their arrival."""
    return f"On {server} {show_value(share, 'share')} of requests kept their place"


def moved(came: int, went: int) -> str:
    """Return the places of a request in the orders of arrival and of completion."""
    places = f"{came - went} earlier" if went < came else f"{went - came} later"
    change = "the same" if went == came else places
    return f"arrived {ordinal(came)}, answered {ordinal(went)} ({change})"
