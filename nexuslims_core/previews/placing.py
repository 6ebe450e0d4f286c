"""Images put on the sheet: as large as fits, upright, with a scale bar that is as long as it says."""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from nexuslims_core.datasets.signals import Axis, Signal
from nexuslims_core.previews.canvas import Box, Canvas
from nexuslims_core.previews.contrast import Grey
from nexuslims_core.previews.numerals import measure, round_below

_SLIMMEST = 1 / 16
_PIXELS_SHOW_FROM = 2
_BAR_OF_WIDTH = 0.3
_CHEQUER = 7
_CHEQUERED = "#d5dae2"
_RIM = "#c3cad5"
_DARK, _LIGHT = "#000000", "#ffffff"


@dataclass(frozen=True, slots=True)
class Size:
    """Rows and columns."""

    height: int
    width: int


def fitted(rows: int, columns: int, room: Box) -> Size:
    """Return how large an image is shown in a box, in its own proportions.

    A strip that would be too slim to see is drawn broader: one row of a thousand pixels is a band, not a hair.
    """
    scale = min(room.width / columns, room.height / rows)
    slimmest = min(room.width, room.height) * _SLIMMEST
    return Size(
        height=min(room.height, max(1, round(max(rows * scale, slimmest)))),
        width=min(room.width, max(1, round(max(columns * scale, slimmest)))),
    )


def place(canvas: Canvas, grey: Grey, box: Box) -> None:
    """Put an image on the sheet so that it fills ``box``; chequers stand where it shows nothing."""
    tile, mask = _resized(Image.fromarray(grey.levels), box), None
    if grey.shown is not None:
        _draw_chequers(canvas, box)
        mask = _resized(Image.fromarray(grey.shown), box)
    canvas.pen.rectangle((box.left - 1, box.top - 1, box.right, box.bottom), outline=_RIM)
    canvas.image.paste(tile, (box.left, box.top), mask)


def _draw_chequers(canvas: Canvas, box: Box) -> None:
    side = canvas.px(_CHEQUER)
    squares = np.add.outer(np.arange(box.height) // side, np.arange(box.width) // side) % 2
    canvas.image.paste(_CHEQUERED, (box.left, box.top), Image.fromarray((squares * 255).astype(np.uint8)))


def _resized(image: Image.Image, box: Box) -> Image.Image:
    larger = min(box.width / image.width, box.height / image.height) >= _PIXELS_SHOW_FROM
    return image.resize((box.width, box.height), Image.Resampling.NEAREST if larger else Image.Resampling.BILINEAR)


def draw_scale_bar(canvas: Canvas, box: Box, width: float, unit: str) -> None:
    """Draw a bar of a round length in the lower left corner of an image that is ``width`` units wide.

    Nothing is drawn where the width is not known. The white bar is as long as its label says; the black rim is outside.
    """
    if not (unit and math.isfinite(width) and width > 0):
        return
    length = round_below(width * _BAR_OF_WIDTH)
    length_px = max(1, round(length / width * box.width))
    inset, thick, rim = canvas.px(12), canvas.px(4), canvas.px(1)
    left, top = box.left + inset, box.bottom - inset - thick
    bar = (left, top, left + length_px - 1, top + thick - 1)
    canvas.pen.rectangle((bar[0] - rim, bar[1] - rim, bar[2] + rim, bar[3] + rim), fill=_DARK)
    canvas.pen.rectangle(bar, fill=_LIGHT)
    write_on_image(canvas, (left, top - canvas.px(6)), measure(length, unit), size=14)


def write_on_image(canvas: Canvas, at: tuple[float, float], text: str, *, size: float) -> None:
    """Write one line, its left end ``at`` that place, so that it can be read on any grey."""
    rim = canvas.px(1.6)
    letters = canvas.letters(size)
    canvas.pen.text(at, text, fill=_LIGHT, font=letters, anchor="ls", stroke_width=rim, stroke_fill=_DARK)


def axes_of(signal: Signal, dimensions: int) -> tuple[Axis, ...]:
    """Return one axis for each of the first ``dimensions`` of a signal's data; nameless ones where it tells others."""
    shape = signal.data.shape[:dimensions] if signal.data is not None else ()
    if len(signal.axes) == len(shape):
        return signal.axes
    return tuple(Axis(name="", size=length) for length in shape)


def extent(axis: Axis, points: int) -> float:
    """Return how long ``points`` steps of an axis are, in its unit; 0 where that is not known."""
    length = abs(axis.scale) * points
    return length if math.isfinite(length) and axis.unit else 0.0
