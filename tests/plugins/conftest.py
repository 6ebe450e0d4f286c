"""A small facility for the operators: its settings are in the environment, as where a task runs."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import tests.servers.airflow  # noqa: F401 - gives Airflow a home before anybody imports it
from nexuslims_core import codec
from nexuslims_core.db.database import Database
from nexuslims_core.errors import ServiceUnavailableError
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.publishing.base import Earlier, Receipt
from nexuslims_core.testing.writers.msa import write_msa

BEGUN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOLDER = "nexuslims_build_records/manual/0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A facility with one instrument and nothing on it."""

    database: Database
    titan: Instrument
    store: Path
    data: Path

    def waits(self, identifier: str = "s1", user: str = "ada") -> str:
        """Write down a session of one hour that waits to be built, unless it is there."""
        if any(session.session_identifier == identifier for session in self.database.waiting_sessions()):
            return identifier
        self.database.start_session(self.titan.instrument_pid, user, BEGUN, identifier)
        self.database.end_session(identifier, BEGUN + HOUR)
        return identifier

    def claimed(self, identifier: str = "s1") -> dict[str, object]:
        """Return what the claim task of a session that waits would return, without a scan."""
        claim = self.database.claim(self.waits(identifier), HOLDER, datetime.now(UTC), HOUR)
        return {"label": "Titan", "scan": {}, "claim": codec.encode(claim)}


class Away:
    """A repository that does not answer, without the minute that it takes to find out."""

    name = "away"

    def put(self, title: str, xml: bytes, earlier: Earlier | None = None) -> Receipt:
        raise ServiceUnavailableError(f"{len(xml)} bytes of {title} cannot be sent, as a new record: {earlier is None}")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    store, data = tmp_path / "store", tmp_path / "data"
    (store / "Titan").mkdir(parents=True)
    monkeypatch.setenv("NEXUSLIMS_FILESTORE_PATH", str(store))
    monkeypatch.setenv("NEXUSLIMS_DATA_PATH", str(data))
    monkeypatch.chdir(tmp_path)
    titan = Instrument(instrument_pid="Titan-1", schema_name="Titan", filestore_path="./Titan", timezone="UTC")
    database = Database.create(f"sqlite:///{data / 'nexuslims.sqlite'}")
    database.add_instrument(titan)
    return Site(database=database, titan=titan, store=store, data=data)


@pytest.fixture
def unpublished(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The facility after its repository was away while session ``s1`` was built; now it publishes to a folder."""
    from nexuslims_core.config import load_settings
    from nexuslims_core.pipeline import Watch, build_session, scan_all
    from nexuslims_core.stages.facility import open_facility

    inside = BEGUN.timestamp() + 600
    write_msa(site.store / "Titan" / "a.msa", [1, 5, 2], header={"BEAMKV   -kV": 300.0}, mtime=inside)
    session = site.database.session(site.waits("s1"))
    facility = replace(open_facility(load_settings()), stores=(Away(),))
    build_session(facility, session, scan_all(facility, (session,))["Titan-1"], HOLDER, Watch())
    (site.data.parent / "www").mkdir()
    monkeypatch.setenv("NEXUSLIMS_SITE_PATH", str(site.data.parent / "www"))
    return site


@pytest.fixture
def booked_in(site: Site) -> Callable[[Harvester], None]:
    """Give the instrument a calendar."""

    def change(harvester: Harvester) -> None:
        site.database.add_instrument(
            Instrument(
                instrument_pid=site.titan.instrument_pid,
                schema_name="Titan",
                filestore_path="./Titan",
                timezone="UTC",
                harvester=harvester,
                api_url="http://127.0.0.1:9/_vti_bin/ListData.svc/Titan",
            )
        )

    return change
