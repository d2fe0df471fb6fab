"""The words of messages: for values and names, and for what is wrong with the syntax of YAML."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

_LONGEST_SHOWN = 40
_LONGEST_COMPARED = 60
_MOST_COMPARED = 200
_MOST_LISTED = 12
_CLOSE = 0.65


def quote(text: str) -> str:
    """Return *text* in quotes, cut to about 40 characters."""
    return repr(text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…")


def describe(value: object) -> str:
    """Return what *value* is, for a sentence: ``the text 'abc'``, ``the number 5``, ``a list``."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f"the text {quote(value)}" if value else "empty text"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"the number {quote(str(value))[1:-1]}"
    return _kind(value)


def _kind(value: object) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return "a list"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that *name* was probably meant to be, or None."""
    if len(name) > _LONGEST_COMPARED:
        return None
    # Comparing is slow work: a file with many long names must not make it an endless one.
    candidates = [each for each in known if len(each) <= _LONGEST_COMPARED][:_MOST_COMPARED]
    # Reversed, so that of two names that differ in case the first is suggested.
    folded = {each.casefold(): each for each in reversed(candidates)}
    matches = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=_CLOSE)
    return folded[matches[0]] if matches else None


def plural(thing: str) -> str:
    """Return several of a *thing*: ``branches``, ``queries``, ``distributions of counts``."""
    head, of, rest = thing.partition(" of ")
    if head.endswith("y") and head[-2:-1] not in "aeiou":
        head = f"{head[:-1]}ie"
    elif head.endswith(("s", "x", "z", "ch", "sh")):
        head = f"{head}e"
    return f"{head}s{of}{rest}"


def counted(count: int, thing: str) -> str:
    """Return how many there are of a *thing*, as in ``1 request`` or ``2,000 branches``."""
    return f"{count:,} {thing if count == 1 else plural(thing)}"


def listed(names: Sequence[str]) -> str:
    """Return *names* with commas, the first dozen of them."""
    shown = ", ".join(name if name.isidentifier() else quote(name) for name in names[:_MOST_LISTED])
    rest = len(names) - _MOST_LISTED
    return f"{shown} and {rest} more" if rest > 0 else shown


def flow(value: object) -> str:
    """Return plain data as YAML writes it on one line; text in it must need no quotes."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {flow(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def short_names(paths: Sequence[str]) -> list[str]:
    """Return the last two steps of each of *paths*, or more where two would be called the same."""
    return [_short(path, [other for other in paths if other != path]) for path in paths]


def _short(path: str, others: Sequence[str]) -> str:
    steps = path.split(".")
    tails = (".".join(steps[-count:]) for count in range(2, len(steps)))
    return next((t for t in tails if not any(f".{o}".endswith(f".{t}") for o in others)), path)
