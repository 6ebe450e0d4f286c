"""The preview of a series of images: up to nine of them, from the first to the last, each with its position.

Of images over a plane of places, such as the patterns of a scan, those are nine places of the plane. Each image has its
own contrast, so that one bright frame does not hide the others. Only the chosen ones are read.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

from nexuslims_core.datasets.signals import Axis, Signal, SignalData
from nexuslims_core.previews.canvas import Box, Canvas
from nexuslims_core.previews.image import grey_image, size_of
from nexuslims_core.previews.limits import within_reason
from nexuslims_core.previews.numerals import grouped, measure
from nexuslims_core.previews.placing import Size, axes_of, draw_scale_bar, fitted, place, write_on_image

_MOST = 9
_MOST_ACROSS = 3
_GAP = 6
_LETTERS = 12
_ROOM_FOR_BAR_PX = 56  # below the label


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which images of a series to show.

    Attributes
    ----------
    across
        Images in a row, where that is given by what they are of; 0 where any arrangement will do.
    """

    indices: tuple[tuple[int, ...], ...]
    across: int = 0


def draw_stack(signal: Signal, data: SignalData, size_px: int, *, coloured: bool = False) -> Canvas:
    """Draw a signal of more than two axes, the last two of which are an image; ``coloured`` images have one more."""
    dimensions = len(data.shape) - coloured
    outer, image = data.shape[: dimensions - 2], data.shape[dimensions - 2 : dimensions]
    choice, axes = chosen(outer), axes_of(signal, dimensions)
    within_reason(data, len(choice.indices) * math.prod(data.shape[dimensions - 2 :]))
    canvas = Canvas(size_px, colour=coloured)
    boxes = _boxes(canvas, choice, image, axes)
    room, letters = boxes[0].width - canvas.px(12), canvas.letters(_LETTERS)
    labels = labels_of(choice.indices, axes[:-2], lambda text: letters.getlength(text) < room)
    for box, index, label in zip(boxes, choice.indices, labels, strict=True):
        place(canvas, grey_image(signal, data, index, Size(box.height, box.width)), box)
        at = (box.left + canvas.px(5), box.top + canvas.px(_LETTERS + 1))
        write_on_image(canvas, at, label, size=_LETTERS)
    if boxes[0].height >= canvas.px(_ROOM_FOR_BAR_PX):
        draw_scale_bar(canvas, boxes[0], axes, boxes[0])
    canvas.heading(signal.title)
    canvas.footer(size_of(axes), _counts(outer, len(choice.indices)))
    return canvas


def chosen(outer: tuple[int, ...]) -> Choice:
    """Return which of the images over these axes to show, the first and the last among them."""
    wide = [length for length in outer if length > 1]
    if len(wide) == 2:
        most = _MOST if math.prod(wide) <= _MOST else _MOST_ACROSS
        steps = [evenly(length, most) for length in outer]
        return Choice(indices=tuple(product(*steps)), across=min(wide[1], most))
    numbers = evenly(math.prod(outer), _MOST)
    return Choice(indices=tuple(_unravelled(number, outer) for number in numbers))


def _unravelled(number: int, lengths: tuple[int, ...]) -> tuple[int, ...]:
    """Return the index of an image by its number; a file may claim more of them than numpy's own can count."""
    index = []
    for length in reversed(lengths):
        number, place = divmod(number, length)
        index.append(place)
    return tuple(reversed(index))


def evenly(count: int, most: int) -> tuple[int, ...]:
    """Return up to ``most`` numbers below ``count``, the first and the last among them."""
    if count <= most:
        return tuple(range(count))
    return tuple(i * (count - 1) // (most - 1) for i in range(most))


def labels_of(indices: tuple[tuple[int, ...], ...], axes: tuple[Axis, ...], fits: Callable[[str], bool]) -> list[str]:
    """Return where each image belongs, counted from 1, and at which time, tilt or the like where that can be told.

    Parameters
    ----------
    axes
        Those that the indices are of.
    fits
        Tells whether there is room for a label.
    """
    counted = [i for i, axis in enumerate(axes) if axis.size > 1]
    numbers = [", ".join(f"{index[i] + 1}" for i in counted) or "1" for index in indices]
    if len(counted) != 1 or not axes[counted[0]].unit:
        return numbers
    axis = axes[counted[0]]
    values = [axis.offset + index[counted[0]] * axis.scale for index in indices]
    told = [measure(value, axis.unit) for value in values]
    full = [f"{number}  ·  {value}" for number, value in zip(numbers, told, strict=True)]
    tells = len(set(told)) == len(told) and all(map(math.isfinite, values))
    return full if tells and all(map(fits, full)) else numbers


def _boxes(canvas: Canvas, choice: Choice, image: tuple[int, ...], axes: tuple[Axis, ...]) -> list[Box]:
    """Return where each image goes: large, and in rows that are full where that costs little."""
    count = len(choice.indices)
    rows = [choice.across] if choice.across else range(1, count + 1)
    arrangements = {across: _arranged(canvas, count, image, axes, across) for across in rows}

    def filled(across: int) -> float:
        cells = across * -(-count // across)
        return arrangements[across][0].width * arrangements[across][0].height * count / cells

    return arrangements[max(arrangements, key=filled)]


def _arranged(canvas: Canvas, count: int, image: tuple[int, ...], axes: tuple[Axis, ...], across: int) -> list[Box]:
    down, gap, body = -(-count // across), canvas.px(_GAP), canvas.body
    cell = Box(0, 0, (body.width - gap * (across - 1)) // across, (body.height - gap * (down - 1)) // down)
    size = fitted(image, cell, axes)
    step = Size(size.height + gap, size.width + gap)
    whole = body.centred(across * step.width - gap, down * step.height - gap)
    corners = [(whole.left + i % across * step.width, whole.top + i // across * step.height) for i in range(count)]
    return [Box(left, top, left + size.width, top + size.height) for left, top in corners]


def _counts(outer: tuple[int, ...], shown: int) -> str:
    count = math.prod(outer)
    wide = [length for length in outer if length > 1]
    lengths = f"{' × '.join(map(grouped, wide))} = " if len(wide) > 1 else ""
    images = "image" if count == 1 else "images"
    return f"{lengths}{grouped(count)} {images}" + (f", {shown} of them shown" if shown < count else "")
