"""Sessions that overlap on one instrument.

Each keeps its whole span, since cutting one could lose files, and the record of each names the others: whose file it is
that was saved in their common time, nobody can tell from the logs.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from nexuslims_core.sessions.clocks import NO_TIME
from nexuslims_core.sessions.models import EventType, Session, SessionLog

MOST_NAMED = 20
"""Overlapping sessions that a record names one by one."""

_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Another session on the same instrument.

    Attributes
    ----------
    dt_to
        Aware time of its END; None while it has none.
    """

    session_identifier: str
    dt_from: datetime
    dt_to: datetime | None
    user: str | None

    def overlaps(self, session: Session) -> bool:
        """Tell whether the two share more than a moment; one that has not ended must begin during the session."""
        if self.dt_to is None:
            return session.dt_from <= self.dt_from < session.dt_to
        return self.dt_from < session.dt_to and session.dt_from < self.dt_to


def overlap_remarks(session: Session, logs: Iterable[SessionLog]) -> tuple[str, ...]:
    """Return a sentence for each session among those of the logs that overlaps this one, by start."""
    found = [neighbour for neighbour in _neighbours(session, logs) if neighbour.overlaps(session)]
    found.sort(key=lambda neighbour: (neighbour.dt_from, neighbour.session_identifier))
    told = tuple(_sentence(session, neighbour) for neighbour in found[:MOST_NAMED])
    left = len(found) - len(told)
    return (*told, f"{left} more sessions on the instrument overlapped this one.") if left else told


def _neighbours(session: Session, logs: Iterable[SessionLog]) -> Iterable[Neighbour]:
    groups: defaultdict[str, list[SessionLog]] = defaultdict(list)
    for log in sorted(logs, key=lambda log: (log.timestamp.astimezone(UTC), log.id_session_log or 0)):
        same_place = log.instrument_pid == session.instrument.instrument_pid
        if same_place and log.session_identifier != session.session_identifier and log.timestamp != NO_TIME:
            groups[log.session_identifier].append(log)
    for identifier, own in groups.items():
        starts = [log.timestamp for log in own if log.event_type is EventType.START]
        ends = [log.timestamp for log in own if log.event_type is EventType.END]
        if starts:
            yield Neighbour(
                session_identifier=identifier,
                dt_from=starts[0],
                dt_to=ends[-1] if ends and ends[-1] > starts[0] else None,
                user=next((log.user for log in own if log.user), None),
            )


def _sentence(session: Session, other: Neighbour) -> str:
    zone = session.instrument.zone
    who = f" of {_short(other.user)}" if other.user else ""
    start = other.dt_from.astimezone(zone).isoformat()
    when = f"began at {start} and has no END"
    if other.dt_to is not None:
        when = f"ran from {start} to {other.dt_to.astimezone(zone).isoformat()}"
    return (
        f"Another session{who} on the instrument, {_short(other.session_identifier)}, {when}: "
        "a file of their common time may belong to either."
    )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 1]}…"
