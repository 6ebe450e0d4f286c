"""A small facility on disk: one instrument, its files in real formats, a SQLite database, and the command line."""

import json
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
import requests
from lxml import etree

from nexuslims_core.cli.main import main
from nexuslims_core.config import Settings, load_settings
from nexuslims_core.db.database import Database
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.pipeline import Watch, build_session, scan_and_sort
from nexuslims_core.schemas import NEXUS_NAMESPACE
from nexuslims_core.sessions.models import Session
from nexuslims_core.stages.facility import Facility, open_facility
from nexuslims_core.stages.finish import BuildReport
from nexuslims_core.testing.servers.cdcs import CdcsServer
from nexuslims_core.testing.writers.digital_micrograph import write_dm
from nexuslims_core.testing.writers.fei_tiff import write_fei_tiff
from nexuslims_core.testing.writers.msa import write_msa

NX = {"nx": NEXUS_NAMESPACE}
BEGUN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """The facility: ``store`` holds the raw files, ``data`` what is written, ``env`` the settings that say so."""

    store: Path
    data: Path
    env: dict[str, str]
    titan: Instrument

    @property
    def database(self) -> Database:
        return Database.open(self.settings().database_url)

    def settings(self, **given: object) -> Settings:
        return load_settings(None, filestore_path=self.store, data_path=self.data, workers=1, **given)

    def facility(self, **given: object) -> Facility:
        return open_facility(self.settings(**given))

    def waits(self, identifier: str | None = None, *, pid: str | None = None, begun: datetime = BEGUN) -> str:
        """Write down a session of two hours that waits to be built."""
        named = identifier or str(uuid4())
        self.database.start_session(pid or self.titan.instrument_pid, "ada", begun, named)
        self.database.end_session(named, begun + timedelta(hours=2))
        return named

    def image(self, name: str, minute: float, *, voltage_v: float = 300000.0, focus: int = 0) -> Path:
        """Write a DigitalMicrograph image into the session, ``minute`` after its start."""
        tags = {
            "Microscope Info": {
                "Voltage": voltage_v,
                "Microscope": "FEI Titan",
                "Indicated Magnification": 1000 + focus,
            }
        }
        pixels = np.arange(64, dtype=np.uint16).reshape(8, 8) + focus
        return write_dm(self._place(name), pixels, tags=tags, mtime=_moment(minute))

    def spectrum(self, name: str, minute: float) -> Path:
        """Write an EMSA spectrum into the session."""
        return write_msa(self._place(name), [1, 5, 2, 1], header={"BEAMKV   -kV": 300.0}, mtime=_moment(minute))

    def tiff(self, name: str, minute: float) -> Path:
        """Write an FEI image into the session."""
        metadata = {"System": {"SystemType": "Titan"}, "Beam": {"HV": 300000}}
        return write_fei_tiff(self._place(name), np.ones((8, 8), np.uint8), metadata=metadata, mtime=_moment(minute))

    def broken(self, name: str, minute: float) -> Path:
        """Write a file that is not what its name says."""
        path = self._place(name)
        path.write_bytes(b"no image, but a shopping list")
        os.utime(path, (_moment(minute), _moment(minute)))
        return path

    def two_activities(self) -> tuple[Path, ...]:
        """Write three images in the first minutes, then, an hour later, a spectrum and two pictures."""
        return (
            *(self.image(f"image {i}.dm3", i, focus=i) for i in range(3)),
            self.spectrum("point.msa", 70),
            self.tiff("overview.tif", 71),
            self.image("last.dm3", 72),
        )

    def _place(self, name: str) -> Path:
        path = self.store / "Titan" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def _moment(minute: float) -> float:
    return BEGUN.timestamp() + 60 * minute


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A facility without sessions, files and services; the settings of the process are its own."""
    titan = Instrument(
        instrument_pid="FEI-Titan-TEM-635816",
        schema_name="FEI Titan TEM",
        filestore_path="./Titan",
        timezone="America/New_York",
    )
    store, data = tmp_path / "store", tmp_path / "data"
    (store / "Titan").mkdir(parents=True)
    (store / "Quanta").mkdir()
    env = {"NEXUSLIMS_FILESTORE_PATH": str(store), "NEXUSLIMS_DATA_PATH": str(data), "NEXUSLIMS_WORKERS": "1"}
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    lab = Lab(store=store, data=data, env=env, titan=titan)
    Database.create(lab.settings().database_url).add_instrument(titan)
    return lab


Build = Callable[..., BuildReport]


@pytest.fixture
def build(lab: Lab) -> Build:
    """Build one session as ``nexuslims build ID`` does; what is given replaces parts of the facility."""

    def run(identifier: str, *, watch: Watch | None = None, holder: str = "tester", **given: Any) -> BuildReport:
        facility = replace(lab.facility(), **given)
        session: Session = facility.database.session(identifier)
        _, scans = scan_and_sort(facility, (session,))
        return build_session(facility, session, scans[session.instrument.instrument_pid], holder, watch or Watch())

    return run


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:  # noqa: ANN401 - every command's own JSON
        """The one JSON document on stdout."""
        return json.loads(self.out)


Nexuslims = Callable[..., Said]


@pytest.fixture
def nexuslims(capfdbinary: pytest.CaptureFixture[bytes]) -> Nexuslims:
    """Run ``nexuslims`` with these words, in this process."""

    def run(*words: object) -> Said:
        capfdbinary.readouterr()
        try:
            code = main([str(word) for word in words])
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capfdbinary.readouterr()
        return Said(code=code, out=out.decode(), err=err.decode())

    return run


@pytest.fixture
def published(cdcs: CdcsServer, monkeypatch: pytest.MonkeyPatch) -> CdcsServer:
    """The real CDCS, which the facility publishes to."""
    monkeypatch.setenv("NEXUSLIMS_CDCS_URL", cdcs.url)
    monkeypatch.setenv("NEXUSLIMS_CDCS_TOKEN", cdcs.token)
    return cdcs


Public = Callable[[str], list[str]]


@pytest.fixture
def public(cdcs: CdcsServer) -> Public:
    """Ask CDCS, without logging in, for the XML of all records of a title."""

    def ask(title: str) -> list[str]:
        query = {"query": {}, "title": title, "all": True}
        reply = requests.post(f"{cdcs.url}/rest/data/query/", json=query, timeout=30)
        reply.raise_for_status()
        return [record["xml_content"] for record in reply.json()]

    return ask


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of 127.0.0.1 that refuses every connection."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound and not listening: nobody else gets it, and nobody answers
        yield held.getsockname()[1]


ReadOut = Callable[[bytes, str], list[str]]


@pytest.fixture
def read_out() -> ReadOut:
    """Return the texts or attributes at an XPath of a record."""

    def read(xml: bytes, path: str) -> list[str]:
        found = etree.fromstring(xml).xpath(path, namespaces=NX)
        return [str(each if isinstance(each, str) else each.text) for each in found]

    return read
