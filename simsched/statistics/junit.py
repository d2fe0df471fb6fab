"""Objectives as JUnit XML, which continuous integration systems show as tests.

The format is that of the Ant JUnit task, as Jenkins, GitLab and GitHub actions read it. A judgement
is a failure exactly where the exit code is not 0 because of it: where the objective is missed, and
under ``--strict`` also where it is inconclusive, which otherwise is skipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, assert_never
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from simsched.statistics.slo import Judgement, code_of

Status = Literal["passed", "failure", "skipped"]


def to_junit(scenario: str, judgements: Sequence[Judgement], *, strict: bool = False) -> str:
    """Return the JUnit XML of *judgements*: a test case for each objective and server."""
    cases = [(judgement, _status(judgement, strict)) for judgement in judgements]
    found = [status for _, status in cases]
    counts = {
        "tests": str(len(cases)),
        "failures": str(found.count("failure")),
        "errors": "0",
        "skipped": str(found.count("skipped")),
    }
    # Some readers take the counts from the root, others from the suite.
    root = Element("testsuites", counts)
    suite = SubElement(root, "testsuite", {"name": _legible(scenario), **counts})
    for judgement, status in cases:
        _add_case(suite, judgement, status)
    indent(root)
    text = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _status(judgement: Judgement, strict: bool) -> Status:
    if code_of(judgement.outcome, strict):
        return "failure"
    return "skipped" if judgement.outcome == "inconclusive" else "passed"


def _add_case(suite: Element, judgement: Judgement, status: Status) -> None:
    names = {
        "classname": _legible(judgement.server),
        "name": _legible(judgement.objective.name),
    }
    case = SubElement(suite, "testcase", names)
    sentence = _legible(judgement.sentence)
    match status:
        case "passed":
            SubElement(case, "system-out").text = sentence
        case "failure":
            attributes = {"message": sentence, "type": judgement.outcome}
            SubElement(case, "failure", attributes).text = sentence
        case "skipped":
            SubElement(case, "skipped", {"message": sentence})
        case _:
            assert_never(status)


def _legible(text: str) -> str:
    """Return *text* without the control characters that XML has no way to write."""
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )
