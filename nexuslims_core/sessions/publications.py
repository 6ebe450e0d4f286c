"""What one destination holds of a session's record."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One row of ``publications``.

    Attributes
    ----------
    destination
        Name of the destination, such as ``cdcs``.
    title
        What the record is called there.
    published
        Whether the last try succeeded.
    tries
        How often the record was sent.
    first_tried_at, last_tried_at
        Aware times.
    record_id, url, sha256
        Of the version that the destination holds; None where it never took one, or where it is not known.
    last_error
        Why the last try failed, in a sentence.
    """

    destination: str
    title: str
    published: bool
    tries: int
    first_tried_at: datetime
    last_tried_at: datetime
    record_id: str | None = None
    url: str | None = None
    sha256: str | None = None
    last_error: str | None = None
