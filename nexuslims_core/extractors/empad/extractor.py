"""EMPAD, the pixel array detector of Cornell and Thermo Fisher: ``.xml`` with the settings, ``.raw`` with the patterns.

Reverse-engineered; RosettaSciIO's reader is the reference for the numbers. Each pattern has 128 × 128 numbers and two
more rows that are left out. The ``.xml`` names its ``.raw``, which has a name of its own (``scan_x256_y256.raw``). It
states its time twice, in local time and in seconds since 1970: the difference is the zone. Exposures are in ms, lengths
in m, angles in radians as all of the column is. Diffraction space is not calibrated since version 1.2 of the software.
"""

from collections.abc import Mapping
from math import prod
from pathlib import Path

import numpy as np
from lxml import etree

from nexuslims_core.datasets.cleaning import quantity
from nexuslims_core.datasets.frames import FrameData, Run
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.xml_text import as_tree
from nexuslims_core.extractors.empad.description import (
    leaves,
    made_at,
    outer_of,
    raw_beside,
    read_description,
    steps_nm,
)
from nexuslims_core.extractors.values.times import creation_time
from nexuslims_core.extractors.values.value_tables import Named, named_values
from nexuslims_core.quantities import MetadataValue, Quantity

_SIDE, _ROWS = 128, 130
_STRIDE = _SIDE * _ROWS * 4
_NAMES = {
    "iom_measurements.high_voltage": Named("Voltage", "kV", -3),
    "iom_measurements.nominal_camera_length": Named("Camera Length", "mm", 3),
    "iom_measurements.magnification": Named("Magnification", ""),
    "iom_measurements.nominal_magnification": Named("Magnification", ""),
    "iom_measurements.convergence_angle": Named("Convergence Angle", "mrad", 3),
    "iom_measurements.spot_size_index": Named("Spot Size", ""),
    "iom_measurements.defocus": Named("Defocus", "µm", 6),
    "iom_measurements.scan_rotation": Named("Scan Rotation", "rad"),
    "iom_measurements.vacuum_state": Named("Vacuum State"),
    "exposure_time": Named("Exposure Time", "s", -3),
    "post_exposure_time": Named("Post-Exposure Time", "s", -3),
    "temperature_controller.temperature_value": Named("Detector Temperature", "degC"),
    "grid_measurements.bias_voltage": Named("Sensor Bias", "V"),
    "software_version": Named("Software Version"),
}


class EmpadExtractor:
    """Reads scans and series of patterns."""

    name = "empad"
    suffixes = frozenset({".xml"})
    companions = {".xml": frozenset({".raw", "scan_x#_y#.raw", "series_x#.raw"})}  # noqa: RUF012 - never changed

    def claims(self, path: Path, head: bytes) -> bool:
        """Know the format by what its first lines are called; other ``.xml`` files are somebody else's."""
        named = b"<root" in head and b"<software_version>" in head and (b"<timestamp" in head or b"<raw_file" in head)
        return named and path.suffix.lower() == ".xml"

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the patterns; without numbers where the ``.raw`` is not beside it.

        Raises
        ------
        ExtractionError
            If this is no description of an EMPAD acquisition.
        """
        root = read_description(source.path)
        values = leaves(root)
        outer = outer_of(root, values)
        if outer is None:
            raise ExtractionError(source.path, "does not say how many patterns were taken, so not an EMPAD acquisition")
        return (_signal(source, root, values, outer),)


extractor = EmpadExtractor()


def _signal(source: Source, root: etree._Element, values: Mapping[str, str], claimed: tuple[int, ...]) -> Signal:
    raw, why_not = raw_beside(source.path, root)
    held = raw.stat().st_size // _STRIDE if raw else 0
    outer, missing = _whole(claimed, held)
    drawn = raw is not None and held > 0
    run = Run(path=raw or source.path, offset=0, count=prod(outer))
    frame = (_SIDE, _SIDE)
    data = FrameData(runs=(run,), stride=_STRIDE, outer=outer, frame=frame, dtype=np.dtype("<f4"))
    return Signal(
        title=source.path.stem,
        kind=SignalKind.IMAGE_STACK if drawn else SignalKind.NONE,
        metadata=_metadata(source, root, values, (*(outer if drawn else claimed), *frame), why_not or missing),
        axes=_axes(values, outer) if drawn else (),
        data=data if drawn else None,
        native={str(root.tag): as_tree(root), "name": root.get("name") or ""},
    )


def _whole(claimed: tuple[int, ...], held: int) -> tuple[tuple[int, ...], str]:
    """Return what is there of a scan or a series, in whole lines, and a sentence if that is less than was claimed."""
    count = prod(claimed)
    if held >= count:
        return claimed, ""
    if not held:
        return claimed, f"no picture: claims {count} patterns and holds none of them whole: the .raw file ends early"
    said = f"claims {count} patterns and holds {held} of them whole: the .raw file ends early"
    lines = held // claimed[-1] if len(claimed) == 2 else 0
    return (lines, claimed[1]) if lines else (held,), said


def _axes(values: Mapping[str, str], outer: tuple[int, ...]) -> tuple[Axis, ...]:
    pixel = quantity(values.get("iom_measurements.calibrated_pixelsize"), "", 9)
    scale, unit = (float(pixel), "1/nm") if isinstance(pixel, int | float) and pixel > 0 else (1.0, "")
    image = tuple(Axis(name=name, size=_SIDE, scale=scale, offset=-64 * scale, unit=unit) for name in ("ky", "kx"))
    if len(outer) == 1:
        return (Axis(name="image", size=outer[0]), *image)
    steps = steps_nm(values, outer) or (None, None)
    names = zip(("y", "x"), outer, steps, strict=True)
    scan = (Axis(name=n, size=size, scale=step or 1.0, unit="nm" if step else "") for n, size, step in names)
    return (*scan, *image)


def _metadata(
    source: Source, root: etree._Element, values: Mapping[str, str], shape: tuple[int, ...], missing: str
) -> Metadata:
    named, notes = named_values(values, _NAMES)
    made, doubts = creation_time(source, made_at(root))
    entries: dict[str, MetadataValue] = {"Data Dimensions": str(shape), **named, "Detector Name": "EMPAD"}
    scanned = len(shape) == 4
    if scanned:
        entries |= {"Scan Columns": shape[1], "Scan Rows": shape[0], **_pixels(values, shape[:2])}
    stem = values.get("iom_measurements.is_column_in_stem_mode", "").lower()
    beam = "TEM" if stem == "false" else "STEM"
    if stem in {"true", "false"}:
        entries["Mode"] = beam
    return Metadata(
        dataset_type=DatasetType.DIFFRACTION,
        data_type="4D_STEM" if scanned else f"{beam}_Diffraction",
        creation_time=made,
        entries=entries,
        warnings=() if scanned or stem else ("Data Type",),
        notes=(*notes, *([missing] if missing else []), *doubts),
    )


def _pixels(values: Mapping[str, str], scan: tuple[int, ...]) -> dict[str, MetadataValue]:
    steps = steps_nm(values, scan)
    names = ("Pixel Height", "Pixel Width")
    sizes = zip(names, steps, strict=True) if steps else ()
    return {name: Quantity(value=float(f"{size:.7g}"), unit="nm") for name, size in sizes}
