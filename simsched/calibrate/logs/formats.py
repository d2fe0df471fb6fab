"""The formats of access logs, recognised by each line itself.

* Text around a time in brackets and a quoted request: nginx, gunicorn, Traefik. Durations follow
  with a label (``rt=0.012``), a unit (``12ms``), three decimals (nginx: seconds), six (gunicorn's
  ``%(L)s``: seconds), or as a whole number (gunicorn's ``%(D)s``: microseconds).
* Labelled values, separated by tabs.
* JSON: Caddy, Traefik, nginx and others, with the name of each fact; also behind other text, and
  as the text that Docker wraps in JSON of its own.
* The fields of AWS load balancers.

Sources: ngx_http_log_module, gunicorn's access_log_format, Caddy's and Traefik's access logs, and
Access logs for your Application Load Balancer (AWS).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from simsched.calibrate.logs import entry
from simsched.calibrate.logs.entry import Entry, UnusableLine
from simsched.calibrate.logs.fields import (
    DURATIONS,
    REQUEST,
    UPSTREAMS,
    Fields,
    code_of,
    entry_of,
    fields_of_json,
    plain,
)
from simsched.calibrate.logs.times import Stamp, duration_of, find_stamp, find_stamps
from simsched.units import SECOND

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_STATUS = re.compile(r"\s*\W?([1-5]\d\d)\W?\s+(?:\d+|-)?")
_TRAEFIK = re.compile(
    r' \S+ \S+ "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*" (\d{1,15}) "[^"]*"? "[^"]*"? (\d{1,15})ms$'
)
_BALANCER = re.compile(r"(?:(?:https?|h2|grpcs|wss?) )?\d{4}-\d\d-\d\dT\S{8,20}Z \S+ \S+:\d+ ")
_CELL = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')

_SECONDS = r"\d{1,9}\.(?:\d{6}|\d{3})"
_TIMES = re.compile(rf"(?<![\w.]){_SECONDS}(?: ?[,:] ?(?:{_SECONDS}|-))*(?![\w.])")
_WITH_UNIT = re.compile(r"(?<![\w.])\d{1,15}(?:\.\d{1,9})? ?(?:ms|us|µs|μs|ns|s)(?!\w)")
_WHOLE = re.compile(r"(?<![\w.])(\d{1,15})\W*$")
_NUMBER = r"-?\d{1,15}(?:\.\d{1,9})?(?:ms|us|µs|ns|s)?"
_LABELLED = re.compile(
    r"(?<!\w)([A-Za-z_]\w{0,40}(?: [A-Za-z_]\w{0,40}){0,3}) ?[=:] ?"
    rf'"?({_NUMBER}(?: ?[,:] ?(?:{_NUMBER}|-))*)(?![\w.])'
)
_NUMERIC = re.compile(r"[\d., :-]*(?:[mun]?s)?")


def parse(line: str, unit: int | None = None) -> Entry:
    """Return the request that a *line* of an access log is about.

    Args:
        line: without its end.
        unit: of a duration without one, in nanoseconds; that of its kind of log if None.

    Raises:
        UnusableLine: it is about none, or its times cannot be used.
    """
    at = line.find("{")
    if at >= 0 and line.endswith("}") and (fields := fields_of_json(line[at:])) is not None:
        return _of_json(fields, unit, find_stamp(line[:at]))
    if _BALANCER.match(line):
        return _balancer(line)
    if (fields := _separated(line)) is not None:
        return entry_of(fields, unit)
    return _text(line, unit)


def _of_json(fields: Fields, unit: int | None, stamp: Stamp | None) -> Entry:
    wrapped = fields.get("log")
    if isinstance(wrapped, str) and "stream" in fields:  # what Docker keeps of a container's output
        return parse(wrapped.rstrip("\r\n"), unit)
    return entry_of(fields, unit, stamp)


def _separated(line: str) -> Fields | None:
    """Return the facts of a line that holds each as ``name:value``, separated by tabs."""
    cells = [cell.partition(":") for cell in line.split("\t") if cell]
    if len(cells) < 3 or not all(colon for _, colon, _ in cells):  # noqa: PLR2004
        return None
    return {plain(name): value for name, _, value in cells}


def _balancer(line: str) -> Entry:
    """Return the request of a line of an AWS load balancer.

    It took three times: until a target had it, until that answered, and until the client had it.
    """
    cells = [quoted or bare for quoted, bare in _CELL.findall(line)]
    if "T" not in cells[0]:
        del cells[0]  # the kind of connection, which the classic balancers do not write
    stamp = find_stamp(cells[0])
    request = next(filter(None, map(REQUEST.match, cells[11:])), None)
    if stamp is None or request is None:
        raise UnusableLine(entry.NO_REQUEST)
    parts = [duration_of(cell, SECOND) for cell in cells[4:7]]
    known = [each for each in parts if each is not None and each >= 0]
    if len(known) < len(parts):
        raise UnusableLine(entry.UNANSWERED)
    moment = (stamp.time_ns, False, stamp.resolution_ns)
    return Entry(*moment, sum(known), known[1], request[1], request[2], code_of(cells[7]))


def _text(line: str, unit: int | None) -> Entry:
    request = next(filter(_is_request, _QUOTED.finditer(line)), None)
    if request is None:
        raise UnusableLine(entry.NO_REQUEST)
    method, target = request[1].split(" ")[:2]
    stamps = find_stamps(line)
    if not stamps:
        raise UnusableLine(entry.NO_TIME)
    stamp = min((each for each, _ in stamps), key=lambda each: each.resolution_ns)
    status = _STATUS.match(line, request.end())
    code = int(status[1]) if status else None
    if traefik := _TRAEFIK.match(line, request.end()):
        moment, duration_ns = (stamp.time_ns, True, stamp.resolution_ns), int(traefik[2]) * 10**6
        number = int(traefik[1])
        return Entry(*moment, duration_ns, None, method, target, code, number=number)
    for _, (start, end) in stamps:
        line = line[:start] + " " * (end - start) + line[end:]
    after = _facts(line[status.end() if status else request.end() :])
    facts = f"{_facts(line[: request.start()])} {after}"
    duration_ns, upstream_ns, assumes = _durations(facts, after, unit)
    moment = (stamp.time_ns, False, stamp.resolution_ns)
    return Entry(*moment, duration_ns, upstream_ns, method, target, code, assumes)


def _is_request(quoted: re.Match[str]) -> bool:
    return REQUEST.fullmatch(quoted[1]) is not None


def _facts(part: str) -> str:
    """Return a part of a line without quoted text that is no number."""
    return _QUOTED.sub(lambda each: each[0] if _NUMERIC.fullmatch(each[1]) else " ", part)


def _durations(facts: str, after: str, unit: int | None) -> tuple[int, int | None, bool]:
    """Return how long a request and its upstream servers took, and whether the unit is assumed.

    Args:
        facts: the line without its text.
        after: what stands behind its status and size.
        unit: of a duration without one; microseconds if None.
    """
    labelled = dict(_labelled(facts)) if "=" in facts or ":" in facts else {}
    if "duration" in labelled:
        return labelled["duration"], labelled.get("upstream"), False
    times = sorted((_time(each) for each in _TIMES.findall(facts)), reverse=True)
    if times:
        # No upstream server takes longer than the request, whichever is written first.
        return times[0], times[1] if len(times) > 1 else None, False
    if found := _WITH_UNIT.search(after):
        return _time(found[0].replace(" ", "")), None, False
    if found := _WHOLE.search(after):
        return int(found[1]) * (unit or 1000), None, unit is None
    raise UnusableLine(entry.NO_DURATION)


def _labelled(facts: str) -> Iterator[tuple[str, int]]:
    """Yield the durations that have a label: that of the request, and that of upstream servers."""
    for label, value in _LABELLED.findall(facts):
        words = label.split()
        for first in range(len(words)):
            name = plain("".join(words[first:]))
            for kind, names in (("upstream", UPSTREAMS), ("duration", DURATIONS)):
                if name in names:
                    yield kind, duration_of(value, names[name] or SECOND) or 0
                    break
            else:
                continue
            break


def _time(text: str) -> int:
    return duration_of(text, SECOND) or 0
