"""EMSA/MAS spectra (ISO 22029): ``#KEYWORD -unit: value`` lines, then counts, one spectrum a file.

Values keep the units that the standard fixes, which are those that the file states; nothing is converted here. Lines
that start with ``##`` are a program's own keywords, kept under their own name where they have no better one.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import numpy as np

from nexuslims_core.datasets.arrays import ArrayData
from nexuslims_core.datasets.cleaning import clean_text, clean_value, quantity
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.heads import read_head
from nexuslims_core.extractors.rosetta.values import typed
from nexuslims_core.extractors.values.times import creation_time, first_reading
from nexuslims_core.quantities import MetadataValue

MOST_BYTES = 64 << 20
"""A spectrum of text that is larger than this is none."""

_TEXT, _NUMBER = None, ""
_NAMES: dict[str, tuple[str, str | None]] = {
    "FORMAT": ("File Format", _TEXT),
    "VERSION": ("MSA Format Version", _TEXT),
    "TITLE": ("EDAX Title", _TEXT),
    "DATE": ("EDAX Date", _TEXT),
    "TIME": ("EDAX Time", _TEXT),
    "OWNER": ("EDAX Owner", _TEXT),
    "COMMENT": ("EDAX Comment", _TEXT),
    "DATATYPE": ("Data Format", _TEXT),
    "NPOINTS": ("Number of Data Points", _NUMBER),
    "NCOLUMNS": ("Number of Data Columns", _NUMBER),
    "XUNITS": ("X Column Units", _TEXT),
    "YUNITS": ("Y Column Units", _TEXT),
    "XLABEL": ("X Column Label", _TEXT),
    "YLABEL": ("Y Column Label", _TEXT),
    "XPERCHAN": ("X Units Per Channel", _NUMBER),
    "OFFSET": ("Offset", _NUMBER),
    "CHOFFSET": ("Channel Offset", _NUMBER),
    "SIGNALTYPE": ("Signal Type", _TEXT),
    "BEAMKV": ("Beam Energy", "keV"),
    "EMISSION": ("Emission Current", "µA"),
    "PROBECUR": ("Probe Current", "nA"),
    "BEAMDIAM": ("Beam Diameter", "nm"),
    "MAGCAM": ("Magnification or Camera Length", _NUMBER),
    "CONVANGLE": ("Convergence Angle", "mrad"),
    "COLLANGLE": ("Collection Angle", "mrad"),
    "OPERMODE": ("Operation Mode", _TEXT),
    "THICKNESS": ("Specimen Thickness", "nm"),
    "DWELLTIME": ("Dwell Time", "ms"),
    "INTEGTIME": ("Integration Time", "ms"),
    "ELSDET": ("EELS Detector", _TEXT),
    "EDSDET": ("EDS Detector", _TEXT),
    "ELEVANGLE": ("Elevation Angle", "degree"),
    "AZIMANGLE": ("Azimuthal Angle", "degree"),
    "SOLIDANGL": ("Solid Angle", "sr"),
    "LIVETIME": ("Live Time", "s"),
    "REALTIME": ("Real Time", "s"),
    "TACTYLR": ("Active Layer Thickness", "cm"),
    "TACTLYR": ("Active Layer Thickness", "cm"),
    "TBEWIND": ("Be Window Thickness", "cm"),
    "TAUWIND": ("Au Window Thickness", "cm"),
    "TDEADLYR": ("Dead Layer Thickness", "cm"),
    "AMPTIME (USEC)": ("Amplifier Time", "µs"),
    "ANALYZER TYPE": ("Analyzer Type", _TEXT),
    "ELEMENTS": ("User-Selected Elements", _TEXT),
    "FILENAME": ("Originating File of MSA Export", _TEXT),
    "FPGA VERSION": ("FPGA Version", _TEXT),
    "RESO (MNKA)": ("Energy Resolution", "eV"),
    "TAKEOFF ANGLE": ("TakeOff Angle", "degree"),
    "XTILTSTGE": ("Stage Position α", "degree"),
    "YTILTSTGE": ("Stage Position β", "degree"),
    "XPOSITION": ("Stage Position X", _NUMBER),
    "YPOSITION": ("Stage Position Y", _NUMBER),
    "ZPOSITION": ("Stage Position Z", _NUMBER),
    "TILT ANGLE": ("Stage Tilt", "degree"),
}
_MARKS = frozenset({"SPECTRUM", "ENDOFDATA", "CHECKSUM"})
_TECHNIQUES = {"EDS": "EDS", "EDX": "EDS", "XEDS": "EDS", "ELS": "EELS", "EELS": "EELS", "WDS": "WDS", "CLS": "CL"}
_HEADER_LINE = re.compile(r"#(#?)\s*([^:]*?)\s*(?:-\s*(\w{1,3}))?\s*:(.*)")
_COUNT = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_OWN_KEYWORDS = 100


class MsaExtractor:
    """Reads the header and the counts of one spectrum."""

    name = "msa"
    suffixes = frozenset({".msa", ".emsa", ".ems", ".mas"})
    companions: dict[str, frozenset[str]] = {}  # noqa: RUF012 - the protocol's plain data, never changed

    def claims(self, path: Path, head: bytes) -> bool:  # noqa: ARG002 - the protocol's parameters
        """Know the format by its first line."""
        return re.match(rb"\s*#FORMAT\s*:\s*EMSA/MAS", head, re.IGNORECASE) is not None

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the spectrum.

        Raises
        ------
        ExtractionError
            If this is no EMSA/MAS file, or it holds no counts.
        """
        lines = _lines(source.path)
        header = _header(source.path, lines)
        counts = _counts(source.path, header, lines)
        return (_signal(source, header, counts),)


def _lines(path: Path) -> list[str]:
    content = read_head(path, MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ExtractionError(path, f"is larger than {MOST_BYTES >> 20} MB, so not one spectrum of text")
    try:
        return content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace").splitlines()


def _header(path: Path, lines: Iterable[str]) -> dict[str, str]:
    header: dict[str, str] = {}
    for line in lines:
        found = _HEADER_LINE.match(line.strip())
        if found is None:
            continue
        keyword, value = found[2], clean_text(found[4])
        if keyword.upper() == "SPECTRUM":
            break
        keyword = keyword.upper() if not found[1] or keyword.upper() in _NAMES else keyword
        header[keyword] = f"{header[keyword]} {value}" if keyword == "COMMENT" and keyword in header else value
    if "FORMAT" not in header:
        raise ExtractionError(path, "no #FORMAT line, so not an EMSA/MAS file")
    return header


def _numbers(lines: Iterable[str]) -> Iterator[str]:
    started = False
    for line in map(str.strip, lines):
        if line.startswith("#"):
            keyword = line.lstrip("# ").upper()
            if started and keyword.startswith("ENDOFDATA"):
                return
            started = started or keyword.startswith("SPECTRUM")
        elif started:
            yield from _COUNT.findall(line)


def _counts(path: Path, header: dict[str, str], lines: Iterable[str]) -> ArrayData:
    numbers = np.array(list(_numbers(lines)), dtype=np.float64)
    counts = numbers[1::2] if header.get("DATATYPE", "Y").upper() == "XY" else numbers
    if counts.size == 0:
        raise ExtractionError(path, "holds no counts after its header")
    return ArrayData(counts)


def _signal(source: Source, header: dict[str, str], counts: ArrayData) -> Signal:
    entries, notes = _entries(header)
    technique = _TECHNIQUES.get(header.get("SIGNALTYPE", "").upper(), "")
    made, doubts = _made(source, header)
    points = entries.get("Number of Data Points")
    if isinstance(points, int | float) and points != counts.shape[0]:
        notes = (*notes, f"the header says {points:g} points, the file holds {counts.shape[0]}")
    metadata = Metadata(
        dataset_type=DatasetType.SPECTRUM,
        data_type=f"{technique}_Spectrum".lstrip("_"),
        creation_time=made,
        entries=entries,
        notes=(*notes, *doubts),
    )
    title = header.get("TITLE") or source.path.stem
    axes = (_energy_axis(header, counts.shape[0]),)
    return Signal(
        title=title,
        kind=SignalKind.SPECTRUM,
        metadata=metadata,
        axes=axes,
        data=counts,
        quantity=header.get("YUNITS", ""),
        native=header,
    )


def _entries(header: dict[str, str]) -> tuple[dict[str, MetadataValue], tuple[str, ...]]:
    entries: dict[str, MetadataValue] = {}
    notes: list[str] = []
    own = 0
    for keyword, text in header.items():
        own += keyword not in _NAMES
        if keyword in _MARKS or not text or own > _OWN_KEYWORDS:
            continue
        name, unit = _NAMES.get(keyword, (clean_text(keyword), _TEXT))
        if keyword not in _NAMES:
            value: MetadataValue | None = typed(text)
        else:
            value = clean_value(text) if unit is _TEXT else quantity(text.replace(" ", ""), unit)
        if value is not None and name:
            entries.setdefault(name, value)
        elif unit is not _TEXT:
            notes.append(f"{name}: {text!r} is no number, left out")
    return entries, tuple(notes)


def _made(source: Source, header: dict[str, str]) -> tuple[datetime, tuple[str, ...]]:
    text = f"{header.get('DATE', '')} {header.get('TIME', '')}".strip()
    stated = first_reading(text, "%d-%b-%Y %H:%M", "%d-%b-%Y %H:%M:%S")
    made, notes = creation_time(source, stated)
    if text and stated is None:
        notes = (*notes, f"{text!r} is no date and time: took the time the file was last written instead")
    return made, notes


def _energy_axis(header: dict[str, str], size: int) -> Axis:
    scale, offset = (quantity(header.get(keyword, ""), "") for keyword in ("XPERCHAN", "OFFSET"))
    found = re.search(r"(?<![a-z])([kKmM]?)[eE][vV](?![a-z])", header.get("XUNITS", ""))
    return Axis(
        name=header.get("XLABEL") or "Energy",
        size=size,
        scale=float(scale) if isinstance(scale, int | float) else 1.0,
        offset=float(offset) if isinstance(offset, int | float) else 0.0,
        unit=f"{found[1].lower()}eV" if found else header.get("XUNITS", ""),
    )


extractor = MsaExtractor()
