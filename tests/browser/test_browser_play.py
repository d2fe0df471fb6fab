from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.parse import unquote

import pytest
from browser_barriers import barriers

from simsched.report.play.source import Source
from simsched.report.view import serve
from simsched.scenario import loads

SCENARIOS = Path(__file__).parents[2] / "scenarios"
WORKERS = "servers.serial.workers"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Return where the lecture is played with: saved scenarios appear there."""
    found = tmp_path_factory.mktemp("play")
    (found / "lecture.yaml").write_text((SCENARIOS / "lecture.yaml").read_text())
    return found


@pytest.fixture(scope="module")
def address(folder) -> Iterator[str]:
    told: Queue[str] = Queue()
    threading.Thread(
        target=serve,
        args=(folder / "reports",),
        kwargs={
            "open_browser": False,
            "announce": told.put,
            "scenario": Source.of(folder / "lecture.yaml"),
        },
        daemon=True,
    ).start()
    return told.get(timeout=20)


def row(page: Any, path: str) -> Any:
    return page.locator(f"[data-path='{path}']")


def settled(page: Any, text: str = "was 116 ms, now") -> None:
    """Wait until the page shows *text* and nothing is on its way."""
    page.locator("#moved").get_by_text(text).first.wait_for()
    page.locator("main[aria-busy=false]").wait_for()


def hash_of(page: Any) -> str:
    return unquote(page.url.partition("#")[2])


@pytest.mark.parametrize("width", [400, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_and_has_no_barrier(visit, address, width, scheme):
    opened = visit(f"{address}#set={WORKERS}%3D2", width, color_scheme=scheme)
    settled(opened.page)
    opened.page.evaluate(
        "for (const each of document.querySelectorAll('details')) each.open = true"
    )
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert barriers(opened.page) == []
    assert opened.faults == []


def test_the_page_asks_for_a_quick_verdict_first_and_then_for_all_of_it(visit, address):
    page = visit("about:blank").page
    asked = []
    page.on("request", lambda one: one.method == "POST" and asked.append(one.post_data_json))
    page.goto(address)
    page.locator("html[data-drawn=true]").wait_for(state="attached")
    assert [one["full"] for one in asked] == [False, True]


def test_a_slider_that_is_dragged_moves_verdict_table_and_figures_and_is_one_change(visit, address):
    opened = visit(address, 1440)
    page = opened.page
    box = row(page, WORKERS).locator("input[type=range]").bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + box["height"] / 2)
    page.mouse.down()
    for step in range(1, 11):
        page.mouse.move(box["x"] + 8 + step * box["width"] / 20, box["y"] + box["height"] / 2)
    settled(page)
    page.mouse.up()
    settled(page)
    value = row(page, WORKERS).locator("input[type=text]").input_value()
    assert int(value) > 2
    assert hash_of(page) == f"set={WORKERS}={value}"
    assert row(page, WORKERS).locator("label").inner_text() == "workers was 1"
    assert page.locator("td.is-moved").count() > 5
    assert page.locator("#timeline .legendtext").last.text_content() == "unchanged scenario"
    assert page.locator("#effort").inner_text() == "In full: 1 replication of 3 requests."
    page.get_by_role("button", name="Undo").click()
    settled(page, "the unchanged scenario. Move")
    assert hash_of(page) == ""
    assert page.get_by_role("button", name="Undo").is_disabled()
    assert opened.faults == []


def test_every_kind_of_control_works_by_keyboard(visit, address):
    opened = visit(address)
    page = opened.page
    slider = row(page, WORKERS).locator("input[type=range]")
    slider.focus()
    page.keyboard.press("ArrowRight")
    settled(page)
    assert slider.get_attribute("aria-valuetext") == "2"
    field = page.get_by_label("2 page: at", exact=True)
    field.fill("12.5ms")
    page.keyboard.press("Enter")
    settled(page, "now 65.7 ms")
    assert hash_of(page) == f"set={WORKERS}=2&set=workload.schedule[1].at=12.5ms"
    slider.focus()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    settled(page, "the unchanged scenario. Move")
    page.keyboard.press("Control+y")
    settled(page)
    assert hash_of(page) == f"set={WORKERS}=2"
    page.get_by_role("button", name="Back to the file").press("Enter")
    settled(page, "the unchanged scenario. Move")
    assert opened.faults == []


def test_another_model_is_chosen_from_the_list(visit, address):
    page = visit(address).page
    row(page, "servers.serial.model").locator("select").select_option("threaded")
    settled(page)
    assert hash_of(page) == "set=servers.serial={model: threaded}"
    assert row(page, "servers.serial.threads").locator("input[type=text]").input_value() == "8"


def test_servers_are_copied_renamed_added_and_removed(visit, address):
    opened = visit(address)
    page = opened.page
    page.get_by_role("button", name="Copy serial").click()
    settled(page, "as before")
    page.get_by_role("button", name="Rename serial copy").click()
    page.get_by_label("New name of serial copy").fill("second")
    page.keyboard.press("Enter")
    page.get_by_role("columnheader", name="second").wait_for()
    page.get_by_role("button", name="Add a server").click()
    page.get_by_role("columnheader", name="new server").wait_for()
    page.get_by_role("button", name="Remove cooperative").click()
    page.get_by_role("button", name="Remove cooperative").wait_for(state="detached")
    servers = page.locator("thead th bdi").all_inner_texts()
    assert servers == ["serial", "second", "new server"]
    assert opened.faults == []


def test_a_wrong_value_is_said_and_marked(visit, address):
    page = visit(address).page
    field = row(page, WORKERS).locator("input[type=text]")
    field.fill("0x10")  # which is 16 in a file
    field.press("Enter")
    page.get_by_role("alert").get_by_text("0x10").wait_for()
    page.get_by_role("button", name="Undo").click()
    settled(page, "the unchanged scenario. Move")
    field.fill("0")
    field.press("Enter")
    page.get_by_role("alert").get_by_text(f"{WORKERS}: the number 0").wait_for()
    assert "wrong" in row(page, WORKERS).get_attribute("class")
    page.get_by_role("button", name="Undo").click()
    settled(page, "the unchanged scenario. Move")
    assert page.locator("#faults li").count() == 0
    assert field.input_value() == "1"


def test_what_is_found_can_be_copied_saved_and_reported(visit, address, folder):
    opened = visit(f"{address}#set={WORKERS}%3D2")
    page = opened.page
    settled(page)
    page.get_by_role("button", name="Copy as --set").click()
    assert page.locator("#outcome").inner_text() == f"Copied: --set {WORKERS}=2"
    for answer in ("Saved", "is there already"):
        page.get_by_role("button", name="Save as scenario").click()
        page.get_by_label("File name").fill("two.yaml")
        page.keyboard.press("Enter")
        page.locator("#outcome").get_by_text(answer).wait_for()
    page.get_by_role("button", name="Replace it").click()
    page.locator("#outcome").get_by_text("Saved").wait_for()
    assert loads((folder / "two.yaml").read_text()).servers["serial"].workers == 2
    with page.context.expect_page() as found:
        page.get_by_role("button", name="Open full report").click()
    report = found.value
    report.locator("html[data-drawn=true]").wait_for(state="attached")
    assert "serial, 2 workers" in report.locator("main").inner_text()
    report.get_by_role("link", name="Try what-ifs").click()
    report.locator("html[data-drawn=true]").wait_for(state="attached")
    assert row(report, WORKERS).locator("input[type=text]").input_value() == "2"
    assert [each for each in opened.faults if "clipboard" not in each.lower()] == []
