"""``nexuslims sessions why``."""

import argparse
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from nexuslims_core.cli.answers import Answer
from nexuslims_core.cli.sheets import Line, on_one_line, sheet

if TYPE_CHECKING:  # this command's help must not wait for the database
    from nexuslims_core.config import Settings
    from nexuslims_core.db.database import Database
    from nexuslims_core.sessions.attempts import Attempt
    from nexuslims_core.sessions.books import Books
    from nexuslims_core.sessions.explaining import ExplainedLog, Explanation
    from nexuslims_core.sessions.models import SessionFinding
    from nexuslims_core.sessions.publications import Publication

_KINDS = {"requeued": "put back", "waiting": "waits"}


def run(settings: "Settings", database: "Database", args: argparse.Namespace) -> Answer:
    """Say all that is known of a session, and last what happens next."""
    from nexuslims_core import codec
    from nexuslims_core.sessions.explaining import explain

    books, now = database.books(args.id), datetime.now(UTC)
    explanation = explain(books, now, timedelta(days=settings.file_delay_days))
    return Answer(document=codec.encode(explanation), text=_Screen(books, explanation, now).drawn())


class _Screen:
    """An explanation as people read it: what is known, what was found, every attempt, and last what comes next."""

    def __init__(self, books: "Books", explanation: "Explanation", now: datetime) -> None:
        self.books, self.explanation, self.now = books, explanation, now

    def drawn(self) -> str:
        """Return the screen."""
        session = self.explanation.session
        return sheet(
            f"{session.session_identifier} is {session.status}.",
            [
                [*self._known()],
                [self._log(each) for each in self.explanation.logs],
                [self._finding(finding) for finding in self.explanation.findings],
                *([*self._attempt(attempt)] for attempt in self.explanation.attempts),
                [self._publication(publication) for publication in self.explanation.publications],
                [*self._next()],
            ],
        )

    def _told(self, time: datetime) -> str:
        from nexuslims_core.sessions.spans import in_words

        return in_words(time, self.books.zone)

    def _known(self) -> Iterator[Line]:
        from nexuslims_core.sessions.spans import lasting

        session, name = self.explanation.session, self.explanation.instrument
        pid = session.instrument_pid
        yield Line(label="instrument", text=pid if name == pid else f"{name}, {pid}")
        yield Line(label="user", text=session.user or "not named")
        yield Line(label="start", text=f"{self._told(session.dt_from)} ({self.explanation.timezone})")
        if session.dt_to is not None:
            span = session.dt_to - session.dt_from
            lasted = f"after {lasting(span)}" if span > timedelta() else "not after its start"
            yield Line(label="end", text=f"{self._told(session.dt_to)}, {lasted}")
        if session.record_path is not None:
            yield Line(label="record", text=str(session.record_path))
        if session.url is not None:
            yield Line(label="published", text=session.url)

    def _log(self, told: "ExplainedLog") -> Line:
        log, session = told.log, self.explanation.session
        said = [f"{log.event_type} {self._told(log.timestamp)}, {log.record_status}"]
        said += [f"by {log.user or 'nobody named'}"] if log.user != session.user else []
        said += [f"on {log.instrument_pid}"] if log.instrument_pid != session.instrument_pid else []
        fault = f": {told.fault}" if told.fault else ""
        return Line(label=f"log {log.id_session_log}", text=f"{', '.join(said)}{fault}")

    def _finding(self, finding: "SessionFinding") -> Line:
        when = f"{self._told(finding.found_at)}  " if finding.found_at else ""
        return Line(label=_KINDS.get(finding.kind, finding.kind.value), text=f"{when}{finding.reason}")

    def _attempt(self, attempt: "Attempt") -> Iterator[Line]:
        from nexuslims_core.sessions.spans import lasting

        took = f", took {lasting(attempt.ended_at - attempt.started_at)}" if attempt.ended_at else ""
        label = f"attempt {attempt.number}"
        yield Line(label=label, text=f"{self._told(attempt.started_at)}{took}, by {attempt.holder}")
        yield Line(text="; ".join(filter(None, (self._outcome(attempt), ", ".join(attempt.counted)))))
        if attempt.missing_reservation:
            yield Line(text=f"without its reservation: {attempt.missing_reservation}")
        if attempt.error_sentence:
            failed = attempt.error_stage or attempt.stage or "claim"
            yield Line(text=f"{failed}: {attempt.error_sentence}")

    def _outcome(self, attempt: "Attempt") -> str:
        stage = attempt.stage or "claim"
        if attempt.outcome is not None:
            return f"reached {stage}, {attempt.outcome}"
        lease = self._told(attempt.lease_until)
        return (
            f"at {stage}, lease until {lease}"
            if attempt.lease_until > self.now
            else f"silent at {stage}, since {lease}"
        )

    def _publication(self, publication: "Publication") -> Line:
        return Line(label=on_one_line(publication.destination), text=in_a_line(publication, self._told))

    def _next(self) -> Iterator[Line]:
        step = self.explanation.next
        yield Line(label="next", text=step.sentence)
        for command in step.commands:
            yield Line(text=f"# {command.purpose}", whole=True)
            yield Line(text=command.line, whole=True)


def in_a_line(publication: "Publication", told: Callable[[datetime], str]) -> str:
    """Say how far a record is on its way to a destination; ``told`` says a time."""
    from nexuslims_core.sessions.publications import PublicationState

    verdicts = {
        PublicationState.PUBLISHED: "holds",
        PublicationState.PENDING: "was sent, and has not answered yet,",
        PublicationState.FAILED: "has not taken",
        PublicationState.REFUSED: "refuses",
    }
    tries = f"{publication.tries} tr{'y' if publication.tries == 1 else 'ies'}"
    said = f": {publication.last_error}" if publication.last_error else ""
    again = f"; to be tried again from {told(publication.next_try_at)} on" if publication.next_try_at else ""
    older = "; holds an earlier version" if publication.record_id and not publication.published else ""
    title = publication.pending_title or publication.title
    last = told(publication.last_tried_at)
    return f"{verdicts[publication.state]} {title}; {tries}, the last at {last}{again}{older}{said}"
