"""Merlin detectors of Quantum Detectors: ``.mib``, images each behind a header of text, and ``.hdr`` beside it.

After the Merlin user manual and RosettaSciIO's reader, which is the reference for the numbers; of raw files (``R64``),
which it does not read, the order of pixels and chips is LiberTEM's. The lowest row lies first in the file. An image's
header states its time in UTC and its exposure in ns; older ones only the local time and the exposure in s. Thresholds
are in keV. How a scan is known stands in `layout`. Left out are raw files of other chips than one or two by two.
"""

from collections.abc import Mapping
from pathlib import Path

from nexuslims_core.datasets.frames import FrameData, Run
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.heads import read_head
from nexuslims_core.extractors.merlin.header import LONGEST_HEADER, RAW, parsed_header, read_settings
from nexuslims_core.extractors.merlin.layout import Layout, lay_out
from nexuslims_core.extractors.merlin.raw import unpacker
from nexuslims_core.extractors.values.times import creation_time
from nexuslims_core.extractors.values.value_tables import Named, named_values
from nexuslims_core.quantities import MetadataValue, Quantity

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
        head = read_head(source.path, LONGEST_HEADER)
        header = parsed_header(source.path, head)
        settings, doubts = read_settings(source)
        return (_signal(source, lay_out(source, header, settings), settings, doubts),)


extractor = MerlinExtractor()


def _signal(source: Source, layout: Layout, settings: Mapping[str, str], doubts: tuple[str, ...]) -> Signal:
    header = layout.header
    unpack = unpacker(header) if header.kind == RAW else None
    drawn = layout.held > 0 and (header.kind != RAW or unpack is not None)
    data = FrameData(
        runs=(Run(path=source.path, offset=header.length, count=layout.held),),
        stride=layout.stride,
        outer=layout.outer,
        frame=layout.frame,
        dtype=layout.dtype,
        upwards=True,
        packed_bytes=layout.packed,
        unpack=unpack,
    )
    return Signal(
        title=source.path.stem,
        kind=SignalKind.NONE if not drawn else SignalKind.IMAGE_STACK if layout.outer else SignalKind.IMAGE,
        metadata=_metadata(source, layout, settings, (*doubts, *_missing(layout, drawn=drawn))),
        axes=_axes(layout.outer, layout.frame) if drawn else (),
        data=data if drawn else None,
        quantity="Counts",
        native={"header": list(header.fields), "hdr": dict(settings)},
    )


def _missing(layout: Layout, *, drawn: bool) -> tuple[str, ...]:
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


def _metadata(source: Source, layout: Layout, settings: Mapping[str, str], notes: tuple[str, ...]) -> Metadata:
    header = layout.header
    named, doubts = named_values(settings, _SETTINGS)
    made, unbelieved = creation_time(source, header.made)
    entries: dict[str, MetadataValue] = {
        "Data Dimensions": str((*layout.outer, *layout.frame)),
        **header.entries,
        **named,
    }
    entries["Number of Images"] = layout.held
    if layout.scan:
        entries |= {"Scan Columns": layout.scan[1], "Scan Rows": layout.scan[0]}
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
