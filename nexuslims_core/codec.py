"""Frozen dataclasses to plain JSON and back, for XCom and for the files between two stages.

``decode(T, encode(x)) == x`` holds for every noun of this package. Paths that are not UTF-8 travel as
percent-encoded bytes, so no name is lost or changed on the way.
"""

import json
import os
from collections.abc import Hashable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast
from urllib.parse import quote_from_bytes, unquote_to_bytes

from pydantic import PlainSerializer, PlainValidator, TypeAdapter
from pydantic_core import PydanticSerializationError
from pydantic_core import to_json as pydantic_to_json

T = TypeVar("T")

_HALF_A_PAIR = rb"\ud"
"""How :func:`to_line` writes a byte of a name that is no text, which pydantic's own parser refuses."""


def _path_to_json(path: Path) -> str | dict[str, str]:
    text = os.fspath(path)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return {"path_encoded": quote_from_bytes(os.fsencode(path))}
    return text


def _path_from_json(value: object) -> Path:
    if isinstance(value, str):
        return Path(value)
    if isinstance(value, Mapping):
        return Path(os.fsdecode(unquote_to_bytes(value["path_encoded"])))
    if isinstance(value, Path):
        return value
    raise ValueError(f"{value!r} is no path")  # which pydantic turns into a finding


AnyPath = Annotated[Path, PlainValidator(_path_from_json), PlainSerializer(_path_to_json)]
"""A path in a field of a noun; any name that the file system allows."""


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - pydantic's TypeForm is not in typing yet
    return TypeAdapter(kind)


def encode(value: object, kind: object = None) -> Any:  # noqa: ANN401 - plain JSON has no better type
    """Return ``value`` as plain JSON: dicts, lists, text, numbers, booleans and None.

    ``kind`` is needed only where ``type(value)`` does not say it all, as in ``tuple[Activity, ...]``.
    """
    return _adapter(kind or type(value)).dump_python(value, mode="json")


def decode(kind: type[T], data: object) -> T:
    """Return the noun of type ``kind`` that :func:`encode` turned into ``data``.

    Raises
    ------
    pydantic.ValidationError
        If ``data`` does not describe one.
    """
    adapter: TypeAdapter[T] = _adapter(cast("Hashable", kind))
    return adapter.validate_python(data)


def dumps(value: object, kind: object = None) -> bytes:
    """Return ``value`` as JSON text, the same bytes for the same value."""
    return to_json(encode(value, kind))


def to_json(plain: object) -> bytes:
    """Return plain data as indented JSON text in ASCII, which carries every character that Python can hold.

    A number that JSON does not know is written as a word: ``"NaN"``, ``"Infinity"``.
    """
    try:
        return pydantic_to_json(plain, indent=1, ensure_ascii=True, inf_nan_mode="strings") + b"\n"
    except PydanticSerializationError:  # half a surrogate pair
        return json.dumps(plain, indent=1, allow_nan=False).encode("ascii") + b"\n"


def to_line(value: object, kind: object = None) -> bytes:
    """Return ``value`` as JSON text on one line, for programs: written many times as fast as for people."""
    try:
        return _adapter(kind or type(value)).dump_json(value) + b"\n"
    except PydanticSerializationError:  # half a surrogate pair, as in a name that is no text, is beyond its own writer
        return json.dumps(encode(value, kind), allow_nan=False).encode("ascii") + b"\n"


def loads(kind: type[T], text: bytes) -> T:
    """Return the noun of type ``kind`` that :func:`dumps` wrote."""
    return decode(kind, json.loads(text))


def from_line(kind: type[T], text: bytes) -> T:
    """Return the noun of type ``kind`` that :func:`to_line` wrote.

    Raises
    ------
    pydantic.ValidationError
        If ``text`` does not describe one.
    """
    adapter: TypeAdapter[T] = _adapter(cast("Hashable", kind))
    if _HALF_A_PAIR in text:
        return loads(kind, text)
    return adapter.validate_json(text)
