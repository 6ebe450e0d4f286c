"""Images of a TIFF file as tifffile decodes them: one at a time, large ones a band of rows at a time.

What a viewer shows is what is handed on: the colours of a palette, ink turned into light, the samples of a pixel side
by side.
"""

import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.contents.foreign import FOREIGN_FAULTS, said

if TYPE_CHECKING:
    from tifffile import TiffFrame, TiffPage, TiffPageSeries

MOST_BYTES_DECODED_WHOLE = 64 << 20
"""Of one image; larger ones come in bands, where their pixels are stored so."""


class OpenTiff:
    """A file that stays open as long as its images may be asked for."""

    def __init__(self, path: Path) -> None:
        """Open a file; images of other files, which an OME description may name, are not looked for.

        Raises
        ------
        ExtractionError
            If tifffile cannot read its directories.
        """
        from tifffile import TiffFile

        try:
            self.tiff = TiffFile(path, _multifile=False)
        except FOREIGN_FAULTS as error:
            raise ExtractionError(path, f"its directories cannot be read ({said(error)})") from error
        weakref.finalize(self, self.tiff.close)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the stored samples of a pixel become what is shown.

    Attributes
    ----------
    planar
        The samples are stored image after image, not pixel after pixel.
    colours
        How many of them are colours, with opacity; 0 for grey.
    palette
        Red, green and blue of each number, shape ``(n, 3)``; None without one.
    inverted, inks
        The numbers are darkness; cyan, magenta, yellow and black.
    first
        Only the first sample is a number, the other is opacity.
    """

    planar: bool = False
    colours: int = 0
    palette: NDArray[np.uint8] | None = None
    inverted: bool = False
    inks: bool = False
    first: bool = False

    @property
    def as_stored(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.planar or self.inverted or self.inks or self.first) and self.palette is None

    def __call__(self, stored: NDArray[Any], sample: int | None) -> NDArray[Any]:
        """Return rows of an image, ``(y, x)`` or ``(y, x, colour)``, of rows as they are stored.

        Parameters
        ----------
        sample
            Which of the samples of a pixel is asked for; None for all, or if there is one.
        """
        rows = np.moveaxis(stored, 0, -1) if self.planar else stored
        if sample is not None or self.first:
            rows = rows[..., sample or 0]
        if self.palette is not None:
            return self.palette.take(rows, axis=0, mode="clip")
        if self.inks:
            light = 255 - rows[..., :4].astype(np.uint16)
            return (light[..., :3] * light[..., 3:] // 255).astype(np.uint8)
        return _inverted(rows) if self.inverted else rows


def _inverted(numbers: NDArray[Any]) -> NDArray[Any]:
    inverted: NDArray[Any] = np.invert(numbers) if numbers.dtype.kind in "bu" else np.negative(numbers)
    return inverted


@dataclass(frozen=True, slots=True, kw_only=True)
class FramesData:
    """Images that are decoded when they are asked for.

    Attributes
    ----------
    series
        tifffile's series of pages that they are in.
    outer
        Length of each axis over which images were repeated.
    samples
        How many samples of a pixel are images of their own, the last of the outer axes; 0 if none.
    """

    path: Path
    file: OpenTiff
    series: "TiffPageSeries"
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    look: Look
    outer: tuple[int, ...] = ()
    samples: int = 0

    def blocks(self, index: tuple[int, ...] = (), *, rows: int = 1) -> Iterator[NDArray[Any]]:
        """Yield ``data[index]`` piece by piece along its first axis.

        Raises
        ------
        ExtractionError
            If the pixels cannot be decoded, for instance because the file is cut short.
        """
        try:
            if len(index) < len(self.outer):
                yield from _regrouped(
                    (self._whole((*index, i))[np.newaxis] for i in range(self.shape[len(index)])), rows
                )
            else:
                inside = index[len(self.outer) :]
                bands = self._bands(index[: len(self.outer)])
                yield from _regrouped(bands if not inside else [np.concatenate(list(bands))[inside]], rows)
        except FOREIGN_FAULTS as error:
            raise ExtractionError(self.path, f"its pixels cannot be decoded ({said(error)})") from error

    def _whole(self, index: tuple[int, ...]) -> NDArray[Any]:
        return np.concatenate(list(self.blocks(index)))

    def _bands(self, index: tuple[int, ...]) -> Iterator[NDArray[Any]]:
        sample = index[-1] if self.samples else None
        place = index[:-1] if self.samples else index
        axes = self.outer[:-1] if self.samples else self.outer
        number = int(np.ravel_multi_index(place, axes)) if axes else 0
        inside = self.series.keyframe.shape[: -2 if self._plane else -3]  # images that one page holds
        in_page = int(np.prod(inside, dtype=np.int64))
        page = self.series.pages[number // in_page]
        if page is None:
            height, width = self.shape[len(self.outer) : len(self.outer) + 2]
            yield np.zeros((height, width, *self.shape[len(self.outer) + 2 :]), self.dtype)
        elif in_page == 1 and not self.look.planar and self.series.keyframe.nbytes > MOST_BYTES_DECODED_WHOLE:
            yield from (self.look(band, sample) for band in _page_bands(page, self.series.keyframe))
        else:
            decoded = page.asarray(maxworkers=1)
            decoded = decoded.reshape(in_page, *decoded.shape[len(inside) :])[number % in_page]
            yield self.look(decoded, sample)

    @property
    def _plane(self) -> bool:
        return "S" not in self.series.keyframe.axes


def _page_bands(page: "TiffPage | TiffFrame", keyframe: "TiffPage") -> Iterator[NDArray[Any]]:
    """Yield the rows of a large page, a strip or a row of tiles at a time."""
    width, samples = keyframe.imagewidth, keyframe.samplesperpixel
    band = np.zeros((0, width, samples), keyframe.dtype)
    for decoded, (_, _, top, left, _), (_, height, length, _) in page.segments(maxworkers=1):
        height = min(height, keyframe.imagelength - top)  # tiles may reach over the edge
        if left == 0:
            band = np.zeros((height, width, samples), keyframe.dtype)
        if decoded is not None:
            part = decoded[0, :height, : width - left]
            band[: part.shape[0], left : left + part.shape[1]] = part
        if left + length >= width:
            yield band if samples > 1 else band[..., 0]


def _regrouped(bands: Iterable[NDArray[Any]], rows: int) -> Iterator[NDArray[Any]]:
    """Yield the same rows in pieces of a multiple of ``rows`` each, but for the last."""
    held: NDArray[Any] | None = None
    for band in bands:
        held = band if held is None or not len(held) else np.concatenate((held, band))
        whole = len(held) // rows * rows
        if whole:
            yield held[:whole]
            held = held[whole:]
    if held is not None and len(held):
        yield held
