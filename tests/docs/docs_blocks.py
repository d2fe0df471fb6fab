"""The code blocks of a page of Markdown, and what a comment before each says about it.

``<!-- not run: why -->``   the block is shown only
``<!-- fails -->``          the commands of the block fail
``<!-- file: name -->``     the block is the file *name*, for the blocks after it
``<!-- timeline -->``       the block is the timeline of the scenario before it
``<!-- warning -->``        the block is what a run of the scenario before it warns of
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>[a-z ]+?)(?:: (?P<about>[^\n]+?))? -->\n)?"
    r"^```(?P<language>[a-z]*)\n(?P<text>.*?)^```$",
    re.M | re.S,
)


@dataclass(frozen=True)
class Block:
    """One code block: its *text* stands in its page from *start* to *end*."""

    language: str
    text: str
    mark: str
    about: str
    start: int
    end: int


def blocks(page: str) -> list[Block]:
    """Return the code blocks of *page*, in its order."""
    return [
        Block(
            match["language"],
            match["text"],
            match["mark"] or "",
            match["about"] or "",
            *match.span("text"),
        )
        for match in _BLOCK.finditer(page)
    ]


def replaced(page: str, changes: dict[Block, str]) -> str:
    """Return *page* with other texts in some of its blocks."""
    for block in sorted(changes, key=lambda block: block.start, reverse=True):
        page = page[: block.start] + changes[block] + page[block.end :]
    return page


def pages(root: Path) -> list[Path]:
    """Return the pages of the project that *root* holds."""
    return [root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").rglob("*.md"))]
