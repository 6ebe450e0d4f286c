"""From a session and all that was found for it to its record; nothing is read or written, and no clock is asked."""

from collections.abc import Iterable
from pathlib import Path

from nexuslims_core.activities.models import Grouping
from nexuslims_core.datasets.models import Outcome
from nexuslims_core.files.models import Unsearched
from nexuslims_core.records.activities import Places, by_path, record_activities
from nexuslims_core.records.addresses import readable_name, web_address
from nexuslims_core.records.models import UNREADABLE, Note, Record, RecordActivity, RecordSample, Summary
from nexuslims_core.records.texts import all_said, first_said
from nexuslims_core.records.times import local
from nexuslims_core.records.titles import experiment_title, record_title, session_digest
from nexuslims_core.reservations.models import Reservation, ReservationMatch
from nexuslims_core.sessions.models import Session

__all__ = ["assemble", "record_title"]

_NAMES = 20
"""How many unreadable files the notes name; each is listed among the datasets anyway."""


def assemble(  # noqa: PLR0913 - a record is made of all of these, and a noun for the rest would say nothing
    *,
    session: Session,
    match: ReservationMatch,
    grouping: Grouping,
    outcomes: Iterable[Outcome],
    unsearched: tuple[Unsearched, ...],
    late: tuple[str, ...] = (),
    filestore: Path,
    data_path: Path,
) -> Record:
    """Put together the record of one session; the same input gives the same record.

    Parameters
    ----------
    outcomes
        What reading each file of the activities gave, in any order.
    unsearched
        Places where further files of the session may lie; the record says so.
    late
        Sentences on files that came after an earlier version of the record was built.
    filestore, data_path
        Absolute; raw files lie below the first, previews and metadata below the second.

    Raises
    ------
    UnsafePathError
        If a file does not lie below its root.
    ValueError
        If an outcome belongs to a file that no activity holds.
    """
    reservation = match.reservation
    samples = _samples(session, reservation)
    activities = record_activities(
        grouping.activities,
        by_path(outcomes, grouping.activities),
        samples[0].sample_id if len(samples) == 1 else None,
        Places(filestore=filestore, data_path=data_path, zone=session.instrument.zone),
    )
    return Record(
        pid=session.session_identifier,
        title=_title(session, reservation),
        record_id=first_said(reservation.reservation_id if reservation else None, session.session_identifier),
        summary=_summary(session, reservation),
        samples=samples,
        projects=reservation.projects if reservation else (),
        activities=activities,
        notes=(
            *_session_notes(session, match),
            *_building_notes(grouping, unsearched, late),
            *_unread_notes(activities),
        ),
    )


def _title(session: Session, reservation: Reservation | None) -> str:
    instrument = session.instrument
    basic = experiment_title(_instrument_name(session), local(session.dt_from, instrument.zone))
    return first_said(reservation.title if reservation else None, basic)


def _instrument_name(session: Session) -> str:
    return first_said(session.instrument.schema_name, session.instrument.instrument_pid)


def _summary(session: Session, reservation: Reservation | None) -> Summary:
    instrument = session.instrument
    name, user = _instrument_name(session), all_said((session.user or "",))
    if reservation is None:
        return Summary(instrument=name, instrument_pid=instrument.instrument_pid, experimenters=user)
    return Summary(
        instrument=name,
        instrument_pid=instrument.instrument_pid,
        experimenters=all_said(reservation.experimenters) or user,
        collaborators=reservation.collaborators,
        reservation_start=local(reservation.start, instrument.zone),
        reservation_end=local(reservation.end, instrument.zone),
        motivation=reservation.motivation,
        url=reservation.url,
    )


def _samples(session: Session, reservation: Reservation | None) -> tuple[RecordSample, ...]:
    """Return the samples of a reservation; their ids name the session too, so that no two records share one."""
    if reservation is None:
        return ()
    key = session_digest(session)
    return tuple(
        RecordSample(sample_id=f"{key}-sample-{number}", sample=sample)
        for number, sample in enumerate(reservation.samples, start=1)
    )


def _session_notes(session: Session, match: ReservationMatch) -> tuple[Note, ...]:
    zone = session.instrument.zone
    start, end = (local(moment, zone).isoformat(timespec="seconds") for moment in (session.dt_from, session.dt_to))
    told = [f"The session ran from {start} to {end} ({session.instrument.timezone})."]
    if session.user:
        told.append(f"User name on the instrument: {session.user}")
    logs = (Note(source="Session logs", paragraphs=session.remarks),) if session.remarks else ()
    return (
        Note(source="Session", paragraphs=tuple(told)),
        *logs,
        Note(source="Reservation", paragraphs=_booking_notes(match)),
    )


def _building_notes(grouping: Grouping, unsearched: tuple[Unsearched, ...], late: tuple[str, ...]) -> tuple[Note, ...]:
    notes = [Note(source="Activities", paragraphs=(grouping.explanation,))]
    if late:
        notes.append(Note(source="Late files", paragraphs=late))
    if unsearched:
        places = tuple(
            f"Could not be searched, so files may be missing: {readable_name(str(place.path))} ({place.reason})"
            for place in unsearched
        )
        notes.append(Note(source="Places not searched", paragraphs=places))
    return tuple(notes)


def _unread_notes(activities: tuple[RecordActivity, ...]) -> tuple[Note, ...]:
    datasets = (dataset for activity in activities for dataset in activity.datasets)
    names = [dataset.name for dataset in datasets if "".join(dataset.descriptions[:1]).startswith(UNREADABLE)]
    if not names:
        return ()
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    told = f"Listed with the reason why they could not be read: {', '.join(names[:_NAMES])}{more}"
    return (Note(source="Unreadable files", paragraphs=(told,)),)


def _booking_notes(match: ReservationMatch) -> tuple[str, ...]:
    booking = match.reservation
    if booking is None:
        return (match.explanation, *match.notes)
    notes = [match.explanation, *match.notes]
    if len(booking.samples) > 1:
        notes.append(f"The reservation names {len(booking.samples)} samples; which activity used which is not known.")
    addresses = [booking.url, *(project.ref for project in booking.projects)]
    notes.extend(
        f"Left out, since it is no address on the web: {address}"
        for address in addresses
        if address and not web_address(address)
    )
    return tuple(notes)
