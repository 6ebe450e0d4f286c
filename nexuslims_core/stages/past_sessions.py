"""The sessions of a stretch of time: which of them are to be built, or built again, and why the others are left."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from nexuslims_core.errors import NexusLimsError
from nexuslims_core.sessions.choice import Choice
from nexuslims_core.sessions.models import Session, SessionSummary
from nexuslims_core.sessions.states import END_STATES
from nexuslims_core.stages.facility import Facility


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSession:
    """A session that ended in the time that is looked at.

    Attributes
    ----------
    label
        What people call it.
    session
        None where its logs make none.
    left
        Why it is not built now, in a sentence; None if it is.
    """

    session_identifier: str
    label: str
    session: Session | None
    left: str | None


def past_sessions(
    facility: Facility, since: datetime, until: datetime, choice: Choice, *, rebuild: bool = False
) -> tuple[PastSession, ...]:
    """Return every session whose END lies in ``[since, until)``, by start.

    Those that are left are told too: whoever asks again about the same time must find no fewer, since Airflow does not
    bring back a task whose place in a list was gone once.

    Parameters
    ----------
    since, until
        Aware times.
    choice
        Sessions to build; the others are left.
    rebuild
        Whether those are built that have come to an end state.

    Raises
    ------
    UnknownInstrumentError, UnknownSessionError
        If one that is named is not there.
    """
    check_named(facility, choice)
    waiting = facility.database.waiting_sessions()  # heals logs, and then the list says what they mean
    known = {session.session_identifier: session for session in waiting}
    listed = facility.database.sessions(since=since, until=until)
    ended = (each for each in listed if each.dt_to is not None and since <= each.dt_to < until)
    return tuple(_told(facility, known, summary, choice, rebuild=rebuild) for summary in ended)


def check_named(facility: Facility, choice: Choice) -> None:
    """Make sure that whatever a person named is there.

    Raises
    ------
    UnknownInstrumentError, UnknownSessionError
        If it is not.
    """
    for instrument_pid in sorted(choice.instruments):
        facility.database.instrument(instrument_pid)
    for identifier in sorted(choice.sessions):
        facility.database.summary(identifier)


def put_back(facility: Facility, identifiers: Iterable[str], reason: str) -> None:
    """Make sessions wait to be built again that have come to an end state; all others are left as they are.

    Raises
    ------
    ClaimedElsewhereError
        If somebody is at one.
    """
    for identifier in sorted(identifiers):
        if facility.database.summary(identifier).status in END_STATES:
            facility.database.requeue(identifier, reason, facility.now())


def _told(
    facility: Facility, known: Mapping[str, Session], summary: SessionSummary, choice: Choice, *, rebuild: bool
) -> PastSession:
    identifier = summary.session_identifier
    try:
        session = known.get(identifier) or facility.database.session(identifier)
    except NexusLimsError as error:  # a person must mend its logs first
        return PastSession(
            session_identifier=identifier,
            label=f"{summary.instrument_pid} {summary.dt_from:%Y-%m-%d %H:%M}",
            session=None,
            left=str(error),
        )
    return PastSession(
        session_identifier=session.session_identifier,
        label=session.label,
        session=session,
        left=_why_left(session, summary, choice, rebuild=rebuild),
    )


def _why_left(session: Session, summary: SessionSummary, choice: Choice, *, rebuild: bool) -> str | None:
    if not choice.holds(session):
        return "it is not among those that the parameters of the run name"
    if summary.status in END_STATES and not rebuild:
        return f"it is {summary.status} already: the parameter rebuild builds it again"
    return None
