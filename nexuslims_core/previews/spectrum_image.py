"""Previews of many spectra: a map of their sums above their mean; of a line of them, the line above its mean.

The energy axis is the one whose name starts with ``Energy``, wherever the file puts it, else the last.
"""

import math

import numpy as np

from nexuslims_core.datasets.signals import Axis, Signal, SignalData
from nexuslims_core.previews.canvas import Box, Canvas
from nexuslims_core.previews.contrast import stretch
from nexuslims_core.previews.numerals import grouped, measure
from nexuslims_core.previews.placing import axes_of, draw_scale_bar, extent, fitted, place
from nexuslims_core.previews.plot import along, counts_down, draw_curve, draw_ticks_beside, frame_in, label
from nexuslims_core.previews.reduction import Floats, block_mean, shrunk, sums

_MAP_OF_HEIGHT = 0.5


def draw_spectrum_image(signal: Signal, data: SignalData, size_px: int) -> Canvas:
    """Draw a signal of spectra over two places or more; places beyond two axes are added up."""
    axes = axes_of(signal, len(data.shape))
    energy = energy_axis(axes)
    places, spectrum = sums(data, energy)
    across = [axis for i, axis in enumerate(axes) if i != energy][-2:]
    canvas = Canvas(size_px, colour=True)
    upper, lower = _halves(canvas)
    _draw_map(canvas, upper, places.sum(tuple(range(places.ndim - 2))), across[-1])
    _draw_mean(canvas, lower, axes[energy], spectrum / places.size, signal.quantity)
    canvas.heading(signal.title)
    canvas.footer(_counts(axes, energy), " × ".join(filter(None, map(_length, reversed(across)))))
    return canvas


def draw_line_scan(signal: Signal, data: SignalData, size_px: int) -> Canvas:
    """Draw a signal of spectra along a line: energy to the right as in the plot below, places downwards."""
    axes = axes_of(signal, 2)
    energy = energy_axis(axes)
    points, spectrum = sums(data, energy)
    canvas = Canvas(size_px, colour=True)
    upper, lower = _halves(canvas)
    frame = frame_in(canvas, lower)
    box = Box(frame.left, upper.top, frame.right, upper.bottom)
    _draw_line_of_spectra(canvas, box, data, (axes[1 - energy], axes[energy]), energy)
    _draw_mean(canvas, lower, axes[energy], spectrum / points.size, signal.quantity)
    canvas.heading(signal.title)
    canvas.footer(_counts(axes, energy), _length(axes[1 - energy]))
    return canvas


def energy_axis(axes: tuple[Axis, ...]) -> int:
    """Return which axis the spectra run along."""
    named = (i for i, axis in enumerate(axes) if axis.name.casefold().startswith("energy"))
    return next(named, len(axes) - 1)


def _halves(canvas: Canvas) -> tuple[Box, Box]:
    body = canvas.body
    middle = body.top + round(body.height * _MAP_OF_HEIGHT)
    return Box(body.left, body.top, body.right, middle), Box(body.left, middle + canvas.px(8), body.right, body.bottom)


def _draw_map(canvas: Canvas, room: Box, places: Floats, x_axis: Axis) -> None:
    rows, columns = places.shape
    size = fitted(rows, columns, room)
    box = room.centred(size.width, size.height)
    place(canvas, stretch(shrunk(places, size.height, size.width)), box)
    draw_scale_bar(canvas, box, extent(x_axis, columns), x_axis.unit)


def _draw_mean(canvas: Canvas, room: Box, axis: Axis, mean: Floats, quantity: str) -> None:
    draw_curve(canvas, frame_in(canvas, room), along(axis, mean, mean, f"Mean {quantity}".strip()))


def _draw_line_of_spectra(canvas: Canvas, box: Box, data: SignalData, axes: tuple[Axis, Axis], energy: int) -> None:
    size = (box.width, box.height) if energy == 0 else (box.height, box.width)
    means = block_mean(data, (), *size)
    means = means.T if energy == 0 else means
    along_line, along_spectrum = axes
    if counts_down(along_spectrum):
        means = means[:, ::-1]
    first, last = (along_line.offset + along_line.scale * i for i in (-0.5, along_line.size - 0.5))
    if math.isfinite(first) and math.isfinite(last) and first != last:
        draw_ticks_beside(canvas, box, (last, first), label(along_line) if along_line.name else "Position")
    place(canvas, stretch(np.ascontiguousarray(means)), box)


def _counts(axes: tuple[Axis, ...], energy: int) -> str:
    places = " × ".join(grouped(axis.size) for i, axis in enumerate(axes) if i != energy)
    return f"{places} spectra of {grouped(axes[energy].size)} channels"


def _length(axis: Axis) -> str:
    length = extent(axis, axis.size)
    return measure(length, axis.unit) if length else ""
