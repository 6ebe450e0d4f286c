"""EBSD in HDF5 files: h5ebsd of EDAX (OIM, ``.h5``), Bruker (``.h5``) and kikuchipy, h5oina of Oxford, EMsoft's files.

Written from the layouts that Jackson et al. (h5ebsd, 2014), Oxford (h5oina, on GitHub) and kikuchipy's readers tell.
Each scan gives its patterns, a map of their quality and the electron images kept beside; EMsoft's files give simulated
or master patterns. Orientations, phases (but their names) and band data are left out. Values keep the file's units.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from nexuslims_core.datasets.cleaning import clean_value, quantity
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.hdf5_data import hdf5_data, is_hdf5, opened
from nexuslims_core.extractors.ebsd.names import MAPS, NAMES, PATTERNS, UNSET
from nexuslims_core.extractors.rosetta.names import DOUBTFUL, TEXT
from nexuslims_core.extractors.rosetta.readers import BY_SUFFIX
from nexuslims_core.extractors.rosetta.values import pint_unit, typed, words
from nexuslims_core.extractors.values.times import creation_time, first_reading
from nexuslims_core.quantities import MetadataValue

_MAKERS = ("edax", "bruker", "oxford", "kikuchipy", "dream3d")
_EMSOFT = (
    ("EMData/EBSD/EBSDPatterns", "Simulated patterns"),
    ("EMData/EBSDmaster/masterSPNH", "Master pattern, northern hemisphere"),
    ("EMData/EBSDmaster/masterSPSH", "Master pattern, southern hemisphere"),
)
_EMSOFT_SETTINGS = ("EMheader", "NMLparameters/MCCLNameList", "NMLparameters/EBSDNameList")
_SKIPPED = frozenset({"Coordinate System", "hkl Families", "Phase", "Phases", "atom_coordinates"})
_MOST_VALUES = 150
Entries = dict[str, MetadataValue]


class EbsdHdf5Extractor:
    """Reads the settings, patterns and maps of EBSD scans."""

    name = "ebsd_hdf5"
    suffixes = frozenset({".h5", ".hdf5", ".h5oina", ".h5ebsd", ".edaxh5"})
    companions: dict[str, frozenset[str]] = {}  # noqa: RUF012 - the protocol's plain data, never changed

    def claims(self, path: Path, head: bytes) -> bool:
        """Know a maker of EBSD systems, or EMsoft, at the root of an HDF5 file."""
        if not is_hdf5(head) or path.suffix.lower() in BY_SUFFIX:
            return False
        try:
            with opened(path) as file:
                return _maker(file) is not None
        except ExtractionError:
            return False

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return patterns, maps and images of every scan.

        Raises
        ------
        ExtractionError
            If the file is damaged or holds no scan.
        """
        with opened(source.path, "is a damaged EBSD file") as file:
            signals = tuple(_signals(source, file))
        if not signals:
            raise ExtractionError(source.path, "holds no EBSD patterns, maps or images")
        return signals


def _maker(file: Any) -> str | None:  # noqa: ANN401 - has no types
    if "EMData" in file and "NMLparameters" in file:
        return "EMsoft"
    for key in file:
        if key.strip().lower() == "manufacturer":
            text = _plain(file[key])
            if isinstance(text, str) and text.lower().startswith(_MAKERS):
                return text
    return None


def _signals(source: Source, file: Any) -> Iterator[Signal]:  # noqa: ANN401 - has no types
    maker = _maker(file) or "EBSD"
    if maker == "EMsoft":
        told = _settings([file[place] for place in _EMSOFT_SETTINGS if place in file])
        for place, title in _EMSOFT:
            if place in file:
                yield _signal(source, file[place], title, {"Manufacturer": maker, **told}, file)
        return
    for scan in file:
        if isinstance(file[scan], _group_type()) and "EBSD" in file[scan]:
            yield from _scan(source, file, scan, maker)


def _scan(source: Source, file: Any, scan: str, maker: str) -> Iterator[Signal]:  # noqa: ANN401 - has no types
    group = file[scan]
    headers = [group[place] for place in ("EBSD/Header", "SEM/Header", "SEM-PRIAS Images/Header") if place in group]
    told: Entries = {"Manufacturer": maker, "Scan": scan, **_settings(headers)}
    phases = _phases(group)
    if phases:
        told["Phases"] = phases
    data = group.get("EBSD/Data", {})
    for name in PATTERNS:
        if name in data and len(data[name].shape) >= 3:
            yield _signal(source, data[name], f"{scan}: patterns", told, file)
            break
    grid = tuple(told.get(name) for name in ("Scan Rows", "Scan Columns"))
    for name in MAPS:
        if name in data and _fits(data[name].shape, grid):
            yield _signal(source, data[name], f"{scan}: {name}", told, file, grid=grid)
            break
    for place in _images(group):
        yield _signal(source, group[place], f"{scan}: {place.rpartition('/')[2]}", told, file, kind="SEM_Imaging")


def _images(group: Any) -> Iterator[str]:  # noqa: ANN401 - has no types
    for place in ("SEM-PRIAS Images/Data", "SEM", "EBSD/SEM", "Electron Image/Data/SE", "Electron Image/Data/FSE"):
        found = group.get(place)
        if isinstance(found, _group_type()):
            yield from (f"{place}/{name}" for name in found if len(getattr(found[name], "shape", ())) == 2)


def _signal(  # noqa: PLR0913 - what one data set is: where, called how, beside which settings
    source: Source,
    found: Any,  # noqa: ANN401 - has no types
    title: str,
    told: Entries,
    file: Any,  # noqa: ANN401 - has no types
    *,
    grid: tuple[Any, ...] | None = None,
    kind: str = "SEM_EBSD",
) -> Signal:
    shape = tuple(map(int, grid or found.shape))
    data = hdf5_data(source, found, shape)
    made, notes = creation_time(source, _made(file))
    is_image = len(shape) == 2
    entries: Entries = {"Title": title, "Data Dimensions": str(shape), **told}
    metadata = Metadata(
        dataset_type=DatasetType.IMAGE if is_image else DatasetType.DIFFRACTION,
        data_type=kind,
        creation_time=made,
        entries=entries,
        warnings=tuple(name for name in entries if name in DOUBTFUL),
        notes=notes,
    )
    drawn = data if data.dtype.kind in "biufc" else None
    signal_kind = (SignalKind.IMAGE if is_image else SignalKind.IMAGE_STACK) if drawn else SignalKind.NONE
    axes = tuple(Axis(name=name, size=size) for name, size in zip(_axis_names(shape), shape, strict=True))
    return Signal(title=title, kind=signal_kind, metadata=metadata, axes=axes, data=drawn, native=_native(told))


def _axis_names(shape: tuple[int, ...]) -> list[str]:
    return [*(["pattern"] if len(shape) == 3 else [f"scan {i}" for i in range(len(shape) - 2)]), "y", "x"]


def _native(told: Entries) -> dict[str, object]:
    return {name: getattr(value, "value", value) for name, value in told.items()}


def _settings(groups: list[Any]) -> Entries:
    entries: Entries = {}
    for group in groups:
        for key, value, unit in _leaves(group):
            known = NAMES.get(key.lower().replace(" ", "").replace("_", "").replace("-", ""))
            if (value == -1 and key in UNSET) or len(entries) >= _MOST_VALUES:
                continue
            name, usual = known or (words([key]), TEXT)
            made = typed(value, unit) if usual is TEXT else quantity(value, unit or usual)
            if made is not None:
                entries.setdefault(name, made)
    return entries


def _leaves(group: Any) -> Iterator[tuple[str, Any, str]]:  # noqa: ANN401 - has no types
    for key in group:
        if key in _SKIPPED:
            continue
        found = group[key]
        if isinstance(found, _group_type()):
            yield from _leaves(found)
        elif found.size == 1:
            yield key, _plain(found), pint_unit(_plain(found.attrs.get("Unit", "")))


def _plain(found: Any) -> Any:  # noqa: ANN401 - has no types
    """Return one value of a data set or an attribute as plain Python; None if it is more than one."""
    value = found[()] if hasattr(found, "id") else found
    if getattr(value, "size", 0) == 1 and hasattr(value, "reshape"):
        value = value.reshape(-1)[0]
    if isinstance(value, np.floating):
        value = float(str(value))  # 24.7 mm as they were typed, whatever the nearest number of 32 bits is
    return clean_value(value)


def _phases(group: Any) -> str:  # noqa: ANN401 - has no types
    names = []
    for place in ("EBSD/Header/Phase", "EBSD/Header/Phases"):
        for number in group.get(place, {}):
            phase = group[place][number]
            keys = [key for key in ("MaterialName", "material_name", "Phase Name", "Name") if key in phase]
            names += [str(_plain(phase[key])) for key in keys[:1]]
    return ", ".join(name for name in names if name != "None")


def _made(file: Any) -> datetime | None:  # noqa: ANN401 - has no types
    for place in ("1/EBSD/Header/Acquisition Date", "EMheader/EBSD/StartTime"):
        text = _plain(file[place]) if place in file else None
        if isinstance(text, str):
            return first_reading(" ".join(text.split()), "%Y-%m-%dT%H:%M:%S", "%b %d %Y, %I:%M:%S.%f %p")
    return None


def _fits(shape: tuple[int, ...], grid: tuple[Any, ...]) -> bool:
    rows, columns = grid
    if not isinstance(rows, int) or not isinstance(columns, int):
        return False
    return rows > 1 and columns > 1 and shape in {(rows * columns,), (rows, columns), (rows * columns, 1)}


def _group_type() -> Any:  # noqa: ANN401 - has no types
    import h5py  # type: ignore[import-untyped]  # has no types

    return h5py.Group


extractor = EbsdHdf5Extractor()
