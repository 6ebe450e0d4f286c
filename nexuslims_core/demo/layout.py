"""The demo's facility on disk: raw files, database, calendar events, and what should become of each session."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nexuslims_core.db.database import Database
from nexuslims_core.demo.expectations import Expectation
from nexuslims_core.demo.samples import write_eels_session, write_sem_session, write_unbooked_session
from nexuslims_core.errors import ConfigurationError, NoFilesFoundError
from nexuslims_core.extractors.choosing import catalogue
from nexuslims_core.files.models import Scan
from nexuslims_core.files.scanning import scan_folder
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.sessions.states import RecordStatus

TITAN_LIST = "FEITitanTEMEvents"
QUANTA_LIST = "QuantaSEMEvents"
OWN_INSTRUMENT = "My-Instrument"
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the demo's facility lies and what is expected of it.

    Attributes
    ----------
    folder
        Root of all that the demo writes.
    filestore
        Root of the raw files.
    inclusive
        Whether every file counts, or only those that a reader declares.
    """

    folder: Path
    filestore: Path
    expectations: tuple[Expectation, ...]
    inclusive: bool = False

    @property
    def data(self) -> Path:
        """Root of what the record builder writes."""
        return self.folder / "data"

    @property
    def database_url(self) -> str:
        """Address of the database of sessions."""
        return f"sqlite:///{self.data / 'nexuslims.sqlite'}"

    def settings(self, services: Mapping[str, str]) -> dict[str, str]:
        """Return the NEXUSLIMS_ variables of the facility, with those that name its services."""
        return {
            "NEXUSLIMS_FILESTORE_PATH": str(self.filestore),
            "NEXUSLIMS_DATA_PATH": str(self.data),
            "NEXUSLIMS_DB_URL": self.database_url,
            "NEXUSLIMS_FILE_STRATEGY": "inclusive" if self.inclusive else "exclusive",
            "NEXUSLIMS_FILE_DELAY": "0" if self.inclusive else "2",
            "NEXUSLIMS_SETTLE": "10",  # a newcomer who copies a file does not want to wait for a minute
            **services,
        }


def calendar_events() -> dict[str, list[dict[str, object]]]:
    """Return the events of the demo's SharePoint calendars, in the site's wall time (America/New_York)."""
    return {
        TITAN_LIST: [
            {
                "start": "2019-11-13T09:30:00",
                "end": "2019-11-13T16:00:00",
                "title": "EELS of LaNiO3/SrTiO3 & co",
                "experiment_title": "EELS of LaNiO3/SrTiO3 & co",
                "purpose": "Ni valence at the interface",
                "sample": "LNO-17, 4 µm lamella",
                "description": "<div><p>Bring the <b>double-tilt</b> holder &amp; LN2.</p></div>",
                "project": "NICKEL.01",
                "users": ["Løvelace, Ada (Fed)"],
            },
            {
                "start": "2019-11-13T17:00:00",
                "end": "2019-11-13T19:00:00",
                "title": "Somebody else",
                "users": ["O'Neil, Ben"],
            },
        ],
        QUANTA_LIST: [
            {
                "start": "2024-03-12T04:00:00",  # 09:00 in Berlin: the United States have changed to summer time before
                "end": "2024-03-12T07:00:00",
                "title": "Fracture surfaces of 316L",
                "experiment_title": "Fracture surfaces of 316L",
                "purpose": "Ductile or brittle after 500 h at 650 °C",
                "sample": "316L tensile bar 4",
                "users": ["O'Neil, Ben"],
            }
        ],
    }


def instruments(lists: Mapping[str, str]) -> tuple[Instrument, ...]:
    """Return the demo's two instruments.

    Parameters
    ----------
    lists
        Name of each calendar's list to its address.
    """
    return (
        Instrument(
            instrument_pid="FEI-Titan-TEM-635816",
            schema_name="FEI Titan TEM",
            filestore_path="./Titan",
            timezone="America/New_York",
            harvester=Harvester.SHAREPOINT,
            api_url=lists[TITAN_LIST],
            calendar_name="FEI Titan TEM",
            calendar_url=f"{lists[TITAN_LIST].split('/_vti_bin')[0]}/Lists/{TITAN_LIST}/calendar.aspx",
            location="223/B115",
            property_tag="635816",
            computer_name="TITAN-PC",
            computer_mount="M:/",
        ),
        Instrument(
            instrument_pid="FEI-Quanta-SEM-200417",
            schema_name="FEI Quanta SEM",
            filestore_path="./Quanta",
            timezone="Europe/Berlin",
            harvester=Harvester.SHAREPOINT,
            api_url=lists[QUANTA_LIST],
            calendar_name="Quanta SEM",
            calendar_url=f"{lists[QUANTA_LIST].split('/_vti_bin')[0]}/Lists/{QUANTA_LIST}/calendar.aspx",
            location="Haus 4/017",
            property_tag="200417",
        ),
    )


def lay_out(folder: Path, lists: Mapping[str, str]) -> Layout:
    """Write the demo's facility: two instruments, four sessions, their files."""
    filestore = folder / "filestore"
    titan, quanta = instruments(lists)
    database = Database.create(Layout(folder=folder, filestore=filestore, expectations=()).database_url)
    for instrument in (titan, quanta):
        database.add_instrument(instrument)
    expectations = (
        _published_example(database, titan, filestore),
        _mixed(database, quanta, filestore),
        _empty(database, quanta),
        _unbooked(database, titan, filestore),
    )
    return Layout(folder=folder, filestore=filestore, expectations=expectations)


def published_times() -> list[float]:
    """Return the file times of the published example, epoch seconds: 37 files in 13 groups."""
    example = json.loads(Path(__file__).with_name("published_example.json").read_bytes())
    return [float(time) for time in example["times_epoch"]]


def _published_example(database: Database, titan: Instrument, filestore: Path) -> Expectation:
    times = published_times()
    files = write_eels_session(filestore, "Titan/ada/LNO-17", times)
    identifier = _session(
        database, titan, "ada", (times[0] - 900, times[-1] + 900), "a1e5b2f0-0001-4000-8000-000000000001"
    )
    return Expectation(
        session_identifier=identifier,
        about="the published example: 37 files in 13 groups",
        status=RecordStatus.COMPLETED,
        files=files,
        activities=13,
        title="EELS of LaNiO3/SrTiO3 & co",
    )


def _mixed(database: Database, quanta: Instrument, filestore: Path) -> Expectation:
    begun = datetime(2024, 3, 12, 9, 5, tzinfo=quanta.zone)
    files = write_sem_session(filestore, "Quanta/ben/316L", begun)
    span = (begun.timestamp() - 60, (begun + 2 * HOUR).timestamp())
    return Expectation(
        session_identifier=_session(database, quanta, "ben", span, "a1e5b2f0-0002-4000-8000-000000000002"),
        about="a mixed SEM session",
        status=RecordStatus.COMPLETED,
        files=files,
        title="Fracture surfaces of 316L",
    )


def _empty(database: Database, quanta: Instrument) -> Expectation:
    begun = datetime(2024, 3, 13, 14, tzinfo=quanta.zone)
    span = (begun.timestamp(), (begun + HOUR).timestamp())
    return Expectation(
        session_identifier=_session(database, quanta, "cleo", span, "a1e5b2f0-0003-4000-8000-000000000003"),
        about="a session without any file",
        status=RecordStatus.NO_FILES_FOUND,
    )


def _unbooked(database: Database, titan: Instrument, filestore: Path) -> Expectation:
    begun = datetime(2024, 5, 2, 19, 30, tzinfo=titan.zone)
    files = write_unbooked_session(filestore, "Titan/evening", begun)
    span = (begun.timestamp() - 60, (begun + HOUR).timestamp())
    return Expectation(
        session_identifier=_session(database, titan, "dana", span, "a1e5b2f0-0004-4000-8000-000000000004"),
        about="a session without reservation",
        status=RecordStatus.COMPLETED,
        files=files,
        title="Experiment on the FEI Titan TEM on Thursday May. 02, 2024",
    )


def _session(database: Database, instrument: Instrument, user: str, span: tuple[float, float], identifier: str) -> str:
    start, end = (datetime.fromtimestamp(time, UTC) for time in span)
    database.start_session(instrument.instrument_pid, user, start, identifier)
    database.end_session(identifier, end)
    return identifier


def look_at_own(files: Path, folder: Path) -> Scan:
    """Search a person's own folder; nothing is written.

    Raises
    ------
    NoFilesFoundError
        If it is not there, cannot be read or holds no file.
    ConfigurationError
        If it lies in the demo's folder or the other way round, since the demo's is emptied.
    """
    filestore, demo = files.resolve(), folder.resolve()
    if filestore.is_relative_to(demo) or demo.is_relative_to(filestore):
        raise ConfigurationError(f"{files} and the demo's folder {folder} overlap: name another one with DEMO=…")
    scan = scan_folder(
        files.absolute(),
        instrument_pid=OWN_INSTRUMENT,
        suffixes=None,
        ignore=(),
        companions=catalogue().companions,
        now=datetime.now(UTC).timestamp(),
    )
    if scan.absent or not scan.files:
        why = "holds no file that can be read" if files.is_dir() else "is not a folder"
        raise NoFilesFoundError(f"{files} {why}: name a folder with instrument files in FILES=…")
    return scan


def lay_out_own(folder: Path, scan: Scan) -> Layout:
    """Make a facility of a person's own folder: one instrument, one session over the times of its files.

    Raises
    ------
    ConfigurationError
        If the files have times that no calendar knows.
    """
    filestore = scan.root
    layout = Layout(folder=folder, filestore=filestore, expectations=(), inclusive=True)
    instrument = Instrument(
        instrument_pid=OWN_INSTRUMENT, schema_name="My instrument", filestore_path=".", timezone="UTC"
    )
    span = (scan.files[0].mtime - 1, scan.files[-1].mtime + 1)
    database = Database.create(layout.database_url)
    database.add_instrument(instrument)
    try:
        identifier = _session(database, instrument, "me", span, "a1e5b2f0-0005-4000-8000-000000000005")
    except (ValueError, OverflowError, OSError) as error:
        raise ConfigurationError(f"the files in {filestore} have impossible times, mend them with touch") from error
    if not database.waiting_sessions():  # it lasts longer than any session should, and is parked for it
        database.requeue(identifier, "All files of the folder are one session, however far apart.", datetime.now(UTC))
    expectation = Expectation(
        session_identifier=identifier,
        about="your own files",
        status=RecordStatus.COMPLETED,
        files=tuple(str(file.path.relative_to(filestore)) for file in scan.files),
    )
    return replace(layout, expectations=(expectation,))
