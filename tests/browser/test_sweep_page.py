"""The page of a sweep in a real Chromium, with the network blocked."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Queue

import pytest
import yaml
from browser_barriers import barriers
from browser_names import HOSTILE

from simsched.experiment.store import Store
from simsched.experiment.sweep import plan, sweep
from simsched.experiment.workers import Here
from simsched.report.files import write_sweep
from simsched.report.view import serve

BASE = {
    "name": "swept",
    "description": "Small.",
    "requests": {"page": [{"io": {"exponential": "20ms"}}, {"cpu": {"exponential": "4ms"}}]},
    "workload": {"open": {"rate": "60/s"}, "requests": 150},
    "servers": {
        "serial": {"model": "serial", "workers": 2},
        "cooperative": {"model": "cooperative"},
    },
    "run": {"replications": 3},
}
ONE = {"matrix": {"workload.open.rate": {"from": "50/s", "to": "350/s", "steps": 4}}}
TWO = {"matrix": {"workload.open.rate": ["40/s", "90/s"], "servers.serial.workers": [1, 2, 4]}}
MANY = {
    "sample": {"method": "lhs", "points": 12},
    "matrix": {
        "workload.open.rate": {"from": "20/s", "to": "90/s"},
        "servers.serial.workers": {"from": 1, "to": 8},
        "servers.serial.discipline": ["fifo", "lifo"],
    },
}
THREE = {
    "matrix": {
        "workload.open.rate": ["40/s", "90/s", "300/s"],
        "servers.serial.workers": [1, 4],
        "servers.serial.discipline": ["fifo", "lifo"],
    },
}
DEADLY = {
    "matrix": {"servers.serial.workers": [1, 2], "events[0].worker": [0, 1]},
}
SECTIONS = {
    "one": ["Verdict", "Throughput", "Response time", "CPU utilisation", "All points"],
    "two": ["Verdict", "Fastest server", "Every figure as a map", "All points"],
    "many": ["Verdict", "All points across all parameters", "All points"],
    "judged": [
        "Verdict",
        "Fastest server",
        "Where the objectives are kept",
        "Cheapest design that keeps the objectives",
        "Every figure as a map",
        "All points",
    ],
    "three": [
        "Verdict",
        "Fastest server",
        "Where the objectives are kept",
        "Cheapest design that keeps the objectives",
        "Every figure as a map",
        "All points across all parameters",
        "All points",
    ],
}
PAGES = ["one", "two", "many", "judged", "three", "bare", "hostile", "failing"]


def written(name: str) -> dict:
    if name == "hostile":
        servers = {HOSTILE: BASE["servers"]["serial"], "other": {"model": "cooperative"}}
        texts = {"name": HOSTILE, "description": HOSTILE, "servers": servers}
        swept = {"matrix": {f'servers."{HOSTILE.replace(chr(34), "")}".workers': [1, 2]}}
        plain = HOSTILE.replace('"', "")
        servers = {plain: BASE["servers"]["serial"], "other": {"model": "cooperative"}}
        return {**BASE, **texts, "servers": servers, "sweep": swept}
    if name == "failing":
        event = {"worker": 0, "at": "0s", "for": "1s", "down": True, "server": "serial"}
        return {**BASE, "name": name, "events": [event], "sweep": DEADLY}
    if name == "bare":
        return {**BASE, "name": name, "workload": {"open": {}, "requests": 150}, "sweep": ONE}
    if name in {"judged", "three"}:
        swept = {"judged": TWO, "three": THREE}[name]
        return {**BASE, "name": name, "slo": {"fast": "response_time.mean < 60ms"}, "sweep": swept}
    return {**BASE, "name": name, "sweep": {"one": ONE, "two": TWO, "many": MANY}[name]}


@pytest.fixture(scope="session")
def sweeps(tmp_path_factory) -> dict[str, Path]:
    """Return the pages of sweeps over one, two and more parameters, and of unlucky ones."""
    root = tmp_path_factory.mktemp("sweeps")
    pages = {}
    for name in PAGES:
        file = root / f"{name}.yaml"
        file.write_text(
            yaml.safe_dump(written(name), allow_unicode=True, sort_keys=False), encoding="utf-8"
        )
        result = sweep(plan(file), Store(root / "store"), Here(), lambda _: None)
        pages[name] = write_sweep(result, root) / "report.html"
    return pages


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [400, 1600])
def test_a_page_draws_without_faults_and_fits_its_width(look, sweeps, name, width):
    opened = look(sweeps[name], width)
    assert opened.faults == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.page.locator(".plot").count() > 0
    for plot in opened.page.locator(".plot").all():
        assert plot.locator("svg.main-svg").count() > 0


@pytest.mark.parametrize(("width", "more"), [(1600, 190), (400, 0)])
def test_the_table_of_all_points_takes_the_room_beside_the_text(look, sweeps, width, more):
    page = look(sweeps["two"], width).page
    table = page.locator(".scroll:has(#points)").evaluate("box => box.clientWidth")
    assert table == pytest.approx(page.locator("h1").evaluate("h => h.clientWidth") + more, abs=20)


def test_the_names_of_parameters_are_shown_in_full_on_a_narrow_page(look, sweeps):
    page = look(sweeps["many"], 400).page
    bottom = page.locator("#parallel svg.main-svg").first.bounding_box()
    for title in page.locator("#parallel .xtick text").all():
        box = title.bounding_box()
        assert box["y"] + box["height"] <= bottom["y"] + bottom["height"]


@pytest.mark.parametrize("name", SECTIONS)
def test_every_section_is_there_in_order(look, sweeps, name):
    titles = look(sweeps[name]).page.locator("h2:visible").all_inner_texts()
    assert titles == [*SECTIONS[name], "To repeat it"]


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        ("one", "light"),
        ("two", "dark"),
        ("many", "light"),
        ("judged", "dark"),
        ("three", "light"),
        ("three", "dark"),
        ("hostile", "light"),
        ("failing", "dark"),
    ],
)
def test_no_barrier_is_found(look, sweeps, name, scheme):
    assert barriers(look(sweeps[name], color_scheme=scheme).page) == []


def point_shown(page):
    """Return the section of a point once it is shown: the browser announces a new hash later."""
    section = page.locator("#point")
    section.wait_for()
    return section


def test_no_barrier_is_found_in_a_points_own_figures(visit, sweeps):
    page = visit(sweeps["one"]).page
    page.get_by_role("link", name="2", exact=True).first.click()
    point_shown(page)
    assert barriers(page) == []


def test_every_view_of_every_figure_draws(visit, sweeps):
    for name in ("one", "two", "many", "judged", "three"):
        opened = visit(sweeps[name])
        for select in opened.page.locator("select[data-views]").all():
            for option in select.locator("option").all_inner_texts():
                select.select_option(option)
        assert opened.faults == []


def test_curves_have_bands_knees_and_the_lines_of_theory(look, sweeps):
    page = look(sweeps["one"]).page
    traces = page.evaluate(
        "document.getElementById('throughput').data.map((t) => [t.name, t.fill, t.x.length])"
    )
    names = [name for name, _, _ in traces]
    assert {"serial", "cooperative", "arrivals", "knee", "serial: bound"} <= set(names)
    assert sum(fill == "toself" for _, fill, _ in traces) == 2
    lines = page.evaluate("document.getElementById('throughput').layout.shapes.map((s) => s.x0)")
    assert lines == [pytest.approx(2 / 0.024), pytest.approx(250)]


def test_cells_without_a_fastest_server_are_hatched(look, sweeps):
    page = look(sweeps["two"]).page
    hatched = page.evaluate(
        "document.getElementById('winners').data.filter((t) => t.fillpattern).length"
    )
    words = page.locator("#winners").get_attribute("aria-label")
    close = int(words.rpartition("too close to call at ")[2])
    overloaded = int(words.rpartition("all overloaded at ")[2].partition(";")[0])
    assert hatched == (close > 0)
    drawn = page.evaluate("document.getElementById('winners').data[0].z.flat()")
    assert sum(cell is None for cell in drawn) == close + overloaded


def rows(page) -> list[list[str]]:
    return page.evaluate(
        "[...document.querySelectorAll('#points tbody tr')]"
        ".map((row) => [...row.cells].map((cell) => cell.innerText))"
    )


def test_the_table_is_sorted_by_keyboard_and_says_so(visit, sweeps):
    page = visit(sweeps["two"]).page
    head = page.locator("#points th", has_text="response time, mean")
    assert head.get_attribute("aria-sort") == "none"
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    column = [row[5] for row in rows(page)]
    said = [
        float(text.split()[0]) * (1000 if text.endswith(" s") else 1)
        for text in column
        if text != "—"
    ]
    assert said == sorted(said)
    assert column[len(said) :] == ["—"] * (len(column) - len(said))
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"


def test_the_table_is_filtered_by_words_and_by_numbers(visit, sweeps):
    page = visit(sweeps["two"]).page
    assert page.locator("#found").inner_text() == "12 of 12 rows"
    page.get_by_label("Filter:").fill("serial 90/s")
    assert page.locator("#found").inner_text() == "3 of 12 rows"
    assert {row[3] for row in rows(page)} == {"serial"}
    page.get_by_label("column").select_option("workers of serial")
    page.get_by_label("from").fill("2")
    assert [row[2] for row in rows(page)] == ["2", "4"]
    page.get_by_label("Filter:").fill("nothing like it")
    assert rows(page) == []


def test_a_point_leads_to_its_own_figures_and_the_way_back_works(visit, sweeps):
    page = visit(sweeps["two"]).page
    link = page.get_by_role("link", name="4", exact=True).first
    link.focus()
    page.keyboard.press("Enter")
    section = point_shown(page)
    assert section.locator("h2").inner_text() == "Point 4"
    assert "90/s" in section.inner_text()
    assert section.locator("table thead th").all_inner_texts() == ["serial", "cooperative"]
    assert "--set workload.open.rate=90/s --set servers.serial.workers=1" in section.inner_text()
    assert page.evaluate("document.activeElement.id") == "point"
    page.go_back()
    section.wait_for(state="hidden")


def test_a_failed_point_is_named_with_its_error(visit, sweeps):
    page = visit(sweeps["failing"]).page
    assert "1 of 4 points failed" in page.locator("#verdict").inner_text()
    page.get_by_role("link", name="Point 2").click()
    assert "It failed: events[0].worker" in point_shown(page).inner_text()


def test_hostile_names_are_text(visit, sweeps):
    opened = visit(sweeps["hostile"])
    dialogs = []
    opened.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    opened.page.get_by_role("link", name="1", exact=True).first.click()
    point_shown(opened.page)
    assert opened.page.locator("h1").text_content() == HOSTILE
    assert opened.page.locator("script").count() == 3
    assert dialogs == []
    assert opened.faults == []


def test_links_lead_to_the_files_beside_the_page(look, sweeps):
    page = look(sweeps["one"]).page
    links = page.locator("#repeat p a").all()
    assert len(links) == 5
    for link in links:
        assert (sweeps["one"].parent / link.get_attribute("href")).is_file()


def test_the_dark_page_is_dark(visit, sweeps):
    color = "getComputedStyle(document.body).backgroundColor"
    light, dark = (visit(sweeps["one"], color_scheme=s).page for s in ("light", "dark"))
    assert light.evaluate(color) != dark.evaluate(color)


def test_print_is_as_narrow_as_paper(visit, sweeps):
    page = visit(sweeps["one"]).page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.locator("#throughput svg.main-svg[width='680']").first.wait_for(state="attached")
    assert len(page.pdf()) > 10_000


def test_print_shows_the_titles_of_columns(visit, sweeps):
    page = visit(sweeps["one"]).page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    titles = page.locator("#points thead th")
    assert titles.count() > 3
    assert all(title.inner_text().strip() for title in titles.all())
    assert all(button.is_visible() for button in page.locator("#points th button").all())
    for other in page.locator("button:not(th button)").all():
        assert not other.is_visible()


@pytest.fixture(scope="session")
def served(sweeps) -> Callable[[str], str]:
    """Return a function that gives the address of a page in ``simsched view``."""
    root = sweeps["two"].parents[2]
    announced: Queue[str] = Queue()
    given = {"open_browser": False, "announce": announced.put}
    threading.Thread(target=serve, args=(root,), kwargs=given, daemon=True).start()
    address = announced.get(timeout=60)
    return lambda name: f"{address}runs/{sweeps[name].relative_to(root).as_posix()}"


def drawn_by_play(page) -> None:
    page.wait_for_url(re.compile(r"/play\?run="))
    page.locator("html[data-drawn=true]").wait_for(state="attached")


def rate_and_workers(page) -> list[str]:
    return [
        page.locator(f"[data-path='{path}'] input[type=text]").input_value()
        for path in ("workload.open.rate", "servers.serial.workers")
    ]


def test_a_click_on_a_cell_plays_with_its_point_where_the_page_is_served(visit, served):
    opened = visit(served("two"))
    page = opened.page
    page.locator("#winners").scroll_into_view_if_needed()
    page.locator("#winners .nsewdrag").first.click(position={"x": 20, "y": 20})
    drawn_by_play(page)
    assert rate_and_workers(page) == ["40/s", "4"]
    assert page.locator("#reset").is_disabled()  # the point itself is what changes start from
    page.get_by_role("button", name="Copy as --set").click()
    copied = "--set workload.open.rate=40/s --set servers.serial.workers=4"
    assert page.locator("#outcome code").inner_text() == copied
    assert opened.faults == []
    page.go_back()
    page.locator("#winners").wait_for()


def test_a_point_is_played_with_though_the_scenario_of_the_sweep_lacks_what_is_swept(visit, served):
    page = visit(served("bare")).page
    assert page.locator("a.play").count() == 0  # only its points are whole scenarios
    page.get_by_role("link", name="2", exact=True).first.click()
    point_shown(page).get_by_role("link", name="Try what-ifs from here").click()
    drawn_by_play(page)
    assert rate_and_workers(page)[0] == "150/s"


def test_a_click_on_an_empty_cell_or_on_a_marker_leads_to_its_point(visit, sweeps):
    page = visit(sweeps["three"]).page
    page.locator("#winners").scroll_into_view_if_needed()
    size = page.locator("#winners .nsewdrag").first.bounding_box()
    page.locator("#winners .nsewdrag").first.click(position={"x": size["width"] - 20, "y": 200})
    assert point_shown(page).locator("dd").all_inner_texts() == ["300/s", "1", "fifo"]
    assert not page.locator("#winners").evaluate("p => p.data[0].z[0][2]")
    page = visit(sweeps["one"]).page
    page.locator("#throughput").scroll_into_view_if_needed()
    page.locator("#throughput .point").first.hover(force=True)
    page.mouse.down()
    page.mouse.up()
    assert point_shown(page).locator("h2").inner_text() == "Point 1"


@pytest.mark.parametrize(
    ("name", "figure", "keys", "said"),
    [
        ("two", "winners", ["Right", "Up"], "Point 2: arrival rate = 40/s, workers of serial"),
        ("two", "map", ["Right", "Right", "Left"], "Point 1: arrival rate = 40/s, workers"),
        ("judged", "objectives", ["Right", "Up", "Up", "Down", "Right"], "Point 5: arrival rate"),
        ("judged", "cheapest", ["Right", "Right"], "Point 4: arrival rate = 90/s"),
        ("one", "throughput", ["Right", "Right", "Right"], "Point 3: arrival rate = 250/s; "),
        ("many", "parallel", ["Right"], "Point "),
    ],
)
def test_the_keyboard_leads_through_the_points_of_a_figure_and_opens_one(  # noqa: PLR0917
    visit, sweeps, name, figure, keys, said
):
    page = visit(sweeps[name]).page
    section = page.locator(f"section:has(> #{figure})")
    button = section.get_by_role("button", name="Points: ")
    button.focus()
    for key in keys:
        page.keyboard.press(f"Arrow{key}")
    words = section.get_by_role("status").last.inner_text()
    assert words.startswith(said)
    assert page.locator(f"#{figure} > .over > *").count() == 1
    assert barriers(page) == []
    page.keyboard.press("Enter")
    assert point_shown(page).locator("h2").inner_text() == words.partition(":")[0]


def test_escape_leaves_the_points(visit, sweeps):
    page = visit(sweeps["two"]).page
    button = page.get_by_role("button", name="Points: Fastest server")
    button.click()  # begins with the first
    assert page.locator("#winners > .over > *").count() == 1
    page.keyboard.press("Escape")
    assert page.locator("#winners > .over > *").count() == 0


def test_a_slider_for_the_third_parameter_changes_all_maps(visit, sweeps):
    opened = visit(sweeps["three"])
    page = opened.page
    objectives = page.locator("#objectives")
    first = objectives.evaluate("p => p.data[0].customdata.flat()")
    slider = page.get_by_role("slider", name="discipline of serial")
    assert slider.get_attribute("aria-valuetext") == "fifo"
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "lifo"
    assert page.locator("#slice-value").inner_text() == "lifo"
    second = objectives.evaluate("p => p.data[0].customdata.flat()")
    assert [int(text.split("<")[0].split()[1]) for text in first] == [1, 5, 9, 3, 7, 11]
    assert [int(text.split("<")[0].split()[1]) for text in second] == [2, 6, 10, 4, 8, 12]
    page.locator("select[data-views=map]").select_option(index=2)
    assert page.locator("#map").evaluate("p => p.data[0].customdata[0][0]").startswith("point 2<")
    box = slider.bounding_box()
    page.mouse.click(box["x"] + 3, box["y"] + box["height"] / 2)
    assert slider.get_attribute("aria-valuetext") == "fifo"
    assert page.locator("#map").evaluate("p => p.data[0].customdata[0][0]").startswith("point 1<")
    assert opened.faults == []


def test_colours_of_a_map_mean_the_same_at_each_place_of_the_slider(visit, sweeps):
    page = visit(sweeps["three"]).page
    ends = "p => [p.data[0].zmin, p.data[0].zmax]"
    before = page.locator("#map").evaluate(ends)
    page.locator("#slice").press("ArrowRight")
    assert page.locator("#map").evaluate(ends) == before


AXES = """plot => {
  const { xaxis, yaxis } = plot._fullLayout;
  const { left, top } = plot.getBoundingClientRect();
  return plot.layout.meta.axes.map((_, n) => (
    [left + xaxis._offset + xaxis.d2p(n), ...[0, 1].map((y) => top + yaxis._offset + yaxis.d2p(y))]
  ));
}"""
CHOSEN = """plot => plot.data.flatMap(({ meta }) => meta?.points ?? []).sort((a, b) => a - b)"""


def chosen(page) -> list[int]:
    return page.locator("#parallel").evaluate(CHOSEN)


def test_dragging_along_an_axis_chooses_points_and_the_rows_of_the_table(visit, sweeps):
    opened = visit(sweeps["three"])
    page = opened.page
    page.locator("#parallel").scroll_into_view_if_needed()
    axes = page.locator("#parallel").evaluate(AXES)
    x, bottom, top = axes[1]
    page.mouse.move(x, bottom - 3)
    page.mouse.down()
    page.mouse.move(x + 2, bottom - 40)
    page.mouse.up()
    assert chosen(page) == [1, 2, 5, 6, 9, 10]
    assert page.get_by_text("6 of 12 points are chosen").is_visible()
    assert {row[2] for row in rows(page)} == {"1"}
    assert page.get_by_label("workers of serial, to").input_value() == "1"
    page.mouse.move(axes[0][0], (axes[0][1] + axes[0][2]) / 2 - 30)
    page.mouse.down()
    page.mouse.move(axes[0][0], axes[0][2])
    page.mouse.up()
    assert chosen(page) == [9, 10]
    page.mouse.click(axes[0][0], top + 1)  # a click on an axis frees it
    assert chosen(page) == [1, 2, 5, 6, 9, 10]
    page.get_by_role("button", name="Show all").click()
    assert chosen(page) == list(range(1, 13))
    assert page.locator("#found").inner_text() == "24 of 24 rows"
    assert opened.faults == []


def test_points_are_chosen_by_keyboard_and_by_a_metric(visit, sweeps):
    page = visit(sweeps["three"]).page
    page.get_by_text("Choose points by their values").focus()
    page.keyboard.press("Enter")
    page.get_by_label("arrival rate, from").select_option("90/s")
    page.get_by_label("discipline of serial, to").select_option("fifo")
    assert chosen(page) == [5, 7, 9, 11]
    limit = page.get_by_label("response time, mean (ms), to")
    limit.fill("40")
    limit.press("Enter")
    found = chosen(page)
    assert found == [7]  # the others cannot keep up, or have long queues
    assert barriers(page) == []
    page.locator("select[data-views=parallel]").select_option(index=1)
    assert chosen(page) == [5, 7, 9, 11]  # the limit was on another figure
    page.get_by_role("button", name="Show all").press("Enter")
    assert page.get_by_role("button", name="Show all").is_disabled()


def test_the_numbers_of_the_chosen_lines_are_saved(visit, sweeps):
    page = visit(sweeps["three"]).page
    page.get_by_text("Choose points by their values").click()
    page.get_by_label("arrival rate, from").select_option("300/s")
    with page.expect_download() as saved:
        page.get_by_role("button", name="CSV: All points across all parameters").click()
    lines = saved.value.path().read_text(encoding="utf-8-sig").splitlines()
    axes = "arrival rate,workers of serial,discipline of serial"
    assert lines[0] == f'point,{axes},"response time, mean (ms)"'
    assert lines[1] == "9,300/s,1,fifo,"
    assert len(lines) == 1 + 4


def middle_of_a_line(page) -> tuple[float, float, int]:
    page.locator("#parallel").scroll_into_view_if_needed()
    return page.locator("#parallel").evaluate("""plot => {
      const { xaxis, yaxis } = plot._fullLayout;
      const { left, top } = plot.getBoundingClientRect();
      const { x, y, meta } = plot.data[0];
      const middle = (axis, one, other) => axis._offset + (axis.d2p(one) + axis.d2p(other)) / 2;
      return [left + middle(xaxis, x[0], x[1]), top + middle(yaxis, y[0], y[1]), meta.points[0]];
    }""")


def test_a_click_on_a_line_leads_to_its_point(visit, sweeps):
    page = visit(sweeps["many"]).page
    x, y, number = middle_of_a_line(page)
    page.mouse.move(x, y)
    assert page.locator("#parallel").get_attribute("title").startswith(f"Point {number}: ")
    page.mouse.click(x, y)
    assert point_shown(page).locator("h2").inner_text() == f"Point {number}"


def test_a_tap_on_a_line_leads_to_its_point(visit, sweeps):
    page = visit(sweeps["many"], has_touch=True).page
    x, y, number = middle_of_a_line(page)
    page.touchscreen.tap(x, y)
    assert point_shown(page).locator("h2").inner_text() == f"Point {number}"


def test_a_page_that_is_not_served_has_no_link_to_play(look, sweeps):
    page = look(sweeps["two"]).page
    page.evaluate("location.hash = '#point-1'")
    page.locator("#point-title").wait_for()
    assert page.get_by_role("link", name="Try what-ifs").count() == 0
