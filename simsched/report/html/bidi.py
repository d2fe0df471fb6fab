"""Names written from right to left, in sentences that read from left to right.

On a terminal nothing is kept apart: some order letters by themselves and some do not, and many show
the marks that would tell them (U+2068, U+2069) as boxes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from simsched.report.text import clean

if TYPE_CHECKING:
    from markupsafe import Markup

_LETTER = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]"
_WORDS = re.compile(rf"{_LETTER}+(?:\s+{_LETTER}+)*")


def isolated(text: str) -> Markup:
    """Return *text* escaped for a page, with its right-to-left words kept to themselves.

    A number stays on one line with its per cent. Marks that turn the direction are left out.

    A number or another name next to such a word would else change places with it (Unicode Standard
    Annex 9, "Unicode Bidirectional Algorithm", rules X5c and N1; HTML's ``bdi`` is an isolate).
    """
    from markupsafe import Markup, escape

    escaped = str(escape(clean(text) if text else "")).replace(" %", "\u00a0%")
    found = _WORDS.sub(lambda words: f"<bdi>{words[0]}</bdi>", escaped)
    return Markup(found)  # noqa: S704  # escaped above; the letters of the words need no escape
