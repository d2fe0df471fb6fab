"""How values and names are spoken of in messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def describe(value: object) -> str:
    return repr(value)


def nearest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]!r}?" if close else ""
