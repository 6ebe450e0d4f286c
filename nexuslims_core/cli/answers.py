"""What a command answers: one JSON document for programs, a few lines for people, an exit code for shells."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from unicodedata import combining, east_asian_width

from nexuslims_core.errors import NexusLimsError


class WrongUsageError(NexusLimsError):
    """The command's words do not go together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The outcome of a command.

    Attributes
    ----------
    document
        Plain JSON, printed with ``--json``.
    text
        What a person reads, or what makes it: drawing a table takes longer than many a command.
    exit_code
        0 done, 1 something failed and was said.
    complaints
        What failed, in sentences; said on stderr where the document, which has no place for them, is printed.
    """

    document: object
    text: str | Callable[[], str]
    exit_code: int = 0
    complaints: Sequence[str] = ()

    def give(self, *, as_json: bool) -> int:
        """Print the answer and return its exit code; 1 if what stdout leads to takes no more."""
        if as_json:
            for complaint in self.complaints:
                complain(complaint)
        text = json.dumps(self.document, indent=1, allow_nan=False) if as_json else printable(self._read_out())
        if not text:
            return self.exit_code
        try:
            sys.stdout.buffer.write((text.rstrip("\n") + "\n").encode(sys.stdout.encoding, "backslashreplace"))
            sys.stdout.flush()
        except OSError as error:
            if not isinstance(error, BrokenPipeError):  # a reader that has gone knows it
                complain(f"the command ran, and its answer cannot be written: {error.strerror}")
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        return self.exit_code

    def _read_out(self) -> str:
        return self.text() if callable(self.text) else self.text


def complain(sentence: str) -> None:
    """Say on stderr what failed."""
    sys.stderr.write(f"nexuslims: {printable(sentence)}\n")


def printable(text: str) -> str:
    """Return text that does nothing to a terminal but show: control characters and bytes that are no text escaped."""
    return "".join(sign if sign.isprintable() or sign == "\n" else _escaped(sign) for sign in text)


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, folds: str | None = None) -> str:
    """Return rows under headings, as wide as the terminal allows, whole where there is none.

    Parameters
    ----------
    folds
        The column that alone is broken where the terminal is too narrow; None breaks all of them.
    """
    lines = [[("" if cell is None else printable(str(cell))) for cell in row] for row in rows]
    if sys.stdout.isatty():
        return _fitted(columns, lines, folds)
    broken = (zip_longest(*(cell.split("\n") for cell in line), fillvalue="") for line in lines)
    return _whole([columns, *(line for each in broken for line in each)])


def _whole(lines: Sequence[Sequence[str]]) -> str:
    """Return lines of cells under each other; what no terminal shows need not wait for the library that draws."""
    widths = [max(map(_columns, cells)) for cells in zip(*lines, strict=True)]
    padded = (
        "  ".join(cell + " " * (width - _columns(cell)) for cell, width in zip(line, widths, strict=True))
        for line in lines
    )
    return "\n".join(line.rstrip() for line in padded)


def _columns(cell: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if cell.isascii():
        return len(cell)
    return sum(0 if combining(sign) else 1 + (east_asian_width(sign) in "WF") for sign in cell)


def _fitted(columns: Sequence[str], lines: Iterable[Sequence[str]], folds: str | None) -> str:
    import io
    import shutil

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, pad_edge=False)
    for column in columns:
        drawn.add_column(column, no_wrap=folds not in (None, column))
    for line in lines:
        drawn.add_row(*(Text(cell, overflow="fold") for cell in line))
    page = io.StringIO()
    Console(file=page, width=shutil.get_terminal_size().columns, color_system=None).print(drawn)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())
