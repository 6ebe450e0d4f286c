"""A facility for the long runs: small sessions of mixed kinds, each with the state that it must end in."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from nexuslims_core.db.database import Database
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.testing.writers.digital_micrograph import write_dm
from nexuslims_core.testing.writers.fei_tiff import write_fei_tiff
from nexuslims_core.testing.writers.hspy import write_hspy
from nexuslims_core.testing.writers.msa import write_msa
from nexuslims_core.testing.writers.text import write_text

BEGUN = datetime(2024, 1, 8, 9, tzinfo=UTC)
BUILT, EMPTY, FAILED = RecordStatus.BUILT_NOT_EXPORTED, RecordStatus.NO_FILES_FOUND, RecordStatus.ERROR
INSTRUMENTS = {
    "STEM": Instrument(instrument_pid="Soak-STEM", schema_name="STEM", filestore_path="./STEM", timezone="UTC"),
    "SEM": Instrument(instrument_pid="Soak-SEM", schema_name="SEM", filestore_path="./SEM", timezone="Asia/Tokyo"),
    "closed": Instrument(
        instrument_pid="Soak-Closed",
        schema_name="Booked where nobody let us in",
        filestore_path="./closed",
        timezone="UTC",
        harvester=Harvester.SHAREPOINT,
        api_url="http://127.0.0.1:9/calendar",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A sort of session.

    Attributes
    ----------
    instrument
        Key of INSTRUMENTS.
    status
        How it must end.
    write
        Writes its files into a folder, the first at an epoch second.
    """

    instrument: str
    status: RecordStatus
    write: Callable[[Path, float], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """A file store, and the sessions in it by identifier."""

    folder: Path
    sessions: dict[str, Kind]

    @property
    def expected(self) -> dict[str, RecordStatus]:
        """How each session must end."""
        return {identifier: kind.status for identifier, kind in self.sessions.items()}

    def open(self, url: str) -> Database:
        """Make a database in which all sessions wait."""
        database = Database.create(url)
        for instrument in INSTRUMENTS.values():
            database.add_instrument(instrument)
        for day, (identifier, kind) in enumerate(self.sessions.items()):
            pid, begun = INSTRUMENTS[kind.instrument].instrument_pid, BEGUN + timedelta(days=day)
            database.start_session(pid, f"user {day}", begun, identifier)
            database.end_session(identifier, begun + timedelta(hours=8))
        return database

    def environment(self, url: str, data: Path, lease_s: float) -> dict[str, str]:
        """Return the environment of a process that builds them."""
        return {
            **os.environ,
            "NEXUSLIMS_FILESTORE_PATH": str(self.folder / "filestore"),
            "NEXUSLIMS_DATA_PATH": str(data),
            "NEXUSLIMS_DB_URL": url,
            "NEXUSLIMS_FILE_DELAY": "0",
            "NEXUSLIMS_LEASE": str(lease_s),
            "NEXUSLIMS_WORKERS": "1",
        }


def lay_out(folder: Path, sessions: int) -> Facility:
    """Write the files of that many sessions, a day apart, of every kind in turn."""
    made = {f"soak-{i:02d}": kind for i, kind in enumerate(islice(cycle(KINDS), sessions))}
    for day, (identifier, kind) in enumerate(made.items()):
        below = folder / "filestore" / kind.instrument / identifier
        below.mkdir(parents=True)
        kind.write(below, (BEGUN + timedelta(days=day, hours=1)).timestamp())
    for name in INSTRUMENTS:
        (folder / "filestore" / name).mkdir(parents=True, exist_ok=True)
    return Facility(folder=folder, sessions=made)


def _image(seed: float) -> np.ndarray:
    return np.random.default_rng(int(seed)).poisson(500, (96, 96)).astype(np.uint16)


def _one_image(folder: Path, at: float) -> None:
    write_dm(folder / "only.dm3", _image(at), tags={"Microscope Info": {"Voltage": 200000.0}}, mtime=at)


def _two_bursts(folder: Path, at: float) -> None:
    for i in range(6):
        write_dm(folder / f"image {i}.dm4", _image(at + i), version=4, mtime=at + 10 * i + 3600 * (i // 3))


def _sem(folder: Path, at: float) -> None:
    for i in range(3):
        metadata = {"User": {"User": "ben"}, "Beam": {"HV": 15000, "Beam": "EBeam"}, "EBeam": {"HV": 15000, "WD": 0.01}}
        write_fei_tiff(folder / f"fracture {i}.tif", _image(at + i).astype(np.uint8), metadata=metadata, mtime=at + i)
    write_msa(folder / "point.msa", range(200), header={"BEAMKV   -kV": 15.0}, mtime=at + 900)
    write_text(folder / "notes.txt", "500 h at 650 °C\n", mtime=at + 905)


def _map(folder: Path, at: float) -> None:
    metadata = {"General": {"title": "map"}, "Signal": {"signal_type": "EELS"}}
    write_hspy(folder / "map.hspy", np.ones((8, 8, 64), np.float32), metadata=metadata, mtime=at)


def _awkward(folder: Path, at: float) -> None:
    for i, name in enumerate((b"a & <b>.dm3", "größe µ.dm3".encode(), b"latin \xe9.dm3")):
        write_dm(folder / os.fsdecode(name), _image(at + i), mtime=at + i)


def _broken(folder: Path, at: float) -> None:
    write_dm(folder / "cut.dm3", _image(at), mtime=at)
    with (folder / "cut.dm3").open("r+b") as file:
        file.truncate(500)
    write_text(folder / "false.tif", "no image", mtime=at + 5)
    os.utime(folder / "cut.dm3", (at, at))


def _nothing(folder: Path, at: float) -> None:
    write_text(folder / "yesterday.txt", "before the session", mtime=at - 86_400 / 2)


KINDS = (
    Kind(instrument="STEM", status=BUILT, write=_two_bursts),
    Kind(instrument="SEM", status=BUILT, write=_sem),
    Kind(instrument="STEM", status=EMPTY, write=_nothing),
    Kind(instrument="STEM", status=BUILT, write=_awkward),
    Kind(instrument="SEM", status=BUILT, write=_broken),
    Kind(instrument="closed", status=FAILED, write=_one_image),
    Kind(instrument="SEM", status=BUILT, write=_map),
    Kind(instrument="STEM", status=BUILT, write=_one_image),
)
