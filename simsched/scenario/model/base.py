"""The base of every part of a scenario: frozen, and closed to unknown keys."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import from_json

from simsched.errors import Fault, InputError, ScenarioError
from simsched.scenario.file.composing import compose_values
from simsched.scenario.file.explaining import explain, of_elsewhere
from simsched.scenario.file.problems import Problem, report
from simsched.scenario.file.tree import Document


class Part(BaseModel):
    """One mapping of a scenario file.

    A part made in Python is read from its values as it would be from a file: every public way to
    make one raises a ScenarioError that holds every fault.
    """

    inline: ClassVar[str] = ""
    """A field whose entries a file has in the place of all others."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        defer_build=True,  # the whole is built once, when the first scenario is read
    )

    def __init__(self, /, **values: Any) -> None:
        self.read(compose_values(values, type(self).__name__), into=self)

    # Without this mark pydantic would call __init__ for the parts inside a part, too.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    def __dir__(self) -> list[str]:
        """Return what a part has; the ways to read one, and Pydantic's, are not for its users."""
        return sorted({*super().__dir__()} - {name for name in dir(Part) if name[0] != "_"})

    def __setattr__(self, name: str, _: object) -> None:
        message = f"{name} of a {type(self).__name__} cannot be changed; make a new one"
        raise InputError(f"{message}, or load the scenario again with overrides")

    def __delattr__(self, name: str) -> None:
        self.__setattr__(name, None)

    @classmethod
    def model_validate(cls, obj: Any, **_: Any) -> Self:
        """Return the part that *obj*, a mapping, describes.

        Raises:
            ScenarioError: it cannot be used; it holds every fault.
        """
        return obj if isinstance(obj, cls) else cls.read(compose_values(obj, cls.__name__))

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **_: Any) -> Self:
        """Return the part that *json_data* describes; raise as :meth:`model_validate`."""
        try:
            values = from_json(json_data)
        except ValueError as error:
            raise ScenarioError((Fault(cls.__name__, f"not JSON: {error}"),)) from None
        return cls.model_validate(values)

    @classmethod
    def read(
        cls, document: Document, directory: Path = Path(), *, into: Self | None = None
    ) -> Self:
        """Return the part in *document*, as *into* if that is given.

        Args:
            document: what was written, in a file or in Python.
            directory: what the names of data files are relative to.
            into: the object to fill; a new one unless given.

        Raises:
            ScenarioError: it is none; the error holds every fault.
        """
        part: Self | None = None
        problems: Iterable[Problem] = ()
        if document.root is not None:
            data = document.root.data()
            if not (problems := _of_elsewhere(data, cls)):
                context = cls.context(directory)
                try:
                    part = cls.validated(data, context, into)
                except ValidationError as error:
                    found = error.errors(include_url=False)
                    problems = explain(found, document.root, cls)
                problems = chain(problems, cls.rules(data, context))
        if faults := report(problems, document):
            raise ScenarioError(faults)
        assert part is not None  # noqa: S101  there would be faults
        return part

    @classmethod
    def validated(cls, data: object, context: object = None, into: Self | None = None) -> Self:
        """Return the part in plain *data*, as *into* if that is given.

        Raises:
            ValidationError: it is none. Pydantic joins it with others where a validator raises it.
        """
        part: Self = cls.__pydantic_validator__.validate_python(
            data, context=context, self_instance=into
        )
        return part

    @classmethod
    def context(cls, directory: Path) -> object:  # noqa: ARG003  most parts read no files
        """Return what validators are given, where data files are relative to *directory*."""
        return None

    @classmethod
    def rules(cls, data: object, context: object) -> Iterable[Problem]:  # noqa: ARG003
        """Return what is wrong between the values of *data*, whether or not each is right."""
        return ()

    @classmethod
    def fields(cls) -> dict[str, FieldInfo]:
        """Return the fields by the keys that a file uses for them."""
        return {field.alias or name: field for name, field in cls.model_fields.items()}

    @classmethod
    def under(cls, key: str) -> Any:
        """Return the annotation of the field that a file calls *key*, or None."""
        cls.model_rebuild()  # resolves annotations that name what is defined after the class
        field = cls.fields().get(key)
        return field.annotation if field else None

    @classmethod
    def home(cls, key: str) -> str:  # noqa: ARG003  most parts know of no other home
        """Return where *key*, which is none of this part's, belongs; nothing where unknown."""
        return ""


def _of_elsewhere(data: object, part: type[Part]) -> list[Problem]:
    """Return what shows that *data* is no such part at all, but a file for another command."""
    keys = [key for key in data if key not in part.fields()] if isinstance(data, dict) else ()
    return [each for key in keys if (each := of_elsewhere(key, (), part)) is not None]


class Untitled(GenerateJsonSchema):
    """Names what is defined, not every field: an editor shows a field's key already."""

    schema_dialect = "https://json-schema.org/draft/2020-12/schema"

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        """Return that no field gets a title."""
        return False
