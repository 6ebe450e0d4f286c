"""An opened signal: what extractors hand to previews, with data that is read only as far as it is needed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from nexuslims_core.datasets.models import Metadata

if TYPE_CHECKING:  # who only chooses files, or groups them, need not wait for it
    import numpy as np
    from numpy.typing import NDArray


class SignalKind(StrEnum):
    """Which picture suits a signal."""

    IMAGE = "image"
    SPECTRUM = "spectrum"
    LINE_SCAN = "line scan"
    SPECTRUM_IMAGE = "spectrum image"
    IMAGE_STACK = "image stack"
    TEXT = "text"
    NONE = "none"


class SignalData(Protocol):
    """Numbers of a signal that need not be in memory.

    The order of the axes is slow to fast: ``(…, y, x)`` for images, ``(…, energy)`` for spectra.
    """

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis, slow to fast."""
        ...

    @property
    def dtype(self) -> "np.dtype[Any]":
        """Type of one number; RGB images have a plain type and a last axis of 3 or 4."""
        ...

    def blocks(self, index: tuple[int, ...] = (), *, rows: int = 1) -> "Iterator[NDArray[Any]]":
        """Yield ``data[index]`` piece by piece along its first axis, in order, a bounded number of bytes each.

        Every piece but the last holds a multiple of ``rows`` rows.
        """
        ...


@runtime_checkable
class SummedData(SignalData, Protocol):
    """Numbers of a spectrum image that are added up faster where they lie than by reading each of them."""

    def sums(self, channels: slice = slice(None)) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
        """Return the sum of each spectrum over ``channels``, in the shape of the places, and the sum of all spectra.

        The last axis is the one that the spectra run along.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One axis of a signal: ``value(i) = offset + i · scale``, in ``unit`` (empty where the file tells none)."""

    name: str
    size: int
    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One signal of a file, opened.

    Attributes
    ----------
    title
        For the picture's heading.
    kind
        Which picture suits it.
    axes
        In the order of ``data.shape``, slow to fast (without the colour axis of RGB images).
    data
        The numbers; None where there are none to draw.
    quantity
        What the numbers are and their unit, such as ``Intensity (counts)``; may be empty.
    text
        What to show of a text file; empty for everything else.
    native
        The file's own metadata tree, for the JSON file beside the preview.
    """

    title: str
    kind: SignalKind
    metadata: Metadata
    axes: tuple[Axis, ...] = ()
    data: SignalData | None = None
    quantity: str = ""
    text: str = ""
    native: Mapping[str, object] = field(default_factory=dict)
