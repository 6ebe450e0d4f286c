"""Streams of TVIPS cameras (EMMENU, versions 1 and 2): ``name_000.tvips``, and ``name_001.tvips`` and so on behind it.

Reverse-engineered; RosettaSciIO's reader is the reference for the numbers. The first part has a header, every image one
of its own. The header states the voltage in kV, pixels in nm (of diffraction in 1/nm), the total magnification or, of
diffraction, the camera length in mm; the image its time in seconds since 1970, angles in degrees, the current in nA as
RosettaSciIO takes it, and the stage's place in a unit that nobody wrote down: it has none here, and a warning. A scan
is not put into rows and columns, since only its running index is stored and the beam may come back or wind.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nexuslims_core.datasets.frames import FrameData
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.tvips.stream import Fields, Stream, header_fields, read_stream
from nexuslims_core.extractors.values.times import creation_time
from nexuslims_core.extractors.values.value_tables import Named, named_values
from nexuslims_core.quantities import MetadataValue

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


class TvipsExtractor:
    """Reads series of images and of diffraction patterns."""

    name = "tvips"
    suffixes = frozenset({".tvips"})
    companions = {".tvips": frozenset({"_#.tvips"})}  # noqa: RUF012 - the protocol's plain data, never changed

    def claims(self, path: Path, head: bytes) -> bool:
        """Know the first part of a series by its header; nothing proves a later one."""
        return path.suffix.lower() in self.suffixes and header_fields(head) is not None

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the series of all parts.

        Raises
        ------
        ExtractionError
            If it is a later part, or its header is damaged.
        """
        try:
            stream = read_stream(source.path)
        except OSError as error:
            raise ExtractionError(source.path, f"cannot be read ({error.strerror or error})") from error
        return (_signal(source, stream),)


extractor = TvipsExtractor()


def _signal(source: Source, stream: Stream) -> Signal:
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


def _axes(stream: Stream, rows: int, columns: int) -> tuple[Axis, ...]:
    apart, pixel = stream.seconds_apart, float(stream.header["pixel"])
    time = Axis(name="image", size=stream.count)
    time = replace(time, name="time", scale=apart, unit="s") if apart > 0 else time
    unit = "1/nm" if stream.diffraction else "nm"
    names = (("dy", rows), ("dx", columns))
    image = (Axis(name=n, size=size, scale=pixel or 1.0, unit=unit if pixel else "") for n, size in names)
    return (time, *image)


def _metadata(source: Source, stream: Stream) -> Metadata:
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


def _enlarged(stream: Stream) -> dict[str, MetadataValue]:
    name, unit = ("Camera Length", "mm") if stream.diffraction else ("Magnification", "")
    entries, _ = named_values({"it": stream.header["magnification"] or None}, {"it": Named(name, unit)})
    return entries


def _cut(stream: Stream) -> tuple[str, ...]:
    """Say that a part ends within an image."""
    ends = [(run.path.stat().st_size - run.offset + stream.before) % stream.stride for run in stream.runs]
    return ("the last image of a part is not whole: the file ends early",) if any(ends) and stream.count else ()


def _made(image: Fields) -> datetime | None:
    if not image.get("seconds"):
        return None
    return datetime.fromtimestamp(int(image["seconds"]), UTC) + timedelta(milliseconds=int(image.get("ms", 0)) % 1000)
