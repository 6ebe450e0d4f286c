from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from nexuslims_core.errors import ConfigurationError
from nexuslims_core.instruments.models import Harvester
from nexuslims_core.reservations.models import ReservationMatch
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.claim import claim
from nexuslims_core.stages.harvest_reservation import harvest_reservation
from nexuslims_core.testing.servers.sharepoint.server import SharePointServer
from tests.nexuslims_core.conftest import Lab

LIST = "TitanEvents"
ADA = {"sharepoint_user": "ada", "sharepoint_password": "not hers"}
BOOKED = {
    "start": "2026-03-02T04:30:00",  # the site's wall time, New York: 09:30 UTC
    "end": "2026-03-02T08:00:00",
    "title": "Grain boundaries",
    "experiment_title": "Grain boundaries",
    "users": ["Lovelace, Ada"],
}
Harvest = Callable[..., ReservationMatch]


@pytest.fixture
def site() -> Iterator[SharePointServer]:
    with SharePointServer(events={LIST: [BOOKED]}, zone="America/New_York") as server:
        yield server


@pytest.fixture
def harvest(lab: Lab) -> Harvest:
    """Ask the calendar at an address as the settings given say."""

    def harvest(api_url: str | None, **given: object) -> ReservationMatch:
        booked = replace(lab.titan, harvester=Harvester.SHAREPOINT, api_url=api_url)
        lab.database.add_instrument(booked)
        facility = lab.facility(**given)
        return harvest_reservation(facility, claim(facility, lab.waits("s1"), "tester"))

    return harvest


@pytest.mark.server
def test_the_reservation_of_the_session_is_found(harvest: Harvest, site: SharePointServer) -> None:
    match = harvest(site.list_url(LIST), sharepoint_user=site.user, sharepoint_password=site.password)

    assert match.reservation is not None
    assert match.reservation.title == "Grain boundaries"


def test_an_instrument_without_calendar_has_no_reservation(lab: Lab, claimed: Claim) -> None:
    match = harvest_reservation(lab.facility(), claimed)

    assert (match.reservation, match.explanation) == (None, "The instrument has no calendar.")


@pytest.mark.server
def test_a_wrong_password_is_tried_once_and_said(harvest: Harvest, site: SharePointServer) -> None:
    match = harvest(site.list_url(LIST), **(ADA | {"sharepoint_user": site.user}))

    assert [request.logon for request in site.requests].count(True) == 1
    assert "refused the user" in str(match.missing)


def test_a_calendar_that_is_away_costs_no_record(lab: Lab, harvest: Harvest, closed_port: int) -> None:
    match = harvest(f"http://127.0.0.1:{closed_port}/em/_vti_bin/ListData.svc/Titan", **ADA)

    assert match.explanation == (
        "The calendar could not be asked when this record was made, so it may lack its reservation."
    )
    assert f"127.0.0.1:{closed_port}" in str(match.missing)
    assert lab.database.attempts("s1")[-1].missing_reservation == match.missing


def test_missing_credentials_are_named(harvest: Harvest) -> None:
    with pytest.raises(ConfigurationError, match="set NEXUSLIMS_SHAREPOINT_USER and NEXUSLIMS_SHAREPOINT_PASSWORD"):
        harvest("http://127.0.0.1/_vti_bin/ListData.svc/Titan")


def test_an_instrument_without_the_calendars_address_is_named(harvest: Harvest) -> None:
    with pytest.raises(ConfigurationError, match="FEI-Titan-TEM-635816: its api_url is to name a list"):
        harvest(None, **ADA)
