"""Which credentials the settings give to calendars and tables on web servers."""

import pytest

from nexuslims_core.errors import ConfigurationError
from nexuslims_core.instruments.models import Harvester
from nexuslims_core.reservations.web import WebAccess
from nexuslims_core.stages.facility import open_facility
from tests.nexuslims_core.conftest import Lab

OURS = "7b3c9e52 let us in"
URL = "https://calendar.example.org"


@pytest.mark.parametrize("kind", ["ICAL", "TABLE"])
def test_credentials_without_a_server_are_said(lab: Lab, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"NEXUSLIMS_{kind}_PASSWORD", OURS)

    with pytest.raises(ConfigurationError, match=f"set NEXUSLIMS_{kind}_URL") as said:
        lab.facility()

    assert OURS not in str(said.value)


def test_those_for_every_service_are_for_the_server_that_is_named(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"USER": "robot", "PASSWORD": OURS, "ICAL_URL": URL}.items():
        monkeypatch.setenv(f"NEXUSLIMS_{name}", value)

    accesses = lab.facility().accesses

    assert accesses == {
        Harvester.ICAL: (WebAccess(address=URL, user="robot", password=OURS),),
        Harvester.TABLE: (),
    }


@pytest.mark.parametrize("url", ["calendar.example.org", "https://ada:pw@calendar.example.org"])
def test_an_address_that_is_none_is_said(lab: Lab, url: str) -> None:
    with pytest.raises(ConfigurationError, match="NEXUSLIMS_ICAL_URL is no address"):
        open_facility(lab.settings(ical_url=url, ical_password=OURS))


def test_a_pattern_that_cannot_work_is_said_at_the_start(lab: Lab) -> None:
    with pytest.raises(ConfigurationError, match="NEXUSLIMS_ICAL_DESCRIPTION_PATTERN is no regular expression"):
        open_facility(lab.settings(ical_description_pattern="(?P<title>"))


def test_columns_that_are_no_json_are_said(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUSLIMS_TABLE_COLUMNS", "start=Beginn")

    with pytest.raises(ConfigurationError, match=r"NEXUSLIMS_TABLE_COLUMNS is no JSON object such as"):
        lab.settings()
