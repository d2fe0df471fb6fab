from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from starlette.testclient import TestClient

from simsched.report.play.app import LARGEST_BODY, TOKEN, Play
from simsched.report.play.desk import Desk
from simsched.report.play.source import Source
from simsched.report.play.worker import Job, Worker
from simsched.report.view.app import application
from simsched.scenario import loads
from simsched.statistics.estimate import Estimate
from simsched.statistics.words import play as words

SCENARIOS = Path(__file__).parents[2] / "scenarios"
LECTURE = Source.of(SCENARIOS / "lecture.yaml")
LONG = ("workload={open: {rate: 9/s}, requests: 30000}", "run.engine=simpy", "run.replications=2")
"""Changes that make of the lecture a simulation of many seconds, in four steps."""


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    found = Desk(1)
    yield found
    found.close()


@pytest.fixture
def play(desk, tmp_path) -> Play:
    folder = tmp_path / "scenarios"
    folder.mkdir()
    return Play({"": LECTURE}.get, tmp_path / "reports", folder, desk)


@pytest.fixture
def client(play) -> TestClient:
    headers = {TOKEN: play.token, "origin": "http://127.0.0.1"}
    app = application(play.reports, play)
    return TestClient(app, base_url="http://127.0.0.1", headers=headers)


def ask(client: TestClient, what: str = "simulate", **more: object):
    body = {"client": "page", **more} if what in {"simulate", "report"} else more
    return client.post(f"/play/{what}", json=body)


def test_the_page_allows_its_own_scripts_alone(client):
    page = client.get("/play")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'sha256-" in policy
    assert "unsafe-inline" not in policy.partition("style-src")[0]
    assert "frame-ancestors 'none'" in policy
    assert "<title>Play with lecture · simsched</title>" in page.text


def test_the_unchanged_scenario_is_shown_as_a_report_shows_it(client):
    found = ask(client).json()
    assert found["headlines"] == [
        "cooperative's mean response time is shorter than serial's in this run: "
        "69.3 ms against 116 ms (1.7 times faster)."
    ]
    assert found["orders"] == [["serial", [1, 2, 3]], ["cooperative", [1, 3, 2]]]
    assert found["effort"] == "In full: 1 replication of 3 requests."
    assert list(found["figures"]) == ["timeline", "over-time"]
    assert [each["name"] for each in found["sections"][:2]] == ["serial", "cooperative"]


def test_a_change_is_simulated_beside_the_unchanged_scenario(client):
    found = ask(client, changes=["servers.serial.workers=2"]).json()
    assert found["moved"] == [
        ["serial: mean response time was 116 ms, now 65.7 ms (1.8 times faster).", True],
        ["cooperative: mean response time 69.3 ms, as before.", False],
    ]
    (row,) = (row for row in found["table"]["rows"] if row["title"] == "response time, mean")
    assert [cell["before"] for cell in row["cells"]] == ["116 ms", ""]
    names = [line["name"] for line in found["figures"]["over-time"]["data"]]
    assert names[:2] == ["serial, unchanged", "cooperative, unchanged"]
    behind = found["figures"]["timeline"]["data"][0]
    assert behind["name"] == "unchanged scenario"
    assert behind["x"] == [85, 150, 112, 94, 88, 26]


FOUR = ", ".join(f"s{n}: {{model: serial, workers: {n}}}" for n in range(1, 5))
EIGHT = ", ".join(f"s{n}: {{model: serial, workers: {n}}}" for n in range(1, 9))


def test_ghosts_of_several_servers_are_in_their_panel_and_many_servers_have_none(desk):
    answers = [
        json.loads(desk.submit("page", Job(source, ("requests.ping[0].cpu=9ms",))).result())
        for servers in (FOUR, EIGHT)
        for source in [Source.of(SCENARIOS / "lecture.yaml", [f"servers={{{servers}}}"])]
    ]
    few, many = (
        [(line["name"], line.get("xaxis", "x")) for line in each["figures"]["over-time"]["data"]]
        for each in answers
    )
    assert ("s4, unchanged", "x") in few
    assert {axis for _, axis in few} == {"x"}
    assert len({axis for _, axis in many}) == 8
    assert not any("unchanged" in name for name, _ in many)
    assert [len(each["moved"]) for each in answers] == [4, 4]
    assert len(answers[1]["headlines"]) == 1
    behind, *lines = answers[1]["figures"]["timeline"]["data"]
    (labels,) = (line for line in lines if line.get("mode") == "text")
    assert behind["y"] == labels["y"]  # each ghost is behind its own request


def test_of_a_larger_scenario_there_is_less_while_dragging(desk):
    source = Source.of(SCENARIOS / "flask-vs-quart.yaml", ["run.replications=40"])
    answers = [
        json.loads(
            desk.submit(
                "page", Job(source, ("servers.flask.workers=5",), full, ("distribution",))
            ).result()
        )
        for full in (False, True, False)
    ]
    assert [each["isFull"] for each in answers] == [False, True, False]
    assert answers[0]["effort"].startswith("At first: ")
    assert answers[0]["moved"] == []  # there is nothing to compare with yet
    assert answers[2]["effort"].startswith("While you drag: ")
    assert len(answers[2]["moved"]) == 2
    assert ", instead of 40 replications of about 5,640 requests." in answers[0]["effort"]
    assert list(answers[0]["figures"]) == ["distribution"]
    assert list(answers[1]["figures"]) == ["distribution", "tail", "over-time", "timeline"]
    (first, moved), (second, unmoved) = answers[1]["moved"]
    assert (moved, unmoved) == (True, False)
    assert first.startswith("flask: mean response time was ")
    assert " times faster, 95 % interval " in first
    assert second.endswith(", as before.")
    assert answers[1]["effort"] == "In full: 40 replications of about 5,640 requests."
    assert "sections" not in answers[0]


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ("servers.serial.workers=0", "servers.serial.workers", "must be at least 1"),
        ("nonsense", "", "this sets nothing"),
        ("servers.serial.color=red", "servers.serial.color", "unknown key"),
    ],
)
def test_what_is_wrong_with_a_value_is_said_with_its_path(client, change, path, message):
    (fault,) = ask(client, changes=[change]).json()["faults"]
    assert fault["path"] == path
    assert message in fault["message"]


def test_a_scenario_that_is_too_large_is_refused_with_its_size(client):
    changes = ["workload={open: {rate: 9/s}, requests: 90000000}"]
    (fault,) = ask(client, changes=changes).json()["faults"]
    assert "about 1,800,000,000 requests" in fault["message"]
    assert "the most is 20,000,000; shorten the workload" in fault["message"]


def test_a_change_is_applied_to_the_servers_on_demand(client):
    answer = ask(client, "edit", edit="rename", server="serial", to="sync").json()
    assert answer == {
        "changes": ["servers={sync: {model: serial}, cooperative: {model: cooperative}}"]
    }
    refused = ask(client, "edit", edit="rename", server="serial", to="cooperative")
    assert refused.status_code == 422
    assert "take another name" in refused.json()["faults"][0]["message"]


def test_a_scenario_is_saved_in_its_folder_and_replaces_none_unasked(client, play):
    asked = {"changes": ["servers.serial.workers=2"], "name": "two workers"}
    assert ask(client, "save", **asked).json() == {
        "saved": str(play.scenarios / "two workers.yaml")
    }
    saved = play.scenarios / "two workers.yaml"
    assert loads(saved.read_text()).servers["serial"].workers == 2
    asked["changes"] = ["servers.serial.workers=3"]
    assert ask(client, "save", **asked).json() == {"exists": "two workers.yaml"}
    assert loads(saved.read_text()).servers["serial"].workers == 2
    assert ask(client, "save", **asked, replace=True).status_code == 200
    assert loads(saved.read_text()).servers["serial"].workers == 3


@pytest.mark.parametrize("name", ["../up", "/x", "a/b", ".hidden", "", "x.", "a\\b", "a\n"])
def test_nothing_is_saved_outside_of_the_folder(client, play, name):
    assert ask(client, "save", name=name).status_code == 422
    assert list(play.scenarios.iterdir()) == []


def test_a_link_is_not_followed_when_a_scenario_is_saved(client, play, tmp_path):
    outside = tmp_path / "outside.yaml"
    outside.write_text("mine")
    (play.scenarios / "link.yaml").symlink_to(outside)
    assert ask(client, "save", name="link", replace=True).json() == {"exists": "link.yaml"}
    assert outside.read_text() == "mine"


def test_a_full_report_is_written_and_can_be_opened(client, play):
    place = ask(client, "report", changes=["servers.serial.workers=2"]).json()["report"]
    page = client.get(f"/runs/{place}/report.html")
    assert page.status_code == 200
    assert (play.reports / place / "summary.json").is_file()
    assert client.get("/").text.count("report.html") == 1


def test_a_report_that_is_shown_leads_to_its_scenario_with_the_same_seed(client, play):
    changes = ["servers.serial.workers=2", "run.seed=7"]
    place = ask(client, "report", changes=changes).json()["report"]
    page = client.get(f"/runs/{place}/report.html").text
    assert page.count(f'<a class="play" href="/play?run={place}">Try what-ifs</a>') == 1
    written = (play.reports / place / "report.html").read_text()
    assert "Try what-ifs" not in written


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({TOKEN: "guess"}, 403),
        ({TOKEN: "é".encode()}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:1"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"host": "evil.example"}, 400),
        ({"content-type": "text/plain"}, 415),
    ],
)
def test_what_no_page_of_this_server_sends_is_refused(client, headers, status):
    sent = {"content-type": "application/json", **headers}
    answer = client.post("/play/simulate", content=b'{"client": "x"}', headers=sent)
    assert answer.status_code == status


def test_what_has_no_origin_is_refused(play):
    bare = TestClient(application(play.reports, play), base_url="http://127.0.0.1")
    assert bare.post("/play/simulate", json={}, headers={TOKEN: play.token}).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b'{"client": ""}',
        b'{"client": "x", "changes": "a=b"}',
        b'{"client": "x", "more": 1}',
        json.dumps({"client": "x", "changes": ["a=1"] * 501}).encode(),
        json.dumps({"client": "x", "changes": ["a" * 20_001]}).encode(),
        b"[" * 100_000,
    ],
)
def test_a_request_that_is_none_is_refused(client, body):
    sent = {"content-type": "application/json"}
    assert client.post("/play/simulate", content=body, headers=sent).status_code == 400


def test_a_request_that_is_too_large_is_refused(client):
    sent = {"content-type": "application/json"}
    body = b" " * (LARGEST_BODY + 1)
    assert client.post("/play/simulate", content=body, headers=sent).status_code == 413


def test_an_unknown_scenario_is_not_found(client):
    assert client.get("/play?run=elsewhere").status_code == 404
    assert ask(client, of="run=elsewhere").status_code == 404


def test_other_methods_are_refused(client):
    assert client.put("/play/simulate", json={}).status_code == 405
    assert client.post("/", json={}).status_code == 405


def test_what_chance_may_explain_is_not_called_a_change():
    said = words.moved("uv", (0.1, 0.102), Estimate(1.02, 0.97, 1.07), 0.95)
    assert said == "uv: mean response time was 100 ms, now 102 ms (no difference shows)"
    said = words.moved("uv", (0.1, None), Estimate(None), 0.95, (False, True))
    assert said == "uv: mean response time was 100 ms, now without bound"
    said = words.moved("uv", (None, 0.1), Estimate(None), 0.95)
    assert said == "uv: mean response time was unknown, now 100 ms"


def test_a_page_that_is_closed_stops_what_it_asked_for(desk):
    desk.submit("page", Job(LECTURE, ())).result()
    left = desk.submit("closed", Job(LECTURE, LONG))
    desk.stop(left)
    assert b"superseded" in left.result(timeout=30)
    waiting = [desk.submit(name, Job(LECTURE, LONG)) for name in ("first", "second")]
    desk.stop(waiting[1])
    assert b"superseded" in waiting[1].result(timeout=30)
    desk.stop(waiting[0])
    assert b"superseded" in waiting[0].result(timeout=30)


def test_a_newer_change_takes_the_place_of_an_older_one(desk):
    desk.submit("page", Job(LECTURE, ())).result()
    older = [desk.submit("page", Job(LECTURE, LONG)) for _ in range(5)]
    newest = desk.submit("page", Job(LECTURE, ("servers.serial.workers=2",)))
    assert "moved" in json.loads(newest.result(timeout=60))
    assert all("superseded" in json.loads(each.result()) for each in older)


def test_a_process_that_does_not_stop_is_replaced():
    worker, stopped = Worker(), Event()
    try:
        worker.do(Job(LECTURE, ()), stopped)
        first = worker.pid
        stopped.set()
        assert b"superseded" in worker.do(Job(LECTURE, LONG), stopped)
        assert b"headlines" in worker.do(Job(LECTURE, ()), Event())
        assert worker.pid is not None
    finally:
        worker.end()
    assert first is not None
    assert not _is_alive(first)


def test_a_process_that_dies_is_replaced():
    worker = Worker()
    try:
        worker.do(Job(LECTURE, ()), Event())
        os.kill(worker.pid, 9)
        answers = [worker.do(Job(LECTURE, ()), Event()) for _ in range(2)]
        assert b"headlines" in answers[1]
    finally:
        worker.end()


def test_twenty_pages_are_all_answered_and_no_process_is_left():
    desk = Desk(2)
    found = [
        desk.submit(f"page {n}", Job(LECTURE, (f"servers.serial.workers={1 + n % 4}",), full))
        for n in range(20)
        for full in (False, True)
    ]
    answers = [json.loads(each.result(timeout=120)) for each in found]
    assert all("headlines" in each for each in answers[1::2])
    pids = desk.pids
    assert 1 <= len(pids) <= 2
    desk.close()
    assert not any(map(_is_alive, pids))
    assert b"too many pages" in desk.submit("late", Job(LECTURE, ())).result()


def test_a_desk_is_closed_while_it_simulates():
    desk = Desk(1)
    desk.submit("page", Job(LECTURE, ())).result()
    pids = desk.pids
    running = desk.submit("page", Job(LECTURE, LONG))
    waiting = desk.submit("other", Job(LECTURE, ()))
    desk.close()
    assert b"superseded" in running.result()
    assert b"superseded" in waiting.result()
    assert not any(map(_is_alive, pids))


def _is_alive(pid: int) -> bool:
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists():
            return False
        time.sleep(0.05)
    return True
