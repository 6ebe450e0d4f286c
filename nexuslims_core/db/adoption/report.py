"""What became of an old database: how much came over, and each thing that was healed, kept or left, in a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from nexuslims_core.codec import AnyPath


class LeftBehindError(Exception):
    """One thing of the old database cannot come over; its text is the reason, and what to do."""


class Kind(StrEnum):
    """What is counted."""

    INSTRUMENTS = "instruments"
    SESSIONS = "sessions"
    LOGS = "logs"
    PUBLICATIONS = "publications"
    OTHER = "other rows"


class Fate(StrEnum):
    """What became of one thing of which there is more to say than that it came over."""

    HEALED = "healed"
    KEPT = "kept"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One thing of the old database and what became of it.

    Attributes
    ----------
    name
        A persistent id, a session's identifier, a row or a table.
    fate
        Healed: it came over, changed as the sentence says. Kept: the new database has another version and keeps it.
        Left: it is in the old database only; the sentence says why, and what to do.
    """

    kind: Kind
    name: str
    fate: Fate
    sentence: str


@dataclass(slots=True, kw_only=True)
class Count:
    """How many of one kind; healed ones are among those that came over or were updated."""

    came_over: int = 0
    updated: int = 0
    already_there: int = 0
    healed: int = 0
    left: int = 0

    @property
    def taken(self) -> int:
        """How many of them the new database has now."""
        return self.came_over + self.updated + self.already_there


@dataclass(slots=True, kw_only=True)
class Adoption:
    """The account of one adoption, filled while it goes on.

    Attributes
    ----------
    source, layout
        The old file and what was recognised in it.
    states
        How many of the old file's sessions stand where in the new database now, by status.
    """

    source: AnyPath
    layout: str
    counts: dict[Kind, Count] = field(default_factory=lambda: {kind: Count() for kind in Kind})
    notes: list[Note] = field(default_factory=list)
    states: dict[str, int] = field(default_factory=dict)

    @property
    def is_vain(self) -> bool:
        """Whether there was something in the old file and nothing of it is in the new database."""
        return bool(self.notes) and not any(count.taken for count in self.counts.values())

    def heal(self, kind: Kind, name: str, sentences: Sequence[str]) -> None:
        """Note how one thing was healed; without a sentence it was not."""
        if sentences:
            self.counts[kind].healed += 1
            self.notes.append(Note(kind=kind, name=name, fate=Fate.HEALED, sentence=" ".join(sentences)))

    def keep(self, kind: Kind, name: str, sentence: str) -> None:
        """Note that the new database has another version of one thing."""
        self.notes.append(Note(kind=kind, name=name, fate=Fate.KEPT, sentence=sentence))

    def leave(self, kind: Kind, name: str, sentence: str, *, rows: int = 1) -> None:
        """Note why one thing, or so many rows, stays behind."""
        self.counts[kind].left += rows
        self.notes.append(Note(kind=kind, name=name, fate=Fate.LEFT, sentence=sentence))
