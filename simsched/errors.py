"""What simsched raises: one base class, and for bad input the place, the value, the bound and the mend."""

from __future__ import annotations

from dataclasses import dataclass


class SimschedError(Exception):
    """Base of everything simsched raises on purpose; ``exit_code`` is what the command line ends with."""

    exit_code = 1


class InputError(SimschedError):
    """The user gave something that cannot be used: an option, a path, a scenario."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault in a scenario file.

    ``line`` and ``column`` count from 1. ``path`` is the dotted path of the value, as in
    ``requests.page[0].cpu``; it is empty where the fault is the file's own. ``message`` says what is
    wrong, with the value and its bound; ``hint`` says what to write instead.
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
        mend = f"; {self.hint}" if self.hint else ""
        return f"{place}: {subject}{self.message}{mend}"


class ScenarioError(InputError):
    """A scenario cannot be used. ``faults`` holds every fault found, in the order of the file."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class RunError(SimschedError):
    """A run that began could not be finished."""
