"""The preview of a text: its first lines as they stand, in letters of one width, long ones wrapped."""

import textwrap
from itertools import islice

from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.datasets.signals import Signal
from nexuslims_core.previews.canvas import GRID, INK, MUTED, Canvas, font
from nexuslims_core.previews.numerals import grouped

_LETTERS = 11
_LINE_HEIGHT = 15
_INSET = 10
_TAB = 4
_LONGEST_LINE = 2000
_NARROWEST = 10


def draw_text(signal: Signal, size_px: int) -> Canvas:
    """Draw the beginning of a text; the small print says how much of it."""
    canvas = Canvas(size_px, colour=False)
    body, letters = canvas.body, font(max(5, canvas.px(_LETTERS)), mono=True)
    inset, step = canvas.px(_INSET), canvas.px(_LINE_HEIGHT)
    columns = max(_NARROWEST, int((body.width - 2 * inset) / letters.getlength("0")))
    lines = signal.text.splitlines()
    shown = _wrapped(lines, columns, max(1, (body.height - 2 * inset) // step))
    canvas.pen.rounded_rectangle((body.left, body.top, body.right, body.bottom), canvas.px(5), outline=GRID)
    for row, (_, line) in enumerate(shown):
        canvas.pen.text((body.left + inset, body.top + inset + row * step), line, fill=INK, font=letters, anchor="la")
    if not signal.text.strip():
        canvas.write((size_px / 2, size_px / 2), "(empty)", fill=MUTED, anchor="mm")
    canvas.heading(signal.title)
    canvas.footer(_count(shown[-1][0] if shown else 0, len(lines)))
    return canvas


def _wrapped(lines: list[str], columns: int, rows: int) -> list[tuple[int, str]]:
    """Return as many rows as there is room for, each with the number of the line it is of, from 1."""
    parts = ((number, part) for number, line in enumerate(lines, 1) for part in _rows_of(line, columns))
    return list(islice(parts, rows))


def _rows_of(line: str, columns: int) -> list[str]:
    line = line[:_LONGEST_LINE].expandtabs(_TAB)
    indent = " " * min(len(line) - len(line.lstrip()), columns // 2)
    return textwrap.wrap(clean_text(line), columns, initial_indent=indent, subsequent_indent=indent) or [""]


def _count(shown: int, lines: int) -> str:
    if shown < lines:
        return f"the first {shown} of {grouped(lines)} lines"
    return "1 line" if lines == 1 else f"{lines} lines"
