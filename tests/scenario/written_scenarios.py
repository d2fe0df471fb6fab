"""Random scenarios as people may write them: plain data, ready for YAML."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Data = st.SearchStrategy[Any]

UNITS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "min": 60 * 10**9}

NAMES = st.one_of(
    st.sampled_from(["page", "ping", "on", "no", "null", "1", "0o17", "1e3", "~", "a b", "<<"]),
    st.text(
        st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], max_codepoint=0xFFFD),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(["é", "😀", ": ", "# x", "- a", "[x]", "{", "'", '"', "\\", "@", "%", "&"]),
)


def durations(low: int = 0) -> st.SearchStrategy[str]:
    return st.builds(
        lambda number, unit: f"{number}{unit}",
        st.integers(low, 500_000),
        st.sampled_from(sorted(UNITS)),
    )


FIGURES = st.floats(0.01, 100).map(lambda figure: float(f"{figure:.6g}"))
POSITIVE = durations(1)


def ordered(low: str, high: str) -> st.SearchStrategy[dict[str, str]]:
    return st.builds(
        lambda first, factor, unit: {low: f"{first}{unit}", high: f"{first * factor}{unit}"},
        st.integers(1, 1000),
        st.integers(2, 9_999),
        st.sampled_from(["ns", "us", "ms"]),
    )


MEAN_CV = st.fixed_dictionaries({"mean": POSITIVE, "cv": FIGURES})
SPREADS = MEAN_CV | ordered("p50", "p99")
PARETO = st.builds(lambda ends, shape: {**ends, "shape": shape}, ordered("low", "high"), FIGURES)
VALUES = st.lists(durations(), min_size=1, max_size=3)
SIMPLE: Data = st.one_of(
    st.fixed_dictionaries({"exponential": POSITIVE}),
    st.fixed_dictionaries({"lognormal": SPREADS}),
    st.fixed_dictionaries({"gamma": SPREADS}),
    st.fixed_dictionaries({"weibull": SPREADS}),
    st.fixed_dictionaries(
        {"erlang": st.fixed_dictionaries({"mean": POSITIVE, "stages": st.integers(1, 1000)})}
    ),
    st.fixed_dictionaries(
        {
            "hyperexponential": st.fixed_dictionaries(
                {"mean": POSITIVE, "cv": FIGURES.filter(lambda cv: cv >= 1)}
            )
        }
    ),
    st.fixed_dictionaries({"uniform": ordered("low", "high")}),
    st.fixed_dictionaries({"pareto": PARETO}),
    st.fixed_dictionaries({"empirical": st.fixed_dictionaries({"values": VALUES})}),
)
CONSTANTS: Data = st.one_of(durations(), st.just(0))


def _compositions(inner: Data) -> Data:
    component = st.fixed_dictionaries({"weight": FIGURES, "duration": inner})
    return st.fixed_dictionaries(
        {"mixture": st.lists(component, min_size=1, max_size=3)}
    ) | st.fixed_dictionaries(
        {"shifted": st.fixed_dictionaries({"by": durations(), "duration": inner})}
    )


DEMANDS: Data = st.recursive(CONSTANTS | SIMPLE, _compositions, max_leaves=4)


RESOURCES = ["db", "a pool"]
OFF = {"in": st.just("thread"), "label": NAMES}
ON = {"on": st.sampled_from(RESOURCES), "blocking": st.booleans(), **OFF}
PLAIN_PHASES: Data = st.fixed_dictionaries({"cpu": DEMANDS}, optional=OFF) | st.fixed_dictionaries(
    {"io": DEMANDS}, optional=ON
)
TIMES: Data = st.one_of(
    st.integers(0, 30),
    st.builds(
        lambda low, more: {"uniform": {"low": low, "high": low + more}}, *[st.integers(0, 9)] * 2
    ),
    st.floats(1, 30).map(lambda mean: {"geometric": {"mean": mean}}),
    st.floats(0.1, 30).map(lambda mean: {"poisson": {"mean": mean}}),
    st.fixed_dictionaries({"values": st.lists(st.integers(0, 30), min_size=1, max_size=3)}),
)


def _nests(inner: Data) -> Data:
    some = st.lists(inner, min_size=1, max_size=2)
    perhaps = st.fixed_dictionaries({"weight": FIGURES, "phases": st.lists(inner, max_size=2)})
    repeat = st.fixed_dictionaries({"times": TIMES, "phases": some})
    hold = {"hold": st.sampled_from(RESOURCES), "phases": some}
    return st.one_of(
        st.fixed_dictionaries(
            {"parallel": st.lists(some, min_size=1, max_size=2)}, optional={"label": NAMES}
        ),
        st.fixed_dictionaries(hold),
        st.fixed_dictionaries({"choose": st.lists(perhaps, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"repeat": repeat}),
    )


PHASES = st.lists(st.recursive(PLAIN_PHASES, _nests, max_leaves=4), min_size=1, max_size=3)
CLASSES: Data = PHASES | st.fixed_dictionaries(
    {"phases": PHASES}, optional={"priority": st.integers(-1000, 1000)}
)
OVERHEADS = st.fixed_dictionaries(
    {}, optional={name: durations() for name in ("request", "switch", "io")}
)
COUNTS = st.none() | st.integers(1, 10_000)
OPTIONS: dict[Any, Data] = {
    "workers": st.integers(3, 10_000),
    "cores": COUNTS,
    "time_slice": POSITIVE,
    "discipline": st.sampled_from(["fifo", "lifo", "priority", "shortest"]),
    "dispatch": st.sampled_from(
        ["shared", "last_idle", "race", "random", "round_robin", "least_busy"]
    ),
    "overhead": OVERHEADS,
    "backlog": st.none() | st.integers(0, 100),
    "queue_timeout": st.none() | POSITIVE,
    "max_in_flight": COUNTS
    | st.fixed_dictionaries(
        {"max": st.integers(1, 100)}, optional={"per": st.sampled_from(["server", "worker"])}
    ),
    "rate_limit": st.none()
    | st.fixed_dictionaries({"rate": st.just("10/s")}, optional={"burst": st.integers(1, 100)}),
    "codel": st.none() | st.fixed_dictionaries({}, optional={"target": POSITIVE}),
    "max_requests": COUNTS,
    "boot": durations(),
    "cancel_abandoned": st.booleans(),
    "cost": FIGURES,
}
FAN: dict[Any, Data] = {"parallel": st.sampled_from(["concurrent", "sequential"])}
THREADS: dict[Any, Data] = {
    "threads": st.integers(1, 10),  # of 10,000 workers, 100,000 together
    "switch_interval": POSITIVE,
    "interpreter_lock": st.booleans(),
}
BATCHES: dict[Any, Data] = {
    "batch": st.fixed_dictionaries(
        {"max": st.integers(1, 100)},
        optional={
            "duration": st.fixed_dictionaries(
                {}, optional={"base": durations(), "each": durations()}
            )
        },
    )
}
SERVERS = st.one_of(
    st.fixed_dictionaries({"model": st.just("serial")}, optional=OPTIONS | BATCHES),
    st.fixed_dictionaries({"model": st.just("threaded")}, optional=OPTIONS | FAN | THREADS),
    st.fixed_dictionaries({"model": st.just("cooperative")}, optional=OPTIONS | FAN),
)
CLIENTS = st.fixed_dictionaries(
    {},
    optional={
        "timeout": st.none() | POSITIVE | SIMPLE,
        "patience": st.none() | POSITIVE | SIMPLE,
        "retries": st.fixed_dictionaries(
            {"max": st.integers(1, 100)},
            optional={
                "backoff": st.builds(
                    lambda ends, factor: {**ends, "factor": factor},
                    ordered("initial", "max"),
                    st.floats(1, 100),
                ),
                "jitter": st.sampled_from(["none", "full", "equal"]),
                "budget": st.fixed_dictionaries(
                    {"ratio": st.floats(0.01, 1)}, optional={"burst": st.integers(1, 100)}
                ),
            },
        ),
    },
)
RATES = st.builds(
    lambda number, unit: f"{number}/{unit}",
    st.integers(1, 10**6) | FIGURES,
    st.sampled_from(["s", "min", "h"]),
)
POINTS = st.lists(RATES, min_size=1, max_size=3).map(
    lambda rates: [{"at": f"{10 * n}s", "rate": rate} for n, rate in enumerate(rates)]
)
PROFILES: Data = st.one_of(
    st.fixed_dictionaries({"steps": POINTS}),
    st.fixed_dictionaries({"ramp": POINTS}),
    st.builds(
        lambda mean, more, at: {
            "daily": {"mean": f"{mean}/s", "peak": f"{mean + more}/s", "peak_at": f"{at}h"}
        },
        st.integers(10, 99),
        st.integers(0, 10),
        st.integers(0, 24),
    ),
)
MINUTES = st.integers(1, 500_000).map("{}min".format)
POISSON: Data = st.fixed_dictionaries(
    {"rate": RATES}, optional={"arrivals": st.just("poisson")}
) | st.fixed_dictionaries({"rate": PROFILES})
OPEN: Data = st.one_of(
    POISSON,
    st.fixed_dictionaries({"rate": RATES, "arrivals": st.just("constant")}),
    st.fixed_dictionaries({"rate": RATES, "cv": FIGURES}),
    st.fixed_dictionaries(
        {"rate": RATES, "bursts": st.fixed_dictionaries({"on": MINUTES, "off": MINUTES})}
    ),
    st.fixed_dictionaries({"interarrival": st.fixed_dictionaries({"exponential": POSITIVE})}),
)
BETWEEN = POSITIVE | st.fixed_dictionaries({"exponential": POSITIVE})
USERS = st.integers(1, 1_000_000)
STAGES = st.lists(st.integers(0, 1_000_000), min_size=1, max_size=3).map(
    lambda users: [{"at": f"{at}s", "users": each} for at, each in enumerate(users)]
)
CLOSED = st.fixed_dictionaries(
    {"users": USERS, "think": BETWEEN}, optional={"ramp_up": durations()}
) | st.fixed_dictionaries(
    {"users": USERS, "pacing": BETWEEN},
    optional={"iterations": st.integers(1, 100), "stages": STAGES},
)
DURATION = st.fixed_dictionaries({"duration": POSITIVE})
ENDS: Data = DURATION | st.fixed_dictionaries({"requests": st.integers(1, 10**9)})


@st.composite
def workloads(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    if draw(st.booleans()):
        arrival = st.fixed_dictionaries(
            {"at": CONSTANTS, "request": st.sampled_from(names)},
            optional={"times": st.integers(1, 100_000)},
        )
        schedule = {"schedule": draw(st.lists(arrival, min_size=1, max_size=4))}
        return schedule | ({"duration": draw(POSITIVE)} if draw(st.booleans()) else {})
    mix = st.dictionaries(st.sampled_from(names), FIGURES, min_size=1)
    mixed = {"mix": draw(mix)} if draw(st.booleans()) else {}
    source = {"open": draw(OPEN)} if draw(st.booleans()) else {"closed": draw(CLOSED)}
    # A year of bursts that last minutes is within the bounds, whatever the rate.
    ends = DURATION if "bursts" in source.get("open", {}) else ENDS
    return {**source, **draw(ends), **mixed}


@st.composite
def events(draw: st.DrawFn, servers: list[str], can_scale: bool) -> list[dict[str, Any]]:
    kinds: list[Data] = [
        st.fixed_dictionaries(
            {"resource": st.sampled_from(RESOURCES), "slower": st.floats(1.1, 99)}
        ),
        st.fixed_dictionaries({"resource": st.sampled_from(RESOURCES), "stopped": st.just(True)}),
        st.fixed_dictionaries(
            {"worker": st.just(0), "down": st.sampled_from([True, "drain"])},
            optional={"server": st.sampled_from(servers)},
        ),
    ]
    if can_scale:
        kinds.append(st.fixed_dictionaries({"arrivals": st.floats(0, 1000)}))
    drawn = draw(st.lists(st.one_of(kinds), max_size=3))
    return [{"at": f"{n}s", "for": "1s", **event} for n, event in enumerate(drawn)]


@st.composite
def scenarios(draw: st.DrawFn) -> dict[str, Any]:
    requests = draw(st.dictionaries(NAMES, CLASSES, min_size=1, max_size=3))
    written: dict[str, Any] = {
        "name": draw(NAMES),
        "requests": requests,
        "workload": draw(workloads(list(requests))),
        "servers": draw(st.dictionaries(NAMES, SERVERS, min_size=1, max_size=3)),
    }
    written["resources"] = {name: {"capacity": draw(st.integers(1, 99))} for name in RESOURCES}
    if draw(st.booleans()):
        written["client"] = draw(CLIENTS)
        arrivals = written["workload"].get("open", {"cv": 1})
        can_scale = arrivals.keys() <= {"rate", "arrivals"} and "constant" not in arrivals.values()
        written["events"] = draw(events(list(written["servers"]), can_scale))
        requests["uses all"] = [{"io": "1ms", "on": name} for name in RESOURCES]
    if draw(st.booleans()):
        written["description"] = draw(NAMES | st.just("two\nlines\twith a tab"))
    if draw(st.booleans()):
        written["run"] = draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "seed": st.integers(0, 2**63 - 1),
                    "replications": st.none() | st.integers(1, 100_000),
                    "warmup": st.just("0s") | st.just(0),
                },
            )
        )
    return written


@st.composite
def damaged_scenarios(draw: st.DrawFn) -> Any:
    """Draw a scenario in which some values have been swapped for others."""
    odd = st.sampled_from([None, 0, -1, 1.5, True, "", "page", "10ms", [], {}, [[]], {"cpu": 3}])

    def damage(data: Any) -> Any:
        if draw(st.integers(0, 15)) == 0:
            return draw(odd)
        if isinstance(data, dict):
            return {key: damage(value) for key, value in data.items()}
        return [damage(item) for item in data] if isinstance(data, list) else data

    return damage(draw(scenarios()))
