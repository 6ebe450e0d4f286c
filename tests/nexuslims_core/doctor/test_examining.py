import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from nexuslims_core.doctor import examine
from nexuslims_core.doctor.checking import Doubt, Patience
from nexuslims_core.doctor.examining import clock
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.instruments.models import Harvester
from nexuslims_core.publishing.base import Check
from tests.nexuslims_core.conftest import Lab


def _told(patience: Patience | None = None) -> dict[str, Check]:
    return {check.name: check for check in examine(patience)}


@pytest.fixture
def mute_ports() -> Iterator[list[int]]:
    """Eleven ports of 127.0.0.1 that take connections and never answer."""
    with ExitStack() as stack:
        listening = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(11)]
        yield [each.getsockname()[1] for each in listening]


def test_without_settings_nothing_else_is_looked_at() -> None:
    (check,) = examine()

    assert (check.subject, check.ok) == ("settings", False)


def test_a_facility_in_order_has_only_its_repository_and_its_alerts_to_look_at(lab: Lab) -> None:
    told = _told()

    assert all(check.ok for check in told.values())
    assert [name for name, check in told.items() if check.warning] == ["CDCS", "alerts"]
    assert told[lab.titan.instrument_pid].sentence == f"{lab.store}/Titan is there; it has no calendar"


def test_it_makes_no_folder(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUSLIMS_DATA_PATH", str(lab.data / "new/deeper"))

    check = _told()["data path"]

    assert (check.ok, check.sentence) == (True, f"{lab.data}/new/deeper can be made")
    assert not (lab.data / "new").exists()


@pytest.mark.parametrize(
    ("name", "value", "subject", "sentence"),
    [
        (
            "NEXUSLIMS_FILESTORE_PATH",
            "nowhere",
            "file store",
            "nowhere is not there: mount it, or correct NEXUSLIMS_FILE",
        ),
        ("NEXUSLIMS_FILESTORE_PATH", "store/Quanta", "file store", "is empty, so it is probably not mounted: mount it"),
        ("NEXUSLIMS_DATA_PATH", "data/nexuslims.sqlite/x", "data path", "cannot be written: give this user the right"),
        ("NEXUSLIMS_DB_URL", "sqlite:////nowhere.db", "database", "run `nexuslims db upgrade`"),
        ("NEXUSLIMS_CDCS_URL", "http://cdcs.example.org", "CDCS", "make a token in CDCS and set it"),
        ("NEXUSLIMS_SITE_PATH", "data/nexuslims.sqlite", "folder of records", "cannot be written: correct its owner"),
        ("NEXUSLIMS_SITE_PATH", "data", "folder of records", "which has another use: give it a folder of its own"),
    ],
    ids=["no store", "an empty store", "no data path", "no database", "no token", "no folder", "another's folder"],
)
@pytest.mark.usefixtures("lab")
def test_what_is_wrong_is_said_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, subject: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)

    check = _told()[subject]

    assert not check.ok
    assert sentence in check.sentence


def test_a_folder_of_records_is_looked_at_and_is_a_destination(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXUSLIMS_SITE_PATH", str(tmp_path / "site"))

    told = _told()

    assert told["folder of records"].sentence == f"{tmp_path}/site is made with the first record"
    assert [name for name, check in told.items() if check.warning] == ["alerts"]
    assert lab.store.exists()
    assert not (tmp_path / "site").exists()


def test_an_unreachable_repository_hides_no_other_check(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    monkeypatch.setenv("NEXUSLIMS_CDCS_URL", f"http://127.0.0.1:{closed_port}")
    monkeypatch.setenv("NEXUSLIMS_CDCS_TOKEN", "sesame")

    told = _told()

    assert (told["CDCS address"].ok, str(closed_port) in told["CDCS address"].sentence) == (False, True)
    assert told[lab.titan.instrument_pid].ok


def test_ten_servers_that_hang_are_waited_for_together(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, mute_ports: list[int]
) -> None:
    monkeypatch.setenv("NEXUSLIMS_SHAREPOINT_USER", "ada")
    monkeypatch.setenv("NEXUSLIMS_SHAREPOINT_PASSWORD", "sesame")
    monkeypatch.setenv("NEXUSLIMS_CDCS_URL", f"http://127.0.0.1:{mute_ports[10]}")
    monkeypatch.setenv("NEXUSLIMS_CDCS_TOKEN", "sesame")
    for i in range(10):
        url = f"http://127.0.0.1:{mute_ports[i]}/_vti_bin/ListData.svc/Events"
        calendar = {"harvester": Harvester.SHAREPOINT, "api_url": url}
        lab.database.add_instrument(replace(lab.titan, instrument_pid=f"T-{i}", **calendar))
    begun = time.monotonic()

    told = _told(Patience(answer_s=4.0, head_start_s=0.01))

    assert time.monotonic() - begun < 8
    assert "there is no answer yet" in told["CDCS address"].sentence
    assert sum(name.startswith("calendars on") for name, check in told.items() if not check.ok) == 10
    assert told["file store"].ok
    assert told["T-9"].ok


def test_the_database_says_which_tables_it_has_and_a_broken_row_is_named(lab: Lab) -> None:
    lab.database.add_instrument(replace(lab.titan, instrument_pid="B-1"))
    with lab.database.engine.begin() as connection:
        connection.execute(text("UPDATE instruments SET timezone = 'Mars' WHERE instrument_pid = 'B-1'"))

    told = _told()

    assert "fits this release (" in told["database"].sentence
    assert not told["B-1"].ok
    assert "'Mars' is no time zone" in told["B-1"].sentence
    assert told["B-1"].sentence.endswith("correct its row with `nexuslims instruments add FILE.toml`")


NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_the_clock_is_told() -> None:
    assert clock(NOW, 599) == "2026-03-02 10:00:00+00:00, 599 time zones"


def test_a_clock_that_was_never_set_is_a_warning() -> None:
    told = clock(NOW.replace(year=1970), 599)

    assert isinstance(told, Doubt)
    assert told.sentence.endswith("set the clock")


def test_a_machine_without_zones_cannot_tell_any_instruments_time() -> None:
    with pytest.raises(ConfigurationError, match="install the package tzdata"):
        clock(NOW, 0)
