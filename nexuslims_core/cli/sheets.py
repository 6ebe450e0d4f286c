"""A screen about one thing: a heading, then blocks of labelled lines that keep to the width of the terminal."""

import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_NARROWEST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a sheet.

    Attributes
    ----------
    label
        Stands in front of it; empty where it goes on with what is above.
    whole
        Never broken or changed, for it is there to be copied; of one line already.
    """

    text: str
    label: str = ""
    whole: bool = False


def sheet(heading: str, blocks: Iterable[Sequence[Line]]) -> str:
    """Return the lines under their heading, a blank line before each block that holds any."""
    filled = [block for block in blocks if block]
    indent = 2 + max((len(line.label) for block in filled for line in block), default=0)
    lines = [on_one_line(heading)]
    for block in filled:
        lines += ["", *(drawn for line in block for drawn in _drawn(line, indent))]
    return "\n".join(lines)


def on_one_line(text: str) -> str:
    """Return text from outside without line breaks, so that it cannot pass for lines of ours."""
    return " ".join(text.split())


def broken(text: str, indent: int = 0) -> list[str]:
    """Return text as lines that fit beside ``indent`` blanks; one line where no terminal shows it."""
    if not sys.stdout.isatty():
        return [text]
    room = max(shutil.get_terminal_size().columns - indent, _NARROWEST)
    return textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False)


def _drawn(line: Line, indent: int) -> Iterator[str]:
    pieces = [line.text] if line.whole else broken(on_one_line(line.text), indent)
    for number, piece in enumerate(pieces or [""]):
        label = line.label if number == 0 else ""
        yield f"{label:<{indent}}{piece}".rstrip()
