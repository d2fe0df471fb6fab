"""What is said of a boundary: for limits from above and below, and values that help and hurt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simsched.experiment.search.parameter import Parameter
from simsched.experiment.search.question import Answer
from simsched.experiment.search.trial import Trial
from simsched.report.search.capacity import findings
from simsched.report.search.sentences import sentence
from simsched.scenario import loads
from simsched.scenario.model.objectives import parse_limit
from simsched.statistics.estimate import Estimate
from simsched.statistics.slo import Objective

RATE = Parameter("workload.open.rate", "rate", 5.0)
USERS = Parameter("workload.closed.users", "count", 5.0)
WORKERS = Parameter("servers.web.workers", "count", 5.0)
IO = Parameter("requests.page[0].io", "duration", 5e6)
FAST, BUSY = "response_time.mean < 50ms", "throughput > 20/s"


def answer(parameter, limit, status, kept, ends, *, scale=1.0):
    """Return an answer between the two *ends*, each tried in twenty replications."""
    value, low, high = (None if end is None else end * scale for end in ends)
    keeps = (kept == "below", kept == "above")
    trials = [
        Trial(end, 20, 1000, keep, "kept" if keep else "missed", Estimate(1.0 if keep else -1.0))
        for end, keep in zip((low, high), keeps, strict=True)
        if end is not None
    ]
    objective = Objective("limit", limit, parse_limit(limit))
    boundary = Estimate(value, low, high)
    return Answer(
        "web", parameter, (objective,), 0.95, 0.02, status, boundary, kept, None, tuple(trials)
    )


@pytest.mark.parametrize(
    ("parameter", "limit", "kept", "ends", "said"),
    [
        (RATE, FAST, "below", (6, 5, 7), "carries 6.000/s (95 % interval 5.000/s to 7.000/s)"),
        (USERS, FAST, "below", (6, 5, 7), "carries 6 users (95 % interval 5 users to 7 users)"),
        (
            RATE,
            BUSY,
            "above",
            (6, 5, 7),
            "with workload.open.rate = 6.000/s or more (95 % interval",
        ),
        (WORKERS, FAST, "above", (6, 5, 7), "with servers.web.workers = 6 or more (95 % interval"),
        (WORKERS, BUSY, "above", (6, 5, 7), "with servers.web.workers = 6 or more (95 % interval"),
        (WORKERS, FAST, "below", (6, 5, 7), "up to servers.web.workers = 6 (95 % interval 5 to 7"),
        (IO, FAST, "below", (6, 5, 7), "up to requests.page[0].io = 6.000 ms (95 % interval"),
        (IO, BUSY, "below", (6, 5, 7), "up to requests.page[0].io = 6.000 ms (95 % interval"),
    ],
)
def test_a_boundary_is_the_last_or_the_first_value_that_keeps_the_limits(
    parameter, limit, kept, ends, said
):
    scale = 1e6 if parameter is IO else 1.0
    found = sentence(answer(parameter, limit, "found", kept, ends, scale=scale))
    assert said in found
    assert limit in found


def found_exactly(parameter, kept):
    """Return the sentence on a boundary at 6, where 5 and 7 were tried besides."""
    given = answer(parameter, FAST, "found", kept, (6, 5, 7))
    return sentence(replace(given, boundary=Estimate(6.0, 6.0, 6.0)))


@pytest.mark.parametrize(
    ("parameter", "kept", "said"),
    [
        (WORKERS, "above", "keeps {} with servers.web.workers = 6 or more, but not with 5"),
        (WORKERS, "below", "keeps {} up to servers.web.workers = 6, but not with 7"),
        (USERS, "below", "carries 6 users with {}, but not 7 users"),
    ],
)
def test_an_exact_boundary_comes_with_the_next_value_that_misses_the_limits(parameter, kept, said):
    assert found_exactly(parameter, kept) == f"web {said.format(FAST)}"


@pytest.mark.parametrize(
    ("parameter", "limit", "kept", "said"),
    [
        (RATE, FAST, "below", "stops keeping {} somewhere between 5.000/s and 7.000/s:"),
        (RATE, BUSY, "above", "starts to keep {} somewhere between 5.000/s and 7.000/s:"),
        (WORKERS, FAST, "above", "starts to keep {} somewhere between 5 and 7 of {path}:"),
        (WORKERS, BUSY, "above", "starts to keep {} somewhere between 5 and 7 of {path}:"),
        (WORKERS, FAST, "below", "stops keeping {} somewhere between 5 and 7 of {path}:"),
        (IO, FAST, "below", "stops keeping {} somewhere between 5.000 ms and 7.000 ms of {path}:"),
        (IO, BUSY, "below", "stops keeping {} somewhere between 5.000 ms and 7.000 ms of {path}:"),
        (IO, BUSY, "above", "starts to keep {} somewhere between 5.000 ms and 7.000 ms of {path}:"),
    ],
)
@pytest.mark.parametrize("value", [None, 6.0])
def test_an_open_boundary_is_where_the_limits_stop_or_start_to_be_kept(
    parameter, limit, kept, said, value
):
    scale = 1e6 if parameter is IO else 1.0
    found = sentence(answer(parameter, limit, "open", kept, (value, 5, 7), scale=scale))
    assert found.startswith(f"web {said.format(limit, path=parameter.path)}")


@pytest.mark.parametrize(
    ("kept", "said"),
    [("below", "at 5 but not at 7"), ("above", "at 7 but not at 5")],
)
def test_an_interruption_says_where_the_limits_are_kept_so_far(kept, said):
    found = answer(WORKERS, FAST, "interrupted", kept, (None, 5, 7))
    assert sentence(found) == f"web was interrupted: so far it keeps {FAST} {said}"


@pytest.mark.parametrize(
    ("kept", "value", "cell"),
    [
        ("below", 6.0, "up to 6 [5, 7]"),
        ("above", 6.0, "from 6 [5, 7]"),
        ("below", None, "up to somewhere in 5 to 7 (less precise than asked)"),
        ("above", None, "from somewhere in 5 to 7 (less precise than asked)"),
    ],
)
def test_the_table_has_the_side_on_which_the_limits_are_kept(kept, value, cell):
    status = "open" if value is None else "found"
    found = findings(_scenario(), (answer(WORKERS, FAST, status, kept, (value, 5, 7)),))
    assert found.document.table[1][1] == cell


def _scenario():
    return loads(
        "name: web\nrequests: {page: [{cpu: 1ms}]}\nworkload: {open: {rate: 1/s}, requests: 9}\n"
        "servers: {web: {model: serial}}\n"
    )
