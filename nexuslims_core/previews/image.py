"""The preview of one image: block means, contrast without the extremes, a scale bar, and its size in small print.

What lies in reciprocal space is shown in logarithms. An image of an angle over a wavelength, or of a time over an
energy, has labelled axes instead of a scale bar.
"""

from nexuslims_core.datasets.models import DatasetType
from nexuslims_core.datasets.signals import Axis, Signal, SignalData
from nexuslims_core.previews.canvas import Box, Canvas
from nexuslims_core.previews.contrast import Grey, colours, stretch, stretch_above_strip, stretch_log
from nexuslims_core.previews.dimensions import are_alike, is_reciprocal, measured_in
from nexuslims_core.previews.limits import CannotDrawError, within_reason
from nexuslims_core.previews.numerals import measure, short
from nexuslims_core.previews.placing import Size, axes_of, draw_scale_bar, extent, fitted, place
from nexuslims_core.previews.reduction import block_mean
from nexuslims_core.previews.rulers import draw_axis_below, draw_axis_beside, frame_in


def draw_image(signal: Signal, data: SignalData, size_px: int) -> Canvas:
    """Draw a signal of two axes, or of two axes and colours."""
    rows, columns = data.shape[:2]
    within_reason(data, rows * columns * max([1, *data.shape[2:]]))
    canvas, axes = Canvas(size_px, colour=len(data.shape) == 3), axes_of(signal, 2)
    draw = _draw_plane if are_alike(*axes) else _draw_graph
    grey = draw(canvas, signal, data, axes)
    canvas.heading(signal.title)
    canvas.footer(size_of(axes), _range(grey, signal, data, axes))
    return canvas


def _draw_plane(canvas: Canvas, signal: Signal, data: SignalData, axes: tuple[Axis, ...]) -> Grey:
    size = fitted(data.shape[:2], canvas.body, axes)
    grey = _seen(grey_image(signal, data, (), size))
    box = canvas.body.centred(size.width, size.height)
    place(canvas, grey, box)
    draw_scale_bar(
        canvas, Box(box.left, box.top, box.right, box.top + round(box.height * grey.picture)), axes, canvas.body
    )
    return grey


def _draw_graph(canvas: Canvas, signal: Signal, data: SignalData, axes: tuple[Axis, ...]) -> Grey:
    box = frame_in(canvas, canvas.body)
    grey = _seen(grey_image(signal, data, (), Size(box.height, box.width)))
    draw_axis_below(canvas, box, axes[1])
    draw_axis_beside(canvas, box, axes[0])
    place(canvas, grey, box)
    return grey


def _seen(grey: Grey) -> Grey:
    if grey.shown is not None and not grey.shown.any():
        raise CannotDrawError("None of its numbers is finite.")
    return grey


def grey_image(signal: Signal, data: SignalData, index: tuple[int, ...], size: Size) -> Grey:
    """Return the image ``data[index]`` in levels, with at least as many pixels as are shown where it has them."""
    axes = axes_of(signal, len(index) + 2)
    means = block_mean(data, index, size.height, size.width, logarithm=_is_transform(axes))
    if means.ndim == 3:
        return colours(means, data.dtype)
    if data.dtype.kind != "c" and _is_pattern(signal, axes):
        return stretch_log(means, unit=float(data.dtype.kind in "iub"))
    return stretch_above_strip(means) if data.dtype.kind in "iu" and not index else stretch(means)


def _is_pattern(signal: Signal, axes: tuple[Axis, ...]) -> bool:
    return signal.metadata.dataset_type is DatasetType.DIFFRACTION or is_reciprocal(*axes[-2:])


def _is_transform(axes: tuple[Axis, ...]) -> bool:
    """Tell whether complex numbers are a Fourier transform and no wave: all are whose axes do not count lengths."""
    return measured_in(axes[-1].unit)[0] != "length"


def size_of(axes: tuple[Axis, ...]) -> str:
    """Return the pixels of an image, and its size where that is known."""
    y_axis, x_axis = axes[-2:]
    pixels = f"{x_axis.size} × {y_axis.size} px"
    lengths = extent(x_axis, x_axis.size), extent(y_axis, y_axis.size)
    if not all(lengths):
        return pixels
    return f"{pixels}  ·  {measure(lengths[0], x_axis.unit)} × {measure(lengths[1], y_axis.unit)}"


def _range(grey: Grey, signal: Signal, data: SignalData, axes: tuple[Axis, ...]) -> str:
    if grey.black is None or grey.white is None:
        return ""
    quantity, ending = signal.quantity, ""
    if data.dtype.kind == "c":
        quantity = "log amplitude" if _is_transform(axes) else "amplitude"
    elif _is_pattern(signal, axes):
        ending = " (log)"
    if grey.black == grey.white:
        return f"{quantity} {short(grey.black)} everywhere".strip()
    return f"{quantity} {short(grey.black)} to {short(grey.white)}{ending}".strip()
