"""What the reader does to figures and tables, by mouse and by keyboard."""

from __future__ import annotations

import csv
import json

import pytest
from browser_barriers import barriers

NAMES = "document.getElementById('{}').data.map((trace) => trace.name)"
TICKS = "document.getElementById('{}').layout.yaxis.ticktext"
RANGE = "document.getElementById('{}')._fullLayout.xaxis.range"


def chip(page, name):
    return page.locator("#chips").get_by_label(name, exact=True)


def click(control):
    control.click()


def press_space(control):
    control.focus()
    control.press("Space")


@pytest.mark.parametrize("push", [click, press_space])
def test_a_chip_hides_a_server_everywhere(visit, reports, push):
    page = visit(reports["load"]).page
    names = page.locator("#chips [name=server] ~ bdi").all_inner_texts()
    first, second = names
    push(chip(page, first))
    assert page.evaluate(TICKS.format("response-time")) == [second]
    assert set(page.evaluate(NAMES.format("over-time"))) == {second}
    assert set(page.evaluate(NAMES.format("distribution"))) == {second}
    headings = page.evaluate(
        "document.getElementById('timeline').layout.annotations.map((each) => each.text)"
    )
    assert headings == [f"<b>{second}</b>"]
    assert (
        page.locator("#comparison-title ~ .scroll th[scope=col]:visible")
        .all_inner_texts()[0]
        .startswith(second)
    )
    assert page.locator(".card:visible").count() == 1
    assert f"Shown: {second}" in page.locator("#chips [aria-live]").inner_text()
    assert chip(page, second).is_disabled()
    push(chip(page, first))
    assert set(page.evaluate(NAMES.format("over-time"))) == {first, second}
    assert page.locator(".card:visible").count() == 2


def test_a_server_keeps_its_colour_and_its_dashes_when_another_is_hidden(visit, reports):
    page = visit(reports["load"]).page
    look = "document.getElementById('over-time').data.at(-1).line"
    before = page.evaluate(look)
    click(page.locator("#chips [name=server]").first)
    assert page.evaluate(look) == before


@pytest.mark.parametrize("push", [click, press_space])
def test_a_chip_chooses_a_class_everywhere(visit, reports, push):
    page = visit(reports["load"]).page
    push(chip(page, "ping"))
    assert page.locator("select[data-views=distribution]").input_value() == "ping"
    assert page.locator("select[data-views=tail]").input_value() == "ping"
    rows = page.evaluate(TICKS.format("timeline"))
    assert {row.split()[-1] for row in rows if not row.startswith("worker")} == {"ping"}
    details = page.locator("details[data-kind]:visible")
    assert details.count() == 1
    assert "ping" in details.locator("summary").inner_text()
    assert page.locator("#time-spent").locator("xpath=preceding-sibling::p[last()]").is_visible()
    assert "requests of class ping" in page.locator("#chips [aria-live]").inner_text()
    push(chip(page, "all"))
    assert page.locator("select[data-views=tail]").input_value() == "all"


def test_side_by_side_figures_close_ranks(visit, reports):
    page = visit(reports["lecture"]).page
    places = "document.getElementById('order').data.map((trace) => trace.xaxis)"
    assert page.evaluate(places) == ["x", "x", "x", "x2", "x2", "x2"]
    click(chip(page, "serial"))
    assert page.evaluate(places) == ["x", "x", "x"]
    assert page.locator("#order .annotation-text").all_text_contents() == ["cooperative"]


@pytest.mark.parametrize("push", [click, press_space])
def test_a_scale_is_logarithmic_on_demand(visit, reports, push):
    page = visit(reports["load"]).page
    kind = "document.getElementById('{}')._fullLayout.xaxis.type"
    for name, title in (
        ("response-time", "Response time"),
        ("distribution", "Response time: share answered in time"),
    ):
        button = page.get_by_role("button", name=f"Logarithmic: {title}", exact=True)
        assert button.get_attribute("aria-pressed") == "false"
        push(button)
        assert button.get_attribute("aria-pressed") == "true"
        assert page.evaluate(kind.format(name)) == "log"
        push(button)
        assert page.evaluate(kind.format(name)) == "linear"


def test_zooming_along_time_zooms_every_figure_of_that_time(visit, reports):
    page = visit(reports["lecture"]).page
    plot = page.locator("#over-time")
    plot.scroll_into_view_if_needed()
    box = plot.locator(".nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 12, steps=5)
    page.mouse.up()
    page.wait_for_function("document.getElementById('timeline')._fullLayout.xaxis.range[0] > 20")
    assert page.evaluate(RANGE.format("timeline")) == pytest.approx(
        page.evaluate(RANGE.format("over-time"))
    )
    page.get_by_role("button", name="Whole axis: Over time").click()
    assert page.evaluate(RANGE.format("timeline"))[0] <= 0


def test_time_is_zoomed_by_keyboard(visit, reports):
    page = visit(reports["lecture"]).page
    back = page.get_by_role("button", name="Earlier: Over time")
    assert back.is_disabled()
    whole = page.evaluate(RANGE.format("over-time"))
    press_space(page.get_by_role("button", name="Zoom in: Over time"))
    half = page.evaluate(RANGE.format("over-time"))
    assert half[1] - half[0] == pytest.approx((whole[1] - whole[0]) / 2)
    press_space(back)
    earlier = page.evaluate(RANGE.format("over-time"))
    assert earlier[1] == pytest.approx((half[0] + half[1]) / 2)
    assert page.evaluate(RANGE.format("timeline")) == pytest.approx(earlier)


def numbers(page, name):
    """Return the rows that the figure of that title saves."""
    with page.expect_download() as caught:
        page.get_by_role("button", name=f"CSV: {name}", exact=True).click()
    text = caught.value.path().read_text(encoding="utf-8-sig")
    return list(csv.reader(text.splitlines()))


def test_the_numbers_of_a_figure_are_those_of_the_summary(visit, reports):
    page = visit(reports["load"]).page
    head, *rows = numbers(page, "Response time")
    assert head == ["series", "response time (s)", "y", "from", "low", "high", "description"]
    summary = json.loads((reports["load"].parent / "summary.json").read_text())
    found = {(row[0], row[2]): [float(row[n]) for n in (1, 4, 5)] for row in rows}
    for server, one in summary["servers"].items():
        for name in ("mean", "p50", "p95", "p99"):
            told = one["response_time_s"][name]
            expected = [told[each] for each in ("value", "low", "high")]
            assert found[name, server] == pytest.approx(expected)


def test_the_rows_of_the_timeline_are_named_in_its_numbers(visit, reports):
    page = visit(reports["lecture"]).page
    _, *rows = numbers(page, "What happened to each request")
    assert ["CPU", "10", "1 page"] in [row[:3] for row in rows]


def test_a_figure_is_saved_as_a_picture(visit, reports):
    page = visit(reports["lecture"], color_scheme="dark").page
    with page.expect_download() as caught:
        page.get_by_role("button", name="PNG: Throughput", exact=True).click()
    assert caught.value.suggested_filename.endswith("throughput.png")
    assert caught.value.path().read_bytes().startswith(b"\x89PNG")


def test_pointing_at_a_line_shows_all_servers(visit, reports):
    page = visit(reports["load"]).page
    plot = page.locator("#distribution")
    plot.scroll_into_view_if_needed()
    box = plot.locator(".nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.5)
    plot.locator(".hoverlayer .legend").wait_for()
    shown = plot.locator(".hoverlayer .legend").text_content()
    assert shown.count(" within ") == 2


def test_headings_are_places_to_link_to(visit, reports):
    page = visit(reports["load"]).page
    link = page.get_by_role("navigation", name="Contents").get_by_role("link", name="Over time")
    link.click()
    assert page.url.endswith("#over-time-title")
    assert page.locator("#over-time-title").evaluate("h => h.getBoundingClientRect().top") < 200


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1440])
def test_no_barrier_is_found_after_exploring(visit, reports, width, scheme):
    page = visit(reports["lecture"], width, color_scheme=scheme).page
    click(chip(page, "serial"))
    click(chip(page, "ping"))
    page.get_by_role("button", name="Zoom in: Over time").click()
    page.get_by_role("button", name="Logarithmic: Response time").click()
    assert barriers(page) == []
