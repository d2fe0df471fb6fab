"""Right-to-left names in sentences of a page."""

from __future__ import annotations

import pytest

from simsched.report.html.templates import isolated


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("שלום answers in 3 ms", "<bdi>שלום</bdi> answers in 3 ms"),
        ("a, שלום 3 times faster", "a, <bdi>שלום</bdi> 3 times faster"),
        ("خادم أول and שרת", "<bdi>خادم أول</bdi> and <bdi>שרת</bdi>"),
        ("<b>שרת</b> & co", "&lt;b&gt;<bdi>שרת</bdi>&lt;/b&gt; &amp; co"),
        ("serial answers", "serial answers"),
        ("\u202egnirts < 5 ms", "gnirts &lt; 5 ms"),
        ("", ""),
    ],
)
def test_words_from_right_to_left_are_kept_to_themselves(text, shown):
    assert isolated(text) == shown
