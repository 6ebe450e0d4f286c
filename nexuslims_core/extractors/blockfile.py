"""Blockfiles of NanoMEGAS ASTAR, ``.blo``: the patterns of a precession scan, after an image of the scan.

Reverse-engineered; RosettaSciIO's reader is the reference for the numbers. Times are days since 1899-12-30 in UTC. The
header states the beam energy in V, camera lengths in tenths of a millimetre, angles in hundredths of a degree, the size
of the scan's steps in nm, and hundredths of pixels a centimetre of the screen. RosettaSciIO takes the camera length to
be ten thousand times smaller in mm: it gives it in m. The image of the scan (virtual bright field) is a signal too.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from math import prod
from pathlib import Path

import numpy as np

from nexuslims_core.datasets.arrays import FileData
from nexuslims_core.datasets.cleaning import clean_text, quantity
from nexuslims_core.datasets.frames import FrameData, Run
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.heads import read_head
from nexuslims_core.extractors.values.times import creation_time
from nexuslims_core.extractors.values.value_tables import Named, named_values
from nexuslims_core.quantities import MetadataValue

_MAGIC = b"IMGBLO"
_FIELDS = struct.Struct("<6sHIIIHHHHHddIHId")
_NAMES_OF_FIELDS = (
    "id",
    "magic",
    "image at",
    "patterns at",
    "flags",
    "side",
    "pattern rotation",
    "columns",
    "rows",
    "scan rotation",
    "step x",
    "step y",
    "energy",
    "pixels a cm",
    "camera length",
    "time",
)
_NOTE_AT = 240
_LONGEST_NOTE = 1 << 16
_BEFORE_PATTERN = 6
_BLOCKS_LOOKED_AT = 16
_DAY_ZERO = datetime(1899, 12, 30, tzinfo=UTC)
_NAMED = {
    "energy": Named("Voltage", "kV", -3),
    "camera length": Named("Camera Length", "mm", -1),
    "scan rotation": Named("Scan Rotation", "degree", -2),
    "pattern rotation": Named("Pattern Rotation", "degree", -2),
    "step x": Named("Pixel Width", "nm"),
    "step y": Named("Pixel Height", "nm"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """A file's header: its fields, its note, and how many patterns are there whole."""

    fields: Mapping[str, int | float]
    note: str
    scan: tuple[int, int]
    side: int
    held: int

    @property
    def stride(self) -> int:
        """Bytes from pattern to pattern."""
        return _BEFORE_PATTERN + self.side**2


class BlockfileExtractor:
    """Reads the scan's patterns, and its image."""

    name = "blockfile"
    suffixes = frozenset({".blo"})
    companions: dict[str, frozenset[str]] = {}  # noqa: RUF012 - the protocol's plain data, never changed

    def claims(self, path: Path, head: bytes) -> bool:  # noqa: ARG002 - the bytes are proof enough
        """Know the format by its first letters."""
        return head.startswith(_MAGIC)

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the patterns and, if it is there and not empty, the image of the scan.

        Raises
        ------
        ExtractionError
            If the header is damaged.
        """
        block = _block(source)
        image = _image(source, block)
        return (_patterns(source, block), *([] if image is None else [image]))


extractor = BlockfileExtractor()


def _block(source: Source) -> _Block:
    head = read_head(source.path, _LONGEST_NOTE)
    if not head.startswith(_MAGIC) or len(head) < _FIELDS.size:
        raise ExtractionError(source.path, "does not begin like a blockfile")
    fields = dict(zip(_NAMES_OF_FIELDS, _FIELDS.unpack_from(head), strict=True))
    fields.pop("id")
    rows, columns, side, start = (int(fields[name]) for name in ("rows", "columns", "side", "patterns at"))
    if not rows or not columns or not side or not fields["image at"] <= start:
        raise ExtractionError(source.path, f"claims a scan of {columns} × {rows} patterns of {side} × {side} pixels")
    note = head[_NOTE_AT : int(fields["image at"])].split(b"\0")[0]
    held = max(0, source.file.size - start) // (_BEFORE_PATTERN + side**2)
    return _Block(fields=fields, note=note.decode("latin-1"), scan=(rows, columns), side=side, held=held)


def _patterns(source: Source, block: _Block) -> Signal:
    rows = min(block.held // block.scan[1], block.scan[0])
    outer = (rows, block.scan[1]) if rows else (min(block.held, block.scan[1]),)
    start = int(block.fields["patterns at"]) + _BEFORE_PATTERN
    data = FrameData(
        runs=(Run(path=source.path, offset=start, count=prod(outer)),),
        stride=block.stride,
        outer=outer,
        frame=(block.side, block.side),
        dtype=np.dtype("u1"),
    )
    drawn = block.held > 0
    shape = (*(outer if drawn else block.scan), block.side, block.side)
    return Signal(
        title=source.path.stem,
        kind=SignalKind.IMAGE_STACK if drawn else SignalKind.NONE,
        metadata=_metadata(source, block, shape, kind=(DatasetType.DIFFRACTION, "4D_STEM")),
        axes=(*_scan_axes(block, outer), *_pattern_axes(block)) if drawn else (),
        data=data if drawn else None,
        native={**block.fields, "note": block.note},
    )


def _image(source: Source, block: _Block) -> Signal | None:
    """Return the image of the scan, unless the program left its place empty."""
    start = int(block.fields["image at"])
    if start + prod(block.scan) > min(source.file.size, int(block.fields["patterns at"])):
        return None
    data = FileData(path=source.path, offset=start, shape=block.scan, dtype=np.dtype("u1"))
    if not any(piece.any() for piece in islice(data.blocks(), _BLOCKS_LOOKED_AT)):
        return None
    return Signal(
        title=f"{source.path.stem}, virtual bright field",
        kind=SignalKind.IMAGE,
        metadata=_metadata(source, block, block.scan, kind=(DatasetType.IMAGE, "STEM_Imaging")),
        axes=_scan_axes(block, block.scan),
        data=data,
    )


def _scan_axes(block: _Block, outer: tuple[int, ...]) -> tuple[Axis, ...]:
    steps = zip(("y", "x")[-len(outer) :], outer, strict=True)
    return tuple(_axis(name, size, block.fields[f"step {name}"], "nm") for name, size in steps)


def _pattern_axes(block: _Block) -> tuple[Axis, ...]:
    pixels = block.fields["pixels a cm"]
    return tuple(_axis(name, block.side, 100 / pixels if pixels else 0, "cm") for name in ("dy", "dx"))


def _axis(name: str, size: int, step: float, unit: str) -> Axis:
    known = quantity(step, "") is not None and step > 0
    return Axis(name=name, size=size, scale=step, unit=unit) if known else Axis(name=name, size=size)


def _metadata(source: Source, block: _Block, shape: tuple[int, ...], *, kind: tuple[DatasetType, str]) -> Metadata:
    named, notes = named_values(block.fields, _NAMED)
    made, doubts = creation_time(source, _made(block.fields["time"]))
    entries: dict[str, MetadataValue] = {"Data Dimensions": str(shape), **named, **_of_note(block.note)}
    entries |= {"Scan Columns": block.scan[1], "Scan Rows": block.scan[0]}
    missing = () if kind[0] is DatasetType.IMAGE else _missing(block)
    return Metadata(
        dataset_type=kind[0],
        data_type=kind[1],
        creation_time=made,
        entries=entries,
        warnings=("Operator",) if "Operator" in entries else (),
        notes=(*notes, *missing, *doubts),
    )


def _missing(block: _Block) -> tuple[str, ...]:
    claimed = prod(block.scan)
    if not block.held:
        return (f"no picture: claims {claimed} patterns and holds none of them whole: the file ends early",)
    if block.held < claimed:
        return (f"claims {claimed} patterns and holds {block.held} of them whole: the file ends early",)
    return ()


def _of_note(note: str) -> dict[str, MetadataValue]:
    """Return the lines of the program's note that say something: ``Camera gamma : on``."""
    pairs = (line.partition(":") for line in note.splitlines() if ":" in line)
    named = ((" ".join(clean_text(key).split()).title(), clean_text(value)) for key, _, value in pairs)
    return {key: value for key, value in named if key and value}


def _made(days: float) -> datetime | None:
    try:
        return _DAY_ZERO + timedelta(days=days) if days else None
    except (OverflowError, ValueError):
        return None
