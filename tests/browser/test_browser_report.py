from __future__ import annotations

from itertools import pairwise

import pytest
from browser_barriers import barriers
from browser_names import HOSTILE

PAGES = ["lecture", "load", "hostile", "troubled", "classes", "stuck", "twelve"]
SECTIONS = {
    "lecture": [
        "Verdict",
        "Comparison",
        "Throughput",
        "Response time",
        "What happened to each request",
        "Completion order",
        "Where time went",
        "Over time",
        "Theory beside simulation",
        "To repeat it",
    ],
    "load": [
        "Verdict",
        "Comparison",
        "Throughput",
        "Response time",
        "Response time: share answered in time",
        "Response time: share that takes longer",
        "What happened to each request",
        "Completion order",
        "Where time went",
        "Over time",
        "Theory beside simulation",
        "To repeat it",
    ],
}

ENDS = """() => {
  const ends = {};
  for (const trace of document.getElementById("timeline").data) {
    (trace.customdata || []).forEach(([request, server], i) => {
      ends[server] ||= {};
      ends[server][request] = Math.max(ends[server][request] || 0, trace.base[i] + trace.x[i]);
    });
  }
  return ends;
}"""


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [400, 1600])
def test_a_page_draws_without_faults_and_fits_its_width(look, reports, name, width):
    opened = look(reports[name], width)
    assert opened.faults == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    for plot in opened.page.locator(".plot").all():
        assert plot.locator("svg.main-svg").count() > 0


@pytest.mark.parametrize("name", SECTIONS)
def test_every_section_is_there_in_order(look, reports, name):
    assert look(reports[name]).page.locator("h2").all_inner_texts() == SECTIONS[name]


def test_the_timeline_reads_1_3_2(look, reports):
    ends = look(reports["lecture"]).page.evaluate(ENDS)
    assert ends["serial"] == {"1": 85, "2": 170, "3": 184}
    assert ends["cooperative"] == {"1": 94, "2": 108, "3": 98}


def test_pointing_at_a_bar_shows_what_it_is(look, reports):
    page = look(reports["lecture"]).page
    plot = page.locator("#timeline")
    plot.scroll_into_view_if_needed()
    bars = plot.locator(".barlayer .point path")
    box = bars.first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    told = plot.locator(".hovertext")
    told.first.wait_for()
    assert "request" in told.first.text_content()
    assert "serial" in told.first.text_content()


def test_a_class_of_requests_can_be_picked(visit, reports):
    page = visit(reports["load"]).page
    most = "document.getElementById('distribution').data[0].x.at(-1)"
    every = page.evaluate(most)
    page.get_by_label("Requests:").first.select_option("ping")
    assert 0 < page.evaluate(most) < every


def test_the_timeline_pages_through_what_is_stored(visit, reports):
    page = visit(reports["load"]).page
    picked = page.locator("select[data-views=timeline]")
    assert picked.locator("option").all_inner_texts()[:2] == ["1 to 20", "21 to 40"]
    picked.select_option("21 to 40")
    numbers = {int(n) for ends in page.evaluate(ENDS).values() for n in ends}
    assert numbers == set(range(21, 41))


def test_a_brush_chooses_which_requests_are_drawn(visit, reports):
    page = visit(reports["load"]).page
    brush = page.get_by_role("slider", name="Requests: First 200")
    brush.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("select[data-views=timeline]").input_value() == "21 to 40"
    assert brush.get_attribute("aria-valuetext") == "21 to 40"
    box = brush.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.99, box["y"] + 5)
    page.mouse.up()
    assert page.locator("select[data-views=timeline]").input_value() == "181 to 200"
    numbers = {int(n) for ends in page.evaluate(ENDS).values() for n in ends}
    assert numbers == set(range(181, 201))


def took(page):
    """Return how long the requests took that the timeline shows of the first server."""
    first, *_ = page.evaluate(ENDS).values()
    return first.values()


def test_the_slowest_requests_are_chosen_from_the_same_list(visit, reports):
    page = visit(reports["load"]).page
    picked = page.locator("select[data-views=timeline]")
    picked.select_option("slowest 1 to 10")
    longest = took(page)
    picked.select_option("slowest 11 to 20")
    assert len(longest) == len(took(page)) == 10
    assert min(longest) >= max(took(page))
    assert "took" in page.locator("#timeline").text_content()
    picked.select_option("1 to 20")
    assert {int(n) for ends in page.evaluate(ENDS).values() for n in ends} == set(range(1, 21))


def test_the_slowest_requests_are_reached_and_chosen_by_keyboard(visit, reports):
    page = visit(reports["load"]).page
    first, moments, slowest = page.locator("[data-group=timeline]").all()
    assert (first.inner_text(), moments.inner_text()) == ("First 200", "Moments")
    slowest.focus()
    page.keyboard.press("Enter")
    assert (first.get_attribute("aria-pressed"), slowest.get_attribute("aria-pressed")) == (
        "false",
        "true",
    )
    picked = page.locator("select[data-views=timeline]")
    assert picked.input_value() == "slowest 1 to 10"
    longest = took(page)
    brush = page.get_by_role("slider", name="Requests: Slowest")
    brush.focus()
    page.keyboard.press("ArrowRight")
    assert picked.input_value() == "slowest 11 to 20"
    assert len(longest) == len(took(page)) == 10
    assert min(longest) >= max(took(page))
    assert page.get_by_role("slider").count() == 1
    first.click()
    assert picked.input_value() == "1 to 20"


def test_a_bar_has_the_time_of_the_answer_behind_it(look, reports):
    for width in (1600, 400):
        text = look(reports["lecture"], width).page.locator("#timeline").text_content()
        assert " at 94 ms" in text.replace("\u00a0", " ")


def test_a_page_that_is_made_narrow_is_drawn_again(visit, reports):
    page = visit(reports["lecture"], 1600).page
    page.set_viewport_size({"width": 400, "height": 900})
    page.wait_for_function(
        "document.querySelector('#timeline .main-svg').getBoundingClientRect().width <= 400"
    )


def test_a_deadlock_is_explained_on_the_page_and_marked_on_the_timeline(look, reports):
    page = look(reports["troubled"]).page
    assert "waits for session" in page.locator(".warnings").inner_text()
    assert "ended without an answer" in page.locator("#timeline").inner_html()


def test_events_are_named_over_time(look, reports):
    page = look(reports["troubled"]).page
    assert "pool 3 times slower" in page.locator("#over-time").text_content()


def test_the_scenario_is_copied_by_keyboard(visit, reports):
    page = visit(reports["lecture"]).page
    page.evaluate("document.execCommand = () => { window.copied = getSelection().toString(); }")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    button = page.locator("[data-copy=scenario-1]")
    button.focus()
    page.keyboard.press("Enter")
    page.locator("[data-copy=scenario-1]", has_text="Copied").wait_for()
    assert page.evaluate("window.copied").startswith("name: lecture")


def test_the_keyboard_reaches_the_verdict_the_table_and_the_repetition(visit, reports):
    page = visit(reports["load"]).page
    reached = []
    for _ in range(90):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "(document.activeElement.getAttribute('href') || '')"
                " + document.activeElement.tagName + document.activeElement.className"
            )
        )
    assert reached[0] == "#verdictAskip"
    assert "DIVscroll" in reached
    assert reached.count("SELECT") >= 3
    assert "summary.jsonA" in reached
    assert "BUTTON" in reached


@pytest.mark.parametrize(
    ("name", "scheme"), [("load", "light"), ("load", "dark"), ("hostile", "light")]
)
def test_no_barrier_is_found(look, reports, name, scheme):
    assert barriers(look(reports[name], color_scheme=scheme).page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1440])
def test_no_barrier_is_found_among_twelve_servers(look, reports, width, scheme):
    page = look(reports["twelve"], width, color_scheme=scheme).page
    assert barriers(page) == []


def test_the_dark_page_is_dark_and_so_is_its_text_bright(visit, reports):
    color = "getComputedStyle(document.querySelector('{}')).{}"
    light, dark = (visit(reports["lecture"], color_scheme=s).page for s in ("light", "dark"))
    for selector, what in (("body", "backgroundColor"), ("#timeline .xtick text", "fill")):
        one, other = (page.evaluate(color.format(selector, what)) for page in (light, dark))
        assert one != other


def test_print_is_light_and_as_narrow_as_paper(visit, reports):
    page = visit(reports["lecture"], color_scheme="dark").page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.locator("#timeline svg.main-svg[width='680']").first.wait_for(state="attached")
    fill = page.evaluate("getComputedStyle(document.querySelector('#timeline .xtick text')).fill")
    assert fill == "rgb(28, 33, 39)"
    assert not page.locator("button").first.is_visible()
    assert len(page.pdf()) > 10_000


def test_a_tall_figure_is_made_to_fit_on_paper_and_is_itself_again_afterwards(visit, reports):
    page = visit(reports["load"]).page
    height = "document.getElementById('timeline').layout.height"
    before = page.evaluate(height)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(height) == 860 < before
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(height) == before


def test_print_unfolds_what_is_folded_and_cuts_no_table(visit, reports):
    page = visit(reports["load"]).page
    assert page.locator("details:not([open])").count() > 0
    page.set_viewport_size({"width": 680, "height": 1000})
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    widths = page.evaluate("[...document.querySelectorAll('table')].map((t) => t.scrollWidth)")
    assert max(widths) <= 680
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details:not([open])").count() > 0


def test_hostile_names_are_text(visit, reports):
    opened = visit(reports["hostile"])
    page = opened.page
    dialogs = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    assert page.locator("h1").text_content() == HOSTILE
    assert page.title().startswith("<script>alert(1)</script>")
    assert page.locator("script").count() == 3
    assert dialogs == []


def test_links_lead_to_the_files_beside_the_page(look, reports):
    page = look(reports["lecture"]).page
    for link in page.locator("#repeat p a").all():
        assert (reports["lecture"].parent / link.get_attribute("href")).is_file()


def test_no_heading_is_printed_on_another_page_than_its_figure(visit, reports):
    page = visit(reports["load"]).page
    page.emulate_media(media="print")
    kept = """() => [...document.querySelectorAll("section > .plot")].map((plot) => {
      const above = [];
      for (let e = plot.previousElementSibling; e; e = e.previousElementSibling) {
        const { breakAfter, breakInside } = getComputedStyle(e);
        if (e.offsetHeight) above.push(breakAfter, ...(e.matches(".note") ? [breakInside] : []));
      }
      return [getComputedStyle(plot).breakInside, ...above];
    })"""
    for rules in page.evaluate(kept):
        assert set(rules) == {"avoid"}


def test_titles_of_small_panels_do_not_overlap_on_a_phone(look, reports):
    page = look(reports["twelve"], 400).page
    boxes = page.locator("#distribution .annotation-text-g").evaluate_all(
        "(all) => all.map((each) => each.getBoundingClientRect()).map((b) => [b.x, b.right, b.y])"
    )
    rows = {}
    for left, right, top in boxes:
        rows.setdefault(round(top), []).append((left, right))
    assert sorted(map(len, rows.values())) == [1, 1, *[2] * 5]  # the first has no panel
    for row in rows.values():
        for (_, end), (start, _) in pairwise(sorted(row)):
            assert end < start
        assert max(row)[1] < 400


LINES = """(cells) => cells.map((cell) => {
  const text = document.createRange();
  text.selectNodeContents(cell.lastChild);
  return new Set([...text.getClientRects()].map((line) => Math.round(line.y))).size;
})"""


def test_no_figure_is_parted_from_its_unit_on_a_phone(look, reports):
    page = look(reports["twelve"], 400).page
    assert set(page.locator(".matrix tbody td").evaluate_all(LINES)) == {1}
    assert set(page.locator(".servers tbody td").evaluate_all(LINES)) == {1, 2}


def test_a_figure_of_all_classes_says_so_when_one_is_chosen(visit, reports):
    page = visit(reports["twelve"]).page
    section = page.locator("section:has(> #throughput)")
    said = "This figure shows the requests of all classes together."
    assert said not in section.inner_text()
    page.locator("#chips").get_by_label("login", exact=True).click()
    assert said in section.inner_text()
