"""How a stream of TVIPS images lies in its files: a header, and images behind headers of their own, in several parts.

Version 1 says of an image only its number and its time, version 2 the microscope's settings too.
"""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nexuslims_core.datasets.frames import Run
from nexuslims_core.errors import ExtractionError

_HEADER = struct.Struct("<13I")
_HEADER_FIELDS = (
    "size",
    "version",
    "columns",
    "rows",
    "bits",
    "offset x",
    "offset y",
    "binning",
    "binning y",
    "pixel",
    "voltage",
    "magnification",
    "frame header",
)
_IMAGE = struct.Struct("<4If2I5fI2f")
_IMAGE_FIELDS = (
    "number",
    "seconds",
    "ms",
    "colours",
    "current",
    "magnification of image",
    "mode",
    "stage x",
    "stage y",
    "stage z",
    "stage a",
    "stage b",
    "scan index",
    "temperature",
    "objective",
)
_HEADER_OF_VERSION_1 = 12
_DIFFRACTION = 2
_PART = re.compile(r"(.*_)(\d{3})", re.DOTALL)
_MOST_PARTS = 1000
_LARGEST_SIDE, _LARGEST_HEADER = 1 << 16, 1 << 16
_LOOKED_AT = 64

Fields = Mapping[str, int | float]
"""Name to number of what a header says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A series: the header of its first part, the header of its first image, and where its images lie."""

    header: Fields
    image: Fields
    before: int
    runs: tuple[Run, ...]
    scanned: bool
    seconds_apart: float

    @property
    def count(self) -> int:
        """Images that are whole, of all parts."""
        return sum(run.count for run in self.runs)

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """Type of one number."""
        return np.dtype("u1" if self.header["bits"] == 8 else "<u2")

    @property
    def stride(self) -> int:
        """Bytes from image to image."""
        return self.before + int(self.header["rows"]) * int(self.header["columns"]) * self.dtype.itemsize

    @property
    def diffraction(self) -> bool:
        """Whether its images are diffraction patterns."""
        return self.image.get("mode") == _DIFFRACTION


def header_fields(head: bytes) -> dict[str, int] | None:
    """Return the fields of a first part's header if they make sense, else None."""
    if len(head) < _HEADER.size:
        return None
    fields = dict(zip(_HEADER_FIELDS, _HEADER.unpack_from(head), strict=True))
    sides = all(0 < fields[side] <= _LARGEST_SIDE for side in ("columns", "rows"))
    known = (
        fields["version"] in {1, 2} and fields["bits"] in {8, 16} and _HEADER.size <= fields["size"] <= _LARGEST_HEADER
    )
    return fields if sides and known and fields["frame header"] <= _LARGEST_HEADER else None


def read_stream(path: Path) -> Stream:
    """Return how a stream lies in its files, from the first of them.

    Raises
    ------
    ExtractionError
        If it is a later part, or its header is damaged.
    OSError
        If a part cannot be read.
    """
    with path.open("rb") as file:
        header = header_fields(file.read(_HEADER.size))
        if header is None:
            raise ExtractionError(path, _why_not(path))
        file.seek(header["size"])
        first = file.read(_IMAGE.size)
    before = _HEADER_OF_VERSION_1 if header["version"] == 1 else header["frame header"]
    told = before >= _IMAGE.size and len(first) == _IMAGE.size
    image = dict(zip(_IMAGE_FIELDS, _IMAGE.unpack(first), strict=True)) if told else _short(first)
    stride = before + header["rows"] * header["columns"] * header["bits"] // 8
    runs = tuple(_runs(path, header["size"], before, stride))
    heads = _later_heads(runs, before, stride) if told else []
    return Stream(
        header=header,
        image=image,
        before=before,
        runs=runs,
        scanned=len({head["scan index"] for head in (image, *heads)}) > 1 if told else False,
        seconds_apart=_seconds(heads[0]) - _seconds(image) if heads else 0,
    )


def _why_not(path: Path) -> str:
    found = _PART.fullmatch(path.stem)
    if found is not None and int(found[2]) > 0:
        return f"is a later part of a series, which is read from its first, {found[1]}000{path.suffix}"
    return "does not begin like a series of TVIPS images"


def _short(first: bytes) -> dict[str, int | float]:
    """Return what version 1 says of an image: its number and its time."""
    if len(first) < _HEADER_OF_VERSION_1:
        return {}
    return dict(zip(_IMAGE_FIELDS, struct.unpack_from("<3I", first), strict=False))


def _runs(first: Path, header: int, before: int, stride: int) -> list[Run]:
    """Return the images of every part; only the first part has a header, and no number is left out."""
    found = _PART.fullmatch(first.stem)
    later = [first.with_name(f"{found[1]}{n:03d}{first.suffix}") for n in range(1, _MOST_PARTS)] if found else []
    runs = [Run(path=first, offset=header + before, count=max(0, first.stat().st_size - header) // stride)]
    for path in later if found and int(found[2]) == 0 else ():
        if not path.is_file():
            break
        runs.append(Run(path=path, offset=before, count=path.stat().st_size // stride))
    return runs


def _later_heads(runs: tuple[Run, ...], before: int, stride: int) -> list[dict[str, int | float]]:
    """Return the headers of the second image and of some others, evenly chosen from the first part."""
    run, heads = runs[0], []
    chosen = sorted({1, *range(run.count // _LOOKED_AT, run.count, max(1, run.count // _LOOKED_AT))})
    with run.path.open("rb") as file:
        for number in (number for number in chosen if 0 < number < run.count):
            file.seek(run.offset - before + number * stride)
            content = file.read(_IMAGE.size)
            if len(content) == _IMAGE.size:
                heads.append(dict(zip(_IMAGE_FIELDS, _IMAGE.unpack(content), strict=True)))
    return heads


def _seconds(image: Fields) -> float:
    return float(image["seconds"]) + float(image["ms"]) / 1000
