"""The preview of a text: its first lines as they stand, in letters of one width.

Prose is wrapped. Lines of columns that are too wide get smaller letters, then smaller gaps, and are cut in the end:
half a table is of more use than a wrapped one.
"""

import re
import textwrap
from itertools import islice

from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.datasets.signals import Signal
from nexuslims_core.previews.canvas import GRID, INK, MUTED, Box, Canvas, Font, drawable, font
from nexuslims_core.previews.numerals import grouped

_SIZES = (11, 9.5, 8)
_LEADING = 15 / 11
_INSET = 10
_TAB = 4
_LONGEST_LINE = 2000
_NARROWEST = 10
_MOST_THAT_FIT = 0.9
_GAP = re.compile(r"(?<=\S)(\t| {3,})\s*(?=\S)")


def draw_text(signal: Signal, size_px: int) -> Canvas:
    """Draw the beginning of a text; the small print says how much of it."""
    canvas = Canvas(size_px, colour=False)
    body, lines = canvas.body, signal.text.splitlines()
    inset = canvas.px(_INSET)
    room = Box(body.left + inset, body.top + inset, body.right - inset, body.bottom - inset)
    size = next((size for size in _SIZES if _fit(lines, *_page(canvas, room, size)[1:])), _SIZES[0])
    letters, columns, rows = _page(canvas, room, size)
    shown = _laid_out(lines, columns, rows)
    canvas.pen.rounded_rectangle((body.left, body.top, body.right, body.bottom), canvas.px(5), outline=GRID)
    for row, (_, line) in enumerate(shown):
        at = (room.left, room.top + row * canvas.px(size * _LEADING))
        canvas.pen.text(at, line, fill=INK, font=letters, anchor="la")
    if not signal.text.strip():
        canvas.write((size_px / 2, size_px / 2), "(empty)", fill=MUTED, anchor="mm")
    canvas.heading(signal.title)
    canvas.footer(_count(shown[-1][0] if shown else 0, len(lines)))
    return canvas


def _page(canvas: Canvas, room: Box, size: float) -> tuple[Font, int, int]:
    """Return letters of a size, and how many columns and rows of them there is room for."""
    letters = font(max(5, canvas.px(size)), mono=True)
    columns = max(_NARROWEST, int(room.width / letters.getlength("0")))
    return letters, columns, max(1, room.height // canvas.px(size * _LEADING))


def _fit(lines: list[str], columns: int, rows: int) -> bool:
    """Tell whether nearly all lines of columns are short enough, if there are any."""
    table = [line for line in map(_plain, lines[:rows]) if _GAP.search(line)]
    return not table or sum(len(line) <= columns for line in table) >= _MOST_THAT_FIT * len(table)


def _laid_out(lines: list[str], columns: int, rows: int) -> list[tuple[int, str]]:
    """Return as many rows as there is room for, each with the number of the line it is of, from 1."""
    parts = ((number, part) for number, line in enumerate(lines, 1) for part in _rows_of(_plain(line), columns))
    return list(islice(parts, rows))


def _plain(line: str) -> str:
    """Return a line without what cannot be drawn; its tabs become spaces, and it keeps those it begins with."""
    line = line[:_LONGEST_LINE].expandtabs(_TAB)
    indent = len(line) - len(line.lstrip())
    return " " * indent + drawable(clean_text(line))


def _rows_of(line: str, columns: int) -> list[str]:
    if len(line) <= columns:
        return [line]
    if _GAP.search(line):
        line = _GAP.sub("  ", line)
        return [line if len(line) <= columns else f"{line[: columns - 1]}…"]
    indent = " " * min(len(line) - len(line.lstrip()), columns // 2)
    return textwrap.wrap(line, columns, initial_indent=indent, subsequent_indent=indent) or [""]


def _count(shown: int, lines: int) -> str:
    if shown < lines:
        return f"the first {shown} of {grouped(lines)} lines"
    return "1 line" if lines == 1 else f"{lines} lines"
