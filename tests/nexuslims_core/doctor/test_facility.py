from dataclasses import replace

import pytest

from nexuslims_core.doctor import examine
from nexuslims_core.instruments.models import Harvester
from nexuslims_core.publishing.base import Check
from nexuslims_core.testing.servers.sharepoint.server import SharePointServer
from tests.nexuslims_core.conftest import Lab


def _told() -> dict[str, Check]:
    return {check.name: check for check in examine()}


def test_an_absent_folder_of_an_instrument_is_named(lab: Lab) -> None:
    (lab.store / "Titan").rmdir()

    check = _told()[lab.titan.instrument_pid]

    assert (check.ok, check.sentence) == (
        False,
        f"its folder {lab.store}/Titan is not there: mount it, or correct its filestore_path",
    )


def test_a_folder_outside_the_file_store_is_refused(lab: Lab) -> None:
    lab.database.add_instrument(replace(lab.titan, filestore_path="../elsewhere"))

    assert not _told()[lab.titan.instrument_pid].ok


@pytest.mark.server
def test_a_calendar_is_asked_though_the_folder_is_gone(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    (lab.store / "Titan").rmdir()
    with SharePointServer(events={"Titan": []}) as site:
        lab.database.add_instrument(replace(lab.titan, harvester=Harvester.SHAREPOINT, api_url=site.list_url("Titan")))
        monkeypatch.setenv("NEXUSLIMS_SHAREPOINT_USER", site.user)
        monkeypatch.setenv("NEXUSLIMS_SHAREPOINT_PASSWORD", site.password)

        told = _told()

    calendar = told[f"{lab.titan.instrument_pid} calendar"]
    assert (told[lab.titan.instrument_pid].ok, calendar.ok) == (False, True)
    assert calendar.sentence == "answers, 0 reservations around today"


@pytest.mark.server
def test_a_wrong_password_is_tried_once_for_all_instruments(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    with SharePointServer(events={"Titan": []}) as site:
        for i in range(5):
            calendar = {"harvester": Harvester.SHAREPOINT, "api_url": site.list_url("Titan")}
            lab.database.add_instrument(replace(lab.titan, instrument_pid=f"T-{i}", **calendar))
        monkeypatch.setenv("NEXUSLIMS_SHAREPOINT_USER", site.user)
        monkeypatch.setenv("NEXUSLIMS_SHAREPOINT_PASSWORD", "guessed")

        told = _told()
        tried = [request for request in site.requests if request.logon]

    assert not any(told[f"T-{i} calendar"].ok for i in range(5))
    assert len(tried) == 1


def test_a_calendar_without_credentials_is_named(lab: Lab) -> None:
    lab.database.add_instrument(replace(lab.titan, harvester=Harvester.SHAREPOINT, api_url="http://127.0.0.1/x"))

    check = _told()[f"{lab.titan.instrument_pid} calendar"]

    assert not check.ok
    assert "set NEXUSLIMS_SHAREPOINT_USER and NEXUSLIMS_SHAREPOINT_PASSWORD" in check.sentence


def test_an_address_that_is_none_is_its_own_instruments_trouble(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUSLIMS_SHAREPOINT_USER", "ada")
    monkeypatch.setenv("NEXUSLIMS_SHAREPOINT_PASSWORD", "sesame")
    lab.database.add_instrument(
        replace(lab.titan, instrument_pid="B-1", harvester=Harvester.SHAREPOINT, api_url="http://[::1/_vti_bin/x")
    )

    told = _told()

    assert (told["B-1 calendar"].ok, told[lab.titan.instrument_pid].ok) == (False, True)
