"""Objectives as JUnit XML, which continuous integration systems show as tests.

The format is that of the Ant JUnit task, as Jenkins, GitLab and GitHub actions read it: an
objective that is missed is a failure, one that cannot be told is skipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from simsched.statistics.slo import Judgement


def to_junit(scenario: str, judgements: Sequence[Judgement]) -> str:
    """Return the JUnit XML of *judgements*: a test case for each objective and server."""
    outcomes = [judgement.outcome for judgement in judgements]
    counts = {
        "tests": str(len(judgements)),
        "failures": str(outcomes.count("fail")),
        "errors": "0",
        "skipped": str(outcomes.count("inconclusive")),
    }
    root = Element("testsuites", counts)
    suite = SubElement(root, "testsuite", {"name": _legible(scenario), **counts})
    for judgement in judgements:
        _add_case(suite, judgement)
    indent(root)
    text = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _add_case(suite: Element, judgement: Judgement) -> None:
    names = {
        "classname": _legible(judgement.server),
        "name": _legible(judgement.objective.name),
    }
    case = SubElement(suite, "testcase", names)
    sentence = _legible(judgement.sentence)
    if judgement.outcome == "fail":
        SubElement(case, "failure", {"message": sentence}).text = sentence
    elif judgement.outcome == "inconclusive":
        SubElement(case, "skipped", {"message": sentence})
    else:
        SubElement(case, "system-out").text = sentence


def _legible(text: str) -> str:
    """Return *text* without the control characters that XML has no way to write."""
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )
