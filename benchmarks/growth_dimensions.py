"""What ``benchmarks/growth.py`` makes larger, one thing at a time, and the scenarios of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

MODELS = ("serial", "threaded", "cooperative")

LOAD = 0.64
"""The share of a server's capacity that is asked for, unless that is what grows."""

CPU_S, IO_S = 0.008, 0.050
"""What a request of the base scenario computes (in two phases), and waits between them."""

CAPACITY = {"serial": 1 / (CPU_S + IO_S), "threaded": 1 / CPU_S, "cooperative": 1 / CPU_S}
"""How many requests of the base scenario one worker can serve per second."""

PAGE = "[{cpu: {exponential: 4ms}}, {io: {exponential: 50ms}}, {cpu: {exponential: 4ms}}]"

SCENARIO = """
name: growth
requests: {requests}
workload: {{{workload}}}
servers: {{server: {{model: {server}}}}}
{more}
run: {{seed: 1, replications: 1}}
"""


@dataclass(frozen=True)
class Line:
    """One thing that is measured for each value.

    Attributes:
        name: what it is called.
        text: the scenario for a value and a number of requests.
        stage: which stage of a run is measured: draw, engine or statistics.
    """

    name: str
    text: Callable[[float, int], str]
    stage: str = "engine"


@dataclass(frozen=True)
class Dimension:
    """Something that grows.

    Attributes:
        name: what it is called.
        values: how large it is made.
        lines: what is measured for each value.
        per: how many requests there are at least for each unit of it.
        allowed: the exponent of the time per request beyond which cost grows too fast: 0 where a
            request has no more to do, 1 where it has.
        requests: whether it is the number of requests itself.
    """

    name: str
    values: tuple[float, ...]
    lines: tuple[Line, ...]
    per: int = 0
    allowed: int = 0
    requests: bool = False


def scenario(
    server: str, workload: str, requests: str = f"{{page: {PAGE}}}", more: str = ""
) -> str:
    """Return the text of a scenario."""
    return SCENARIO.format(server=server, workload=workload, requests=requests, more=more)


def arriving(rate: float, count: int) -> str:
    """Return an open workload."""
    return f"open: {{rate: {rate:.6f}/s}}, requests: {count}"


def at_once(count: int) -> str:
    """Return so many requests within a millisecond, so that all of them wait."""
    return f"open: {{rate: {count * 1000}/s}}, requests: {count}"


def for_each_model(make: Callable[[str, float, int], str]) -> tuple[Line, ...]:
    """Return a line for each server model."""

    def line(model: str) -> Line:
        return Line(model, lambda value, count: make(model, value, count))

    return tuple(map(line, MODELS))


def base(model: str, _: float, count: int) -> str:
    """Return the base scenario."""
    return scenario(model, arriving(LOAD * CAPACITY[model], count))


def users(model: str, value: float, count: int) -> str:
    """Return a closed workload, whose users think so long that the load is the usual one."""
    think_ms = 1e3 * (value / (LOAD * CAPACITY[model]) - 0.1)
    think = f", think: {{exponential: {think_ms:.3f}ms}}" if think_ms > 0 else ""
    return scenario(model, f"closed: {{users: {value}{think}}}, requests: {count}")


def workers(model: str, value: float, count: int) -> str:
    """Return a load for so many workers."""
    rate = LOAD * CAPACITY[model] * value
    return scenario(f"{model}, workers: {value}", arriving(rate, count))


def least_busy(value: float, count: int) -> str:
    """Return a load that is dispatched to the least busy of so many loops."""
    rate = LOAD * CAPACITY["cooperative"] * value
    server = f"cooperative, workers: {value}, dispatch: least_busy"
    return scenario(server, arriving(rate, count))


def shared_cores(model: str, value: float, count: int) -> str:
    """Return a load for so many cores, which twice as many workers share."""
    rate = 0.9 * value / CPU_S
    server = f"{model}, workers: {2 * value}, cores: {value}, time_slice: 1ms"
    return scenario(server, arriving(rate, count), "{page: [{cpu: {exponential: 8ms}}]}")


def threads(value: float, count: int) -> str:
    """Return threads that all want the interpreter lock."""
    server = f"threaded, threads: {value}, switch_interval: 1ms"
    return scenario(server, at_once(count), "{page: [{cpu: {exponential: 4ms}}, {io: 1ms}]}")


def phases(model: str, value: float, count: int) -> str:
    """Return requests that compute and wait so often."""
    pair = "{cpu: {exponential: 8ms}}, {io: {exponential: 50ms}}"
    rate = LOAD * CAPACITY[model] / value
    return scenario(model, arriving(rate, count), f"{{page: [{', '.join([pair] * int(value))}]}}")


def branches(value: float, count: int) -> str:
    """Return requests that wait for so many things at once."""
    fan_out = ", ".join(["[{io: {exponential: 50ms}}]"] * int(value))
    requests = f"{{page: [{{cpu: 4ms}}, {{parallel: [{fan_out}]}}]}}"
    return scenario("cooperative", arriving(20, count), requests)


def resources(value: float, count: int) -> str:
    """Return so many classes of requests, each with a pool of its own."""
    names = [f"pool{at}" for at in range(int(value))]
    classes = ", ".join(
        f"page-{name}: [{{cpu: {{exponential: 8ms}}}}, {{io: {{exponential: 50ms}}, on: {name}}}]"
        for name in names
    )
    pools = ", ".join(f"{name}: {{capacity: 10}}" for name in names)
    return scenario("cooperative", arriving(80, count), f"{{{classes}}}", f"resources: {{{pools}}}")


def utilisation(model: str, value: float, count: int) -> str:
    """Return a load; the value is the inverse of the share of the capacity that is left."""
    return scenario(model, arriving((1 - 1 / value) * CAPACITY[model], count))


def queue(discipline: str) -> Line:
    """Return all requests at once, under a discipline."""
    server = f"cooperative, discipline: {discipline}"
    return Line(discipline, lambda _, count: scenario(server, at_once(count)))


def pool(_: float, count: int) -> str:
    """Return all requests at once in line for one slot."""
    requests = "{page: [{cpu: 1us}, {io: {exponential: 50ms}, on: pool}]}"
    return scenario("cooperative", at_once(count), requests, "resources: {pool: {capacity: 1}}")


def impatient(_: float, count: int) -> str:
    """Return all requests at once in line for one slot, which nearly all of them leave."""
    requests = "{page: [{cpu: 1us}, {io: {exponential: 50ms}, on: pool}]}"
    more = "resources: {pool: {capacity: 1}}\nclient: {timeout: 10s}"
    return scenario("cooperative, cancel_abandoned: true", at_once(count), requests, more)


def cut_short(_: float, count: int) -> str:
    """Return all requests at once in line for one slot, when the run ends."""
    requests = "{page: [{cpu: 1us}, {io: {exponential: 50ms}, on: pool}]}"
    workload = f"open: {{rate: {count * 1000}/s}}, duration: 1ms"
    return scenario("cooperative", workload, requests, "resources: {pool: {capacity: 1}}")


COUNTS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
TO_A_THOUSAND = (1, 3, 10, 30, 100, 300, 1000)

DIMENSIONS = (
    Dimension(
        "requests",
        COUNTS,
        (
            *for_each_model(base),
            Line("drawing", partial(base, "cooperative"), "draw"),
            Line("statistics", partial(base, "cooperative"), "statistics"),
        ),
        requests=True,
    ),
    Dimension(
        "users", (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000), for_each_model(users), per=4
    ),
    Dimension(
        "workers",
        TO_A_THOUSAND,
        (*for_each_model(workers), Line("least busy", least_busy)),
        per=100,
    ),
    Dimension("phases", (1, 2, 5, 10, 20, 50), for_each_model(phases), allowed=1),
    Dimension("resources", (1, 3, 10, 30, 100), (Line("cooperative", resources),)),
    Dimension("1 / (1 - utilisation)", (1 / 0.9, 2, 4, 10, 30, 100), for_each_model(utilisation)),
    Dimension(
        "cores, shared by 2 workers each",
        (1, 3, 10, 30, 100),
        (*for_each_model(shared_cores),),
        per=100,
    ),
    Dimension("threads that share a lock", (1, 3, 10, 30, 100), (Line("threaded", threads),)),
    Dimension("branches", (1, 3, 10, 30, 100), (Line("cooperative", branches),), allowed=1),
    Dimension(
        "requests at once",
        COUNTS[:-1],
        (
            *map(queue, ("fifo", "lifo", "priority", "shortest")),
            Line("in line", pool),
            Line("line left", impatient),
            Line("line cut", cut_short),
        ),
        requests=True,
    ),
)
