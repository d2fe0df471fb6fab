"""The page of a search for capacity, in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser_barriers import barriers
from browser_names import HOSTILE

if TYPE_CHECKING:
    from simsched.scenario import Scenario

SCENARIO = """
name: capacity
description: Two servers of the same requests.
requests: {page: [{cpu: {exponential: 10ms}}]}
workload: {open: {rate: 50/s}, requests: 500}
servers: {one: {model: serial}, two: {model: serial, workers: 2}}
slo: {mean: response_time.mean < 40ms, tail: response_time.p99 < 200ms}
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the pages of two searches: one with hostile names, one of whole numbers."""
    from simsched.experiment.search.capacity import capacities
    from simsched.experiment.search.question import ask
    from simsched.report.files import write_findings
    from simsched.report.search.capacity import findings
    from simsched.scenario import loads

    root = tmp_path_factory.mktemp("searches")
    found = {}
    for name, path in {"rate": None, "workers": "servers.two.workers"}.items():
        question = ask(lambda more: loads(SCENARIO, overrides=more), path=path, relative=0.2)
        scenario = question.scenario
        answers = tuple(capacities(question))
        found[name] = write_findings(findings(scenario, answers), root) / "report.html"
    hostile = scenario.model_copy(update={"name": HOSTILE, "description": HOSTILE})
    found["hostile"] = write_findings(findings(hostile, answers), root) / "report.html"
    found["best"] = best(scenario, root)
    return found


def best(scenario: Scenario, root: Path) -> Path:
    """Return the page of the best server of *scenario*, whose description is hostile."""
    from simsched.experiment.search.best import select
    from simsched.experiment.search.designs import Criterion, of_scenario
    from simsched.report.files import write_findings
    from simsched.report.search.best import findings
    from simsched.scenario.metrics import parse_metric

    compared = scenario.model_copy(update={"description": HOSTILE})
    criterion = Criterion(parse_metric("response_time.mean"), "minimize")
    found = findings(compared, select(of_scenario(scenario), criterion))
    return write_findings(found, root) / "report.html"


@pytest.mark.parametrize("name", ["rate", "workers", "hostile", "best"])
@pytest.mark.parametrize("width", [400, 1600])
def test_the_page_draws_without_faults_and_fits_its_width(look, pages, name, width):
    opened = look(pages[name], width)
    assert opened.faults == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    for plot in opened.page.locator(".plot").all():
        assert plot.locator("svg.main-svg").count() > 0


def test_every_section_is_there_in_order(look, pages):
    assert look(pages["rate"]).page.locator("h2").all_inner_texts() == [
        "Verdict",
        "Servers",
        "response_time.mean over workload.open.rate",
        "response_time.p99 over workload.open.rate",
        "Values that were tried",
        "To repeat it",
    ]


def test_the_verdict_carries_the_rate_and_its_interval(look, pages):
    text = look(pages["rate"]).page.locator("#verdict").inner_text()
    assert "one carries" in text
    assert "interval" in text


def test_the_limit_and_the_boundaries_are_drawn(look, pages):
    shapes = look(pages["rate"]).page.locator("#curve-1 .shapelayer path")
    assert shapes.count() == 3  # the limit, and a band for each server


def test_pointing_at_a_value_shows_it(visit, pages):
    page = visit(pages["rate"]).page
    plot = page.locator("#curve-1")
    plot.scroll_into_view_if_needed()
    point = plot.locator(".scatterlayer .points path").first.bounding_box()
    page.mouse.move(point["x"] + point["width"] / 2, point["y"] + point["height"] / 2)
    said = plot.locator(".hovertext").first
    said.wait_for()
    assert "replications" in said.text_content()


@pytest.mark.parametrize(
    ("name", "scheme"),
    [("rate", "light"), ("rate", "dark"), ("hostile", "light"), ("best", "dark")],
)
def test_no_barrier_is_found(look, pages, name, scheme):
    assert barriers(look(pages[name], color_scheme=scheme).page) == []


def test_links_lead_to_the_files_beside_the_page(look, pages):
    for link in look(pages["rate"]).page.locator("#repeat p a").all():
        assert (pages["rate"].parent / link.get_attribute("href")).is_file()
