"""RosettaSciIO's tree of metadata, which is the same for all its readers, as names and quantities.

Units are those that the tree is defined in (kV, mm, mrad, s, …); nothing is converted here. What stands in a format's
own tree (``original_metadata``) is left out.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nexuslims_core.datasets.cleaning import clean_text, clean_value, quantity
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.times import creation_time
from nexuslims_core.quantities import MetadataValue

Tree = Mapping[str, Any]

_INSTRUMENT: tuple[tuple[str, str, str | None], ...] = (
    ("microscope", "Microscope", None),
    ("beam_energy", "Voltage", "kV"),
    ("beam_current", "Beam Current", "nA"),
    ("magnification", "Magnification", ""),
    ("camera_length", "Camera Length", "mm"),
    ("convergence_angle", "Convergence Angle", "mrad"),
    ("working_distance", "Working Distance", "mm"),
    ("dwell_time", "Dwell Time", "s"),
    ("acquisition_mode", "Acquisition Mode", None),
    ("Stage.x", "Stage Position X", "mm"),
    ("Stage.y", "Stage Position Y", "mm"),
    ("Stage.z", "Stage Position Z", "mm"),
    ("Stage.rotation", "Stage Position R", "degree"),
    ("Stage.tilt_alpha", "Stage Position α", "degree"),
    ("Stage.tilt_beta", "Stage Position β", "degree"),
    ("Detector.detector_type", "Detector Name", None),
    ("Detector.Camera.name", "Camera Name", None),
    ("Detector.Camera.exposure", "Exposure Time", "s"),
    ("Detector.EDS.azimuth_angle", "EDS Azimuthal Angle", "degree"),
    ("Detector.EDS.elevation_angle", "EDS Elevation Angle", "degree"),
    ("Detector.EDS.energy_resolution_MnKa", "EDS Energy Resolution", "eV"),
    ("Detector.EDS.live_time", "EDS Live Time", "s"),
    ("Detector.EDS.real_time", "EDS Real Time", "s"),
    ("Detector.EELS.aperture_size", "EELS Aperture", "mm"),
    ("Detector.EELS.collection_angle", "EELS Collection Angle", "mrad"),
    ("Detector.EELS.dwell_time", "EELS Dwell Time", "s"),
    ("Detector.EELS.exposure", "EELS Exposure", "s"),
    ("Detector.EELS.frame_number", "EELS Number of Frames", ""),
    ("Detector.EELS.spectrometer", "EELS Spectrometer", None),
)
_INSTRUMENTS = ("TEM", "SEM", "CL", "CL_SEM", "CL_STEM", "LASER", "FESEM")
_TECHNIQUES = {"EDS_TEM": "EDS", "EDS_SEM": "EDS", "EELS": "EELS", "CL": "CL", "CL_SEM": "CL", "CL_STEM": "CL"}
_LONGEST_LIST = 256
_DIFFRACTION = frozenset({"diffraction", "electron_diffraction"})


def metadata(source: Source, tree: Tree, *, signal_axes: int, steps: int) -> Metadata:
    """Return one signal's metadata.

    Parameters
    ----------
    tree
        ``metadata`` of a dictionary that a RosettaSciIO reader returned.
    signal_axes, steps
        How many axes one picture or spectrum has, and over how many it was repeated.
    """
    dataset_type, data_type = _types(tree, signal_axes, steps)
    entries = dict(_entries(tree))
    made, notes = _made(source, tree)
    return Metadata(dataset_type=dataset_type, data_type=data_type, creation_time=made, entries=entries, notes=notes)


def mapped(read: Mapping[str, Any]) -> tuple[Tree, tuple[str, ...]]:
    """Return the tree of a reader's dictionary, completed from the format's own tree as its ``mapping`` says.

    A field that cannot be mapped, such as an impossible date, is left out with a sentence; the others stay.
    """
    tree = _copied(read.get("metadata") or {})
    notes: list[str] = []
    for place, targets in (read.get("mapping") or {}).items():
        value = _at(read.get("original_metadata") or {}, place)
        if value is None:
            continue
        for target, convert in targets if isinstance(targets, list) else [targets]:
            try:
                _put(tree, target, value if convert is None else convert(value))
            except (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError) as error:
                notes.append(f"{place}: {clean_text(str(value))[:80]!r} is left out ({type(error).__name__})")
    return tree, tuple(notes)


def native(tree: object, depth: int = 24) -> Any:  # noqa: ANN401 - a vendor's tree holds anything
    """Return a format's own tree without what is long or binary: arrays, bytes, objects."""
    if isinstance(tree, Mapping) and depth:
        return {str(key): native(value, depth - 1) for key, value in tree.items()}
    if isinstance(tree, list | tuple) and depth and len(tree) <= _LONGEST_LIST:
        return [native(value, depth - 1) for value in tree]
    return clean_value(tree)


def title(tree: Tree) -> str:
    """Return the signal's own title; empty where it has none."""
    return str(clean_value(_at(tree, "General.title")) or "")


def quantity_name(tree: Tree) -> str:
    """Return what the numbers are; empty where the file does not say."""
    return str(clean_value(_at(tree, "Signal.quantity")) or "")


def _copied(tree: Tree) -> dict[str, Any]:
    return {key: _copied(value) if isinstance(value, Mapping) else value for key, value in tree.items()}


def _put(tree: dict[str, Any], path: str, value: object) -> None:
    *above, last = path.split(".")
    for key in above:
        child = tree.get(key)
        tree = child if isinstance(child, dict) else tree.setdefault(key, {})
    tree[last] = value


def _at(tree: Tree, path: str) -> Any:  # noqa: ANN401 - a foreign tree holds anything
    value: Any = tree
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _entries(tree: Tree) -> Iterator[tuple[str, MetadataValue]]:
    seen: set[str] = set()
    for instrument in _INSTRUMENTS:
        for path, name, unit in _INSTRUMENT:
            found = _at(tree, f"Acquisition_instrument.{instrument}.{path}")
            value = clean_value(found) if unit is None else quantity(found, unit)
            if value is not None and name not in seen:
                seen.add(name)
                yield name, value
    elements = _at(tree, "Sample.elements")
    if isinstance(elements, list | tuple) and elements:
        yield "Elements", clean_text(", ".join(map(str, elements)))
    specimen = clean_value(_at(tree, "Sample.description") or _at(tree, "Sample.name"))
    if specimen is not None:
        yield "Specimen", specimen


def _types(tree: Tree, signal_axes: int, steps: int) -> tuple[DatasetType, str]:
    kind = str(_at(tree, "Signal.signal_type") or "")
    beam, technique = _beam(tree, kind), _TECHNIQUES.get(kind, "")
    if kind in _DIFFRACTION:
        return DatasetType.DIFFRACTION, _joined(beam, "Diffraction")
    if signal_axes == 1 and steps:
        return DatasetType.SPECTRUM_IMAGE, _joined(beam, technique, "Spectrum_Imaging")
    if signal_axes == 1:
        return DatasetType.SPECTRUM, _joined(beam, technique or "Spectrum")
    if signal_axes == 2 or steps > 1:
        return DatasetType.IMAGE, _joined(beam, "Imaging")
    return DatasetType.MISC, _joined(beam, "Data")


def _beam(tree: Tree, kind: str) -> str:
    """Return TEM, STEM or SEM; empty where the file does not tell."""
    instruments = _at(tree, "Acquisition_instrument")
    names = set(instruments) if isinstance(instruments, Mapping) else set()
    if "TEM" in names or kind == "EDS_TEM":
        return "STEM" if "STEM" in str(_at(tree, "Acquisition_instrument.TEM.acquisition_mode")) else "TEM"
    return "SEM" if names & {"SEM", "FESEM", "CL_SEM"} or kind in {"EDS_SEM", "CL_SEM"} else ""


def _joined(*words: str) -> str:
    return "_".join(word for word in words if word)


def _made(source: Source, tree: Tree) -> tuple[datetime, tuple[str, ...]]:
    date, clock = (clean_value(_at(tree, f"General.{part}")) for part in ("date", "time"))
    if not isinstance(date, str) or not date:
        return creation_time(source, None)
    try:
        day = datetime.fromisoformat(date).date()
        hour = time.fromisoformat(str(clock)) if clock else None
    except ValueError:
        made, _ = creation_time(source, None)
        return made, (f"{date!r} {clock!r} is no date and time: took the time the file was last written instead",)
    if hour is None:
        made, notes = creation_time(source, None)
        return made, (*notes, f"the file says it was made on {day}, not when: took the time it was last written")
    return creation_time(source, datetime.combine(day, hour, hour.tzinfo or _zone(tree) or source.zone))


def _zone(tree: Tree) -> tzinfo | None:
    name = clean_value(_at(tree, "General.time_zone"))
    if not isinstance(name, str):
        return None
    try:
        return UTC if name.upper() in {"UTC", "Z", "GMT"} else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
