"""Why a session is where it is, and what happens next: nouns of the books in, an explanation for a person out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from nexuslims_core.sessions.attempts import Attempt
from nexuslims_core.sessions.books import Books
from nexuslims_core.sessions.commands import Command
from nexuslims_core.sessions.mending import Fault, faults
from nexuslims_core.sessions.models import SessionFinding, SessionLog, SessionSummary
from nexuslims_core.sessions.next_steps import NextStep, next_step
from nexuslims_core.sessions.publications import Publication


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedLog:
    """One log of a session, and what is wrong with it.

    Attributes
    ----------
    fault
        What holds the session up, in a few words that go on after the log is named; None where nothing does.
    commands
        Any one of them mends it.
    """

    log: SessionLog
    fault: str | None = None
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All that a person needs to know of one session.

    Attributes
    ----------
    instrument
        The name that people call the instrument, and its persistent id where it has none.
    timezone
        Name of the zone in which people read the times.
    logs
        START and END by time, each with what is wrong with it.
    next
        What happens next.
    """

    session: SessionSummary
    instrument: str
    timezone: str
    logs: tuple[ExplainedLog, ...]
    findings: tuple[SessionFinding, ...]
    attempts: tuple[Attempt, ...]
    publications: tuple[Publication, ...]
    next: NextStep


def explain(books: Books, now: datetime, file_delay: timedelta) -> Explanation:
    """Say why a session is where it is.

    Parameters
    ----------
    now
        Aware time.
    file_delay
        How long after its end a session waits for files.
    """
    found = faults(books, now)
    return Explanation(
        session=books.summary,
        instrument=books.instrument.schema_name if books.instrument else books.summary.instrument_pid,
        timezone=books.instrument.timezone if books.instrument else "UTC",
        logs=tuple(_explained(log, found) for log in books.logs),
        findings=books.findings,
        attempts=books.attempts,
        publications=books.publications,
        next=next_step(books, now, file_delay),
    )


def _explained(log: SessionLog, found: tuple[Fault, ...]) -> ExplainedLog:
    own = [fault for fault in found if fault.log.id_session_log == log.id_session_log]
    return ExplainedLog(
        log=log,
        fault="; ".join(fault.says for fault in own) or None,
        commands=tuple(command for fault in own for command in fault.commands),
    )
