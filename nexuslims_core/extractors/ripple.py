"""Ripple headers of NIST Lispix, ``.rpl``, with the numbers in a ``.raw`` beside them: spectra, maps and images.

Keys after https://www.nist.gov/services-resources/software/lispix and HyperSpy's additions; INCA's and Bruker's ways of
writing them are read too. RosettaSciIO's reader is the reference for the numbers. ``record-by vector`` has the spectrum
last, ``image`` an image for each channel. The beam is in kV, energies are in eV or in the unit of the axis; angles are
in degrees, those of beam and spectrometer in mrad; times are in s.
"""

from collections.abc import Mapping
from datetime import datetime, time
from math import prod
from pathlib import Path

import numpy as np

from nexuslims_core.datasets.arrays import FileData
from nexuslims_core.datasets.cleaning import clean_text, quantity
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.heads import read_head
from nexuslims_core.extractors.values.times import creation_time
from nexuslims_core.extractors.values.value_tables import Named, named_values
from nexuslims_core.quantities import MetadataValue

_MOST_BYTES = 1 << 20
_RAW = (".raw", ".RAW", ".Raw")
_CODES = {"signed": "i", "unsigned": "u", "float": "f"}
_ORDERS = {"big-endian": ">", "little-endian": "<", "dont-care": "="}
_NAMED = {
    "beam-energy": Named("Voltage", "kV"),
    "live-time": Named("Live Time", "s"),
    "real-time": Named("Real Time", "s"),
    "convergence-angle": Named("Convergence Angle", "mrad"),
    "collection-angle": Named("Collection Angle", "mrad"),
    "detector-peak-width-ev": Named("Energy Resolution", "eV"),
    "energy-resolution": Named("Energy Resolution", "eV"),
    "elevation-angle": Named("Elevation Angle", "degree"),
    "azimuth-angle": Named("Azimuthal Angle", "degree"),
    "tilt-stage": Named("Stage Position α", "degree"),
}
_UNITS = {"um": "µm", "micron": "µm", "µ": "µm", "ev": "eV", "kev": "keV", "a": "Å", "<undefined>": "", "undefined": ""}
_TECHNIQUES = {"EDS_TEM": ("TEM", "EDS"), "EDS_SEM": ("SEM", "EDS"), "EELS": ("TEM", "EELS"), "CL": ("SEM", "CL")}
_SIDES = ("height", "width", "depth")
_ORDER_OF_AXES: dict[str, tuple[str, ...]] = {
    "vector": ("height", "width", "depth"),
    "image": ("depth", "height", "width"),
    "dont-care": ("height", "width"),
}


class RippleExtractor:
    """Reads a header and, lazily, its numbers."""

    name = "ripple"
    suffixes = frozenset({".rpl"})
    companions = {".rpl": frozenset({".raw"})}  # noqa: RUF012 - the protocol's plain data, never changed

    def claims(self, path: Path, head: bytes) -> bool:
        """Know the format by its suffix and its key words."""
        words = head.lower()
        return path.suffix.lower() in self.suffixes and b"width" in words and b"record-by" in words

    def read(self, source: Source) -> tuple[Signal, ...]:
        """Return the spectra or images.

        Raises
        ------
        ExtractionError
            If the header does not say how its numbers are laid out.
        """
        keys = _keys(source.path)
        sizes, dtype = _sizes(source.path, keys), _dtype(source.path, keys)
        return (_signal(source, keys, sizes, dtype),)


extractor = RippleExtractor()


def _keys(path: Path) -> dict[str, str]:
    text = read_head(path, _MOST_BYTES).decode("latin-1")
    keys: dict[str, str] = {}
    for line in map(str.strip, text.splitlines()):
        content = line.split(";")[0]
        if content.startswith("(MLX::"):  # INCA: (MLX::WIDTH : 256)
            key, _, value = content[6:].rstrip(")").partition(":")
        else:
            key, _, value = content.partition("\t")
        if key.strip():
            keys.setdefault(key.strip().lower(), clean_text(value))
    return keys


def _sizes(path: Path, keys: Mapping[str, str]) -> dict[str, int]:
    sizes = {side: _count(keys.get(side, "1" if side == "depth" else "")) for side in _SIDES}
    missing = [side for side, size in sizes.items() if not size]
    if missing:
        raise ExtractionError(path, f"states no {' and no '.join(missing)}, so not a Ripple header")
    return sizes


def _count(text: str) -> int:
    number = quantity(text, "")
    return int(number) if isinstance(number, int | float) and 0 < number < 1 << 40 else 0


def _dtype(path: Path, keys: Mapping[str, str]) -> np.dtype[np.generic]:
    kind, length = keys.get("data-type", "").lower(), keys.get("data-length", "")
    if kind not in _CODES or length not in {"1", "2", "4", "8"} or (kind == "float" and length in {"1"}):
        raise ExtractionError(path, f"states numbers of the unknown type {kind!r} of {length!r} bytes")
    order = _ORDERS.get(keys.get("byte-order", "dont-care").lower(), "=")
    return np.dtype(f"{order}{_CODES[kind]}{length}")


def _record_by(keys: Mapping[str, str]) -> str:
    stated = keys.get("record-by", "").lower()
    return next((known for known in ("vector", "image") if known in stated), "dont-care")


def _signal(source: Source, keys: Mapping[str, str], sizes: dict[str, int], dtype: np.dtype[np.generic]) -> Signal:
    order = _ORDER_OF_AXES[_record_by(keys)]
    kept = tuple(side for side in order if sizes[side] > 1) or order[-1:]
    spectral = "depth" in kept and (_record_by(keys) == "vector" or _is_energy(keys))
    shape = tuple(sizes[side] for side in kept)
    raw, offset = _raw_beside(source.path), _count(keys.get("offset", ""))
    shape, missing = _whole(shape, dtype, max(0, raw.stat().st_size - offset) if raw else None)
    data = FileData(path=raw, offset=offset, shape=shape, dtype=dtype) if raw and 0 not in shape else None
    axes = tuple(_axis(keys, side, size, spectral=spectral) for side, size in zip(kept, shape, strict=True))
    return Signal(
        title=keys.get("title") or source.path.stem,
        kind=SignalKind.NONE if data is None else _kind(len(shape), spectral=spectral),
        metadata=_metadata(source, keys, shape, spectral=spectral, missing=missing),
        axes=axes if data else (),
        data=data,
        quantity="X-rays (Counts)" if "EDS" in keys.get("signal", "") else "",
        native=dict(keys),
    )


def _is_energy(keys: Mapping[str, str]) -> bool:
    unit = keys.get("depth-units", "").lower()
    return unit in {"ev", "kev"} or "ev-per-chan" in keys or keys.get("signal", "") in _TECHNIQUES


def _raw_beside(path: Path) -> Path | None:
    return next((raw for suffix in _RAW if (raw := path.with_suffix(suffix)).is_file()), None)


def _whole(shape: tuple[int, ...], dtype: np.dtype[np.generic], held: int | None) -> tuple[tuple[int, ...], str]:
    """Return what is there of the numbers, whole along the slowest axis, and a sentence if something is missing."""
    if held is None:
        return shape, "no picture: its numbers, in a .raw file of the same name, are not beside it"
    each = dtype.itemsize * prod(shape[1:])
    if held >= each * shape[0]:
        return shape, ""
    said = f"claims {' × '.join(map(str, shape))} numbers and holds {held} bytes of them: the .raw file ends early"
    count = held // each
    return ((count, *shape[1:]), said) if count else ((0, *shape[1:]), f"no picture: {said}")


def _axis(keys: Mapping[str, str], side: str, size: int, *, spectral: bool) -> Axis:
    scale = quantity(keys.get(f"{side}-scale", keys.get("ev-per-chan", "") if side == "depth" else ""), "")
    offset = quantity(keys.get(f"{side}-origin", ""), "")
    unit = keys.get(f"{side}-units", "eV" if side == "depth" and "ev-per-chan" in keys else "")
    name = keys.get(f"{side}-name", "")
    if side == "depth" and spectral and not name.casefold().startswith("energy"):
        name = "Energy"
    return Axis(
        name=name if name and not name.isdecimal() else {"height": "y", "width": "x", "depth": "depth"}[side],
        size=size,
        scale=float(scale) if isinstance(scale, int | float) and scale else 1.0,
        offset=float(offset) if isinstance(offset, int | float) else 0.0,
        unit=_UNITS.get(unit.lower(), unit),
    )


def _kind(dimensions: int, *, spectral: bool) -> SignalKind:
    if spectral:
        return (SignalKind.SPECTRUM, SignalKind.LINE_SCAN, SignalKind.SPECTRUM_IMAGE)[dimensions - 1]
    return (SignalKind.SPECTRUM, SignalKind.IMAGE, SignalKind.IMAGE_STACK)[dimensions - 1]


def _types(keys: Mapping[str, str], dimensions: int, *, spectral: bool) -> tuple[DatasetType, str]:
    beam, technique = _TECHNIQUES.get(keys.get("signal", ""), ("", ""))
    if not technique and spectral and "ev-per-chan" in keys:
        technique = "EDS"
    words = [word for word in (beam, technique) if word]
    if spectral and dimensions > 1:
        return DatasetType.SPECTRUM_IMAGE, "_".join([*words, "Spectrum_Imaging"])
    if spectral or dimensions == 1:
        return DatasetType.SPECTRUM, "_".join(words or ["Spectrum"])
    return DatasetType.IMAGE, "_".join([*([beam] if beam else []), "Imaging"])


def _metadata(
    source: Source, keys: Mapping[str, str], shape: tuple[int, ...], *, spectral: bool, missing: str
) -> Metadata:
    named, notes = named_values(keys, _NAMED)
    made, doubts = _made(source, keys)
    dataset_type, data_type = _types(keys, len(shape), spectral=spectral)
    entries: dict[str, MetadataValue] = {"Data Dimensions": str(shape), **named}
    for side, name in (("width", "Pixel Width"), ("height", "Pixel Height")):
        axis = _axis(keys, side, 1, spectral=spectral)
        size = quantity(axis.scale, axis.unit) if axis.unit and axis.scale != 1 else None
        entries |= {name: size} if size is not None else {}
    return Metadata(
        dataset_type=dataset_type,
        data_type=data_type,
        creation_time=made,
        entries=entries,
        notes=(*notes, *([missing] if missing else []), *doubts),
    )


def _made(source: Source, keys: Mapping[str, str]) -> tuple[datetime, tuple[str, ...]]:
    date, clock = keys.get("date", ""), keys.get("time", "")
    try:
        day = datetime.fromisoformat(date).date() if date else None
        hour = time.fromisoformat(clock) if clock else None
    except ValueError:
        made, _ = creation_time(source, None)
        return made, (f"{date!r} {clock!r} is no date and time: took the time the file was last written instead",)
    if day is None:
        return creation_time(source, None)
    if hour is None:
        made, notes = creation_time(source, None)
        return made, (*notes, f"the file says it was made on {day}, not when: took the time it was last written")
    return creation_time(source, datetime.combine(day, hour))
