"""The peer, NexusLIMS 2.8.0 as published, in an environment of its own, with a database and a session to build."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nexuslims_core.testing.servers.installing import Product
from tests.bench.peer.services import TOOL

PRODUCT = Product(name="NexusLIMS 2.8.0", requirements=Path(__file__).with_name("requirements.txt"), size_mb=1060)
INSTRUMENT_PID = "Bench-STEM-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerFacility:
    """What the peer needs to build one session.

    Attributes
    ----------
    python
        Its own, with the peer installed.
    store
        Folder of raw files; the instrument's are below ``STEM``.
    folder
        Where it may write.
    services
        Address that a NEMO (``api/``) and a CDCS are below.
    """

    python: Path
    store: Path
    folder: Path
    services: str
    begun: datetime
    ended: datetime

    @property
    def command(self) -> list[str]:
        """Return the command that builds all waiting sessions, as its documentation has it."""
        return self.program("build-records")

    def program(self, name: str) -> list[str]:
        """Return how one of its commands is called."""
        return [str(self.python.with_name("nexuslims")), name]

    def fresh(self, store: Path | None = None) -> Mapping[str, str]:
        """Make a new database with the waiting session, nothing beside it, and return the environment to build in.

        Parameters
        ----------
        store
            The folder that it takes for the root of raw files, where that is another.
        """
        shutil.rmtree(self.folder, ignore_errors=True)
        for name in ("data", "log"):
            (self.folder / name).mkdir(parents=True)
        env = self._environment(store or self.store)
        init = [*self.program("db"), "init"]
        done = subprocess.run(init, env={**os.environ, **env}, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"the peer's database cannot be made: {done.stdout[-500:]} {done.stderr[-1500:]}")
        self._write_session()
        return env

    def check(self, groups: int) -> None:
        """Make sure that the last build did all of its work: what is measured must be the real thing."""
        with closing(sqlite3.connect(self._database)) as database:
            found = database.execute("SELECT DISTINCT record_status FROM session_log").fetchall()
        records = [path.read_text() for path in self.folder.rglob("*.xml")]
        activities = [record.count("<acquisitionActivity") for record in records]
        if found != [("COMPLETED",)] or activities != [groups]:
            raise SystemExit(f"the peer did not make its record: {found}, activities {activities}")

    @property
    def _database(self) -> Path:
        return self.folder / "nexuslims.db"

    def _environment(self, store: Path) -> dict[str, str]:
        return {
            "NX_INSTRUMENT_DATA_PATH": str(store),
            "NX_DATA_PATH": str(self.folder / "data"),
            "NX_DB_PATH": str(self._database),
            "NX_LOG_PATH": str(self.folder / "log"),
            "NX_CDCS_URL": self.services,
            "NX_CDCS_TOKEN": "bench",
            "NX_NEMO_ADDRESS_1": f"{self.services}api/",
            "NX_NEMO_TOKEN_1": "bench",
        }

    def _write_session(self) -> None:
        identifier = f"{self.services}api/usage_events/?id=1"
        instrument = {
            "instrument_pid": INSTRUMENT_PID,
            "api_url": f"{self.services}api/tools/?id={TOOL}",
            "calendar_url": f"{self.services}calendar/",
            "location": "Bench",
            "display_name": "Bench STEM",
            "property_tag": "1",
            "filestore_path": "./STEM",
            "harvester": "nemo",
            "timezone": "UTC",
        }
        columns = "session_identifier, instrument, timestamp, event_type, record_status, user"
        logs = [
            (identifier, INSTRUMENT_PID, when.isoformat(), event, "TO_BE_BUILT", "ada")
            for event, when in (("START", self.begun), ("END", self.ended))
        ]
        with closing(sqlite3.connect(self._database)) as database:
            marks = ", ".join("?" * len(instrument))
            names = ", ".join(instrument)
            database.execute(f"INSERT INTO instruments ({names}) VALUES ({marks})", tuple(instrument.values()))  # noqa: S608 - our own names
            database.executemany(f"INSERT INTO session_log ({columns}) VALUES (?, ?, ?, ?, ?, ?)", logs)  # noqa: S608 - as above
            database.commit()
