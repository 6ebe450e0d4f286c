"""What an MRC file and the files beside it say, as metadata; where two say the same, the most particular is believed.

SerialEM's side-car comes before the extended header, that before Direct Electron's description, and the header last.
The header has no word on the microscope: where nothing else tells, the file is taken for one of a TEM, with a warning.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.mrc import sidecars as mrc_sidecars
from nexuslims_core.extractors.mrc.extended import Extended, read_extended, tilt_range
from nexuslims_core.extractors.mrc.header import Header
from nexuslims_core.extractors.values.times import creation_time, first_reading
from nexuslims_core.quantities import MetadataValue, Quantity

_DATED = re.compile(r"(\d{1,2}-[A-Za-z]{3}-(?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2})[ T]+(\d{2}:\d{2}:\d{2})")
_DATES = ("%d-%b-%y %H:%M:%S", "%d-%b-%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S")
_CAMERA = ("_movie", "_final")
"""How the names of Direct Electron's files end that hold images of the camera, and not of the scan."""

Kind = tuple[DatasetType, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What stands beside the header: in the file itself, in SerialEM's side-car, in Direct Electron's description."""

    extended: Extended
    mdoc: Extended
    info: Extended

    @property
    def by_trust(self) -> tuple[Extended, ...]:
        """The most particular first."""
        return (self.mdoc, self.extended, self.info)

    @property
    def pixel_nm(self) -> tuple[float, float] | None:
        """Width and height of a pixel; None where only the header may tell."""
        return next((one.pixel_nm for one in self.by_trust if one.pixel_nm), None)

    def volume(self, header: Header) -> bool:
        """Tell whether the images are sections of one body; what microscopes write may claim it and is none."""
        return header.group > 0 and header.size[2] > 1 and not any(one.native for one in self.by_trust)


def read_said(source: Source, header: Header) -> Said:
    """Return what is said of an MRC file beside its header."""
    mdocs = [part for part in source.file.parts if part.suffix.lower() == mrc_sidecars.MDOC_SUFFIX]
    info = mrc_sidecars.info_beside(source.path)
    return Said(
        extended=read_extended(source.path, header),
        mdoc=mrc_sidecars.read_mdoc(mdocs[0]) if mdocs else Extended(),
        info=mrc_sidecars.read_info(info) if info else Extended(),
    )


def describe(source: Source, header: Header, said: Said, *, scanned: bool) -> Metadata:
    """Return the metadata of an MRC file; ``scanned`` where its images were repeated over a raster."""
    entries: dict[str, MetadataValue] = {}
    for one in said.by_trust:
        entries |= {name: value for name, value in one.entries.items() if name not in entries}
    (dataset_type, data_type), told = _kind(source, said, entries, scanned=scanned), _told(said)
    if dataset_type is not DatasetType.DIFFRACTION:
        entries |= _sizes(header, said)
    tilts = next((one.tilts for one in said.by_trust if one.tilts), ())
    made, doubts = creation_time(source, _made(header, said))
    return Metadata(
        dataset_type=dataset_type,
        data_type=data_type,
        creation_time=made,
        entries={**entries, **tilt_range(tilts), **_of_header(header, said)},
        warnings=() if told else ("Data Type",),
        notes=(*(note for one in said.by_trust for note in one.notes), *doubts),
    )


def _told(said: Said) -> bool:
    return bool(said.mdoc.entries or said.info.native or "Operating Mode" in said.extended.entries)


def _kind(source: Source, said: Said, entries: Mapping[str, MetadataValue], *, scanned: bool) -> Kind:
    if said.info.native:
        return _kind_by_direct_electron(source, said, entries, scanned=scanned)
    mode, projection = entries.get("Operating Mode"), entries.get("Projector Mode")
    if mode == "STEM" and "Detector Name" in entries:
        return DatasetType.IMAGE, "STEM_Imaging"
    if mode and projection == "Diffraction":
        return DatasetType.DIFFRACTION, f"{mode}_Diffraction"
    return DatasetType.IMAGE, "TEM_Imaging"


def _kind_by_direct_electron(
    source: Source, said: Said, entries: Mapping[str, MetadataValue], *, scanned: bool
) -> Kind:
    if scanned:
        return DatasetType.DIFFRACTION, "4D_STEM"
    if said.info.scan:
        of_camera = source.path.stem.endswith(_CAMERA)
        return (DatasetType.DIFFRACTION, "STEM_Diffraction") if of_camera else (DatasetType.IMAGE, "STEM_Imaging")
    if "Camera Length" in entries:
        return DatasetType.DIFFRACTION, "TEM_Diffraction"
    return DatasetType.IMAGE, "TEM_Imaging"


def _sizes(header: Header, said: Said) -> dict[str, MetadataValue]:
    width, height = said.pixel_nm or (header.spacing_nm(0), header.spacing_nm(1))
    sizes = {
        "Pixel Width": width,
        "Pixel Height": height,
        "Pixel Depth": header.spacing_nm(2) if said.volume(header) else None,
    }
    return {name: Quantity(value=float(f"{size:.7g}"), unit="nm") for name, size in sizes.items() if size}


def _of_header(header: Header, said: Said) -> dict[str, MetadataValue]:
    entries: dict[str, MetadataValue] = {}
    if header.size[2] > 1:
        name = "Number of Sections" if said.volume(header) else "Number of Images"
        entries[name] = header.size[2]
    statistics = {"Minimum": header.lowest, "Maximum": header.highest, "Mean": header.mean, "RMS": header.rms}
    entries |= {f"Density {name}": float(f"{value:.7g}") for name, value in statistics.items() if value is not None}
    if header.labels:
        entries["Labels"] = "; ".join(header.labels)
    return entries


def _made(header: Header, said: Said) -> datetime | None:
    """Return when the images were taken or, where only labels tell, when the last program wrote the file."""
    stated = next((one.made for one in said.by_trust if one.made), None)
    if stated is not None:
        return stated
    dated = [found for label in header.labels if (found := _DATED.search(label))]
    return first_reading(f"{dated[-1][1]} {dated[-1][2]}", *_DATES) if dated else None
