"""The process that simulates what is played with: kept warm, and replaced if it does not stop."""

from __future__ import annotations

import json
import multiprocessing
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from threading import Event
from typing import Any

import msgspec

from simsched.errors import ScenarioError, SimschedError
from simsched.experiment import cost
from simsched.experiment.result import Result
from simsched.experiment.runner import prepare, run
from simsched.interrupt import end_with_parent, start_tracker
from simsched.report.contents import scenario_texts
from simsched.report.files import write_run
from simsched.report.play.controls import Section, sections
from simsched.report.play.effort import Effort, in_full, while_dragging
from simsched.report.play.picture import picture
from simsched.report.play.source import Changes, Source
from simsched.statistics.words import play as words

GRACE_S = 0.3
"""A process that has not stopped after so many seconds is killed."""

LONGEST_S = 120.0
"""A simulation that takes longer than this many seconds is stopped, whatever its estimate was."""

_MEMORY = 8 * 2**30
"""Bytes of address space that the process may have."""

_KEPT = 4
"""So many unchanged scenarios are kept, each with its result."""

_LOOK_S = 0.02


@dataclass(frozen=True, slots=True)
class Job:
    """What to simulate: a scenario with changes, as a picture or as a report.

    Attributes:
        source: the scenario.
        changes: those of the page.
        is_full: whether all of it is simulated, or what there is time for while dragging.
        figures: those that are in sight, and so drawn while dragging.
        reports: the folder to write a report in; None for a picture.
    """

    source: Source
    changes: Changes
    is_full: bool = True
    figures: tuple[str, ...] = ()
    reports: str | None = None


class Worker:
    """A process that does one job at a time; it is started with the first."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._process: Any = None
        self._pipe: Connection | None = None

    @property
    def pid(self) -> int | None:
        """The number of its process, if there is one."""
        return None if self._process is None else self._process.pid

    def do(self, job: Job, stopped: Event) -> bytes:
        """Return the answer to *job* as JSON; stop once *stopped* is set."""
        try:
            pipe = self._started()
            pipe.send(job)
            return self._answer(pipe, stopped)
        except (OSError, EOFError):
            self.end()
            return refusal(words.DIED)

    def _answer(self, pipe: Connection, stopped: Event) -> bytes:
        last = time.monotonic() + LONGEST_S
        is_told = False
        while time.monotonic() < last:
            if wait([pipe], _LOOK_S):
                answer = pipe.recv_bytes()
                return superseded() if is_told else answer
            if stopped.is_set() and not is_told:
                pipe.send(None)
                is_told, last = True, time.monotonic() + GRACE_S
        self.end()
        return superseded() if is_told else refusal(words.TOO_SLOW)

    def _started(self) -> Connection:
        if self._process is None or self._pipe is None or not self._process.is_alive():
            self.end()
            start_tracker()
            self._pipe, theirs = self._context.Pipe()
            self._process = self._context.Process(target=_serve, args=(theirs,), daemon=True)
            self._process.start()
            theirs.close()
        return self._pipe

    def end(self) -> None:
        """End the process at once."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None


def refusal(*messages: str) -> bytes:
    """Return the answer that something cannot be simulated, and why."""
    faults = [{"path": "", "message": each} for each in messages]
    return json.dumps({"faults": faults}).encode()


def superseded() -> bytes:
    """Return the answer to a job that a newer one took the place of."""
    return json.dumps({"superseded": words.SUPERSEDED}).encode()


class _StoppedError(Exception):
    """A newer job waits."""


@dataclass
class _Desk:
    """What the process remembers: its speed, and what it found of unchanged scenarios."""

    pipe: Connection
    pace: cost.Pace = field(default_factory=cost.Pace)
    unchanged: dict[Source, Result | None] = field(default_factory=dict)
    sections: dict[Source, tuple[Section, ...]] = field(default_factory=dict)

    def answer(self, job: Job) -> dict[str, Any]:
        if job.reports is not None:
            return self._report(job, Path(job.reports))
        is_first = not job.is_full and job.source not in self.unchanged
        then = None if is_first else self._unchanged(job.source)
        (scenario,) = prepare([job.source.scenario(job.changes)])
        effort = (
            in_full(scenario)
            if job.is_full
            else while_dragging(scenario, self.pace, at_first=is_first)
        )
        is_same = then is not None and not job.changes
        now = then if is_same and then is not None else self._run(effort)
        behind, wanted = then if job.changes else None, None if job.is_full else job.figures
        found = picture(now, behind, effort, wanted, is_changed=bool(job.changes))
        if job.is_full:
            found["sections"] = self._sections(job)
        return found

    def _sections(self, job: Job) -> tuple[Section, ...]:
        if job.source not in self.sections:
            self.sections = {job.source: sections(job.source.written())}
        return sections(job.source.written(job.changes), self.sections[job.source])

    def _unchanged(self, source: Source) -> Result | None:
        """Return the result of the unchanged scenario; None where it is too large."""
        if source not in self.unchanged:
            (scenario,) = prepare([source.scenario()])
            try:
                found: Result | None = self._run(in_full(scenario))
                self._run(while_dragging(scenario, self.pace))  # the first run also imported
            except SimschedError:
                found = None
            self.unchanged[source] = found
            while len(self.unchanged) > _KEPT:
                del self.unchanged[next(iter(self.unchanged))]
        return self.unchanged[source]

    def _run(self, effort: Effort) -> Result:
        began = time.perf_counter()
        result = run([effort.scenario], self._check, timelines="first")
        self.pace.learn(cost.weight(effort.scenario), time.perf_counter() - began)
        return result

    def _report(self, job: Job, root: Path) -> dict[str, Any]:
        (scenario,) = prepare([job.source.scenario(job.changes)])
        result = run([in_full(scenario).scenario], self._check)
        folder = write_run(result, root, scenario_texts(result.scenarios))
        return {"report": folder.relative_to(root).as_posix()}

    def _check(self, _: int, __: int) -> None:
        if self.pipe.poll():
            raise _StoppedError


def _serve(pipe: Connection) -> None:
    """Do the jobs that come through *pipe*, until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    _limit_memory()
    desk = _Desk(pipe)
    with suppress(EOFError, OSError):
        while True:
            job = pipe.recv()
            if job is not None:  # a late word to stop
                pipe.send_bytes(_done(desk, job))


def _done(desk: _Desk, job: Job) -> bytes:
    try:
        return msgspec.json.encode(desk.answer(job))
    except _StoppedError:
        return superseded()
    except ScenarioError as error:
        faults = [{"path": each.path, "message": _said(each)} for each in error.faults]
        return json.dumps({"faults": faults}).encode()
    except SimschedError as error:
        return refusal(str(error))
    except MemoryError:
        return refusal(words.TOO_LARGE)


def _said(fault: Any) -> str:
    return f"{fault.message}; {fault.hint}" if fault.hint else fault.message


def _limit_memory() -> None:
    if sys.platform != "win32":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        least = _MEMORY if most == resource.RLIM_INFINITY else min(_MEMORY, most)
        resource.setrlimit(resource.RLIMIT_AS, (least, most))
