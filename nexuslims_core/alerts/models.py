"""An alert: one thing that went wrong, in words that are kept as they were when it did."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from nexuslims_core.sessions.commands import Command


class AlertKind(StrEnum):
    """What an alert is about: a session; what lasts until it is mended (storage, calendar, task); the end of that."""

    SESSION = "session"
    STORAGE = "storage"
    CALENDAR = "calendar"
    TASK = "task"
    BACK = "back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One labelled value of an alert."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address on the web, and what is there."""

    label: str
    url: str

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise ValueError(f"{self.label}: {self.url!r} is no address on the web")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing that people are told, once.

    Attributes
    ----------
    subject
        What it is about: a session's identifier, an instrument's persistent id, a server, a task.
    occasion
        Which time it is that this went wrong with it, such as ``attempt 2``; the same is told once.
    headline
        A few words; the subject of a message.
    reason
        What went wrong, in a sentence.
    advice
        What to do, in a sentence; "" where the reason or the commands say it.
    instrument_pid
        Whose people are told too; None where it concerns the facility.
    at
        Aware time.
    """

    kind: AlertKind
    subject: str
    occasion: str
    headline: str
    reason: str
    at: datetime
    advice: str = ""
    facts: tuple[Fact, ...] = ()
    commands: tuple[Command, ...] = ()
    links: tuple[Link, ...] = ()
    instrument_pid: str | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError(f"{self.headline}: the time needs a zone")

    @property
    def mark(self) -> str:
        """What tells this alert from all others, in 64 letters."""
        return mark(self.kind, self.subject, self.occasion)


def mark(*words: str) -> str:
    """Return a name of fixed length for some words, whatever they hold."""
    return sha256("\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that is wrong until it is mended, and was told of when it began.

    Attributes
    ----------
    since
        Aware time.
    """

    kind: AlertKind
    subject: str
    headline: str
    since: datetime
    instrument_pid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent: one alert, or several in one.

    Attributes
    ----------
    key
        The same for the same alerts, so that a mail program can tell what came twice.
    """

    subject: str
    text: str
    html: str
    key: str
    at: datetime
