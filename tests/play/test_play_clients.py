"""Many pages at a real server, some of them hostile or gone, and what is left when it ends."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

LECTURE = Path(__file__).parents[2] / "scenarios" / "lecture.yaml"
LONG = ["workload={open: {rate: 9/s}, requests: 30000}", "run.engine=simpy"]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks for processes in /proc")


class Server:
    """A server in a process of its own, and the token of its page."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "simsched", "play", str(LECTURE), "--no-browser"]
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert self.process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:(\d+)/play", self.process.stdout.readline())
        assert found is not None
        self.port = int(found[1])
        self.host = f"127.0.0.1:{self.port}"
        with closing(http.client.HTTPConnection(self.host, timeout=60)) as connection:
            connection.request("GET", "/play")
            page = connection.getresponse().read().decode()
        self.token = json.loads(re.search(r'id="figures">(.*?)</script>', page)[1])["token"]

    def request(self, client: str, changes: list[str]) -> tuple[bytes, dict[str, str]]:
        body = json.dumps({"client": client, "changes": changes}).encode()
        headers = {
            "content-type": "application/json",
            "origin": f"http://{self.host}",
            "x-simsched-token": self.token,
        }
        return body, headers

    def ask(self, client: str, changes: list[str]) -> dict[str, object]:
        body, headers = self.request(client, changes)
        with closing(http.client.HTTPConnection(self.host, timeout=240)) as connection:
            connection.request("POST", "/play/simulate", body, headers)
            found: dict[str, object] = json.loads(connection.getresponse().read())
        return found

    def leave(self, client: str, changes: list[str]) -> None:
        """Ask for something, and go without waiting for it."""
        body, headers = self.request(client, changes)
        with closing(http.client.HTTPConnection(self.host, timeout=60)) as connection:
            connection.request("POST", "/play/simulate", body, headers)

    def throw(self, data: bytes) -> None:
        """Send *data*, and go."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(data)

    def children(self) -> set[int]:
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        texts = ((each / "children").read_text() for each in tasks)
        return {int(pid) for text in texts for pid in text.split()}


@pytest.fixture
def server(tmp_path) -> Iterator[Server]:
    found = Server(tmp_path)
    yield found
    with found.process:  # closes its pipe, and waits for it
        found.process.kill()


def test_twenty_pages_are_answered_beside_those_that_are_hostile_or_gone(server):
    hostile = (
        b"\0" * 5000,
        b"POST /play/simulate HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 99999999\r\n\r\n",
        b"GET /play" + b"/.." * 900 + b" HTTP/1.1\r\n\r\n",
    )
    for number in range(6):
        server.leave(f"gone {number}", LONG)
        server.throw(hostile[number % len(hostile)])
    with ThreadPoolExecutor(20) as pages:
        workers = [[f"servers.serial.workers={1 + n % 5}"] for n in range(20)]
        answers = list(pages.map(server.ask, map(str, range(20)), workers))
    assert all("headlines" in each for each in answers)
    assert len(server.children()) <= 3  # two that simulate, and Python's tracker of semaphores


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_process_is_left_however_the_server_ends(server, number):
    assert "headlines" in server.ask("page", [])
    server.leave("page", LONG)
    children = server.children()
    assert children
    server.process.send_signal(number)
    server.process.wait(timeout=60)
    for _ in range(400):
        left = {pid for pid in children if _runs(pid)}
        if not left:
            return
        time.sleep(0.05)
    pytest.fail(f"processes are left: {left}")


def _runs(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
