"""What stands where there is no picture: that there is none, why, and what the signal is."""

import textwrap

from nexuslims_core.datasets.signals import Signal
from nexuslims_core.previews.canvas import GRID, INK, MUTED, Canvas, clipped, one_line

_COLUMNS = 52
_MOST_LINES = 6
_FACTS_AT = 300
_FACT_HEIGHT = 22
_MOST_AXES = 10


def draw_placeholder(signal: Signal, reason: str, size_px: int) -> Canvas:
    """Draw a card that gives the reason and the facts."""
    canvas = Canvas(size_px, colour=False)
    body, middle = canvas.body, size_px / 2
    canvas.pen.rounded_rectangle(
        (body.left, body.top, body.right, body.bottom), canvas.px(8), outline=GRID, width=canvas.px(2)
    )
    _draw_icon(canvas)
    canvas.write((middle, canvas.px(190)), "No preview", size=20, anchor="mm")
    for i, line in enumerate(textwrap.wrap(_sentence(reason), _COLUMNS)[:_MOST_LINES]):
        line = clipped(line, canvas.letters(13), body.width * 0.9)
        canvas.write((middle, canvas.px(214 + 18 * i)), line, size=13, fill=MUTED, anchor="ma")
    for i, (name, value) in enumerate(_facts(signal)):
        y = canvas.px(_FACTS_AT + 40 + _FACT_HEIGHT * i)
        value = clipped(value, canvas.letters(12), canvas.px(290))
        canvas.write((canvas.px(140), y), name, fill=MUTED, anchor="rs")
        canvas.write((canvas.px(152), y), value, fill=INK, anchor="ls")
    canvas.heading(signal.title)
    return canvas


def _sentence(reason: str) -> str:
    line = one_line(reason)
    return f"{line[:1].upper()}{line[1:]}{'' if line.endswith(('.', '!', '?')) else '.'}"


def _draw_icon(canvas: Canvas) -> None:
    """Draw the outline of a picture, struck through."""
    px, pen = canvas.px, canvas.pen
    pen.rounded_rectangle((px(210), px(80), px(290), px(150)), px(6), outline=MUTED, width=px(3))
    pen.ellipse((px(224), px(93), px(240), px(109)), outline=MUTED, width=px(3))
    pen.line(
        (px(212), px(144), px(240), px(120), px(254), px(132), px(270), px(112), px(288), px(134)),
        fill=MUTED,
        width=px(3),
    )
    pen.line((px(200), px(160), px(300), px(70)), fill=MUTED, width=px(3))


def _facts(signal: Signal) -> list[tuple[str, str]]:
    metadata = signal.metadata
    facts = [("Type", ", ".join(dict.fromkeys((metadata.dataset_type.value, metadata.data_type))))]
    if signal.data is not None:
        facts += [("Shape", " × ".join(f"{length:,}" for length in signal.data.shape[:_MOST_AXES]) or "one number")]
        facts += [("Numbers", str(signal.data.dtype))]
    axes = [
        f"{axis.name or '?'} ({axis.size:,}{f', in {axis.unit}' if axis.unit else ''})"
        for axis in signal.axes[:_MOST_AXES]
    ]
    if axes:
        facts += [("Axes", " · ".join(axes))]
    return facts
