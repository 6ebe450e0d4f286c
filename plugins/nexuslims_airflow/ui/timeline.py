"""What happened to a session, in order: its logs, what was found in them, every attempt, and where the record went."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from nexuslims_airflow.ui.addresses import Addresses
from nexuslims_core.sessions.attempts import Attempt
from nexuslims_core.sessions.explaining import Explanation
from nexuslims_core.sessions.models import EventType, FindingKind
from nexuslims_core.sessions.publications import Publication, PublicationState
from nexuslims_core.sessions.spans import lasting
from nexuslims_core.sessions.states import RecordStatus

_FOUND = {
    FindingKind.PARKED: ("Parked", "bad"),
    FindingKind.REQUEUED: ("Put back", "plain"),
    FindingKind.HEALED: ("Healed", "plain"),
    FindingKind.WAITING: ("Waits", "wait"),
}
_SENT = {
    PublicationState.PUBLISHED: ("holds the record", "good"),
    PublicationState.PENDING: ("was sent the record, no answer is known", "wait"),
    PublicationState.FAILED: ("did not take the record", "bad"),
    PublicationState.REFUSED: ("refused the record", "bad"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened.

    Attributes
    ----------
    at
        Aware time.
    mood
        How it looks: plain, good, bad or wait.
    notes
        Sentences about it.
    log_url, url
        Where Airflow shows the log, and where the published record is.
    """

    at: datetime
    title: str
    mood: str = "plain"
    notes: tuple[str, ...] = ()
    log_url: str | None = None
    url: str | None = None


def timeline(told: Explanation, at: Addresses, now: datetime) -> tuple[Event, ...]:
    """Return all that happened, the first thing first."""
    events = [*_logs(told), *_findings(told), *_publications(told.publications)]
    events += [_attempt(each, at, now) for each in told.attempts]
    return tuple(sorted(events, key=lambda event: event.at.astimezone(UTC)))


def _logs(told: Explanation) -> Iterator[Event]:
    titles = {EventType.START: "Session started", EventType.END: "Session ended"}
    for each in told.logs:
        log, notes = each.log, [each.fault] if each.fault else []
        if log.user != told.session.user:
            notes.append(f"by {log.user or 'nobody named'}")
        if log.instrument_pid != told.session.instrument_pid:
            notes.append(f"on {log.instrument_pid}")
        mood = "bad" if each.fault else "plain"
        yield Event(at=log.timestamp, title=titles.get(log.event_type, log.event_type), mood=mood, notes=tuple(notes))


def _findings(told: Explanation) -> Iterator[Event]:
    for each in told.findings:
        title, mood = _FOUND[each.kind]
        yield Event(at=each.found_at or told.session.dt_from, title=title, mood=mood, notes=(each.reason,))


def _attempt(attempt: Attempt, at: Addresses, now: datetime) -> Event:
    notes = [_progress(attempt, now), ", ".join(attempt.counted), attempt.missing_reservation]
    if attempt.error_sentence:
        notes.append(f"{attempt.error_stage or attempt.stage or 'claim'}: {attempt.error_sentence}")
    return Event(
        at=attempt.started_at,
        title=f"Attempt {attempt.number}",
        mood=_mood(attempt, now),
        notes=tuple(note for note in notes if note),
        log_url=at.task_log(attempt.holder, attempt.error_stage or attempt.stage),
    )


def _progress(attempt: Attempt, now: datetime) -> str:
    stage, by = attempt.stage or "claim", f"by {attempt.holder}"
    if attempt.ended_at is not None:
        took = lasting(attempt.ended_at - attempt.started_at)
        return f"{attempt.outcome} after {took}, reached {stage}, {by}"
    return f"at {stage}, {by}" if attempt.lease_until > now else f"silent at {stage}, {by}"


def _mood(attempt: Attempt, now: datetime) -> str:
    if attempt.is_open:
        return "wait" if attempt.lease_until > now else "bad"
    if attempt.outcome is RecordStatus.COMPLETED:
        return "good"
    return "bad" if attempt.outcome is RecordStatus.ERROR else "plain"


def _publications(publications: tuple[Publication, ...]) -> Iterator[Event]:
    for each in publications:
        said, mood = _SENT[each.state]
        notes = (f"as {each.pending_title or each.title}", f"{each.tries} tries" if each.tries > 1 else "")
        error = (each.last_error or "") if not each.published else ""
        yield Event(
            at=each.last_tried_at,
            title=f"{each.destination} {said}",
            mood=mood,
            notes=tuple(note for note in (*notes, error) if note),
            url=each.url if _is_web(each.url) else None,
        )


def _is_web(url: str | None) -> bool:
    """Return whether an address is one that a page may link to; a script would be an address too."""
    return url is not None and url.lower().startswith(("http://", "https://"))


def published_at(told: Explanation) -> str | None:
    """Return where people see the published record."""
    return told.session.url if _is_web(told.session.url) else None
