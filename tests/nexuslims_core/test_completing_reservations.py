"""Records that were built while their calendar was away get their reservation, once."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from nexuslims_core.doctor.sessions import sessions
from nexuslims_core.housekeeping import complete_reservations
from nexuslims_core.instruments.models import Harvester
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.stages.facility import Facility
from nexuslims_core.testing.servers.sharepoint.server import SharePointServer
from tests.nexuslims_core.conftest import Build, Lab, Nexuslims, Public, ReadOut

LIST = "TitanEvents"
BOOKED = {
    "start": "2026-03-02T04:30:00",  # the site's wall time, New York: 09:30 UTC
    "end": "2026-03-02T08:00:00",
    "title": "Grain boundaries",
    "users": ["Lovelace, Ada"],
}
pytestmark = pytest.mark.server


@pytest.fixture
def site() -> Iterator[SharePointServer]:
    with SharePointServer(events={LIST: [BOOKED]}, zone="America/New_York") as server:
        yield server


@pytest.fixture
def at(lab: Lab, site: SharePointServer, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Facility]:
    """Open the facility with its calendar at an address."""
    monkeypatch.setenv("NEXUSLIMS_SHAREPOINT_USER", site.user)
    monkeypatch.setenv("NEXUSLIMS_SHAREPOINT_PASSWORD", site.password)

    def opened(api_url: str) -> Facility:
        lab.database.add_instrument(replace(lab.titan, harvester=Harvester.SHAREPOINT, api_url=api_url))
        return lab.facility()

    return opened


def test_a_record_is_completed_once(
    lab: Lab, site: SharePointServer, at: Callable[[str], Facility], build: Build, closed_port: int, read_out: ReadOut
) -> None:
    away = at(f"http://127.0.0.1:{closed_port}/em/_vti_bin/ListData.svc/{LIST}")
    lab.image("a.dm3", 10)
    first = build(lab.waits("s1"), calendars=away.calendars)
    incomplete = first.record.read_bytes() if first.record else b""

    still_away = complete_reservations(away)
    back = at(site.list_url(LIST))
    put_back = complete_reservations(back)
    second = build("s1", calendars=back.calendars)

    assert (still_away, put_back, complete_reservations(back)) == ((), ("s1",), ())
    assert second.record == first.record
    assert second.record is not None
    assert read_out(second.record.read_bytes(), "nx:title") == ["Grain boundaries"]
    assert first.record is not None
    assert first.record.with_name(f"{first.record.stem}.v1.xml").read_bytes() == incomplete


@pytest.mark.usefixtures("published")
def test_cdcs_holds_one_record_of_it_the_complete_one(
    lab: Lab, site: SharePointServer, at: Callable[[str], Facility], build: Build, closed_port: int, public: Public
) -> None:
    lab.image("a.dm3", 10)
    away = at(f"http://127.0.0.1:{closed_port}/em/_vti_bin/ListData.svc/{LIST}")
    first = build(lab.waits("s1"), calendars=away.calendars)
    back = at(site.list_url(LIST))

    complete_reservations(back)
    second = build("s1", calendars=back.calendars)

    (xml,) = public(second.record.stem if second.record else "")
    assert (first.status, second.status) == (RecordStatus.COMPLETED, RecordStatus.COMPLETED)
    assert "Grain boundaries" in xml


def test_a_calendar_that_holds_nothing_is_an_answer_too(
    lab: Lab, site: SharePointServer, at: Callable[[str], Facility], build: Build, closed_port: int
) -> None:
    away = at(f"http://127.0.0.1:{closed_port}/em/_vti_bin/ListData.svc/{LIST}")
    lab.image("a.dm3", 10)
    build(lab.waits("s1"), calendars=away.calendars)
    site.calendar.lists[LIST].clear()
    back = at(site.list_url(LIST))

    complete_reservations(back)
    build("s1", calendars=back.calendars)

    assert complete_reservations(back) == ()
    assert lab.database.attempts("s1")[-1].missing_reservation is None


def test_the_command_says_what_was_put_back(
    lab: Lab,
    site: SharePointServer,
    at: Callable[[str], Facility],
    build: Build,
    nexuslims: Nexuslims,
    closed_port: int,
) -> None:
    away = at(f"http://127.0.0.1:{closed_port}/em/_vti_bin/ListData.svc/{LIST}")
    lab.image("a.dm3", 10)
    build(lab.waits("s1"), calendars=away.calendars)

    waiting = nexuslims("sessions", "complete", "--json")
    at(site.list_url(LIST))
    done = nexuslims("sessions", "complete", "--json")

    assert (waiting.code, waiting.document) == (1, {"put_back": [], "still_lacking": ["s1"]})
    assert (done.code, done.document) == (0, {"put_back": ["s1"], "still_lacking": []})
    assert "No record lacks" in nexuslims("sessions", "complete").out


def test_a_calendar_that_is_still_away_is_asked_once_for_all(
    lab: Lab, site: SharePointServer, at: Callable[[str], Facility], build: Build, closed_port: int
) -> None:
    away = at(f"http://127.0.0.1:{closed_port}/em/_vti_bin/ListData.svc/{LIST}")
    lab.image("a.dm3", 10)
    for name in ("s1", "s2", "s3"):
        build(lab.waits(name), calendars=away.calendars)
    refusing = at(site.list_url("Nowhere"))
    told = {check.subject: check.sentence for check in sessions(refusing.database, refusing.now())}

    assert complete_reservations(refusing) == ()
    assert sum("Nowhere" in one.target and one.status == 404 for one in site.requests) == 1
    assert lab.database.summary("s1").status is RecordStatus.BUILT_NOT_EXPORTED
    assert told["incomplete"].startswith("3 sessions are built without asking the calendar")
