"""The axes of a dictionary that a RosettaSciIO reader returned: sorted slow to fast, and as values of a record."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from nexuslims_core.datasets.cleaning import clean_value, quantity
from nexuslims_core.datasets.signals import Axis
from nexuslims_core.extractors.rosetta.names import KNOWN_UNITS, UNITS
from nexuslims_core.quantities import MetadataValue, Quantity

_NO_UNITS = frozenset(
    {"", "<undefined>", "t.BaseDataAxis.undefined", "undefined", "None", "pix", "px", "pixel", "pixels"}
)
_TIMES = frozenset({"s", "ms", "µs", "ns", "ps"})
_LENGTHS = frozenset({"m", "mm", "µm", "nm", "pm", "Å"})
_ENERGIES = frozenset({"eV", "keV", "1/cm"})
_SPECTRAL = ("wavelength", "energy", "raman")


def arranged(read: Mapping[str, Any]) -> tuple[Any, tuple[Axis, ...], int]:
    """Return the array with the axes it was repeated over first, its axes, and over how many it was repeated."""
    array = read["data"]
    if not hasattr(array, "dtype"):
        array = np.asarray(array)
    given = [axis for axis in read.get("axes", ()) if isinstance(axis, Mapping)]
    if len(given) != len(array.shape):
        given = [{} for _ in array.shape]
    dimensions = max(1, len(array.shape))
    given.sort(key=lambda axis: (axis.get("index_in_array", 0) or 0) % dimensions)  # -1 is the last one
    flags = [bool(axis.get("navigate", i < len(given) - 2)) for i, axis in enumerate(given)]
    order = sorted(range(len(given)), key=lambda i: not flags[i])
    if order != list(range(len(given))):
        array = array.transpose(order)
    return array, tuple(_axis(given[i], array.shape[place]) for place, i in enumerate(order)), sum(flags)


def calibration(axes: Sequence[Axis], steps: int) -> dict[str, MetadataValue]:
    """Return the size of a pixel, a channel and a step of the scan, where the file states their units."""
    return dict(_calibration(axes, steps))


def _calibration(axes: Sequence[Axis], steps: int) -> Iterator[tuple[str, MetadataValue]]:
    scanned, own = list(axes[:steps]), list(axes[steps:])
    if not own and steps == 2:  # one number a place: a picture of the places
        scanned, own = [], scanned
    own_names = ("Pixel Height", "Pixel Width") if len(own) == 2 else ("Step Size",)
    if len(own) in {1, 2}:
        yield from _sizes([_size_of(*pair) for pair in zip(own, own_names, strict=True)], own)
    if all(axis.unit in _LENGTHS for axis in scanned):
        yield from _sizes({1: ("Step Size",), 2: ("Step Size Y", "Step Size X")}.get(steps, ()), scanned)


def _size_of(axis: Axis, name: str) -> str:
    """Return what the size of one element along an axis is called; a wavelength is a length and yet no place."""
    if axis.unit in _TIMES:
        return "Time Step"
    said = axis.name.lower()
    return "Dispersion" if axis.unit in _ENERGIES or any(word in said for word in _SPECTRAL) else name


def _sizes(names: Sequence[str], axes: Sequence[Axis]) -> Iterator[tuple[str, MetadataValue]]:
    for name, axis in zip(names, axes, strict=False):  # no names for three and more steps
        if axis.unit in KNOWN_UNITS and axis.scale:
            yield name, Quantity(value=abs(axis.scale), unit=axis.unit)


def _axis(given: Mapping[str, Any], size: int) -> Axis:
    points = given.get("axis")
    if isinstance(points, np.ndarray | list | tuple) and len(points) > 1:  # uneven: the ends are right, the rest nearly
        scale, offset = (points[-1] - points[0]) / (len(points) - 1), points[0]
    else:
        scale, offset = given.get("scale", 1.0), given.get("offset", 0.0)
    numbers = [quantity(number, "") for number in (scale, offset)]
    unit = str(clean_value(given.get("units")) or "").replace(" / ", "/")
    unit = "" if unit in _NO_UNITS else UNITS.get(unit, unit)
    factor, unit = (1e9, "nm") if unit == "m" else (1.0, unit)
    return Axis(
        name=str(clean_value(given.get("name")) or ""),
        size=int(size),
        scale=factor * numbers[0] if isinstance(numbers[0], int | float) and numbers[0] else 1.0,
        offset=factor * numbers[1] if isinstance(numbers[1], int | float) else 0.0,
        unit=unit,
    )
