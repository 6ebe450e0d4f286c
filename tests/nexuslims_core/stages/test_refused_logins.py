"""A login that a calendar server refused is not tried again: accounts lock after a few wrong passwords."""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest

from nexuslims_core.instruments.models import Harvester
from nexuslims_core.reservations.models import ReservationMatch
from nexuslims_core.stages.claim import claim
from nexuslims_core.stages.harvest_reservation import harvest_reservation
from nexuslims_core.testing.servers.sharepoint.server import SharePointServer
from tests.nexuslims_core.conftest import Lab, Nexuslims

LIST = "TitanEvents"
WRONG = "not-this-one-either"
Harvest = Callable[..., ReservationMatch]
pytestmark = pytest.mark.server


@pytest.fixture
def site() -> Iterator[SharePointServer]:
    with SharePointServer(events={LIST: ()}) as server:
        yield server


@pytest.fixture
def harvest(lab: Lab, site: SharePointServer) -> Harvest:
    """Harvest for a further session, as a task of its own does."""
    lab.database.add_instrument(
        replace(lab.titan, harvester=Harvester.SHAREPOINT, api_url=site.list_url(LIST), calendar_url=None)
    )

    def one(password: str = WRONG) -> ReservationMatch:
        facility = lab.facility(sharepoint_user=site.user, sharepoint_password=password)
        return harvest_reservation(facility, claim(facility, lab.waits(), "tester"))

    return one


def logons(site: SharePointServer) -> int:
    return sum(one.logon for one in site.requests)


def test_the_server_sees_one_try_of_twenty_sessions(harvest: Harvest, site: SharePointServer) -> None:
    missing = {harvest().missing for _ in range(20)}

    assert logons(site) == 1
    assert len(missing) == 1
    assert "refused the user" in str(missing)


def test_the_server_sees_one_try_of_sessions_that_are_built_at_once(harvest: Harvest, site: SharePointServer) -> None:
    with ThreadPoolExecutor(8) as tasks:
        matches = list(tasks.map(lambda _: harvest(), range(8)))

    assert logons(site) == 1
    assert all("refused the user" in str(match.missing) for match in matches)


def test_another_password_is_tried(harvest: Harvest, site: SharePointServer) -> None:
    harvest()

    assert harvest(site.password).missing is None
    assert harvest(site.password).missing is None
    assert logons(site) == 3


def test_a_password_that_was_taken_may_be_refused_later(harvest: Harvest, site: SharePointServer) -> None:
    harvest(site.password)
    for _ in range(3):
        harvest()

    assert logons(site) == 2


def test_a_person_may_have_it_tried_again(
    harvest: Harvest, site: SharePointServer, nexuslims: Nexuslims, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXUSLIMS_SHAREPOINT_USER", site.user)
    monkeypatch.setenv("NEXUSLIMS_SHAREPOINT_PASSWORD", WRONG)
    harvest()

    plain, again = nexuslims("doctor", "--json"), nexuslims("doctor", "--retry-logins", "--json")

    told = {check["subject"]: check["sentence"] for check in again.document}
    assert "refused logins" not in {check["subject"] for check in plain.document}
    assert site.user in told["refused logins"]
    assert logons(site) == 2


def test_the_password_is_kept_nowhere(
    lab: Lab, harvest: Harvest, caplog: pytest.LogCaptureFixture, site: SharePointServer
) -> None:
    caplog.set_level(logging.DEBUG)

    match = harvest()
    right = harvest(site.password)

    written = b"".join(path.read_bytes() for path in lab.data.rglob("*") if path.is_file())
    with closing(sqlite3.connect(lab.data / "nexuslims.sqlite")) as base:
        everything = "\n".join(base.iterdump())
    for password in (WRONG, site.password):
        assert password not in caplog.text + repr(match) + repr(right) + everything
        assert password.encode() not in written
