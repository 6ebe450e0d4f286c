"""What an axis counts: a place, an angle, an energy, a time; told by its name and its unit."""

import math

from nexuslims_core.datasets.signals import Axis

LENGTH, RECIPROCAL, ANGLE, ENERGY, TIME = "length", "reciprocal length", "angle", "energy", "time"

_BASES = {
    LENGTH: {"pm": 1e-12, "A": 1e-10, "Å": 1e-10, "nm": 1e-9, "µm": 1e-6, "mm": 1e-3, "cm": 1e-2, "m": 1.0},
    ANGLE: {"µrad": 1e-6, "mrad": 1e-3, "rad": 1.0, "°": math.pi / 180, "deg": math.pi / 180, "degree": math.pi / 180},
    ENERGY: {"meV": 1e-3, "eV": 1.0, "keV": 1e3},
    TIME: {"ps": 1e-12, "ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0},
}
_SPELLINGS = {"um": "µm", "μm": "µm", "micron": "µm", "microns": "µm", "us": "µs", "μs": "µs", "μrad": "µrad"}
_SPELLINGS |= {"degrees": "°", "deg": "°", "degree": "°", "Angstrom": "Å", "angstrom": "Å", "Å": "Å", "sec": "s"}
_SPECTRAL = ("energy", "wavelength", "wavenumber", "loss", "shift")
_MOST_STRETCHED = 10
_HARDLY = 0.01


def spelt(unit: str) -> str:
    """Return a unit in one spelling of the several that programs use; ``1/nm`` and ``nm^-1`` become ``nm⁻¹``."""
    inner = _inverse_of(unit)
    return f"{_SPELLINGS.get(inner, inner)}⁻¹" if inner else _SPELLINGS.get(unit, unit)


def _inverse_of(unit: str) -> str:
    """Return what a reciprocal unit is the inverse of; nothing for every other unit."""
    if unit.startswith(("1/", "1 /")):
        return unit.partition("/")[2].strip("() ")
    ending = next((ending for ending in ("^-1", "⁻¹", "^(-1)", "**-1") if unit.endswith(ending)), "")
    return unit.removesuffix(ending).strip() if ending else ""


def measured_in(unit: str) -> tuple[str, float]:
    """Return what a unit measures and how large it is in the base unit of that; nothing and 1 where unknown."""
    inner = _inverse_of(unit)
    name = _SPELLINGS.get(inner or unit, inner or unit)
    kind, size = next(((kind, units[name]) for kind, units in _BASES.items() if name in units), ("", 1.0))
    if not inner:
        return kind, size
    return (RECIPROCAL, 1 / size) if kind == LENGTH else ("", 1.0)


def is_spectral(axis: Axis) -> bool:
    """Tell whether a spectrum runs along an axis."""
    name = axis.name.casefold()
    return any(word in name for word in _SPECTRAL) or measured_in(axis.unit)[0] == ENERGY


def spectral_axis(axes: tuple[Axis, ...]) -> int:
    """Return which axis the spectra run along: the one that says so, else the last."""
    named = (i for i, axis in enumerate(axes) if is_spectral(axis))
    return next(named, len(axes) - 1)


def are_alike(y_axis: Axis, x_axis: Axis) -> bool:
    """Tell whether the axes of an image are both directions of one plane, and not, say, an angle over a wavelength."""
    kinds = [measured_in(axis.unit)[0] for axis in (y_axis, x_axis)]
    if any(is_spectral(axis) for axis in (y_axis, x_axis)) or TIME in kinds:
        return False
    return kinds[0] == kinds[1] or not all(kinds)


def aspect(y_axis: Axis, x_axis: Axis) -> float:
    """Return how high a pixel is for its width: 1 where the file does not tell, or tells what cannot be shown."""
    (y_kind, y_size), (x_kind, x_size) = measured_in(y_axis.unit), measured_in(x_axis.unit)
    if not y_kind or y_kind != x_kind or not x_axis.scale:
        return 1.0
    ratio = abs(y_axis.scale) * (y_size / x_size) / abs(x_axis.scale)
    if not (math.isfinite(ratio) and 1 / _MOST_STRETCHED <= ratio <= _MOST_STRETCHED):
        return 1.0
    return 1.0 if abs(ratio - 1) < _HARDLY else ratio


def is_reciprocal(y_axis: Axis, x_axis: Axis) -> bool:
    """Tell whether an image lies in reciprocal space: diffraction patterns and Fourier transforms do."""
    return all(measured_in(axis.unit)[0] in {RECIPROCAL, ANGLE} for axis in (y_axis, x_axis))
