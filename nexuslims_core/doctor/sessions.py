"""The sessions that need a person, with the command that lists them, and how fast all others come online."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from nexuslims_core.db.database import Database
from nexuslims_core.errors import NexusLimsError
from nexuslims_core.publishing.base import Check
from nexuslims_core.sessions.listing import Backlog
from nexuslims_core.sessions.next_steps import LONG
from nexuslims_core.sessions.turnaround import in_a_sentence, turnaround

_LIST = "nexuslims sessions list --status"
_DAYS = (7, 30)


def sessions(database: Database, now: datetime) -> Iterator[Check]:
    """Count them; a warning for each kind, since all other sessions go on."""
    try:
        found = (*_told(database.backlog(now, LONG), now), *_told_of_calendars(database))
    except NexusLimsError as error:
        yield Check(subject="sessions", ok=False, sentence=str(error))
        return
    for subject, sentence in found:
        yield Check(area="sessions", subject=subject, ok=True, sentence=sentence, warning=True)
    if not found:
        yield Check(subject="sessions", ok=True, sentence="none needs a person")


def end_to_online(database: Database, now: datetime) -> str:
    """Say how long it took from the ends of sessions until their records were online, lately and before."""
    since = {days: now - timedelta(days=days) for days in _DAYS}
    deliveries = database.deliveries(min(since.values()))
    return "; ".join(in_a_sentence(turnaround(deliveries, begun), days) for days, begun in since.items())


def _told(backlog: Backlog, now: datetime) -> Iterator[tuple[str, str]]:
    if backlog.failed:
        parked = f", {backlog.parked:,} of them because of their logs" if backlog.parked else ""
        advice = "`nexuslims sessions why ID` says what to mend"
        yield "failed", f"{_are(backlog.failed)} in ERROR{parked}: list with `{_LIST} ERROR`; {advice}"
    if backlog.unpublished:
        advice = "once records can be published, `nexuslims sessions requeue --status BUILT_NOT_EXPORTED`"
        yield "unpublished", f"{_are(backlog.unpublished)} built and not published: {advice}"
    if backlog.open_for_long:
        listing = f"{_LIST} WAITING_FOR_END --until {(now - LONG).isoformat(timespec='seconds')}"
        yield "open", f"{_are(backlog.open_for_long)} open for more than a day: list with `{listing}`; end what is over"
    if backlog.silent:
        advice = f"list with `{_LIST} TO_BE_BUILT`; the next run takes over, so check that Airflow runs"
        yield "left behind", f"{_are(backlog.silent)} left by a builder that went silent: {advice}"


def _told_of_calendars(database: Database) -> Iterator[tuple[str, str]]:
    undecided, incomplete = database.awaiting_consent(), len(database.lacking_reservation())
    if undecided:
        why = "until NEMO tells whether their users agreed to a record"
        yield "consent", f"{_are(undecided)} waiting {why}: `nexuslims sessions why ID` says what keeps it from telling"
    if incomplete:
        advice = "once it answers, `nexuslims sessions complete`"
        yield "incomplete", f"{_are(incomplete)} built without asking the calendar, which was away: {advice}"


def _are(count: int) -> str:
    return f"{count:,} session{' is' if count == 1 else 's are'}"
