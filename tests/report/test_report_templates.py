"""Templates are compiled once, and their code is kept on disk."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest

from simsched.report.html.templates import environment

NAME = "message.html.j2"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    return tmp_path


def shown() -> str:
    return environment().get_template(NAME).render(title="Gone", text="No such run.")


def forbid_compiling(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(jinja2.Environment, "compile", refuse)


def test_a_template_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = shown()
    forbid_compiling(monkeypatch)
    assert shown() == first


def test_code_that_is_damaged_is_compiled_again(cache: Path) -> None:
    first = shown()
    for damaged in (b"", b"\xff", b"\xe3"):  # cut short, of no kind, and a reference to nothing
        for kept in cache.glob("templates-*/*"):
            kept.write_bytes(damaged)
        assert shown() == first


def test_where_nothing_can_be_written_templates_are_compiled_each_time(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = shown()
    for kept in cache.glob("templates-*/*"):
        kept.unlink()
        kept.mkdir()
    assert shown() == first
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(cache / "file" / "below"))
    (cache / "file").touch()
    assert shown() == first


def test_a_template_that_has_changed_is_compiled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    shown()
    loaded = jinja2.PackageLoader.get_source

    def changed(self: jinja2.PackageLoader, env: jinja2.Environment, name: str) -> tuple:
        source, *rest = loaded(self, env, name)
        return source + "<!-- new -->", *rest

    monkeypatch.setattr(jinja2.PackageLoader, "get_source", changed)
    assert shown().endswith("<!-- new -->")
