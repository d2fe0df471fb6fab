"""The types of what a scenario may be written with, made from the schema of the file."""

from __future__ import annotations

import keyword
import subprocess
import sysconfig
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

HEADER = '''"""What may be written in a scenario: types for editors and type checkers.

Made from the schema by ``make update``. Each type is the mapping that a file would hold, and makes
one: ``Server(model="serial", workers=4)`` is ``{"model": "serial", "workers": 4}``. What they do
not say, such as bounds, is checked when a scenario is made of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NotRequired, TypeAlias, TypedDict
'''

Schema = Mapping[str, Any]
_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_WIDTH = 93


class Writer:
    """Writes the types of one schema."""

    def __init__(self, schema: Schema) -> None:
        self._definitions: dict[str, Schema] = dict(schema["$defs"])
        servers = _names(_of_any(schema["properties"]["servers"]))
        phases = [name for name in self._definitions if name.endswith("Phase")]
        self._unions = {frozenset(servers): "Server", frozenset(phases): "Phase"}
        joined = _joined([self._definitions.pop(name) for name in servers])
        whole = {**schema, "description": "All sections of a scenario."}
        self._definitions = {**self._definitions, "Server": joined, "Written": whole}
        self._classes: dict[str, str] = {}
        self._aliases = {"Phase": " | ".join(phases)}

    def text(self) -> str:
        """Return the module."""
        for name, schema in self._definitions.items():
            if "properties" in schema:
                self._add(name, schema)
            else:
                self._aliases[name] = self._type(schema, within=name)
        aliases = [f"{name}: TypeAlias = ({_quoted(a)})" for name, a in self._aliases.items()]
        return _formatted("\n\n".join([HEADER, *self._classes.values(), *aliases]) + "\n")

    def _add(self, name: str, schema: Schema) -> str:
        """Write the class of a mapping, and return its name."""
        fields = {key: self._type(each) for key, each in schema["properties"].items()}
        for key in fields.keys() - set(schema.get("required", ())):
            fields[key] = f"NotRequired[{fields[key]}]"
        about = _docstring(schema.get("description", ""))
        if any(keyword.iskeyword(key) for key in fields):
            pairs = ", ".join(f'"{key}": ({_quoted(each)})' for key, each in fields.items())
            self._classes[name] = f'{name} = TypedDict("{name}", {{{pairs}}})\n{about}'
            return name
        lines = (
            f"{key}: {each}\n{_docstring(schema['properties'][key].get('description', ''))}"
            for key, each in fields.items()
        )
        body = textwrap.indent(f"{about}\n\n" + "".join(lines), "    ")
        self._classes[name] = f"class {name}(TypedDict):\n{body}"
        return name

    def _type(self, schema: Schema, within: str = "") -> str:
        """Return the annotation of a value; *within* is the definition that it is all of."""
        match schema:
            case {"$ref": _}:
                return _name(schema)
            case {"anyOf": members} | {"oneOf": members}:
                return self._any(members, within)
            case {"const": value}:
                return f"Literal[{value!r}]"
            case {"enum": values}:
                return f"Literal[{', '.join(map(repr, values))}]"
            case _:
                return self._of_type(schema, within)

    def _of_type(self, schema: Schema, within: str) -> str:
        match schema["type"]:
            case "array":
                return f"Sequence[{self._type(schema['items'])}]"
            case "object" if "properties" in schema:
                title = schema["title"]
                return self._add(f"{title}Mapping" if title == within else title, schema)
            case "object":
                return f"Mapping[str, {self._type(_of_any(schema))}]"
            case [*kinds]:
                return " | ".join(_PLAIN[kind] for kind in kinds)
            case kind:
                return _PLAIN[kind]

    def _any(self, members: Sequence[Schema], within: str) -> str:
        if union := self._unions.get(frozenset(_names({"oneOf": members}))):
            return union
        return " | ".join(dict.fromkeys(self._type(each, within) for each in members))


def _of_any(schema: Schema) -> Schema:
    """Return the schema of the values of a mapping with any keys."""
    (found,) = schema["patternProperties"].values()
    assert isinstance(found, Mapping)
    return found


def _names(schema: Schema) -> list[str]:
    return [_name(each) for each in schema["oneOf"] if "$ref" in each]


def _name(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _joined(parts: Sequence[Schema]) -> Schema:
    """Return the schema of a mapping that may have the keys of any of *parts*."""
    properties: dict[str, Schema] = {}
    for part in parts:
        for key, each in part["properties"].items():
            known = properties.get(key, each)
            values = [value for one in (known, each) for value in _constants(one)]
            properties[key] = {**known, "enum": list(dict.fromkeys(values))} if values else known
            if values:
                properties[key] = {k: v for k, v in properties[key].items() if k != "const"}
    required = set.intersection(*(set(part.get("required", ())) for part in parts))
    description = "A server: its model, and the options of that model."
    return {"description": description, "properties": properties, "required": sorted(required)}


def _constants(schema: Schema) -> Iterator[object]:
    yield from [schema["const"]] if "const" in schema else schema.get("enum", ())


def _quoted(text: str) -> str:
    """Return *text* as a string, in parts that each fit a line."""
    lines = textwrap.wrap(text, _WIDTH - 12)
    return "\n".join([*(f'"{each} "' for each in lines[:-1]), f'"{lines[-1]}"'])


def _docstring(text: str) -> str:
    """Return *text* as a docstring, wrapped."""
    paragraphs = text.replace("\\", "\\\\").split("\n\n")
    whole = "\n\n".join(textwrap.fill(each, _WIDTH) for each in paragraphs)
    end = "" if len(whole) <= _WIDTH - len('"""') else "\n"
    return f'"""{whole}{end}"""\n' if text else ""


def _formatted(text: str) -> str:
    ruff = Path(sysconfig.get_path("scripts")) / "ruff"
    command = [str(ruff), "format", "--stdin-filename", "written.py", "-"]
    root = Path(__file__).parents[2]
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, check=True, timeout=60, cwd=root
    )
    return done.stdout
