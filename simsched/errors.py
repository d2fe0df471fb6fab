"""The exceptions of simsched: for bad input they name the place, the value, the bound, the cure."""

from __future__ import annotations

from dataclasses import dataclass


class SimschedError(Exception):
    """Base class of everything simsched raises on purpose.

    ``exit_code`` is the exit code of the command line.
    """

    exit_code = 1


class InputError(SimschedError):
    """Bad input: an option, a path or a scenario that cannot be used."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault in a scenario file.

    As text it is one line, with the characters escaped that a terminal would interpret.

    Attributes:
        file: the file, or the ``--set`` option, that holds the fault.
        message: what is wrong, with the value and its bound.
        line: counted from 1; None where the fault is not at one line.
        column: counted from 1, like ``line``.
        path: the dotted path of the value, as in ``requests.page[0].cpu``; empty where the fault is
            the file's own.
        hint: what to write instead.
    """

    file: str
    message: str
    line: int | None = None
    column: int | None = None
    path: str = ""
    hint: str = ""

    def __str__(self) -> str:
        position = [str(part) for part in (self.line, self.column) if part is not None]
        place = ":".join([self.file, *position])
        subject = f"{self.path}: " if self.path else ""
        hint = f"; {self.hint}" if self.hint else ""
        return _printable(f"{place}: {subject}{self.message}{hint}")


def _printable(text: str) -> str:
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1] for character in text
    )


class ScenarioError(InputError):
    """A scenario cannot be used. ``faults`` holds every fault found, in the order of the file."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[tuple[Fault, ...]]]:
        # Between processes an exception is otherwise rebuilt from its text alone.
        return type(self), (self.faults,)


class RunError(SimschedError):
    """A run that had started could not be finished."""
