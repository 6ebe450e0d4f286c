"""Files of JEOL's Analysis Station: images ``.img``, maps ``.map``, spectrum images ``.pts``, spectra ``.eds``.

Reverse-engineered by RosettaSciIO (``rsciio.jeol``), whose reader opens ``.eds``; the others are read here, since it
unfolds a spectrum image of a megabyte to gigabytes. A project ``.asw`` holds no numbers: it lists the files of its
samples, each of which says all of itself and is a dataset of its own, so that the project is but a list. Voltages are
in kV, lengths in mm, times in the zone of the instrument. Left out are the images that some ``.pts`` files hold beside
the X-rays, and frames of these that were not ended.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path, PureWindowsPath
from typing import Any

import numpy as np

from nexuslims_core.datasets.arrays import ArrayData
from nexuslims_core.datasets.cleaning import clean_text, clean_value, quantity
from nexuslims_core.datasets.events import EventData
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.jeol import names
from nexuslims_core.extractors.jeol.events import CHANNELS, PLACES, PtsStream
from nexuslims_core.extractors.jeol.tags import Tags, at, read_tags, when
from nexuslims_core.extractors.rosetta import metadata as rosetta_metadata
from nexuslims_core.extractors.rosetta.reading import Read, read_signals
from nexuslims_core.extractors.values.elements import symbol
from nexuslims_core.extractors.values.naming import TEXT
from nexuslims_core.extractors.values.times import creation_time
from nexuslims_core.quantities import MetadataValue, Quantity

LARGEST_BYTES = 256 << 20
"""Bytes of an image, a map, a project, or the header of a spectrum image."""

_PICTURES = (".img", ".map")
_TREE_AT = 12  # behind the sizes that stand before a tree
_COUNTS = "X-rays (counts)"
_HIGHEST_SEM_KV = 30.0
_LISTED = 500

Entries = dict[str, MetadataValue]


class JeolExtractor:
    """Reads images, maps, spectrum images, spectra and the list of a project."""

    name = "jeol"
    suffixes = frozenset({".asw", ".eds", ".img", ".map", ".pts"})
    companions: dict[str, frozenset[str]] = {}  # noqa: RUF012 - the protocol's own type, never changed

    def claims(self, path: Path, head: bytes) -> bool:  # noqa: ARG002 - the bytes are proof enough
        """Know the files by the name of their format; those of ``.eds`` have none."""
        return _is_picture(head) or _is_map(head) or _is_project(head)

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return what a file holds, one signal.

        Raises
        ------
        ExtractionError
            If it is damaged or of another format.
        """
        data = _start(source.path)
        if _is_project(data):
            return (_project(source, data),)
        if _is_picture(data):
            return (_picture(source, data),)
        if _is_map(data):
            return (_spectrum_image(source, data),)
        if source.path.suffix.lower() == ".eds":
            return read_signals(source, "jeol", named=_spectrum)
        raise ExtractionError(source.path, "is no file of JEOL's Analysis Station")


extractor = JeolExtractor()


def _is_picture(head: bytes) -> bool:
    return head.startswith(b"\x34\0\0\0JED-2")


def _is_map(head: bytes) -> bool:
    return head.startswith(b"\x30\1\0\0PTTDFILE")


def _is_project(head: bytes) -> bool:
    return head.startswith(b"\0\0\0\0") and b"Analysis Station" in head[:256]


def _start(path: Path) -> bytes:
    """Return a file; of a spectrum image the part before its X-rays."""
    try:
        with path.open("rb") as file:
            head = file.read(64)
            most = struct.unpack_from("<I", head, 28)[0] if _is_map(head) and len(head) >= 36 else LARGEST_BYTES
            return head + file.read(max(0, min(most, LARGEST_BYTES) - len(head)))
    except OSError as error:
        raise ExtractionError(path, f"cannot be opened ({error.strerror or error})") from error


def _picture(source: Source, data: bytes) -> Signal:
    tags = read_tags(data, struct.unpack_from("<I", data, 44)[0] + _TREE_AT) if len(data) >= 48 else {}
    instrument, image, of_map = (at(tags, part) or {} for part in ("Instrument", "Image", "Map"))
    if not image and not instrument:
        raise ExtractionError(source.path, "ends before it says anything of its image")
    size, bits = image.get("Size"), image.get("Bits")
    columns, rows = map(int, size) if isinstance(size, np.ndarray) and len(size) == 2 else (0, 0)
    field_um = _field_um(instrument.get("ScanSize"), instrument.get("Mag"))
    entries = {"Data Dimensions": str((rows, columns)), **_rows(instrument, names.INSTRUMENT)}
    entries |= {**_rows(of_map, names.MAP), **_field(field_um, rows, columns)}
    element = symbol(of_map["ElementNo"]) if isinstance(of_map.get("ElementNo"), int) else None
    entries |= {"Elements": element} if element else {}
    technique = "EDS" if of_map else "Imaging"
    signal = _signal(
        source,
        title=clean_text(str(image.get("Title") or "")) or source.path.stem,
        types=(DatasetType.IMAGE, f"{_scanned(entries)}_{technique}"),
        made=when(image.get("Created")),
        entries=entries,
        tags=tags,
    )
    if not isinstance(bits, np.ndarray) or rows <= 0 or columns <= 0 or len(bits) != rows * columns:
        return _with_note(signal, "no image: the file ends before its numbers do")
    axes = _axes(field_um, rows, columns)
    return replace(signal, kind=SignalKind.IMAGE, axes=axes, data=ArrayData(bits.reshape(rows, columns)))


def _spectrum_image(source: Source, data: bytes) -> Signal:
    if len(data) < 36:
        raise ExtractionError(source.path, "ends before it says anything of its spectra")
    header_at, _, data_at, size = struct.unpack_from("<IIII", data, 20)
    tags = read_tags(data, header_at + _TREE_AT)
    measured = at(tags, "PTTD Data", "AnalyzableMap MeasData") or {}
    condition, counting = (at(measured, part) or {} for part in ("MeasCond", "Doc"))
    detector = at(tags, "PTTD Param", "Params", "PARAMPAGE0_SEM") or {}
    columns, rows = _pixels(at(measured, "Meas Cond", "Pixels"))
    if not measured:
        raise ExtractionError(source.path, "ends before it says anything of its spectra")
    field_um = _field_um(detector.get("ScanSize"), condition.get("Mag"))
    entries = {"Data Dimensions": str((rows, columns, CHANNELS)), **_rows(condition, names.CONDITION)}
    entries |= {**_rows(counting, names.COUNTING), **_field(field_um, rows, columns)}
    entries = {**_rows(detector, names.DETECTOR), **entries, **_rates(counting)}
    signal = _signal(
        source,
        title="EDS map",
        types=(DatasetType.SPECTRUM_IMAGE, f"{_scanned(entries)}_EDS_Spectrum_Imaging"),
        made=when(struct.unpack_from("<d", data, 296)[0]) if len(data) >= 304 else None,
        entries=entries,
        tags=tags,
    )
    if not 0 < rows <= PLACES or not 0 < columns <= PLACES:
        return _with_note(signal, "its numbers cannot be read: the size of the map is not known")
    stream = PtsStream(path=source.path, offset=data_at, size=size, rows=rows, columns=columns)
    axes = (*_axes(field_um, rows, columns), _energies(tags, measured))
    events = EventData(shape=(rows, columns, CHANNELS), events=stream.events)
    return replace(signal, kind=SignalKind.SPECTRUM_IMAGE, axes=axes, data=events, quantity=_COUNTS)


def _spectrum(read: Read, opened: Signal) -> Signal:
    """Name what RosettaSciIO reads of a spectrum."""
    header = at(read, "original_metadata", "Header") or {}
    footer = at(read, "original_metadata", "Footer") or {}
    entries: Entries = {"Data Dimensions": opened.metadata.entries["Data Dimensions"]}
    entries |= {**_rows(at(footer, "Parameters") or {}, names.DETECTOR), **_rows(header, names.SPECTRUM)}
    chosen = {str(line).split(" ")[0] for line in at(footer, "Selected elements") or {}}
    entries |= {"Elements": ", ".join(sorted(chosen))} if chosen else {}
    beam = opened.metadata.data_type.partition("_")[0]
    metadata = replace(
        opened.metadata,
        data_type=f"{beam}_EDS",
        entries=entries,
        warnings=("Operator",) if "Operator" in entries else (),
    )
    return replace(opened, title=str(entries.get("Spectrum Name", "EDS")), metadata=metadata, quantity=_COUNTS)


def _project(source: Source, data: bytes) -> Signal:
    tags = read_tags(data, _TREE_AT)
    views = [(sample, view) for sample in _each(tags, "SampleInfo") for view in _each(sample, "ViewInfo")]
    files = [(view, one) for _, view in views for one in _each(view, "ViewData")]
    listed = [
        f"{_member(one)}  ({_memo(view)}: {clean_text(str(one.get('Keyword', ''))).strip(',')})" for view, one in files
    ]
    entries: Entries = {"Samples": ", ".join(dict.fromkeys(_memo(sample) for sample, _ in views))}
    entries |= {"Number of Views": len(views), "Number of Files": len(files)}
    entries |= {} if len(views) != 1 else _of_view(views[0][1])
    signal = _signal(
        source,
        title=clean_text(str(tags.get("Memo") or "")) or source.path.stem,
        types=(DatasetType.MISC, "EDS_Project"),
        made=None,
        entries={name: value for name, value in entries.items() if value != ""},
        tags=tags,
    )
    missing = [_member(one) for _, one in files if not (source.path.parent / _member(one)).is_file()]
    if missing:
        signal = _with_note(signal, f"{len(missing)} of its {len(files)} files are not beside it, such as {missing[0]}")
    return replace(signal, kind=SignalKind.TEXT, text="\n".join(listed[:_LISTED]) or "a project without files")


def _each(tags: Tags, name: str) -> Iterator[Tags]:
    found = at(tags, name)
    return (one for one in found.values() if isinstance(one, dict)) if isinstance(found, dict) else iter(())


def _memo(tags: Tags) -> str:
    return clean_text(str(tags.get("Memo") or ""))


def _member(tags: Tags) -> str:
    """Return the path that a project gives to one of its files, which never leads out of the project's folder."""
    parts = PureWindowsPath(clean_text(str(tags.get("Filename") or ""))).parts
    return "/".join(part for part in parts if part not in {".", ".."} and "/" not in part and ":" not in part)


def _of_view(view: Tags) -> Entries:
    found = _rows(view, names.VIEW)
    places = view.get("PositionMM")
    if isinstance(places, np.ndarray) and len(places) >= 2:
        for name, place in zip(("Stage Position X", "Stage Position Y"), places, strict=False):
            value = quantity(_short(place), "mm")
            found |= {name: value} if value is not None else {}
    return found


def _signal(
    source: Source,
    *,
    title: str,
    types: tuple[DatasetType, str],
    made: datetime | None,
    entries: Entries,
    tags: Tags,
) -> Signal:
    created, notes = creation_time(source, made)
    metadata = Metadata(dataset_type=types[0], data_type=types[1], creation_time=created, entries=entries, notes=notes)
    native = rosetta_metadata.native(tags)
    return Signal(title=title, kind=SignalKind.NONE, metadata=metadata, native=native)


def _rows(tags: Mapping[str, Any], rows: Iterable[names.Row]) -> Entries:
    found: Entries = {}
    for key, name, unit, power in rows:
        held = _short(tags.get(key))
        value: MetadataValue | None = None
        if unit == TEXT:
            value = clean_value(held) if isinstance(held, str) else None
        elif not isinstance(held, bool | str):
            value = quantity(held, unit, power)
        if value is not None:
            found.setdefault(name, value)
    return found


def _short(value: object) -> object:
    """Return a number with the digits that it was written with: 22.3 and not 22.299999237060547."""
    number = value.item() if isinstance(value, np.generic) else value
    if isinstance(number, float) and float(np.float32(number)) == number:
        return float(str(np.float32(number)))
    return number


def _rates(counting: Tags) -> Entries:
    rate, dead = (at(counting, name, "value") for name in ("CountRate", "DeadTime"))
    found = {"Count Rate": quantity(rate, "1/s"), "Dead Time": quantity(dead, "%")}
    return {name: value for name, value in found.items() if value is not None}


def _scanned(entries: Entries) -> str:
    """Return which microscope it was; Analysis Station knows scanned beams only."""
    voltage = entries.get("Voltage")
    return "STEM" if isinstance(voltage, Quantity) and voltage.value > _HIGHEST_SEM_KV else "SEM"


def _pixels(text: object) -> tuple[int, int]:
    columns, _, rows = str(text).partition("x")
    return (int(columns), int(rows)) if columns.isdecimal() and rows.isdecimal() and len(rows) < 6 else (0, 0)


def _field_um(screen_mm: object, magnification: object) -> float | None:
    """Return the width of the scanned field: that of the screen over the magnification."""
    width, times = quantity(screen_mm, ""), quantity(magnification, "")
    if isinstance(width, int | float) and isinstance(times, int | float) and width > 0 and times > 0:
        return float(width / times * 1000)
    return None


def _field(field_um: float | None, rows: int, columns: int) -> Entries:
    if not field_um or not rows or not columns:
        return {}
    return {
        "Horizontal Field Width": Quantity(value=field_um, unit="µm"),
        "Pixel Width": Quantity(value=field_um / columns * 1000, unit="nm"),
        "Pixel Height": Quantity(value=field_um / rows * 1000, unit="nm"),
    }


def _axes(field_um: float | None, rows: int, columns: int) -> tuple[Axis, Axis]:
    if not field_um:
        return Axis(name="y", size=rows), Axis(name="x", size=columns)
    return (
        Axis(name="y", size=rows, scale=field_um / rows, unit="µm"),
        Axis(name="x", size=columns, scale=field_um / columns, unit="µm"),
    )


def _energies(tags: Tags, measured: Tags) -> Axis:
    scale, offset = (quantity(at(measured, "Doc", name), "") for name in ("CoefA", "CoefB"))
    template = at(measured, "Meas Cond", "Tpl")
    zero = quantity(at(tags, "PTTD Param", "Params", "PARAMPAGE1_EDXRF", "Tpl", str(template), "DigZ"), "")
    if not isinstance(scale, int | float) or not isinstance(offset, int | float) or not scale:
        return Axis(name="Energy", size=CHANNELS)
    shift = zero if isinstance(zero, int | float) else 0
    return Axis(name="Energy", size=CHANNELS, scale=float(scale), offset=float(offset - scale * shift), unit="keV")


def _with_note(signal: Signal, note: str) -> Signal:
    return replace(signal, metadata=replace(signal.metadata, notes=(*signal.metadata.notes, note)))
