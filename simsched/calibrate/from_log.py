"""From access logs, or tables of requests, to a scenario that predicts.

A response time is no service demand: waiting is taken out of it by simulating the recorded arrivals
(:mod:`~simsched.calibrate.moments`). What part of the rest is CPU time is known from upstream times
or the CPU time of the server, or estimated from how responses depend on load; or it is not known,
and that is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from pydantic import TypeAdapter

from simsched.calibrate import moments
from simsched.calibrate.classes import OTHER
from simsched.calibrate.clients import Clients
from simsched.calibrate.learned import Estimate, Learned
from simsched.calibrate.measured import LEAST_REQUESTS
from simsched.calibrate.moments import Share
from simsched.calibrate.observed import Observed
from simsched.calibrate.programs import Phase
from simsched.calibrate.recorded_load import Needs, RecordedLoad, busiest, part
from simsched.calibrate.writing import Blueprint
from simsched.errors import Fault, InputError, ScenarioError
from simsched.scenario.model.servers import Server
from simsched.statistics.words import logs as words
from simsched.statistics.words.calibration import TOO_LONG, TOO_LONG_CURE
from simsched.units import LONGEST, SECOND
from simsched.workload.arrays import Floats, Int64s

Known = Literal["upstream", "CPU time", "load", "nothing"]
"""What the CPU time of requests is known from."""

_VAGUE = 0.15
"""A share of CPU time with a larger standard error is hardly known."""


@dataclass(frozen=True)
class LogLearner:
    """Learns what requests need from when they came and how long they took.

    Attributes:
        observed: the requests.
        options: the server that served them, as a scenario has it.
        name: what the scenario is to be called.
        cpu_ns: the CPU time of the server meanwhile; None if unknown.
        is_assumed: whether the server is only assumed.

    Raises:
        InputError: there are too few requests, or the CPU time cannot be theirs.
    """

    observed: Observed
    options: Mapping[str, Any]
    name: str
    cpu_ns: int | None = None
    is_assumed: bool = False

    def __post_init__(self) -> None:
        count, took = len(self.observed), int(self.observed.response_ns.sum())
        if count < LEAST_REQUESTS:
            about = self.observed.about
            message = words.too_few(count, LEAST_REQUESTS)
            raise ScenarioError(
                tuple(Fault(about.source, text) for text in (message, *about.remarks))
            )
        if int(self.observed.arrival_ns[-1]) > LONGEST:
            fault = Fault(self.observed.about.source, TOO_LONG, hint=TOO_LONG_CURE)
            raise ScenarioError((fault,))
        if not took:
            raise ScenarioError((Fault(self.observed.about.source, words.ALL_ZERO),))
        if self.cpu_ns is not None and self.cpu_ns >= took:
            raise InputError(words.too_much_cpu(self.cpu_ns / SECOND, took / SECOND))

    @cached_property
    def server(self) -> Server:
        """The server that served the requests."""
        found: Server = TypeAdapter(Server).validate_python(dict(self.options))
        return found

    @cached_property
    def load(self) -> RecordedLoad:
        """The requests from which needs are estimated."""
        return RecordedLoad(busiest(self.observed), self.server)

    @cached_property
    def known(self) -> Known:
        """What CPU time is known from."""
        if self.load.waited is not None:
            return "upstream"
        if self.cpu_ns is not None:
            return "CPU time"
        return "nothing" if self._by_load is None or self._is_vague else "load"

    @cached_property
    def _by_load(self) -> tuple[Share, Needs] | None:
        """What responses show of CPU time; None if they cannot."""
        return moments.share_of(self.load) if moments.shows_cpu(self.server) else None

    @property
    def _is_vague(self) -> bool:
        return self._by_load is not None and self._by_load[0].standard_error > _VAGUE

    @cached_property
    def found(self) -> tuple[Share, Needs]:
        """The share of CPU time, and what requests need."""
        if self.load.waited is not None:
            return Share(1.0), moments.needs_with(self.load, 1.0)
        if self.cpu_ns is not None:
            total = float(self.cpu_ns) * len(self.load.observed) / len(self.observed)
            needs = moments.needs_with(self.load, None, total)
            return Share(float(needs.cpu_ns.sum() / max(1.0, needs.mean_ns.sum()))), needs
        if self._by_load is not None and not self._is_vague:
            return self._by_load
        return Share(0.0), moments.needs_with(self.load, 0.0)

    def halves(self) -> tuple[LogLearner, Clients]:
        """Return what learns from the first half of the requests, and the second half."""
        middle = len(self.observed) // 2
        first, second = (part(self.observed, rows) for rows in (slice(middle), slice(middle, None)))
        cpu_ns = None if self.cpu_ns is None else self.cpu_ns * middle // len(self.observed)
        return LogLearner(first, self.options, self.name, cpu_ns), clients(second)

    def learned(self) -> Learned:
        """Return the scenario and the estimates."""
        observed = self.observed
        blueprint = Blueprint(
            name=self.name,
            description=words.learned_from(observed.about.source),
            requests={name: self._phases(name) for name in observed.classes},
            server_name="server",
            server=dict(self.options),
            arrival_ns=observed.arrival_ns,
            request=[observed.classes[i] for i in observed.class_id],
            remarks=[*observed.about.remarks, *self._remarks()],
        )
        positions = range(len(self.load.observed.classes))
        estimates = [each for i in positions for each in self._estimates(i)]
        return Learned(blueprint, estimates, len(observed))

    def _phases(self, name: str) -> list[Phase]:
        """Return the phases of a class; of one that is not among the busiest, those of all."""
        load, needs = self.load, self.found[1]
        classes = load.observed.classes
        chosen = [classes.index(name)] if name in classes else range(len(classes))
        bins = np.sort(np.concatenate([self._as_many(needs.bins[i], i) for i in chosen]))
        if load.waited is not None:
            waited = load.waited[np.isin(load.observed.class_id, chosen)]
            return [{"cpu": _half(bins)}, {"io": _whole(waited)}, {"cpu": _half(bins)}]
        if self.known == "nothing":
            return [{"io": _whole(bins)}]
        cpu = np.concatenate(
            [np.minimum(needs.cpu_ns[i], self._as_many(needs.bins[i], i)) for i in chosen]
        )
        return [
            {"cpu": _half(cpu)},
            {"io": _whole(np.maximum(bins - cpu, 0.0))},
            {"cpu": _half(cpu)},
        ]

    def _as_many(self, bins: Floats, position: int) -> Floats:
        """Return the means of equal shares about as often as there are requests of a class.

        So the scenario shows from how many requests they are.
        """
        return np.repeat(bins, max(1, len(self.load.rows[position]) // len(bins)))

    @cached_property
    def _errors(self) -> Floats:
        return moments.standard_errors(self.load, self.found[1])

    def _estimates(self, position: int) -> Iterator[Estimate]:
        """Yield what a class needs; standard errors are those of the means."""
        (share, needs), name = self.found, self.load.observed.classes[position]
        mean, error = float(needs.mean_ns[position]), float(self._errors[position])
        match self.known:
            case "upstream":
                yield Estimate(words.cpu_of(name), mean, error, words.BESIDE_UPSTREAM)
                assert self.load.waited is not None  # noqa: S101  that is how it is known
                waited = self.load.waited[self.load.rows[position]]
                spread = float(waited.std() / np.sqrt(len(waited)))
                yield Estimate(words.io_of(name), float(waited.mean()), spread, words.UPSTREAM)
            case "nothing":
                yield Estimate(words.need_of(name), mean, error, words.RESPONSES)
            case "CPU time":
                cpu = self._cpu(position)
                yield Estimate(words.cpu_of(name), cpu, cpu / mean * error, words.BY_CPU_TIME)
                yield Estimate(words.io_of(name), mean - cpu, error, words.RESPONSES)
            case "load":
                cpu = self._cpu(position)
                part_of, off = cpu / mean, share.standard_error
                change = float(np.broadcast_to(share.change_ns, self._errors.shape)[position])
                of_cpu = np.hypot(part_of * error, (mean + part_of * change) * off)
                of_io = np.hypot((1 - part_of) * error, ((1 - part_of) * change - mean) * off)
                yield Estimate(words.cpu_of(name), cpu, float(of_cpu), words.BY_LOAD)
                yield Estimate(words.io_of(name), mean - cpu, float(of_io), words.RESPONSES)

    def _cpu(self, position: int) -> float:
        """Return the mean CPU time of a class: no request computes longer than it takes."""
        needs = self.found[1]
        return float(np.minimum(needs.cpu_ns[position], needs.bins[position]).mean())

    def _remarks(self) -> Iterator[str]:
        if self.is_assumed:
            yield words.NO_SERVER
        if len(self.load.observed) < len(self.observed):
            yield words.busiest(len(self.load.observed), len(self.observed))
        match self.known:
            case "upstream":
                yield words.UPSTREAM_IS_IO
                if self.cpu_ns is not None:
                    yield words.UNUSED_CPU_TIME
            case "CPU time" | "load":
                yield words.ONE_SHARE
            case "nothing" if self._is_vague:
                yield words.VAGUE
            case "nothing":
                sharing = moments.depends_on_cpu(self.server)
                yield words.UNKNOWN_CPU if sharing else words.ANY_CPU


def clients(observed: Observed, known: Sequence[str] = ()) -> Clients:
    """Return requests as their clients would have recorded them.

    A class that is not *known* has the name of the one that is written with the same words, such as
    ``/item/{}`` for ``item``, or is among the others.
    """
    names = [name if name in known else _alike(name, known) for name in observed.classes]
    request = [names[i] for i in observed.class_id]
    return Clients(observed.arrival_ns, observed.arrival_ns + observed.response_ns, request)


def _alike(name: str, known: Sequence[str]) -> str:
    alike = [each for each in known if _words(each) == _words(name)]
    return alike[0] if len(alike) == 1 else OTHER if OTHER in known else name


def _words(name: str) -> list[str]:
    return re.findall(r"\w+", name.lower())


def _half(values: Floats) -> Int64s:
    return _whole(values / 2)


def _whole(values: Floats) -> Int64s:
    whole: Int64s = np.rint(values).astype(np.int64)
    return whole
