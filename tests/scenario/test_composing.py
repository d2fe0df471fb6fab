"""Trees of nodes, and where each stands."""

from __future__ import annotations

import pytest

from simsched.scenario.file import composing
from simsched.scenario.file.composing import DEEPEST, MOST_REPEATED, compose
from simsched.scenario.file.tree import (
    MOST_FAULTS,
    ListNode,
    MappingNode,
    Node,
    Place,
    ScalarNode,
    child,
    dotted,
)


def tree(text: str) -> Node:
    document = compose(text, "a.yaml")
    assert not document.faults
    assert document.root is not None
    return document.root


def faults(text: str) -> list[str]:
    return [str(fault) for fault in compose(text, "a.yaml").faults]


def test_every_key_and_value_knows_its_line_and_column() -> None:
    root = tree("name: lecture\nservers:\n  µ serial: {model: [a, 'b']}\n")
    assert isinstance(root, MappingNode)
    assert root.place == Place("a.yaml", 1, 1)
    assert root.entries["servers"].place == Place("a.yaml", 2, 1)
    servers = root.entries["servers"].value
    assert isinstance(servers, MappingNode)
    assert servers.entries["µ serial"].place == Place("a.yaml", 3, 3)
    server = servers.entries["µ serial"].value
    assert server.place == Place("a.yaml", 3, 13)
    models = child(server, "model")
    assert isinstance(models, ListNode)
    assert models.items[1] == ScalarNode("a.yaml", 3, 25, "b")


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_lines_are_counted_whatever_ends_them(line_end: str) -> None:
    root = tree(f"a: 1{line_end}{line_end}b: 2{line_end}")
    value = child(root, "b")
    assert value is not None
    assert value.place == Place("a.yaml", 3, 4)


def test_a_tree_is_plain_data() -> None:
    text = "a: [1, 1.5, yes, 'true', true, ~, '~']\nb:\n  c: |\n    two\n    lines\n"
    assert tree(text).data() == {
        "a": [1, 1.5, "yes", "true", True, None, "~"],
        "b": {"c": "two\nlines\n"},
    }


def test_keys_keep_their_order() -> None:
    assert list(tree("b: 1\na: 2\nc: 3\n").data() or ()) == ["b", "a", "c"]


def test_on_and_no_can_be_keys() -> None:
    assert tree("{on: db, no: yes}").data() == {"on": "db", "no": "yes"}


def test_an_alias_repeats_what_its_anchor_names() -> None:
    assert tree("a: &x [1, 2]\nb: *x\nc: &x 3\nd: [*x]\n").data() == {
        "a": [1, 2],
        "b": [1, 2],
        "c": 3,
        "d": [3],
    }


def test_a_repeated_key_is_told_with_both_places_and_the_first_value_stays() -> None:
    document = compose("a: {b: 1, b: 2, c: 3}\na: 4\n", "a.yaml")
    assert [str(fault) for fault in document.faults] == [
        "a.yaml:1:11: a.b: this key is already in line 1, column 5; remove one of the two",
        "a.yaml:2:1: a: this key is already in line 1, column 1; remove one of the two",
    ]
    assert document.root is not None
    assert document.root.data() == {"a": {"b": 1, "c": 3}}


def test_faults_tell_the_path_they_are_on() -> None:
    assert faults("a:\n  - 1\n  - {b: !x 1, ? {c: d} : 2}\n") == [
        "a.yaml:3:9: a[1].b: tags such as '!x' are not allowed; leave it out",
        "a.yaml:3:17: a[1]: a key is text, not a mapping",
    ]


def test_a_syntax_fault_comes_with_the_faults_before_it() -> None:
    assert faults("a: *x\nb: [\n") == [
        "a.yaml:1:4: a: the alias '*x' has no anchor before it",
        "a.yaml:3:1: a value is expected here; write one, or close the list or mapping before it",
    ]


def nested(depth: int) -> str:
    return "[" * (depth - 1) + "x" + "]" * (depth - 1)


def test_values_lie_inside_each_other_to_a_bound() -> None:
    assert faults(nested(DEEPEST)) == []
    assert faults(nested(DEEPEST + 1)) == ["a.yaml:1:101: more than 100 values inside each other"]


def test_an_alias_is_as_deep_as_what_it_repeats() -> None:
    anchored = f"a: &x {nested(DEEPEST - 10)}\n"
    assert faults(f"{anchored}b: {'[' * 9}*x{']' * 9}\n") == []
    assert faults(f"{anchored}b: {'[' * 10}*x{']' * 10}\n") == [
        "a.yaml:2:14: more than 100 values inside each other"
    ]


def test_as_many_values_as_the_bound_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composing, "MOST_VALUES", 1000)
    document = compose(f"[{'1,' * 999}]", "a.yaml")
    assert (document.faults, document.size) == ([], 1000)
    assert faults(f"[{'1,' * 1000}]") == [
        "a.yaml:1:2000: more than 1000 values, aliases written out"
    ]


def test_an_alias_counts_as_all_that_it_repeats() -> None:
    assert compose("a: &x [1, 2, {b: 3}]\nc: *x\nd: [*x, *x]\n", "a.yaml").size == 1 + 4 * 5 + 1


def test_long_text_counts_as_several_values() -> None:
    text = "x" * 320_000
    bomb = f"a: &a {text}\nb: &b [{'*a,' * 60}]\n"
    assert [fault.message for fault in compose(bomb, "a.yaml").faults] == [
        "the aliases repeat 20,002 values; the most is 20,000"
    ]
    assert compose(f"[{text}]", "a.yaml").size == 2 + 10_000


def test_what_aliases_repeat_is_bounded_where_they_stand() -> None:
    ten = "a: &a [[0], [0], [0], [0]]\n"
    sound = f"{ten}b: [{'*a,' * (MOST_REPEATED // 9)}]\n"
    assert faults(sound) == []
    assert faults(f"{sound}c: [*a]\nd: [*a]\n") == [
        "a.yaml:3:5: c[0]: the aliases repeat 20,007 values; the most is 20,000"
    ]


def test_a_file_of_faults_is_not_read_to_its_end() -> None:
    document = compose("a: 1\n" * (MOST_FAULTS + 100), "a.yaml")
    assert len(document.faults) == MOST_FAULTS + 1
    assert document.faults[-1].message == "too many faults to go on"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("requests", "page", 0, "cpu"), "requests.page[0].cpu"),
        (("servers", "my.server", "workers"), 'servers."my.server".workers'),
        (("servers", "a b-c_d", "workers"), "servers.a b-c_d.workers"),
        (("servers", ""), 'servers.""'),
        (("x" * 50,), f'"{"x" * 39}…"'),
    ],
)
def test_a_path_is_written_as_overrides_write_it(path: tuple[str | int, ...], text: str) -> None:
    assert dotted(path) == text
