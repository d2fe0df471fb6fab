from __future__ import annotations

import contextlib
import http.client
import re
import threading
from dataclasses import replace
from pathlib import Path
from queue import Queue

import pytest
from report_results import lecture
from starlette.testclient import TestClient

import simsched
from simsched.errors import InputError
from simsched.report import rundir
from simsched.report.view import serve
from simsched.report.view.app import LONGEST_URL, application
from simsched.report.view.runs import runs
from simsched.scenario import dump, loads

SCENARIO = Path(__file__).parents[2] / "scenarios" / "lecture.yaml"


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("outside") / "reports"
    (folder.parent / "secret.txt").write_text("secret")
    for overrides in ((), ("servers.serial.workers=2",)):
        result = simsched.run(SCENARIO, overrides=overrides)
        rundir.write(result, folder, {"lecture": dump(result.scenarios[0])})
    return folder


@pytest.fixture
def client(root) -> TestClient:
    return TestClient(application(root), base_url="http://127.0.0.1", follow_redirects=False)


def test_the_index_lists_runs_with_the_newest_first(client, root):
    page = client.get("/").text
    newest, oldest = (run.path for run in runs(root))
    assert newest > oldest
    assert page.index(f"/runs/{newest}/report.html") < page.index(f"/runs/{oldest}/report.html")
    assert "cooperative answers 1.7 times sooner than serial" in page
    assert "116 ms" in page


def test_the_index_tells_of_missed_objectives_and_of_what_has_no_verdict(tmp_path):
    for overrides in (["slo={quick: response_time.max < 1ms}"], []):
        path = SCENARIO if overrides else SCENARIO.with_name("deadlock.yaml")
        result = simsched.run(path, overrides=overrides)
        rundir.write(result, tmp_path, {result.name: dump(result.scenarios[0])})
    page = TestClient(application(tmp_path), base_url="http://127.0.0.1").get("/").text
    assert "<strong>2 objectives missed</strong>" in page
    assert "framework: 11 of 11 requests were unfinished" in page


def test_a_long_name_is_cut_and_whole_where_one_points_at_it(tmp_path):
    name, server = "n" * 500, "s" * 300
    text = SCENARIO.read_text().replace("name: lecture", f"name: {name}")
    result = simsched.run(loads(text.replace("cooperative: {", f"{server}: {{")))
    rundir.write(result, tmp_path, {name: dump(result.scenarios[0])})
    page = TestClient(application(tmp_path), base_url="http://127.0.0.1").get("/").text
    assert f"<bdi>{'n' * 79}…</bdi>" in page
    assert f'title="{name}"' in page
    assert f"{'s' * 59}… answers 1.7 times sooner than serial" in page


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
    # a client would tidy the path: send it as it is
    sent: list[dict] = []

    async def receive() -> dict:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict) -> None:
        sent.append(message)

    import asyncio
    from urllib.parse import unquote

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    asyncio.run(application(root)(scope, receive, send))
    assert sent[0]["status"] in {400, 404}
    assert b"secret" not in b"".join(message.get("body", b"") for message in sent[1:])


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
    outside = rundir.write(lecture(), tmp_path / "outside", {"lecture": ""})
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


def test_every_answer_tells_the_browser_to_be_careful(client):
    for path in ("/", "/compare", "/runs/none"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


def test_damaged_runs_are_left_out_of_the_index_and_told_of_when_opened(tmp_path):
    folder = rundir.write(lecture(), tmp_path, {"lecture": "name: ["})
    broken = rundir.write(lecture(), tmp_path, {"lecture": ""})
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
    rundir.write(
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
