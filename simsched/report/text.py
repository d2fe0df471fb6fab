"""Names from files, made safe to show: they may hold anything."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_ELLIPSIS = "…"

IN_A_SENTENCE = 60
"""In a sentence a name is cut to so many characters."""


def clean(text: str) -> str:
    """Return *text* on one line without characters that are not shown.

    Control characters, line breaks and the marks that turn the direction of writing would let a
    name rewrite the line that it stands in; each becomes a space.
    """
    # Printable text holds none of these characters, and most names are.
    shown = text if text.isprintable() else "".join(" " if _is_hidden(c) else c for c in text)
    return " ".join(shown.split()) or "(no name)"


def truncated(text: str, characters: int = 18) -> str:
    """Return *text* cleaned and cut to that many characters, for a figure."""
    shown = clean(text)
    return shown if len(shown) <= characters else shown[: characters - 1].rstrip() + _ELLIPSIS


def distinct(names: Iterable[str], characters: int = 18) -> list[str]:
    """Return *names* cut for a figure: in the middle, where their beginnings are the same."""
    found = [clean(name) for name in names]
    cut = [truncated(name, characters) for name in found]
    if len({*cut}) == len({*found}):
        return cut
    end = characters // 2
    return [
        name
        if len(name) <= characters
        else name[: characters - end - 1].rstrip() + _ELLIPSIS + name[-end:].lstrip()
        for name in found
    ]


def with_short_names(sentence: str, names: Iterable[str]) -> str:
    """Return *sentence*, which is cleaned, with those of *names* cut that would drown it."""
    for name in sorted(map(clean, names), key=len, reverse=True):
        sentence = sentence.replace(name, truncated(name, IN_A_SENTENCE))
    return sentence


def ascii_only(text: str) -> str:
    """Return *text* with characters outside ASCII replaced."""
    spelt = text.translate(_SPELT)
    return spelt.encode("ascii", "replace").decode("ascii")


def shorten(text: str, cells: int) -> str:
    """Return *text* in at most that many terminal cells, ending in an ellipsis where it was cut."""
    from rich.cells import cell_len, set_cell_size

    if cell_len(text) <= cells:
        return text
    return set_cell_size(text, max(cells - 1, 0)).rstrip() + _ELLIPSIS


def pad(text: str, cells: int, *, right: bool = False) -> str:
    """Return *text* in exactly that many terminal cells, set to the left or the *right*."""
    from rich.cells import cell_len

    short = shorten(text, cells)
    space = " " * (cells - cell_len(short))
    return space + short if right else short + space


def _is_hidden(character: str) -> bool:
    """Return whether *character* is a control or format mark, a line separator, or unassigned."""
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


_SPELT = {
    ord("µ"): "u",
    ord("±"): "+-",
    ord("…"): "~",
    ord("—"): "-",
    ord("─"): "-",
}
