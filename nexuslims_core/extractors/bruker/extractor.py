"""Bruker Esprit's maps ``.bcf`` (versions 1 and 2) and spectra ``.spx``.

Reverse-engineered by RosettaSciIO, whose reader opens them (``rsciio.bruker``): a container with an XML header, images
and packed spectra. Every image and every map of a file is a signal. Names and units are in ``names.py``; times
are in the zone of the instrument. Esprit knows scanned beams only; above 30 kV it is STEM. Corrected are two slips of
the reader: the stage is in µm, and the columns of a map are as far apart as those of its image.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nexuslims_core.datasets.cleaning import clean_value, quantity
from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.datasets.signals import Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.bruker import names
from nexuslims_core.extractors.bruker.map import BrukerMap
from nexuslims_core.extractors.rosetta.reading import Read, read_signals
from nexuslims_core.extractors.rosetta.signals import ForeignData
from nexuslims_core.extractors.values.naming import TEXT, Row
from nexuslims_core.quantities import MetadataValue, Quantity

LARGEST_SPECTRUM = 64 << 20
"""Bytes of one spectrum's file."""

_CONTAINER = b"AAMVHFSS"
_SPECTRUM = b"TRTSpectrum"
_XML, _ROOT = b"<?xml", b"<TRTSpectrum>"
_HIGHEST_SEM_KV = 30.0
_MOST_FRAMES = 1_000_000
_KEPT = ("Specimen", "Elements")
_COUNTS = "X-rays (counts)"


class BrukerExtractor:
    """Reads images, maps and spectra with the settings of microscope and detector."""

    name = "bruker"
    suffixes = frozenset({".bcf", ".spx"})
    companions: dict[str, frozenset[str]] = {}  # noqa: RUF012 - the protocol's own type, never changed

    def claims(self, path: Path, head: bytes) -> bool:
        """Know maps by their container, and spectra by the name of their class."""
        own = path.suffix.lower() == ".spx" and _SPECTRUM in head
        return head.startswith(_CONTAINER) or own or (head.startswith(_XML) and _ROOT in head)

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the images and maps of a file, or its spectrum.

        Raises
        ------
        ExtractionError
            If the file is damaged or of another format.
        """
        if not _is_map(source.path):
            _check_spectrum(source)
            return read_signals(source, "bruker", named=_named, function="spx_reader")
        signals = read_signals(source, "bruker", named=_named, options={"index": "all"}, function="bcf_reader")
        return _numbered(source, signals)


extractor = BrukerExtractor()


def _is_map(path: Path) -> bool:
    """Tell by the content, and by the name of a file that is damaged from its first byte on."""
    try:
        with path.open("rb") as file:
            head = file.read(len(_CONTAINER))
    except OSError:
        head = b""
    return head == _CONTAINER or (path.suffix.lower() != ".spx" and not head.startswith(_XML))


def _check_spectrum(source: Source) -> None:
    """Refuse XML that defines entities, which the reader would unfold without end."""
    if source.file.size > LARGEST_SPECTRUM:
        raise ExtractionError(source.path, f"is larger than {LARGEST_SPECTRUM >> 20} MB, so no spectrum")
    try:
        content = source.path.read_bytes()
    except OSError as error:
        raise ExtractionError(source.path, f"cannot be opened ({error.strerror or error})") from error
    if b"<!ENTITY" in content:
        raise ExtractionError(source.path, "defines entities, as no spectrum does")


def _named(read: Read, opened: Signal) -> Signal:
    """Name what RosettaSciIO reads of an image, a map or a spectrum."""
    tree = read.get("original_metadata") or {}
    spectral = opened.kind in {SignalKind.SPECTRUM, SignalKind.SPECTRUM_IMAGE} or "Spectrum" in tree
    entries: dict[str, MetadataValue] = {"Data Dimensions": opened.metadata.entries["Data Dimensions"]}
    for row in (*names.COLUMN, *(names.DETECTOR if spectral else ())):
        value = _value(tree, row)
        if value is not None:
            entries.setdefault(row.name, value)
    entries |= dict(_scanning(tree, opened))
    entries |= {} if spectral else {"Detector Name": opened.title}
    entries |= {name: opened.metadata.entries[name] for name in _KEPT if name in opened.metadata.entries}
    if entries.get("Specimen") == "Undefined":
        del entries["Specimen"]
    dataset_type, data_type = _types(tree, opened, entries)
    metadata = replace(opened.metadata, dataset_type=dataset_type, data_type=data_type, entries=entries)
    return replace(
        _with_even_places(opened, tree),
        title=_title(opened, entries),
        metadata=metadata,
        quantity=_COUNTS if spectral else opened.quantity,
    )


def _value(tree: Mapping[str, Any], row: Row) -> MetadataValue | None:
    part = tree.get(row.place)
    found = part.get(row.key) if isinstance(part, Mapping) else None
    if row.unit == TEXT:
        return clean_value(str(found)) if isinstance(found, str | int) else None
    value = quantity(found, row.unit, row.power)
    plain = value.value if isinstance(value, Quantity) else value
    unknown = row.name in names.MUST_BE_POSITIVE and isinstance(plain, int | float) and plain <= 0
    return None if unknown else value


def _scanning(tree: Mapping[str, Any], opened: Signal) -> Iterator[tuple[str, MetadataValue]]:
    configuration = tree.get("DSP Configuration")
    if isinstance(configuration, Mapping):
        time, average = (quantity(configuration.get(key), "") for key in ("PixelTime", "PixelAverage"))
        if isinstance(time, int | float) and isinstance(average, int | float) and time * average > 0:
            yield "Pixel Dwell Time", Quantity(value=time * average, unit="µs")
    lines = tree.get("Line counter")
    if isinstance(lines, tuple | list) and all(isinstance(line, int) for line in lines):
        frames = max(lines, default=0)
        if 0 < frames < _MOST_FRAMES:
            yield "Number of Frames", frames
    if opened.metadata.entries.get("EDS Real Time") is not None and "Line counter" in tree:
        yield "Real Time", opened.metadata.entries["EDS Real Time"]
    places = _places(tree)
    if places is not None:
        yield "Pixel Width", Quantity(value=places[0] * 1000, unit="nm")
        yield "Pixel Height", Quantity(value=places[1] * 1000, unit="nm")
        columns = next((axis.size for axis in opened.axes if axis.name == "width"), 0)
        if columns:
            yield "Horizontal Field Width", Quantity(value=places[0] * columns, unit="µm")


def _places(tree: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return how far columns and rows are apart, in µm."""
    column = tree.get("Microscope")
    found = [quantity(column.get(key), "") for key in ("DX", "DY")] if isinstance(column, Mapping) else []
    numbers = [float(one) for one in found if isinstance(one, int | float) and one > 0]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else None


def _with_even_places(opened: Signal, tree: Mapping[str, Any]) -> Signal:
    places = _places(tree)
    if places is None:
        return opened
    axes = (replace(axis, scale=places[0]) if axis.name == "width" else axis for axis in opened.axes)
    return replace(opened, axes=tuple(axes))


def _types(tree: Mapping[str, Any], opened: Signal, entries: Mapping[str, MetadataValue]) -> tuple[DatasetType, str]:
    if "Spectrum" not in tree:
        return DatasetType.IMAGE, f"{_beam(entries)}_Imaging"
    analysis = tree.get("Analysis")
    excited_by_x_rays = isinstance(analysis, Mapping) and set(analysis) == {"PrimaryEnergy", "ElevationAngle"}
    technique = "XRF" if excited_by_x_rays else f"{_beam(entries)}_EDS"
    if opened.kind is SignalKind.SPECTRUM:
        return DatasetType.SPECTRUM, technique
    return DatasetType.SPECTRUM_IMAGE, f"{technique}_Spectrum_Imaging"


def _beam(entries: Mapping[str, MetadataValue]) -> str:
    voltage = entries.get("Voltage")
    return "STEM" if isinstance(voltage, Quantity) and voltage.value > _HIGHEST_SEM_KV else "SEM"


def _title(opened: Signal, entries: Mapping[str, MetadataValue]) -> str:
    if opened.kind is SignalKind.SPECTRUM:
        return str(entries.get("Specimen", "EDS"))
    return "EDS map" if opened.kind is SignalKind.SPECTRUM_IMAGE else opened.title


def _numbered(source: Source, signals: tuple[Signal, ...]) -> tuple[Signal, ...]:
    """Give maps their numbers, and images the time of the map that they were taken with."""
    maps = [one for one in signals if one.metadata.dataset_type is DatasetType.SPECTRUM_IMAGE]
    done = []
    for one in signals:
        if one.metadata.dataset_type is DatasetType.IMAGE and maps:
            one = _taken_with(maps[0], one)
        elif isinstance(one.data, ForeignData):
            number = maps.index(one)
            one = _summed(source, one, one.data, number, len(maps))
        done.append(one)
    return tuple(done)


def _taken_with(spectra: Signal, image: Signal) -> Signal:
    """Give an image the time of its map; one of another size shows the surroundings of the map."""
    made = spectra.metadata.creation_time
    sizes = [tuple(axis.size for axis in one.axes[:2]) for one in (spectra, image)]
    title = image.title if sizes[0] == sizes[1] else f"{image.title} (overview)"
    return replace(image, title=title, metadata=replace(image.metadata, creation_time=made))


def _summed(source: Source, one: Signal, whole: ForeignData, number: int, count: int) -> Signal:
    data = BrukerMap(path=source.path, whole=whole, number=number)
    title = one.title if count == 1 else f"{one.title} {number + 1}"
    together = data.places_together()
    notes = one.metadata.notes
    if together > 1:
        notes = (*notes, f"the picture shows the map with {together} × {together} places taken together")
    return replace(one, title=title, data=data, metadata=replace(one.metadata, notes=notes))
