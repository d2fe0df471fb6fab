"""From the spans of a service to a scenario that predicts it.

What a request did is found from its spans (:mod:`~simsched.calibrate.structure`), and what it
needed from where the loop was idle (:mod:`~simsched.calibrate.demands`). The CPU time of the
process, where it is known, then says what spans do not show: by the utilisation law it is the sum
of the demands (Rolia & Vetland, Parameter estimation for performance models of distributed
application systems, CASCON 1995). The clients' times say what passes outside the server: the rest
of the response times of those requests that did not wait for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from simsched.calibrate.busy import in_flight
from simsched.calibrate.clients import Clients, matched, renamed
from simsched.calibrate.demands import Demands, Recorded, demands_as_recorded, demands_on_loops
from simsched.calibrate.learned import Estimate, Facts, Learned
from simsched.calibrate.measured import LEAST_REQUESTS
from simsched.calibrate.moments import error_of_mean
from simsched.calibrate.programs import Phase, callees
from simsched.calibrate.services import Services, overhead_of
from simsched.calibrate.variants import Variants
from simsched.calibrate.visits import Visits
from simsched.calibrate.waiting import Needs, core_of, without_pools
from simsched.calibrate.writing import Blueprint
from simsched.errors import InputError
from simsched.scenario.file.wording import listed
from simsched.statistics.words import spans as words
from simsched.statistics.words.numbers import counted
from simsched.workload.arrays import Bools, Int64s

MOST_PREDICTED = 5_000
"""How many requests of the second half are predicted from the first."""

_SEEN = "where the loop went on to another request at once"
_NEARLY_ALL = 0.98


class Learner:
    """Learns the scenario of a service whose requests were recorded as *visits*.

    Raises:
        InputError: there are too few requests, or a fact does not fit them.
    """

    def __init__(self, visits: Visits, facts: Facts, caller: str = "") -> None:
        if facts.cpu_ns is None:
            facts = replace(facts, cpu_ns=visits.cpu_ns)
        self.visits, self.facts, self.caller = visits, facts, caller
        if len(visits.visits) < LEAST_REQUESTS:
            raise InputError(
                f"the spans hold {counted(len(visits.visits), 'request')} of {visits.service}; at "
                f"least {LEAST_REQUESTS} are needed"
            )
        self.remarks: list[str] = []
        self.share = visits.sampled
        self.used: Bools = np.ones(len(visits.visits), np.bool_)
        self.name: list[str] = []
        self.start = np.array([visit.start_ns for visit in visits.visits], np.int64)
        self.end = np.array([visit.end_ns for visit in visits.visits], np.int64)
        self.kind = [visits.labels[visit.kind] for visit in visits.visits]
        self._join()
        self.callees = callees(visits, facts.pools)
        self.variants = Variants(visits.visits, self.name, self.used)
        if rare := int(np.count_nonzero(self.used & ~self.variants.kept)):
            self.remarks.append(words.rare(rare, int(np.count_nonzero(self.used))))
        self.used = self.variants.kept
        recorded, noted = without_pools(self.variants, self.callees, facts.pools)
        self.remarks += noted
        self.demands = self._demands(recorded)
        self.need_ns: Int64s = np.rint(self.demands.need_ns).astype(np.int64)
        needs = Needs(self.variants, self.need_ns, self.callees)
        prefix = visits.service if caller else ""
        systems = {each: core_of(each, prefix) for each in sorted(set(visits.databases.values()))}
        self.cores = {
            core: found
            for system, core in systems.items()
            if (found := needs.at_core(system, visits.databases, core))
        }
        self.remarks += list(self.cores.values())
        if at := self.variants.classes_of(self.demands.yields_ns):
            self.remarks.append(words.yields(listed(at)))
        self._note_what_is_missing()
        self.below = Services.of(visits, self.variants, self.demands, self.need_ns, Learner)
        self.remarks += self.below.remarks(everything=not caller)

    def _join(self) -> None:
        """Match the clients' times, and name the classes as they do if that is one to one."""
        clients, n = self.facts.clients, len(self.kind)
        self.arrival, self.offset = self.start, 0
        self.response: Int64s | None = None
        self.name = self.kind
        if clients is None:
            return
        found, self.offset = matched(clients, self.start, self.end, self.kind)
        known = found >= 0
        if known.sum() < LEAST_REQUESTS:
            raise InputError(
                f"{known.sum()} of the clients' {len(clients)} requests are among the spans; at "
                f"least {LEAST_REQUESTS} are needed: are they of the same run?"
            )
        if not known.all():
            self.remarks.append(words.without_spans(int(np.count_nonzero(~known)), len(clients)))
            self.share = min(self.share, float(known.mean()))
        at = found[known]
        self.arrival, self.response = np.zeros((2, n), np.int64)
        self.arrival[at] = clients.arrival_ns[known] + self.offset
        self.response[at] = clients.response_ns[known]
        self.used = np.isin(np.arange(n), at)
        if clients.request is not None:
            names = [clients.request[int(i)] for i in np.flatnonzero(known)]
            self.name = renamed(self.kind, names, at)

    def _demands(self, recorded: Recorded) -> Demands:
        """Return what the intervals needed: on event loops, without the waiting for them."""
        server = self.facts.server
        workers = server.get("workers", 1)
        on_loops = server.get("model") == "cooperative"
        self.on_loops = on_loops and (workers == 1 or self.visits.loops >= workers)
        if on_loops and not self.on_loops:
            self.remarks.append(words.loops_unknown(workers))
        return demands_on_loops(recorded) if self.on_loops else demands_as_recorded(recorded)

    def _note_what_is_missing(self) -> None:
        """Note what the spans are in doubt about, and which facts would have helped."""
        visits, facts = self.visits, self.facts
        if self.share < _NEARLY_ALL:
            self.remarks.append(words.sampled(self.share))
        self.remarks += visits.doubts()
        pooled = {at for at, each in enumerate(self.callees) if each.resource}
        for system in sorted(set(visits.databases.values())):
            if not any(at in pooled for at, each in visits.databases.items() if each == system):
                self.remarks.append(words.unpooled(system))
        if facts.cpu_ns is None and not self.caller:
            self.remarks.append(words.NO_CPU_TIME)
        if facts.clients is None and not self.caller:
            self.remarks.append(words.NO_CLIENTS)

    def halves(self) -> tuple[Learner, Clients]:
        """Return what learns from the first half of the requests, and what comes after.

        Raises:
            InputError: the first half is too few.
        """
        used = np.flatnonzero(self.used)
        order = used[np.argsort(self.arrival[used], kind="stable")]
        half = len(order) // 2
        at, late = order[half], order[half:][:MOST_PREDICTED]
        since = int(self.arrival[at])
        early = sum(visit.start_ns < since for visit in self.visits.visits)
        cpu, clients = self.facts.cpu_ns, self.facts.clients
        if cpu is not None:
            cpu = round(cpu * early / len(self.visits.visits))
        if clients is not None:
            clients = clients.until(since - self.offset)
        facts = replace(self.facts, cpu_ns=cpu, clients=clients)
        response = self.response if self.response is not None else self.end - self.start
        arrival = self.arrival[late] - since
        names = [self.name[i] for i in late.tolist()]
        second = Clients(arrival, arrival + response[late], names)
        return Learner(self.visits.first(early / len(self.visits.visits)), facts), second

    def learned(self) -> Learned:
        """Return the scenario, and what was estimated for it."""
        request, switch, overheads = self.overheads
        estimates = [*self.means(), *overheads, *self.below.estimates()]
        server = {**self.facts.server, **overhead_of(request, switch)}
        network = None
        if self.response is not None:
            found, network = self._outside(overheads[0])
            estimates.append(found)
        blueprint = self._blueprint(server, network)
        return Learned(blueprint, estimates, int(self.used.sum()))

    def program(self, name: str) -> list[Phase]:
        """Return the phases of a class, with those of the services that it calls."""
        callees = self.below.callees(self.callees)
        return self.variants.phases(name, self.need_ns, callees, self.demands.yields_ns)

    @cached_property
    def overheads(self) -> tuple[float, float, list[Estimate]]:
        """The CPU time before each request and at each return to one."""
        n = len(self.visits.visits)
        computes, censored = self.variants.recorded.computes, self.demands.censored
        switch, switch_error = self.demands.switch_ns or (0.0, 0.0)
        request, error = self.demands.outside_ns or (0.0, 0.0)
        source = _SEEN
        drawn = self.need_ns[computes & censored].astype(float)
        if self.facts.cpu_ns is not None:
            yields = np.isin(self.variants.recorded.leaf, list(self.demands.yields_ns))
            returns = np.count_nonzero(~computes | yields) / n
            shown = float(self.need_ns[computes].sum()) / n + switch * returns
            cpu = self.facts.cpu_ns * self.share / n
            request, source = cpu - shown, "the CPU time, less what spans show"
            # What is drawn rather than known has its own scatter.
            scatter = float(drawn.std() if len(drawn) else 0.0) * len(drawn) ** 0.5 / n
            error = (scatter**2 + (switch_error * returns) ** 2) ** 0.5
            if request < 0:
                self._scale(cpu / shown)
                request = switch = 0.0
        estimates = [Estimate("overhead.request", request, error, source)]
        if self.facts.server.get("model") != "cooperative":
            self.remarks.append(words.NO_LOOP)
        elif not switch and not computes.all():
            self.remarks.append(words.NO_SWITCH)
        if switch:
            estimates.append(Estimate("overhead.switch", switch, switch_error, _SEEN))
        return request, switch, estimates

    def means(self) -> Iterator[Estimate]:
        """Yield how long the requests of each class compute and call, on average."""
        n, recorded = len(self.visits.visits), self.variants.recorded
        names = np.array(self.name)
        unsure = np.bincount(self.variants.visit, self.demands.censored, n) > 0
        for what, rows in (("CPU time", recorded.computes), ("calls", ~recorded.computes)):
            total = np.bincount(self.variants.visit[rows], self.need_ns[rows], n)
            for name in self.variants.classes:
                of_class = self.used & (names == name)
                values = total[of_class]
                if not values.any():
                    continue
                # What is drawn within bounds says less than what is known.
                known = max(1, len(values) - int(np.count_nonzero(unsure[of_class])) // 2)
                error = float(values.std()) / known**0.5
                yield Estimate(f"{name}: {what}", float(values.mean()), error, "the spans")

    def _scale(self, by: float) -> None:
        """Scale the computing to the CPU time that there was."""
        computes = self.variants.recorded.computes
        self.need_ns[computes] = np.rint(self.need_ns[computes] * by).astype(np.int64)
        self.remarks.append(words.scaled(1 / by))

    def _outside(self, request: Estimate) -> tuple[Estimate, Int64s]:
        """Return what passes outside the server, on the network and in the client.

        It is what clients measured more than the spans and the overhead of a request. Those that
        the server kept waiting before their spans say nothing, where there are enough others.
        """
        assert self.response is not None  # noqa: S101  it is asked for where clients are known
        rows = self.used & ~self._kept_waiting(round(request.value_ns))
        if np.count_nonzero(rows) < LEAST_REQUESTS:
            rows = self.used
        order = np.flatnonzero(rows)[np.argsort(self.arrival[rows], kind="stable")]
        took = (self.end - self.start)[order] + round(request.value_ns)
        rest = np.maximum(self.response[order] - took, 0)
        source = "the clients' times, less the spans of requests that did not wait for the server"
        error = float(np.hypot(error_of_mean(rest), request.standard_error_ns))
        return Estimate("network and client", float(rest.mean()), error, source), rest

    def _kept_waiting(self, request_ns: int) -> Bools:
        """Return (n,) which requests may have waited before their spans began.

        On event loops those do that meet one which computes, from *request_ns* before their spans
        usually begin. Otherwise those do that find as many in flight as are served at once.
        """
        if self.on_loops:
            recorded, found = self.variants.recorded, np.zeros(len(self.start), np.bool_)
            loop = recorded.loop[recorded.begins]
            for each in np.unique(loop):
                own, rows = loop == each, recorded.computes & (recorded.loop == each)
                others = recorded.start_ns[rows], recorded.end_ns[rows]
                found[own] = in_flight(*others, self.arrival[own] - request_ns, self.start[own]) > 0
            return found
        itself = (self.start <= self.arrival) & (self.arrival < self.end)
        met = in_flight(self.start, self.end, self.arrival, self.arrival + 1) - itself
        at_once: Bools = met >= self.facts.at_once
        return at_once

    def _resources(self) -> dict[str, Any]:
        # A pool of connections is one of its process.
        pools = {
            name: {"capacity": size, "per": "worker"} for name, size in self.facts.pools.items()
        }
        cores = (*self.cores, *self.below.cores())
        return {**pools, **{name: {"capacity": 1} for name in cores}}

    def _blueprint(self, server: Mapping[str, Any], network: Int64s | None) -> Blueprint:
        used = np.flatnonzero(self.used)
        order = used[np.argsort(self.arrival[used], kind="stable")]
        arrival = self.arrival[order]
        outside = [] if network is None else [{"io": network, "label": "network and client"}]
        return Blueprint(
            name=self.visits.service,
            description=f"Fitted to the spans of {len(used):,} requests.",
            requests={name: [*self.program(name), *outside] for name in self.variants.classes},
            server_name=self.visits.service,
            server=server,
            resources=self._resources(),
            services=self.below.servers(),
            arrival_ns=arrival - arrival[0],
            share=self.share,
            request=[self.name[i] for i in order.tolist()],
            remarks=self.remarks,
        )
