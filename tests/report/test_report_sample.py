"""The sample report that the README shows."""

from __future__ import annotations

from pathlib import Path

import simsched
from simsched.report import html
from simsched.report.html.templates import PlotlyJs
from simsched.scenario import dump

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "reports" / "sample" / "lecture.html"
LARGEST = 300_000


def test_the_sample_report_is_what_simsched_makes_of_the_lecture(request):
    result = simsched.run(ROOT / "scenarios" / "lecture.yaml")
    texts = {each.name: dump(each) for each in result.scenarios}
    page = html.render(result, texts, links=(), plotlyjs=PlotlyJs.CDN)
    if request.config.getoption("--update"):
        SAMPLE.write_bytes(page.encode())
    assert SAMPLE.read_bytes() == page.encode(), "run pytest --update tests/report"
    assert len(page.encode()) < LARGEST
