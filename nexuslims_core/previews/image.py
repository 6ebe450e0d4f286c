"""The preview of one image: block means, contrast without the extremes, a scale bar, and its size in small print."""

from nexuslims_core.datasets.signals import Signal, SignalData
from nexuslims_core.previews.canvas import Canvas
from nexuslims_core.previews.contrast import Grey, colours, stretch
from nexuslims_core.previews.limits import CannotDrawError, within_reason
from nexuslims_core.previews.numerals import measure, short
from nexuslims_core.previews.placing import Size, axes_of, draw_scale_bar, extent, fitted, place
from nexuslims_core.previews.reduction import block_mean


def draw_image(signal: Signal, data: SignalData, size_px: int) -> Canvas:
    """Draw a signal of two axes, or of two axes and colours."""
    rows, columns = data.shape[:2]
    within_reason(data, rows * columns * max([1, *data.shape[2:]]))
    canvas = Canvas(size_px, colour=len(data.shape) == 3)
    size = fitted(rows, columns, canvas.body)
    grey = grey_image(data, (), size)
    if grey.shown is not None and not grey.shown.any():
        raise CannotDrawError("None of its numbers is finite.")
    box = canvas.body.centred(size.width, size.height)
    place(canvas, grey, box)
    x_axis = axes_of(signal, 2)[-1]
    draw_scale_bar(canvas, box, extent(x_axis, columns), x_axis.unit)
    canvas.heading(signal.title)
    canvas.footer(_size(signal, rows, columns), _range(grey, signal, data))
    return canvas


def grey_image(data: SignalData, index: tuple[int, ...], size: Size) -> Grey:
    """Return the image ``data[index]`` in levels, with at least as many pixels as are shown where it has them."""
    means = block_mean(data, index, size.height, size.width)
    return colours(means, data.dtype) if means.ndim == 3 else stretch(means)


def _size(signal: Signal, rows: int, columns: int) -> str:
    pixels = f"{columns} × {rows} px"
    y_axis, x_axis = axes_of(signal, 2)
    lengths = extent(x_axis, columns), extent(y_axis, rows)
    if not all(lengths):
        return pixels
    return f"{pixels}  ·  {measure(lengths[0], x_axis.unit)} × {measure(lengths[1], y_axis.unit)}"


def _range(grey: Grey, signal: Signal, data: SignalData) -> str:
    if grey.black is None or grey.white is None:
        return ""
    quantity = "log amplitude" if data.dtype.kind == "c" else signal.quantity
    if grey.black == grey.white:
        return f"{quantity} {short(grey.black)} everywhere".strip()
    return f"{quantity} {short(grey.black)} to {short(grey.white)}".strip()
