"""What a long command is at, for somebody who looks on; nothing where stderr is no terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nexuslims_core.cli.answers import printable

Tell = Callable[[str], None]


@contextmanager
def progress(label: str) -> Iterator[Tell]:
    """Show ``label`` with a spinner, and behind it what the function that is yielded is told."""
    if not sys.stderr.isatty():
        yield lambda _news: None
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status(Text(printable(label))) as status:
        yield lambda news: status.update(Text(printable(f"{label}: {news}")))
