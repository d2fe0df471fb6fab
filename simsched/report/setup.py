"""What each server is, in a few words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simsched.experiment.result import Result
from simsched.scenario import Server

_COUNTED = ("workers", "cores", "threads")


def servers_in_words(result: Result) -> dict[str, str]:
    """Return each server's model and what it has otherwise than by default.

    That is "" where its name says it all, or is another than in its scenario.
    """
    several = len(result.scenarios) > 1
    known = {
        f"{scenario.name}/{name}" if several else name: in_words(server)
        for scenario in result.scenarios
        for name, server in scenario.servers.items()
    }
    return {name: told if (told := known.get(name, "")) != name else "" for name in result.servers}


def in_words(server: Server) -> str:
    """Return a server as in ``serial, 4 workers, discipline lifo``."""
    written = server.model_dump(by_alias=True, exclude_defaults=True) | {"model": server.model}
    model = written.pop("model")
    return ", ".join([model, *_told(written)])


def _told(written: Mapping[str, Any]) -> Iterator[str]:
    for name, value in written.items():
        words = name.replace("_", " ")
        if isinstance(value, Mapping):
            yield f"{words} ({', '.join(_told(value))})"
        elif isinstance(value, bool):
            yield words if value else f"no {words}"
        else:
            yield f"{value} {words}" if name in _COUNTED else f"{words} {value}"
