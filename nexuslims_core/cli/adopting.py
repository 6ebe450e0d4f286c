"""``nexuslims db adopt``: what came over from a database of NexusLIMS, and each thing that did not come as it was."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nexuslims_core.cli.answers import Answer, table

if TYPE_CHECKING:  # the help must not wait for the database
    from nexuslims_core.db.adoption.report import Adoption, Note

SHOWN_NAMES = 5
"""So many of the things that share a sentence are named to people; the JSON document names all."""


def adopt(old: Path, into: str | None) -> Answer:
    """Take over an old database into that of the settings, or another one."""
    from nexuslims_core import codec
    from nexuslims_core.config import load_settings
    from nexuslims_core.db.adoption.adopting import adopt as take_over
    from nexuslims_core.db.engine import connect, named

    settings = load_settings()
    url = into or settings.database_url
    adoption = take_over(old, url, settings.filestore_path, lambda: datetime.now(UTC))
    document = {"into": named(connect(url)), **codec.encode(adoption)}
    return Answer(document=document, text="\n".join(_lines(adoption)), exit_code=1 if adoption.is_vain else 0)


def _lines(adoption: "Adoption") -> Iterator[str]:
    yield f"{adoption.source} is a database of {adoption.layout}."
    yield ""
    counts = adoption.counts.items()
    rows = [(kind, c.came_over, c.updated, c.already_there, c.healed, c.left) for kind, c in counts]
    yield table(("", "came over", "brought up to date", "already there", "healed", "left"), rows)
    if adoption.notes:
        yield ""
        yield from _sentences(adoption.notes)
    if adoption.states:
        yield ""
        yield f"Its sessions stand here: {', '.join(f'{n} {status}' for status, n in adoption.states.items())}."
    if waiting := adoption.states.get("TO_BE_BUILT"):
        yield f"Stop the old NexusLIMS before you let this one build: {_wait(waiting)} for the next run."


def _wait(sessions: int) -> str:
    return f"{sessions} wait{'s' if sessions == 1 else ''}"


def _sentences(notes: Iterable["Note"]) -> Iterator[str]:
    """Say each sentence once, with the names of all that it is about."""
    names: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for note in notes:
        names[note.fate, note.kind, note.sentence].append(note.name)
    for (fate, kind, sentence), named in sorted(names.items()):
        more = f" and {len(named) - SHOWN_NAMES} more (--json names all)" if len(named) > SHOWN_NAMES else ""
        yield f"{fate}: {kind}: {', '.join(named[:SHOWN_NAMES])}{more}: {sentence}"
