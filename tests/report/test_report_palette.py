"""What is drawn can be distinguished without its colour."""

from __future__ import annotations

from itertools import combinations

import pytest

from simsched.engine.trace import Activity
from simsched.report.html.palette import ACTIVITIES, RETRIES

CLEARLY = 40.0
"""A difference in lightness that is plain to see; black and white differ by 100."""


def lightness(color: str) -> float:
    """Return CIE L*, up to 100 (white), of a colour such as ``#0072b2`` that is not near black."""
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 116 * luminance ** (1 / 3) - 16


def test_lightness_is_that_of_known_greys():
    assert lightness("#ffffff") == pytest.approx(100)
    assert lightness("#777777") == pytest.approx(50, abs=1)


def test_computing_and_io_differ_clearly_in_grey():
    cpu, io = ACTIVITIES[Activity.CPU], ACTIVITIES[Activity.IO]
    assert lightness(io.color) - lightness(cpu.color) > CLEARLY
    for look in (cpu, io):
        assert abs(lightness(look.ink) - lightness(look.color)) > CLEARLY


def test_every_kind_of_waiting_has_a_hatch_of_its_own():
    looks = [*ACTIVITIES.values(), RETRIES]
    hatched = [look.pattern for look in looks if look.pattern]
    assert len(hatched) == len(looks) - 2
    assert all(one != other for one, other in combinations(hatched, 2))


def test_a_light_filling_has_an_edge_that_shows_on_white():
    for look in ACTIVITIES.values():
        assert lightness(look.edge or look.color) < 100 - CLEARLY / 2
