"""Files that are no scenarios are refused in one line, at once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from simsched.errors import ScenarioError
from simsched.scenario import load, loads
from simsched.scenario.file.tree import MappingNode

pytestmark = pytest.mark.timeout(100)
"""Each takes a second or two; what is not bounded takes many minutes, or never ends."""

FRUGAL = 700 * 2**20
"""Bytes of address space, for a process of which the libraries take half."""


def refusal(path: Path | str) -> str:
    with pytest.raises(ScenarioError) as raised:
        load(path)
    (fault,) = raised.value.faults
    return str(fault)


def test_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "lecture.yaml"
    assert refusal(path) == f"{path}: no such file"


def test_a_misspelt_file_is_told_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "lecture.yaml").touch()
    path = tmp_path / "lectrue.yaml"
    assert refusal(path) == f"{path}: no such file; did you mean 'lecture.yaml'?"


def test_a_missing_directory(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "lecture.yaml"
    assert refusal(path) == f"{path}: no such file; there is no directory '{path.parent}' either"


def test_a_directory(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path}: a directory, not a file"


def test_a_device_that_never_ends() -> None:
    assert refusal("/dev/zero") == "/dev/zero: not a regular file"


def test_a_named_pipe_that_nobody_writes_to(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert refusal(path) == f"{path}: not a regular file"


def test_a_file_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert refusal(tmp_path / "a") == f"{tmp_path / 'a'}: cannot be read: Permission denied"


def test_a_name_that_no_file_can_have() -> None:
    assert refusal("a\0b.yaml") == r"a\x00b.yaml: not a possible name of a file"
    assert refusal("a" * 5000).endswith(": cannot be read: File name too long")


def test_a_file_of_100_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(100 * 2**20)
    assert refusal(path) == f"{path}: larger than 8 MiB, the most that is read"


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfnam: 3\n")
    with pytest.raises(ScenarioError, match=r"bom\.yaml:1:1: nam: unknown key"):
        load(path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\ud800", "the character U+D800 is not allowed"),
        ("name: \x00", "the character U+0000 is not allowed"),
        ("name: \ufffe", "the character U+FFFE is not allowed"),
    ],
)
def test_characters_that_no_text_has(text: str, told: str) -> None:
    with pytest.raises(ScenarioError, match=told.replace("+", r"\+")):
        loads(text)


TAGS = "".join(f"%TAG !a{n}! b\n" for n in range(100_000))

BOMBS = {
    "a bomb of aliases": "a: &a [x, x]\n"
    + "".join(f"k{n}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(25)),
    "a bomb of long aliases": f"a: &a {'x' * 1_000_000}\nb: [{'*a,' * 1000}]\n",
    "deep flow lists": "[" * 4_000_000,
    "deep flow mappings": "{a: " * 1_000_000,
    "deep block lists": "".join(f"{' ' * n}-\n" for n in range(2000)),
    "deep keys": "? " * 1_000_000,
    "many tag directives": f"{TAGS}--- a\n",
    "many later tag directives": f"a: 1\n...\n{TAGS}",
    "many values": f"[{'0,' * 4_000_000}]",
    "many documents": "a\n---\n" * 1_000_000,
    "one long line of text": "x" * 8_000_000,
    "one long key": f"{'x' * 1_000_000}: 1\n",
    "one long number": f"run: {{seed: {'9' * 1_000_000}}}\n",
    "many repeated keys": "a: 1\n" * 1_000_000,
    "many unknown keys": "".join(f"key{n}: 1\n" for n in range(30_000)),
    "many long unknown keys": "".join(f"{'x' * 50}{n}: 1\n" for n in range(20_000)),
    "many anchors": "".join(f"- &a{n} x\n" for n in range(100_000)),
    "many wrong phases": "requests: {a: [" + "{cup: 1}," * 9_000 + "]}\n",
    "many wrong arrivals": "workload: {schedule: [" + "{att: 1, request: [1]}," * 15_000 + "]}\n",
    "many arrivals of unknown classes": "requests: {"
    + "".join(f"class{n}: [{{cpu: 1ms}}]," for n in range(2000))
    + "}\nworkload: {schedule: ["
    + "".join(f"{{at: 0, request: clas{n}}}," for n in range(20_000))
    + "]}\n",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_a_hostile_text_is_refused_at_once(bomb: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        loads(bomb)
    assert len(raised.value.faults) <= 1001
    assert len(str(raised.value)) < 1_000_000


ALIASES = {
    "branches within branches": (
        "requests: {page: [{parallel: [&b [{parallel: [&a [{io: 1ms}], %s]}], %s]}]}",
        ("*a", "*b"),
    ),
    "choices within choices": (
        "requests: {page: [{choose: [&b {weight: 1, phases: [{choose: [&a {weight: 1, "
        "phases: [{io: 1ms}]}, %s]}]}, %s]}]}",
        ("*a", "*b"),
    ),
    "observed durations": (
        "requests: {page: [{cpu: {empirical: {values: &b [1ms, %s]}}}], x: [%s]}",
        ("1ms", "{cpu: {empirical: {values: *b}}}"),
    ),
    "components of mixtures": (
        "requests: {page: [{cpu: {mixture: &b [{weight: 1, duration: 1ms}, %s]}}], x: [%s]}",
        ("{weight: 1, duration: 2ms}", "{cpu: {mixture: *b}}"),
    ),
    "arrivals": (
        "x: &b [&a {at: 1ms, request: page}, %s]\nworkload: {schedule: [%s]}",
        ("*a", "*b"),
    ),
    "servers": ("servers: {x: &b {model: serial, y: [&a [0, 0], %s]}, z: [%s]}", ("*a", "*b")),
    "events": ("events: [&b {at: 1s, for: 1s, x: [&a [0, 0], %s]}, %s]", ("*a", "*b")),
    "values of sweeps": (
        "sweep: {matrix: {servers.a.workers: &b [1, %s], servers.b.workers: [%s]}}",
        ("2", "*b"),
    ),
}


@pytest.mark.parametrize(("text", "repeated"), ALIASES.values(), ids=ALIASES.keys())
def test_aliases_that_repeat_too_much_are_refused_by_their_number(
    text: str, repeated: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def expand(*_: object) -> None:
        raise AssertionError("the values were written out before they were counted")

    monkeypatch.setattr(MappingNode, "data", expand)
    bomb = text % tuple(", ".join([each] * 400) for each in repeated)
    with pytest.raises(ScenarioError) as raised:
        loads(bomb)
    (fault,) = raised.value.faults
    assert re.search(r"the aliases repeat 20,\d\d\d values; the most is 20,000", str(fault))
    assert fault.line is not None
    assert fault.column is not None
    assert fault.path


FRUGALLY = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]),) * 2)
from simsched.errors import ScenarioError
from simsched.scenario import load
try:
    load(sys.argv[2])
except ScenarioError as error:
    print(len(error.faults))
"""


@pytest.mark.parametrize("name", ["a bomb of aliases", "many values", "many wrong arrivals"])
def test_a_hostile_file_is_refused_in_little_memory(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb.yaml"
    path.write_text(BOMBS[name])
    arguments = [sys.executable, "-c", FRUGALLY, str(FRUGAL), str(path)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) >= 1


def test_as_large_a_schedule_as_may_be_is_read_soon() -> None:
    arrivals = "\n".join(f"    - {{at: {n}ms, request: page}}" for n in range(100_000))
    text = (
        "name: large\nrequests: {page: [{cpu: 1ms}]}\nservers: {a: {model: serial}}\n"
        f"workload:\n  schedule:\n{arrivals}\n"
    )
    schedule = loads(text).workload.schedule
    assert schedule is not None
    assert len(schedule) == 100_000
