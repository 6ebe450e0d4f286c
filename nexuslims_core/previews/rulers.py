"""The axes of plots and of images that have them: round ticks, labels with units, a light grid."""

import math

from PIL import Image, ImageDraw

from nexuslims_core.datasets.signals import Axis
from nexuslims_core.previews.canvas import GRID, INK, MUTED, Box, Canvas, clipped
from nexuslims_core.previews.dimensions import spelt
from nexuslims_core.previews.numerals import decades, labels, power_of_thousand, raised, ticks, times_ten

_LABELS_APART_PX = (78, 48)


def counts_down(axis: Axis) -> bool:
    """Tell whether the values of an axis fall from its first point to its last."""
    return is_calibrated(axis) and axis.scale < 0


def edges(axis: Axis) -> tuple[float, float]:
    """Return where the first point of an axis begins and its last one ends."""
    return axis.offset - axis.scale / 2, axis.offset + axis.scale * (axis.size - 0.5)


def is_calibrated(axis: Axis) -> bool:
    """Tell whether the points of an axis lie apart, at finite values."""
    first, last = edges(axis)
    return math.isfinite(last - first) and abs(last - first) > 1e-9 * max(abs(first), abs(last))


def label(axis: Axis) -> str:
    """Return how an axis is called, with its unit."""
    unit = spelt(axis.unit)
    name = axis.name or ("Channel" if not unit else "Energy" if unit in {"eV", "keV"} else "")
    return f"{name} ({unit})" if unit and name else name or unit


def frame_in(canvas: Canvas, box: Box) -> Box:
    """Return where the curve goes when the plot with its labels fills ``box``."""
    return Box(box.left + canvas.px(58), box.top + canvas.px(4), box.right - canvas.px(4), box.bottom - canvas.px(36))


def draw_axis_below(canvas: Canvas, frame: Box, axis: Axis) -> None:
    """Draw the axis that runs along the columns of an image in ``frame``."""
    if is_calibrated(axis):
        draw_ticks_below(canvas, frame, edges(axis), label(axis))


def draw_axis_beside(canvas: Canvas, frame: Box, axis: Axis) -> None:
    """Draw the axis that runs along the rows of an image in ``frame``, downwards."""
    if is_calibrated(axis):
        draw_ticks_beside(canvas, frame, edges(axis)[::-1], label(axis) if axis.name else "Position")


def draw_ticks_below(canvas: Canvas, frame: Box, limits: tuple[float, float], name: str) -> None:
    """Draw round numbers, their grid and the name of the horizontal axis; ``limits`` lie at its left and right."""
    left, right = limits
    low, high = sorted(limits)
    marks = ticks(low, high, max(2, frame.width // canvas.px(_LABELS_APART_PX[0])))
    exponent = power_of_thousand(low, high)
    for mark, text in zip(marks, labels(marks, exponent), strict=True):
        x = frame.left + (mark - left) / (right - left) * frame.width
        canvas.pen.line((x, frame.top, x, frame.bottom), fill=GRID, width=canvas.px(1))
        canvas.pen.line((x, frame.bottom, x, frame.bottom + canvas.px(4)), fill=INK, width=canvas.px(1))
        canvas.write((x, frame.bottom + canvas.px(6)), text, size=11, anchor="ma")
    text = clipped(f"{name}  {times_ten(exponent)}".strip(), canvas.letters(12), frame.width)
    canvas.write(((frame.left + frame.right) / 2, frame.bottom + canvas.px(21)), text, fill=MUTED, anchor="ma")


def draw_ticks_beside(canvas: Canvas, frame: Box, limits: tuple[float, float], name: str) -> None:
    """Draw round numbers, their grid and the name of the vertical axis; ``limits`` lie at its bottom and its top."""
    low, high = limits
    exponent = power_of_thousand(low, high)
    marks = ticks(min(limits), max(limits), max(2, frame.height // canvas.px(_LABELS_APART_PX[1])))
    _draw_marks_beside(canvas, frame, [(mark - low) / (high - low) for mark in marks], labels(marks, exponent))
    _write_upwards(canvas, frame, f"{name}  {times_ten(exponent)}".strip())


def draw_decades_beside(canvas: Canvas, frame: Box, limits: tuple[float, float], name: str) -> None:
    """Draw the vertical axis of logarithms: powers of ten, with their multiples as small marks."""
    low, high = limits
    marks = decades(low, high, max(2, frame.height // canvas.px(_LABELS_APART_PX[1])))
    texts = tuple(str(10**mark) if 0 <= mark <= 3 else f"10{raised(str(mark))}" for mark in marks)
    _draw_marks_beside(canvas, frame, [(mark - low) / (high - low) for mark in marks], texts)
    for decade in range(math.floor(low), math.ceil(high)):
        for multiple in range(2, 10):
            y = frame.bottom - (decade + math.log10(multiple) - low) / (high - low) * frame.height
            if frame.top <= y <= frame.bottom:
                canvas.pen.line((frame.left - canvas.px(2), y, frame.left, y), fill=INK, width=canvas.px(1))
    _write_upwards(canvas, frame, f"{name}  (log)".strip())


def _draw_marks_beside(canvas: Canvas, frame: Box, shares: list[float], texts: tuple[str, ...]) -> None:
    widest = max((canvas.letters(11).getlength(text) for text in texts), default=0)
    for share, text in zip(shares, texts, strict=True):
        y = frame.bottom - share * frame.height
        canvas.pen.line((frame.left, y, frame.right, y), fill=GRID, width=canvas.px(1))
        canvas.pen.line((frame.left - canvas.px(4), y, frame.left, y), fill=INK, width=canvas.px(1))
        canvas.write((frame.left - canvas.px(7), y), text, size=11 if widest <= canvas.px(44) else 8.5, anchor="rm")


def _write_upwards(canvas: Canvas, frame: Box, text: str) -> None:
    letters = canvas.letters(12)
    text = clipped(text, letters, frame.height)
    if not text:
        return
    mask = Image.new("L", (math.ceil(letters.getlength(text)) + 2, canvas.px(17)))
    ImageDraw.Draw(mask).text((1, canvas.px(13)), text, fill=255, font=letters, anchor="ls")
    mask = mask.transpose(Image.Transpose.ROTATE_90)
    middle = (frame.top + frame.bottom - mask.height) // 2
    canvas.image.paste(MUTED, (frame.left - canvas.px(70), middle), mask)
