"""One run of a session's upload in a process of its own: claimed, uploaded and finished, or done by housekeeping.

The record is built already; what is at stake is that it is published once.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nexuslims_core.artefacts import sha256
from nexuslims_core.config import Settings
from nexuslims_core.db.database import Database
from nexuslims_core.errors import NexusLimsError
from nexuslims_core.housekeeping import publish_pending
from nexuslims_core.publishing.cdcs import CdcsStore
from nexuslims_core.stages.build_record import BuiltRecord
from nexuslims_core.stages.claim import claim
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.finish import finish
from nexuslims_core.stages.upload_record import upload_record

TIMEOUT_S = (2.0, 1.0)
PAUSES_S = (0.02, 0.05, 0.1)
DEADLINE_S = 4.0
LEASE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What a run is sent out with.

    Attributes
    ----------
    folder
        Holds the database and the data path of one session's facility.
    url, token
        Where CDCS answers, and as whom.
    session, title
        What is published, and under which name.
    holder
        Who claims it.
    later
        How far the clock was moved since the first run.
    """

    folder: Path
    url: str
    token: str
    session: str
    title: str
    holder: str
    later: timedelta

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.folder / 'sessions.sqlite'}"

    @property
    def record(self) -> Path:
        return self.folder / "records" / f"{self.title}.xml"

    def facility(self) -> Facility:
        given = {"filestore_path": self.folder, "data_path": self.folder, "lease_s": LEASE.total_seconds()}
        store = CdcsStore(url=self.url, token=self.token, timeout_s=TIMEOUT_S, pauses_s=PAUSES_S, deadline_s=DEADLINE_S)
        return Facility(
            settings=Settings(_env_file=None, **given),
            database=Database.open(self.database_url),
            stores=(store,),
            now=lambda: datetime.now(UTC) + self.later,
        )


def build(orders: Orders) -> None:
    """Do what a task does once its session's record is built and valid."""
    facility = orders.facility()
    claimed = claim(facility, orders.session, orders.holder)
    record = BuiltRecord(title=orders.title, path=orders.record, sha256=sha256(orders.record.read_bytes()))
    facility.database.note_record(claimed, record.path, record.sha256)
    with suppress(NexusLimsError):  # the stage has written it to the books, which is where finish reads
        upload_record(facility, claimed, record)
    finish(facility, claimed)


def keep_house(orders: Orders) -> None:
    """Do what housekeeping does with records that could not be published when they were built."""
    publish_pending(orders.facility(), orders.holder)
