"""The preview of one spectrum: a line plot in which a peak of one channel among a hundred thousand still stands."""

import numpy as np

from nexuslims_core.datasets.signals import Signal, SignalData
from nexuslims_core.previews.canvas import Canvas
from nexuslims_core.previews.limits import CannotDrawError
from nexuslims_core.previews.numerals import grouped
from nexuslims_core.previews.placing import axes_of
from nexuslims_core.previews.plot import Curve, along, draw_curve
from nexuslims_core.previews.reduction import envelope
from nexuslims_core.previews.rulers import frame_in
from nexuslims_core.previews.spectroscopy import shown, usual


def draw_spectrum(signal: Signal, data: SignalData, size_px: int) -> Canvas:
    """Draw a signal of one axis."""
    canvas = Canvas(size_px, colour=True)
    frame = frame_in(canvas, canvas.body)
    lowest, highest, _ = envelope(data, 2 * frame.width)
    if np.isnan(lowest).all():
        raise CannotDrawError("None of its numbers is finite.")
    axis = usual(signal, axes_of(signal, 1)[0])
    curve = shown(signal, axis, along(axis, lowest, highest, signal.quantity))
    draw_curve(canvas, frame, curve)
    canvas.heading(signal.title)
    canvas.footer(f"{grouped(data.shape[0])} point{'' if data.shape[0] == 1 else 's'}", cut_off(curve))
    return canvas


def cut_off(curve: Curve) -> str:
    """Return what the small print says of a curve that leaves the plot."""
    return "" if curve.top is None else "noise peak at 0 keV cut off"
