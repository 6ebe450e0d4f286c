"""Merlin detectors of Quantum Detectors: ``.mib``, images each behind a header of text, and ``.hdr`` beside it.

After the Merlin user manual and RosettaSciIO's reader, which is the reference for the numbers; of raw files (``R64``),
which it does not read, the order of pixels and chips is LiberTEM's. The lowest row lies first in the file. An image's
header states its time in UTC and its exposure in ns; older ones only the local time and the exposure in s. Thresholds
are in keV. The scan is what the ``.hdr`` states (``ScanX``, ``ScanY``, frames per trigger), else what pauses between
the images tell, if they come in step. Left out are raw files of other chips than one or two by two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from nexuslims_core.datasets.frames import FrameData, Run
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.merlin_header import FrameHeader, parsed_header, read_settings
from nexuslims_core.extractors.merlin_raw import unpacker
from nexuslims_core.extractors.times import creation_time
from nexuslims_core.extractors.value_tables import Named, named_values
from nexuslims_core.quantities import MetadataValue, Quantity

_MOST_TIMES = 2048
_LONGEST_HEADER = 4096
_DTYPES = {"U01": "u1", "U08": "u1", "U16": ">u2", "U32": ">u4", "U64": ">u8"}
_SETTINGS = {
    "Chip Type": Named("Detector Name"),
    "Readout System": Named("Readout System"),
    "Chip ID": Named("Chip ID"),
    "Assembly Size": Named("Chip Arrangement"),
    "Chip Mode": Named("Chip Mode"),
    "Counter Depth": Named("Counter Depth", "bit"),
    "Gain": Named("Detector Gain"),
    "Active Counters": Named("Active Counters"),
    "Gap Fill Mode": Named("Gap Fill Mode"),
    "Flat Field File": Named("Flat Field File"),
    "Acquisition Type": Named("Acquisition Type"),
    "Frames in Acquisition": Named("Frames in Acquisition", ""),
    "Frames per Trigger": Named("Frames per Trigger", ""),
    "Trigger Start": Named("Trigger Start"),
    "Trigger Stop": Named("Trigger Stop"),
    "Sensor Bias": Named("Sensor Bias", "V"),
    "Sensor Polarity": Named("Sensor Polarity"),
    "Temperature": Named("Detector Temperature", "degC"),
    "Humidity": Named("Detector Humidity", "%"),
    "Medipix Clock": Named("Detector Clock", "MHz"),
    "Software Version": Named("Software Version"),
}


class MerlinExtractor:
    """Reads single patterns, series and scans."""

    name = "merlin"
    suffixes = frozenset({".mib"})
    companions = {".mib": frozenset({".hdr"})}  # noqa: RUF012 - the protocol's plain data, never changed

    def claims(self, path: Path, head: bytes) -> bool:  # noqa: ARG002 - the bytes are proof enough
        """Know the format by the first word of the first image's header."""
        return head.startswith(b"MQ1,")

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the patterns of a file.

        Raises
        ------
        ExtractionError
            If the first header is damaged or its images are of no known kind.
        """
        try:
            with source.path.open("rb") as file:
                head = file.read(_LONGEST_HEADER)
        except OSError as error:
            raise ExtractionError(source.path, f"cannot be opened ({error.strerror or error})") from error
        header = parsed_header(source.path, head)
        settings, doubts = read_settings(source)
        return (_signal(source, _layout(source, header, settings), settings, doubts),)


extractor = MerlinExtractor()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """How a file is divided: bytes from image to image, images that are whole, those claimed, and the scan."""

    header: FrameHeader
    frame: tuple[int, int]
    packed: int
    stride: int
    held: int
    claimed: int
    scan: tuple[int, int] | None
    dropped: int = 0


def _layout(source: Source, header: FrameHeader, settings: Mapping[str, str]) -> _Layout:
    raw = header.kind == "R64"
    code = _DTYPES.get(header.kind)
    if code is None and not raw:
        raise ExtractionError(source.path, f"its images are of the unknown type {header.kind!r}")
    frame = header.raw_frame if raw else (header.rows, header.columns)
    packed = header.raw_bytes if raw else prod(frame) * np.dtype(code).itemsize
    stride = header.length + packed
    held = source.file.size // stride
    claimed = _number(settings, "Frames in Acquisition")
    scan = _stated_scan(settings, held) or _scan_in_step(source.path, stride, held)
    return _Layout(
        header=header,
        frame=frame,
        packed=packed,
        stride=stride,
        held=held,
        claimed=max(claimed, held, 1),
        scan=scan,
        dropped=held - prod(scan) if scan else 0,
    )


def _number(settings: Mapping[str, str], name: str) -> int:
    text = settings.get(name, "").strip()
    return int(text) if text.isdecimal() and len(text) < 12 else 0


def _stated_scan(settings: Mapping[str, str], held: int) -> tuple[int, int] | None:
    """Return rows and columns of the scan; of an interrupted one the rows that are whole."""
    columns = _number(settings, "ScanX")
    if not columns:
        columns = _number(settings, "Frames per Trigger")
        if columns < 2 or _number(settings, "Frames in Acquisition") % columns:
            return None
    rows = held // columns if columns else 0
    stated = _number(settings, "ScanY")
    rows = min(rows, stated) if stated else rows
    return (rows, columns) if rows > 1 and columns > 1 else None


def _scan_in_step(path: Path, stride: int, held: int) -> tuple[int, int] | None:
    """Return the scan whose lines the pauses between the images mark: longer than all others, after equal numbers."""
    if held < 4:
        return None
    times = _times(path, stride, min(held, _MOST_TIMES))
    pauses = np.diff(times) if len(times) > 3 else np.zeros(0)
    long = np.flatnonzero(pauses > pauses.mean()) if pauses.size else np.zeros(0, np.intp)
    columns = int(long[0]) + 1 if long.size else 0
    ends = np.arange(columns - 1, pauses.size, columns) if columns > 1 else np.zeros(0, np.intp)
    if not ends.size or held % columns or not np.array_equal(long, ends):
        return None
    short = np.delete(pauses, ends)
    clear = pauses[ends].min() - short.max() > 4 * (short.max() - short.min()) + 1e-6
    return (held // columns, columns) if clear and held > columns else None


def _times(path: Path, stride: int, count: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return when the first images were taken, in seconds from the first; empty if one does not say."""
    made: list[float] = []
    with path.open("rb") as file:
        for number in range(count):
            file.seek(number * stride)
            try:
                stated = parsed_header(path, file.read(_LONGEST_HEADER)).seconds
            except ExtractionError:
                stated = None
            if stated is None:
                return np.zeros(0)
            made.append(stated)
    return np.array(made) - made[0]


def _signal(source: Source, layout: _Layout, settings: Mapping[str, str], doubts: tuple[str, ...]) -> Signal:
    header = layout.header
    outer = layout.scan or ((layout.held,) if layout.held > 1 else ())
    unpack = unpacker(header) if header.kind == "R64" else None
    drawn = layout.held > 0 and (header.kind != "R64" or unpack is not None)
    data = FrameData(
        runs=(Run(path=source.path, offset=header.length, count=layout.held),),
        stride=layout.stride,
        outer=outer,
        frame=layout.frame,
        dtype=np.dtype(_DTYPES.get(header.kind, header.raw_type)),
        upwards=True,
        packed_bytes=layout.packed,
        unpack=unpack,
    )
    return Signal(
        title=source.path.stem,
        kind=SignalKind.NONE if not drawn else SignalKind.IMAGE_STACK if outer else SignalKind.IMAGE,
        metadata=_metadata(source, layout, settings, (*doubts, *_missing(layout, drawn=drawn))),
        axes=_axes(outer, layout.frame) if drawn else (),
        data=data if drawn else None,
        quantity="Counts",
        native={"header": list(header.fields), "hdr": dict(settings)},
    )


def _missing(layout: _Layout, *, drawn: bool) -> tuple[str, ...]:
    if not layout.held:
        return (f"no picture: claims {layout.packed} bytes of one image and holds fewer: the file ends early",)
    if not drawn:
        return ("no picture: raw images of this arrangement of chips are not read",)
    if layout.held < layout.claimed:
        return (
            f"claims {layout.claimed} images and holds {layout.held} of them whole: the acquisition was interrupted",
        )
    if layout.dropped:
        return (f"the last {layout.dropped} images are no whole line of the scan and are left out",)
    return ()


def _axes(outer: tuple[int, ...], frame: tuple[int, int]) -> tuple[Axis, ...]:
    names = ("y", "x") if len(outer) == 2 else ("image",)
    steps = tuple(Axis(name=name, size=size) for name, size in zip(names, outer, strict=bool(outer)))
    return (*steps, Axis(name="ky", size=frame[0]), Axis(name="kx", size=frame[1]))


def _metadata(source: Source, layout: _Layout, settings: Mapping[str, str], notes: tuple[str, ...]) -> Metadata:
    header = layout.header
    named, doubts = named_values(settings, _SETTINGS)
    made, unbelieved = creation_time(source, header.made)
    outer = layout.scan or ((layout.held,) if layout.held > 1 else ())
    entries: dict[str, MetadataValue] = {"Data Dimensions": str((*outer, *layout.frame)), **header.entries, **named}
    entries["Number of Images"] = layout.held
    if layout.scan:
        entries |= {"Scan Width": layout.scan[1], "Scan Height": layout.scan[0]}
    return Metadata(
        dataset_type=DatasetType.DIFFRACTION,
        data_type="4D_STEM" if layout.scan else "TEM_Diffraction",
        creation_time=made,
        entries={name: value for name, value in entries.items() if not _unmeasured(name, value)},
        warnings=() if layout.scan else ("Data Type",),
        notes=(*doubts, *notes, *unbelieved),
    )


def _unmeasured(name: str, value: MetadataValue) -> bool:
    """Tell whether a board without a sensor reported 0."""
    return name in {"Detector Temperature", "Detector Humidity"} and isinstance(value, Quantity) and value.value == 0
