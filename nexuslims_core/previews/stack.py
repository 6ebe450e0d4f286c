"""The preview of a series of images: up to nine of them, evenly chosen from the first to the last, each numbered.

Each image has its own contrast, so that one bright frame does not hide the others. Only the chosen ones are read.
"""

import math

import numpy as np

from nexuslims_core.datasets.signals import Signal, SignalData
from nexuslims_core.previews.canvas import Box, Canvas
from nexuslims_core.previews.image import grey_image
from nexuslims_core.previews.limits import within_reason
from nexuslims_core.previews.numerals import grouped
from nexuslims_core.previews.placing import Size, axes_of, draw_scale_bar, extent, fitted, place, write_on_image

_MOST = 9
_GAP = 6


def draw_stack(signal: Signal, data: SignalData, size_px: int, *, coloured: bool = False) -> Canvas:
    """Draw a signal of more than two axes, the last two of which are an image; ``coloured`` images have one more."""
    dimensions = len(data.shape) - coloured
    outer, (rows, columns) = data.shape[: dimensions - 2], data.shape[dimensions - 2 : dimensions]
    chosen = evenly(math.prod(outer))
    within_reason(data, len(chosen) * math.prod(data.shape[dimensions - 2 :]))
    canvas = Canvas(size_px, colour=coloured)
    boxes = _boxes(canvas, len(chosen), Size(rows, columns))
    for box, number in zip(boxes, chosen, strict=True):
        index = tuple(int(i) for i in np.unravel_index(number, outer))
        place(canvas, grey_image(data, index, Size(box.height, box.width)), box)
        write_on_image(canvas, (box.left + canvas.px(6), box.top + canvas.px(17)), f"{number + 1}", size=12)
    x_axis = axes_of(signal, dimensions)[-1]
    draw_scale_bar(canvas, boxes[0], extent(x_axis, columns), x_axis.unit)
    canvas.heading(signal.title)
    canvas.footer(f"{columns} × {rows} px", _counts(outer, len(chosen)))
    return canvas


def evenly(count: int) -> tuple[int, ...]:
    """Return which of ``count`` images to show, the first and the last among them."""
    if count <= _MOST:
        return tuple(range(count))
    return tuple(i * (count - 1) // (_MOST - 1) for i in range(_MOST))


def _boxes(canvas: Canvas, count: int, image: Size) -> list[Box]:
    """Return where each image goes, in the arrangement that shows them largest, in the middle of the sheet."""
    arrangements = [_arranged(canvas, count, image, across) for across in range(1, count + 1)]
    return max(arrangements, key=lambda boxes: boxes[0].width * boxes[0].height)


def _arranged(canvas: Canvas, count: int, image: Size, across: int) -> list[Box]:
    down, gap, body = -(-count // across), canvas.px(_GAP), canvas.body
    cell = Box(0, 0, (body.width - gap * (across - 1)) // across, (body.height - gap * (down - 1)) // down)
    size = fitted(image.height, image.width, cell)
    step = Size(size.height + gap, size.width + gap)
    whole = body.centred(across * step.width - gap, down * step.height - gap)
    corners = [(whole.left + i % across * step.width, whole.top + i // across * step.height) for i in range(count)]
    return [Box(left, top, left + size.width, top + size.height) for left, top in corners]


def _counts(outer: tuple[int, ...], shown: int) -> str:
    count = math.prod(outer)
    product = f"{' × '.join(map(grouped, outer))} = " if len(outer) > 1 else ""
    images = "image" if count == 1 else "images"
    return f"{product}{grouped(count)} {images}" + (f", {shown} of them shown" if shown < count else "")
