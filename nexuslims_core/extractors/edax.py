"""EDAX spectra ``.spc``, maps ``.spd`` and line scans ``.lsd`` of Genesis and TEAM.

The layout is the maker's own description, as RosettaSciIO reads it (``rsciio.edax``). A map's calibration lies in files
beside it: ``name.spc`` for energies and angles, an ``.ipr`` for distances; without them it is in channels and pixels.
Energies are in keV, the voltage in kV; the time of a spectrum is in the zone of the instrument.
"""

import struct
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from nexuslims_core.datasets.cleaning import clean_value, quantity
from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.datasets.signals import Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.foreign import FOREIGN_FAULTS, said
from nexuslims_core.extractors.contents.heads import read_head
from nexuslims_core.extractors.rosetta.reading import Read, read_signals
from nexuslims_core.extractors.rosetta.signals import signal
from nexuslims_core.extractors.values.elements import symbol
from nexuslims_core.extractors.values.naming import NUMBER, Row
from nexuslims_core.extractors.values.times import creation_time
from nexuslims_core.quantities import MetadataValue, Quantity

_ROWS = (
    Row("spc_header", "kV", "Accelerating Voltage", "kV"),
    Row("spc_header", "azimuth", "Azimuthal Angle", "degree"),
    Row("spc_header", "elevation", "Elevation Angle", "degree"),
    Row("spc_header", "liveTime", "Live Time", "s"),
    Row("spc_header", "detReso", "Detector Energy Resolution", "eV"),
    Row("spc_header", "evPerChan", "Channel Size", "eV"),
    Row("spc_header", "numPts", "Number of Spectrum Channels", NUMBER),
    Row("spc_header", "startEnergy", "Starting Energy", "keV"),
    Row("spc_header", "endEnergy", "Ending Energy", "keV"),
    Row("spc_header", "tilt", "Stage Tilt", "degree"),
    Row("spc_header", "takeoff", "TakeOff Angle", "degree"),
    Row("spc_header", "ADCTimeConstantNew", "Amplifier Time", "µs"),
    Row("ipr_header", "accV", "Accelerating Voltage", "kV", -1),
    Row("ipr_header", "mag", "Magnification", NUMBER),
    Row("ipr_header", "wd", "Working Distance", "mm"),
    Row("ipr_header", "takeoff", "TakeOff Angle", "degree"),
    Row("ipr_header", "tilt", "Stage Tilt", "degree"),
    Row("ipr_header", "mppX", "Pixel Width", "nm", 3),
    Row("ipr_header", "mppY", "Pixel Height", "nm", 3),
    Row("spd_header", "nFrames", "Number of Frames", NUMBER),
)
_MUST_BE_POSITIVE = frozenset({"Accelerating Voltage", "Magnification", "Working Distance", "Live Time"})
_MOST_ELEMENTS = 48
_HIGHEST_SEM_KV = 30.0
_VERSIONS = (0.5, 1.0)
"""Between these lie the versions of spectra: 0.61 and 0.70 are known."""

_DATE = ("collectDateYear", "collectDateMon", "collectDateDay", "collectTimeHour", "collectTimeMin", "collectTimeSec")
_COUNTS_AT = 3840
_LARGEST_SPECTRUM = 1 << 20
_MAP_TAG = b"MAPSPECTRA_DATA"


class EdaxExtractor:
    """Reads a spectrum, a map or a line scan with what its header and the files beside it say."""

    name = "edax"
    suffixes = frozenset({".lsd", ".spc", ".spd"})
    companions = {".spd": frozenset({".ipr", ".spc"})}  # noqa: RUF012 - the protocol's plain data, never changed

    def claims(self, path: Path, head: bytes) -> bool:
        """Know maps and line scans by the tag that they begin with; spectra have none."""
        return path.suffix.lower() in {".spd", ".lsd"} and head.startswith(_MAP_TAG)

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the spectrum, map or line scan.

        Raises
        ------
        ExtractionError
            If the file is damaged or of another format.
        """
        _check(source.path)
        try:
            return read_signals(source, "edax", named=partial(_named, source), options={"load_all_spc": True})
        except ExtractionError:
            if source.path.suffix.lower() == ".spc" and _COUNTS_AT < source.file.size < _LARGEST_SPECTRUM:
                return (_cut_short(source),)
            raise


extractor = EdaxExtractor()


def _check(path: Path) -> None:
    """Refuse files of other programs, since the reader takes any bytes for a header."""
    head = read_head(path, 16)
    if path.suffix.lower() != ".spc":
        known = head.startswith(_MAP_TAG)
    else:
        known = len(head) >= 4 and _VERSIONS[0] < struct.unpack_from("<f", head)[0] < _VERSIONS[1]
    if not known:
        raise ExtractionError(path, "is no file of EDAX: it begins otherwise")


def _cut_short(source: Source) -> Signal:
    """Return a spectrum that ends within its counts, which the reader takes for a part of the header."""
    layout = import_module("rsciio.edax._api").get_spc_dtype_list
    content = source.path.read_bytes()
    version = round(struct.unpack_from("<f", content)[0], 2)
    header = np.dtype(layout(load_all=True, endianness="<", version=version))
    held = np.frombuffer(content.ljust(header.itemsize, b"\0")[: header.itemsize], header)[0]
    tree = {name: held[name] for name in header.names or ()}
    counts = content[_COUNTS_AT : len(content) - len(content) % 4]
    energies = {"name": "Energy", "units": "keV", "navigate": False}
    energies |= {"scale": float(tree["evPerChan"]) / 1000, "offset": float(tree["startEnergy"])}
    told = {"General": {"title": "EDS Spectrum"}, "Signal": {"signal_type": "EDS_SEM"}}
    read = {"data": np.frombuffer(counts, "<u4")[: int(tree["numPts"])], "axes": [energies], "metadata": told}
    read["original_metadata"] = {"spc_header": tree}
    try:
        return _named(source, read, signal(source, read, inside=False))
    except FOREIGN_FAULTS as error:
        raise ExtractionError(source.path, f"its header is damaged ({said(error)})") from error


def _named(source: Source, read: Read, opened: Signal) -> Signal:
    headers = read.get("original_metadata") or {}
    entries: dict[str, MetadataValue] = {"Data Dimensions": opened.metadata.entries["Data Dimensions"]}
    for row in _ROWS:
        value = _value(headers, row)
        if value is not None:
            entries.setdefault(row.name, value)
    elements = _elements(headers.get("spc_header"))
    entries |= {"Elements": elements} if elements else {}
    made, doubts = creation_time(source, _collected(headers.get("spc_header")))
    points = entries.get("Number of Spectrum Channels")
    short = isinstance(points, int) and bool(opened.axes) and opened.axes[-1].size < points
    metadata = replace(
        opened.metadata,
        creation_time=made,
        notes=(*opened.metadata.notes, *doubts, *(("the file ends before its counts do",) if short else ())),
        dataset_type=DatasetType.SPECTRUM if opened.kind is SignalKind.SPECTRUM else DatasetType.SPECTRUM_IMAGE,
        data_type=_data_type(opened, entries),
        entries=entries,
    )
    return replace(opened, metadata=metadata, quantity="X-rays (counts)")


def _value(headers: Mapping[str, Any], row: Row) -> MetadataValue | None:
    header = headers.get(row.place)
    found = header.get(row.key) if isinstance(header, Mapping) else None
    short = float(str(found)) if isinstance(found, np.float32) else found  # 35.51 and not 35.5099983215332
    number = clean_value(short)
    if row.name in _MUST_BE_POSITIVE and not (isinstance(number, int | float) and number > 0):
        return None
    return quantity(number, row.unit, row.power)


def _collected(header: object) -> datetime | None:
    """Return when a spectrum was collected; None where no such time can be."""
    numbers = [clean_value(header.get(key)) for key in _DATE] if isinstance(header, Mapping) else []
    parts = [number for number in numbers if isinstance(number, int)]
    try:
        return datetime(*parts) if len(parts) == len(_DATE) else None  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None


def _elements(header: object) -> str:
    if not isinstance(header, Mapping):
        return ""
    count = clean_value(header.get("numElem"))
    numbers = list(header.get("at", ()))[: min(count, _MOST_ELEMENTS)] if isinstance(count, int) and count > 0 else []
    return ", ".join(sorted(filter(None, (symbol(int(number)) for number in numbers))))


def _data_type(opened: Signal, entries: Mapping[str, MetadataValue]) -> str:
    """Return ``EDS_Spectrum`` for a spectrum, as NexusLIMS does, since it says nothing of its microscope."""
    voltage = entries.get("Accelerating Voltage")
    if opened.kind is SignalKind.SPECTRUM:
        return "EDS_Spectrum"
    beam = "STEM" if isinstance(voltage, Quantity) and voltage.value > _HIGHEST_SEM_KV else "SEM"
    return f"{beam}_EDS_Spectrum_Imaging"
