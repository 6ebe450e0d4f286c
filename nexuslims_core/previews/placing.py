"""Images put on the sheet: as large as fits, upright, with a scale bar that is as long as it says.

Letters on an image stand on a darkened plate, since on noise they cannot be read otherwise.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from nexuslims_core.datasets.signals import Axis, Signal
from nexuslims_core.previews.canvas import INK, Box, Canvas
from nexuslims_core.previews.contrast import Grey
from nexuslims_core.previews.dimensions import are_alike, aspect
from nexuslims_core.previews.numerals import measure, round_below

_SLIMMEST = 1 / 16
_PIXELS_SHOW_FROM = 2
_BAR_OF_WIDTH = 0.3
_CHEQUER = 7
_CHEQUERED = "#d5dae2"
_RIM = "#c3cad5"
_DARK, _LIGHT = "#000000", "#ffffff"
_PLATE = 0.35
_LETTERS = 14
_BELOW_PX = 36
_ROOM_PX = (110, 64)  # width and height of an image that has room for a bar and its label


@dataclass(frozen=True, slots=True)
class Size:
    """Rows and columns."""

    height: int
    width: int


def fitted(shape: tuple[int, ...], room: Box, axes: tuple[Axis, ...] = ()) -> Size:
    """Return how large an image is shown in a box, in the proportions of what it shows.

    Pixels that are not square are drawn so. A strip that would be too slim to see is drawn broader: one row of a
    thousand pixels is a band, not a hair.

    Parameters
    ----------
    shape
        Rows and columns.
    axes
        The last two are those of the image; none where its pixels are square.
    """
    rows, columns = shape
    height = rows * (aspect(*axes[-2:]) if len(axes) > 1 else 1.0)
    scale = min(room.width / columns, room.height / height)
    slimmest = min(room.width, room.height) * _SLIMMEST
    return Size(
        height=min(room.height, max(1, round(max(height * scale, slimmest)))),
        width=min(room.width, max(1, round(max(columns * scale, slimmest)))),
    )


def place(canvas: Canvas, grey: Grey, box: Box) -> None:
    """Put an image on the sheet so that it fills ``box``; chequers stand where it shows nothing."""
    image = Image.fromarray(grey.levels)
    canvas.grainy |= not _shows_pixels(image, box)
    tile, mask = _resized(image, box), None
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
    way = Image.Resampling.NEAREST if _shows_pixels(image, box) else Image.Resampling.BILINEAR
    return image.resize((box.width, box.height), way)


def _shows_pixels(image: Image.Image, box: Box) -> bool:
    return min(box.width / image.width, box.height / image.height) >= _PIXELS_SHOW_FROM


def draw_scale_bar(canvas: Canvas, box: Box, axes: tuple[Axis, ...], room: Box) -> None:
    """Draw a bar of a round length in the lower left corner of an image, or beside one that is too slim for it.

    Nothing is drawn where its length is not known. The bar itself is as long as its label says; its rim is outside.

    Parameters
    ----------
    axes
        The last two are those of the image.
    room
        What the bar may stand in, beside the image or below it.
    """
    y_axis, x_axis = axes[-2:]
    if not are_alike(y_axis, x_axis):
        return
    if box.width < canvas.px(_ROOM_PX[0]) and box.height > 2 * box.width:
        _draw_bar_beside(canvas, box, y_axis, room)
    elif length := _bar(extent(x_axis, x_axis.size)):
        length_px = max(1, round(length / extent(x_axis, x_axis.size) * box.width))
        text = measure(length, x_axis.unit)
        below = box.height < canvas.px(_ROOM_PX[1]) and box.bottom + canvas.px(_BELOW_PX) < room.bottom
        (_draw_bar_below if below else _draw_bar_inside)(canvas, box, length_px, text)


def _bar(width: float) -> float:
    return round_below(width * _BAR_OF_WIDTH) if math.isfinite(width) and width > 0 else 0.0


def _draw_bar_inside(canvas: Canvas, box: Box, length_px: int, text: str) -> None:
    inset, thick, rim = canvas.px(12), canvas.px(4), canvas.px(1)
    left, top = box.left + inset, box.bottom - inset - thick
    if left + max(length_px, canvas.letters(_LETTERS).getlength(text)) > box.right or box.height < canvas.px(_BELOW_PX):
        return
    label = write_on_image(canvas, (left, top - canvas.px(6)), text, size=_LETTERS)
    bar = Box(left, top, left + length_px, top + thick)
    _darken(
        canvas, Box(label.left, label.bottom, max(label.right, bar.right + canvas.px(4)), bar.bottom + canvas.px(4))
    )
    if bar.right + canvas.px(4) > label.right:
        _darken(canvas, Box(label.right, label.top, bar.right + canvas.px(4), label.bottom))
    canvas.pen.rectangle((bar.left - rim, bar.top - rim, bar.right - 1 + rim, bar.bottom - 1 + rim), fill=_DARK)
    canvas.pen.rectangle((bar.left, bar.top, bar.right - 1, bar.bottom - 1), fill=_LIGHT)


def _draw_bar_below(canvas: Canvas, box: Box, length_px: int, text: str) -> None:
    top, thick = box.bottom + canvas.px(10), canvas.px(4)
    canvas.pen.rectangle((box.left, top, box.left + length_px - 1, top + thick - 1), fill=INK)
    canvas.write((box.left, top + thick + canvas.px(15)), text, size=_LETTERS, anchor="ls")


def _draw_bar_beside(canvas: Canvas, box: Box, y_axis: Axis, room: Box) -> None:
    """Draw an upright bar to the right of a slim image, if there is room."""
    length, left, thick = _bar(extent(y_axis, y_axis.size)), box.right + canvas.px(10), canvas.px(4)
    text = measure(length, y_axis.unit)
    if not length or left + canvas.px(12) + canvas.letters(_LETTERS).getlength(text) > room.right:
        return
    length_px = max(1, round(length / extent(y_axis, y_axis.size) * box.height))
    canvas.pen.rectangle((left, box.bottom - length_px, left + thick - 1, box.bottom - 1), fill=INK)
    canvas.write((left + canvas.px(9), box.bottom - length_px / 2), text, size=_LETTERS, anchor="lm")


def write_on_image(canvas: Canvas, at: tuple[float, float], text: str, *, size: float) -> Box:
    """Write one line, its left end ``at`` that place, so that it can be read on any image, and return its plate."""
    letters, (x, y) = canvas.letters(size), (round(at[0]), round(at[1]))
    margin = canvas.px(4)
    plate = Box(x - margin, y - canvas.px(size), x + math.ceil(letters.getlength(text)) + margin, y + margin)
    _darken(canvas, plate)
    canvas.pen.text((x, y), text, fill=_LIGHT, font=letters, anchor="ls")
    return plate


def _darken(canvas: Canvas, box: Box) -> None:
    place = (box.left, box.top, box.right, box.bottom)
    canvas.image.paste(canvas.image.crop(place).point(_DARKENED[: 256 * len(canvas.image.getbands())]), place)


_DARKENED = [round(level * _PLATE) for level in range(256)] * 3


def axes_of(signal: Signal, dimensions: int) -> tuple[Axis, ...]:
    """Return one axis for each of the first ``dimensions`` of a signal's data; nameless ones where it tells others."""
    shape = signal.data.shape[:dimensions] if signal.data is not None else ()
    if len(signal.axes) == len(shape):
        return tuple(replace(axis, size=length) for axis, length in zip(signal.axes, shape, strict=True))
    return tuple(Axis(name="", size=length) for length in shape)


def extent(axis: Axis, points: int) -> float:
    """Return how long ``points`` steps of an axis are, in its unit; 0 where that is not known."""
    length = abs(axis.scale) * points
    return length if math.isfinite(length) and axis.unit else 0.0
