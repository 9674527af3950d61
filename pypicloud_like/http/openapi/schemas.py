"""JSON Schema of typed bodies, so that a body and its description cannot differ: the type checker holds the
code to the type, and the schema is made of the type.

What is understood: ``str``, ``int``, ``float``, ``bool``, ``None``, ``Any``, ``object``, lists,
``dict[str, …]``, unions, ``Literal``, enumerations of texts, ``TypedDict`` with ``NotRequired`` and
``Required``, and ``Annotated`` with :class:`Is` (JSON Schema 2020-12, that of OpenAPI 3.1).
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from enum import Enum
from inspect import cleandoc
from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]
Form: TypeAlias = Any
"""A type, or an annotation, that describes a JSON value."""


class Is:
    """What an annotation says of a value beyond its type, as keywords of JSON Schema."""

    def __init__(self, **keywords: object) -> None:
        self.keywords = keywords


_PLAIN: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    None: {"type": "null"},
    Any: {},
    object: {},
}


def schema_of(form: Form, named: dict[str, Schema]) -> Schema:
    """The schema of a type. Typed dicts become references; what they refer to is added to ``named``.

    :raises TypeError: no JSON value is of this type, or two typed dicts have one name
    """
    if isinstance(form, type) and issubclass(form, Enum):
        return {"type": "string", "enum": [member.value for member in form]}
    if typing.is_typeddict(form):
        return _reference(form, named)
    origin: Any = typing.get_origin(form)
    if origin is not None:
        return _compound(form, origin, typing.get_args(form), named)
    if form in _PLAIN:
        return dict(_PLAIN[form])
    raise TypeError(f"no JSON value is of the type {form!r}")


def _compound(form: Form, origin: Any, inside: tuple[Any, ...], named: dict[str, Schema]) -> Schema:
    if origin is typing.Literal:
        return _literal(inside)
    schemas = [schema_of(each, named) for each in inside if not isinstance(each, Is)]
    if origin is typing.Annotated:
        return _annotated(schemas[0], inside[1:])
    if origin in {typing.Union, types.UnionType}:
        return _either(schemas)
    if origin in {list, Sequence}:
        return {"type": "array", "items": schemas[0]}
    if origin in {dict, Mapping} and inside[0] is str:
        return {"type": "object", "additionalProperties": schemas[1]}
    raise TypeError(f"no JSON value is of the type {form!r}")


def _literal(values: tuple[Any, ...]) -> Schema:
    """With the type beside, if all have one: not every generator of clients finds it out."""
    types_ = {type(value) for value in values}
    told: Schema = schema_of(types_.pop(), {}) if len(types_) == 1 else {}
    return told | ({"const": values[0]} if len(values) == 1 else {"enum": list(values)})


def members(shape: type) -> dict[str, tuple[Form, bool]]:
    """Name → (type, whether it is always there) of the members of a typed dict, in their order."""
    found: dict[str, tuple[Form, bool]] = {}
    for name, hint in typing.get_type_hints(shape, include_extras=True).items():
        # where annotations are texts, the class itself does not know of these two
        match typing.get_origin(hint):
            case typing.NotRequired:
                found[name] = typing.get_args(hint)[0], False
            case typing.Required:
                found[name] = typing.get_args(hint)[0], True
            case _:
                found[name] = hint, name in getattr(shape, "__required_keys__")  # noqa: B009 - mypy knows no typed dict
    return found


def _reference(shape: type, named: dict[str, Schema]) -> Schema:
    name = shape.__name__
    reference = {"$ref": f"#/components/schemas/{name}"}
    made_of = f"{shape.__module__}.{name}"
    if name in named:
        if named[name]["x-type"] != made_of:
            raise TypeError(f"{made_of} and {named[name]['x-type']} would be described by one name")
        return reference
    schema: Schema = {"x-type": made_of}
    named[name] = schema  # before its members: one of them may be of this type
    parts = members(shape)
    described = {"description": " ".join(cleandoc(shape.__doc__).split())} if shape.__doc__ else {}
    schema |= {"type": "object", **described}
    schema["properties"] = {part: schema_of(form, named) for part, (form, _) in parts.items()}
    schema["required"] = [part for part, (_, always) in parts.items() if always]
    return reference


def _annotated(schema: Schema, said: Sequence[object]) -> Schema:
    for more in said:
        if isinstance(more, Is):
            if "$ref" in schema:
                schema = {"allOf": [schema]}
            schema |= more.keywords
    return schema


def _either(schemas: list[Schema]) -> Schema:
    """Plain types go together in one list; anything else stands beside them."""
    plain = [schema for schema in schemas if set(schema) == {"type"}]
    if len(plain) == len(schemas):
        return {"type": [schema["type"] for schema in schemas]}
    return {"anyOf": schemas}
