"""FEI TIA data: ``name_1.ser``, ``name_2.ser``, … with the settings of all of them in ``name.emi``.

The ``.ser`` is the dataset; the ``.emi`` is read for its n-th ``<ObjectInfo>``, which is how TIA numbers them. Values
keep the file's units, images are calibrated in nm or 1/nm. Without a good ``.emi`` the numbers are still read.
"""

import mmap
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from lxml import etree

from nexuslims_core.datasets.cleaning import clean_value, quantity
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.experimental_description import as_tree, parsed_xml, settings
from nexuslims_core.extractors.tia_series import MAGIC, Series, read_series
from nexuslims_core.extractors.times import creation_time, first_reading
from nexuslims_core.quantities import MetadataValue

_ACQUISITION: dict[str, tuple[str, str | None]] = {
    "DwellTimePath": ("Dwell Time Path", "s"),
    "FrameTime": ("Frame Time", "s"),
    "CameraNamePath": ("Camera Name Path", None),
    "Binning": ("Binning", ""),
    "BeamPosition": ("Beam Position", "µm"),
    "EnergyResolution": ("Energy Resolution", "eV"),
    "IntegrationTime": ("Integration Time", "s"),
    "NumberSpectra": ("Number of Spectra", ""),
    "ShapingTime": ("Shaping Time", "s"),
    "ScanArea": ("Scan Area", None),
}
_CONDITIONS: dict[str, tuple[str, str | None]] = {
    "AcceleratingVoltage": ("Microscope Accelerating Voltage", "V"),
    "Tilt1": ("Microscope Tilt 1", ""),
    "Tilt2": ("Microscope Tilt 2", ""),
}
_OPEN, _CLOSE = b"<ObjectInfo>", b"</ObjectInfo>"
_MOST_OBJECTS, _LONGEST_OBJECT = 10_000, 4 << 20
_LEAST_EDS_RANGE_EV = 5000.0
_EELS_CHANNELS = 2048
"""Neither file says which spectrometer it was: a range above 5 keV is an X-ray detector's, 2048 channels a camera's."""


class TiaExtractor:
    """Reads one series and what its ``.emi`` says of it."""

    name = "tia"
    suffixes = frozenset({".ser", ".emi"})
    companions = {".ser": frozenset({".emi"})}  # noqa: RUF012 - the protocol's plain data, never changed

    def claims(self, path: Path, head: bytes) -> bool:  # noqa: ARG002 - the protocol's parameters
        """Know a series by its first bytes."""
        return head.startswith(MAGIC)

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the series as one signal.

        Raises
        ------
        ExtractionError
            If the ``.ser`` is damaged, or the file is an ``.emi``, whose numbers are in its ``.ser``.
        """
        if source.path.suffix.lower() == ".emi":
            raise ExtractionError(source.path, "describes data in .ser files beside it; there is none to open")
        series = read_series(source.path)
        info, entries, notes = _description(source)
        made, doubts = creation_time(source, _acquired(info))
        if series.acquired < series.planned:
            doubts = (*doubts, f"the acquisition ended after {series.acquired} of {series.planned} elements")
        entries["Data Dimensions"] = str(series.data.shape)
        dataset_type, data_type = _types(series, str(entries.get("Mode", "")))
        metadata = Metadata(
            dataset_type=dataset_type,
            data_type=data_type,
            creation_time=made,
            entries=entries,
            warnings=() if "Mode" in entries else ("Data Type",),
            notes=(*notes, *doubts),
        )
        return (
            Signal(
                title=source.path.stem,
                kind=_kind(series),
                metadata=metadata,
                axes=series.axes,
                data=series.data,
                native={} if info is None else {"ObjectInfo": as_tree(info)},
            ),
        )


def _description(source: Source) -> tuple[etree._Element | None, dict[str, MetadataValue], tuple[str, ...]]:
    """Return the series' part of the ``.emi``, its entries, and what is wrong with it."""
    name, _, number = source.path.stem.rpartition("_")
    beside = (source.path.with_name(name + suffix) for suffix in (".emi", ".EMI"))
    parts = (part for part in source.file.parts if part.suffix.lower() == ".emi")
    emi = next(parts, None) or next((path for path in beside if path.is_file()), None)
    if emi is None:
        return None, {}, ("there is no .emi file beside it, so the microscope's settings are not known",)
    info = _object_info(emi, int(number) if number.isdecimal() else 1)
    if info is None:
        return None, {}, (f"{emi.name} says nothing of this series, so the microscope's settings are not known",)
    return info, {**_entries(info), "emi Filename": emi.name}, ()


def _object_info(emi: Path, number: int) -> etree._Element | None:
    """Return the ``number``-th description in an ``.emi`` file, counted from 1, or None."""
    if not 1 <= number <= _MOST_OBJECTS:
        return None
    try:
        with emi.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            end = 0
            start = -1
            for _ in range(number):
                start = content.find(_OPEN, end)
                end = content.find(_CLOSE, start)
                if start < 0 or end < 0:
                    return None
            return parsed_xml(content[start : min(end, start + _LONGEST_OBJECT) + len(_CLOSE)])
    except (OSError, ValueError):
        return None


def _entries(info: etree._Element) -> dict[str, MetadataValue]:
    description = info.find("ExperimentalDescription")
    entries = {} if description is None else settings(description)
    entries |= _named(info, "AcquireInfo", _ACQUISITION)
    entries |= _named(info, "ExperimentalConditions/MicroscopeConditions", _CONDITIONS)
    manufacturer = clean_value(info.findtext("Manufacturer") or "")
    return entries if manufacturer is None else {**entries, "Manufacturer": manufacturer}


def _named(info: etree._Element, place: str, names: Mapping[str, tuple[str, str | None]]) -> dict[str, MetadataValue]:
    found: dict[str, MetadataValue] = {}
    for key, (name, unit) in names.items():
        text = info.findtext(f"{place}/{key}") or ""
        value = clean_value(text) if unit is None else quantity(text, unit)
        if value is not None:
            found[name] = value
    return found


def _acquired(info: etree._Element | None) -> datetime | None:
    text = "" if info is None else info.findtext("AcquireDate") or ""
    return first_reading(" ".join(text.split()), "%a %b %d %H:%M:%S %Y")


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
    return "EELS" if energy.size == _EELS_CHANNELS else ""


def _kind(series: Series) -> SignalKind:
    steps = series.data.offsets.ndim
    if len(series.data.element) == 2:
        return SignalKind.IMAGE_STACK if steps else SignalKind.IMAGE
    return (SignalKind.SPECTRUM, SignalKind.LINE_SCAN, SignalKind.SPECTRUM_IMAGE)[min(steps, 2)]


extractor = TiaExtractor()
