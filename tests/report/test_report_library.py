from __future__ import annotations

import re

import pytest
from report_results import lecture

from simsched.errors import InputError
from simsched.report import files, html
from simsched.report.html.templates import PlotlyJs, fingerprint, source

TEXTS = {"lecture": "name: lecture\n"}


def test_the_inlined_page_lets_only_its_own_two_scripts_run():
    page = html.render(lecture(), TEXTS)
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    (policy,) = re.findall(r'Security-Policy" content="([^"]*)"', page)
    assert len(scripts) == 2
    for script in scripts:
        assert fingerprint(script) in policy
    assert "default-src &#39;none&#39;" in policy


def test_the_page_of_the_lecture_is_small_with_its_library_and_licence():
    page = html.render(lecture(), TEXTS)
    assert len(page.encode()) < 1_600_000
    assert "Licensed under the MIT license" in page


def test_a_page_with_the_library_elsewhere_is_small():
    for kind in (PlotlyJs.CDN, PlotlyJs.DIRECTORY):
        assert len(html.render(lecture(), TEXTS, plotlyjs=kind).encode()) < 300_000


def test_a_library_from_afar_is_checked_before_it_runs():
    page = html.render(lecture(), TEXTS, plotlyjs=PlotlyJs.CDN)
    assert f'integrity="{fingerprint(source())}" crossorigin="anonymous"' in page
    assert 'src="https://cdn.plot.ly/plotly-cartesian-' in page


def test_pages_of_one_folder_share_the_library(tmp_path):
    folder = files.write_run(lecture(), tmp_path, TEXTS, "directory")
    (src,) = re.findall(r'<script src="([^"]*)"', (folder / "report.html").read_text())
    assert (folder / src).resolve() == tmp_path / "plotly.min.js"
    assert (folder / src).read_text() == source()


def test_another_place_is_not_known(tmp_path):
    with pytest.raises(InputError, match=r"plotlyjs is one of .*, not 'elsewhere'"):
        files.write_run(lecture(), tmp_path, TEXTS, "elsewhere")
