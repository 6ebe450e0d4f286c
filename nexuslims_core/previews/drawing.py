"""One signal to one PNG: :func:`draw` chooses the picture that suits, and draws a placeholder where none does."""

import numpy as np

from nexuslims_core.datasets.signals import Signal, SignalData, SignalKind
from nexuslims_core.previews.canvas import LARGEST_PX, SMALLEST_PX, Canvas
from nexuslims_core.previews.image import draw_image
from nexuslims_core.previews.limits import CannotDrawError, drawable
from nexuslims_core.previews.placeholder import draw_placeholder
from nexuslims_core.previews.spectrum import draw_spectrum
from nexuslims_core.previews.spectrum_image import draw_line_scan, draw_spectrum_image
from nexuslims_core.previews.stack import draw_stack
from nexuslims_core.previews.text import draw_text

_OF_IMAGES = frozenset({SignalKind.IMAGE, SignalKind.IMAGE_STACK})
_OF_SPECTRA = {1: draw_spectrum, 2: draw_line_scan}
_COLOURS = frozenset({3, 4})
_ON_PICTURES = ("no picture", "no image", "its numbers")


def draw(signal: Signal, *, size_px: int = 500) -> bytes:
    """Return the preview of a signal as a square PNG file, the same bytes for the same signal.

    Whatever numbers, shapes and texts a signal holds, there is a picture. Where its numbers cannot be drawn (none, too
    many, not finite, of no numeric type, or cut off because the file ends early), it is a placeholder that says why.

    Parameters
    ----------
    size_px
        Width and height, 100 to 4000.

    Raises
    ------
    ValueError
        If ``size_px`` is outside that range.
    """
    if not SMALLEST_PX <= size_px <= LARGEST_PX:
        raise ValueError(f"a preview of {size_px} pixels: choose {SMALLEST_PX} to {LARGEST_PX}")
    with np.errstate(all="ignore"):  # odd numbers are expected here; what comes of them is checked
        try:
            canvas = _drawn(signal, size_px)
        except CannotDrawError as reason:
            canvas = draw_placeholder(signal, str(reason), size_px)
    return canvas.png()


def _drawn(signal: Signal, size_px: int) -> Canvas:
    if signal.kind is SignalKind.TEXT:
        return draw_text(signal, size_px)
    if signal.kind is SignalKind.NONE:
        raise CannotDrawError(_why_not(signal))
    data = drawable(signal.data)
    if signal.kind in _OF_IMAGES:
        return _drawn_as_image(signal, data, size_px)
    return _OF_SPECTRA.get(len(data.shape), draw_spectrum_image)(signal, data, size_px)


def _drawn_as_image(signal: Signal, data: SignalData, size_px: int) -> Canvas:
    coloured = _has_colours(signal, data)
    dimensions = len(data.shape) - coloured
    if dimensions == 1:
        return draw_spectrum(signal, data, size_px)
    if dimensions == 2:
        return draw_image(signal, data, size_px)
    return draw_stack(signal, data, size_px, coloured=coloured)


def _why_not(signal: Signal) -> str:
    """Return what the reader noted on the picture that it could not give."""
    notes = (note for note in signal.metadata.notes if note.startswith(_ON_PICTURES))
    return next(notes, "It is listed in the record; what it holds is not drawn.")


def _has_colours(signal: Signal, data: SignalData) -> bool:
    """Tell whether the last axis of the data, which no axis of the signal names, is red, green, blue (and opacity)."""
    stated = len(signal.axes) or 2
    return len(data.shape) == stated + 1 and len(data.shape) > 2 and data.shape[-1] in _COLOURS
