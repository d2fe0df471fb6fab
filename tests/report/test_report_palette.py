"""What is drawn can be distinguished without its colour."""

from __future__ import annotations

import re
from importlib import resources
from itertools import combinations

import pytest

from simsched.engine.trace import Activity
from simsched.report.html.palette import (
    ACTIVITIES,
    EVENT,
    INK,
    LIMIT,
    NEUTRAL,
    OUTCOME_COLORS,
    OVERTAKING,
    RETRIES,
    server_color,
)

CLEARLY = 40.0
"""A difference in lightness that is plain to see; black and white differ by 100."""


WHITE, DARK = "#ffffff", "#15181c"
"""The colours of the page."""

LOOKS = [*ACTIVITIES.values(), RETRIES]
SERVERS = [server_color(position) for position in range(6)]


def luminance(color: str) -> float:
    """Return the relative luminance of a colour such as ``#0072b2``, from 0 to 1."""
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def lightness(color: str) -> float:
    """Return CIE L*, up to 100 (white), of a colour that is not near black."""
    return 116 * luminance(color) ** (1 / 3) - 16


def contrast(color: str, page: str) -> float:
    """Return the ratio of contrast as the Web Content Accessibility Guidelines define it."""
    dark, bright = sorted((luminance(color), luminance(page)))
    return (bright + 0.05) / (dark + 0.05)


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


@pytest.mark.parametrize("page", [WHITE, DARK])
def test_every_mark_shows_on_a_light_page_and_on_a_dark_one(page):
    marks = [*SERVERS, *(look.edge or look.color for look in LOOKS), *OUTCOME_COLORS.values()]
    for color in (*marks, INK, NEUTRAL, OVERTAKING, EVENT, LIMIT):
        assert contrast(color, page) >= 3, color


def test_a_text_on_a_bar_can_be_read():
    for activity in (Activity.CPU, Activity.IO):
        look = ACTIVITIES[activity]
        assert contrast(look.ink, look.color) >= 4.5


def test_no_colour_means_two_things():
    meanings = [*SERVERS, *(look.color for look in LOOKS), INK, NEUTRAL, OVERTAKING, EVENT, LIMIT]
    assert len(set(meanings)) == len(meanings)
    assert OUTCOME_COLORS["fail"] == LIMIT  # what is missed is a limit


def test_waiting_is_never_brighter_than_computing_on_a_dark_page():
    cpu = luminance(ACTIVITIES[Activity.CPU].color)
    assert all(luminance(look.color) <= cpu for look in LOOKS if look.pattern)
    red, green, blue, opacity = re.findall(r"[\d.]+", ACTIVITIES[Activity.IO].fill)
    shown = [
        round(int(DARK[at : at + 2], 16) * (1 - float(opacity)) + int(value) * float(opacity))
        for at, value in zip((1, 3, 5), (red, green, blue), strict=True)
    ]
    assert luminance("#" + "".join(f"{each:02x}" for each in shown)) < cpu


def test_the_page_and_its_figures_have_the_same_colours():
    style = (resources.files("simsched.report") / "templates" / "report.css").read_text()
    named = {
        "queue": ACTIVITIES[Activity.QUEUE].color,
        "cpu": ACTIVITIES[Activity.CPU].color,
        "cpu-wait": ACTIVITIES[Activity.CPU_WAIT].color,
        "io-wait": ACTIVITIES[Activity.IO_WAIT].color,
        "pass": OUTCOME_COLORS["pass"],
        "fail": OUTCOME_COLORS["fail"],
        "open": OUTCOME_COLORS["inconclusive"],
    }
    for name, color in named.items():
        assert f"--{name}: {color};" in style
    assert f"--io: {ACTIVITIES[Activity.IO].fill};" in style.replace(", ", ",")
