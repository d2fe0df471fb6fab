"""What keeps people from using a page, as far as a program can tell."""

from __future__ import annotations

from typing import Any

OUTSIDE = {"exclude": [[".svg-container"]]}
"""Of a figure its name and description are read, never the thousands of shapes inside."""


def barriers(page: Any) -> list[tuple[str, list[str]]]:
    """Return the violations that axe-core finds on *page*, each with the elements at fault."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context=OUTSIDE).response["violations"]
    return [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found]
