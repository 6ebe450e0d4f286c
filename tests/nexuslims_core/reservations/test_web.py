"""Where credentials go, and where they do not; which redirections are followed; what is remembered of a refusal."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from nexuslims_core.errors import AuthenticationError, ConfigurationError, UnexpectedAnswerError
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.reservations.logins import OwnLogins
from nexuslims_core.reservations.web import Question, WebAccess, WebReader, web_address
from nexuslims_core.testing.servers.misbehaving import Exchange, MisbehavingServer
from nexuslims_core.testing.servers.web_folder import WebFolder
from tests.nexuslims_core.reservations.contract import OURS, WRONG

TITAN = Instrument(
    instrument_pid="Titan-1",
    schema_name="Titan",
    filestore_path="./Titan",
    timezone="Europe/Berlin",
    harvester=Harvester.ICAL,
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[WebFolder]:
    (tmp_path / "a.ics").write_text("hello")
    with WebFolder(folder=tmp_path, user="facility", password=OURS) as site:
        yield site


def reader(*accesses: WebAccess, **changed: object) -> WebReader:
    return WebReader(**{"setting": "NEXUSLIMS_ICAL", "kind": "calendar", "accesses": accesses} | changed)


def get(address: str) -> Question:
    return Question(address=address, accept="text/calendar")


@pytest.mark.parametrize(
    ("asked", "covered"),
    [
        ("https://a.example.org/dav/titan.ics", True),
        ("https://A.example.org/dav/", True),
        ("https://a.example.org:443/dav/x", True),
        ("https://a.example.org/dave/x", False),
        ("https://a.example.org/", False),
        ("http://a.example.org/dav/x", False),
        ("https://a.example.org:8443/dav/x", False),
        ("https://b.example.org/dav/x", False),
        ("https://a.example.org.evil.org/dav/x", False),
    ],
)
def test_credentials_are_for_what_lies_below_their_address(asked: str, covered: bool) -> None:
    assert WebAccess(address="https://a.example.org/dav").covers(asked) is covered


def test_a_server_that_they_are_not_for_never_sees_them(site: WebFolder) -> None:
    elsewhere = WebAccess(address="https://calendar.example.org", user="facility", password=OURS)

    with pytest.raises(AuthenticationError, match=r"set NEXUSLIMS_ICAL_URL, .* or the Airflow connection nexuslims_ic"):
        reader(elsewhere).ask(get(site.address("a.ics")))

    assert site.logins == 0


def test_a_refused_password_is_shown_once_whoever_asks(site: WebFolder) -> None:
    logins = OwnLogins()
    wrong = WebAccess(address=site.address(), user="facility", password=WRONG)

    for _ in range(20):
        with pytest.raises(AuthenticationError, match="refused the user 'facility'") as said:
            reader(wrong, logins=logins).ask(get(site.address("a.ics")))

    assert site.logins == 1
    assert WRONG not in f"{said.value} {wrong!r} {reader(wrong)!r}"


def test_a_netrc_file_is_not_used(site: WebFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login facility password {WRONG}\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    with pytest.raises(AuthenticationError):
        reader().ask(get(site.address("a.ics")))

    assert site.logins == 0


def test_a_password_in_any_script_is_sent_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.ics").write_text("hello")

    with WebFolder(folder=tmp_path, user="größe", password=f"{OURS} ключ") as site:
        access = WebAccess(address=site.address(), user=site.user, password=site.password)
        answer = reader(access).ask(get(site.address("a.ics")))

    assert answer.body == b"hello"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leading:
    """Leads to a place until it is asked for that."""

    location: str

    def __call__(self, exchange: Exchange) -> None:
        if exchange.path == "/there":
            exchange.answer(200, b"hello")
        else:
            exchange.answer(301, Location=self.location)


def test_a_redirection_on_the_same_server_is_followed_with_the_credentials() -> None:
    with MisbehavingServer(fault=Leading(location="/there")) as server:
        access = WebAccess(address=server.url, password=OURS)
        answer = reader(access).ask(get(f"{server.url}/here"))

    assert answer.body == b"hello"
    assert server.seen == [f"GET /here Bearer {OURS}", f"GET /there Bearer {OURS}"]


def test_a_redirection_in_a_circle_is_left() -> None:
    with (
        MisbehavingServer(fault=Leading(location="/here")) as server,
        pytest.raises(UnexpectedAnswerError, match="again and again"),
    ):
        reader().ask(get(f"{server.url}/here"))


@pytest.mark.parametrize(
    "location", ["//localhost/x", "file:///etc/passwd", "http://127.0.0.1:1/", "https://[", "ftp://127.0.0.1/"]
)
def test_a_redirection_that_leads_away_is_not_followed(location: str) -> None:
    with (
        MisbehavingServer(fault=Leading(location=location)) as server,
        pytest.raises(UnexpectedAnswerError, match="api_url"),
    ):
        reader().ask(get(f"{server.url}/here"))


@pytest.mark.parametrize(
    ("api_url", "address"),
    [
        ("webcal://a.example.org/x.ics", "https://a.example.org/x.ics"),
        (" https://a.example.org/x.ics?key=1#top ", "https://a.example.org/x.ics?key=1"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/"),
    ],
)
def test_an_address_is_taken_as_people_write_it(api_url: str, address: str) -> None:
    assert web_address(replace(TITAN, api_url=api_url), "calendar") == address


@pytest.mark.parametrize(
    "api_url", [None, "", "x.ics", "ftp://a/x", "file:///x", "https://", "https://a:b/", "https://u:hidden@a/", "h t"]
)
def test_an_address_that_is_none_is_to_be_mended(api_url: str | None) -> None:
    with pytest.raises(ConfigurationError, match=r"instrument Titan-1.*api_url") as said:
        web_address(replace(TITAN, api_url=api_url), "calendar")

    assert "hidden" not in str(said.value)
