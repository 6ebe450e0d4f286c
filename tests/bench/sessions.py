"""Inputs of the measures: sessions of 39 and of 500 DM files, file times to cluster, a folder of many files."""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from nexuslims_core.db.database import Database
from nexuslims_core.demo.layout import published_times
from nexuslims_core.errors import NoFilesFoundError
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.testing.writers.digital_micrograph import Calibration, write_dm
from tests.bench.files import EACH, GROUPS, REAL_FILES

BEGUN = datetime(2024, 5, 14, 9, tzinfo=UTC).timestamp()
SESSION = "b0000000-0000-4000-8000-000000000001"
INSTRUMENT = Instrument(
    instrument_pid="Bench-STEM-1", schema_name="Bench STEM", filestore_path="./STEM", timezone="UTC"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """A file store with one session's files, which fresh databases are made for."""

    folder: Path
    ended: float = BEGUN + GROUPS * 600

    @property
    def store(self) -> Path:
        """Root of the raw files."""
        return self.folder / "filestore"

    @property
    def files(self) -> tuple[Path, ...]:
        """The session's files by name."""
        return tuple(sorted(path for path in (self.store / "STEM").iterdir()))

    @property
    def start(self) -> datetime:
        """Begin of the session, a minute before its first file."""
        return datetime.fromtimestamp(BEGUN - 60, UTC)

    @property
    def end(self) -> datetime:
        """End of the session."""
        return datetime.fromtimestamp(self.ended, UTC)

    def check(self, groups: int | None = GROUPS) -> None:
        """Make sure that the last build did all of its work: what is measured must be the real thing."""
        attempt = Database.open(self._address).attempts(SESSION)[-1]
        wrong = groups is not None and attempt.activities != groups
        if wrong or (attempt.outcome, attempt.files) != (RecordStatus.BUILT_NOT_EXPORTED, len(self.files)):
            raise SystemExit(f"the session did not become its record: {attempt}")

    @property
    def _address(self) -> str:
        return f"sqlite:///{self.folder}/data/nexuslims.sqlite"

    @property
    def env(self) -> dict[str, str]:
        """The environment to build in."""
        return {
            "NEXUSLIMS_FILESTORE_PATH": str(self.store),
            "NEXUSLIMS_DATA_PATH": str(self.folder / "data"),
            "NEXUSLIMS_FILE_DELAY": "0",
        }

    def fresh(self) -> dict[str, str]:
        """Make a new database with the waiting session, nothing beside it, and return the environment to build in."""
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        database = Database.create(self._address)
        database.add_instrument(INSTRUMENT)
        database.start_session(INSTRUMENT.instrument_pid, "bench", self.start, SESSION)
        database.end_session(SESSION, self.end)
        database.engine.dispose()
        return self.env


def times() -> list[float]:
    """Return when each of the 39 files was modified: 13 groups of 3, ten minutes apart."""
    return [BEGUN + 600 * (i // EACH) + 15 * (i % EACH) for i in range(GROUPS * EACH)]


def write_session(folder: Path) -> Facility:
    """Write 13 × (survey image, HAADF image, spectrum image) as real sessions have them, about 350 MB."""
    store = _store(folder)
    chance = np.random.default_rng(39)
    survey = chance.poisson(900, (2048, 2048)).astype(np.int16)
    haadf = chance.normal(3e4, 2e3, (1024, 1024)).astype(np.float32)
    spectra = chance.poisson(40, (1024, 64, 64)).astype(np.float32)
    nm, ev = Calibration(scale=0.2, unit="nm"), Calibration(origin=-400, scale=0.5, unit="eV")
    tags = {"Microscope Info": {"Voltage": 300000.0, "Operation Mode": "SCANNING", "Illumination Mode": "STEM"}}
    eels = {**tags, "Meta Data": {"Format": "Spectrum image", "Signal": "EELS"}}
    when = iter(times())
    for group in range(1, GROUPS + 1):
        survey[group] = haadf[group] = group  # no two files are the same
        write_dm(store / f"{group:02d} survey.dm3", survey, tags=tags, calibrations=(nm, nm), mtime=next(when))
        write_dm(store / f"{group:02d} HAADF.dm3", haadf, tags=tags, calibrations=(nm, nm), mtime=next(when))
        name = f"{group:02d} SI.dm4"
        write_dm(store / name, spectra, tags=eels, calibrations=(ev, nm, nm), version=4, mtime=next(when))
    return Facility(folder=folder)


def copy_session(folder: Path, collection: Path) -> Facility:
    """Take 39 DM files of a folder: those of the collection of real files, else some that are spread over all.

    Raises
    ------
    NoFilesFoundError
        If there are fewer.
    """
    chosen = [collection / name for name in REAL_FILES]
    if not all(path.is_file() for path in chosen):
        found = sorted(path for path in collection.rglob("*") if path.suffix.lower() in {".dm3", ".dm4"})
        if len(found) < GROUPS * EACH:
            raise NoFilesFoundError(f"{collection} holds {len(found)} DM files, and {GROUPS * EACH} are needed")
        chosen = [found[i * len(found) // (GROUPS * EACH)] for i in range(GROUPS * EACH)]
    store = _store(folder)
    for i, (path, mtime) in enumerate(zip(chosen, times(), strict=True)):
        copy = store / f"{i:02d} {path.name}"
        shutil.copyfile(path, copy)
        os.utime(copy, (mtime, mtime))
    return Facility(folder=folder)


def write_many(folder: Path, files: int = 500) -> Facility:
    """Write a session of that many small images in bursts of eight, two minutes apart."""
    store, chance = _store(folder), np.random.default_rng(files)
    tags = {"Microscope Info": {"Voltage": 300000.0, "Operation Mode": "SCANNING", "Illumination Mode": "STEM"}}
    for i in range(files):
        image = chance.poisson(900, (128, 128)).astype(np.int16)
        write_dm(store / f"{i:04d}.dm3", image, tags=tags, mtime=BEGUN + 120 * (i // 8) + 4 * (i % 8))
    return Facility(folder=folder, ended=BEGUN + 120 * (files // 8 + 1))


def write_times(folder: Path) -> dict[str, Path]:
    """Write the times of the published example, and of sessions of 200 to 20,000 files in bursts of eight.

    Two more of 20,000 have pauses of any length (Pareto): most of their times are within reach of most widths.
    """
    written = {"37 files": _times_file(folder / "published.json", published_times())}
    for n in (200, 500, 2_000, 20_000):
        chance = np.random.default_rng(n)
        bursts = np.concatenate([600 * i + np.sort(chance.uniform(0, 60, 8)) for i in range(n // 8 + 1)])[:n]
        written[f"{n:,} files"] = _times_file(folder / f"{n}.json", (BEGUN + bursts).tolist())
    for exponent in (0.5, 0.7):
        pauses = np.minimum(1 + np.random.default_rng(20_000).pareto(exponent, 20_000), 1e7)
        path = folder / f"pareto-{exponent}.json"
        written[f"20,000 files, Pareto {exponent}"] = _times_file(path, (BEGUN + np.cumsum(pauses)).tolist())
    return written


def write_tree(folder: Path, files: int = 20_000) -> Path:
    """Write that many empty files in folders of 100, one minute apart: half of them of six formats, some in pairs."""
    suffixes = ("dm3", "txt", "log", "tif", "dm4", "bak", "dat", "emi", "ser", "tmp")
    for i in range(files):
        owner = i - (suffixes[i % 10] == "ser")  # the file before it, an .emi
        path = folder / f"user {i // 2000}" / f"sample {i // 100}" / f"image {owner}"
        if i % 100 == 0:
            path.parent.mkdir(parents=True)
        path = path.with_suffix(f".{suffixes[i % 10]}")
        path.touch()
        os.utime(path, (BEGUN + 60 * i, BEGUN + 60 * i))
    return folder


def _store(folder: Path) -> Path:
    store = folder / "filestore" / "STEM"
    store.mkdir(parents=True)
    return store


def _times_file(path: Path, times_epoch: Sequence[float]) -> Path:
    path.write_text(json.dumps({"times_epoch": list(times_epoch)}))
    return path
