import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
import requests

from nexuslims_core.errors import (
    AuthenticationError,
    ConfigurationError,
    NexusLimsError,
    ServiceUnavailableError,
    UnexpectedAnswerError,
)
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.reservations import ntlm
from nexuslims_core.reservations.models import Project, Reservation, Sample
from nexuslims_core.reservations.sharepoint import MOST_PAGES, SharePointCalendar
from nexuslims_core.testing.servers.sharepoint import SharePointServer
from nexuslims_core.testing.servers.sharepoint.example import ADA, BEN, EXAMPLE_EVENTS, LIST
from nexuslims_core.testing.servers.thread import ServerThread

NEW_YORK = ZoneInfo("America/New_York")
WRONG = "not this one"
METADATA = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
FEED = 'xmlns="http://www.w3.org/2005/Atom"'


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


class TestSitesInOtherLanguages:
    NAMES = {"StartTime": "Anfangszeit", "EndTime": "Endzeit", "TitleOfExperiment": "Versuch", "UserName": "Benutzer"}  # noqa: RUF012

    @pytest.fixture
    def german(self, serve: "Serve") -> Iterator[tuple[Instrument, list[str]]]:
        """A list whose columns have German names, and that has a column ``EndTime`` for something else."""
        times = "<d:Anfangszeit>2019-03-06T13:00:00</d:Anfangszeit><d:Endzeit>2019-03-06T14:00:00</d:Endzeit>"
        columns = f"<d:Id>1</d:Id>{times}<d:EndTime>never</d:EndTime><d:Versuch>Messung</d:Versuch>"
        person = entry("<d:Name>Løvelace, Ada</d:Name>")
        people = f'<link title="Benutzer"><m:inline xmlns:m="{METADATA}"><feed>{person}</feed></m:inline></link>'
        item = entry(columns).replace("<content>", f"{people}<content>", 1)
        asked: list[str] = []

        def answer(path: str) -> Reply:
            asked.append(unquote(path))
            return 200, f"<feed {FEED}>{item}</feed>".encode(), {}

        with serve(answer) as instrument:
            yield instrument, asked

    def test_their_columns_are_read(self, german: tuple[Instrument, list[str]], calendar: SharePointCalendar) -> None:
        instrument, asked = german

        found = ask(replace(calendar, columns=self.NAMES), instrument)

        assert (found["1"].title, found["1"].experimenters) == ("Messung", ("Løvelace, Ada",))
        assert found["1"].end == at("2019-03-06T14:00")
        assert "Anfangszeit le datetime" in asked[0]
        assert "$expand=CreatedBy,Benutzer" in asked[0]

    @pytest.mark.parametrize(
        ("columns", "sentence"),
        [({"StartTme": "Anfangszeit"}, "no column 'StartTme'"), ({"StartTime": "a) or (b"}, "no name of a column")],
        ids=["misspelt", "no name"],
    )
    def test_a_map_that_cannot_work_is_said(self, columns: dict[str, str], sentence: str) -> None:
        with pytest.raises(ConfigurationError, match=sentence):
            SharePointCalendar(user="u", password=WRONG, columns=columns)


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


Reply = tuple[int, bytes | Iterator[bytes], dict[str, str]]
Serve = Callable[[Callable[[str], Reply]], AbstractContextManager[Instrument]]


@pytest.fixture
def serve() -> Serve:
    """Serve whatever a function of the requested address returns: status, text, headers."""

    @contextmanager
    def running(answer: Callable[[str], Reply]) -> Iterator[Instrument]:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body, headers = answer(self.path)
                self.send_response(status)
                length = {"Content-Length": str(len(body))} if isinstance(body, bytes) else {}
                for name, value in (length | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                for piece in [body] if isinstance(body, bytes) else body:
                    self.wfile.write(piece)

            def log_message(self, *_: object) -> None:
                pass

        class Quiet(HTTPServer):
            def handle_error(self, *_: object) -> None:
                """A client that hangs up is what these tests are about."""

        http = Quiet(("127.0.0.1", 0), Handler)
        thread = ServerThread(http)
        thread.start()
        yield instrument_at(f"http://127.0.0.1:{http.server_port}/site/_vti_bin/ListData.svc/Titan")
        thread.stop()

    return running


@pytest.fixture
def calendar() -> Iterator[SharePointCalendar]:
    with requests.Session() as session:
        yield SharePointCalendar(user="u", password=WRONG, zone=NEW_YORK, session=session, timeout_s=0.3)


def entry(columns: str) -> str:
    namespaces = (
        'xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices" '
        'xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"'
    )
    return f"<entry {namespaces}><content><m:properties>{columns}</m:properties></content></entry>"


BOMB = b'<!DOCTYPE a [<!ENTITY b "' + b"x" * 1000 + b'"><!ENTITY c "' + b"&b;" * 1000 + b'">]><feed ' + FEED.encode()
FILE = b'<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/hostname">]><feed ' + FEED.encode() + b"><title>&f;</title></feed>"
DEEP = b"<a>" * 100_000


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, b"<html><body>Sign in</body></html>", UnexpectedAnswerError),
        (200, b"Sign in", UnexpectedAnswerError),
        (200, b"", UnexpectedAnswerError),
        (200, BOMB + b"><title>&c;</title></feed>", UnexpectedAnswerError),
        (200, FILE, UnexpectedAnswerError),
        (200, DEEP, UnexpectedAnswerError),
        (400, b"<error/>", UnexpectedAnswerError),
        (302, b"", UnexpectedAnswerError),
        (403, b"", AuthenticationError),
        (401, b"", AuthenticationError),
        (429, b"", ServiceUnavailableError),
        (500, b"", ServiceUnavailableError),
        (503, b"<html/>", ServiceUnavailableError),
    ],
    ids=[
        "sign-in page", "text", "nothing", "entity bomb", "external entity", "deep nesting", "bad request",
        "redirection", "forbidden", "no NTLM", "too many requests", "server error", "unavailable",
    ],
)  # fmt: skip
def test_odd_answers_are_named_by_cause(
    serve: Serve, calendar: SharePointCalendar, status: int, body: bytes, error: type[NexusLimsError]
) -> None:
    with serve(lambda _path: (status, body, {"Location": "http://127.0.0.2/"})) as instrument, pytest.raises(error):
        ask(calendar, instrument)


def test_an_answer_beyond_the_limit_is_not_read_to_its_end(
    serve: Serve, calendar: SharePointCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ntlm, "MOST_BYTES", 2**20)

    with (
        serve(lambda _path: (200, b" " * 2**22, {})) as instrument,
        pytest.raises(UnexpectedAnswerError, match="more than 1 MiB"),
    ):
        ask(calendar, instrument)


def test_an_answer_that_breaks_off_may_come_whole_later(serve: Serve, calendar: SharePointCalendar) -> None:
    with (
        serve(lambda _path: (200, b"<feed>", {"Content-Length": "1000"})) as instrument,
        pytest.raises(ServiceUnavailableError),
    ):
        ask(calendar, instrument)


def test_a_handshake_that_breaks_off_may_work_later(serve: Serve, calendar: SharePointCalendar) -> None:
    asked: list[str] = []

    def busy(path: str) -> Reply:
        asked.append(path)
        return (401, b"", {"WWW-Authenticate": "NTLM"}) if len(asked) == 1 else (503, b"", {})

    with serve(busy) as instrument, pytest.raises(ServiceUnavailableError, match="broke off the NTLM handshake"):
        ask(calendar, instrument)


@pytest.mark.parametrize(
    "challenge", ["NTLM !!!", "NTLM AAAA", "NTLM TlRMTVNTUAACAAAA"], ids=["text", "zeros", "short"]
)
def test_a_challenge_that_is_none_breaks_the_handshake(
    serve: Serve, calendar: SharePointCalendar, challenge: str
) -> None:
    with (
        serve(lambda _path: (401, b"", {"WWW-Authenticate": challenge})) as instrument,
        pytest.raises(ServiceUnavailableError, match="broke off the NTLM handshake"),
    ):
        ask(calendar, instrument)


def test_an_answer_that_drips_is_given_up(
    serve: Serve, calendar: SharePointCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ntlm, "_DEADLINE_FACTOR", 1)

    def dripping() -> Iterator[bytes]:
        for _ in range(20):
            time.sleep(0.05)
            yield b" "

    with (
        serve(lambda _path: (200, dripping(), {"Content-Length": "99"})) as instrument,
        pytest.raises(ServiceUnavailableError, match="did not finish its answer"),
    ):
        ask(calendar, instrument)


def test_a_silent_server_is_given_up(serve: Serve, calendar: SharePointCalendar) -> None:
    def sleepy(_path: str) -> Reply:
        time.sleep(0.6)
        return 200, b"", {}

    with serve(sleepy) as instrument, pytest.raises(ServiceUnavailableError, match="did not answer within"):
        ask(calendar, instrument)


def test_a_server_that_is_down_is_unavailable(serve: Serve, calendar: SharePointCalendar) -> None:
    with serve(lambda _path: (200, b"", {})) as instrument:
        pass

    with pytest.raises(ServiceUnavailableError, match=r"SharePoint at 127.0.0.1:\d+ cannot be reached.*refused"):
        ask(calendar, instrument)


@pytest.mark.parametrize(
    "target", ["http://127.0.0.2/next", "https://127.0.0.1/x", "//127.0.0.2/", "file:///etc/hostname"]
)
def test_a_next_page_elsewhere_is_not_followed(serve: Serve, calendar: SharePointCalendar, target: str) -> None:
    feed = f'<feed {FEED}><link rel="next" href="{target}"/></feed>'.encode()

    with (
        serve(lambda _path: (200, feed, {})) as instrument,
        pytest.raises(UnexpectedAnswerError, match="another server"),
    ):
        ask(calendar, instrument)


def test_a_feed_without_end_is_left(serve: Serve, calendar: SharePointCalendar) -> None:
    asked: list[str] = []

    def endless(path: str) -> Reply:
        asked.append(path)
        return 200, f'<feed {FEED}><link rel="next" href="?page={len(asked)}"/></feed>'.encode(), {}

    with serve(endless) as instrument, pytest.raises(UnexpectedAnswerError, match="goes on after"):
        ask(calendar, instrument)

    assert len(asked) == MOST_PAGES


def test_an_event_without_times_is_left_out_and_said(
    serve: Serve, calendar: SharePointCalendar, caplog: pytest.LogCaptureFixture
) -> None:
    times = "<d:StartTime>2019-03-06T13:00:00</d:StartTime><d:EndTime>2019-03-06T14:00:00</d:EndTime>"
    feed = f"<feed {FEED}>{entry('<d:Id>1</d:Id>')}{entry(f'<d:Id>2</d:Id>{times}')}</feed>".encode()

    with serve(lambda _path: (200, feed, {})) as instrument:
        found = ask(calendar, instrument)

    assert list(found) == ["2"]
    assert "calendar event 1 left out" in caplog.text
