from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from simsched.report.text import ascii_only, clean, distinct, pad, shorten


def test_a_name_cannot_end_its_line_or_turn_the_writing_round():
    assert clean("a\nb\x1b[31m\u202ec\u2028d") == "a b [31m c d"


def test_a_name_of_nothing_that_shows_is_said_to_be_none():
    assert clean("\n\u200b") == "(no name)"


def test_a_tidy_name_stays_as_it_is():
    assert clean("flask [bold] | שרת 🚀") == "flask [bold] | שרת 🚀"


def test_ascii_spells_what_it_can_and_marks_the_rest():
    assert ascii_only("72 µs ± 1 … 🚀") == "72 us +- 1 ~ ?"


@given(st.text(), st.integers(1, 40), st.booleans())
def test_padded_text_takes_exactly_its_cells(text, cells, right):
    assert cell_len(pad(clean(text), cells, right=right)) == cells


def test_what_was_cut_ends_in_an_ellipsis():
    assert shorten("abcdef", 4) == "abc…"
    assert shorten("abcd", 4) == "abcd"


def test_names_are_cut_in_the_middle_where_their_beginnings_are_the_same():
    assert distinct(["one", "a server, number 9", "x" * 30]) == [
        "one",
        "a server, number 9",
        "x" * 17 + "…",
    ]
    names = [f"a server, number {n}" for n in (9, 10, 11)]
    assert distinct(names) == ["a server, number 9", "a server…number 10", "a server…number 11"]
    assert all(len(name) <= 18 for name in distinct(names))
    assert (
        distinct(["same name of two servers", "same name of two servers"])[0] == "same name of two…"
    )
