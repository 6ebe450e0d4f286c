"""Telling people: what went wrong is written down first, then sent, and what cannot be sent now follows.

Nothing here disturbs the work that it tells of: an error of the books or of the mail server is a line in the log, and
what was missed is found by :func:`look_back`.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from nexuslims_core.alerts import wording
from nexuslims_core.alerts.books import Ending, Parcel
from nexuslims_core.alerts.messages import compose
from nexuslims_core.alerts.models import Alert, AlertKind, Trouble, mark
from nexuslims_core.alerts.recipients import Recipient
from nexuslims_core.errors import AlertRefusedError, NexusLimsError
from nexuslims_core.files.models import Scan
from nexuslims_core.sessions.attempts import Abandonment, Attempt
from nexuslims_core.sessions.books import Books
from nexuslims_core.sessions.models import Claim, FindingKind, SessionFinding
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.stages.calendars_away import calendar_of, is_away, was_asked
from nexuslims_core.stages.facility import Facility

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=1)
"""How far back what nobody told of is looked for; what is older was seen by people in other ways."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of the messages that were due.

    Attributes
    ----------
    told
        How many alerts arrived, counted for each recipient.
    errors
        Recipient to why it could not be told; that is tried again.
    """

    told: int
    errors: Mapping[str, str]


def tell_of_end(facility: Facility, claim: Claim) -> None:
    """Write down and send what is to be told of an attempt that has just ended; well ended, that may be nothing."""
    write_down_end(facility, claim)
    send_quietly(facility)


def write_down_end(facility: Facility, claim: Claim) -> None:
    """Write down what is to be told of an attempt that has just ended, to be sent later."""
    with_care(lambda: _write_end(facility, facility.database.attempt(claim)))


def look_back(facility: Facility) -> int:
    """Write down what nobody told of: attempts whose last task died too, silent builders, logs that make no session.

    Returns
    -------
    found
        How many alerts that were.
    """
    now, database = facility.now(), facility.database
    ended = {_usual_mark(attempt): attempt for attempt in database.lately_ended(now - LOOK_BACK, now)}
    parked = {_mark_of_parking(finding): finding for finding in database.lately_parked(now - LOOK_BACK)}
    known = database.known_alerts([*ended, *parked])
    found = [_write_end(facility, attempt) for name, attempt in ended.items() if name not in known]
    found += [_write_parking(facility, finding) for name, finding in parked.items() if name not in known]
    return sum(found)


def note_storage(facility: Facility, scans: Iterable[Scan]) -> None:
    """Write down which instruments' folders are not there, once while that lasts, and which are there again."""
    with_care(lambda: _note_storage(facility, scans))


def note_task(facility: Facility, task: str, *, failed: str | None, log_url: str | None = None) -> None:
    """Write down that a task which belongs to no session has failed, once while that lasts, or works again.

    Parameters
    ----------
    failed
        Why, in a sentence; None where it succeeded.
    """
    if failed is None:
        with_care(lambda: _end(facility, AlertKind.TASK, task))
    else:
        with_care(lambda: _begin(facility, wording.task_failed(task, failed, log_url, facility.now())))


def send_quietly(facility: Facility) -> None:
    """Send what is due; errors are written to the log and the books."""
    with_care(lambda: send_alerts(facility))


def send_alerts(facility: Facility, *, at_once: bool = False) -> Sent:
    """Send what is due to each recipient, as one message where it is much.

    Parameters
    ----------
    at_once
        Wait neither for more that may go into the same message, nor for the time of the next try.
    """
    recipients = {recipient.name: recipient for recipient in facility.post.recipients.everybody()}
    if not recipients:
        return Sent(told=0, errors={})
    gathering = facility.post.gathering
    parcels = facility.database.take_parcels((*recipients,), gathering, facility.now(), at_once=at_once)
    round_ = _Round(facility=facility, errors={})
    told = sum(round_.send(recipients[parcel.recipient], parcel) for parcel in parcels)
    return Sent(told=told, errors=round_.errors)


@dataclass(slots=True, kw_only=True)
class _Round:
    """One round of sending; a mail server that takes nothing now is asked once."""

    facility: Facility
    errors: dict[str, str]
    mail_error: str | None = None

    def send(self, recipient: Recipient, parcel: Parcel) -> int:
        """Send a parcel, and return how many of its alerts arrived."""
        told = 0
        for alerts in self._messages(parcel):
            marks = tuple(alert.mark for alert in alerts)
            error = self._try(recipient, alerts)
            if error is None:
                self.facility.database.note_told(recipient.name, marks, self.facility.now())
                told += len(alerts)
            else:
                log.warning("alerts for %s wait: %s", recipient.name, error)
                self.facility.database.note_untold(recipient.name, marks, error, self.facility.now())
                self.errors[recipient.name] = error
        return told

    def _messages(self, parcel: Parcel) -> tuple[tuple[Alert, ...], ...]:
        if len(parcel.alerts) >= self.facility.post.gathering.digest:
            return (parcel.alerts,)
        return tuple((alert,) for alert in parcel.alerts)

    def _try(self, recipient: Recipient, alerts: tuple[Alert, ...]) -> str | None:
        """Send one message; return why it did not go, None where it did."""
        earlier = self.mail_error if recipient.is_mail else self.errors.get(recipient.name)
        if earlier:
            return earlier
        try:
            self.facility.post.send(recipient, compose(alerts))
        except NexusLimsError as error:
            if recipient.is_mail and not isinstance(error, AlertRefusedError):
                self.mail_error = str(error)
            return str(error)
        log.info("told %s of %s", recipient.name, ", ".join(alert.headline for alert in alerts))
        return None


def with_care(work: Callable[[], object]) -> None:
    """Do something of telling; what goes wrong with it is a line in the log."""
    try:
        work()
    except NexusLimsError as error:
        log.warning("people cannot be told now: %s", error)


def _usual_mark(attempt: Attempt) -> str:
    return mark(AlertKind.SESSION, attempt.session_identifier, f"attempt {attempt.number}")


def _mark_of_parking(parked: SessionFinding) -> str:
    return mark(AlertKind.SESSION, parked.session_identifier, wording.occasion_of_parking(parked))


def _write_parking(facility: Facility, parked: SessionFinding) -> bool:
    """Write down that a session cannot be built because of its logs, unless it is mended by now."""
    books = facility.database.books(parked.session_identifier)
    wanted = RecordStatus.ERROR in facility.post.about
    if not wanted or books.summary.status is not RecordStatus.ERROR or books.parking != parked:
        return False
    delay = timedelta(days=facility.settings.file_delay_days)
    return _write(facility, wording.of_parking(books, parked, facility.post.pages, facility.now(), delay))


def _write_end(facility: Facility, attempt: Attempt) -> bool:
    """Write down what is to be told of an attempt, and return whether that is new."""
    calendars = any(trouble.kind is AlertKind.CALENDAR for trouble in facility.database.troubles())
    if attempt.outcome is RecordStatus.COMPLETED and not is_away(attempt) and not calendars:
        return False
    books, now = facility.database.books(attempt.session_identifier), facility.now()
    if not attempt.is_open:
        _note_calendar(facility, books, attempt)
    if not _is_to_be_told(facility, books, attempt, now):
        return False
    delay = timedelta(days=facility.settings.file_delay_days)
    return _write(facility, wording.of_attempt(books, attempt, facility.post.pages, now, delay))


def _is_to_be_told(facility: Facility, books: Books, attempt: Attempt, now: datetime) -> bool:
    if attempt.is_open:
        return attempt.lease_until <= now
    if attempt.outcome is Abandonment.PUT_BACK:
        return wording.awaits_consent(attempt)
    if attempt.outcome is Abandonment.TAKEN_OVER:
        return True
    if attempt.outcome is RecordStatus.BUILT_NOT_EXPORTED:
        wanted = bool(facility.stores) and not _only_publishes(books, attempt)
        return wanted and attempt.outcome in facility.post.about
    return attempt.outcome in facility.post.about


def _only_publishes(books: Books, attempt: Attempt) -> bool:
    """Tell whether an attempt only sent again what an earlier one had built, which was told then."""
    earlier = next((each for each in reversed(books.attempts) if each.number < attempt.number), None)
    if earlier is None or earlier.outcome is not RecordStatus.BUILT_NOT_EXPORTED or earlier.ended_at is None:
        return False
    requeued = (each.found_at for each in books.findings if each.kind is FindingKind.REQUEUED)
    return not any(at and earlier.ended_at <= at <= attempt.started_at for at in requeued)


def _note_calendar(facility: Facility, books: Books, attempt: Attempt) -> None:
    """Write down that the calendar of a session cannot be asked, or that it answers again."""
    calendar = calendar_of(books.instrument)
    if calendar is None or _only_publishes(books, attempt):
        return
    if is_away(attempt):
        _begin(facility, wording.calendar_away(calendar, books, attempt, facility.post.pages, facility.now()))
    elif was_asked(attempt):
        _end(facility, AlertKind.CALENDAR, calendar.key)


def _note_storage(facility: Facility, scans: Iterable[Scan]) -> None:
    known = {trouble.subject for trouble in facility.database.troubles() if trouble.kind is AlertKind.STORAGE}
    for scan in scans:
        if scan.absent and scan.instrument_pid not in known:
            _begin(facility, _storage_alert(facility, scan))
        elif not scan.absent and scan.instrument_pid in known:
            _end(facility, AlertKind.STORAGE, scan.instrument_pid)


def _storage_alert(facility: Facility, scan: Scan) -> Alert:
    instrument = facility.database.instrument(scan.instrument_pid)
    waiting = len(facility.database.waiting_sessions(scan.instrument_pid))
    reason = scan.absent or ""
    return wording.storage_absent(scan.instrument_pid, instrument.schema_name, reason, waiting, facility.now())


def _write(facility: Facility, alert: Alert) -> bool:
    return facility.database.write_alert(alert, facility.post.names(alert.instrument_pid))


def _begin(facility: Facility, alert: Alert) -> None:
    if facility.database.begin_trouble(alert, facility.post.names(alert.instrument_pid)):
        log.warning("%s: %s", alert.headline, alert.reason)


def _end(facility: Facility, kind: AlertKind, subject: str) -> None:
    if not any((each.kind, each.subject) == (kind, subject) for each in facility.database.troubles()):
        return

    def words(trouble: Trouble) -> Alert:
        return wording.back(trouble, facility.now())

    def recipients(trouble: Trouble) -> tuple[str, ...]:
        return facility.post.names(trouble.instrument_pid)

    told = Ending(words=words, recipients=recipients)
    facility.database.end_trouble(kind, subject, told)
