"""Streams of TVIPS cameras (EMMENU, versions 1 and 2): ``name_000.tvips``, and ``name_001.tvips`` and so on behind it.

Reverse-engineered; RosettaSciIO's reader is the reference for the numbers. The first part has a header, every image one
of its own. The header states the voltage in kV, pixels in nm (of diffraction in 1/nm), the total magnification or, of
diffraction, the camera length in mm; the image its time in seconds since 1970, angles in degrees, the current in nA as
RosettaSciIO takes it, and the stage's place in a unit that nobody wrote down: it has none here, and a warning. A scan
is not put into rows and columns, since only its running index is stored and the beam may come back or wind.
"""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from nexuslims_core.datasets.frames import FrameData, Run
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.times import creation_time
from nexuslims_core.extractors.value_tables import Named, named_values
from nexuslims_core.quantities import MetadataValue

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
_NAMED = {
    "voltage": Named("Voltage", "kV"),
    "binning": Named("Binning", ""),
    "current": Named("Beam Current", "nA"),
    "stage x": Named("Stage Position X", ""),
    "stage y": Named("Stage Position Y", ""),
    "stage z": Named("Stage Position Z", ""),
    "stage a": Named("Stage Position α", "degree"),
    "stage b": Named("Stage Position β", "degree"),
}

_DOUBTFUL = ("Stage Position X", "Stage Position Y", "Stage Position Z")

_Fields = Mapping[str, int | float]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stream:
    """A series: the header of its first part, the header of its first image, and where its images lie."""

    header: _Fields
    image: _Fields
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


class TvipsExtractor:
    """Reads series of images and of diffraction patterns."""

    name = "tvips"
    suffixes = frozenset({".tvips"})
    companions = {".tvips": frozenset({"_#.tvips"})}  # noqa: RUF012 - the protocol's plain data, never changed

    def claims(self, path: Path, head: bytes) -> bool:
        """Know the first part of a series by its header; nothing proves a later one."""
        return path.suffix.lower() in self.suffixes and _fields(head) is not None

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the series of all parts.

        Raises
        ------
        ExtractionError
            If it is a later part, or its header is damaged.
        """
        try:
            stream = _stream(source)
        except OSError as error:
            raise ExtractionError(source.path, f"cannot be read ({error.strerror or error})") from error
        return (_signal(source, stream),)


extractor = TvipsExtractor()


def _fields(head: bytes) -> dict[str, int] | None:
    """Return the header's fields if they make sense."""
    if len(head) < _HEADER.size:
        return None
    fields = dict(zip(_HEADER_FIELDS, _HEADER.unpack_from(head), strict=True))
    sides = all(0 < fields[side] <= _LARGEST_SIDE for side in ("columns", "rows"))
    known = (
        fields["version"] in {1, 2} and fields["bits"] in {8, 16} and _HEADER.size <= fields["size"] <= _LARGEST_HEADER
    )
    return fields if sides and known and fields["frame header"] <= _LARGEST_HEADER else None


def _stream(source: Source) -> _Stream:
    with source.path.open("rb") as file:
        header = _fields(file.read(_HEADER.size))
        if header is None:
            raise ExtractionError(source.path, _why_not(source.path))
        file.seek(header["size"])
        first = file.read(_IMAGE.size)
    before = _HEADER_OF_VERSION_1 if header["version"] == 1 else header["frame header"]
    told = before >= _IMAGE.size and len(first) == _IMAGE.size
    image = dict(zip(_IMAGE_FIELDS, _IMAGE.unpack(first), strict=True)) if told else _short(first)
    stride = before + header["rows"] * header["columns"] * header["bits"] // 8
    runs = tuple(_runs(source.path, header["size"], before, stride))
    heads = _later_heads(runs, before, stride) if told else []
    return _Stream(
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


def _seconds(image: _Fields) -> float:
    return float(image["seconds"]) + float(image["ms"]) / 1000


def _signal(source: Source, stream: _Stream) -> Signal:
    rows, columns = int(stream.header["rows"]), int(stream.header["columns"])
    drawn = stream.count > 0
    data = FrameData(
        runs=stream.runs,
        stride=stream.stride,
        outer=(stream.count,),
        frame=(rows, columns),
        dtype=stream.dtype,
    )
    return Signal(
        title=source.path.stem.removesuffix("_000"),
        kind=SignalKind.IMAGE_STACK if drawn else SignalKind.NONE,
        metadata=_metadata(source, stream),
        axes=_axes(stream, rows, columns) if drawn else (),
        data=data if drawn else None,
        native={"header": dict(stream.header), "first image": dict(stream.image)},
    )


def _axes(stream: _Stream, rows: int, columns: int) -> tuple[Axis, ...]:
    apart, pixel = stream.seconds_apart, float(stream.header["pixel"])
    time = Axis(name="image", size=stream.count)
    time = replace(time, name="time", scale=apart, unit="s") if apart > 0 else time
    unit = "1/nm" if stream.diffraction else "nm"
    names = (("dy", rows), ("dx", columns))
    image = (Axis(name=n, size=size, scale=pixel or 1.0, unit=unit if pixel else "") for n, size in names)
    return (time, *image)


def _metadata(source: Source, stream: _Stream) -> Metadata:
    named, notes = named_values({**stream.header, **stream.image}, _NAMED)
    made, doubts = creation_time(source, _made(stream.image))
    shape = (stream.count, int(stream.header["rows"]), int(stream.header["columns"]))
    entries: dict[str, MetadataValue] = {"Data Dimensions": str(shape), **named, **_enlarged(stream)}
    entries |= {"Number of Images": stream.count, "Number of Files": len(stream.runs)}
    missing = () if stream.count else ("no picture: claims images and holds none of them whole: the file ends early",)
    kind, data_type = DatasetType.IMAGE, "TEM_Imaging"
    if stream.diffraction:
        kind, data_type = DatasetType.DIFFRACTION, "4D_STEM" if stream.scanned else "TEM_Diffraction"
    return Metadata(
        dataset_type=kind,
        data_type=data_type,
        creation_time=made,
        entries=entries,
        warnings=tuple(name for name in _DOUBTFUL if name in entries),
        notes=(*notes, *missing, *_cut(stream), *doubts),
    )


def _enlarged(stream: _Stream) -> dict[str, MetadataValue]:
    name, unit = ("Camera Length", "mm") if stream.diffraction else ("Magnification", "")
    entries, _ = named_values({"it": stream.header["magnification"] or None}, {"it": Named(name, unit)})
    return entries


def _cut(stream: _Stream) -> tuple[str, ...]:
    """Say that a part ends within an image."""
    ends = [(run.path.stat().st_size - run.offset + stream.before) % stream.stride for run in stream.runs]
    return ("the last image of a part is not whole: the file ends early",) if any(ends) and stream.count else ()


def _made(image: _Fields) -> datetime | None:
    if not image.get("seconds"):
        return None
    return datetime.fromtimestamp(int(image["seconds"]), UTC) + timedelta(milliseconds=int(image.get("ms", 0)) % 1000)
