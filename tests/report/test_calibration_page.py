"""The page of a check shows what was measured and simulated, and runs nothing else."""

from __future__ import annotations

import json
import re

from simsched.report.document import Document
from simsched.report.html import calibration_page, templates


def page(name: str) -> str:
    curves = {"": ([0.001, 0.002], [0.001, 0.003]), name: ([0.001], [0.002])}
    document = Document(sentences=("It predicts.",), table=(("", "measured"), ("mean", "1 ms")))
    return calibration_page.render(document, curves, ([1.0, 3.0], [0.002, 0.004], [0.001, 0.005]))


def test_each_class_has_a_figure_of_both_distributions():
    drawn = page("list")
    assert re.findall("<h2>(.*?)</h2>", drawn) == ["all requests", "list", "Over time"]
    embedded = re.search('id="figures">(.*?)</script>', drawn, re.S)
    figures = json.loads(embedded[1])
    (first, second) = figures["figure-0"]["data"]
    assert (first["name"], first["x"], first["y"]) == ("measured", [1, 2], [0.25, 0.75])
    assert (second["name"], second["x"]) == ("simulated", [1, 3])
    (measured, simulated) = figures["over-time"]["data"]
    assert (measured["x"], measured["y"]) == ([1, 3], [2, 4])
    assert simulated["y"] == [1, 5]


def test_names_are_text_and_only_the_own_scripts_run():
    drawn = page("<script>alert(1)</script>")
    assert "<script>alert" not in drawn
    scripts = re.findall(r"<script>(.*?)</script>", drawn, re.S)
    assert len(scripts) == 2
    assert all(templates.fingerprint(each) in drawn for each in scripts)
