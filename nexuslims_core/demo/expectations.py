"""What each session of the demo should have become; the demo's verdict compares it with server, files and schema."""

from dataclasses import dataclass

from nexuslims_core.sessions.states import RecordStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """How one session should end.

    Attributes
    ----------
    about
        What the session shows, for the table.
    files
        Raw files that its record must name, and no other.
    activities
        How many activities the record must have; None where nobody knows beforehand.
    title
        Title of the experiment in the record; None where any will do.
    """

    session_identifier: str
    about: str
    status: RecordStatus
    files: tuple[str, ...] = ()
    activities: int | None = None
    title: str | None = None
