"""Line plots: a curve with its envelope, round ticks, labels with units, a light grid. Drawn by Pillow alone.

Curves are drawn several times larger as a mask and shrunk, which makes smooth lines; letters and axes are not.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageDraw

from nexuslims_core.datasets.signals import Axis
from nexuslims_core.previews.canvas import CURVE, GRID, INK, MUTED, Box, Canvas, clipped
from nexuslims_core.previews.dimensions import spelt
from nexuslims_core.previews.numerals import decades, labels, power_of_thousand, raised, ticks, times_ten
from nexuslims_core.previews.reduction import Floats

FINER = 3
"""How many times larger curves are drawn before they are shrunk."""

_HUGE = 1e300
_BACKGROUND = 2  # percent
_LARGEST_RATIO = 1e6
_FILL = 38  # of 255
_HEADROOM = 0.05
_LABELS_APART_PX = (78, 48)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What to plot: the lowest and highest number of stretches of a spectrum; both are the same where it is short.

    Attributes
    ----------
    left, right
        Value of the x axis at the left and right edge of the plot, ``left < right``.
    top
        The number at which the curve is cut off above; None where it is not.
    logarithmic
        Whether the y axis is, and numbers are their logarithms to base 10.
    """

    lowest: Floats
    highest: Floats
    left: float
    right: float
    x_label: str
    y_label: str
    top: float | None = None
    logarithmic: bool = False


def along(axis: Axis, lowest: Floats, highest: Floats, y_label: str) -> Curve:
    """Return a curve over an axis of a signal: over its channels where the file's calibration is none."""
    edges = _edges(axis)
    if not _calibrated(axis):
        axis = Axis(name="", size=axis.size)
        edges = _edges(axis)
    if counts_down(axis):
        edges, lowest, highest = edges[::-1], lowest[::-1], highest[::-1]
    lowest, highest = (np.clip(side, -_HUGE, _HUGE) for side in (lowest, highest))
    return Curve(lowest=lowest, highest=highest, left=edges[0], right=edges[1], x_label=label(axis), y_label=y_label)


def counts_down(axis: Axis) -> bool:
    """Tell whether the values of an axis fall from its first point to its last."""
    return _calibrated(axis) and axis.scale < 0


def _edges(axis: Axis) -> tuple[float, float]:
    return axis.offset - axis.scale / 2, axis.offset + axis.scale * (axis.size - 0.5)


def _calibrated(axis: Axis) -> bool:
    first, last = _edges(axis)
    return math.isfinite(last - first) and abs(last - first) > 1e-9 * max(abs(first), abs(last))


def label(axis: Axis) -> str:
    """Return how an axis is called, with its unit."""
    unit = spelt(axis.unit)
    name = axis.name or ("Channel" if not unit else "Energy" if unit in {"eV", "keV"} else "")
    return f"{name} ({unit})" if unit and name else name or unit


def cut_at(curve: Curve, top: float) -> Curve:
    """Return a curve that runs out of the plot above ``top``."""
    over = top + abs(top)
    lowest, highest = (np.minimum(side, over) for side in (curve.lowest, curve.highest))
    return replace(curve, lowest=lowest, highest=highest, top=top)


def logarithmic(curve: Curve) -> Curve:
    """Return a curve of logarithms, down to where its background lies; lower numbers lie on the ground."""
    positive = curve.highest[curve.highest > 0]
    if not positive.size:
        return curve
    floor = max(float(np.percentile(positive, _BACKGROUND)) / 2, float(positive.max()) / _LARGEST_RATIO)
    lowest, highest = (np.log10(np.maximum(side, floor)) for side in (curve.lowest, curve.highest))
    return replace(curve, lowest=lowest, highest=highest, logarithmic=True)


def frame_in(canvas: Canvas, box: Box) -> Box:
    """Return where the curve goes when the plot with its labels fills ``box``."""
    return Box(box.left + canvas.px(58), box.top + canvas.px(4), box.right - canvas.px(4), box.bottom - canvas.px(36))


def draw_curve(canvas: Canvas, frame: Box, curve: Curve) -> None:
    """Draw a plot whose axes frame ``frame``; labels go to the left and below."""
    limits = _limits(curve)
    _draw_ticks_below(canvas, frame, (curve.left, curve.right), curve.x_label)
    draw = _draw_decades_beside if curve.logarithmic else _draw_ticks_beside
    draw(canvas, frame, limits, curve.y_label)
    _draw_line(canvas, frame, curve, limits)
    canvas.pen.line((frame.left, frame.top, frame.left, frame.bottom), fill=INK, width=canvas.px(1))
    canvas.pen.line((frame.left, frame.bottom, frame.right, frame.bottom), fill=INK, width=canvas.px(1))


def draw_axis_below(canvas: Canvas, frame: Box, axis: Axis) -> None:
    """Draw the axis that runs along the columns of an image in ``frame``."""
    if _calibrated(axis):
        _draw_ticks_below(canvas, frame, _edges(axis), label(axis))


def draw_axis_beside(canvas: Canvas, frame: Box, axis: Axis) -> None:
    """Draw the axis that runs along the rows of an image in ``frame``, downwards."""
    if _calibrated(axis):
        _draw_ticks_beside(canvas, frame, _edges(axis)[::-1], label(axis) if axis.name else "Position")


def _limits(curve: Curve) -> tuple[float, float]:
    """Return the numbers at the bottom and the top of the plot."""
    if np.isnan(curve.lowest).all():
        return 0.0, 1.0
    low, high = float(np.nanmin(curve.lowest)), float(np.nanmax(curve.highest))
    if curve.top is not None:
        high = curve.top
    if 0 < low < high / 2 and not curve.logarithmic:
        low = 0.0
    if not high - low > 1e-12 * max(abs(low), abs(high)):
        margin = abs(high) * _HEADROOM or 1.0
        return low - margin, high + margin
    margin = (high - low) * _HEADROOM
    return (0.0 if low == 0 else low - margin), high + margin


def _draw_ticks_below(canvas: Canvas, frame: Box, limits: tuple[float, float], name: str) -> None:
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


def _draw_ticks_beside(canvas: Canvas, frame: Box, limits: tuple[float, float], name: str) -> None:
    """Draw round numbers, their grid and the name of the vertical axis; ``limits`` lie at its bottom and its top."""
    low, high = limits
    exponent = power_of_thousand(low, high)
    marks = ticks(min(limits), max(limits), max(2, frame.height // canvas.px(_LABELS_APART_PX[1])))
    _draw_marks_beside(canvas, frame, [(mark - low) / (high - low) for mark in marks], labels(marks, exponent))
    _write_upwards(canvas, frame, f"{name}  {times_ten(exponent)}".strip())


def _draw_decades_beside(canvas: Canvas, frame: Box, limits: tuple[float, float], name: str) -> None:
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


def _draw_line(canvas: Canvas, frame: Box, curve: Curve, limits: tuple[float, float]) -> None:
    size = (frame.width * FINER, frame.height * FINER)
    line, area = Image.new("L", size), Image.new("L", size)
    pens = ImageDraw.Draw(line), ImageDraw.Draw(area)
    width = canvas.px(1.4 * FINER)
    filled = limits[0] <= 0 <= limits[1] and not curve.logarithmic  # an area means something above nought alone
    for points, ground in _runs(curve, limits, size):
        if filled:
            pens[1].polygon([(points[0][0], ground), *points, (points[-1][0], ground)], fill=_FILL)
        pens[0].line(points, fill=255, width=width)
    for mask in (area, line):
        canvas.image.paste(CURVE, (frame.left, frame.top), mask.reduce(FINER))


def _runs(
    curve: Curve, limits: tuple[float, float], size: tuple[int, int]
) -> list[tuple[list[tuple[float, float]], float]]:
    """Return the points of each unbroken part of the curve in a frame of ``size``, and where the ground is."""
    low, high = limits
    width, height = size
    count = len(curve.lowest)
    xs = np.repeat((np.arange(count) + 0.5) / count * width, 2)
    ys = np.column_stack((curve.highest, curve.lowest)).ravel()
    ys = height - (ys - low) / (high - low) * height
    if (curve.highest == curve.lowest).all():
        xs, ys = xs[::2], ys[::2]
    ground = height - (min(max(0.0, low), high) - low) / (high - low) * height
    known = np.flatnonzero(~np.isnan(ys))
    parts = np.split(known, np.flatnonzero(np.diff(known) > 1) + 1)
    return [
        (_broad(list(zip(xs[part].tolist(), ys[part].tolist(), strict=True)), width / count), ground)
        for part in parts
        if len(part)
    ]


def _broad(points: list[tuple[float, float]], channel: float) -> list[tuple[float, float]]:
    """Return the points of a run; one point alone becomes as broad as its channel, to be seen."""
    if len(points) > 1:
        return points
    x, y = points[0]
    return [(x - channel / 2, y), (x + channel / 2, y)]
