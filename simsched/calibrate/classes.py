"""Classes of requests: the routes behind the paths of a log, found or given by rules.

A route is a path with ``{}`` for what differs from request to request. A part of a path differs if
it looks like an identifier (a number, a UUID, a long token), or where too many parts stand in the
same place to be a server's own. Files such as images and style sheets are one class.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simsched.errors import InputError

MOST_PARTS = 30
"""How many parts of paths may stand in one place before they are taken for identifiers."""

OFTEN = 0.05
"""The share of the requests there from which a part is the server's own all the same."""

MOST_CLASSES = 20
"""How many routes become classes of their own; the others share one."""

LEAST_REQUESTS = 20
"""A route with fewer requests is no class of its own."""

MOST_GROUPS = 50_000
"""How many paths are distinguished; the requests of further ones are of the class of others."""

STATIC = "static files"
OTHER = "other"
ALL = "request"
"""The class of all requests, if there are too few of each route."""

ANY = "{}"

Route = tuple[str, ...]
"""The method, empty for GET, and the parts of a path."""

_BY_RULE = "by rule"

_FILES = r"avif|css|eot|gif|ico|jpe?g|js|map|mjs|mp4|otf|png|svg|ttf|txt|wasm|webm|webp|woff2?|xml"
_STATIC = re.compile(rf"[^/]*\.(?:{_FILES})", re.IGNORECASE)
_IDENTIFIER = re.compile(
    r"[-+]?\d[\d.,:_-]*"  # numbers, dates
    r"|\{?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?"  # UUIDs
    r"|(?=.*\d)[0-9a-fA-F]{8,}"  # hashes
    r"|(?=.*\d)[\w~=-]{16,}"  # tokens
    r"|[^@/\s]+@[^@/\s]+\.\w+"  # addresses of mail
)
_LONGEST_NAME = 80
_LONGEST_PATH = 1000
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Rule:
    """Requests whose ``METHOD /path`` matches *pattern* anywhere are of the class *name*."""

    pattern: re.Pattern[str]
    name: str

    @classmethod
    def parse(cls, text: str) -> Rule:
        """Return the rule that *text* is: ``PATTERN=NAME``.

        Raises:
            InputError: it is none.
        """
        pattern, equals, name = text.rpartition("=")
        option = f"--class-rule {text}"
        if not equals or not pattern or not name.strip():
            raise InputError(f"{option}: write PATTERN=NAME, as in '^GET /item/=item'")
        try:
            return cls(re.compile(pattern), name.strip())
        except (re.error, RecursionError, OverflowError) as error:
            raise InputError(
                f"{option}: the pattern is not a regular expression: {error}"
            ) from None


class Classes:
    """Gives each request its class, once all of them are known.

    *rules* come first: the first that matches a request decides. For the others it is the route.
    """

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self._rules = rules
        self._keys: dict[Route, int] = {}
        self._counts: list[int] = []
        self._known: dict[tuple[str, str], int] = {}

    def add(self, method: str, target: str) -> int:
        """Return the number of the group that a request is in: its class is that of the group."""
        path = path_of(target)
        known = self._known.get((method, path))
        if known is None:
            known = self._number(self._key(method, path))
            if len(self._known) < MOST_GROUPS:
                self._known[method, path] = known
        self._counts[known] += 1
        return known

    def _key(self, method: str, path: str) -> Route:
        for rule in self._rules:
            if rule.pattern.search(f"{method} {path}"):
                return (_BY_RULE, rule.name)
        return _parts(method, path)

    def _number(self, key: Route) -> int:
        if key not in self._keys and len(self._keys) >= MOST_GROUPS:
            key = (_BY_RULE, OTHER)
        if key not in self._keys:
            self._keys[key] = len(self._counts)
            self._counts.append(0)
        return self._keys[key]

    def names(self) -> list[str]:
        """Return the class of each group."""
        keys = list(self._keys)
        routes = _routes({key: self._counts[i] for key, i in self._keys.items() if _is_path(key)})
        named = [_name(routes.get(key, key)) for key in keys]
        counts: Counter[str] = Counter()
        for name, count in zip(named, self._counts, strict=True):
            counts[name] += count
        kept = {name for name, n in counts.most_common(MOST_CLASSES) if n >= LEAST_REQUESTS}
        kept |= {key[1] for key in keys if key[0] == _BY_RULE}
        if not kept:
            return [ALL] * len(named)
        return [name if name in kept else OTHER for name in named]


def _is_path(key: Route) -> bool:
    return key[0] not in {_BY_RULE, STATIC}


def path_of(target: str) -> str:
    """Return the path of a request's *target*, without scheme, host, query and fragment."""
    path = re.split(r"[?#;]", target[:_LONGEST_PATH], maxsplit=1)[0]
    path = re.sub(r"^[a-zA-Z][\w+.-]*://[^/]*", "", path)
    return re.sub(r"/{2,}", "/", path) or "/"


def _parts(method: str, path: str) -> Route:
    """Return the method and the parts of a path, with ``{}`` for those that are identifiers."""
    parts = path.strip("/").split("/")[:_DEEPEST]
    if _STATIC.fullmatch(parts[-1]):
        return (STATIC,)
    shown = (ANY if _IDENTIFIER.fullmatch(part) else part for part in parts)
    return ("" if method in {"GET", "HEAD"} else method, *shown)


def _routes(counts: Mapping[Route, int]) -> dict[Route, Route]:
    """Return the route of each path, place by place: where too many parts stand, they differ.

    Args:
        counts: how many requests each path has; it begins with the method.
    """
    routes = {path: path for path in counts}
    for place in range(1, _DEEPEST + 1):
        beside: defaultdict[Route, Counter[str]] = defaultdict(Counter)
        for path, route in routes.items():
            if len(route) > place:
                beside[route[:place]][route[place]] += counts[path]
        own = {
            before: {part for part, count in parts.items() if count >= OFTEN * parts.total()}
            for before, parts in beside.items()
            if len(parts) > MOST_PARTS
        }
        for path, route in routes.items():
            known = own.get(route[:place])
            if known is not None and len(route) > place and route[place] not in known:
                routes[path] = (*route[:place], ANY, *route[place + 1 :])
    return routes


def _name(key: Route) -> str:
    if key[0] == _BY_RULE:
        return key[1]
    if key[0] == STATIC:
        return STATIC
    method, *parts = key
    path = "/" + "/".join(parts)
    name = f"{method} {path}" if method else path
    name = "".join(each if each.isprintable() else "?" for each in name)
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
