"""The page of a sweep in a real Chromium, with the network blocked."""

from __future__ import annotations

import threading
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
DEADLY = {
    "matrix": {"servers.serial.workers": [1, 2], "events[0].worker": [0, 1]},
}
SECTIONS = {
    "one": ["Verdict", "Throughput", "Response time", "CPU utilisation", "All points"],
    "two": ["Verdict", "Fastest server", "Every figure over both parameters", "All points"],
    "many": ["Verdict", "All points across all parameters", "All points"],
    "judged": [
        "Verdict",
        "Fastest server",
        "Where the objectives are kept",
        "Cheapest design that keeps the objectives",
        "Every figure over both parameters",
        "All points",
    ],
}
PAGES = ["one", "two", "many", "judged", "hostile", "failing"]


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
    if name == "judged":
        return {**BASE, "name": name, "slo": {"fast": "response_time.mean < 60ms"}, "sweep": TWO}
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
    for name in ("one", "two", "many", "judged"):
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
    page.get_by_label("column").select_option("servers.serial.workers")
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


def test_a_click_on_a_map_leads_to_the_point_and_from_there_to_play_with_it(visit, sweeps):
    told: Queue[str] = Queue()
    threading.Thread(
        target=serve,
        args=(sweeps["two"].parents[2],),
        kwargs={"open_browser": False, "announce": told.put},
        daemon=True,
    ).start()
    place = sweeps["two"].relative_to(sweeps["two"].parents[2]).as_posix()
    opened = visit(f"{told.get(timeout=20)}runs/{place}")
    page = opened.page
    page.locator("#winners").scroll_into_view_if_needed()
    page.locator("#winners .nsewdrag").first.click(position={"x": 20, "y": 20})
    page.locator("#point-title").wait_for()
    number = page.url.partition("#point-")[2]
    assert page.locator("#point-title").inner_text() == f"Point {number}"
    command = page.locator("#point-command").inner_text()
    page.get_by_role("link", name="Try what-ifs from here").click()
    page.locator("html[data-drawn=true]").wait_for(state="attached")
    workers = page.locator("[data-path='servers.serial.workers'] input[type=text]").input_value()
    assert f"--set servers.serial.workers={workers}" in command
    assert opened.faults == []


def test_a_page_that_is_not_served_has_no_link_to_play(look, sweeps):
    page = look(sweeps["two"]).page
    page.evaluate("location.hash = '#point-1'")
    page.locator("#point-title").wait_for()
    assert page.get_by_role("link", name="Try what-ifs").count() == 0
