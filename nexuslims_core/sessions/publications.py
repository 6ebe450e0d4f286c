"""What one destination holds of a session's record, and what is on its way there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from nexuslims_core.errors import AuthenticationError
from nexuslims_core.sessions.attempts import Attempt

FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=6)
PAUSE_AFTER_REFUSED_LOGIN = timedelta(hours=1)
"""Accounts lock after a few wrong passwords, so nobody knocks more often than that."""


class PublicationState(StrEnum):
    """How far a record is on its way to a destination."""

    PENDING = "pending"
    """It was about to be sent, and no answer is known: it may be there or not."""
    PUBLISHED = "published"
    """The destination was read back, and holds it."""
    FAILED = "failed"
    """It could not be sent for now, and is sent again."""
    REFUSED = "refused"
    """The destination refused it for good; only a person can change that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One row of ``publications``.

    Attributes
    ----------
    destination
        Name of the destination, such as ``cdcs``.
    title
        What the record is called there; where it never took one, what it shall be called.
    tries
        How often this version was sent, or the one that is held.
    first_tried_at, last_tried_at
        Aware times.
    record_id, url, sha256
        Of the version that the destination holds; None where it never took one, or where it is not known.
    last_error
        Why the last try failed, in a sentence.
    pending_title, pending_sha256
        Of the version that shall be there and is not proven to be; None where none is under way.
    error_type
        Class of the error that ``last_error`` tells of.
    next_try_at
        Aware time from which it is sent again by itself; None where it is not.
    """

    destination: str
    title: str
    state: PublicationState
    tries: int
    first_tried_at: datetime
    last_tried_at: datetime
    record_id: str | None = None
    url: str | None = None
    sha256: str | None = None
    last_error: str | None = None
    pending_title: str | None = None
    pending_sha256: str | None = None
    error_type: str | None = None
    next_try_at: datetime | None = None

    @property
    def published(self) -> bool:
        """Whether the last try succeeded."""
        return self.state is PublicationState.PUBLISHED

    def holds(self, sha256: str) -> bool:
        """Return whether the destination is proven to hold exactly this version."""
        return self.published and self.sha256 == sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpublished:
    """A session whose record is built and not at every destination.

    Attributes
    ----------
    built
        The last attempt that ended so; it has a record.
    publications
        One for each destination that was tried.
    lease_until
        Aware time until which somebody works on it; None where nobody does.
    """

    built: Attempt
    publications: tuple[Publication, ...] = ()
    lease_until: datetime | None = None

    @property
    def session_identifier(self) -> str:
        """Identifier of the session."""
        return self.built.session_identifier

    @property
    def last_tried_at(self) -> datetime:
        """When it was last sent, or else built."""
        return max((each.last_tried_at for each in self.publications), default=self.built.started_at)

    def at(self, destination: str) -> Publication | None:
        """Return what the books know of it at a destination."""
        return next((each for each in self.publications if each.destination == destination), None)


def next_try(now: datetime, tries: int, error_type: str | None = None) -> datetime:
    """Return when a record is sent again that was sent in vain: after 5 minutes, then twice as long, at most 6 hours.

    Parameters
    ----------
    now
        Aware time of the last try.
    tries
        How often it was sent, at least 1.
    error_type
        Class of the error that the last try ended with.
    """
    pause = min(FIRST_PAUSE * (1 << min(tries - 1, 10)), LONGEST_PAUSE)
    if error_type == AuthenticationError.__name__:
        pause = max(pause, PAUSE_AFTER_REFUSED_LOGIN)
    return now + pause
