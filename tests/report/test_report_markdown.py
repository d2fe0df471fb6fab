from __future__ import annotations

from dataclasses import replace

from markdown_it import MarkdownIt
from report_results import lecture, load

import simsched
from simsched.experiment.result import Result
from simsched.report import markdown
from simsched.report.markdown import escape
from simsched.report.run_document import document
from simsched.scenario import loads

LECTURE = """\
### lecture: 1 replication, seed 7

cooperative's mean response time is shorter than serial's in this run: \
69.3 ms against 116 ms \\(1.7 times faster\\).

cooperative completes 27.8/s, serial 16.3/s: 70 % more.

|  | serial | cooperative |
|---|---:|---:|
| throughput | 16.3/s | 27.8/s |
| response time, mean | 116 ms | 69.3 ms |
| p50 | 112 ms | 88.0 ms |
| p95 | 150 ms | 94.0 ms |
| slowdown | 3.59 | 1.33 |
| CPU utilisation | 37.0 % | 63.0 % |
| completion order | 1 2 3 | 1 3 2 |

throughput is over the time from the first arrival to the last answer
"""


def render(result: Result) -> str:
    return markdown.render(document(result))


def html(text: str) -> str:
    return MarkdownIt("commonmark").enable("table").render(text)


def test_the_lecture_pastes_into_a_pull_request():
    assert render(lecture()) == LECTURE


MM1 = """
name: mm1
requests: {page: [{cpu: {exponential: 10ms}}]}
workload: {open: {rate: 50/s}, duration: 200s}
servers: {serial: {model: serial}}
run: {warmup: 20s, replications: 2}
"""


def test_it_shows_what_formulas_say_and_what_the_figures_leave_out():
    told = render(simsched.run(loads(MM1)))
    assert "\n\nfigures leave out a warm-up of 20 s\n\n" in told
    assert "\n- Theory: serial: M/M/1: response\\_time.mean = 20.0 ms, " in told


def test_a_warning_is_a_quotation():
    assert "> **Warning:** serial: offered load is 0.90;" in render(load())


def test_hostile_names_stay_in_their_cell_and_are_shown_as_they_are():
    hostile = "a|b`c*d_[e](f)<script>#1 @someone"
    (_, one), *rest = lecture().servers.items()
    result = replace(
        lecture(), name=hostile, servers={hostile: replace(one, server=hostile), **dict(rest)}
    )
    page = html(render(result))
    assert '<th style="text-align:right">a|b`c*d_[e](f)&lt;script&gt;#1 @someone</th>' in page
    assert "<h3>a|b`c*d_[e](f)&lt;script&gt;#1 @someone: 1 replication, seed 7</h3>" in page
    assert page.count("<tr>") == render(lecture()).count("\n|") - 1


def test_escaping_leaves_plain_words_alone():
    assert escape("p99, mean: 72.2 ms ± 1.3") == "p99, mean: 72.2 ms ± 1.3"
