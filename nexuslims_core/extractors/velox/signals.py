"""Images, spectra and spectrum images of an opened Velox file as signals."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import unquote

import numpy as np

from nexuslims_core.datasets.cleaning import clean_text, quantity
from nexuslims_core.datasets.events import EventData
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.claimed_size import check_claim
from nexuslims_core.extractors.contents.hdf5_data import Hdf5Data
from nexuslims_core.extractors.rosetta import metadata as rosetta_metadata
from nexuslims_core.extractors.rosetta.values import Tree, at
from nexuslims_core.extractors.values.times import creation_time
from nexuslims_core.extractors.velox import metadata as velox_metadata
from nexuslims_core.extractors.velox.data import MOST_VALUES, Streams, VeloxData
from nexuslims_core.extractors.velox.metadata import LARGEST_JSON, is_stem, parsed
from nexuslims_core.quantities import MetadataValue, Quantity

_LABELS = ("Presentation/Displays/ImageDisplay", "Displays/ImageDisplay")
_SETTINGS = ("Operations", "SharedProperties")
_COUNTS = "X-rays (counts)"
_PACKED = "its numbers are packed in a way that only Velox reads: the streams they came from were pruned from the file"


class Opener:
    """One opened file, and what holds for all its signals; its methods raise what h5py does over a damaged one."""

    def __init__(self, source: Source, file: Any) -> None:  # noqa: ANN401 - h5py has no types
        self.source, self.file = source, file
        self.settings = {kind: held for name in _SETTINGS for kind, held in _group(file, name).items()}
        self.labels = _labels(file)
        version = json_in(file["Info"]).get("applicationVersion") if "Info" in file else None
        self.software = {"Software Version": f"Velox {clean_text(version)}"} if isinstance(version, str) else {}
        self.mapped = "SpectrumImage" in self._data("")

    def kinds(self) -> Iterator[tuple[str, Callable[[], Signal]]]:
        """Yield, for each signal, what it is and the function that opens it."""
        for name in self._data("Spectrum"):
            yield "a spectrum", partial(self.spectrum, f"Data/Spectrum/{name}")
        for name in self._data("Image"):
            yield "an image", partial(self.image, f"Data/Image/{name}")
        if self.mapped:
            yield "the spectrum image", self.spectrum_image
            for name in self._data("EelsSpectrumImage"):
                yield "an EELS spectrum image", partial(self.eels, f"Data/EelsSpectrumImage/{name}")

    def image(self, name: str) -> Signal:
        """Return an image, or the images of a series."""
        tree, held = self._tree(name), self.file[f"{name}/Data"]
        check_claim(self.source, held.shape, held.dtype)
        rows, columns, frames = held.shape
        single = frames == 1 or self.mapped
        fourier = str(at(tree, "BinaryResult.PixelUnitX")).startswith("1/")
        types = _image_types(tree, diffraction=fourier and not held.dtype.names, stacked=not single)
        axes = [_place_axis(tree, *of) for of in (("y", "height", rows), ("x", "width", columns))]
        if not single:
            seconds = _plain(at(tree, "Scan.FrameTime"))
            axes.insert(0, Axis(name="Time", size=frames, scale=seconds or 1.0, unit="s" if seconds else ""))
        entries = self._entries(tree, (rows, columns) if single else (frames, rows, columns))
        entries |= {"Number of Frames": frames} if frames > 1 else {}
        if not fourier:
            entries = {**_fields(axes[-2:]), **entries}
        return self._signal(
            tree,
            title=self._title(name, tree, held.dtype) + (" (EDS)" if types[1].endswith("EDS") else ""),
            kind=SignalKind.IMAGE if single else SignalKind.IMAGE_STACK,
            types=types,
            entries=entries,
            axes=tuple(axes),
            data=VeloxData(path=self.source.path, name=f"{name}/Data", held=held.shape, kept=held.dtype, single=single),
        )

    def spectrum(self, name: str) -> Signal:
        """Return a spectrum of one detector, or several."""
        tree, held = self._tree(name), self.file[f"{name}/Data"]
        check_claim(self.source, held.shape, held.dtype)
        channels, spectra = held.shape
        single = spectra == 1
        axes = (_energy_axis(tree, channels),)
        detector = clean_text(str(at(tree, "BinaryResult.Detector") or ""))
        return self._signal(
            tree,
            title=f"EDS {detector}".strip(),
            kind=SignalKind.SPECTRUM if single else SignalKind.LINE_SCAN,
            types=(DatasetType.SPECTRUM, f"{_beam(tree)}_EDS"),
            entries=self._entries(tree, (channels,) if single else (spectra, channels)),
            axes=axes if single else (Axis(name="Stack", size=spectra), *axes),
            data=VeloxData(path=self.source.path, name=f"{name}/Data", held=held.shape, kept=held.dtype, single=single),
            quantity=_COUNTS,
        )

    def spectrum_image(self) -> Signal:
        """Return the spectrum image, summed over its detectors and frames."""
        streams = [f"Data/SpectrumStream/{name}" for name in self._data("SpectrumStream")]
        packed = [f"Data/SpectrumImage/{name}" for name in self._data("SpectrumImage")]
        tree = self._tree((streams or packed)[0])
        rows, columns = self._map_size(tree)
        channels = int(json_in(self.file[streams[0]]["AcquisitionSettings"])["bincount"]) if streams else 0
        shape = (rows, columns, channels) if channels > 0 else (rows, columns)
        places = [_place_axis(tree, *of) for of in (("y", "height", rows), ("x", "width", columns))]
        axes = (*places, _energy_axis(tree, channels)) if channels > 0 else ()
        frames = self._frames(packed)
        entries = {**_fields(places), **self._entries(tree, shape)}
        entries |= {"Number of Frames": frames} if frames else {}
        signal = self._signal(
            tree,
            title="EDS map",
            kind=SignalKind.SPECTRUM_IMAGE if channels > 0 else SignalKind.NONE,
            types=(DatasetType.SPECTRUM_IMAGE, f"{_beam(tree)}_EDS_Spectrum_Imaging"),
            entries=entries,
            axes=axes,
            quantity=_COUNTS,
        )
        if not channels:
            return _with_note(signal, _PACKED)
        return self._with_streams(signal, (rows, columns, channels), streams, frames)

    def eels(self, name: str) -> Signal:
        """Return one range of energies of an EELS spectrum image."""
        held = self.file[f"{name}/Data"]
        check_claim(self.source, held.shape, held.dtype)
        tree = self._tree(f"Data/SpectrumImage/{self._data('SpectrumImage')[0]}")
        energies = at(parsed(self.file[f"{name}/AcquisitionMetadata"][:, 0].tobytes()), "Data")
        scale, offset = (_plain(at(energies, key)) for key in ("dispersion", "offset"))
        lengths = dict(zip(("y", "energy", "x") if held.ndim == 3 else ("x", "energy"), held.shape, strict=True))
        energy = Axis(name="Energy loss", size=lengths["energy"], scale=scale or 1.0, offset=offset or 0.0, unit="eV")
        sides = {"y": "height", "x": "width"}
        axes = [energy if way == "energy" else _place_axis(tree, way, sides[way], lengths[way]) for way in lengths]
        places = tuple(length for way, length in lengths.items() if way != "energy")
        return self._signal(
            tree,
            title="EELS map",
            kind=SignalKind.SPECTRUM_IMAGE if held.ndim == 3 else SignalKind.LINE_SCAN,
            types=(DatasetType.SPECTRUM_IMAGE, f"{_beam(tree)}_EELS_Spectrum_Imaging"),
            entries=self._entries(tree, (*places, lengths["energy"])),
            axes=tuple(axes),
            data=Hdf5Data(path=self.source.path, place=f"{name}/Data", shape=held.shape, dtype=held.dtype),
        )

    def _data(self, kind: str) -> list[str]:
        held = self.file.get(f"Data/{kind}".rstrip("/"))
        return list(held) if hasattr(held, "keys") else []

    def _tree(self, name: str) -> Tree:
        held = self.file[f"{name}/Metadata"]
        if held.shape[0] > LARGEST_JSON:
            raise ValueError("its settings are too long to be true")
        return parsed(held[:, 0].tobytes())

    def _entries(self, tree: Tree, shape: tuple[int, ...]) -> dict[str, MetadataValue]:
        found = velox_metadata.entries(tree, self.settings)
        return {"Data Dimensions": str(tuple(map(int, shape))), **found, **self.software}

    def _signal(
        self, tree: Tree, *, types: tuple[DatasetType, str], entries: dict[str, MetadataValue], **given: Any
    ) -> Signal:
        made, notes = creation_time(self.source, velox_metadata.acquired(tree))
        metadata = Metadata(dataset_type=types[0], data_type=types[1], creation_time=made, entries=entries, notes=notes)
        return Signal(metadata=metadata, native=rosetta_metadata.native(tree), **given)

    def _title(self, name: str, tree: Tree, kept: np.dtype[Any]) -> str:
        known = self.labels.get(name.rpartition("/")[2], "") or _unfiltered(self.settings, name)
        fourier = "Half FFT" if kept.names and "Half" in kept.names[0] else ""
        detector = clean_text(str(at(tree, "BinaryResult.Detector") or "")).removeprefix("BM-")
        return known or fourier or detector or self.source.path.stem

    def _map_size(self, tree: Tree) -> tuple[int, int]:
        """Return rows and columns of the map: those of an image taken with it that fit the scanned area best."""
        sizes = [self.file[f"Data/Image/{name}/Data"].shape[:2] for name in self._data("Image")]
        shapes = [(int(rows), int(columns)) for rows, columns in sizes]
        lengths = _scanned(tree, "top", "bottom", "height"), _scanned(tree, "left", "right", "width")
        if lengths[0] is None or lengths[1] is None:
            return shapes[-1]
        stated = lengths[0], lengths[1]
        return stated if stated in shapes or not shapes else min(shapes, key=lambda one: math.dist(one, stated))

    def _frames(self, packed: Sequence[str]) -> int | None:
        for name in packed:
            settings = self.file[name].get("SpectrumImageSettings")
            frames = _plain(json_in(settings).get("endFramePosition")) if settings is not None else None
            if frames and frames > 0:
                return int(frames)
        return None

    def _with_streams(
        self, signal: Signal, shape: tuple[int, int, int], names: Sequence[str], frames: int | None
    ) -> Signal:
        most = MOST_VALUES // len(names)
        streams = Streams(
            path=self.source.path,
            names=tuple(f"{name}/Data" for name in names),
            places=shape[0] * shape[1],
            channels=shape[2],
            frames=frames,
            most=most,
        )
        signal = replace(signal, data=EventData(shape=shape, events=streams.events))
        longest = max(len(self.file[f"{name}/Data"]) for name in names)
        if longest <= most:
            return signal
        return _with_note(signal, f"the picture shows the first {most / longest:.0%} of the counts")


def json_in(held: Any) -> Tree:  # noqa: ANN401 - a data set of h5py
    """Return the JSON object in a data set of one text."""
    text = held[0]
    return parsed(text if isinstance(text, bytes) else str(text).encode())


def _group(file: Any, name: str) -> dict[str, dict[str, Tree]]:  # noqa: ANN401 - a file of h5py
    """Return kind to name to JSON object of all below a group; what cannot be read is left out."""
    found: dict[str, dict[str, Tree]] = {}
    held = file.get(name)
    for kind in held if hasattr(held, "keys") else ():
        below = held[kind]
        for one in below if hasattr(below, "keys") else ():
            try:
                found.setdefault(kind, {})[one] = json_in(below[one])
            except (ValueError, LookupError, TypeError, OSError, RuntimeError):
                continue
    return found


def _labels(file: Any) -> dict[str, str]:  # noqa: ANN401 - a file of h5py
    """Return what Velox calls each image in its window, by the name of the image's data set."""
    labels: dict[str, str] = {}
    references = _group(file, "SharedProperties").get("ImageSeriesDataReference", {})
    for place in _LABELS:
        above, _, kind = place.rpartition("/")
        for shown in _group(file, above).get(kind, {}).values():
            reference = references.get(str(shown.get("data", "")).rpartition("/")[2], {})
            path = shown.get("dataPath") or reference.get("dataPath")
            label = shown.get("title") or unquote(str(at(shown, "display.label") or ""))
            if isinstance(path, str) and path and label:
                labels[path.rpartition("/")[2]] = clean_text(str(label))
    return labels


def _unfiltered(settings: Mapping[str, Mapping[str, Tree]], name: str) -> str:
    """Return the name of an image that Velox computed and keeps beside the one that it shows."""
    for operation in settings.get("SurfaceReconstructionOperation", {}).values():
        if str(operation.get("unfilteredDataPath", "")).endswith(name):
            return "iDPC (unfiltered)" if operation.get("integrationMode") == "true" else "dDPC (unfiltered)"
    for operation in settings.get("MathematicsOperation", {}).values():
        if str(operation.get("dataPath", "")).endswith(name):
            outputs = operation.get("outputs")
            first = outputs[0] if isinstance(outputs, list) and outputs else {}
            return {"0": "A-C", "1": "B-D"}.get(str(at(first, "inputIndex")), "")
    return ""


def _beam(tree: Tree) -> str:
    return "STEM" if is_stem(tree) else "TEM"


def _image_types(tree: Tree, *, diffraction: bool, stacked: bool) -> tuple[DatasetType, str]:
    """Return the kind of an image: a map of an element, a camera's pattern by the microscope's mode, or a picture."""
    kind = at(velox_metadata.detector(tree), "DetectorType")
    if kind == "AnalyticalDetector" or (kind is None and velox_metadata.segments(tree)):
        return DatasetType.IMAGE, f"{_beam(tree)}_EDS"
    camera = kind == "ImagingDetector"
    projected = str(at(tree, "Optics.ProjectorMode")) == "1"
    if camera and (diffraction or projected):
        return DatasetType.DIFFRACTION, "4D_STEM" if is_stem(tree) and stacked else f"{_beam(tree)}_Diffraction"
    return DatasetType.IMAGE, f"{_beam(tree)}_Imaging"


def _scanned(tree: Tree, first: str, last: str, side: str) -> int | None:
    """Return how many places of the whole field's side were scanned; None if that is not known."""
    start, end = (_plain(at(tree, f"Scan.ScanArea.{bound}")) for bound in (first, last))
    full = _plain(at(tree, f"Scan.ScanSize.{side}"))
    return None if start is None or end is None or full is None else round((end - start) * full)


def _place_axis(tree: Tree, name: str, side: str, size: int) -> Axis:
    """Return an axis of an image; Velox states metres, or their inverse in reciprocal space."""
    unit = str(at(tree, f"BinaryResult.PixelUnit{name.upper()}") or "")
    scale = _plain(at(tree, f"BinaryResult.PixelSize.{side}"))
    offset = _plain(at(tree, f"BinaryResult.Offset.{name}")) or 0.0
    if not scale:
        return Axis(name=name, size=int(size))
    factor, shown = {"m": (1e9, "nm"), "1/m": (1e-9, "1/nm")}.get(unit, (1.0, clean_text(unit)))
    return Axis(name=name, size=int(size), scale=scale * factor, offset=offset * factor, unit=shown)


def _energy_axis(tree: Tree, size: int) -> Axis:
    one = velox_metadata.detector(tree) or next(iter(velox_metadata.segments(tree)), {})
    scale, offset = (_plain(at(one, key)) for key in ("Dispersion", "OffsetEnergy"))
    if not scale:
        return Axis(name="Energy", size=int(size))
    return Axis(name="Energy", size=int(size), scale=scale / 1000, offset=(offset or 0.0) / 1000, unit="keV")


def _fields(axes: Sequence[Axis]) -> dict[str, MetadataValue]:
    """Return the size of a pixel and of the field of view."""
    found: dict[str, MetadataValue] = {}
    for axis, side, way in zip(axes, ("Height", "Width"), ("Vertical", "Horizontal"), strict=True):
        if axis.unit == "nm":
            found[f"Pixel {side}"] = Quantity(value=axis.scale, unit="nm")
            found[f"{way} Field Width"] = Quantity(value=axis.scale * axis.size / 1000, unit="µm")
    return found


def _plain(value: object) -> float | None:
    found = quantity(value, "")
    return float(found) if isinstance(found, int | float) else None


def _with_note(signal: Signal, note: str) -> Signal:
    return replace(signal, metadata=replace(signal.metadata, notes=(*signal.metadata.notes, note)))
