"""Answers that no example of ours gives: columns in other languages, and odd ones, each named by its cause."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import unquote

import pytest
import requests

from nexuslims_core.errors import (
    AuthenticationError,
    ConfigurationError,
    NexusLimsError,
    ServiceUnavailableError,
    UnexpectedAnswerError,
)
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.reservations import ntlm
from nexuslims_core.reservations.sharepoint import MOST_PAGES, SharePointCalendar
from nexuslims_core.testing.servers.thread import ServerThread
from tests.nexuslims_core.reservations.test_sharepoint import NEW_YORK, WRONG, ask, at, instrument_at

METADATA = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
FEED = 'xmlns="http://www.w3.org/2005/Atom"'

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
        with ServerThread(http) as thread:
            yield instrument_at(f"http://127.0.0.1:{thread.port}/site/_vti_bin/ListData.svc/Titan")

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


class TestSitesInOtherLanguages:
    NAMES = {"StartTime": "Anfangszeit", "EndTime": "Endzeit", "TitleOfExperiment": "Versuch", "UserName": "Benutzer"}  # noqa: RUF012

    @pytest.fixture
    def german(self, serve: Serve) -> Iterator[tuple[Instrument, list[str]]]:
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
