"""A facility for whole runs under a scheduler: one session of every kind, and what must become of each."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nexuslims_core.db.database import Database
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.testing.servers.sharepoint.server import SharePointServer
from nexuslims_core.testing.writers.msa import write_msa
from tests.servers.smtp import SmtpServer

BEGUN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CALENDAR = "TitanEvents"
SABOTAGE = Path(__file__).with_name("sabotage")
"""A folder for PYTHONPATH: Airflow imports its ``airflow_local_settings``, as it does a site's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A sort of session.

    Attributes
    ----------
    ends
        The state that it must end in.
    says
        What its sentence in the books must hold; empty where it has none.
    """

    ends: RecordStatus
    says: str = ""


KINDS = {
    "good": Kind(ends=RecordStatus.COMPLETED),
    "unbooked": Kind(ends=RecordStatus.COMPLETED),
    "damaged": Kind(ends=RecordStatus.COMPLETED),
    "killed": Kind(ends=RecordStatus.COMPLETED),
    "empty": Kind(ends=RecordStatus.NO_FILES_FOUND),
    "invalid": Kind(ends=RecordStatus.ERROR, says="does not satisfy the schema"),
    "refused": Kind(ends=RecordStatus.ERROR, says="of no use to us"),
    "busy": Kind(ends=RecordStatus.BUILT_NOT_EXPORTED, says="503"),
    "unmended": Kind(ends=RecordStatus.ERROR, says="api_url"),
}
"""Session to its kind; its user has the same name, by which Airflow's grid and the sabotage know it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """Its database, its folders, the environment of whoever works for it, and the mail server of its alerts."""

    folder: Path
    database: Database
    settings: Mapping[str, str]
    mails: SmtpServer = field(default_factory=SmtpServer)

    @property
    def data(self) -> Path:
        return self.folder / "data"


def calendar() -> dict[str, list[dict[str, object]]]:
    """Return the events of the site: every session is booked but one."""
    booked = [session for session in KINDS if session != "unbooked"]
    return {CALENDAR: [_event(session) for session in booked]}


def lay_out(folder: Path, database_url: str, sharepoint: SharePointServer, cdcs: Mapping[str, str]) -> Facility:
    """Write instruments, sessions and files.

    Parameters
    ----------
    cdcs
        The NEXUSLIMS_ variables that name it.
    """
    database = Database.create(database_url)
    titan = Instrument(
        instrument_pid="Titan-1",
        schema_name="Titan",
        filestore_path="./Titan",
        timezone="UTC",
        harvester=Harvester.SHAREPOINT,
        api_url=sharepoint.list_url(CALENDAR),
    )
    nova = replace(titan, instrument_pid="Nova-2", schema_name="Nova", filestore_path="./Nova", api_url=None)
    for instrument in (titan, nova):
        database.add_instrument(instrument)
        (folder / "store" / instrument.schema_name).mkdir(parents=True)
    for session in KINDS:
        instrument = nova if session == "unmended" else titan
        database.start_session(instrument.instrument_pid, session, _start(session), session)
        database.end_session(session, _start(session) + HOUR)
        _write_files(folder / "store" / instrument.schema_name, session)
    settings = {
        "NEXUSLIMS_FILESTORE_PATH": str(folder / "store"),
        "NEXUSLIMS_DATA_PATH": str(folder / "data"),
        "NEXUSLIMS_DB_URL": database_url,
        "NEXUSLIMS_SHAREPOINT_USER": sharepoint.user,
        "NEXUSLIMS_SHAREPOINT_PASSWORD": sharepoint.password,
        "NEXUSLIMS_SHAREPOINT_TIMEZONE": "UTC",
        "PYTHONPATH": str(SABOTAGE),
        **cdcs,
    }
    return Facility(folder=folder, database=database, settings=settings)


def name_of(session: str) -> str:
    """Return the readable name that a session's tasks have in the grid."""
    instrument = "Nova" if session == "unmended" else "Titan"
    return f"{instrument} {_start(session):%Y-%m-%d %H:%M} ({session})"


def _start(session: str) -> datetime:
    return BEGUN + 2 * list(KINDS).index(session) * HOUR


def _event(session: str) -> dict[str, object]:
    start = _start(session)
    return {
        "start": f"{start:%Y-%m-%dT%H:%M:%S}",
        "end": f"{start + HOUR:%Y-%m-%dT%H:%M:%S}",
        "title": f"Experiment of {session}",
        "experiment_title": f"Experiment of {session}",
        "users": [session],
    }


def _write_files(folder: Path, session: str) -> None:
    if session == "empty":
        return
    begun = _start(session).timestamp()
    for i in range(3):
        path = folder / f"{session} {i}.msa"
        write_msa(path, [1, 5, 2, 1 + i], header={"BEAMKV   -kV": 300.0}, mtime=begun + 600 * (i + 1))
    if session == "damaged":
        path = folder / "damaged 3.dm3"
        path.write_bytes(b"\0\0\0\3 and no more of it")
        os.utime(path, (begun + 2400, begun + 2400))
