"""What a RosettaSciIO reader returned, as signals: colours as a last axis, errors named."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.datasets.arrays import ArrayData
from nexuslims_core.datasets.signals import Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.contents.claimed_size import check_claim
from nexuslims_core.extractors.contents.foreign import FOREIGN_FAULTS, said
from nexuslims_core.extractors.rosetta import metadata as rosetta_metadata
from nexuslims_core.extractors.rosetta.axes import arranged, calibration
from nexuslims_core.extractors.rosetta.hyperspy_kinds import completed

_NO_TITLE = re.compile(r"_*unnamed_*\d*|", re.IGNORECASE)
_KINDS = {1: (SignalKind.SPECTRUM, SignalKind.LINE_SCAN, SignalKind.SPECTRUM_IMAGE), 2: (SignalKind.IMAGE,)}


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
    if inside:
        check_claim(source, tuple(map(int, np.shape(read["data"]))), read["data"].dtype)
    read, told = completed(read)
    array, axes, steps = arranged(read)
    tree, notes = rosetta_metadata.mapped(read)
    is_complex = array.dtype.kind == "c"
    metadata = rosetta_metadata.metadata(source, tree, axes=axes, steps=steps, is_complex=is_complex)
    shape = tuple(int(length) for length in array.shape)
    title = rosetta_metadata.title(tree)
    title = "" if _NO_TITLE.fullmatch(title) else title
    named = {"Title": title} if title else {}
    entries = {**named, "Data Dimensions": str(shape), **calibration(axes, steps), **metadata.entries}
    metadata = replace(metadata, entries=entries, notes=(*metadata.notes, *told, *notes))
    opened = Signal(
        title=title or source.path.stem,
        kind=_kind(len(axes) - steps, steps),
        metadata=metadata,
        axes=axes,
        quantity=rosetta_metadata.quantity_name(tree),
        native=rosetta_metadata.native(read.get("original_metadata") or {}),
    )
    if opened.kind is SignalKind.NONE or 0 in shape or not _drawable(array.dtype):
        notes = (*metadata.notes, "its numbers are not of a kind that can be drawn")
        return replace(opened, kind=SignalKind.NONE, metadata=replace(metadata, notes=notes))
    colours = len(array.dtype.names or ())
    return replace(opened, data=ForeignData(path=source.path, array=array, colours=colours))


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
