"""Where replications are simulated: here or elsewhere, with the same traces."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, Future

import pytest
from search_runs import MM1

from simsched.experiment import simulating
from simsched.experiment.simulating import SideBySide, WhereSooner, one_by_one
from simsched.scenario import loads
from simsched.statistics.contender import Contender

ROWS = 50
SCENARIO = loads(MM1.replace("2000", str(ROWS)))
CONTENDER = Contender("serial", SCENARIO, SCENARIO.servers["serial"])


class Elsewhere:
    """Does at once what it is given, and counts it."""

    def __init__(self):
        self.started = 0
        self.sent = []

    def begin(self):
        self.started += 1
        return self

    def submit(self, work, *arguments):
        self.sent.append(arguments[-1])
        future = Future()
        future.set_result(work(*arguments))
        return future


class Dying(Elsewhere):
    """Dies with each replication of *deadly* so many times; what is sent after that is lost."""

    def __init__(self, deadly):
        super().__init__()
        self.deadly = dict(deadly)
        self.is_dead = False
        self.restarts = 0

    def submit(self, work, *arguments):
        if self.is_dead:
            raise BrokenExecutor
        if not self.deadly.get(arguments[-1]):
            return super().submit(work, *arguments)
        self.deadly[arguments[-1]] -= 1
        self.is_dead = True
        future = Future()
        future.set_exception(BrokenExecutor())
        return future

    def restart(self):
        self.is_dead = False
        self.restarts += 1


def ticking(seconds):
    """Return a clock by which each replication takes the next of *seconds*."""
    moments, now = [], 0.0
    for each in seconds:
        moments += [now, now + each]
        now += each
    return iter(moments).__next__


def finishes(traces):
    return [trace.finish_ns.tolist() for trace in traces]


def test_side_by_side_gives_the_same_as_one_by_one():
    alone = finishes(one_by_one(CONTENDER, [3, 1]))
    assert finishes(SideBySide(Elsewhere())(CONTENDER, [3, 1])) == alone
    assert alone[0] != alone[1]


def test_what_is_lost_with_a_process_is_simulated_again_and_nothing_else_is():
    dying = Dying({2: 2, 5: 1})
    simulate = SideBySide(dying)
    first, second = simulate(CONTENDER, [1, 2, 3]), simulate(CONTENDER, [4, 5])
    alone = finishes(one_by_one(CONTENDER, [1, 2, 3, 4, 5]))
    assert finishes(first) + finishes(second) == alone
    assert dying.sent == [1, 2, 3, 4, 5]
    assert dying.restarts == 3


def test_a_replication_that_is_deadly_each_time_ends_the_search():
    dying = Dying({2: 9})
    found = SideBySide(dying)(CONTENDER, [1, 2])
    assert finishes([next(found)]) == finishes(one_by_one(CONTENDER, [1]))
    with pytest.raises(BrokenExecutor):
        next(found)
    assert dying.restarts == 2


def test_what_takes_long_is_done_elsewhere_from_when_beginning_there_would_have_paid():
    elsewhere = Elsewhere()
    simulate = WhereSooner(elsewhere.begin, ticking([0.7, 0.7, 0.7, 0.7]))
    found = finishes(simulate(CONTENDER, [1, 2, 3, 4, 5]))
    assert elsewhere.sent == [4, 5]  # after 2.1 s
    assert found == finishes(one_by_one(CONTENDER, [1, 2, 3, 4, 5]))
    simulate(CONTENDER, [6, 7])
    assert elsewhere.sent == [4, 5, 6, 7]  # started before anybody waits for it
    assert elsewhere.started == 1


def test_what_is_sooner_simulated_than_sent_stays_here():
    elsewhere = Elsewhere()
    quick = 0.9 * simulating.SENT_S * ROWS
    simulate = WhereSooner(elsewhere.begin, ticking([60.0, *[quick] * 9]))  # the first compiles
    found = finishes(simulate(CONTENDER, range(1, 11)))
    assert elsewhere.started == 0
    assert found == finishes(one_by_one(CONTENDER, range(1, 11)))


@pytest.mark.parametrize("seconds", [[0.7, 0.7], [2.0]])
def test_short_searches_stay_here(seconds):
    elsewhere = Elsewhere()
    simulate = WhereSooner(elsewhere.begin, ticking(seconds))
    assert len(list(simulate(CONTENDER, range(1, len(seconds) + 1)))) == len(seconds)
    assert elsewhere.started == 0
