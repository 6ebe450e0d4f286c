"""How long it takes from the end of a session until its record is online: what a facility is judged by."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from nexuslims_core.sessions.attempts import Attempt
from nexuslims_core.sessions.spans import lasting
from nexuslims_core.sessions.states import RecordStatus

RECENT = timedelta(days=30)
"""A session that ended before that is history: its record, built today, says nothing of how fast we are."""

AWAITED = frozenset({RecordStatus.TO_BE_BUILT, RecordStatus.BUILT_NOT_EXPORTED, RecordStatus.ERROR})
"""States of a session that is to have a record online and has none, unless an earlier version of it is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One session that ended.

    Attributes
    ----------
    ended
        Aware time of its END.
    online
        Aware time at which the first version of its record had come to every destination; None while none has.
    """

    session_identifier: str
    ended: datetime
    online: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnaround:
    """How long the sessions took that ended in some last days.

    Attributes
    ----------
    online, awaited
        How many have their record online, and how many are still to get there.
    median, worst
        From the end of a session to its record online, of those that are; None where none is.
    worst_session
        The session that took longest.
    """

    online: int
    awaited: int
    median: timedelta | None = None
    worst: timedelta | None = None
    worst_session: str | None = None


def turnaround(deliveries: Iterable[Delivery], since: datetime) -> Turnaround:
    """Return how long the sessions took that ended since then; the order of deliveries does not matter."""
    ended = [each for each in deliveries if each.ended >= since]
    took = {each.session_identifier: each.online - each.ended for each in ended if each.online is not None}
    awaited = len(ended) - len(took)
    if not took:
        return Turnaround(online=0, awaited=awaited)
    worst = max(took, key=lambda session: (took[session], session))
    return Turnaround(
        online=len(took),
        awaited=awaited,
        median=timedelta(seconds=median(span.total_seconds() for span in took.values())),
        worst=took[worst],
        worst_session=worst,
    )


def came_online(attempts: Iterable[Attempt]) -> datetime | None:
    """Return when the first version of a session's record had come to every destination; None while none has."""
    completed = (each.ended_at for each in attempts if each.outcome is RecordStatus.COMPLETED)
    return min((at for at in completed if at is not None), default=None)


def in_a_sentence(found: Turnaround, days: int) -> str:
    """Say for a person how long sessions took that ended in the last ``days``."""
    ended = f"ended in the last {days} days"
    if not found.online and not found.awaited:
        return f"none {ended}"
    waiting = f"{found.awaited:,} not online yet"
    if found.median is None or found.worst is None:
        return f"{waiting} of {found.awaited:,} that {ended}"
    took = f"median {lasting(found.median)}, worst {lasting(found.worst)} ({found.worst_session})"
    return f"{took} of {found.online:,} that {ended}{f', {waiting}' if found.awaited else ''}"
