"""Receipts of uploads, one for each session and destination: the last success counts, whatever failed after it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from nexuslims_core.db.adoption.layouts import OldRow
from nexuslims_core.db.adoption.report import Adoption, Kind
from nexuslims_core.db.adoption.sessions import OldSession
from nexuslims_core.db.adoption.times import told_time
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.records.titles import record_title
from nexuslims_core.sessions.models import Session
from nexuslims_core.sessions.publications import Publication, PublicationState

LONGEST_NAME = 100
"""Characters of a destination's name; the longest that NexusLIMS keeps."""

_NO_SESSION = "its session is not in the new database"
_NO_NAME = "it names no session or no destination"
_NO_TIME = "It had no time that a calendar has: that of the session's last log is taken."


@dataclass(frozen=True, slots=True, kw_only=True)
class OldPublication:
    """What one destination holds of one session's record, as far as the old system knew.

    Attributes
    ----------
    sentences
        How it was healed.
    """

    session_identifier: str
    publication: Publication
    sentences: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str]:
        """Whose record it is, and where."""
        return self.session_identifier, self.publication.destination


@dataclass(frozen=True, slots=True)
class _Try:
    row: OldRow
    time: datetime
    is_dated: bool

    @property
    def succeeded(self) -> bool:
        return (self.row.text("success") or "").casefold() in {"1", "true"}


def read_publications(
    rows: Iterable[OldRow],
    sessions: Mapping[str, OldSession],
    instruments: Mapping[str, Instrument],
    adoption: Adoption,
) -> tuple[OldPublication, ...]:
    """Return what was published of sessions that came over, and note whose receipts are left."""
    groups: defaultdict[tuple[str, str], list[_Try]] = defaultdict(list)
    for row in rows:
        identifier, destination = row.cells.get("session_identifier") or "", row.text("destination_name") or ""
        reason = _reason_to_leave(identifier, destination, sessions)
        if reason:
            adoption.leave(Kind.PUBLICATIONS, f"upload_log row {row.number}", reason)
        else:
            groups[identifier, destination].append(_try(row, sessions[identifier], instruments))
    return tuple(
        _publication(tries, sessions[identifier], destination, instruments)
        for (identifier, destination), tries in groups.items()
    )


def title_in_nexuslims(session: OldSession, instrument: Instrument) -> str:
    """Return what NexusLIMS called the session's record in every destination."""
    key: str | None = session.identifier.split("-")[0]
    if instrument.harvester is Harvester.NEMO:
        key = _event_number(session.identifier)
    return f"{session.first.told.day}_{instrument.instrument_pid}_{key}"


def is_named_otherwise(session: OldSession, instrument: Instrument) -> bool:
    """Return whether a record of this session made here would not have the title that NexusLIMS gave it."""
    start = session.first.told.time
    ours = Session(
        session_identifier=session.identifier,
        instrument=instrument,
        dt_from=start,
        dt_to=start + timedelta(seconds=1),
    )
    return record_title(ours) != title_in_nexuslims(session, instrument)


def _event_number(identifier: str) -> str | None:
    """Return the id in the address of a usage event; None, which then is part of the title, where there is none."""
    try:
        return parse_qs(urlsplit(identifier).query).get("id", [None])[0]
    except ValueError:
        return None


def _reason_to_leave(identifier: str, destination: str, sessions: Mapping[str, OldSession]) -> str | None:
    if not identifier or not destination.isprintable() or not 0 < len(destination) <= LONGEST_NAME:
        return _NO_NAME
    return None if identifier in sessions else _NO_SESSION


def _try(row: OldRow, session: OldSession, instruments: Mapping[str, Instrument]) -> _Try:
    told = told_time(row.text("timestamp"), instruments[session.first.log.instrument_pid].zone)
    return _Try(row, told.time if told else session.logs[-1].told.time, told is not None)


def _publication(
    tries: list[_Try], session: OldSession, destination: str, instruments: Mapping[str, Instrument]
) -> OldPublication:
    ordered = sorted(tries, key=lambda each: (each.time, each.row.number))
    told = next((each for each in reversed(ordered) if each.succeeded), None)
    last = told or ordered[-1]
    publication = Publication(
        destination=destination,
        title=title_in_nexuslims(session, instruments[session.first.log.instrument_pid]),
        state=PublicationState.FAILED if told is None else PublicationState.PUBLISHED,
        tries=len(ordered),
        first_tried_at=ordered[0].time,
        last_tried_at=ordered[-1].time,
        record_id=last.row.text("record_id"),
        url=last.row.text("record_url"),
        last_error=None if told else last.row.text("error_message"),
    )
    sentences = () if all(each.is_dated for each in ordered) else (_NO_TIME,)
    return OldPublication(session_identifier=session.identifier, publication=publication, sentences=sentences)
