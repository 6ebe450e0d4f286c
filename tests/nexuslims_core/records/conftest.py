"""One session, its files and what reading them gave, to build records from."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from nexuslims_core.activities.models import Activity, Grouping
from nexuslims_core.datasets.models import Dataset, DatasetType, Extracted, Metadata, Outcome
from nexuslims_core.files.models import FoundFile, Unsearched
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.quantities import MetadataValue
from nexuslims_core.records.building import assemble
from nexuslims_core.records.models import Record
from nexuslims_core.reservations.models import Project, Reservation, ReservationMatch, Sample
from nexuslims_core.sessions.models import Session

FILESTORE, DATA_PATH = Path("/filestore"), Path("/nexus")
ZONE = ZoneInfo("America/New_York")

Read = Callable[..., Extracted]
Assemble = Callable[..., Record]


@pytest.fixture
def session() -> Session:
    instrument = Instrument(
        instrument_pid="FEI-Titan-TEM-635816",
        schema_name="FEI Titan TEM",
        filestore_path="./Titan",
        timezone="America/New_York",
    )
    return Session(
        session_identifier="1c3a6a8d-6038-41f5-b969-55fd02e12345",
        instrument=instrument,
        dt_from=datetime(2019, 11, 13, 10, tzinfo=ZONE),
        dt_to=datetime(2019, 11, 13, 14, tzinfo=ZONE),
        user="ada",
    )


@pytest.fixture
def reservation() -> Reservation:
    return Reservation(
        reservation_id="471",
        start=datetime(2019, 11, 13, 15, tzinfo=ZoneInfo("UTC")),
        end=datetime(2019, 11, 13, 19, tzinfo=ZoneInfo("UTC")),
        title="Grain boundaries",
        experimenters=("Ada Lovelace",),
        motivation="To see cobalt segregate.",
        samples=(Sample(name="FeCo foil", elements=("Fe", "Co")),),
        projects=(Project(name="Boundaries", ref="https://projects.example.org/7"),),
        url="https://calendar.example.org/471",
    )


def file_named(name: str | Path, seconds: float = 0.0) -> FoundFile:
    start_s = datetime(2019, 11, 13, 10, 5, tzinfo=ZONE).timestamp()
    return FoundFile(path=FILESTORE / "Titan" / name, size=1, mtime=start_s + seconds)


@pytest.fixture
def found() -> Callable[..., FoundFile]:
    """Make a file below the file store: ``found("a.dm3", seconds_after_10:05)``."""
    return file_named


@pytest.fixture
def read() -> Read:
    """Make the outcome of a file that was read: ``read("a.dm3", {"Voltage": 300}, …fields of Metadata)``."""

    def outcome(name: str, entries: dict[str, MetadataValue] | None = None, **fields: object) -> Extracted:
        told: dict[str, object] = {
            "dataset_type": DatasetType.IMAGE,
            "data_type": "TEM_Imaging",
            "creation_time": datetime(2019, 11, 13, 10, 5, tzinfo=ZONE),
        }
        metadata = Metadata(entries=entries or {}, **(told | fields))  # type: ignore[arg-type] # fields by name
        mirrored = DATA_PATH / "Titan" / name
        dataset = Dataset(
            name=name,
            metadata=metadata,
            extractor="test",
            preview=mirrored.with_name(f"{name}.thumb.png"),
            json=mirrored.with_name(f"{name}.json"),
        )
        return Extracted(file=file_named(name), datasets=(dataset,))

    return outcome


@pytest.fixture
def assembled(session: Session) -> Assemble:
    """Assemble a record with one activity: ``assembled(outcome, …, reservation=…, unsearched=…, session=…)``."""
    of_the_fixture = session

    def record(
        *outcomes: Outcome,
        reservation: Reservation | None = None,
        unsearched: tuple[Unsearched, ...] = (),
        files: tuple[FoundFile, ...] | None = None,
        session: Session = of_the_fixture,
    ) -> Record:
        listed = tuple(outcome.file for outcome in outcomes) if files is None else files
        return assemble(
            session=session,
            match=ReservationMatch(reservation=reservation, explanation="The longest overlap of that day."),
            grouping=Grouping(
                activities=(Activity(seqno=0, files=listed),) if listed else (), explanation="They lie close together."
            ),
            outcomes=outcomes,
            unsearched=unsearched,
            filestore=FILESTORE,
            data_path=DATA_PATH,
        )

    return record
