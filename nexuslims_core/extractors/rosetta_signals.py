"""What a RosettaSciIO reader returned, as signals: axes sorted slow to fast, colours as a last axis, errors named."""

import math
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.datasets.arrays import ArrayData
from nexuslims_core.datasets.cleaning import clean_text, clean_value, quantity
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors import rosetta_metadata, tiff_tags
from nexuslims_core.extractors.base import Source

FOREIGN_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What the readers are known to raise over a damaged file, by name; anything else ends the process that reads."""

_SMALLEST_CLAIM = 64 << 20
"""Bytes that any file may claim to hold: they fit into memory."""

_KINDS = {1: (SignalKind.SPECTRUM, SignalKind.LINE_SCAN, SignalKind.SPECTRUM_IMAGE), 2: (SignalKind.IMAGE,)}
_UNITS = {"um": "µm", "A": "Å", "Angstrom": "Å", "deg": "degree", "angstrom": "Å", "nm^-1": "1/nm"}
_UNITS |= {"n_m": "nm", "Seconds": "s", "meters": "m", "[]": ""}
_NO_UNITS = frozenset(
    {"", "<undefined>", "t.BaseDataAxis.undefined", "undefined", "None", "pix", "px", "pixel", "pixels"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignData:
    """Numbers that a foreign reader computes when they are asked for.

    Attributes
    ----------
    colours
        How many fields of one number become a last axis; 0 for plain numbers.
    """

    path: Path
    array: Any
    colours: int = 0

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis, slow to fast."""
        return tuple(self.array.shape) + ((self.colours,) if self.colours else ())

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of one number."""
        dtype: np.dtype[Any] = np.dtype(self.array.dtype)
        return dtype[0] if self.colours else dtype

    def blocks(self, index: tuple[int, ...] = (), *, rows: int = 1) -> Iterator[NDArray[Any]]:
        """Yield ``data[index]`` piece by piece along its first axis.

        Raises
        ------
        ExtractionError
            If the reader fails on the numbers, for instance because the file is cut short.
        """
        pieces = ArrayData(self.array).blocks(index, rows=rows)
        while True:
            try:
                piece = next(pieces, None)
            except FOREIGN_FAULTS as error:
                raise ExtractionError(self.path, f"its numbers cannot be read ({said(error)})") from error
            if piece is None:
                return
            yield self._plain(piece)

    def _plain(self, piece: NDArray[Any]) -> NDArray[Any]:
        if not self.colours:
            return piece
        return np.ascontiguousarray(piece).view(self.dtype).reshape(*piece.shape, self.colours)


def said(error: BaseException) -> str:
    """Return what a foreign error says, as one short sentence."""
    text = clean_text(" ".join(str(error).split())) or "it gave no reason"
    return f"{type(error).__name__}: {text[:300]}"


def signal(source: Source, read: Mapping[str, Any], *, inside: bool) -> Signal:
    """Return one dictionary that a reader returned as a signal.

    Parameters
    ----------
    inside
        Whether its numbers still lie in the file or its companions, so that their size can be told from a lie.

    Raises
    ------
    ExtractionError
        If it claims more numbers than its file can hold.
    """
    array, axes, repeated = _sorted(read)
    tree, notes = rosetta_metadata.mapped(read)
    steps = sum(repeated)
    metadata = rosetta_metadata.metadata(source, tree, signal_axes=len(axes) - steps, steps=steps)
    shape = tuple(int(length) for length in array.shape)
    entries = {**metadata.entries, "Data Dimensions": str(shape)}
    metadata = replace(metadata, entries=entries, notes=(*metadata.notes, *notes))
    opened = Signal(
        title=rosetta_metadata.title(tree) or source.path.stem,
        kind=_kind(len(axes) - steps, steps),
        metadata=metadata,
        axes=axes,
        quantity=rosetta_metadata.quantity_name(tree),
        native=rosetta_metadata.native(read.get("original_metadata") or {}),
    )
    if inside:
        check_claim(source, shape, array.dtype)
    if opened.kind is SignalKind.NONE or 0 in shape or not _drawable(array.dtype):
        notes = (*metadata.notes, "its numbers are not of a kind that can be drawn")
        return replace(opened, kind=SignalKind.NONE, metadata=replace(metadata, notes=notes))
    colours = len(array.dtype.names or ())
    return replace(opened, data=ForeignData(path=source.path, array=array, colours=colours))


def _sorted(read: Mapping[str, Any]) -> tuple[Any, tuple[Axis, ...], tuple[bool, ...]]:
    """Return the array with the axes it was repeated over first, its axes, and which of them those are."""
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
    axes = tuple(_axis(given[i], array.shape[place]) for place, i in enumerate(order))
    return array, axes, tuple(flags[i] for i in order)


def _axis(given: Mapping[str, Any], size: int) -> Axis:
    points = given.get("axis")
    if isinstance(points, np.ndarray | list | tuple) and len(points) > 1:  # uneven: the ends are right, the rest nearly
        scale, offset = (points[-1] - points[0]) / (len(points) - 1), points[0]
    else:
        scale, offset = given.get("scale", 1.0), given.get("offset", 0.0)
    numbers = [quantity(number, "") for number in (scale, offset)]
    unit = str(clean_value(given.get("units")) or "").replace(" / ", "/")
    unit = "" if unit in _NO_UNITS else _UNITS.get(unit, unit)
    factor, unit = (1e9, "nm") if unit == "m" else (1.0, unit)
    return Axis(
        name=str(clean_value(given.get("name")) or ""),
        size=int(size),
        scale=factor * numbers[0] if isinstance(numbers[0], int | float) and numbers[0] else 1.0,
        offset=factor * numbers[1] if isinstance(numbers[1], int | float) else 0.0,
        unit=unit,
    )


def _kind(signal_axes: int, steps: int) -> SignalKind:
    if signal_axes == 2:
        return SignalKind.IMAGE_STACK if steps else SignalKind.IMAGE
    if signal_axes == 1:
        return _KINDS[1][min(steps, 2)]
    if signal_axes == 0:  # one number a place: a picture of the places
        return {1: SignalKind.SPECTRUM, 2: SignalKind.IMAGE, 3: SignalKind.IMAGE_STACK}.get(steps, SignalKind.NONE)
    return SignalKind.IMAGE_STACK


def _drawable(dtype: np.dtype[Any]) -> bool:
    if dtype.names:
        kinds = {dtype[name] for name in dtype.names}
        return len(dtype.names) in {3, 4} and len(kinds) == 1 and next(iter(kinds)).kind == "u"
    return dtype.kind in "biufc"


def check_claim(source: Source, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Refuse a signal that cannot be true; data may lie in companions, and a small claim does no harm.

    Raises
    ------
    ExtractionError
        If it claims more numbers than its file can hold.
    """
    claimed = math.prod(shape) * dtype.itemsize
    beside = sum(part.stat().st_size for part in source.file.parts if part.is_file())
    held = source.file.size + beside
    if claimed > max(_SMALLEST_CLAIM, held * tiff_tags.BEST_COMPRESSION):
        raise ExtractionError(source.path, f"claims {' × '.join(map(str, shape))} numbers and holds {held} bytes")
