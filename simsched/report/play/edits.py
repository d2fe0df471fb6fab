"""Changes to which servers there are: a copy, another name, another model, one server less."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from simsched.errors import InputError
from simsched.report.play.schema import models
from simsched.report.play.source import Changes, Source
from simsched.scenario.file.overriding import NowhereError, parse_option
from simsched.scenario.file.tree import dotted, resolve

Edit = Literal["add", "copy", "rename", "remove", "model"]
"""What becomes of a server."""

_PLAIN = re.compile(r"[\w][\w ./%-]*")
_NEW = "new server"


def edited(source: Source, changes: Changes, edit: Edit, server: str, to: str = "") -> Changes:
    """Return *changes* with one *edit* more, of the servers that they make of *source*.

    *to* is the new name of a server, or its new model.

    Raises:
        InputError: there is no such server, or the edit cannot be made of it.
    """
    written = source.written(changes)
    servers: dict[str, Any] = {**written.get("servers", {})}
    if edit != "add" and server not in servers:
        raise InputError(f"there is no server {server!r}")
    match edit:
        case "add":
            new = {"model": "cooperative"}
            return (*changes, _set(("servers", _free(_NEW, servers)), new))
        case "copy":
            name = _free(f"{server} copy", servers)
            return (*changes, _set(("servers", name), servers[server]))
        case "model":
            return _with_model(changes, server, servers[server], to)
        case "remove":
            if len(servers) == 1:
                raise InputError("it is the last server; add another one first")
            left = {name: one for name, one in servers.items() if name != server}
            return (*_without(changes, ("servers",)), _set(("servers",), left))
        case "rename":
            return _renamed(changes, written, server, _checked(to, servers))


def _with_model(changes: Changes, server: str, written: Any, model: str) -> Changes:
    """Return *changes* with another model of a server, which keeps the options that both have."""
    known = models().get(model)
    if known is None or not isinstance(written, dict):
        raise InputError(f"{model!r} is no model; it is one of {', '.join(models())}")
    kept = {key: one for key, one in written.items() if key in known} | {"model": model}
    path = ("servers", server)
    return (*_without(changes, path), _set(path, kept))


def _renamed(changes: Changes, written: Mapping[str, Any], old: str, new: str) -> Changes:
    """Return *changes* with another name of a server, also where others refer to it."""
    servers = {new if name == old else name: one for name, one in written["servers"].items()}
    others = [_set(path, new) for path in _references(written, old)]
    return (*_without(changes, ("servers",)), _set(("servers",), servers), *others)


def _references(written: Mapping[str, Any], server: str) -> Iterator[tuple[str | int, ...]]:
    """Yield the paths at which events and objectives name a *server*."""
    for number, event in enumerate(written.get("events") or ()):
        if isinstance(event, dict) and event.get("server") == server:
            yield "events", number, "server"
    for name, slo in (written.get("slo") or {}).items():
        named = slo.get("servers") if isinstance(slo, dict) else None
        if isinstance(named, list):
            for place in (n for n, each in enumerate(named) if each == server):
                yield "slo", name, "servers", place
        elif named == server:
            yield "slo", name, "servers"


def _without(changes: Changes, path: tuple[str, ...]) -> Changes:
    """Return those of *changes* that set nothing at *path* or below it."""
    return tuple(each for each in changes if _path(each)[: len(path)] != path)


def _path(change: str) -> tuple[str | int, ...]:
    try:
        return parse_option(change)[0]
    except NowhereError as error:
        raise InputError(f"{change}: {error.message}") from None


def _free(name: str, servers: Mapping[str, Any]) -> str:
    numbered = (name if number == 1 else f"{name} {number}" for number in range(1, 10_000))
    return next(each for each in numbered if each not in servers)


def _checked(name: str, servers: Mapping[str, Any]) -> str:
    if not name.strip() or '"' in name:
        raise InputError("a server cannot have this name; use some text without quotation marks")
    if name in servers:
        raise InputError(f"there is a server {name!r} already; take another name")
    return name


def _set(path: tuple[str | int, ...], value: object) -> str:
    return f"{dotted(path, None)}={flow(value)}"


def flow(value: object) -> str:
    """Return plain data as YAML on one line, as it is written after ``--set``."""
    match value:
        case dict():
            return f"{{{', '.join(f'{flow(key)}: {flow(one)}' for key, one in value.items())}}}"
        case list():
            return f"[{', '.join(map(flow, value))}]"
        case str() if _PLAIN.fullmatch(value) and resolve(value) == value:
            return value
        case _:
            return json.dumps(value, ensure_ascii=False)
