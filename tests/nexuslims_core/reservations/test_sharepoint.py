from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from nexuslims_core.errors import (
    AuthenticationError,
    ConfigurationError,
    UnexpectedAnswerError,
)
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.reservations.models import Project, Reservation, Sample
from nexuslims_core.reservations.sharepoint import SharePointCalendar
from nexuslims_core.testing.servers.sharepoint import SharePointServer
from nexuslims_core.testing.servers.sharepoint.example import ADA, BEN, EXAMPLE_EVENTS, LIST

NEW_YORK = ZoneInfo("America/New_York")
WRONG = "not this one"


@pytest.fixture(scope="module")
def server() -> Iterator[SharePointServer]:
    with SharePointServer(events=EXAMPLE_EVENTS) as running:
        yield running


def instrument_at(api_url: str | None, calendar_url: str | None = None) -> Instrument:
    return Instrument(
        instrument_pid="FEI-Titan-TEM-635816",
        schema_name="FEI Titan TEM",
        filestore_path="./Titan",
        timezone="America/New_York",
        harvester=Harvester.SHAREPOINT,
        api_url=api_url,
        calendar_url=calendar_url,
    )


def titan(server: SharePointServer) -> Instrument:
    return instrument_at(server.list_url(LIST), server.calendar_url(LIST))


def calendar_of(server: SharePointServer, **changed: object) -> SharePointCalendar:
    return SharePointCalendar(**{"user": server.user, "password": server.password, "timeout_s": 10} | changed)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def ask(calendar: SharePointCalendar, instrument: Instrument) -> dict[str, Reservation]:
    found = calendar.reservations(instrument, at("2019-03-06T12:00"), at("2019-03-06T17:00"))
    return {reservation.reservation_id: reservation for reservation in found}


def test_reads_an_event_whole(server: SharePointServer) -> None:
    found = ask(calendar_of(server), titan(server))

    assert found["502"] == Reservation(
        reservation_id="502",
        start=datetime.fromisoformat("2019-03-06T13:00-05:00"),
        end=datetime.fromisoformat("2019-03-06T17:00-05:00"),
        title="EELS of LaNiO3/SrTiO3 & co <test>",
        experimenters=(BEN,),
        motivation="Ni valence\r\nat the interface",
        samples=(Sample(name="LNO-17, 4 µm lamella", description=("Bring double-tilt holder & LN2.",)),),
        projects=(Project(project_id="NICKEL.01"),),
        url=f"{server.site_url}/Lists/{LIST}/DispForm.aspx?ID=502",
    )


@pytest.mark.parametrize("quirk", [False, True], ids=["exact server", "server that shifts times"])
@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2019-03-06T10:00", "2019-03-06T10:30", "501"),
        ("2019-03-10T03:00", "2019-03-10T04:00", "503"),
        ("2019-03-12T00:00", "2019-03-12T00:05", "504"),
        ("2019-03-12T23:50", "2019-03-13T01:00", "504"),
        ("2019-03-15T02:00", "2019-03-15T08:00", "505"),
        ("2019-03-27T12:00", "2019-03-27T13:00", "506"),
    ],
    ids=["morning", "DST", "all day, its start", "all day, its end", "past midnight", "in a series"],
)
def test_misses_no_event_that_overlaps(quirk: bool, first: str, last: str, expected: str) -> None:
    with SharePointServer(events=EXAMPLE_EVENTS, filter_quirk=quirk) as server:
        found = calendar_of(server).reservations(titan(server), at(first), at(last))

    assert expected in {reservation.reservation_id for reservation in found}


def test_takes_an_event_over_the_start_of_summer_time_for_two_hours(server: SharePointServer) -> None:
    found = calendar_of(server).reservations(titan(server), at("2019-03-10T00:00"), at("2019-03-10T06:00"))

    over_the_jump = next(reservation for reservation in found if reservation.reservation_id == "503")
    assert over_the_jump.end - over_the_jump.start == timedelta(hours=2)
    assert over_the_jump.experimenters == (ADA,)


def test_marks_a_series(server: SharePointServer) -> None:
    found = calendar_of(server).reservations(titan(server), at("2019-03-20T09:00"), at("2019-03-20T10:00"))

    assert {one.reservation_id: one.recurring for one in found} == {"506": True, "507": False}


def test_an_event_with_empty_columns_is_named_after_the_instrument_and_its_maker(server: SharePointServer) -> None:
    found = calendar_of(server).reservations(titan(server), at("2019-03-20T09:00"), at("2019-03-20T10:00"))

    bare = next(reservation for reservation in found if reservation.reservation_id == "507")
    assert (bare.title, bare.experimenters) == ("Experiment on the FEI Titan TEM", (ADA,))
    assert (bare.motivation, bare.samples, bare.projects) == (None, (), ())


def test_reads_all_pages() -> None:
    day = [{"start": f"2019-03-06T{hour:02}:00", "end": f"2019-03-06T{hour:02}:50"} for hour in range(24)]
    with SharePointServer(events={LIST: day}, page_size=5) as server:
        found = ask(calendar_of(server), titan(server))

    assert len(found) == 24


def test_signs_in_once_for_several_questions() -> None:
    with SharePointServer(events=EXAMPLE_EVENTS) as server:
        calendar = calendar_of(server)
        for _ in range(3):
            ask(calendar, titan(server))

    assert sum(one.logon for one in server.requests) == 1
    assert sum("TimeZone" in one.target and one.status == 200 for one in server.requests) == 1


@pytest.mark.parametrize("empty", [False, True], ids=["with text", "without text"])
def test_a_wrong_password_is_tried_once_over_several_calls(empty: bool) -> None:
    with SharePointServer(events=EXAMPLE_EVENTS, empty_401=empty) as server:
        calendar = calendar_of(server, password=WRONG)
        for _ in range(3):
            with pytest.raises(AuthenticationError, match=r"refused the user 'EMLAB\\\\harvester': correct the user"):
                ask(calendar, titan(server))

    assert sum(one.logon for one in server.requests) == 1


def test_a_refusal_before_the_password_is_asked_for_is_a_refusal_too() -> None:
    with SharePointServer(events=EXAMPLE_EVENTS, refuse_at_challenge=True) as server:
        calendar = calendar_of(server)
        for _ in range(2):
            with pytest.raises(AuthenticationError, match="refused the user"):
                ask(calendar, titan(server))

    assert len(server.requests) == 2


def test_the_password_is_not_shown(server: SharePointServer) -> None:
    calendar = calendar_of(server)

    assert server.password not in repr(calendar)


def test_says_what_the_server_said_about_a_list_that_is_not_there(server: SharePointServer) -> None:
    elsewhere = replace(titan(server), api_url=server.list_url("Nope"))

    with pytest.raises(UnexpectedAnswerError, match=r"404 \(Resource not found for the segment 'Nope'.*api_url"):
        ask(calendar_of(server), elsewhere)


def test_says_what_the_server_said_about_a_column_that_is_not_there(server: SharePointServer, tmp_path: Path) -> None:
    stylesheet = tmp_path / "ours.xsl"
    shipped = calendar_of(server).stylesheet.read_text("utf-8")
    stylesheet.write_text(shipped.replace('start="StartTime"', 'start="Anfangszeit"'), "utf-8")

    with pytest.raises(UnexpectedAnswerError, match="No property 'Anfangszeit' exists"):
        ask(calendar_of(server, stylesheet=stylesheet), titan(server))


@pytest.mark.parametrize(
    "api_url", [None, "", "ftp://x/_vti_bin/L", "https://server/calendar.aspx", "http://[/_vti_bin/"]
)
def test_an_instrument_without_a_list_is_to_be_mended(server: SharePointServer, api_url: str | None) -> None:
    with pytest.raises(ConfigurationError, match="such as https://SERVER/SITE/_vti_bin/"):
        ask(calendar_of(server), instrument_at(api_url))


def test_an_address_with_a_password_is_refused_and_not_shown(server: SharePointServer) -> None:
    address = server.list_url("Titan").replace("://", "://ada:secret@")

    with pytest.raises(ConfigurationError, match="take user and password out") as said:
        ask(calendar_of(server), instrument_at(address))

    assert "secret" not in str(said.value)


@pytest.mark.parametrize(("user", "password"), [("", "x"), ("x", "")], ids=["no user", "no password"])
def test_no_credentials_are_to_be_set(user: str, password: str) -> None:
    with pytest.raises(ConfigurationError, match="set both"):
        SharePointCalendar(user=user, password=password)


class TestZones:
    def test_the_site_is_asked_for_its_zone(self) -> None:
        with SharePointServer(events=EXAMPLE_EVENTS, zone="Europe/Berlin") as server:
            found = ask(calendar_of(server), titan(server))

        assert found["502"].start == datetime.fromisoformat("2019-03-06T13:00+01:00")

    def test_a_configured_zone_comes_first(self, server: SharePointServer) -> None:
        found = ask(calendar_of(server, zone=ZoneInfo("Asia/Tokyo")), titan(server))

        assert found["502"].start == datetime.fromisoformat("2019-03-06T13:00+09:00")

    def test_sharepoint_2010_cannot_tell_and_the_instrument_does(self) -> None:
        with SharePointServer(events=EXAMPLE_EVENTS, zone="Europe/Berlin", sp2010=True) as server:
            found = ask(calendar_of(server), replace(titan(server), timezone="Asia/Tokyo"))

        assert found["502"].start == datetime.fromisoformat("2019-03-06T13:00+09:00")

    def test_a_zone_that_is_not_known_is_not_guessed(self) -> None:
        with (
            SharePointServer(events=EXAMPLE_EVENTS, zone="Asia/Kathmandu") as server,
            pytest.raises(ConfigurationError, match=r"Asia/Kathmandu.*set SHAREPOINT_TIMEZONE"),
        ):
            ask(calendar_of(server), titan(server))
