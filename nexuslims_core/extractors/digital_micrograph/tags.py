"""The tag tree of DigitalMicrograph files (Gatan), versions 3 and 4.

The layout is not published; it is known from reverse engineering, and RosettaSciIO's reader is the reference for every
value: names lose their dots, unnamed tags are numbered (``Data0``, ``TagGroup0``), empty arrays are ``[]``, structures
are tuples. It differs where a number cannot do harm here that it could there: pixels and long arrays stay in the file
as a `Block`, text is decoded from UTF-16 with its surrogate pairs joined, a one-byte integer is an integer.

Every size in a file is a claim. Nothing is allocated for it before the bytes that it needs are known to be there.
"""

import mmap
import os
from dataclasses import dataclass
from pathlib import Path
from struct import Struct, error
from typing import Any, Union

from nexuslims_core.errors import ExtractionError

DEEPEST = 64
"""Groups inside groups; real files have about fifteen."""

MOST_VALUES = 4_000_000
"""Numbers and letters that one tree may hold, a tag counting for eight; real files have under a hundred thousand."""

LONGEST_LIST = 4096
"""Elements up to which an array becomes a list."""

_CODES = {2: "h", 3: "i", 4: "H", 5: "I", 6: "f", 7: "d", 8: "B", 9: "b", 10: "b", 11: "q", 12: "Q"}
_STRUCT, _STRING, _ARRAY, _GROUP_TAG, _DATA_TAG, _UTF16 = 15, 18, 20, 20, 21, 4
_MARK = b"%%%%"
_HEADER = Struct(">bH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """An array that was left where it lies in the file.

    Attributes
    ----------
    offset
        First byte.
    code
        One element in the notation of `struct`, byte order first: ``"<f"``.
    size, size_bytes
        Elements, and the bytes they take.
    """

    offset: int
    code: str
    size: int
    size_bytes: int


Tag = Union[int, float, str, tuple[Any, ...], list[Any], Block, "Tags"]
Tags = dict[str, Tag]


def read_tags(path: Path) -> Tags:
    """Return the tags of a file as nested dicts, without its pixels.

    Raises
    ------
    ExtractionError
        If the file cannot be opened, is not a DigitalMicrograph file, or is damaged.
    """
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size == 0:
                raise ExtractionError(path, "the file is empty")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as buffer:
                return _Reader(path, buffer).tree()
    except OSError as cause:
        raise ExtractionError(path, f"cannot be opened: {cause.strerror}") from cause
    except error as cause:
        raise ExtractionError(path, "the file ends before its tags do: truncated, or still being written") from cause


def at(tags: Tags, *names: str) -> Tag | None:
    """Return what stands under a path of names, or None."""
    here: Tag | None = tags
    for name in names:
        here = here.get(name) if isinstance(here, dict) else None
    return here


def group(tags: Tags, *names: str) -> Tags:
    """Return the group under a path of names; empty where there is none."""
    here = at(tags, *names)
    return here if isinstance(here, dict) else {}


class _Reader:
    """One walk through a file; ``position`` only ever grows, so it ends."""

    __slots__ = (
        "_buffer",
        "_long",
        "_order",
        "_path",
        "_position",
        "_preamble",
        "_simple",
        "_values",
        "_version4",
        "_width",
    )

    def __init__(self, path: Path, buffer: mmap.mmap) -> None:
        self._path, self._buffer, self._values = path, buffer, 0
        version = Struct(">i").unpack_from(buffer, 0)[0]
        if version not in (3, 4):
            raise self._damaged("no DigitalMicrograph file of version 3 or 4")
        self._version4 = version == 4
        self._long, self._width = (Struct(">q"), 8) if self._version4 else (Struct(">i"), 4)
        self._position = 8 + self._width
        self._preamble = Struct(">4sqq" if self._version4 else ">4sii")
        self._order = "<" if Struct(">i").unpack_from(buffer, 4 + self._width)[0] else ">"
        self._simple = {kind: Struct(self._order + code) for kind, code in _CODES.items()}

    def tree(self) -> Tags:
        """Read the root group, which alone has no size before its count."""
        self._position += 2
        return self._group("root", 0)

    def _damaged(self, what: str) -> ExtractionError:
        return ExtractionError(self._path, what)

    def _count(self) -> int:
        """Read a size and refuse one that would lead backwards."""
        (count,) = self._long.unpack_from(self._buffer, self._position)
        if count < 0:
            raise self._damaged(f"damaged at byte {self._position}: a size of {count}")
        self._position += self._width
        return int(count)

    def _spend(self, values: int) -> None:
        self._values += values
        if self._values > MOST_VALUES:
            raise self._damaged(f"holds more than {MOST_VALUES} values besides its pixels")

    def _group(self, name: str, depth: int) -> Tags:
        if depth > DEEPEST:
            raise self._damaged(f"its tags are nested more than {DEEPEST} deep")
        tags: Tags = {}
        unnamed_data = unnamed_groups = 0
        for _ in range(self._count()):
            kind, key = self._header()
            if kind == _DATA_TAG:
                value = self._data(leave=name == "ImageData" and key == "Data")
                tags[key or f"Data{unnamed_data}"] = value
                unnamed_data += not key
            else:
                self._position += 10 if self._version4 else 2
                key, unnamed_groups = (
                    (key, unnamed_groups) if key else (f"TagGroup{unnamed_groups}", unnamed_groups + 1)
                )
                tags[key] = self._group(key, depth + 1)
        return tags

    def _header(self) -> tuple[int, str]:
        kind, length = _HEADER.unpack_from(self._buffer, self._position)
        if kind not in (_DATA_TAG, _GROUP_TAG):
            raise self._damaged(f"damaged at byte {self._position}: neither a tag nor a group of tags begins there")
        self._spend(8)
        self._position += 3
        return kind, _letters(self._take(length)).replace(".", "") if length else ""

    def _take(self, size: int) -> bytes:
        first = self._position
        if first + size > len(self._buffer):
            raise self._damaged(
                f"claims {size} bytes at byte {first}, and ends {first + size - len(self._buffer)} before"
            )
        self._position += size
        return self._buffer[first : self._position]

    def _data(self, *, leave: bool) -> Tag:
        self._position += 8 if self._version4 else 0
        mark, info, encoding = self._preamble.unpack_from(self._buffer, self._position)
        if mark != _MARK:
            raise self._damaged(f"damaged at byte {self._position}: the mark of a tag's data is missing")
        self._position += self._preamble.size
        simple = self._simple.get(encoding)
        if info == 1 and simple is not None:
            (value,) = simple.unpack_from(self._buffer, self._position)
            self._position += simple.size
            return value  # type: ignore[no-any-return]  # struct cannot tell that this is a number
        if info == 2 and encoding == _STRING:
            return self._text(self._count())
        if encoding == _STRUCT:
            return self._structure(self._fields())
        if encoding == _ARRAY:
            return self._array(leave=leave)
        raise self._damaged(f"holds a tag of the unknown kind {encoding} before byte {self._position}")

    def _text(self, length: int) -> str:
        self._spend(length)
        return _letters(self._take(length))

    def _fields(self) -> Struct:
        """Read what a structure is made of: pairs of a length (unused) and a kind, after its name's length (unused)."""
        self._count()
        fields = self._count()
        self._spend(fields)
        codes = []
        for _ in range(fields):
            self._count()
            codes.append(self._code(self._count()))
        return Struct(self._order + "".join(codes))

    def _code(self, kind: int) -> str:
        if kind not in _CODES:
            raise self._damaged(f"holds elements of the unknown kind {kind} before byte {self._position}")
        return _CODES[kind]

    def _structure(self, fields: Struct) -> tuple[Any, ...]:
        return fields.unpack(self._take(fields.size))

    def _array(self, *, leave: bool) -> Tag:
        kind = self._count()
        element = self._fields() if kind == _STRUCT else Struct(self._order + self._code(kind))
        size = self._count()
        offset, size_bytes = self._position, size * element.size
        if offset + size_bytes > len(self._buffer):
            beyond = offset + size_bytes - len(self._buffer)
            raise self._damaged(f"claims {size_bytes} bytes at byte {offset}, and ends {beyond} before: truncated")
        self._position += size_bytes
        if kind == _UTF16 and size and not leave and size <= MOST_VALUES:
            return self._utf16(offset, size)
        if leave or size > LONGEST_LIST:
            return Block(offset=offset, code=element.format, size=size, size_bytes=size_bytes)
        return self._list(kind, element, offset, size)

    def _utf16(self, offset: int, size: int) -> str:
        self._spend(size)
        raw = self._buffer[offset : offset + 2 * size]
        try:
            return raw.decode("utf-16-le" if self._order == "<" else "utf-16-be", "surrogatepass")
        except UnicodeDecodeError:  # half a surrogate pair stands at the end
            return "".join(map(chr, Struct(f"{self._order}{size}H").unpack(raw)))

    def _list(self, kind: int, element: Struct, offset: int, size: int) -> list[Any]:
        self._spend(size * len(element.format))
        if size == 0 or element.size == 0:
            return [()] * size
        elements = element.iter_unpack(self._buffer[offset : offset + size * element.size])
        return list(elements) if kind == _STRUCT else [value for (value,) in elements]


def _letters(raw: bytes) -> str:
    """Decode a name: UTF-8 in new files, Latin-1 in old ones."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
