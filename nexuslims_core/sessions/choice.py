"""Which sessions a person names who does not want all of them."""

from dataclasses import dataclass

from nexuslims_core.sessions.models import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A part of the sessions; where nothing is named, all of them.

    Attributes
    ----------
    instruments
        Persistent ids.
    sessions
        Session identifiers.
    """

    instruments: frozenset[str] = frozenset()
    sessions: frozenset[str] = frozenset()

    def holds(self, session: Session) -> bool:
        """Tell whether a session is among those that are wanted."""
        pid, identifier = session.instrument.instrument_pid, session.session_identifier
        return (not self.instruments or pid in self.instruments) and (not self.sessions or identifier in self.sessions)
