"""Tofwerk's time-of-flight mass spectra of a focused ion beam (fibTOF, TofDAQ 1.99), HDF5 with the suffix ``.h5``.

The layout is that of the files, which the maker does not document; names are NexusLIMS's. Voltages are in V, the field
of view in mm, pressures in Pa, masses in Da, times in the zone of the log. Masses are the squares of times of flight,
so the sum of all spectra is drawn over equal steps of mass. The ions of each place (``EventList``, ``PeakData``) are
not read, nor are the images that the beam took after the first.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from nexuslims_core.datasets.arrays import ArrayData
from nexuslims_core.datasets.cleaning import clean_text, clean_value, quantity
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.foreign import FOREIGN_FAULTS, said
from nexuslims_core.extractors.contents.hdf5_data import hdf5_data, is_hdf5
from nexuslims_core.extractors.values.times import creation_time, first_reading
from nexuslims_core.quantities import MetadataValue, Quantity

MOST_SAMPLES = 1 << 24
"""Points of one spectrum that are added up for its picture."""

_PARTS = ("FullSpectra/SumSpectrum", "FullSpectra/MassAxis", "FIBParams")
_DRAWN = 4096
_BLOCK = b"Tofwerk AG"
"""In the text that TofDAQ may write before the first byte of HDF5."""

_ROWS = (
    ("FIBParams", "FibHardware", "FIB Hardware", None, 0),
    ("FIBParams", "Voltage", "Voltage", "kV", -3),
    ("FIBParams", "Current", "Beam Current", "nA", 9),
    ("FIBParams", "ViewField", "Horizontal Field Width", "µm", 3),
    ("FIBParams", "ScanSpeed", "Scan Speed", "", 0),
    ("/", "NbrPeaks", "Number of Peaks", "", 0),
    ("/", "IonMode", "Ion Mode", None, 0),
    ("/", "FiblysGUIVersion", "FibLys GUI Version", None, 0),
    ("/", "TofDAQ Version", "TofDAQ Version", None, 0),
    ("/", "DAQ Hardware", "DAQ Hardware", None, 0),
)
"""Group, attribute, our name, its unit (None for text) and the power of ten to it."""


def _mean(numbers: Any) -> float:  # noqa: ANN401 - h5py has no types
    if not 0 < numbers.size <= MOST_SAMPLES:
        raise ValueError("too many or none")
    return float(np.mean(numbers[()]))


_MEASURED: tuple[tuple[str, str, str, Callable[[Any], float]], ...] = (
    ("Mass Range Minimum", "FullSpectra/MassAxis", "Da", lambda masses: float(masses[0])),
    ("Mass Range Maximum", "FullSpectra/MassAxis", "Da", lambda masses: float(masses[-1])),
    ("Chamber Pressure", "FibParams/FibPressure/TwData", "Pa", _mean),
)
"""Our name, data set, unit, and what of its numbers is told."""


class TofwerkExtractor:
    """Reads the sum of the mass spectra, and the first image of the ion beam."""

    name = "tofwerk"
    suffixes = frozenset({".h5"})
    companions: dict[str, frozenset[str]] = {}  # noqa: RUF012 - the protocol's own type, never changed

    def claims(self, path: Path, head: bytes) -> bool:
        """Know the file by its spectra, the ion beam's settings and the version of TofDAQ."""
        if _BLOCK not in head and not (is_hdf5(head) and path.suffix.lower() in self.suffixes):
            return False
        try:
            with _opened(path) as file:
                return "TofDAQ Version" in file.attrs and all(part in file for part in _PARTS)
        except ExtractionError:
            return False

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the spectra as one signal, and an image where there is one.

        Raises
        ------
        ExtractionError
            If the file is damaged.
        """
        with _opened(source.path) as file:
            made, doubts = creation_time(source, _made(file))
            metadata = Metadata(
                dataset_type=DatasetType.SPECTRUM_IMAGE,
                data_type="PFIB_TOFSIMS",
                creation_time=made,
                entries=dict(_entries(file)),
                notes=doubts,
            )
            signals = [_spectrum(source, file, metadata)]
            try:
                signals.extend(_image(source, file, metadata))
            except (ExtractionError, *FOREIGN_FAULTS) as error:
                note = f"the image in it cannot be read ({said(error)})"
                signals = [replace(signals[0], metadata=replace(metadata, notes=(*doubts, note)))]
        return tuple(signals)


extractor = TofwerkExtractor()


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import h5py  # type: ignore[import-untyped]  # has no types

    try:
        with h5py.File(path, "r") as file:
            yield file
    except FOREIGN_FAULTS as error:
        raise ExtractionError(path, f"is a damaged file of Tofwerk ({said(error)})") from error


def _attribute(file: Any, group: str, name: str) -> object:  # noqa: ANN401 - h5py has no types
    if group not in file or name not in file[group].attrs:
        return None
    first = np.asarray(file[group].attrs[name]).reshape(-1)[:1].tolist()
    return clean_value(first[0]) if first else None


def _entries(file: Any) -> Iterator[tuple[str, MetadataValue]]:  # noqa: ANN401
    shape = _shape(file)
    yield "Data Dimensions", str(shape)
    for group, attribute, name, unit, power in _ROWS:
        found = _attribute(file, group, attribute)
        value = quantity(found, unit, power) if unit is not None else None if found is None else clean_text(str(found))
        plain = value.value if isinstance(value, Quantity) else value
        if value is not None and value != "" and (unit is None or plain):  # 0 is what it was not told
            yield name, value
    yield from _sizes(file, shape)
    for name, place, unit, taken in _MEASURED:
        with suppress(*FOREIGN_FAULTS):  # the others are as good without it
            value = quantity(taken(file[place]), unit)
            if value is not None:
                yield name, value
    yield "File Variant", "pre-processed" if "PeakData/PeakData" in file else "raw"


def _shape(file: Any) -> tuple[int, ...]:  # noqa: ANN401
    """Return how many slices, rows and columns were taken."""
    for name in ("FullSpectra/EventList", "PeakData/PeakData"):
        if name in file and len(file[name].shape) >= 3:
            return tuple(int(length) for length in file[name].shape[:3])
    counts = [quantity(_attribute(file, "/", name), "") for name in ("NbrWrites", "NbrSegments")]
    return tuple(int(count) for count in counts if isinstance(count, int | float))


def _sizes(file: Any, shape: tuple[int, ...]) -> Iterator[tuple[str, MetadataValue]]:  # noqa: ANN401
    field = quantity(_attribute(file, "FIBParams", "ViewField"), "", 6)
    if len(shape) == 3 and isinstance(field, int | float) and field > 0 and shape[2]:
        for name in ("Pixel Width", "Pixel Height"):
            yield name, Quantity(value=field / shape[2], unit="nm")


def _made(file: Any) -> datetime | None:  # noqa: ANN401
    """Return when the acquisition began, by the log, which knows the zone, or else by the file, which does not."""
    try:
        return datetime.fromisoformat(file["AcquisitionLog/Log"][0]["timestring"].decode("ascii"))
    except FOREIGN_FAULTS:
        written = _attribute(file, "/", "HDF5 File Creation Time")
        return first_reading(written, "%d.%m.%Y %H:%M:%S") if isinstance(written, str) else None


def _spectrum(source: Source, file: Any, metadata: Metadata) -> Signal:  # noqa: ANN401
    masses, counts = (file[name] for name in ("FullSpectra/MassAxis", "FullSpectra/SumSpectrum"))
    title, kind = source.path.stem, SignalKind.SPECTRUM
    if masses.shape != counts.shape or len(counts.shape) != 1 or not 1 < counts.size <= MOST_SAMPLES:
        return Signal(title=title, kind=SignalKind.NONE, metadata=metadata)
    steps = min(_DRAWN, int(counts.size))
    summed, edges = np.histogram(np.nan_to_num(masses[()]), bins=steps, weights=np.nan_to_num(counts[()]))
    axis = Axis(name="Mass", size=steps, scale=float(edges[1] - edges[0]), offset=float(edges[0]), unit="Da")
    return Signal(
        title=title, kind=kind, metadata=metadata, axes=(axis,), data=ArrayData(summed), quantity="Sum of ions (counts)"
    )


def _image(source: Source, file: Any, metadata: Metadata) -> Iterator[Signal]:  # noqa: ANN401
    names = sorted(name for name in file.get("FIBImages", ()) if f"FIBImages/{name}/Data" in file)
    if not names:
        return
    found = file[f"FIBImages/{names[0]}/Data"]
    if len(found.shape) != 2 or 0 in found.shape or found.dtype.kind not in "uif":
        return
    rows, columns = (int(length) for length in found.shape)
    field = quantity(_attribute(file, "FIBParams", "ViewField"), "", 6)
    pixel = field / columns if isinstance(field, int | float) and field > 0 else None
    size = {} if pixel is None else dict.fromkeys(("Pixel Width", "Pixel Height"), Quantity(value=pixel, unit="nm"))
    kept = {name: value for name, value in metadata.entries.items() if not name.startswith(("Mass ", "Number of "))}
    notes = (f"the first of {len(names)} images stands for all",) if len(names) > 1 else ()
    yield Signal(
        title="Ion beam image",
        kind=SignalKind.IMAGE,
        metadata=Metadata(
            dataset_type=DatasetType.IMAGE,
            data_type="FIB_Imaging",
            creation_time=metadata.creation_time,
            entries={**kept, **size, "Data Dimensions": str((rows, columns))},
            notes=(*metadata.notes, *notes),
        ),
        axes=tuple(
            Axis(name=name, size=length, scale=pixel or 1.0, unit="nm" if pixel else "")
            for name, length in (("y", rows), ("x", columns))
        ),
        data=hdf5_data(source, found, (rows, columns)),
    )
