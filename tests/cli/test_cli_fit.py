"""``simsched fit`` and ``simsched check``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCENARIO = str(ROOT / "scenarios" / "replay.yaml")
MEASURED = ["--measured", str(ROOT / "tests" / "data" / "measured" / "quart_r40.csv")]
FIT = ["fit", "--scenario", SCENARIO, *MEASURED]


def test_estimates_are_printed_and_ready_to_be_set(simsched, tmp_path):
    fitted = tmp_path / "fitted.yaml"
    done = simsched(*FIT, "--format", "json", "-o", str(fitted))
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert list(found["set"]) == ["servers.quart.overhead.request", "servers.quart.overhead.io"]
    for path, error in (
        (path, each["standard_error_s"]) for path, each in found["estimates"].items()
    ):
        assert path in found["set"]
        assert 0 < error < 5e-4
    overrides = [
        part for path, value in found["set"].items() for part in ("--set", f"{path}={value}")
    ]
    by_file = simsched("check", str(fitted), *MEASURED, "--format", "json")
    by_option = simsched("check", SCENARIO, *MEASURED, *overrides, "--format", "json")
    assert by_file.out == by_option.out
    before = json.loads(simsched("check", SCENARIO, *MEASURED, "--format", "json").out)
    after = json.loads(by_file.out)
    errors = [abs(each["response_time_s"]["mean"]["error"]) for each in (before, after)]
    assert errors[1] < 0.02 < errors[0]


def test_the_table_says_what_was_estimated_and_how_well_it_predicts(simsched):
    printed = simsched(*FIT).out
    assert "Overheads of quart, estimated from 1,000 requests:" in printed
    assert "overhead.io = 1.43 ms" in printed
    assert "order of completion: Kendall's tau 0.9997" in printed
    assert "Not estimated: overhead.switch" in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([*FIT, "--done", "finished"], "finished"),
        ([*FIT, "--server", "flask"], "--server: there is no server 'flask' in"),
        (
            ["fit", "--scenario", str(ROOT / "scenarios" / "lecture.yaml"), *MEASURED],
            "only a trace workload can replay what was measured",
        ),
        (
            [*FIT, "--set", "servers.flask={model: serial}"],
            "it has 2 servers; name the measured one: --server",
        ),
        ([*FIT, "-o", SCENARIO], "already exists; name another file"),
        (
            [*FIT, "-o", "/no/such/folder/fitted.yaml"],
            "there is no folder /no/such/folder",
        ),
        (["check", SCENARIO, "--measured", "nowhere.csv"], "no such file"),
    ],
)
def test_what_cannot_be_used_is_an_error(simsched, arguments, message):
    done = simsched(*arguments)
    assert done.code == 2
    assert message in done.err
    assert "Traceback" not in done.err


SHOP = ROOT / "tests" / "data" / "measured" / "shop"
SPANS = str(SHOP / "cal_r40.otlp.jsonl.gz")


def test_a_scenario_is_made_of_spans_and_checked(simsched, tmp_path):
    out = tmp_path / "shop.yaml"
    facts = ["--client", str(SHOP / "cal_r40.csv"), "--cpu-time", "15.65s", "--pool", "db=10"]
    done = simsched("fit", SPANS, *facts, "-o", str(out), "--format", "json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert found["requests"] == 2452
    assert 0.0005 < found["estimates"]["overhead.request"]["value_s"] < 0.001
    assert list(found["predictions"]) == ["second half"]
    beside = {"shop.yaml", "shop.arrivals.csv", "shop.durations.csv"}
    assert {each.name for each in tmp_path.iterdir()} == beside
    assert simsched("validate", str(out)).code == 0
    page = tmp_path / "page.html"
    asked = ["check", str(out), "--measured", str(SHOP / "r55_p10.csv"), "--page", str(page)]
    checked = simsched(*asked)
    assert "It predicts the mean response time of 3,335 requests" in checked.out
    assert "list, p95" in checked.out
    drawn = page.read_text(encoding="utf-8")
    assert "<h2>report</h2>" in drawn
    # The distributions of all requests and of three classes, and the means over time.
    assert drawn.count('"simulated"') == 5
    assert "already exists" in simsched(*asked).err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fit"], "fit needs DATA, such as spans.otlp.jsonl.gz; or --scenario and --measured"),
        (["fit", SPANS, *FIT[1:]], "fit takes either DATA, or --scenario and --measured"),
        (["fit", SPANS, "--pool", "db"], "--pool db: write its name and capacity"),
        (["fit", SPANS, "--pool", "db=0x1"], "--pool db=0x1: write its name and capacity"),
        (["fit", SPANS, "--cpu-time", "12"], "--cpu-time: 12 has no unit"),
        (["fit", SPANS, "--cpu-time", "0s"], "--cpu-time: 0 is too short"),
        (["fit", SPANS, "--server", "loop"], "--server loop: write its options"),
        (["fit", SPANS, "--server", "model=async"], "--server model=async: "),
        (["fit", SPANS, "--client", str(SHOP / "README.md")], "README.md"),
        (["fit", SPANS, "-o", SCENARIO], "already exists; name another file"),
        (["fit", str(SHOP / "README.md")], "no line can be used; this is the first of"),
        (["fit", "/no/such/file"], "no such file"),
    ],
)
def test_what_cannot_be_made_a_scenario_says_why(simsched, arguments, message):
    done = simsched(*arguments)
    assert done.code == 2
    assert message in " ".join(done.err.split())


LOG = str(SHOP / "access.log.gz")
SHOP_RUN = str(SHOP / "r55_p10.csv")
LOOP = str(ROOT / "scenarios" / "lecture.yaml")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fit", SPANS, "--set", "nothing=1"], "--set changes what --predict predicts; give"),
        (["fit", SPANS, "--done", "end_s"], "--done cannot be used with DATA; call the column"),
        ([*FIT, "--pool", "db=3"], "--pool cannot be used with --scenario"),
        ([*FIT, "--cpu-time", "3s"], "--cpu-time cannot be used with --scenario"),
        ([*FIT, "--class-rule", "a=b"], "--class-rule cannot be used with --scenario"),
        (["fit", MEASURED[1], "--duration-unit", "ms"], "--duration-unit cannot be used with a"),
        (["fit", SPANS, "--pool", "db=3", "--pool", "db=4"], "the pool db has a capacity already"),
        (["fit", SPANS, "--pool", f"db={10**20}"], "it must be at most 1000000000"),
        (["fit", SPANS, "--server", "workers=²"], "a whole number is needed, not the text '²'"),
        (["fit", SPANS, "--server", "workers=2,workers=3"], "workers is given twice"),
        (["fit", SPANS, "--cpu-time", "2min"], "--cpu-time 120 s: too long for 1 worker in the 60"),
        (["fit", SPANS, "--server", "=3"], "--server =3: write its options, as in"),
        (["fit", SPANS, "-o", "/no/folder/shop.yaml"], "there is no folder /no/folder"),
    ],
)
def test_no_option_is_ignored(simsched, arguments, message):
    done = simsched(*arguments)
    assert done.code == 2
    assert message in " ".join(done.err.split())


def test_files_beside_the_scenario_are_not_overwritten(simsched, tmp_path):
    beside = tmp_path / "shop.arrivals.csv"
    beside.write_text("mine", "utf-8")
    done = simsched("fit", str(tmp_path / "no.log"), "-o", str(tmp_path / "other.yaml"))
    assert done.code == 2
    assert "no.log: no such file" in done.err
    done = simsched("fit", SPANS, "-o", str(tmp_path / "shop.yaml"))
    assert f"{beside.name}: already exists; name another file" in "".join(done.err.split("\n"))
    assert beside.read_text("utf-8") == "mine"


def test_done_is_not_ignored_where_no_trace_has_such_a_column(simsched):
    scenario = str(ROOT / "scenarios" / "lecture.yaml")
    given = ["--measured", MEASURED[1], "--server", "serial", "--done", "end_s"]
    done = simsched("check", scenario, *given)
    assert done.code == 2
    assert "--done is for a scenario with a trace" in done.err


def test_a_log_alone_predicts_the_service_at_another_load(simsched, tmp_path):
    out, other = tmp_path / "logged.yaml", str(SHOP / "r55_p10.csv")
    done = simsched("fit", LOG, "--predict", other, "-o", str(out), "--format", "json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert found["requests"] == 2452
    assert set(found["estimates"]) == {
        f"{what} of /{route}/{{}}"
        for what in ("CPU time", "I/O")
        for route in ("list", "item", "report")
    }
    assert {each["from"] for each in found["estimates"].values()} == {
        "how response times grow with load",
        "response times, less the waiting in simulations of the recorded arrivals",
    }
    for name in ("second half", "r55_p10.csv"):
        assert abs(found["predictions"][name]["response_time_s"]["mean"]["error"]) < 0.05
    checked = simsched("validate", str(out))
    assert checked.code == 0, checked.err
    assert "# workload: {trace: {file: logged.arrivals.csv" in out.read_text("utf-8")


def test_cpu_time_and_rules_are_options_for_logs(simsched):
    options = ("--cpu-time", "15.65s", "--class-rule", "/list/|/report/=slow")
    done = simsched("fit", LOG, *options, "--format", "json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert "taken for one event loop" in found["remarks"][0]
    estimates = found["estimates"]
    assert set(estimates) == {
        "CPU time of slow",
        "I/O of slow",
        "CPU time of /item/{}",
        "I/O of /item/{}",
    }
    assert estimates["CPU time of slow"]["from"] == "the CPU time of the server"


def test_a_table_of_phases_is_replayed(simsched):
    run = str(ROOT / "tests" / "data" / "measured" / "quart_r40.csv")
    other = str(ROOT / "tests" / "data" / "measured" / "quart_r80.csv")
    found = json.loads(simsched("fit", run, "--predict", other, "--format", "json").out)
    known = json.loads(simsched(*FIT, "--format", "json").out)
    assert list(found["set"].values()) == list(known["set"].values())
    assert abs(found["predictions"]["quart_r80.csv"]["response_time_s"]["mean"]["error"]) < 0.03
    by_scenario = simsched(*FIT, "--predict", other, "--format", "json")
    assert json.loads(by_scenario.out)["predictions"] == found["predictions"]


def test_what_is_set_is_different_in_the_other_run_alone(simsched):
    other = str(ROOT / "tests" / "data" / "measured" / "quart_r80.csv")
    later = ("--set", "servers.quart.overhead.io=50ms")
    found = json.loads(simsched(*FIT, "--predict", other, *later, "--format", "json").out)
    known = json.loads(simsched(*FIT, "--format", "json").out)
    assert found["set"] == known["set"]
    predicted = found["predictions"]["quart_r80.csv"]["response_time_s"]["mean"]
    assert predicted["predicted"] > predicted["measured"] + 0.04


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fit", LOG, SPANS], "these files cannot be fitted together"),
        (["fit", MEASURED[1], SHOP_RUN], "quart_r40.csv (table), "),
        (["fit", LOG, LOG], "access.log.gz: it is given twice; give it once"),
        (
            ["check", LOOP, "--measured", SHOP_RUN, "--server", "cooperative"],
            "r55_p10.csv: the scenario lecture has no class of requests list, item, report; its",
        ),
        (["fit", LOG, "--pool", "db=10"], "--pool cannot be used with a log or table"),
        (["fit", LOG, "--client", LOG], "--client cannot be used with a log or table"),
        (["fit", SPANS, "--class-rule", "a=b"], "--class-rule cannot be used with spans"),
        (["fit", LOG, "--class-rule", "(=b"], "the pattern is not a regular expression"),
        (["fit", LOG, "--duration-unit", "h"], "--duration-unit h: use one of s, ms, us, ns"),
        (["fit", LOG, "--cpu-time", "1h"], "too long; all requests of the log together took"),
        (["fit", LOG, "--predict", SPANS], "give the clients' times of that run, CSV or Parquet"),
        (
            ["fit", str(ROOT / "tests/data/measured/quart_r40.csv"), "--cpu-time", "1s"],
            "--cpu-time cannot be used with a table that says what each request did",
        ),
    ],
)
def test_what_does_not_fit_a_log_says_why(simsched, arguments, message):
    done = simsched(*arguments)
    assert done.code == 2
    assert message in " ".join(done.err.split())
    assert "Traceback" not in done.err


def test_a_page_is_drawn_of_requests_that_are_replayed_as_they_were(simsched, tmp_path):
    page = tmp_path / "page.html"
    done = simsched("check", SCENARIO, *MEASURED, "--page", str(page))
    assert done.code == 0, done.err
    drawn = page.read_text("utf-8")
    assert "<h2>all requests</h2>" in drawn
    assert "quart predicts 1,000 requests" in drawn


def test_a_log_whose_shortest_durations_are_0_is_fitted(simsched, tmp_path):
    times = [f"{second:02} +0000" for second in range(60) for _ in range(3)]
    lines = [
        f'10.0.0.1 - - [15/Nov/2023:12:00:{time}] "GET /{path} HTTP/1.1" 200 5 "-" "curl" 0.{took}'
        for i, time in enumerate(times)
        for path, took in (("health", "000"), ("page", f"0{10 + i % 7}"))
    ]
    log = tmp_path / "access.log"
    log.write_text("\n".join(lines) + "\n", "utf-8")
    done = simsched("fit", str(log), "--server", "model=serial")
    assert done.code == 0, done.err
    assert "/health, mean" in done.out
    assert "undefined" in done.out


def _log(path: Path, requests: int) -> Path:
    """Write an access log of so many requests, a tenth of a second apart."""
    lines = (
        f'10.0.0.1 - - [15/Nov/2023:12:00:00 +0000] "GET /page HTTP/1.1" 200 5 "-" "curl" '
        f"{1_700_000_000 + i / 10:.3f} 0.0{10 + i % 7}"
        for i in range(requests)
    )
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.mark.parametrize("output_format", ["table", "markdown"])
def test_of_few_requests_no_half_is_predicted_and_that_is_said(simsched, tmp_path, output_format):
    log = _log(tmp_path / "thin.log", 25)
    done = simsched("fit", str(log), "--server", "model=serial", "--format", output_format)
    assert done.code == 0, done.err
    assert "How well it predicts is not known" in done.out
    assert "measured" not in done.out.replace("Measure for", "")


def test_a_check_in_markdown_begins_with_its_verdict(simsched):
    done = simsched("check", SCENARIO, *MEASURED, "--format", "markdown")
    assert done.out.startswith("quart predicts 1,000 requests")


def test_a_log_of_more_than_a_year_is_refused(simsched, tmp_path):
    log = _log(tmp_path / "long.log", 25)
    text = log.read_text("utf-8")
    log.write_text(text + text.replace(" 1700000", " 1800000"), "utf-8")
    done = simsched("fit", str(log))
    assert done.code == 2
    assert "passes more than a year; look for wrong times" in " ".join(done.err.split())


def test_cpu_time_is_not_used_beside_upstream_times_and_that_is_said(simsched, tmp_path):
    log = _log(tmp_path / "proxy.log", 25)
    lines = [f"{line} 0.005" for line in log.read_text("utf-8").splitlines()]
    log.write_text("\n".join(lines) + "\n", "utf-8")
    given = ("--server", "model=serial")
    assert "--cpu-time is not used" not in simsched("fit", str(log), *given).out
    done = simsched("fit", str(log), *given, "--cpu-time", "10ms")
    assert done.code == 0, done.err
    assert "--cpu-time is not used: where upstream times are logged" in done.out
