"""What a DigitalMicrograph image is: picture or spectrum, its axes, and the words for it in a record.

The shape alone does not tell: a spectrum image has three axes, as a stack of pictures has. The tags ``Meta Data:
Format`` (Gatan) and ``spim`` (Orsay) do. What a picture shows comes from the microscope's modes, never from a file's
name.
"""

from dataclasses import dataclass

from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.datasets.signals import Axis, SignalKind
from nexuslims_core.extractors.digital_micrograph.metadata import source_tags, text
from nexuslims_core.extractors.digital_micrograph.pixels import is_colour, is_complex, stated_shape
from nexuslims_core.extractors.digital_micrograph.tags import Tags, at, group

_SPECTRAL = frozenset({SignalKind.SPECTRUM, SignalKind.LINE_SCAN, SignalKind.SPECTRUM_IMAGE})
_TECHNIQUES = {"EELS": "EELS", "X-ray": "EDS", "CL": "CL"}
_ENERGY_UNITS = frozenset({"eV", "keV"})
_ELECTRON_DETECTORS = ("SE", "BSE", "ETD", "INLENS", "ADF", "HAADF", "BF", "DF")
"""How the names of signals begin that DigiScan takes beside light."""

_ANGLES = frozenset({"mrad", "rad"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the numbers of an image are arranged.

    Attributes
    ----------
    axes
        In the order of the file, slow to fast. A spectrum image has its energies first, a line scan last.
    """

    kind: SignalKind
    axes: tuple[Axis, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        return tuple(axis.size for axis in self.axes)

    @property
    def spectral_axis(self) -> int | None:
        """Which axis counts energies or wavelengths; None in pictures."""
        places = {SignalKind.SPECTRUM: 0, SignalKind.SPECTRUM_IMAGE: 0}
        if self.kind is SignalKind.LINE_SCAN:
            return next(i for i, axis in enumerate(self.axes) if axis.name not in {"x", "y"})
        return places.get(self.kind)


def lay_out(image: Tags) -> Layout:
    """Return the kind and axes of an image; axes of one pixel that carry nothing are left out."""
    calibrated = _calibrated(image)
    spectral = None if is_colour(image) else _spectral_axis(image, calibrated)
    if spectral is None:
        return _picture(calibrated)
    name = _spectral_name(image, calibrated[spectral])
    places = tuple(axis for i, axis in enumerate(calibrated) if i != spectral and axis.size > 1)
    energy = _renamed((calibrated[spectral],), (name,))
    positions = _renamed(places, ("t", "z", "y", "x"))
    kind = (SignalKind.SPECTRUM, SignalKind.LINE_SCAN, SignalKind.SPECTRUM_IMAGE)[min(len(places), 2)]
    return Layout(kind=kind, axes=energy + positions if spectral == 0 else positions + energy)


def _calibrated(image: Tags) -> tuple[Axis, ...]:
    dimensions = tuple(group(image, "ImageData", "Calibrations", "Dimension").values())
    axes = []
    for number, size in enumerate(reversed(stated_shape(image))):
        stated = dimensions[number] if number < len(dimensions) else {}
        stated = stated if isinstance(stated, dict) else {}
        scale, origin = _number(stated, "Scale", 1.0), _number(stated, "Origin", 0.0)
        axes.append(Axis(name="", size=size, scale=scale, offset=0.0 - origin * scale, unit=text(stated, "Units")))
    return tuple(reversed(axes))


def _number(tags: Tags, name: str, otherwise: float) -> float:
    value = tags.get(name)
    return float(value) if isinstance(value, int | float) and abs(value) < 1e30 else otherwise


def _spectral_axis(image: Tags, axes: tuple[Axis, ...]) -> int | None:
    """Tell which axis is spectral: the only one, the fastest of two, the slowest of three."""
    form = text(source_tags(image), "Meta Data", "Format")
    orsay = bool(group(image, "ImageTags", "spim"))
    if len(axes) == 1:
        return 0
    if len(axes) == 2 and (form in {"Spectrum", "Spectrum image"} or orsay):
        return 1
    return 0 if len(axes) == 3 and (form == "Spectrum image" or orsay) else None


def _spectral_name(image: Tags, axis: Axis) -> str:
    tags = source_tags(image)
    if technique(tags) == "CL" and axis.unit not in _ENERGY_UNITS:
        return "Wavelength"
    plain = not technique(tags) and not text(tags, "Meta Data", "Format") and len(stated_shape(image)) == 1
    return "Channel" if plain and axis.unit not in _ENERGY_UNITS else "Energy"


def _picture(axes: tuple[Axis, ...]) -> Layout:
    kept = tuple(axis for axis in axes[:-2] if axis.size > 1) + axes[-2:]
    if len(kept) == 1:
        kept = (Axis(name="", size=1), *kept)
    names = ("u", "v", "w", "t", "z", "y", "x") if len(kept) > 4 else ("t", "z", "y", "x")
    kind = SignalKind.IMAGE_STACK if len(kept) > 2 else SignalKind.IMAGE if kept else SignalKind.NONE
    return Layout(kind=kind, axes=_renamed(kept, ("p", *names)))


def _renamed(axes: tuple[Axis, ...], names: tuple[str, ...]) -> tuple[Axis, ...]:
    """Name axes by the last names."""
    last = names[len(names) - len(axes) :]
    return tuple(
        Axis(name=name, size=axis.size, scale=axis.scale, offset=axis.offset, unit=axis.unit)
        for name, axis in zip(last, axes, strict=True)
    )


def technique(tags: Tags) -> str:
    """Return which spectroscopy made a signal: EELS, EDS, CL, or nothing."""
    signal = _TECHNIQUES.get(text(tags, "Meta Data", "Signal"), "")
    if signal:
        return signal
    if group(tags, "spim", "eels"):
        return "EELS"
    if not group(tags, "Acquisition", "Monarc Spectrometer"):
        return ""
    return "" if text(tags, "DataBar", "Signal Name").upper().startswith(_ELECTRON_DETECTORS) else "CL"


def classify(image: Tags, kind: SignalKind) -> tuple[DatasetType, str]:
    """Return the record's type of dataset, and the words for its data: ``TEM_Imaging``, ``EELS_Spectrum_Imaging``."""
    tags = source_tags(image)
    beam, how = _beam(tags), technique(tags)
    if not how and kind in _SPECTRAL:
        how = next((name for name in ("EELS", "EDS") if group(tags, name)), "")
    if kind in _SPECTRAL:
        return _spectral_type(tags, kind, beam, how)
    if how:  # a map that was made of spectra
        return DatasetType.IMAGE, f"{beam}_{how}"
    if not is_complex(image) and _is_diffraction(image, beam):
        return DatasetType.DIFFRACTION, f"{beam}_Diffraction"
    return (DatasetType.IMAGE, f"{beam}_Imaging") if kind is not SignalKind.NONE else (DatasetType.UNKNOWN, "Unknown")


def _spectral_type(tags: Tags, kind: SignalKind, beam: str, how: str) -> tuple[DatasetType, str]:
    if kind is not SignalKind.SPECTRUM:
        words = (beam if _says_beam(tags) else "", how, "Spectrum_Imaging")
        return DatasetType.SPECTRUM_IMAGE, "_".join(word for word in words if word)
    if how or text(tags, "Meta Data", "Format") == "Spectrum":
        unsaid = how == "CL" and not text(tags, "Microscope Info", "Illumination Mode")
        return DatasetType.SPECTRUM, "CL_Spectrum" if unsaid else f"{beam}_{how or 'Spectrum'}"
    return DatasetType.MISC, "Plot"


def _says_beam(tags: Tags) -> bool:
    return bool(text(tags, "Microscope Info", "Illumination Mode")) or _scanned(tags)


def _beam(tags: Tags) -> str:
    mode, operation = text(tags, "Microscope Info", "Illumination Mode"), _mode(tags, "Operation Mode")
    if "STEM" in mode:
        return "STEM"
    if "SEM" in mode:
        return "SEM"
    return "STEM" if operation in {"SCANNING", "STEM"} or _scanned(tags) else "TEM"


def _mode(tags: Tags, name: str) -> str:
    return text(tags, "Microscope Info", name).upper()


def _scanned(tags: Tags) -> bool:
    return bool(group(tags, "DigiScan"))


def _is_diffraction(image: Tags, beam: str) -> bool:
    """Tell a diffraction pattern by what its signal is called, by its calibration, and by the modes of the column.

    While a probe is scanned the projector stands on diffraction too, so for STEM only what a camera saw counts.
    """
    tags = source_tags(image)
    stated = text(tags, "Meta Data", "Format") + text(tags, "Meta Data", "Signal")
    if "diffraction" in stated.lower():
        return True
    imaging, operation = _mode(tags, "Imaging Mode"), _mode(tags, "Operation Mode")
    if _scanned(tags) or beam == "SEM":
        return False
    camera = bool(at(tags, "Acquisition", "Device"))
    if operation == "DIFFRACTION" or (camera and _is_reciprocal(image)):
        return True
    if beam == "TEM":
        return imaging in {"DIFFRACTION", "EFTEM DIFFRACTION"}
    return camera and (imaging == "DIFFRACTION" or "Diffraction Defocus" in text(tags, "Tecnai", "Microscope Info"))


def _is_reciprocal(image: Tags) -> bool:
    """Tell whether a picture is calibrated in 1/length or in angles."""
    return any(axis.unit.startswith("1/") or axis.unit in _ANGLES for axis in _calibrated(image)[-2:])
