"""What the site has besides the pages: files that they link to, and the lists of all errors."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]

BESIDE = ("scenarios/**/*", "examples/*", "tests/data/measured/**/*", "reports/sample/*")
"""Files of the project that pages link to."""

SHIM = "assets/iframe-worker.js"
"""What the search needs where pages are opened as files; Material loads it from elsewhere."""

PAGES = {"CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}
"""Pages that are kept at the top of the project, where people look for them."""

_OUTSIDE = re.compile(r"(\]\((?:\.\./)*)\.\./((?:scenarios|examples|tests|reports)/)")
_OPEN, _CLOSE = "\ue000", "\ue001"
"""Where the name of what differs begins and ends, which no message contains."""

_NAME = re.compile(f"{_OPEN}[^{_CLOSE}]*{_CLOSE}")
_CURE = re.compile(r"(?:; (.+)|: ((?:write|use|give|name) .+))$", re.S)
"""What to do, at the end of a message."""

_SHORTEST = 14
"""Characters that a message has beside what differs, if it is more than a place."""

_KINDS = {"InputError", "RunError"}
_ROW = re.compile(r"^\| (…[^|]*|[^|]*…) \| ([^|]*) \|$", re.M)


def on_config(config: Any) -> Any:
    """Load nothing from elsewhere."""
    # Material before 9.7 lists the script among extra_javascript, later versions among polyfills.
    config.extra_javascript = _from_here(config.extra_javascript)
    config.extra["polyfills"] = _from_here(config.extra.get("polyfills", []))
    return config


def _from_here(scripts: Sequence[Any]) -> list[Any]:
    return [SHIM if "iframe-worker" in str(each) else each for each in scripts]


def on_files(files: Files, config: Any) -> Files:
    """Add what is not in the folder of the documentation."""
    for pattern in BESIDE:
        for path in filter(Path.is_file, ROOT.glob(pattern)):
            name = path.relative_to(ROOT).as_posix()
            files.append(File.generated(config, name, abs_src_path=str(path)))
    for name, page in PAGES.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: object) -> str:
    """Correct the links that lead out of the documentation, and list the errors."""
    if page.file.src_uri in PAGES.values():
        markdown = markdown.replace("](docs/", "](").replace("](CHANGELOG.md", "](changelog.md")
    markdown = _OUTSIDE.sub(r"\1\2", markdown)
    if page.file.src_uri == "examples.md":
        markdown = markdown.replace("<!-- every scenario -->", "\n".join(_scenarios()))
    if page.file.src_uri == "errors.md":
        cures = list(cures_in(markdown))
        markdown = markdown.replace(
            "<!-- every message about a scenario -->", _table(scenario_messages(), cures)
        )
        markdown = markdown.replace("<!-- every other message -->", _table(other_messages(), cures))
    return markdown


def _scenarios() -> Iterator[str]:
    """Yield the rows of a table of all scenarios, with what each is about."""
    yield from ("| scenario | what it shows |", "| --- | --- |")
    for file in sorted((ROOT / "scenarios").rglob("*.yaml")):
        about = re.search(r"^description: (.*)$", file.read_text(encoding="utf-8"), re.M)
        name = file.relative_to(ROOT / "scenarios").as_posix()
        yield f"| [{name}](scenarios/{name}) | {about[1] if about else ''} |"


def scenario_messages() -> list[str]:
    """Return every message about a scenario or sweep that the tests provoke, without its place."""
    found: set[str] = set()
    for file in ROOT.glob("tests/scenario/bad*/*.txt"):
        lines = file.read_text(encoding="utf-8").splitlines()
        found |= {re.sub(r"^[^:]*(?::\d+)*: ", "", line) for line in lines if line.strip()}
    return sorted(found)


def other_messages() -> list[str]:
    """Return every other message in the source, with the names of what differs in it marked.

    Those that only give a place to another message are left out.
    """
    found: set[str] = set()
    for file in ROOT.glob("simsched/**/*.py"):
        found |= set(_raised(ast.parse(file.read_text(encoding="utf-8"))))
    return sorted(each for each in found if len(re.sub(_NAME, "", each)) > _SHORTEST)


def _raised(tree: ast.Module) -> Iterator[str]:
    assigned: dict[str, list[ast.expr]] = defaultdict(list)
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                assigned[name].append(value)
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=kind), args=[text]) if kind in _KINDS:
                yield from _texts(text, assigned)
            case ast.Call(func=ast.Name(id="Fault"), args=[_, text, *_], keywords=keywords):
                hints = [each.value for each in keywords if each.arg == "hint"]
                hint = next((each for one in hints for each in _texts(one, assigned)), "")
                for message in _texts(text, assigned):
                    yield f"{message}; {hint}" if hint else message


def _texts(text: ast.expr, assigned: Mapping[str, Sequence[ast.expr]]) -> Iterator[str]:
    """Yield what an expression may be as text, in which names have what they were *assigned*."""
    match text:
        case ast.Constant(value=str(value)):
            yield value
        case ast.JoinedStr(values=parts):
            yield "".join(map(_part, parts))
        case ast.IfExp(body=one, orelse=other):
            yield from (*_texts(one, assigned), *_texts(other, assigned))
        case ast.Name(id=name):
            for each in assigned.get(name, ()):
                if not isinstance(each, ast.Name):
                    yield from _texts(each, assigned)


def _part(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    names = [each for each in ast.walk(part) if isinstance(each, ast.Attribute | ast.Name)]
    name = names[0].attr if isinstance(names[0], ast.Attribute) else names[0].id if names else "n"
    return f"{_OPEN}{name.strip('_').replace('_', ' ')}{_CLOSE}"


def cures_in(page: str) -> Iterator[tuple[re.Pattern[str], str]]:
    """Yield the patterns of the table in *page*, and what to do in each case."""
    for shown, cure in _ROW.findall(page):
        parts = (re.escape(each.strip()) for each in shown.split("…"))
        yield re.compile(r"\s*".join(["^", ".*".join(parts).strip(), "$"]), re.S), cure


def entry(message: str, cures: Sequence[tuple[re.Pattern[str], str]]) -> tuple[str, str]:
    """Return what *message* says is wrong, and in Markdown what to do; "" where that is unknown."""
    said, cure = message, ""
    if found := _CURE.search(message):
        said, cure = message[: found.start()], found[1] or found[2]
    known = (each for pattern, each in cures if pattern.match(said))
    return said, _escaped(cure) or next(known, "")


def _table(messages: Sequence[str], cures: Sequence[tuple[re.Pattern[str], str]]) -> str:
    rows = ["| message | what to do |", "| --- | --- |"]
    for message in messages:
        said, cure = entry(message, cures)
        rows.append(f"| {_escaped(said)} | {cure} |")
    return "\n".join(rows)


def _escaped(text: str) -> str:
    """Return *text* as Markdown that shows it as it is, with names in italics."""
    plain = re.sub(r"([\\`*_{}\[\]<>|])", r"\\\1", text.replace("\n", " "))
    return plain.replace(_CLOSE + _OPEN, " ").replace(_OPEN, "*").replace(_CLOSE, "*")
