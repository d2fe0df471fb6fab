"""What is wrong with a scenario: problems with its values, and the faults that a user reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from heapq import nsmallest
from itertools import islice

from pydantic_core import PydanticCustomError

from simsched.errors import Fault
from simsched.scenario.file.tree import (
    MOST_FAULTS,
    Document,
    MappingNode,
    Node,
    Path,
    Place,
    child,
    dotted,
)
from simsched.scenario.file.wording import closest, listed, quote

COMPLAINT = "simsched"
"""The type that pydantic's error list gives to a complaint of ours."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A name that is not known, and those that are: the hint is made from them.

    ``plural`` names their kind, as in ``request classes``; it is empty where the message already
    lists them.
    """

    name: str
    known: tuple[str, ...]
    plural: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One complaint about a scenario.

    Attributes:
        path: the way to the value that it is about.
        message: what is wrong.
        hint: what to write instead.
        unknown: the name that is not known, where that is the matter.
        at_key: whether it is the key that is wrong, not the value under it.
        absent: the keys of which one is missing, where that is the matter; none where any would do.
        rests_on: other values that it takes to be complete.
        elsewhere: faults in another file, which are reported in its place.
    """

    path: Path
    message: str
    hint: str = ""
    unknown: Unknown | None = None
    at_key: bool = False
    absent: tuple[str, ...] | None = None
    rests_on: tuple[Path, ...] = ()
    elsewhere: tuple[Fault, ...] = ()


def complaint(*problems: Problem) -> PydanticCustomError:
    """Return what a validator raises about a value; the problems' paths begin at that value."""
    text = ", and ".join(f"{each.message}; {each.hint}".removesuffix("; ") for each in problems)
    return PydanticCustomError(COMPLAINT, "{text}", {"text": text, "problems": problems})


# The most problems that are looked at; the first by their place are shown.
_MOST_PROBLEMS = 10 * MOST_FAULTS


def report(problems: Iterable[Problem], document: Document) -> tuple[Fault, ...]:
    """Return all that is wrong: the faults of *document*, and *problems* with its content.

    A problem that only follows from another one is left out, and so is all beyond a thousand.
    """
    faults = [*document.faults, *_about_content(problems, document)]
    rank = {source: number for number, source in enumerate(document.sources)}

    def position(fault: Fault) -> tuple[int, int, int]:
        return rank.get(fault.file, len(rank)), fault.line or 0, fault.column or 0

    # An anchor that is used ten times has one fault, not ten.
    distinct: dict[Fault, Fault] = {}
    for fault in sorted(faults, key=position):
        distinct.setdefault(_identity(fault), fault)
    return _bounded(tuple(_shown(each, document) for each in distinct.values()), document)


def _shown(fault: Fault, document: Document) -> Fault:
    """Return *fault* without a line where it is about values of Python."""
    if document.has_lines or fault.file != document.sources[0]:
        return fault
    return replace(fault, line=None, column=None)


def _identity(fault: Fault) -> Fault:
    """Return what faults have in common that are one: an alias shows one place on many paths."""
    return fault if fault.line is None else replace(fault, path="")


def _bounded(faults: tuple[Fault, ...], document: Document) -> tuple[Fault, ...]:
    if len(faults) <= MOST_FAULTS:
        return faults
    rest = Fault(document.sources[0], f"more than {MOST_FAULTS} faults; the rest is not shown")
    return (*faults[:MOST_FAULTS], rest)


def _about_content(problems: Iterable[Problem], document: Document) -> Iterator[Fault]:
    root = document.root
    if root is None:
        return
    sound = [
        each
        for each in islice(problems, _MOST_PROBLEMS)
        if not _rests_on_faulty(each, root, document)
    ]
    # Looking for the names that were meant is slow work, not to be done for more than is shown.
    first = nsmallest(MOST_FAULTS + 1, sound, key=lambda each: _start(each, root)[1:])
    # A misspelt key is one fault: that the right key is then missing follows from it.
    meant = _meant_keys(first)
    for each in first:
        if not meant & _needs(each):
            yield from each.elsewhere or [_fault(each, root, document)]


def _rests_on_faulty(problem: Problem, root: Node, document: Document) -> bool:
    """Return whether something that *problem* takes for granted is already complained about."""
    # That a key is missing says nothing where a key could not be read.
    complete = [*problem.rests_on, *([] if problem.absent is None else [problem.path])]
    if any(_place(root, path) in document.incomplete for path in complete):
        return True
    paths = [problem.path, *problem.rests_on]
    return any(place in document.broken for path in paths for place in _places(root, path))


def _places(root: Node, path: Path) -> Iterator[Place]:
    """Yield where each value on the way along *path* begins."""
    node: Node | None = root
    yield root.place
    for step in path:
        node = child(node, step) if node is not None else None
        if node is None:
            return
        yield node.place


def _place(root: Node, path: Path) -> Place:
    """Return where the value at *path* begins, or else what would hold it."""
    *_, last = _places(root, path)
    return last


def _meant_keys(problems: Iterable[Problem]) -> set[tuple[Path, str]]:
    """Return the keys that were meant by unknown ones, each with the path of its mapping."""
    return {
        (each.path[:-1], match)
        for each in problems
        if each.at_key
        and each.unknown is not None
        and (match := closest(each.unknown.name, each.unknown.known)) is not None
    }


def _needs(problem: Problem) -> set[tuple[Path, str]]:
    """Return the keys without which *problem* would not be one, each with its mapping's path."""
    named = [(path[:-1], str(path[-1])) for path in problem.rests_on if path]
    return {(problem.path, key) for key in problem.absent or ()} | set(named)


def _fault(problem: Problem, root: Node, document: Document) -> Fault:
    place = _start(problem, root)
    hint = hint_of(problem)
    # An option such as --set made this mapping, so it names a key that the file does not have.
    if problem.absent is not None and place.source not in document.files:
        hint = _neighbour(root, problem.path) or hint
    path = dotted(problem.path)
    if place.source not in document.files:
        return Fault(place.source, problem.message, path=path, hint=hint)
    return Fault(place.source, problem.message, place.line, place.column, path, hint)


def hint_of(problem: Problem) -> str:
    """Return what to do about *problem*, or an empty text."""
    return problem.hint if problem.unknown is None else _suggestion(problem.unknown)


def _start(problem: Problem, root: Node) -> Place:
    return (_key_place if problem.at_key else _place)(root, problem.path)


def _key_place(root: Node, path: Path) -> Place:
    holder, key = root, path[-1]
    for step in path[:-1]:
        holder = child(holder, step) or holder
    if isinstance(holder, MappingNode) and key in holder.entries:
        return holder.entries[str(key)].place
    return _place(root, path)


def _suggestion(unknown: Unknown) -> str:
    if match := closest(unknown.name, unknown.known):
        return f"did you mean {quote(match)}?"
    if not unknown.plural:
        return ""
    known = listed(unknown.known)
    return f"the {unknown.plural} are {known}" if known else f"there are no {unknown.plural}"


def _neighbour(root: Node, path: Path) -> str:
    """Return the key beside *path* that was probably meant: an option made a new one instead."""
    *above, key = path or ("",)
    holder: Node | None = root
    for step in above:
        holder = child(holder, step) if holder is not None else None
    others = (
        [each for each in holder.entries if each != key] if isinstance(holder, MappingNode) else []
    )
    match = closest(str(key), others)
    return f"did you mean {quote(match)}?" if match else ""
