"""The preview of one spectrum: a line plot in which a peak of one channel among a hundred thousand still stands."""

import numpy as np

from nexuslims_core.datasets.signals import Signal, SignalData
from nexuslims_core.previews.canvas import Canvas
from nexuslims_core.previews.limits import CannotDrawError
from nexuslims_core.previews.numerals import grouped
from nexuslims_core.previews.placing import axes_of
from nexuslims_core.previews.plot import along, draw_curve, frame_in
from nexuslims_core.previews.reduction import envelope


def draw_spectrum(signal: Signal, data: SignalData, size_px: int) -> Canvas:
    """Draw a signal of one axis."""
    canvas = Canvas(size_px, colour=True)
    frame = frame_in(canvas, canvas.body)
    lowest, highest, _ = envelope(data, 2 * frame.width)
    if np.isnan(lowest).all():
        raise CannotDrawError("None of its numbers is finite.")
    (axis,) = axes_of(signal, 1)
    draw_curve(canvas, frame, along(axis, lowest, highest, signal.quantity))
    canvas.heading(signal.title)
    canvas.footer(f"{grouped(data.shape[0])} points")
    return canvas
