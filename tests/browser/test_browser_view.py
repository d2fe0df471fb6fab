from __future__ import annotations

import threading
from queue import Queue

import pytest
from browser_barriers import barriers

from simsched.report.view import serve


@pytest.fixture(scope="module")
def address(reports) -> str:
    """Return where the reports are served."""
    root = reports["lecture"].parents[2]
    told: Queue[str] = Queue()
    threading.Thread(
        target=serve,
        args=(root,),
        kwargs={"open_browser": False, "announce": told.put},
        daemon=True,
    ).start()
    return told.get(timeout=20)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1440])
def test_the_index_fits_and_has_no_barrier(visit, address, reports, width, scheme):
    opened = visit(address, width, color_scheme=scheme)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.page.locator("h2").count() == len(reports)
    assert barriers(opened.page) == []
    assert opened.faults == []


def test_a_report_opens_from_the_index(visit, address):
    page = visit(address).page
    page.get_by_role("link", name="lecture", exact=True).click()
    page.locator("html[data-drawn=true]").wait_for(state="attached")
    assert page.locator("h1").inner_text() == "lecture"


@pytest.mark.parametrize("by_keyboard", [False, True])
def test_the_page_to_play_with_opens_from_the_index(visit, address, by_keyboard):
    opened = visit(address)
    link = opened.page.get_by_role("link", name="Try what-ifs with lecture of")
    if by_keyboard:
        link.focus()
        opened.page.keyboard.press("Enter")
    else:
        link.click()
    opened.page.locator("html[data-drawn=true]").wait_for(state="attached")
    assert opened.page.locator("h1").inner_text() == "lecture"
    assert opened.faults == []


def test_two_ticked_runs_open_side_by_side_by_keyboard(visit, address):
    opened = visit(address)
    page = opened.page
    for name in ("tick lecture", "tick flask-vs-quart"):
        page.get_by_label(name).focus()
        page.keyboard.press("Space")
    page.get_by_role("button").focus()
    page.keyboard.press("Enter")
    page.locator("html[data-drawn=true]").wait_for(state="attached")
    assert page.locator("h1").inner_text() == "lecture and flask-vs-quart"
    assert "The runs met different requests" in page.locator("main").inner_text()
    assert opened.faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1440])
def test_two_runs_side_by_side_fit_and_have_no_barrier(visit, address, reports, width, scheme):
    runs = [
        reports[name].parent.relative_to(reports[name].parents[2]) for name in ("load", "classes")
    ]
    opened = visit(f"{address}compare?run={runs[0]}&run={runs[1]}", width, color_scheme=scheme)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert barriers(opened.page) == []
    assert opened.faults == []


def test_small_panels_stand_two_in_a_row_where_the_page_to_play_with_has_little_room(
    visit, address, reports
):
    run = reports["twelve"].parent.relative_to(reports["twelve"].parents[2])
    page = visit(f"{address}play?run={run}", 1440).page
    titles = page.locator("#distribution .annotation-text-g")
    titles.first.wait_for(timeout=90_000)
    tops = titles.evaluate_all("(all) => all.map((t) => Math.round(t.getBoundingClientRect().y))")
    assert sorted(map(tops.count, set(tops)), reverse=True)[:5] == [2] * 5


def test_only_two_runs_can_be_compared_and_a_hint_says_how_many_are_missing(visit, address):
    page = visit(address).page
    button, hint = page.get_by_role("button"), page.locator("#hint")
    assert button.is_disabled()
    assert hint.inner_text() == "Tick two runs to see them side by side."
    first, second = page.get_by_role("checkbox").all()[:2]
    first.check()
    assert (button.is_disabled(), hint.inner_text()) == (True, "Tick one more.")
    second.check()
    assert (button.is_disabled(), hint.inner_text()) == (False, "")
    first.uncheck()
    assert button.is_disabled()


def test_what_is_refused_is_said_on_a_page_that_leads_back(visit, address):
    page = visit(f"{address}compare").page
    assert "0 runs are ticked" in page.locator("main").inner_text()
    assert page.get_by_role("link", name="All reports").get_attribute("href") == "/"


def test_runs_are_filtered_by_words(visit, address):
    page = visit(address).page
    every = page.locator(".runs > li").count()
    page.get_by_label("Filter").fill("troubled seed")
    assert page.locator(".runs > li:visible").count() == 1
    assert page.locator("h2:visible").all_inner_texts() == ["troubled"]
    assert page.locator("#found").inner_text() == f"1 of {every} runs"
    page.get_by_label("Filter").fill("")
    assert page.locator(".runs > li:visible").count() == every


def test_a_report_leads_back_to_the_index(visit, address):
    page = visit(f"{address}latest/lecture").page
    assert page.locator("h1").inner_text() == "lecture"
    page.get_by_role("link", name="All reports").click()
    assert page.locator("h1").inner_text() == "Reports"
