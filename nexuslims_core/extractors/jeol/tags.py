"""The tree of names and values in files of JEOL's Analysis Station (``.asw``, ``.img``, ``.map``, ``.pts``).

Reverse-engineered by RosettaSciIO (``rsciio.jeol``). A name stands behind a byte of 1, with the type and the length of
its value; a byte of -1 leads back to the name above.
"""

import struct
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np

Tags = dict[str, Any]

DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - the zone is the instrument's, added later
"""Days of JEOL's times are counted from here, on the instrument's clock."""

_GROUP, _INDEX, _TEXTS = 0, 14, frozenset({12, 13, 20})
_TYPES = {1: "<u1", 2: "<u2", 3: "<i4", 4: "<f4", 5: "<f8", 6: "<u1", 7: "<u2", 8: "<i4", 9: "<f4", 10: "<f8"}
_TYPES |= {11: "?", 14: "<u2", 65552: "?", 65553: "?"}
_LONGEST_NAME, _DEEPEST = 1 << 10, 64
_MOST_TAGS = 100_000
_PORT = b"\xce\xdf\xb0\xc4"  # "port" in half-width letters, with a sign lost


def read_tags(data: bytes, start: int = 0) -> Tags:
    """Return the tree that begins at ``data[start]``; of one that is cut short, what stands before the cut."""
    root: Tags = {}
    above: list[Tags] = [root]
    for _ in range(_MOST_TAGS):
        mark = data[start : start + 1]
        if mark == b"\1" and len(above) < _DEEPEST:
            tag = _tag(data, start + 1)
            if tag is None:
                break
            name, value, start = tag
            below = value if isinstance(value, dict) else {}
            above[-1][name] = value
            above.append(below)
        elif mark == b"\xff" and len(above) > 1:
            above.pop()
            start += 1
        else:
            break
    return root


def at(tags: object, *path: str) -> Any:  # noqa: ANN401 - a value of any type
    """Return what stands under a path of names; None where there is nothing."""
    for name in path:
        tags = tags.get(name) if isinstance(tags, Mapping) else None
    return tags


def when(days: object) -> datetime | None:
    """Return a time on the instrument's clock from JEOL's count of days; None where it is none."""
    try:
        return DAY_ZERO + timedelta(seconds=round(days * 86400, 3)) if isinstance(days, float) and days > 0 else None
    except (OverflowError, ValueError):
        return None


def text_of(raw: bytes) -> str:
    """Return text that is UTF-8 or Japanese."""
    raw = raw.rstrip(b"\0")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("shift_jis", "replace")


def _tag(data: bytes, start: int) -> tuple[str, Any, int] | None:
    """Return name and value of a tag and where the next byte stands; None where the file ends or is damaged."""
    try:
        (length,) = struct.unpack_from("<i", data, start)
        if not 0 < length <= _LONGEST_NAME:
            return None
        raw = data[start + 4 : start + 4 + length].rstrip(b"\0")
        kind, size = struct.unpack_from("<ii", data, start + 4 + length)
    except struct.error:
        return None
    start += 12 + length
    if kind == _GROUP:
        return _name(raw), {}, start
    if size < 0 or start + size > len(data):
        return None
    return _named(_name(raw), kind, data[start : start + size], start + size)


def _name(raw: bytes) -> str:
    return "Port" if raw == _PORT else text_of(raw.removesuffix(b"\xde"))


def _named(name: str, kind: int, raw: bytes, end: int) -> tuple[str, Any, int]:
    value = _value(kind, raw)
    if name[-5:-1] == "PAGE":
        return f"{name}_{value}", {}, end
    if name in {"CountRate", "DeadTime"}:
        return name, {"value": value}, end
    return name, {"index": value} if kind == _INDEX else value, end


def _value(kind: int, raw: bytes) -> Any:  # noqa: ANN401 - a value of any type
    if kind in _TEXTS or kind not in _TYPES:
        texts = text_of(raw).split("\0")
        return texts[0] if len(texts) == 1 else texts
    dtype = np.dtype(_TYPES[kind])
    numbers = np.frombuffer(raw[: len(raw) // dtype.itemsize * dtype.itemsize], dtype)
    return numbers[0].item() if len(numbers) == 1 else numbers
