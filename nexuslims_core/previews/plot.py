"""Line plots: a curve with its envelope, over the axes of :mod:`rulers`. Drawn by Pillow alone.

Curves are drawn several times larger as a mask and shrunk, which makes smooth lines; letters and axes are not.
"""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageDraw

from nexuslims_core.datasets.signals import Axis
from nexuslims_core.previews.canvas import CURVE, INK, Box, Canvas
from nexuslims_core.previews.reduction import Floats
from nexuslims_core.previews.rulers import (
    counts_down,
    draw_decades_beside,
    draw_ticks_below,
    draw_ticks_beside,
    edges,
    is_calibrated,
    label,
)

FINER = 3
"""How many times larger curves are drawn before they are shrunk."""

_HUGE = 1e300
_BACKGROUND = 2  # percent
_LARGEST_RATIO = 1e6
_FILL = 38  # of 255
_HEADROOM = 0.05


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
    if not is_calibrated(axis):
        axis = Axis(name="", size=axis.size)
    if counts_down(axis):
        lowest, highest = lowest[::-1], highest[::-1]
    left, right = sorted(edges(axis))
    lowest, highest = (np.clip(side, -_HUGE, _HUGE) for side in (lowest, highest))
    return Curve(lowest=lowest, highest=highest, left=left, right=right, x_label=label(axis), y_label=y_label)


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


def draw_curve(canvas: Canvas, frame: Box, curve: Curve) -> None:
    """Draw a plot whose axes frame ``frame``; labels go to the left and below."""
    limits = _limits(curve)
    draw_ticks_below(canvas, frame, (curve.left, curve.right), curve.x_label)
    draw = draw_decades_beside if curve.logarithmic else draw_ticks_beside
    draw(canvas, frame, limits, curve.y_label)
    _draw_line(canvas, frame, curve, limits)
    canvas.pen.line((frame.left, frame.top, frame.left, frame.bottom), fill=INK, width=canvas.px(1))
    canvas.pen.line((frame.left, frame.bottom, frame.right, frame.bottom), fill=INK, width=canvas.px(1))


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
