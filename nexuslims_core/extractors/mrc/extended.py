"""What stands between an MRC header and its numbers: a record for each image, in one of four layouts.

``FEI1`` and ``FEI2`` are Thermo Fisher's, with the masks that say what was filled in. ``AGAR``, or no name and 1024
records of 128 bytes, is FEI's older one, of which zeros are left out. ``SERI``, or no name and numbers that fit, is
SerialEM's, after IMOD's description of the format. The first record gives the values, all give the range of tilts.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.extractors.mrc import names as mrc_names
from nexuslims_core.extractors.mrc.header import BYTES, Header
from nexuslims_core.extractors.values.value_tables import named_values
from nexuslims_core.quantities import MetadataValue, Quantity

_MOST_RECORDS, _LONGEST_RECORD = 4096, 4096
_OLD_RECORD, _OLD_RECORDS = 128, 1024
_FEI = frozenset({"FEI1", "FEI2"})
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - the file's local time, whose zone is the instrument's
_SERIALEM = ((1, 2), (2, 6), (4, 4), (8, 2), (16, 2), (32, 4))
"""SerialEM's bits, and how many bytes each adds to the record of an image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """What an extended header, or a side-car, says.

    Attributes
    ----------
    tilts
        The stage's tilt at each image, in degrees; empty where none is known.
    pixel_nm
        Width and height of a pixel.
    made
        When the first image was taken; without a zone it is the instrument's local time.
    scan
        Rows and columns of the scan over which the images were repeated.
    """

    entries: Mapping[str, MetadataValue] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    tilts: tuple[float, ...] = ()
    pixel_nm: tuple[float, float] | None = None
    made: datetime | None = None
    scan: tuple[int, int] | None = None
    native: Mapping[str, object] = field(default_factory=dict)


def read_extended(path: Path, header: Header) -> Extended:
    """Return what the extended header of a file says; nothing if its layout is none of those above."""
    if header.extended_kind in _FEI:
        return _fei(path, header)
    nameless = not header.extended_kind.strip("\0 ")
    if header.extended_kind == "AGAR" or (nameless and header.extended == _OLD_RECORD * _OLD_RECORDS):
        return _old_fei(path, header)
    if header.extended_kind == "SERI" or (nameless and 0 < header.each == _serialem_bytes(header.flags)):
        return _serialem(path, header)
    return Extended()


def tilt_range(tilts: tuple[float, ...]) -> dict[str, MetadataValue]:
    """Return the range of tilts of a series; nothing if it has none."""
    known = [tilt for tilt in tilts if math.isfinite(tilt)]
    if len(known) < 2 or max(known) - min(known) < 1e-6:
        return {}
    ends = {"Tilt Angle Minimum": min(known), "Tilt Angle Maximum": max(known)}
    return {name: Quantity(value=round(tilt, 4), unit="degree") for name, tilt in ends.items()}


@cache
def _fei_layout(kind: str, order: str) -> np.dtype[Any]:
    words = (mrc_names.FEI1_FIELDS + (mrc_names.FEI2_FIELDS if kind == "FEI2" else "")).split()
    pairs = (word.split(":") for word in words)
    return np.dtype([(name, ("<" if name.startswith("mask") else order) + code) for name, code in pairs])


def _records(path: Path, header: Header, layout: np.dtype[Any], each: int) -> NDArray[Any]:
    count = min(header.extended // each, header.size[2], _MOST_RECORDS)
    with path.open("rb") as file:
        file.seek(BYTES)
        content = file.read(count * each)
    count = len(content) // each
    padded = np.frombuffer(content[: count * each], np.uint8).reshape(count, each)
    return np.ascontiguousarray(padded[:, : layout.itemsize]).view(layout).reshape(count)


def _fei(path: Path, header: Header) -> Extended:
    layout = _fei_layout(header.extended_kind, header.order)
    each = int(_records(path, header, np.dtype(header.order + "i4"), 4)[0]) if header.extended >= 4 else 0
    if not layout.itemsize <= each <= _LONGEST_RECORD:
        each = layout.itemsize
    records = _records(path, header, layout, each)
    if not len(records):
        return Extended(notes=("its extended header is cut short, so the microscope's settings are not known",))
    first = dict(_filled_in(records[0]))
    told = {name: value for name, value in first.items() if value or name not in mrc_names.FEI_ZERO_IS_UNSET}
    entries, notes = named_values(told, mrc_names.FEI)
    entries |= {name: bool(first[key]) for key, name in mrc_names.FEI_FLAGS.items() if key in first}
    for key, (name, words) in mrc_names.FEI_MODES.items():
        if first.get(key) in words:
            entries[name] = words[first[key]]
    return Extended(
        entries=entries,
        notes=notes,
        tilts=tuple(map(float, records["Alpha_tilt"])) if "Alpha_tilt" in first else (),
        pixel_nm=_pixel(first.get("Pixel_size_X"), first.get("Pixel_size_Y")),
        made=_fei_time(first),
        native=first,
    )


def _filled_in(record: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - numpy's record has no type of its own
    """Yield the fields whose bit is set."""
    mask, bit = 0, 0
    for name in record.dtype.names:
        if name.startswith("mask"):
            mask, bit = int(record[name]), 0
            continue
        if name not in {"size", "version"} and mask >> bit & 1:
            value = record[name].item()
            yield name, clean_text(value.decode("latin-1")) if isinstance(value, bytes) else value
        bit += 1


def _fei_time(first: Mapping[str, Any]) -> datetime | None:
    try:
        if first.get("Acquisition_time_stamp"):
            return datetime.fromtimestamp(first["Acquisition_time_stamp"] / 1e6, UTC)
        return _DAY_ZERO + timedelta(days=first["Timestamp"]) if first.get("Timestamp") else None
    except (OverflowError, ValueError, OSError):
        return None


def _pixel(width: object, height: object) -> tuple[float, float] | None:
    sizes = [size for size in (width, height) if isinstance(size, float) and 1e-13 < size < 1e-3]
    return (sizes[0] * 1e9, sizes[-1] * 1e9) if sizes else None


def _old_fei(path: Path, header: Header) -> Extended:
    layout = np.dtype([(name, header.order + "f4") for name in mrc_names.OLD_FEI_FIELDS])
    records = _records(path, header, layout, _OLD_RECORD)
    if not len(records):
        return Extended()
    first = {name: float(str(records[0][name])) for name in mrc_names.OLD_FEI_FIELDS}
    pixel = _pixel(first["pixel_size"], None)
    if pixel is None:
        return Extended()
    first |= {name: first[name] * 1e-6 for name in mrc_names.OLD_FEI_LENGTHS if abs(first[name]) > 1}
    entries, notes = named_values({name: value for name, value in first.items() if value}, mrc_names.OLD_FEI)
    tilts = tuple(map(float, records["a_tilt"]))
    return Extended(entries=entries, notes=notes, tilts=tilts, pixel_nm=pixel, native=first)


def _serialem_bytes(flags: int) -> int:
    return sum(length for bit, length in _SERIALEM if flags & bit)


def _serialem(path: Path, header: Header) -> Extended:
    each, flags = header.each, header.flags
    if not 0 < each == _serialem_bytes(flags):
        return Extended()
    layout = np.dtype([("words", header.order + "i2", (each // 2,))])
    words = _records(path, header, layout, each)["words"]
    if not len(words):
        return Extended()
    places = {
        bit: sum(length for other, length in _SERIALEM if flags & other and other < bit) // 2 for bit, _ in _SERIALEM
    }
    entries: dict[str, MetadataValue] = {}
    tilts: tuple[float, ...] = ()
    if flags & 1:
        tilts = tuple(round(float(word) / 100, 2) for word in words[:, places[1]])
        entries["Stage Position α"] = Quantity(value=tilts[0], unit="degree")
    if flags & 4:
        x, y = (float(word) / 25 for word in words[0, places[4] : places[4] + 2])
        entries |= {"Stage Position X": Quantity(value=x, unit="µm"), "Stage Position Y": Quantity(value=y, unit="µm")}
    if flags & 8:
        entries["Magnification"] = int(words[0, places[8]]) * 100
    return Extended(entries=entries, tilts=tilts)
