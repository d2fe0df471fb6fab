"""How long work is said to take."""

from __future__ import annotations

import pytest

from simsched.report import progress


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1 s"),
        (100, "100 s"),
        (720, "12 min"),
        (12600, "3.5 h"),
        (float("nan"), "an unknown time"),
    ],
)
def test_a_duration_is_rounded(seconds, text):
    assert progress.duration(seconds) == text
