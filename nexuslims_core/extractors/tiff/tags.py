"""The first directory of a TIFF or BigTIFF file: its tags, and its pixels, not decoded before they are asked for.

After the TIFF 6.0 specification. Pixels that lie uncompressed and in one stretch are read from the file as they are;
others are decoded by tifffile. What a file claims is compared with what it holds before anything is allocated.
"""

import itertools
import math
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.datasets.arrays import ArrayData, FileData
from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.datasets.signals import SignalData
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.contents.claimed_size import BEST_COMPRESSION, SMALLEST_CLAIM

MAGIC = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")

WIDTH, HEIGHT, BITS, COMPRESSION, OFFSETS, SAMPLES, COUNTS = 256, 257, 258, 259, 273, 277, 279
PLANAR, TILE_OFFSETS, TILE_COUNTS, SAMPLE_FORMAT = 284, 324, 325, 339

MOST_DECODED_BYTES = 1 << 30
"""A compressed image that claims more is refused."""

_LONGEST_TAG, _MOST_TAGS = 16 << 20, 4096
_LAYOUTS = {1: "B", 2: "s", 3: "H", 4: "I", 5: "II", 6: "b", 7: "s", 8: "h", 9: "i", 10: "ii", 11: "f", 12: "d"}
_LAYOUTS |= {13: "I", 16: "Q", 17: "q", 18: "Q"}
_RATIONALS = frozenset({5, 10})
_KINDS = {1: "u", 2: "i", 3: "f", 4: "u"}

_DECODING_FAULTS: tuple[type[Exception], ...] = (ArithmeticError, AssertionError, AttributeError, EOFError, ImportError)
_DECODING_FAULTS += (LookupError, MemoryError, OSError, RuntimeError, TypeError, ValueError, struct.error, zlib.error)

TagValue = bytes | tuple[int | float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """The tags of a file's first image.

    Attributes
    ----------
    size
        Bytes of the file.
    order
        ``"<"`` or ``">"``: how numbers lie in the file.
    more
        Whether another image follows.
    """

    path: Path
    size: int
    order: str
    tags: Mapping[int, TagValue]
    more: bool = False

    def numbers(self, tag: int) -> tuple[int, ...]:
        """Return the whole numbers of a tag; none if it is absent."""
        value = self.tags.get(tag, ())
        return () if isinstance(value, bytes) else tuple(int(number) for number in value)

    def number(self, tag: int, default: int = 0) -> int:
        """Return the first whole number of a tag, or ``default``."""
        return next(iter(self.numbers(tag)), default)

    def content(self, tag: int) -> bytes:
        """Return a tag as bytes; empty if it is absent or holds numbers that are no bytes."""
        value = self.tags.get(tag, b"")
        try:
            return value if isinstance(value, bytes) else bytes(int(number) for number in value)
        except (ValueError, OverflowError):
            return b""

    def text(self, tag: int) -> str:
        """Return a tag as text; empty if it is absent or no text."""
        content = self.content(tag).rstrip(b"\x00")
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            return content.decode("cp1252", "replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedPixels:
    """Pixels that tifffile decodes when they are asked for; rows below those of ``shape`` are left out."""

    path: Path
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def blocks(self, index: tuple[int, ...] = (), *, rows: int = 1) -> Iterator[NDArray[Any]]:
        """Yield ``data[index]`` piece by piece along its first axis.

        Raises
        ------
        ExtractionError
            If the pixels cannot be decoded.
        """
        import tifffile  # a third of a second, and most files do not need it

        try:
            pixels = tifffile.imread(self.path, key=0)
        except _DECODING_FAULTS as error:
            reason = clean_text(str(error)) or type(error).__name__
            raise ExtractionError(self.path, f"its pixels cannot be decoded ({reason})") from error
        if pixels.ndim == 3 and pixels.shape[1:] != self.shape[1:]:  # colour after colour
            pixels = np.moveaxis(pixels, 0, -1)
        yield from ArrayData(pixels.reshape(-1, *self.shape[1:])[: self.shape[0]]).blocks(index, rows=rows)


def read_directory(path: Path) -> Directory:
    """Read the tags of the first image; a tag that points out of the file is left out.

    Those who ask whose file it is ask one after the other: they read it once.

    Raises
    ------
    ExtractionError
        If the file cannot be opened or is no TIFF.
    """
    try:
        status = path.stat()
        return _read_once(path, status.st_ino, status.st_size, status.st_mtime_ns)
    except OSError as error:
        raise ExtractionError(path, f"cannot be opened ({error.strerror or error})") from error
    except struct.error as error:
        raise ExtractionError(path, "the file ends before its TIFF directory does") from error


def fits(path: Path, head: bytes, known: Callable[[Directory], bool]) -> bool:
    """Tell whether a file is a TIFF whose first image is known to somebody by its tags."""
    try:
        return head.startswith(MAGIC) and known(read_directory(path))
    except (ExtractionError, OSError):
        return False


def pixels(directory: Directory) -> SignalData:
    """Return the first image of a file: ``(y, x)``, or ``(y, x, colour)``.

    Raises
    ------
    ExtractionError
        If the file claims more pixels than it holds, or pixels of a kind that is not known.
    """
    path, shape, dtype = directory.path, _shape(directory), _dtype(directory)
    check_claim(directory)
    stretches = tuple(_stretches(directory))
    compressed = directory.number(COMPRESSION, 1) != 1
    if math.prod(shape) * dtype.itemsize > MOST_DECODED_BYTES and compressed:
        raise ExtractionError(path, f"claims {shape[1]} × {shape[0]} pixels, too many to be decoded")
    in_order = all(start + count == after for (start, count), (after, _) in itertools.pairwise(stretches))
    plain = not compressed and in_order and directory.number(PLANAR, 1) == 1 and TILE_OFFSETS not in directory.tags
    if plain and dtype.itemsize * 8 == directory.number(BITS, 1):
        return FileData(path=path, offset=stretches[0][0], shape=shape, dtype=dtype)
    return DecodedPixels(path=path, shape=shape, dtype=dtype)


@lru_cache(maxsize=2)
def _read_once(path: Path, *state: int) -> Directory:  # noqa: ARG001 - another state of the file is another file
    with path.open("rb") as file:
        return _read(path, file)


def check_claim(directory: Directory) -> None:
    """Compare what the first image of a file claims with what the file holds of it.

    Raises
    ------
    ExtractionError
        If that is less, or could not be that much when it is decoded.
    """
    width, height = directory.number(WIDTH), directory.number(HEIGHT)
    claimed = height * -(-width * _bits(directory) // 8)
    held = sum(count for _, count in _stretches(directory))
    compressed = directory.number(COMPRESSION, 1) != 1
    if not 0 < claimed <= (max(held * BEST_COMPRESSION, SMALLEST_CLAIM) if compressed and held else held):
        raise ExtractionError(
            directory.path, f"claims {width} × {height} pixels, {claimed} bytes, and holds {held} bytes of them"
        )


def _bits(directory: Directory) -> int:
    """Return the bits of a pixel, all its samples together."""
    bits, samples = directory.numbers(BITS) or (1,), directory.number(SAMPLES, 1)
    return sum(bits) if len(bits) == samples else bits[0] * samples


def _read(path: Path, file: BinaryIO) -> Directory:
    magic = file.read(4)
    if magic not in MAGIC:
        raise ExtractionError(path, "does not begin like a TIFF file")
    order, big = ("<" if magic[:2] == b"II" else ">"), b"+" in magic
    size = file.seek(0, 2)
    file.seek(8 if big else 4)
    (start,) = _unpack(file, order + ("Q" if big else "I"))
    if start >= size:
        raise ExtractionError(path, "the file ends before its TIFF directory begins")
    file.seek(start)
    (count,) = _unpack(file, order + ("Q" if big else "H"))
    entry = struct.Struct(order + ("HHQ8s" if big else "HHI4s"))
    content = file.read(min(count, _MOST_TAGS) * entry.size)
    tags: dict[int, TagValue] = {}
    for tag, kind, length, inline in entry.iter_unpack(content[: len(content) // entry.size * entry.size]):
        value = _value(file, size, order, (kind, length, inline))
        if value is not None:
            tags.setdefault(tag, value)
    behind = start + (8 if big else 2) + count * entry.size
    return Directory(path=path, size=size, order=order, tags=tags, more=_another(file, behind, order, big=big) < size)


def _another(file: BinaryIO, behind: int, order: str, *, big: bool) -> float:
    """Return where the next directory begins; infinity where none does."""
    file.seek(behind)
    try:
        (start,) = _unpack(file, order + ("Q" if big else "I"))
    except struct.error:
        return math.inf
    return start or math.inf


def _unpack(file: BinaryIO, layout: str) -> tuple[Any, ...]:
    return struct.unpack(layout, file.read(struct.calcsize(layout)))


def _value(file: BinaryIO, size: int, order: str, entry: tuple[int, int, bytes]) -> TagValue | None:
    kind, length, inline = entry
    if kind not in _LAYOUTS:
        return None
    layout = order + _LAYOUTS[kind]
    bytes_ = struct.calcsize(layout) * length
    if bytes_ > len(inline):
        (start,) = struct.unpack(order + ("Q" if len(inline) == 8 else "I"), inline)
        if bytes_ > _LONGEST_TAG or start + bytes_ > size:
            return None
        file.seek(start)
        inline = file.read(bytes_)
    content = inline[:bytes_]
    if _LAYOUTS[kind] == "s":
        return content
    parts = [part for parts in struct.iter_unpack(layout, content) for part in parts]
    if kind in _RATIONALS:
        return tuple(above / below for above, below in zip(parts[::2], parts[1::2], strict=True) if below)
    return tuple(parts)


def _shape(directory: Directory) -> tuple[int, ...]:
    samples = directory.number(SAMPLES, 1)
    plane = (directory.number(HEIGHT), directory.number(WIDTH))
    return plane if samples == 1 else (*plane, samples)


def _dtype(directory: Directory) -> np.dtype[Any]:
    bits, kind = directory.number(BITS, 1), _KINDS.get(directory.number(SAMPLE_FORMAT, 1), "")
    size = next((size for size in (1, 2, 4, 8) if bits <= size * 8), 0)
    if not kind or not size or (kind == "f" and size == 1):
        raise ExtractionError(directory.path, f"its pixels have {bits} bits of a kind that is not known")
    dtype: np.dtype[Any] = np.dtype(f"{directory.order}{kind}{size}")
    return dtype


def _stretches(directory: Directory) -> Iterator[tuple[int, int]]:
    """Yield where the pixels lie: start and length of each strip or tile, as far as it is inside the file."""
    tiled = TILE_OFFSETS in directory.tags
    starts = directory.numbers(TILE_OFFSETS if tiled else OFFSETS)
    counts = directory.numbers(TILE_COUNTS if tiled else COUNTS)
    if len(starts) == 1 and not counts:
        counts = (directory.size,)
    for start, count in zip(starts, counts, strict=False):
        yield start, max(0, min(count, directory.size - start))
