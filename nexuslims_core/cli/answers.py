"""What a command answers: one JSON document for programs, a few lines for people, an exit code for shells."""

import io
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The outcome of a command.

    Attributes
    ----------
    document
        Plain JSON, printed with ``--json``.
    text
        What a person reads.
    exit_code
        0 done, 1 something failed and was said.
    """

    document: object
    text: str
    exit_code: int = 0

    def give(self, *, as_json: bool) -> int:
        """Print the answer and return its exit code."""
        text = json.dumps(self.document, indent=1) if as_json else self.text
        if text:
            sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace").rstrip(b"\n") + b"\n")
            sys.stdout.flush()
        return self.exit_code


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows under headings, as wide as the terminal allows, whole where there is none."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        drawn.add_row(*(Text("" if cell is None else str(cell), overflow="fold") for cell in row))
    terminal = sys.stdout.isatty()
    console = Console(file=io.StringIO(), force_terminal=terminal, width=None if terminal else 10_000)
    console.print(drawn)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]  # the StringIO above
    return "\n".join(line.rstrip() for line in text.splitlines())
