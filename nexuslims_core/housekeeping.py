"""What is done from time to time, by a DAG or a person: what could not be done when a record was built.

Sessions get their reservation whose calendar was away, and files that came late; records are published that no
destination took.

A session that waits for that is BUILT_NOT_EXPORTED. It is claimed without being put back, and what is sent is the file
whose digest the books know: nothing is built anew, so no file that was changed meanwhile counts.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from nexuslims_core.errors import (
    AuthenticationError,
    ClaimedElsewhereError,
    ConfigurationError,
    NexusLimsError,
    NoConsentError,
    ServiceUnavailableError,
    SessionStateError,
    StorageError,
    UnexpectedAnswerError,
)
from nexuslims_core.publishing.base import RecordStore
from nexuslims_core.sessions.attempts import Attempt
from nexuslims_core.sessions.models import Session
from nexuslims_core.sessions.publications import Publication, PublicationState, Unpublished
from nexuslims_core.stages.build_record import BuiltRecord
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.finish import BuildReport, finish
from nexuslims_core.stages.harvest_reservation import AWAY, ask
from nexuslims_core.stages.late_files import LateFiles, requeue_late
from nexuslims_core.stages.telling import Sent, look_back, send_alerts, write_down_end
from nexuslims_core.stages.upload_record import upload_record

log = logging.getLogger(__name__)

_OF_ALL_RECORDS = frozenset(
    error.__name__ for error in (ServiceUnavailableError, AuthenticationError, UnexpectedAnswerError)
)
"""Errors that say that a destination takes no record now; the next one would only wait in vain, or lock the account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What was done at one time.

    Attributes
    ----------
    published
        How each attempt to publish a record ended.
    completed, late
        The sessions that were put back: for their reservation, and for their late files.
    told
        What became of the alerts that were due.
    """

    published: tuple[BuildReport, ...]
    completed: tuple[str, ...]
    late: tuple[LateFiles, ...]
    told: Sent


def keep_house(facility: Facility, holder: str) -> Kept:
    """Do all that is due, one kind after the other.

    Parameters
    ----------
    holder
        Who claims the sessions whose records are published.
    """
    return Kept(
        published=publish_pending(facility, holder),
        completed=complete_reservations(facility),
        late=requeue_late(facility),
        told=_tell(facility),
    )


def _tell(facility: Facility) -> Sent:
    look_back(facility)
    return send_alerts(facility)


def publish_pending(facility: Facility, holder: str) -> tuple[BuildReport, ...]:
    """Publish every record that is due for another try, and return how each attempt ended.

    Left alone are records that a destination refused for good, those whose next try is still to come, those that were
    built without a destination on purpose, and a destination that refused our credentials a short while ago.

    Parameters
    ----------
    holder
        Who claims the sessions: a run id, or host, process and start.
    """
    now = facility.now()
    found = facility.database.unpublished()
    shut = _refusing_us(found, now)
    chosen = (
        _Waiting(
            case=case, stores=tuple(store for store in lacking if store.name not in shut and _due(case, store, now))
        )
        for case, lacking in _lacking(facility, found)
    )
    return tuple(_publish(facility, holder, chosen))


def publish_waiting(facility: Facility, holder: str) -> tuple[BuildReport, ...]:
    """Publish every record that is not at each destination, whenever and why it failed: a person says that it will do.

    Returns
    -------
    reports
        How each attempt ended, as of :func:`publish_pending`.
    """
    chosen = (
        _Waiting(case=case, stores=lacking) for case, lacking in _lacking(facility, facility.database.unpublished())
    )
    return tuple(_publish(facility, holder, chosen))


def publish_built(facility: Facility, holder: str, built: Attempt, stores: tuple[RecordStore, ...]) -> BuildReport:
    """Publish the record of an attempt at some destinations, and close the session as all of them have it or not.

    Raises
    ------
    ClaimedElsewhereError, SessionStateError
        If somebody else works on the session, or it does not wait to be published any more; nothing was changed.
    StorageError
        If what the build left cannot be removed.
    """
    if built.record_path is None or built.record_sha256 is None:
        raise SessionStateError(f"session {built.session_identifier}: attempt {built.number} has no record")
    record = BuiltRecord(title=built.record_path.stem, path=built.record_path, sha256=built.record_sha256)
    claim = facility.database.claim_publication(built, holder, facility.now(), facility.lease)
    try:
        _forget_earlier_receipts(facility, built.session_identifier)
        upload_record(replace(facility, stores=stores), claim, record)
    except NexusLimsError as error:
        log.debug("session %s: %s", built.session_identifier, error)  # the stage has written it to the books
    finally:
        report = finish(facility, claim)
        write_down_end(facility, claim)
    return report


def complete_reservations(facility: Facility) -> tuple[str, ...]:
    """Put back every session whose record was built while its calendar was away, if that answers now.

    Its next build makes a new version of the same record, whatever the calendar says; so each is completed once. A
    calendar that is still away is asked about one session only.

    Returns
    -------
    identifiers
        The sessions that were put back.
    """
    away: set[str] = set()
    back = (_completed(facility, attempt, away) for attempt in facility.database.lacking_reservation())
    return tuple(identifier for identifier in back if identifier)


def _completed(facility: Facility, attempt: Attempt, away: set[str]) -> str | None:
    """Put one session back, and return its identifier; None if it is left as it is."""
    identifier = attempt.session_identifier
    try:
        session = facility.database.session(identifier)
        if not _answers(facility, session, away):
            return None
        facility.database.requeue(identifier, "its calendar, which was away, answers again", facility.now())
    except NexusLimsError as error:
        log.warning("session %s cannot be completed: %s", identifier, error)
        return None
    return identifier


def _answers(facility: Facility, session: Session, away: set[str]) -> bool:
    """Tell whether the calendar of a session answers; that somebody says no to a record is an answer too."""
    instrument_pid = session.instrument.instrument_pid
    if instrument_pid in away:
        return False
    try:
        ask(facility, session)
    except NoConsentError as error:
        log.info("session %s: %s", session.session_identifier, error)
    except AWAY as error:
        away.add(instrument_pid)
        log.info("session %s still lacks its reservation: %s", session.session_identifier, error)
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """A session and the destinations to which its record is sent now."""

    case: Unpublished
    stores: tuple[RecordStore, ...]


def _publish(facility: Facility, holder: str, chosen: Iterable[_Waiting]) -> Iterator[BuildReport]:
    """Publish one record after another; a destination that takes none now is not asked again."""
    shut: set[str] = set()
    for waiting in chosen:
        stores = tuple(store for store in waiting.stores if store.name not in shut)
        if not stores:
            continue
        try:
            yield publish_built(facility, holder, waiting.case.built, stores)
        except (ClaimedElsewhereError, SessionStateError) as error:
            log.info("%s", error)
            continue
        known = facility.database.publications_of(waiting.case.session_identifier)
        shut |= {each.destination for each in known if not each.published and each.error_type in _OF_ALL_RECORDS}


def _lacking(facility: Facility, found: Iterable[Unpublished]) -> Iterator[tuple[Unpublished, tuple[RecordStore, ...]]]:
    """Yield each session with the destinations that are not proven to hold its record."""
    for case in found:
        yield case, tuple(store for store in facility.stores if not _is_held(case, store))


def _is_held(case: Unpublished, store: RecordStore) -> bool:
    known = case.at(store.name)
    return known is not None and known.holds(case.built.record_sha256 or "")


def _due(case: Unpublished, store: RecordStore, now: datetime) -> bool:
    """Tell whether a record is to be sent to a destination by itself."""
    known = case.at(store.name)
    if known is None or known.pending_sha256 != case.built.record_sha256:  # nobody has begun to send this record
        return case.built.error_type != ConfigurationError.__name__
    if known.state is PublicationState.REFUSED:
        return False
    return known.next_try_at is None or known.next_try_at <= now


def _refusing_us(found: Iterable[Unpublished], now: datetime) -> frozenset[str]:
    """Return the destinations that refused our credentials, and are not to be asked again yet."""

    def knocked_in_vain(known: Publication) -> bool:
        refused = known.error_type == AuthenticationError.__name__
        return refused and known.next_try_at is not None and known.next_try_at > now

    return frozenset(known.destination for case in found for known in case.publications if knocked_in_vain(known))


def _forget_earlier_receipts(facility: Facility, session_identifier: str) -> None:
    """Clear what the build has left; the books know better by now where its record is."""
    try:
        facility.workbench.clear(session_identifier)
    except OSError as error:
        raise StorageError(f"cannot remove {error.filename}: {error.strerror}") from error
