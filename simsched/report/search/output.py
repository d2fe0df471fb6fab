"""What a search prints on stdout, in a form that stdout can take."""

from __future__ import annotations

import shutil
from typing import Any

from simsched.report.console import takes
from simsched.report.output import encoding, spell_json, wants_color
from simsched.report.search import document, text

_LINES = "─—"


def render(told: text.Told, found: dict[str, Any], output_format: str) -> str:
    """Return *told* as it is printed: a ``table``, ``markdown``, or *found* as ``json``."""
    if output_format == "json":
        return spell_json(document.to_json(found), encoding())
    if output_format == "markdown":
        return text.markdown(told)
    columns = shutil.get_terminal_size().columns
    return text.terminal(told, columns, wants_color(), unicode=takes(_LINES, encoding()))
