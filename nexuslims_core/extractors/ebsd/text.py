"""EBSD maps as text: Oxford's ``.ctf`` and ``.cpr`` (with ``.crc``), EDAX's and ASTAR's ``.ang``.

Written from the layouts that MTEX and orix read. The header gives the settings in kV, µm and degrees; of the numbers
one column is read, for a map: band contrast of a ``.ctf``, image quality of an ``.ang`` (the index of ASTAR's). Those
of a ``.crc`` are binary and left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import dropwhile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.datasets.arrays import ArrayData
from nexuslims_core.datasets.cleaning import clean_text, quantity
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.heads import read_head
from nexuslims_core.extractors.ebsd.names import NAMES
from nexuslims_core.extractors.rosetta.names import DOUBTFUL, TEXT
from nexuslims_core.extractors.rosetta.values import typed, words
from nexuslims_core.extractors.values.times import creation_time, first_reading
from nexuslims_core.quantities import MetadataValue, Quantity

MOST_BYTES = 256 << 20
"""A larger map of text is described, not drawn."""

_BEGIN = frozenset(b"-0123456789"[i : i + 1] for i in range(11))
_HEADER_BYTES = 1 << 20
_MOST_VALUES = 150
_HEADS = {
    ".ang": re.compile(rb"\s*#"),
    ".cpr": re.compile(rb"\s*\[General\]"),
    ".ctf": re.compile(rb"Channel Text File"),
}
_PLACES = {".ang": (3, 4, 5), ".ctf": (1, 2, 9)}
"""The columns of x, y and what is drawn."""

_SAYS_NOTHING = re.compile(r"(Field|hklFamilies|DOEuler|Euler|Categor|ID|Reference|Enabled|Number|Count|SquareSearch)")
Entries = dict[str, MetadataValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Settings before the numbers, as pairs of text, and the names of the phases."""

    pairs: tuple[tuple[str, str], ...]
    phases: tuple[str, ...]
    is_astar: bool = False


class EbsdTextExtractor:
    """Reads the header of a map, and one column of it."""

    name = "ebsd_text"
    suffixes = frozenset(_HEADS)
    companions = {".cpr": frozenset({".crc", ".cprx"})}  # noqa: RUF012 - the protocol's plain data, never changed

    def claims(self, path: Path, head: bytes) -> bool:
        """Know a map by its suffix and the first words of its header."""
        pattern = _HEADS.get(path.suffix.lower())
        return pattern is not None and pattern.match(head) is not None

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the map.

        Raises
        ------
        ExtractionError
            If the file cannot be opened, or does not begin as a map does.
        """
        suffix, text = source.path.suffix.lower(), _beginning(source.path)
        if suffix not in _HEADS or not _HEADS[suffix].match(text):
            raise ExtractionError(source.path, f"does not begin like an EBSD map in a {suffix} file")
        header = _READERS[suffix](text.decode("utf-8", "replace"))
        return (_signal(source, suffix, header),)


def _beginning(path: Path) -> bytes:
    return read_head(path, _HEADER_BYTES)


def _ang(text: str) -> Header:
    lines = [line.strip("# \r") for line in text.splitlines() if line.startswith("#")]
    split = [re.split(r"[:\s]+", line, maxsplit=1) for line in lines if line]
    pairs = tuple((pair[0], pair[1]) for pair in split if len(pair) == 2)
    phases = tuple(value for key, value in pairs if key == "MaterialName")
    return Header(pairs=pairs, phases=phases, is_astar="ACOM" in text[:200])


def _cpr(text: str) -> Header:
    pairs: list[tuple[str, str]] = []
    phases: list[str] = []
    section = ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[] ")
        key, found, value = line.partition("=")
        if not found:
            continue
        if key == "StructureName":
            phases.append(value.strip())
        elif section in {"General", "Job", "StagePosition"}:
            pairs.append((key, value.strip()))
    return Header(pairs=tuple(pairs), phases=tuple(phases))


def _ctf(text: str) -> Header:
    pairs: list[tuple[str, str]] = []
    phases: list[str] = []
    waiting = 0
    for line in text.splitlines():
        fields = line.split("\t")
        if fields[0] == "Phase":
            break
        if waiting:
            waiting -= 1
            phases += fields[2:3]
        elif fields[0] == "Phases":
            waiting = int(fields[1]) if fields[1:] and fields[1].isdecimal() else 0
        elif len(fields) > 2:
            pairs += zip(fields[1::2], fields[2::2], strict=False)
        elif len(fields) == 2:
            pairs.append((fields[0], fields[1]))
    return Header(pairs=tuple(pairs), phases=tuple(phases))


_READERS = {".ang": _ang, ".cpr": _cpr, ".ctf": _ctf}


def _entries(header: Header) -> Iterator[tuple[str, MetadataValue]]:
    if header.phases:
        yield "Phases", clean_text(", ".join(header.phases))
    for key, text in header.pairs[:_MOST_VALUES]:
        if _SAYS_NOTHING.match(key) or text.strip("[]").lower() == "unknown":
            continue
        name, unit = NAMES.get(key.lower().replace(" ", "").replace("_", "").rstrip(":"), (words([key]), TEXT))
        value = typed(text.strip())
        made = value if unit is TEXT else quantity(value, unit)
        if made is not None:
            yield name, made


def _signal(source: Source, suffix: str, header: Header) -> Signal:
    entries: Entries = {}
    for name, value in _entries(header):
        entries.setdefault(name, value)
    said = dict(header.pairs)
    made, notes = creation_time(source, _made(said))
    plane, told = _plane(source, suffix, entries)
    shape = None if plane is None else plane.shape
    metadata = Metadata(
        dataset_type=DatasetType.IMAGE,
        data_type="TEM_Orientation_Map" if header.is_astar else "SEM_EBSD",
        creation_time=made,
        entries={**({"Data Dimensions": str(shape)} if shape else {}), **entries},
        warnings=tuple(name for name in entries if name in DOUBTFUL),
        notes=(*notes, *told),
    )
    return Signal(
        title=source.path.stem,
        kind=SignalKind.NONE if plane is None else SignalKind.IMAGE,
        metadata=metadata,
        axes=tuple(_axis(name, size, entries) for name, size in zip("YX", shape or (), strict=True)) if shape else (),
        data=None if plane is None else ArrayData(plane),
        native=said,
    )


def _axis(name: str, size: int, entries: Entries) -> Axis:
    step = entries.get(f"Step Size {name}")
    if isinstance(step, Quantity) and step.value:
        return Axis(name=name.lower(), size=size, scale=float(step.value), unit=step.unit)
    return Axis(name=name.lower(), size=size)


def _made(said: dict[str, str]) -> datetime | None:
    text = f"{said.get('Date', '')} {said.get('Time', '')}".replace("-", ".").strip()
    return first_reading(text, "%d.%m.%Y %H:%M:%S") if text else None


def _plane(source: Source, suffix: str, entries: Entries) -> tuple[NDArray[Any] | None, tuple[str, ...]]:
    """Return one column on the grid of the scan, or why there is none."""
    if suffix not in _PLACES:
        return None, ("the numbers of the map, in its .crc file, are not read",)
    if source.file.size > MOST_BYTES:
        return None, (f"no picture: the map is larger than {MOST_BYTES >> 20} MB",)
    try:
        with source.path.open("rb") as file:
            lines = iter(file) if suffix == ".ang" else dropwhile(lambda line: not line.startswith(b"Phase\t"), file)
            rows = [line.split() for line in lines if line.lstrip()[:1] in _BEGIN]
        values = np.array([[float(row[place]) for place in _PLACES[suffix]] for row in rows if row], np.float64)
    except (ValueError, IndexError, OSError, MemoryError) as error:
        return None, (f"no picture: the numbers of the map are damaged ({error})",)
    return _gridded(values, entries)


def _gridded(values: NDArray[Any], entries: Entries) -> tuple[NDArray[Any] | None, tuple[str, ...]]:
    if not len(values):
        return None, ("no picture: the map holds no numbers",)
    columns, rows = (len(np.unique(values[:, place])) for place in (0, 1))
    stated = entries.get("Scan Columns"), entries.get("Scan Rows")
    if all(isinstance(one, int | float) for one in stated):
        columns, rows = int(stated[0]), int(stated[1])  # type: ignore[arg-type]  # they are numbers
    if columns * rows != len(values):
        return None, (f"no picture: {len(values)} places are no grid of {rows} × {columns}",)
    return values[:, 2].reshape(rows, columns), ()


extractor = EbsdTextExtractor()
