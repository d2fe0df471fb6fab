"""What a search prints on stdout, in a form that stdout can take."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any

from simsched.report.output import spell_json
from simsched.report.search import document, text


def render(told: text.Told, found: dict[str, Any], output_format: str) -> str:
    """Return *told* as it is printed: a ``table``, ``markdown``, or *found* as ``json``."""
    if output_format == "json":
        return spell_json(document.to_json(found), _encoding())
    if output_format == "markdown":
        return text.markdown(told)
    columns = shutil.get_terminal_size().columns
    return text.terminal(told, columns, _wants_color(), unicode=_takes_lines())


def _encoding() -> str:
    return (sys.stdout.encoding if sys.stdout else None) or "utf-8"


def _takes_lines() -> bool:
    try:
        "─—".encode(_encoding())
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _wants_color() -> bool:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout is not None and sys.stdout.isatty() and not plain
