"""The times and durations in logs, in the notations that servers write them in."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from simsched.units import SECOND

DAY_NS = 86_400 * SECOND
"""A request that took longer is none: its duration is in another unit."""

UNITS = {"s": SECOND, "ms": 10**6, "us": 10**3, "µs": 10**3, "μs": 10**3, "ns": 1}

_SHORT = 20
_MONTHS = dict(zip("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), range(1, 13)))  # noqa: B905, SIM905
_CLF = r"(?P<d>\d\d)/(?P<b>[A-Z][a-z]{2})/(?P<y>\d{4}):"
_ISO = r"(?P<Y>\d{4})[-/](?P<M>\d\d)[-/](?P<D>\d\d)[T ]"
_CLOCK = r"(?P<t>\d\d:\d\d:\d\d)(?:[.,](?P<f>\d{1,9}))?(?: ?(?P<z>Z|[+-]\d\d:?\d\d))?"
_STAMP = re.compile(f"(?:{_CLF}|{_ISO}){_CLOCK}")
_EPOCH = re.compile(r"(?<![\d.\-])(?P<s>1\d{9})\.(?P<f>\d{3,9})(?![\d.])")
_PLAIN = re.compile(r"-?\d{1,20}(?:\.\d{1,12})?(?:e[+-]?\d\d?)?")
_WITH_UNIT = re.compile(r"(-?\d{1,20}(?:\.\d{1,12})?)(ns|us|µs|μs|ms|s)")


class Stamp(NamedTuple):
    """A time in nanoseconds since 1970; the moment is less than ``resolution_ns`` later."""

    time_ns: int
    resolution_ns: int


def find_stamps(text: str) -> list[tuple[Stamp, tuple[int, int]]]:
    """Return a date with its time in *text*, and a time in seconds; each with where it stands."""
    found = []
    for match in filter(None, (_STAMP.search(text), _EPOCH.search(text))):
        try:
            whole_s = _seconds(*match.group("d", "b", "y", "Y", "M", "D", "t", "z"))
        except IndexError:
            whole_s = int(match["s"])
        except (ValueError, KeyError, OverflowError):
            continue
        digits = match["f"] or ""
        fraction = int(digits.ljust(9, "0"))
        found.append((Stamp(whole_s * SECOND + fraction, 10 ** (9 - len(digits))), match.span()))
    return found


def find_stamp(text: str) -> Stamp | None:
    """Return the most exact time in *text*; None if there is none."""
    stamps = (stamp for stamp, _ in find_stamps(text))
    return min(stamps, key=lambda stamp: stamp.resolution_ns, default=None)


@lru_cache(maxsize=256)
def _seconds(*parts: str | None) -> int:
    """Return a date and time in whole seconds since 1970; without a zone it is UTC."""
    day, month, year, iso_year, iso_month, iso_day, clock, zone = parts
    hour, minute, second = map(int, str(clock).split(":"))
    if year is None:
        date = int(iso_year or 0), int(iso_month or 0), int(iso_day or 0)
    else:
        date = int(year), _MONTHS[month or ""], int(day or 0)
    # A leap second, 60, counts as the one after it.
    moment = datetime(*date, hour, minute, min(second, 59), tzinfo=_zone(zone))
    return int(moment.timestamp()) + (second > 59)  # noqa: PLR2004


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))


def stamp_of(value: object) -> Stamp | None:
    """Return the time that a field's *value* is: text, or a number since 1970; None if it is none.

    Whether a number counts seconds, milli-, micro- or nanoseconds shows from its size.
    """
    if isinstance(value, str):
        found = find_stamp(value)
        if found is not None:
            return found
        value = _number(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    for unit_ns in UNITS.values():
        if 10**8 * SECOND <= value * unit_ns < 10**10 * SECOND:
            if isinstance(value, int):
                return Stamp(value * unit_ns, unit_ns)
            # The fraction of a float of this size is exact to less than a microsecond.
            return Stamp(round(value * unit_ns / 1000) * 1000, min(1000, unit_ns))
    return None


def _number(text: str) -> int | float | None:
    if not _PLAIN.fullmatch(text):
        return None
    return float(text) if set(text) & set(".e") else int(text)


def duration_of(value: object, unit_ns: int) -> int | None:
    """Return the duration that a field's *value* is, in nanoseconds; None if it is none.

    Several of them, as nginx writes for several upstream servers, are added up.

    Args:
        value: a number, or text with one or several, with or without a unit.
        unit_ns: the unit of what has none.
    """
    if isinstance(value, str):
        if (
            value[:1].isdecimal()
            and value[1:].replace(".", "", 1).isdecimal()
            and len(value) < _SHORT
        ):
            return round(float(value) * unit_ns)
        parts = [part for part in re.split(r"[,:\s]+", value.strip()) if part not in {"", "-"}]
        durations = [_duration(part, unit_ns) for part in parts]
        known = [each for each in durations if each is not None]
        return sum(known) if known and len(known) == len(parts) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124
        return None
    return round(value * unit_ns) if abs(value) < DAY_NS * 1000 else DAY_NS + 1


def _duration(text: str, unit_ns: int) -> int | None:
    if found := _WITH_UNIT.fullmatch(text):
        return round(float(found[1]) * UNITS[found[2]])
    number = _number(text)
    return None if number is None else duration_of(number, unit_ns)
