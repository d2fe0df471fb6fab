from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import re
import threading
from dataclasses import replace
from pathlib import Path
from queue import Queue
from urllib.parse import unquote, urlencode

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from report_results import lecture
from starlette.testclient import TestClient

import simsched
from simsched.errors import InputError
from simsched.report import files
from simsched.report.view import serve
from simsched.report.view.app import LONGEST_URL, application, index_page
from simsched.report.view.runs import groups, runs
from simsched.scenario import dump, loads

SCENARIO = Path(__file__).parents[2] / "scenarios" / "lecture.yaml"


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("outside") / "reports"
    (folder.parent / "secret.txt").write_text("secret")
    for overrides in ((), ("servers.serial.workers=2",)):
        result = simsched.run(SCENARIO, overrides=overrides)
        files.write_run(result, folder, {"lecture": dump(result.scenarios[0])})
    return folder


@pytest.fixture
def client(root) -> TestClient:
    return TestClient(application(root), base_url="http://127.0.0.1", follow_redirects=False)


def test_the_index_lists_runs_with_the_newest_first(client, root):
    page = client.get("/").text
    newest, oldest = (run.path for run in runs(root))
    assert newest > oldest
    assert page.index(f"/runs/{newest}/report.html") < page.index(f"/runs/{oldest}/report.html")
    assert "cooperative&#39;s mean response time is shorter than serial&#39;s" in page
    assert "116 ms" in page


def test_the_index_draws_the_mean_response_times_of_a_run(client, root):
    _, oldest = runs(root)
    assert [(bar.server, bar.text) for bar in oldest.bars] == [
        ("serial", "116 ms"),
        ("cooperative", "69.3 ms"),
    ]
    assert [bar.length for bar in oldest.bars] == pytest.approx([1, 69.333 / 115.667], rel=1e-4)
    page = client.get("/").text
    assert '<span style="width: 100.0%"></span>' in page
    assert '<span style="width: 59.9%"></span>' in page


def test_of_many_servers_the_index_has_their_ranking_and_one_sentence(tmp_path):
    servers = ", ".join(f"s{n}: {{model: serial, workers: {n}}}" for n in (1, 2, 9, 3, 4, 5, 6, 7))
    workload = "workload={schedule: [{at: 0ms, request: page, times: 20}]}"
    result = simsched.run(SCENARIO, overrides=[f"servers={{{servers}}}", workload])
    files.write_run(result, tmp_path, {"lecture": dump(result.scenarios[0])})
    (run,) = runs(tmp_path)
    ranking, foremost = run.verdict
    assert ranking == "By mean response time: s9, s7, s6, s5 and 4 more"
    assert foremost.startswith("s9's mean response time is shorter than s1's")


def test_a_run_of_one_scenario_has_a_link_to_play_with_it_where_that_is_served(client, root):
    assert "Try what-ifs" not in client.get("/").text
    newest, _ = runs(root)
    page, _ = index_page(root, plays=True)
    assert f'<a href="/play?run={newest.path}" aria-label="Try what-ifs with lecture of' in page
    assert page.count("Try what-ifs</a>") == 2


@pytest.mark.parametrize(("mean", "text"), [(None, "—"), (0, "0 s")])
def test_a_server_without_a_response_time_has_an_empty_bar(tmp_path, mean, text):
    folder = files.write_run(lecture(), tmp_path, {"lecture": ""})
    servers = {"idle": {"response_time_s": {"mean": {"value": mean}}}, "unknown": {}}
    summary = {"scenario": "lecture", "warnings": [], "servers": servers}
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    (run,) = runs(tmp_path)
    assert [(bar.length, bar.text) for bar in run.bars] == [(0, text), (0, "—")]


def test_the_index_shows_missed_objectives_and_runs_without_a_verdict(tmp_path):
    for overrides in (["slo={quick: response_time.max < 1ms}"], []):
        path = SCENARIO if overrides else SCENARIO.with_name("deadlock.yaml")
        result = simsched.run(path, overrides=overrides)
        files.write_run(result, tmp_path, {result.name: dump(result.scenarios[0])})
    page = TestClient(application(tmp_path), base_url="http://127.0.0.1").get("/").text
    assert "<strong>2 objectives missed</strong>" in page
    assert "framework: 11 of 11 requests were unfinished" in page


def test_a_long_name_is_cut_and_whole_where_one_points_at_it(tmp_path):
    name, server = "n" * 500, "s" * 300
    text = SCENARIO.read_text().replace("name: lecture", f"name: {name}")
    result = simsched.run(loads(text.replace("cooperative: {", f"{server}: {{")))
    files.write_run(result, tmp_path, {name: dump(result.scenarios[0])})
    page = TestClient(application(tmp_path), base_url="http://127.0.0.1").get("/").text
    assert f"<bdi>{'n' * 79}…</bdi>" in page
    assert f'title="{name}"' in page
    assert f"{'s' * 59}…&#39;s mean response time is shorter than serial&#39;s" in page


@pytest.mark.parametrize(
    ("ticked", "told"), [(0, "0 runs are ticked"), (1, "1 run is ticked"), (3, "3 runs are ticked")]
)
def test_any_other_number_of_runs_than_two_is_not_compared_and_that_is_said(
    client, root, ticked, told
):
    (one, _) = (run.path for run in runs(root))
    page = client.get("/compare", params={"run": [one] * ticked})
    assert page.status_code == 400
    assert f"{told}; tick two to compare them" in page.text
    assert '<a href="/">All reports</a>' in page.text


def test_what_is_not_there_is_said_in_words(client):
    page = client.get("/runs/nowhere/report.html")
    assert page.status_code == 404
    assert "404 Not Found" in page.text
    assert "there is nothing at this address in the folder of reports" in page.text


def test_a_run_opens_with_the_files_beside_it(client, root):
    (run, _) = runs(root)
    assert "plotly" in client.get(f"/runs/{run.path}/report.html").text
    assert client.get(f"/runs/{run.path}/summary.json").json()["scenario"] == "lecture"
    assert client.get(f"/runs/{run.path}/requests.parquet").content[:4] == b"PAR1"


def test_two_runs_open_side_by_side_the_older_as_the_first(client, root):
    newest, oldest = (run.path for run in runs(root))
    page = client.get("/compare", params={"run": [newest, oldest]})
    assert page.status_code == 200
    assert "second/serial" in page.text
    assert "Both runs met the same requests" in page.text


@pytest.mark.parametrize(
    "path",
    ["lecture/20200101-000000-000", "../secret.txt", "lecture/..", "", "/etc/passwd", "a/../../x"],
)
def test_a_run_that_is_not_there_is_not_found(client, path):
    assert client.get("/compare", params={"run": [path, path]}).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/runs/../secret.txt",
        "/runs/%2e%2e/secret.txt",
        "/runs/..%2fsecret.txt",
        "/runs/lecture/%2e%2e/%2e%2e/secret.txt",
        "/runs//etc/passwd",
        "/runs/%2fetc/passwd",
        "/../secret.txt",
        "/runs/..\\secret.txt",
        "/runs/%00",
    ],
)
def test_no_path_leads_out_of_the_folder(root, path):
    status, _, body = answer_of(application(root), unquote(path))
    assert status in {400, 404}
    assert b"secret" not in body


def answer_of(
    app, path: str, query: bytes = b"", method: str = "GET", host: bytes = b"127.0.0.1"
) -> tuple[int, dict[str, str], bytes]:
    """Return the status, the headers and the body for a path that no client has tidied."""
    sent: list[dict] = []

    async def receive() -> dict:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(errors="replace"),
        "query_string": query,
        "root_path": "",
        "headers": [(b"host", host)],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    asyncio.run(app(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(each.get("body", b"") for each in sent[1:])


RUN = b"20250101-000000-000"


@pytest.mark.parametrize(
    "query",
    [
        b"run=%00/" + RUN,
        b"run=%00/" + RUN + b"&run=%00/" + RUN,
        b"run=" + b"x" * 300 + b"/" + RUN + b"&run=a/" + RUN,
        b"run=%ED%A0%80/" + RUN + b"&run=%ff/" + RUN,
        b"run=./" + RUN + b"&run=../" + RUN,
        b"run=/" + RUN + b"&run=//" + RUN,
        b"run=..%5c..%5c/" + RUN + b"&run=a%5cb/" + RUN,
        b"run=loop/" + RUN + b"&run=loop/" + RUN,
        b"run=a/%D9%A2%D9%A0250101-000000-000&run=a/" + RUN,
        b"run&run",
        b"run=&run=",
        b"run=a",
        b"run=a&run=b&run=c",
        b"runs=a&runs=b",
        b"run=a&run=b&also=c",
        b"RUN=a&RUN=b",
        b"run[]=a&run[]=b",
        b"%",
        b"%zz=%zz&=&&==",
        b"\xff\xfe\x00",
        b"",
    ],
)
def test_a_hostile_query_is_refused(root, query):
    loop = root / "loop"
    loop.symlink_to(loop)
    try:
        status, headers, _ = answer_of(application(root), "/compare", query)
    finally:
        loop.unlink()
    assert status in {400, 404}
    assert_is_guarded(headers)


NAMES = st.text(max_size=300) | st.sampled_from(
    ["\0", ".", "..", "\ud800", "a\\b", "x" * 300, "lecture", "%00", "\u202e", RUN.decode(), "\n"]
)
PATHS = st.lists(NAMES, max_size=5).map("/".join)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    PATHS.map(lambda path: f"/{path}") | PATHS.map(lambda path: f"/runs/{path}"),
    st.binary(max_size=60),
    st.sampled_from(["GET", "HEAD"]),
)
def test_whatever_is_asked_for_is_answered_in_words(root, path, query, method):
    status, headers, _ = answer_of(application(root), path, query, method)
    # Versions of Starlette differ on whether an empty segment is nothing.
    index = {"/": {200}, "//": {200, 404}}
    assert status in index.get(path, {307, 400, 404, 414})
    assert_is_guarded(headers)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(["run", "run", "run", "x"]), PATHS), max_size=4).map(
        lambda pairs: urlencode(pairs, errors="surrogatepass").encode()
    )
    | st.binary(max_size=200)
)
def test_whatever_is_to_be_compared_is_refused_where_it_is_not_there(root, query):
    status, headers, _ = answer_of(application(root), "/compare", query)
    assert status in {400, 404, 414}
    assert_is_guarded(headers)


@given(st.text(max_size=20), st.sampled_from(["/", "/compare", "/runs/lecture"]))
def test_unknown_methods_are_refused(method, path):
    assume(method not in {"GET", "HEAD"})
    status, headers, _ = answer_of(application(Path()), path, method=method)
    assert (status, headers["allow"]) == (405, "GET, HEAD")
    assert_is_guarded(headers)


def assert_is_guarded(headers: dict[str, str]) -> None:
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


def test_an_address_that_ends_with_a_line_break_is_no_index(root):
    assert answer_of(application(root), "/\n", b"")[0] == 404


def test_every_kind_of_answer_is_guarded(client, root):
    newest, oldest = (run.path for run in runs(root))
    kinds = {
        200: ["/", f"/compare?run={newest}&run={oldest}", f"/runs/{newest}/report.html"],
        206: [f"/runs/{newest}/summary.json"],
        307: ["/compare/", "/runs"],
        400: ["/compare"],
        404: ["/x", "/runs/", "/runs/x", f"/runs/{newest}", f"/compare?run=a&run={newest}"],
        414: ["/" + "x" * LONGEST_URL],
        431: ["/"],
    }
    sent = {206: {"range": "bytes=0-3"}, 431: {"filler": "x" * 20_000}}
    for status, addresses in kinds.items():
        for address in addresses:
            answer = client.get(address, headers=sent.get(status, {}))
            assert (address, answer.status_code) == (address, status)
            assert_is_guarded(dict(answer.headers))
    for answer in (client.get("/", headers={"host": "evil.example"}), client.put("/")):
        assert answer.status_code in {400, 405}
        assert_is_guarded(dict(answer.headers))


def test_scripts_run_in_reports_and_on_the_index_its_own(client, root):
    newest, oldest = (run.path for run in runs(root))
    for address in ("/x", "/compare"):
        assert "script-src" not in client.get(address).headers["content-security-policy"]
    index = client.get("/").headers["content-security-policy"]
    assert re.search(r"; script-src 'sha256-[A-Za-z0-9+/=]+'$", index)
    for address in (f"/compare?run={newest}&run={oldest}", f"/runs/{newest}/report.html"):
        assert "script-src" in client.get(address).headers["content-security-policy"]


def test_what_fails_by_a_mistake_of_ours_is_guarded_and_said(root, monkeypatch):
    def fail(*_: object, **__: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr("simsched.report.view.app.index_page", fail)
    client = TestClient(application(root), "http://127.0.0.1", raise_server_exceptions=False)
    answer = client.get("/")
    assert answer.status_code == 500
    assert "simsched failed here, with ZeroDivisionError" in answer.text
    assert_is_guarded(dict(answer.headers))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
KEYS = ["scenario", "kind", "points", "designs", "servers", "warnings", "verdicts", "objectives"]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(KEYS), JSON), st.sampled_from(KEYS), JSON)
def test_the_index_is_shown_whatever_a_summary_holds(tmp_path, values, key, value):
    sound = {"scenario": "a", "servers": {}, "warnings": [], "kind": "sweep", "points": 3}
    folder = tmp_path / "a" / RUN.decode()
    folder.mkdir(parents=True, exist_ok=True)
    for told in (values, {**sound, key: value}):
        (folder / "summary.json").write_text(json.dumps(told))
        assert answer_of(application(tmp_path), "/")[0] == 200


@pytest.mark.parametrize("told", ["[" * 100_000, '{"points": Infinity, "kind": "sweep"}', "\xff"])
def test_a_summary_that_is_not_one_is_left_out_of_the_index(tmp_path, told):
    folder = tmp_path / "a" / RUN.decode()
    folder.mkdir(parents=True)
    (folder / "summary.json").write_text(told, encoding="latin-1")
    (folder.parent / "20250101-000000-001").symlink_to(folder.parent / "20250101-000000-001")
    (tmp_path / os.fsdecode(b"\xff")).symlink_to(folder.parent)
    assert runs(tmp_path) == ()


def test_a_link_that_leads_out_of_the_folder_is_not_followed(root, client):
    link = root / "lecture" / "secret.txt"
    link.symlink_to(root.parent / "secret.txt")
    folder = root / "elsewhere"
    folder.symlink_to(root.parent)
    try:
        assert client.get("/runs/lecture/secret.txt").status_code == 404
        assert client.get("/runs/elsewhere/secret.txt").status_code == 404
    finally:
        link.unlink()
        folder.unlink()


def test_a_run_behind_a_link_out_of_the_folder_is_not_listed(tmp_path):
    outside = files.write_run(lecture(), tmp_path / "outside", {"lecture": ""})
    root = tmp_path / "reports"
    (root / "lecture").mkdir(parents=True)
    (root / "lecture" / outside.name).symlink_to(outside)
    assert runs(root) == ()


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "0.0.0.0:80"])
def test_a_foreign_host_is_refused(client, host):
    assert client.get("/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1:8123", "localhost", "localhost:1"])
def test_this_host_is_answered_under_each_of_its_names(client, host):
    assert client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/compare", "/runs/lecture"])
def test_nothing_can_be_changed(client, method, path):
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert "can only be read" in answer.text


def test_a_huge_address_is_refused(client):
    assert client.get("/?" + "x" * LONGEST_URL).status_code == 414
    assert client.get("/runs/" + "x" * LONGEST_URL).status_code == 414


def test_every_answer_has_the_headers_that_restrict_a_browser(client):
    for path in ("/", "/compare", "/runs/none"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


def test_damaged_runs_are_left_out_of_the_index_and_reported_when_opened(tmp_path):
    folder = files.write_run(lecture(), tmp_path, {"lecture": "name: ["})
    broken = files.write_run(lecture(), tmp_path, {"lecture": ""})
    (broken / "summary.json").write_text("{")
    assert [run.path for run in runs(tmp_path)] == [folder.relative_to(tmp_path).as_posix()]
    path = runs(tmp_path)[0].path
    answer = TestClient(application(tmp_path), base_url="http://127.0.0.1").get(
        "/compare", params={"run": [path, path]}
    )
    assert answer.status_code == 422
    assert "cannot be read any more" in answer.text


def test_a_hostile_name_is_text_in_the_index(tmp_path):
    name = "<script>alert(1)</script>"
    result = lecture()
    one = replace(result.servers["serial"], server=name)
    files.write_run(
        replace(result, name=name, servers={name: one}, traces={name: result.traces["serial"]}),
        tmp_path,
        {"lecture": ""},
    )
    page = TestClient(application(tmp_path), base_url="http://127.0.0.1").get("/").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_an_empty_folder_says_what_to_do(tmp_path):
    page = TestClient(application(tmp_path), base_url="http://127.0.0.1").get("/").text
    assert "simsched run scenario.yaml" in page


def test_what_is_no_folder_is_bad_input(tmp_path):
    with pytest.raises(InputError, match="not a folder"):
        serve(tmp_path / "none", open_browser=False)


@pytest.fixture
def live(root):
    """Yield the port of a server that really listens."""
    addresses: Queue[str] = Queue()
    threading.Thread(
        target=serve,
        args=(root,),
        kwargs={"open_browser": False, "announce": addresses.put},
        daemon=True,
    ).start()
    found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/", addresses.get(timeout=10))
    assert found is not None
    return int(found[1])


def ask(port: int, path: str, **headers: str) -> int:
    """Return the status that the server answers with; 0 where it hangs up."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(connection), contextlib.suppress(ConnectionError):
        connection.putrequest("GET", path, skip_host="host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        answer.read()
        return answer.status
    return 0


def test_the_server_answers_and_refuses_over_a_real_socket(live):
    assert ask(live, "/") == 200
    assert ask(live, "/runs/../../secret.txt") == 404
    assert ask(live, "/", host="evil.example") == 400
    assert ask(live, "/", filler="x" * 20_000) == 431
    assert ask(live, "/", filler="x" * 5_000_000) in {0, 400, 431}
    assert ask(live, "/" + "x" * 3000) == 414
    assert ask(live, "/") == 200


def test_a_port_that_is_taken_is_bad_input(live, root):
    with pytest.raises(InputError, match=f"port {live}: .*choose another with --port"):
        serve(root, live, open_browser=False)


def test_runs_of_a_scenario_stand_together_with_what_each_changed(tmp_path):
    for overrides in ([], ["servers.serial.workers=2"]):
        result = simsched.run(SCENARIO, overrides=overrides)
        files.write_run(result, tmp_path, {result.name: dump(result.scenarios[0])})
    (group,) = groups(tmp_path)
    newest, oldest = group.runs
    assert (group.folder, newest.changes) == ("lecture", ("servers.serial.workers 1 -> 2",))
    assert (oldest.changes, oldest.drawn) == ((), "seed 1, 1 replication")
    page = TestClient(application(tmp_path), base_url="http://127.0.0.1").get("/").text
    assert "changed: servers.serial.workers 1 -&gt; 2" in page
    assert '<a href="/latest/lecture"><bdi>lecture</bdi></a>' in page


def test_latest_leads_to_the_newest_run(client, root):
    newest = max(run.path for run in runs(root))
    answer = client.get(f"/latest/{newest.partition('/')[0]}")
    assert (answer.status_code, answer.headers["location"]) == (307, f"/runs/{newest}/report.html")
    assert client.get("/latest/none").status_code == 404
