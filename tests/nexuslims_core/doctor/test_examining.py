from dataclasses import replace

import pytest

from nexuslims_core.doctor import examine
from nexuslims_core.instruments.models import Harvester
from nexuslims_core.testing.servers.sharepoint.server import SharePointServer
from tests.nexuslims_core.conftest import Lab

Told = dict[str, tuple[bool, str]]


def _told() -> Told:
    return {check.subject: (check.ok, check.sentence) for check in examine()}


def test_without_settings_nothing_else_is_looked_at() -> None:
    (check,) = examine()

    assert (check.subject, check.ok) == ("settings", False)


def test_a_facility_in_order_lacks_only_its_repository(lab: Lab) -> None:
    told = _told()

    assert [subject for subject, (ok, _) in told.items() if not ok] == ["CDCS"]
    assert told[lab.titan.instrument_pid] == (True, f"{lab.store}/Titan is there; it has no calendar")


def test_it_makes_no_folder(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUSLIMS_DATA_PATH", str(lab.data / "new/deeper"))

    assert _told()["data path"] == (True, f"{lab.data}/new/deeper can be made")
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
    ],
    ids=["no store", "an empty store", "no data path", "no database", "no token"],
)
@pytest.mark.usefixtures("lab")
def test_what_is_wrong_is_said_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, subject: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)

    ok, told = _told()[subject]

    assert not ok
    assert sentence in told


def test_an_absent_folder_of_an_instrument_is_named(lab: Lab) -> None:
    (lab.store / "Titan").rmdir()

    ok, told = _told()[lab.titan.instrument_pid]

    assert (ok, told) == (
        False,
        f"its folder {lab.store}/Titan is not there: mount it, or correct its filestore_path",
    )


@pytest.mark.server
def test_a_calendar_is_asked(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    with SharePointServer(events={"Titan": []}) as site:
        lab.database.add_instrument(replace(lab.titan, harvester=Harvester.SHAREPOINT, api_url=site.list_url("Titan")))
        monkeypatch.setenv("NEXUSLIMS_SHAREPOINT_USER", site.user)
        monkeypatch.setenv("NEXUSLIMS_SHAREPOINT_PASSWORD", site.password)

        told = _told()[lab.titan.instrument_pid]

    assert told == (True, f"{lab.store}/Titan is there; its calendar answers (0 reservations around today)")


def test_a_calendar_without_credentials_is_named(lab: Lab) -> None:
    lab.database.add_instrument(replace(lab.titan, harvester=Harvester.SHAREPOINT, api_url="http://127.0.0.1/x"))

    ok, told = _told()[lab.titan.instrument_pid]

    assert not ok
    assert "set NEXUSLIMS_SHAREPOINT_USER and NEXUSLIMS_SHAREPOINT_PASSWORD" in told


def test_an_unreachable_repository_is_named(lab: Lab, monkeypatch: pytest.MonkeyPatch, closed_port: int) -> None:
    monkeypatch.setenv("NEXUSLIMS_CDCS_URL", f"http://127.0.0.1:{closed_port}")
    monkeypatch.setenv("NEXUSLIMS_CDCS_TOKEN", "sesame")

    ok, told = _told()["address"]

    assert (ok, str(closed_port) in told, lab.titan.instrument_pid in _told()) == (False, True, True)
