"""What is wrong with text that is not YAML, or not YAML that can be taken: in words, and where."""

from __future__ import annotations

import re

import yaml

from simsched.errors import Fault
from simsched.scenario.file.wording import quote

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# The parser compares each %TAG line with all before it: a large file of them takes it minutes.
_DIRECTIVE = re.compile(r"^%TAG", re.MULTILINE)

DEEPEST = 100
"""How deep values may lie inside each other."""

TOO_DEEP = f"more than {DEEPEST} values inside each other"

_PROBLEMS = {
    "mapping values are not allowed in this context": (
        "a ':' is not expected here",
        "put text that holds a ':' in quotes, or correct the indentation",
    ),
    "did not find expected key": (
        "a key is expected here",
        "correct the indentation: the keys of a mapping begin in the same column",
    ),
    "did not find expected '-' indicator": (
        "a '-' is expected here",
        "correct the indentation: every '-' of a list is in the same column",
    ),
    "could not find expected ':'": ("a ':' is missing after a key", "write the key, ':', a space"),
    "found unknown escape character": (
        "an unknown escape stands after '\\'",
        "use single quotes, where '\\' is an ordinary character",
    ),
    "did not find expected ',' or '}'": ("a ',' or '}' is expected here", ""),
    "did not find expected ',' or ']'": ("a ',' or ']' is expected here", ""),
    "did not find expected node content": (
        "a value is expected here",
        "write one, or close the list or mapping before it",
    ),
    "found unexpected end of stream": ("the file ends within quotes", ""),
    "did not find expected <document start>": (
        "the mapping above has ended; nothing can follow",
        "correct the indentation: the top keys begin in the first column",
    ),
}


def forbidden_character(text: str, source: str) -> Fault | None:
    """Return the fault of the first character that YAML text cannot hold, or None."""
    if match := _FORBIDDEN.search(text):
        code = f"U+{ord(match.group()):04X}"
        return _at(text, match.start(), source, f"the character {code} is not allowed")
    if match := _DIRECTIVE.search(text):
        return _at(text, match.start(), source, "a %TAG line is not allowed")
    return None


def _at(text: str, index: int, source: str, message: str) -> Fault:
    line = text.count("\n", 0, index) + 1
    return Fault(source, message, line, index - text.rfind("\n", 0, index))


def syntax_fault(error: yaml.YAMLError, text: str, source: str) -> Fault:
    """Return *error*, found by the parser in *text*, as a fault of the file *source*."""
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    if mark is None:
        return Fault(source, f"not valid YAML: {problem or 'it cannot be read as text'}")
    if problem == "exceeded maximum nesting depth":  # libyaml of 2025 and later has a limit, too
        return Fault(source, TOO_DEEP, mark.line + 1, mark.column + 1)
    message, hint = _worded(str(problem), text[mark.index : mark.index + 1])
    opened = getattr(error, "context_mark", None)
    if not hint and opened is not None:
        hint = f"what opens in line {opened.line + 1}, column {opened.column + 1} is not closed"
    return Fault(source, message, mark.line + 1, mark.column + 1, hint=hint)


def _worded(problem: str, character: str) -> tuple[str, str]:
    if problem == "found character that cannot start any token":
        if character == "\t":
            return "a tab cannot indent", "use spaces"
        return f"text cannot begin with {quote(character)}", "put it in quotes"
    return _PROBLEMS.get(problem, (f"not valid YAML: {problem}", ""))
