"""Previews of many spectra: a map of their sums above the sum of all; of a line of them, the line above their sum.

The spectra run along the axis that is named after an energy, a wavelength or a shift, wherever the file puts it, else
along the last.
"""

import numpy as np

from nexuslims_core.datasets.signals import Axis, Signal, SignalData
from nexuslims_core.previews.canvas import Box, Canvas
from nexuslims_core.previews.contrast import Grey, stretch, stretch_by, stretch_log
from nexuslims_core.previews.dimensions import spectral_axis
from nexuslims_core.previews.numerals import grouped, measure
from nexuslims_core.previews.placing import axes_of, draw_scale_bar, extent, fitted, place
from nexuslims_core.previews.plot import Curve, along, draw_curve
from nexuslims_core.previews.reduction import Floats, block_mean, shrunk, sums
from nexuslims_core.previews.rulers import counts_down, draw_axis_beside, frame_in
from nexuslims_core.previews.spectroscopy import counted, has_zero_loss, shown, uses, usual
from nexuslims_core.previews.spectrum import cut_off

_MAP_OF_HEIGHT = 0.5


def draw_spectrum_image(signal: Signal, data: SignalData, size_px: int) -> Canvas:
    """Draw a signal of spectra over two places or more; places beyond two axes are added up."""
    axes = axes_of(signal, len(data.shape))
    spectral = spectral_axis(axes)
    along_spectra = usual(signal, axes[spectral])
    places, spectrum = sums(data, spectral, counted(signal, along_spectra))
    across = tuple(axis for i, axis in enumerate(axes) if i != spectral)[-2:]
    canvas = Canvas(size_px, colour=True)
    upper, lower = _halves(canvas)
    _draw_map(canvas, upper, places.sum(tuple(range(places.ndim - 2))), across)
    curve = _summed(signal, along_spectra, spectrum)
    draw_curve(canvas, frame_in(canvas, lower), curve)
    canvas.heading(signal.title)
    canvas.footer(_counts(axes, spectral), cut_off(curve) or " × ".join(filter(None, map(_length, across[::-1]))))
    return canvas


def draw_line_scan(signal: Signal, data: SignalData, size_px: int) -> Canvas:
    """Draw a signal of spectra along a line: energy to the right as in the plot below, places downwards."""
    axes = axes_of(signal, 2)
    spectral = spectral_axis(axes)
    along_spectra = usual(signal, axes[spectral])
    _, spectrum = sums(data, spectral)
    canvas = Canvas(size_px, colour=True)
    upper, lower = _halves(canvas)
    frame = frame_in(canvas, lower)
    box = Box(frame.left, upper.top, frame.right, upper.bottom)
    draw_axis_beside(canvas, box, axes[1 - spectral])
    place(canvas, _line_of_spectra(signal, data, box, (spectral, along_spectra), spectrum), box)
    curve = _summed(signal, along_spectra, spectrum)
    draw_curve(canvas, frame, curve)
    canvas.heading(signal.title)
    canvas.footer(_counts(axes, spectral), cut_off(curve) or _length(axes[1 - spectral]))
    return canvas


def _halves(canvas: Canvas) -> tuple[Box, Box]:
    body = canvas.body
    middle = body.top + round(body.height * _MAP_OF_HEIGHT)
    return Box(body.left, body.top, body.right, middle), Box(body.left, middle + canvas.px(8), body.right, body.bottom)


def _draw_map(canvas: Canvas, room: Box, places: Floats, axes: tuple[Axis, ...]) -> None:
    size = fitted(places.shape, room, axes)
    box = room.centred(size.width, size.height)
    place(canvas, stretch(shrunk(places, size.height, size.width)), box)
    draw_scale_bar(canvas, box, axes, room)


def _summed(signal: Signal, axis: Axis, spectrum: Floats) -> Curve:
    name = f"Sum of {signal.quantity}" if signal.quantity else "Sum"
    return shown(signal, axis, along(axis, spectrum, spectrum, name))


def _line_of_spectra(signal: Signal, data: SignalData, box: Box, spectral: tuple[int, Axis], spectrum: Floats) -> Grey:
    """Return the spectra of a line as rows of an image, energy to the right."""
    place_of_axis, axis = spectral
    means = block_mean(data, (), *((box.width, box.height) if place_of_axis == 0 else (box.height, box.width)))
    means = np.ascontiguousarray(means.T if place_of_axis == 0 else means)
    if uses(signal, "EELS") and has_zero_loss(axis, spectrum):
        grey = stretch_log(means, unit=0.0)
    else:
        first = counted(signal, axis).start or 0
        grey = stretch_by(means, means[:, -(-first * means.shape[1] // axis.size) :])
    return Grey(levels=grey.levels[:, ::-1], shown=grey.shown) if counts_down(axis) else grey


def _counts(axes: tuple[Axis, ...], spectral: int) -> str:
    places = " × ".join(grouped(axis.size) for i, axis in enumerate(axes) if i != spectral)
    return f"{places} spectra of {grouped(axes[spectral].size)} channels"


def _length(axis: Axis) -> str:
    length = extent(axis, axis.size)
    return measure(length, axis.unit) if length else ""
