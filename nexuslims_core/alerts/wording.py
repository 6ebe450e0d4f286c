"""What alerts say: nouns of the books in, an alert for a person out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from nexuslims_core.alerts.models import Alert, AlertKind, Fact, Link, Trouble
from nexuslims_core.alerts.texts import on_one_line
from nexuslims_core.errors import ConsentUnknownError
from nexuslims_core.sessions.attempts import Abandonment, Attempt
from nexuslims_core.sessions.books import Books
from nexuslims_core.sessions.commands import Command, on_session
from nexuslims_core.sessions.models import SessionFinding
from nexuslims_core.sessions.next_steps import NextStep, next_step
from nexuslims_core.sessions.page_links import page_url
from nexuslims_core.sessions.spans import in_words, lasting
from nexuslims_core.sessions.states import RecordStatus

TaskLog = Callable[[Attempt], str | None]
"""Where the log of an attempt's last task is; None where nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwayCalendar:
    """A calendar that alerts are about.

    Attributes
    ----------
    key
        What the books know it by; the same for all instruments on one server.
    name
        What people call it, with its article.
    """

    key: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Where people look further.

    Attributes
    ----------
    url
        Address of Airflow; None where nobody said it, and alerts then lead nowhere.
    task_log
        See :data:`TaskLog`.
    """

    url: str | None = None
    task_log: TaskLog = lambda _attempt: None

    def of_session(self, session_identifier: str) -> Iterator[Link]:
        """Yield the link to a session's page."""
        if self.url:
            yield Link(label="Session", url=page_url(self.url, session_identifier))

    def of_attempt(self, attempt: Attempt) -> tuple[Link, ...]:
        """Return the links to the log of an attempt, and to its session's page."""
        log = self.task_log(attempt)
        logs = (Link(label="Log", url=log),) if log else ()
        return (*logs, *self.of_session(attempt.session_identifier))


def of_attempt(books: Books, attempt: Attempt, pages: Pages, now: datetime, file_delay: timedelta) -> Alert:
    """Return what is told of an attempt that ended badly, or whose builder went silent.

    Parameters
    ----------
    file_delay
        How long after its end a session waits for files.
    """
    identifier = attempt.session_identifier
    then = next_step(books, now, file_delay)
    reason = _reason(attempt)
    return Alert(
        kind=AlertKind.SESSION,
        subject=identifier,
        occasion=occasion(books, attempt),
        headline=f"{_label(books)}: {_what(attempt)}",
        reason=on_one_line(reason),
        advice="" if reason.rstrip(". ") in then.sentence else on_one_line(then.sentence),
        facts=(*_facts(books), *_facts_of(attempt)),
        commands=_commands(identifier, then),
        links=pages.of_attempt(attempt),
        instrument_pid=books.summary.instrument_pid,
        at=now,
    )


def of_parking(books: Books, parked: SessionFinding, pages: Pages, now: datetime, file_delay: timedelta) -> Alert:
    """Return what is told of a session that cannot be built because of its logs; the rest is as of an attempt."""
    identifier = parked.session_identifier
    then = next_step(books, now, file_delay)
    return Alert(
        kind=AlertKind.SESSION,
        subject=identifier,
        occasion=occasion_of_parking(parked),
        headline=f"{_label(books)}: its logs cannot be made into a session",
        reason=on_one_line(parked.reason),
        facts=tuple(_facts(books)),
        commands=_commands(identifier, then),
        links=tuple(pages.of_session(identifier)),
        instrument_pid=books.summary.instrument_pid,
        at=now,
    )


def occasion_of_parking(parked: SessionFinding) -> str:
    """Return which time it is that a session was parked."""
    return f"parked {parked.found_at.isoformat() if parked.found_at else ''}"


def occasion(books: Books, attempt: Attempt) -> str:
    """Return which time it is that this went wrong: each attempt, but a wait for consent once, however often tried."""
    if not awaits_consent(attempt):
        return f"attempt {attempt.number}"
    first = attempt
    for earlier in reversed(books.attempts):
        if earlier.number < first.number:
            if not awaits_consent(earlier):
                break
            first = earlier
    return f"consent since attempt {first.number}"


def storage_absent(instrument_pid: str, name: str, reason: str, waiting: int, now: datetime) -> Alert:
    """Return what is told when an instrument's folder is not there.

    Parameters
    ----------
    waiting
        How many of its sessions wait for that.
    """
    return Alert(
        kind=AlertKind.STORAGE,
        subject=instrument_pid,
        occasion=now.isoformat(),
        headline=f"{on_one_line(name, 60)}: its files cannot be reached",
        reason=on_one_line(reason),
        advice=_waiting_for_it(waiting),
        facts=(Fact(label="Instrument", value=f"{name} ({instrument_pid})"),),
        commands=(Command(line="nexuslims doctor", purpose="checks the storage"),),
        instrument_pid=instrument_pid,
        at=now,
    )


def _waiting_for_it(waiting: int) -> str:
    if waiting == 0:
        return "No session waits for it now."
    who, whom = ("1 session waits", "it") if waiting == 1 else (f"{waiting:,} sessions wait", "them")
    return f"{who} for that folder; once it is there again, the next run builds {whom}."


def calendar_away(calendar: AwayCalendar, books: Books, attempt: Attempt, pages: Pages, now: datetime) -> Alert:
    """Return what is told when a calendar cannot be asked, by the attempt that learnt it."""
    advice = (
        "Nobody can tell whether users agreed to a record, so their sessions wait, and are tried again by themselves."
        if awaits_consent(attempt)
        else "Meanwhile records are built without their reservations, and housekeeping completes them once it answers."
    )
    return Alert(
        kind=AlertKind.CALENDAR,
        subject=calendar.key,
        occasion=now.isoformat(),
        headline=f"{on_one_line(calendar.name, 100)} cannot be read",
        reason=on_one_line(attempt.missing_reservation or attempt.error_sentence or "it does not answer"),
        advice=advice,
        facts=(Fact(label="Found by", value=_label(books)),),
        commands=(Command(line="nexuslims doctor", purpose="asks every calendar"),),
        links=pages.of_attempt(attempt),
        instrument_pid=books.summary.instrument_pid,
        at=now,
    )


def task_failed(task: str, reason: str, log: str | None, now: datetime) -> Alert:
    """Return what is told when a task that belongs to no session has failed for good.

    Parameters
    ----------
    task
        Such as ``nexuslims_housekeeping.publish_pending``.
    log
        Address of its log.
    """
    return Alert(
        kind=AlertKind.TASK,
        subject=task,
        occasion=now.isoformat(),
        headline=f"the task {on_one_line(task, 100)} fails",
        reason=on_one_line(reason),
        advice="Mend what its log says; you are not told again until it has succeeded once.",
        commands=(Command(line="nexuslims doctor", purpose="checks settings, storage, database and services"),),
        links=(Link(label="Log", url=log),) if log else (),
        at=now,
    )


def back(trouble: Trouble, now: datetime) -> Alert:
    """Return what is told when something that was wrong is not any more."""
    return Alert(
        kind=AlertKind.BACK,
        subject=f"{trouble.kind} {trouble.subject}",
        occasion=trouble.since.isoformat(),
        headline=f"over: {on_one_line(trouble.headline)}",
        reason=f"It lasted for {lasting(now - trouble.since)}, and is over.",
        advice="Nothing is left to do.",
        instrument_pid=trouble.instrument_pid,
        at=now,
    )


def trial(now: datetime) -> Alert:
    """Return a message that says that messages arrive."""
    return Alert(
        kind=AlertKind.TASK,
        subject="trial",
        occasion=now.isoformat(),
        headline="a trial of the alerts",
        reason="Somebody ran `nexuslims alerts test`. This message arrived, so alerts do.",
        at=now,
    )


def awaits_consent(attempt: Attempt) -> bool:
    """Tell whether an attempt ended since nobody knew whether its users agreed."""
    return attempt.record_path is None and attempt.error_type == ConsentUnknownError.__name__


def _label(books: Books) -> str:
    summary = books.summary
    name = books.instrument.schema_name if books.instrument else summary.instrument_pid
    who = f" ({on_one_line(summary.user, 40)})" if summary.user else ""
    return f"{on_one_line(name, 60)} {summary.dt_from.astimezone(books.zone):%Y-%m-%d %H:%M}{who}"


def _what(attempt: Attempt) -> str:
    stage = attempt.error_stage or attempt.stage or "claim"
    if attempt.is_open or attempt.outcome is Abandonment.TAKEN_OVER:
        return f"its builder went silent in {stage}"
    if awaits_consent(attempt):
        return "it waits, since nobody knows whether its user agreed to a record"
    words = {
        RecordStatus.BUILT_NOT_EXPORTED: "its record is not published",
        RecordStatus.NO_FILES_FOUND: "no file of it was found",
        RecordStatus.NO_CONSENT: "its user did not agree to a record",
    }
    known = words.get(attempt.outcome) if isinstance(attempt.outcome, RecordStatus) else None
    return known or f"{stage} failed"


def _reason(attempt: Attempt) -> str:
    if attempt.error_sentence:
        return attempt.error_sentence
    stage = attempt.stage or "claim"
    if attempt.is_open or attempt.outcome is Abandonment.TAKEN_OVER:
        return (
            f"{attempt.holder} has not been heard of since it began {stage}: its machine or its process may have died"
        )
    return f"{stage} did not finish, and nothing says why: see its task's log"


def _facts(books: Books) -> Iterator[Fact]:
    summary = books.summary
    name = books.instrument.schema_name if books.instrument else summary.instrument_pid
    yield Fact(label="Instrument", value=f"{name} ({summary.instrument_pid})")
    end = f" to {in_words(summary.dt_to, books.zone)}" if summary.dt_to else ", not ended yet"
    yield Fact(label="Times", value=f"{in_words(summary.dt_from, books.zone)}{end}")
    yield Fact(label="User", value=summary.user or "nobody said")
    yield Fact(label="State", value=summary.status.value)
    yield Fact(label="Session", value=summary.session_identifier)


def _facts_of(attempt: Attempt) -> Iterator[Fact]:
    yield Fact(label="Stage", value=attempt.error_stage or attempt.stage or "claim")
    yield Fact(label="Attempt", value=str(attempt.number))
    if attempt.record_path is not None:
        yield Fact(label="Record", value=str(attempt.record_path))


def _commands(identifier: str, then: NextStep) -> tuple[Command, ...]:
    why = Command(line=on_session("sessions why", identifier), purpose="says all that is known of it")
    return (*then.commands, why)
