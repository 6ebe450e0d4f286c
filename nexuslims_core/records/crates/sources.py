"""From a record and what reading its files gave to the source of its crate; nothing is read or written."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

from nexuslims_core import __version__
from nexuslims_core.activities.models import Activity, Grouping
from nexuslims_core.datasets.models import Extracted, Outcome, Unreadable
from nexuslims_core.files.models import FoundFile
from nexuslims_core.records.activities import NO_ANSWER, by_path
from nexuslims_core.records.crates.models import CrateActivity, CrateFile, CrateSource, Reading, Software
from nexuslims_core.records.models import Record
from nexuslims_core.records.times import local
from nexuslims_core.sessions.models import Session

PROGRAM = "nexuslims-airflow"
LIBRARY = "rosettasciio"


def crate_source(
    session: Session,
    record: Record,
    grouping: Grouping,
    outcomes: Iterable[Outcome],
    versions: Mapping[str, str],
) -> CrateSource:
    """Return the source of a record's crate; the same input and software give the same source.

    Parameters
    ----------
    versions
        Of each reader that is installed, by its name.

    Raises
    ------
    ValueError
        If an outcome belongs to a file that no activity holds.
    """
    zone = session.instrument.zone
    told = by_path(outcomes, grouping.activities)
    return CrateSource(
        name=record.title,
        session_identifier=record.pid,
        record_id=record.record_id,
        start=local(session.dt_from, zone),
        end=local(session.dt_to, zone),
        summary=record.summary,
        program=Software(name=PROGRAM, version=__version__),
        library=_library(),
        readers=_readers(told.values(), versions),
        samples=record.samples,
        projects=record.projects,
        activities=tuple(
            _activity(activity, told, recorded.sample_id, zone)
            for activity, recorded in zip(grouping.activities, record.activities, strict=True)
        ),
    )


@cache
def _library() -> Software:
    """Look once through all that is installed, which takes longer than all else here."""
    return Software(name=LIBRARY, version=version(LIBRARY))


def _readers(outcomes: Iterable[Outcome], versions: Mapping[str, str]) -> tuple[Software, ...]:
    names = {reading.reader for outcome in outcomes for reading in _readings(outcome)}
    return tuple(Software(name=name, version=versions.get(name, "unknown")) for name in sorted(names))


def _activity(activity: Activity, told: Mapping[Path, Outcome], sample_id: str | None, zone: ZoneInfo) -> CrateActivity:
    return CrateActivity(
        seqno=activity.seqno,
        start=_whole_second(activity.start, zone),
        end=_whole_second(max(file.mtime for file in activity.files), zone),
        files=tuple(_file(file, told.get(file.path)) for file in activity.files),
        sample_id=sample_id,
    )


def _file(file: FoundFile, outcome: Outcome | None) -> CrateFile:
    reason = outcome.reason if isinstance(outcome, Unreadable) else None if outcome else NO_ANSWER
    return CrateFile(
        path=file.path,
        size=file.size,
        mtime=file.mtime,
        parts=file.parts,
        readings=_readings(outcome),
        unreadable=reason,
    )


def _readings(outcome: Outcome | None) -> tuple[Reading, ...]:
    if not isinstance(outcome, Extracted):
        return ()
    return tuple(
        Reading(reader=each.extractor, data_type=each.metadata.data_type, preview=each.preview, json=each.json)
        for each in outcome.datasets
    )


def _whole_second(epoch_s: float, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(math.floor(epoch_s), zone)
