"""Scenarios served by real servers: uvicorn, hypercorn and gunicorn."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
import time
from pathlib import Path

import pytest

from simsched.engine.trace import Activity, Status
from simsched.errors import InputError, RunError, ScenarioError
from simsched.experiment.consistency import check_segments, check_trace
from simsched.experiment.untrusted import to_json
from simsched.real import app, deployed, measuring
from simsched.real.exchanges import status_code
from simsched.real.jobs import record_from
from simsched.scenario import load
from simsched.workload import draw

MS = 1_000_000
MINUTE = 60 * 1_000_000_000

REQUESTS = {
    "page": [
        {"cpu": "2ms", "label": "code"},
        {"parallel": [[{"io": "3ms"}], [{"io": "4ms", "on": "db"}]]},
        {"io": "1ms", "fails": 0},
    ],
    "bad": [{"io": "1ms", "fails": 1}, {"cpu": "9ms"}],
}
AT = [{"at": f"{n}ms", "request": name} for n in range(4) for name in REQUESTS]
LOOP = {"model": "cooperative"}


def scenario(servers, **more):
    return load(
        {
            "name": "real",
            "requests": REQUESTS,
            "resources": {"db": {"capacity": 2}},
            "workload": {"schedule": AT},
            "servers": servers,
            **more,
        }
    )


@pytest.mark.parametrize(
    ("using", "servers"),
    [
        (
            ("uvicorn", "gunicorn"),
            {
                "loop": LOOP,
                "threads": {"model": "threaded", "threads": 3, "parallel": "concurrent"},
                "one": {"model": "serial"},
            },
        ),
        (("hypercorn",), {"loop": LOOP}),
    ],
)
def test_a_real_server_serves_every_request_as_the_scenario_says(using, servers):
    for name in using:
        pytest.importorskip(name)
    found = measuring.measure(measuring.plan(scenario(servers), None, MINUTE, using), MINUTE)
    assert list(found.measured.traces) == list(servers)
    for name, (trace,) in found.measured.traces.items():
        check_trace(trace)
        check_segments(trace)
        failed = trace.class_id == 1
        assert (trace.status[failed] == Status.FAILED).all()
        assert (trace.status[~failed] == Status.COMPLETED).all()
        assert (abs(trace.cpu_ns[~failed] - 2 * MS) < MS).all()
        assert (trace.io_ns[~failed] == 8 * MS).all()
        assert trace.concurrent is (name != "one")
        assert set(trace.worker) == {0}
        assert "code" in trace.segments.label


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="it looks for a process in /proc")
def test_a_real_server_leaves_no_process_behind():
    given = scenario({"s": LOOP})
    with deployed.Deployed("uvicorn", given.servers["s"], draw(given, 1), ()) as host:
        (sentinel,) = host.sentinels
        assert host.client().records == []
        group = int(next(line for line in _fdinfo(sentinel) if line.startswith("Pid:")).split()[1])
        os.killpg(group, 0)
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)


def _fdinfo(number):
    return Path(f"/proc/self/fdinfo/{number}").read_text(encoding="utf-8").splitlines()


def test_a_server_that_does_not_start_says_why(monkeypatch):
    said = [sys.executable, "-c", "import sys; sys.exit('no room')"]
    monkeypatch.setattr(deployed, "_command", lambda *_: said)
    planned = measuring.plan(scenario({"s": LOOP}), None, MINUTE, ("uvicorn",))
    with pytest.raises(RunError, match="uvicorn ended as it started; it said: no room"):
        measuring.measure(planned, MINUTE)


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="the end of a process is seen by it")
def test_a_server_that_ends_ends_the_run(monkeypatch):
    wait = deployed.Deployed._wait

    def killed(host, process):
        wait(host, process)
        process.kill()

    monkeypatch.setattr(deployed.Deployed, "_wait", killed)
    planned = measuring.plan(scenario({"s": LOOP}), None, MINUTE, ("uvicorn",))
    with pytest.raises(RunError, match=r"a worker process ended .*; uvicorn said: nothing"):
        measuring.measure(planned, MINUTE)


@pytest.mark.parametrize(
    ("server", "more", "said"),
    [
        ({"model": "serial"}, {}, "uvicorn cannot serve model: serial; add --with gunicorn, or"),
        ({**LOOP, "discipline": "lifo"}, {}, "s.discipline: cannot be measured: real servers"),
        ({**LOOP, "backlog": 5}, {}, "s.backlog: cannot be measured: real servers count in ways"),
        ({**LOOP, "max_in_flight": 5}, {}, "s.max_in_flight: cannot be measured: real servers"),
        ({**LOOP, "queue_timeout": "5ms"}, {}, "s.queue_timeout: cannot be measured: real"),
        (
            LOOP,
            {"requests": {"page": [{"respond": True}, {"cpu": "1ms"}], "bad": [{"cpu": 0}]}},
            "servers.s: cannot be measured: an answer before the end is not measured with real",
        ),
    ],
)
def test_what_a_real_server_does_in_ways_of_its_own_is_refused(server, more, said):
    with pytest.raises(ScenarioError) as refused:
        measuring.plan(scenario({"s": server}, **more), None, MINUTE, ("uvicorn",))
    (fault,) = refused.value.faults
    assert said in str(fault)


def test_servers_are_known_and_installed(monkeypatch):
    with pytest.raises(InputError, match="--with nginx: not a server; it is one of uvicorn, hyp"):
        deployed.check_installed(["nginx"])
    monkeypatch.setattr(deployed, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"--with gunicorn: it is not installed; pip install 'si"):
        deployed.check_installed(["gunicorn"])


def test_the_command_names_the_server(simsched, tmp_path):
    (tmp_path / "s.yaml").write_text(json.dumps(scenario({"s": LOOP}).model_dump(mode="json")))
    done = simsched("measure", tmp_path / "s.yaml", "--with", "nginx")
    assert (done.code, done.out) == (2, "")
    assert "--with nginx: not a server" in done.err


@pytest.fixture
def described(monkeypatch):
    """The application's description is in the environment; the looking for its parent is not."""
    workload = draw(scenario({"s": LOOP}), 1)
    text = to_json(
        app.Description,
        app.Description(
            parent=os.getpid(),
            sequential=False,
            sleeps=False,
            switch_s=0.005,
            steps=workload.steps,
            resources=workload.resources,
        ),
    )
    monkeypatch.setenv(app.VARIABLE, text.decode())
    monkeypatch.setattr(app, "_end_with", lambda _: None)
    before = sys.getswitchinterval()
    yield workload
    sys.setswitchinterval(before)


def content(workload, number):
    first, end = workload.first_row[number - 1 : number + 1]
    rows = zip(workload.step_id[first:end], workload.duration_ns[first:end], strict=True)
    program = [[int(step), int(operand), False] for step, operand in rows]
    return json.dumps([number, time.monotonic_ns(), True, program]).encode()


def check_answer(answer):
    status, fields = json.loads(answer)
    assert status == Status.COMPLETED
    found = record_from(fields)
    assert (found.number, found.worker) == (1, os.getpid())
    assert found.spent[Activity.IO] == 8 * MS
    assert [visit.resource for visit in found.visits] == [0]


def test_the_application_answers_under_asgi(described):
    whole, sent = content(described, 1), []
    parts = [
        {"type": "http.request", "body": whole[:10], "more_body": True},
        {"type": "http.request", "body": whole[10:]},
    ]

    async def receive():
        return parts.pop(0)

    async def send(message):
        sent.append(message)

    asyncio.run(app.asgi()({"type": "http"}, receive, send))
    assert [each["type"] for each in sent] == ["http.response.start", "http.response.body"]
    check_answer(sent[1]["body"])


def test_the_application_lives_as_long_as_its_server(described):
    assert len(described) == len(AT)
    kinds, sent = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}], []

    async def receive():
        return kinds.pop(0)

    async def send(message):
        sent.append(message["type"])

    asyncio.run(app.asgi()({"type": "lifespan"}, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_the_application_answers_under_wsgi(described):
    serve, started = app.wsgi(), []
    whole = content(described, 1)
    environ = {"CONTENT_LENGTH": str(len(whole)), "wsgi.input": io.BytesIO(whole)}
    (answer,) = serve(environ, lambda *arguments: started.append(arguments))
    check_answer(answer)
    assert started == [("200 OK", [("Content-Length", str(len(answer)))])]
    assert serve({"wsgi.input": io.BytesIO()}, lambda *_: None) == [b""], "is it there?"


@pytest.mark.parametrize(
    ("head", "code"),
    [(b"HTTP/1.1 200 OK\r\n", 200), (b"HTTP/1.1 503", 503), (b"", 0), (b"what is that", 0)],
)
def test_the_status_of_an_answer_is_read(head, code):
    assert status_code(head) == code
