"""FEI TIA data: ``name.emi`` with its series ``name_1.ser``, ``name_2.ser``, …, one signal each.

The ``.emi`` is the dataset: it holds the settings, the series hold the numbers. A series that is damaged, and an
``.emi`` that is, cost the other ones nothing. A ``.ser`` that is opened by itself is a dataset of one signal. Values
keep the file's units, images are calibrated in nm or 1/nm.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lxml import etree

from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.xml_text import as_tree
from nexuslims_core.extractors.tia import settings as tia_settings
from nexuslims_core.extractors.tia.series import MAGIC, Series, read_series
from nexuslims_core.extractors.tia.settings import SettingsFile, look_through
from nexuslims_core.extractors.values.times import creation_time
from nexuslims_core.files.models import FoundFile
from nexuslims_core.files.parts import number_of, parts_of
from nexuslims_core.quantities import MetadataValue

_LEAST_EDS_RANGE_EV, _LARGEST_EELS_STEP_EV = 5000.0, 2.0
"""Neither file says which spectrometer it was: a range above 5 keV is an X-ray detector's; below it, channels of 2 eV
or less are a camera's behind a prism, since no X-ray detector has them."""


class TiaExtractor:
    """Reads the series of an ``.emi`` with what it says of them, or one series by itself."""

    name = "tia"
    version = 1
    suffixes = frozenset({".ser", ".emi"})
    companions = {".emi": frozenset({".ser", "_#.ser"})}  # noqa: RUF012 - the protocol's plain data, never changed

    def claims(self, path: Path, head: bytes) -> bool:
        """Know a series by its first bytes, and an ``.emi`` by its name: its series are whole whatever is in it."""
        return head.startswith(MAGIC) or _is_settings(path)

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return each series as one signal, sorted by number.

        Raises
        ------
        ExtractionError
            If there is no series, or none that can be read.
        """
        if not _is_settings(source.path):
            return (_signal(source, _settings_beside(source.path)),)
        series = _series(source)
        if not series:
            raise ExtractionError(source.path, "its data lie in .ser files, and there are none beside it")
        settings = look_through(source.path)
        signals, bad = [], []
        for path in series:
            try:
                signals.append(_signal(_by_itself(source, path), settings))
            except ExtractionError as error:
                bad.append(f"{_readable(path)} cannot be read: {error.reason}")
        if not signals:
            raise ExtractionError(source.path, "; ".join(bad))
        return (_with_notes(signals[0], bad), *signals[1:])


def _is_settings(path: Path) -> bool:
    return path.suffix.lower() == tia_settings.SUFFIX


def _series(source: Source) -> tuple[Path, ...]:
    """Return the series that a scan found, or else those that lie beside the file."""
    found = source.file.parts or _parts_beside(source.path)
    return tuple(sorted((path for path in found if path.suffix.lower() == ".ser"), key=_by_number))


def _parts_beside(path: Path) -> tuple[Path, ...]:
    try:
        beside = [str(other) for other in path.parent.iterdir()]
    except OSError as error:
        raise ExtractionError(path, f"its folder cannot be listed ({error.strerror or error})") from error
    return tuple(map(Path, parts_of(beside, extractor.companions).get(str(path), ())))


def _by_number(series: Path) -> tuple[int, str]:
    return number_of(series.stem) or 0, series.name


def _by_itself(source: Source, series: Path) -> Source:
    """Return the source that a series is, with its own time of writing."""
    try:
        status = series.stat()
    except OSError as error:
        raise ExtractionError(series, f"cannot be looked at ({error.strerror or error})") from error
    return replace(source, file=FoundFile(path=series, size=status.st_size, mtime=status.st_mtime))


def _settings_beside(series: Path) -> SettingsFile | None:
    stems = [series.stem] if number_of(series.stem) is None else [series.stem.rpartition("_")[0], series.stem]
    beside = (series.with_name(stem + suffix) for stem in stems for suffix in (".emi", ".EMI"))
    return next((look_through(path) for path in beside if path.is_file()), None)


def _signal(source: Source, settings: SettingsFile | None) -> Signal:
    """Open one series; ``source`` is the ``.ser`` file."""
    series, name = read_series(source.path), _readable(source.path)
    info, entries, notes = _description(source.path, settings)
    made, doubts = creation_time(source, None if info is None else tia_settings.acquired(info))
    if series.acquired < series.planned:
        doubts = (*doubts, f"the acquisition ended after {series.acquired} of {series.planned} elements")
    entries |= {"Series File": name, "Data Dimensions": str(series.data.shape)}
    dataset_type, data_type = _types(series, str(entries.get("Mode", "")))
    metadata = Metadata(
        dataset_type=dataset_type,
        data_type=data_type,
        creation_time=made,
        entries=entries,
        warnings=() if "Mode" in entries else ("Data Type",),
        notes=(*notes, *doubts),
    )
    return Signal(
        title=name,
        kind=_kind(series),
        metadata=metadata,
        axes=series.axes,
        data=series.data,
        native={"SeriesFile": name} if info is None else {"SeriesFile": name, "ObjectInfo": as_tree(info)},
    )


def _description(
    series: Path, settings: SettingsFile | None
) -> tuple[etree._Element | None, dict[str, MetadataValue], tuple[str, ...]]:
    """Return what the ``.emi`` says of a series, its entries, and what is wrong with it."""
    if settings is None:
        return None, {}, ("there is no .emi file beside it, so the microscope's settings are not known",)
    name = _readable(settings.path)
    number = None if series.stem == settings.path.stem else number_of(series.stem)
    info = settings.of_series(1 if number is None else number)
    if info is None:
        return None, {}, (f"{name} says nothing of this series, so the microscope's settings are not known",)
    return info, {**tia_settings.entries_of(info), "emi Filename": name}, ()


def _readable(path: Path) -> str:
    """Return a file's name as text, with ``�`` for bytes that are none."""
    return clean_text(os.fsencode(path.name).decode("utf-8", "replace"))


def _with_notes(signal: Signal, notes: Sequence[str]) -> Signal:
    return replace(signal, metadata=replace(signal.metadata, notes=(*signal.metadata.notes, *notes)))


def _types(series: Series, mode: str) -> tuple[DatasetType, str]:
    beam = "STEM" if "STEM" in mode else "TEM"
    if len(series.data.element) == 1:
        steps = len(series.axes) - 1
        technique = _technique(series)
        words = (beam, technique, "Spectrum_Imaging" if steps else "Spectrum")
        kind = DatasetType.SPECTRUM_IMAGE if steps else DatasetType.SPECTRUM
        return kind, "_".join(word for word in words if word)
    if series.reciprocal or (beam == "TEM" and "Diffraction" in mode):
        return DatasetType.DIFFRACTION, f"{beam}_Diffraction"
    return DatasetType.IMAGE, f"{beam}_Imaging"


def _technique(series: Series) -> str:
    energy = series.axes[-1]
    if energy.offset + energy.scale * (energy.size - 1) > _LEAST_EDS_RANGE_EV:
        return "EDS"
    return "EELS" if 0 < energy.scale <= _LARGEST_EELS_STEP_EV else ""


def _kind(series: Series) -> SignalKind:
    steps = series.data.offsets.ndim
    if len(series.data.element) == 2:
        return SignalKind.IMAGE_STACK if steps else SignalKind.IMAGE
    return (SignalKind.SPECTRUM, SignalKind.LINE_SCAN, SignalKind.SPECTRUM_IMAGE)[min(steps, 2)]


extractor = TiaExtractor()
