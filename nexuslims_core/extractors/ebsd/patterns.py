"""EBSD patterns in binary files: EDAX's ``.up1`` and ``.up2`` (8 and 16 bits), Oxford's ``.ebsp``.

Written from the layouts that kikuchipy and PyEBSDIndex read. The settings of the scan lie in other files. Of an
``.ebsp``, whose patterns stand in the order in which they were taken, the first is shown.
"""

import struct
from pathlib import Path
from typing import Any

import numpy as np

from nexuslims_core.datasets.arrays import FileData
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.heads import read_head
from nexuslims_core.extractors.values.times import written
from nexuslims_core.quantities import MetadataValue, Quantity

_DTYPES: dict[str, np.dtype[Any]] = {".up1": np.dtype("<u1"), ".up2": np.dtype("<u2")}
_UP, _UP_GRID = struct.Struct("<4I"), struct.Struct("<B2IB2d")
_LARGEST_SIDE = 1 << 14
Entries = dict[str, MetadataValue]


class EbsdPatternsExtractor:
    """Reads the header of a file of patterns, and the patterns when they are drawn."""

    name = "ebsd_patterns"
    suffixes = frozenset({*_DTYPES, ".ebsp"})
    companions: dict[str, frozenset[str]] = {}  # noqa: RUF012 - the protocol's plain data, never changed

    def claims(self, path: Path, head: bytes) -> bool:  # noqa: ARG002 - the protocol's parameters
        """Leave all other files alone: four small numbers prove nothing."""
        return False

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the patterns.

        Raises
        ------
        ExtractionError
            If the header is damaged, or the file ends before its patterns do.
        """
        head = read_head(source.path, 4096)
        try:
            read = _oxford if source.path.suffix.lower() == ".ebsp" else _edax
            return (read(source, head),)
        except (struct.error, OverflowError, ValueError) as error:
            raise ExtractionError(source.path, "is damaged or ends within its header") from error


def _edax(source: Source, head: bytes) -> Signal:
    dtype = _DTYPES[source.path.suffix.lower()]
    version, width, height, offset = _UP.unpack_from(head)
    count = (source.file.size - offset) // max(1, width * height * dtype.itemsize)
    if not 1 <= version <= 10 or not 0 < width <= _LARGEST_SIDE or not 0 < height <= _LARGEST_SIDE or count < 1:
        raise ExtractionError(source.path, "does not begin like patterns of EDAX, or holds none")
    entries: Entries = {"Manufacturer": "EDAX"}
    if version >= 3:
        _, columns, rows, _, step_x, step_y = _UP_GRID.unpack_from(head, _UP.size)
        entries |= {"Scan Columns": columns, "Scan Rows": rows}
        for name, step in (("Step Size X", step_x), ("Step Size Y", step_y)):
            if 0 < step < 1e6:
                entries[name] = Quantity(value=step, unit="µm")
    data = FileData(path=source.path, offset=offset, shape=(count, height, width), dtype=dtype)
    return _signal(source, data, entries)


def _oxford(source: Source, head: bytes) -> Signal:
    version, *places = struct.unpack_from(f"<{len(head) // 8}q", head)
    first = 0 if version > 0 else 8  # the oldest have no version
    starts = [place for place in places if 8 < place < source.file.size]
    if not starts:
        raise ExtractionError(source.path, "does not begin like patterns of Oxford Instruments")
    at = min(starts)
    with source.path.open("rb") as file:
        file.seek(at)
        compressed, height, width, size = struct.unpack("<4i", file.read(16))
    if not 0 < width <= _LARGEST_SIDE or not 0 < height <= _LARGEST_SIDE:
        raise ExtractionError(source.path, "its first pattern has no possible size")
    count = (at - first) // 8
    entries: Entries = {"Manufacturer": "Oxford Instruments", "Number of Patterns": count}
    bits = 8 * size // (width * height)
    if compressed or bits not in {8, 16} or at + 16 + size > source.file.size:
        return _signal(source, None, entries)
    data = FileData(path=source.path, offset=at + 16, shape=(height, width), dtype=np.dtype(f"<u{bits // 8}"))
    return _signal(source, data, entries)


def _signal(source: Source, data: FileData | None, entries: Entries) -> Signal:
    shape = () if data is None else data.shape
    metadata = Metadata(
        dataset_type=DatasetType.DIFFRACTION,
        data_type="SEM_EBSD",
        creation_time=written(source),
        entries={**({"Data Dimensions": str(shape)} if shape else {}), **entries},
        notes=() if data else ("no picture: its patterns are compressed, or cut short",),
    )
    kind = {0: SignalKind.NONE, 2: SignalKind.IMAGE, 3: SignalKind.IMAGE_STACK}[len(shape)]
    axes = tuple(
        Axis(name=name, size=size) for name, size in zip(("pattern", "y", "x")[3 - len(shape) :], shape, strict=True)
    )
    return Signal(title=source.path.stem, kind=kind, metadata=metadata, axes=axes, data=data)


extractor = EbsdPatternsExtractor()
