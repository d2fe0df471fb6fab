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


def _phase(kind: str) -> Data:
    return st.fixed_dictionaries({kind: DEMANDS}, optional={"label": NAMES})


PHASES = st.lists(_phase("cpu") | _phase("io"), min_size=1, max_size=4)
CLASSES: Data = PHASES | st.fixed_dictionaries({"phases": PHASES})
OVERHEADS = st.fixed_dictionaries({}, optional={"request": durations(), "switch": durations()})
SERVERS = st.fixed_dictionaries(
    {"model": st.sampled_from(["serial", "cooperative"])},
    optional={
        "workers": st.integers(1, 10_000),
        "discipline": st.sampled_from(["fifo", "lifo", "shortest"]),
        "overhead": OVERHEADS,
    },
)
RATES = st.builds(
    lambda number, unit: f"{number}/{unit}",
    st.integers(1, 10**6) | FIGURES,
    st.sampled_from(["s", "min", "h"]),
)
OPEN: Data = st.one_of(
    st.fixed_dictionaries(
        {"rate": RATES}, optional={"arrivals": st.sampled_from(["poisson", "constant"])}
    ),
    st.fixed_dictionaries({"interarrival": st.fixed_dictionaries({"exponential": POSITIVE})}),
)


@st.composite
def workloads(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    if draw(st.booleans()):
        arrival = st.fixed_dictionaries({"at": CONSTANTS, "request": st.sampled_from(names)})
        schedule = {"schedule": draw(st.lists(arrival, min_size=1, max_size=4))}
        return schedule | ({"duration": draw(POSITIVE)} if draw(st.booleans()) else {})
    end = draw(
        st.fixed_dictionaries({"duration": POSITIVE})
        | st.fixed_dictionaries({"requests": st.integers(1, 10**9)})
    )
    mix = st.dictionaries(st.sampled_from(names), FIGURES, min_size=1)
    return {"open": draw(OPEN), **end} | ({"mix": draw(mix)} if draw(st.booleans()) else {})


@st.composite
def scenarios(draw: st.DrawFn) -> dict[str, Any]:
    requests = draw(st.dictionaries(NAMES, CLASSES, min_size=1, max_size=3))
    written: dict[str, Any] = {
        "name": draw(NAMES),
        "requests": requests,
        "workload": draw(workloads(list(requests))),
        "servers": draw(st.dictionaries(NAMES, SERVERS, min_size=1, max_size=3)),
    }
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
