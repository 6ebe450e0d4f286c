"""The whole way with every kind of calendar: away, built without reservation, back, completed once, nothing told."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest

from nexuslims_core.housekeeping import complete_reservations
from nexuslims_core.instruments.models import Harvester
from nexuslims_core.testing.servers.sharepoint.server import SharePointServer
from nexuslims_core.testing.servers.web_folder import WebFolder
from tests.nexuslims_core.conftest import BEGUN, Build, Lab, ReadOut
from tests.nexuslims_core.reservations.ics import single, vcalendar

if TYPE_CHECKING:
    from nexuslims_core.testing.servers.radicale import RadicaleServer
    from tests.servers.nemo import NemoTool

TITLE = "Grain boundaries"
HOURS = (BEGUN - timedelta(minutes=30), BEGUN + timedelta(hours=3))
OURS = "7b3c9e52-let-us-in"
pytestmark = [pytest.mark.server, pytest.mark.slow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A calendar that holds the session's reservation; ``url`` is what its address begins with."""

    harvester: Harvester
    url: str
    path: str
    secret: str


@pytest.fixture(params=["sharepoint", "ics", "caldav", "csv", "nemo"])
def booked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Booked:
    """A real server of one kind, and our credentials for it in the settings."""
    made: Callable[[pytest.FixtureRequest, pytest.MonkeyPatch], Booked] = globals()[f"_{request.param}"]
    return made(request, monkeypatch)


def _sharepoint(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Booked:
    wall = [time.astimezone(ZoneInfo("America/New_York")).strftime("%Y-%m-%dT%H:%M:%S") for time in HOURS]
    event = {"start": wall[0], "end": wall[1], "title": TITLE, "users": ["Lovelace, Ada"]}
    site = SharePointServer(events={"Titan": [event]}, zone="America/New_York")
    site.__enter__()
    request.addfinalizer(lambda: site.__exit__(None, None, None))
    monkeypatch.setenv("NEXUSLIMS_SHAREPOINT_USER", site.user)
    monkeypatch.setenv("NEXUSLIMS_SHAREPOINT_PASSWORD", site.password)
    parts = urlsplit(site.list_url("Titan"))
    url = f"{parts.scheme}://{parts.netloc}"
    return Booked(harvester=Harvester.SHAREPOINT, url=url, path=parts.path, secret=site.password)


def _ics(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Booked:
    text = vcalendar([single(TITLE, *HOURS, "ORGANIZER;CN=Ada Lovelace:mailto:ada@example.org")])
    return _on_a_site(request, monkeypatch, "ICAL", "titan.ics", text)


def _csv(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Booked:
    text = f"start;end;user;title\n{HOURS[0].isoformat()};{HOURS[1].isoformat()};Ada Lovelace;{TITLE}\n"
    return _on_a_site(request, monkeypatch, "TABLE", "titan.csv", text)


def _on_a_site(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, kind: str, name: str, text: str
) -> Booked:
    folder: Path = request.getfixturevalue("tmp_path") / "site"
    folder.mkdir()
    (folder / name).write_text(text, newline="")
    site = WebFolder(folder=folder, user="facility", password=OURS)
    site.__enter__()
    request.addfinalizer(lambda: site.__exit__(None, None, None))
    _signed(monkeypatch, kind, site.address(), "facility", OURS)
    return Booked(harvester=Harvester[kind], url=site.address()[:-1], path=f"/{name}", secret=OURS)


def _caldav(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Booked:
    server: RadicaleServer = request.getfixturevalue("radicale")
    calendar = server.add_calendar("Titan")
    server.put(calendar, "1", vcalendar([single(TITLE, *HOURS)]))
    access = server.access
    _signed(monkeypatch, "ICAL", access.url, access.user, access.password)
    path = calendar.removeprefix(access.url)
    return Booked(harvester=Harvester.ICAL, url=access.url, path=path, secret=access.password)


def _signed(monkeypatch: pytest.MonkeyPatch, kind: str, url: str, user: str, password: str) -> None:
    for name, value in {"URL": url, "USER": user, "PASSWORD": password}.items():
        monkeypatch.setenv(f"NEXUSLIMS_{kind}_{name}", value)


def _nemo(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Booked:
    tool: NemoTool = request.getfixturevalue("nemo_tool")
    tool.booked(*HOURS, title=TITLE)
    url = tool.server.access.url
    monkeypatch.setenv("NEXUSLIMS_NEMO_URL", f"{url}/api/")
    monkeypatch.setenv("NEXUSLIMS_NEMO_TOKEN", tool.server.token)
    monkeypatch.setenv("NEXUSLIMS_NEMO_CONSENT", "never")  # else a session waits while nobody can be asked
    return Booked(harvester=Harvester.NEMO, url=url, path=tool.api_url.removeprefix(url), secret=tool.server.token)


Outage = Callable[[], AbstractContextManager[str]]


@pytest.fixture
def outage(closed_port: int, monkeypatch: pytest.MonkeyPatch) -> Outage:
    """Let credentials be for a server that is down, whose address it gives."""

    @contextmanager
    def lasting() -> Iterator[str]:
        away = f"http://127.0.0.1:{closed_port}"
        with monkeypatch.context() as meanwhile:
            for name in ("NEXUSLIMS_NEMO_URL", "NEXUSLIMS_ICAL_URL", "NEXUSLIMS_TABLE_URL"):
                meanwhile.setenv(name, f"{away}/api/" if "NEMO" in name else away)
            yield away

    return lasting


def test_a_record_is_built_without_and_completed_once(
    lab: Lab,
    booked: Booked,
    outage: Outage,
    build: Build,
    read_out: ReadOut,
    caplog: pytest.LogCaptureFixture,
) -> None:
    lab.image("a.dm3", 10)
    with outage() as away:
        lab.database.add_instrument(replace(lab.titan, harvester=booked.harvester, api_url=f"{away}{booked.path}"))
        first = build(lab.waits("s1"))
        incomplete = _title(first.record, read_out)
        still_away = complete_reservations(lab.facility())

    lab.database.add_instrument(replace(lab.titan, harvester=booked.harvester, api_url=f"{booked.url}{booked.path}"))
    put_back = complete_reservations(lab.facility())
    second = build("s1")

    assert (still_away, put_back, complete_reservations(lab.facility())) == ((), ("s1",), ())
    assert incomplete != [TITLE]
    assert (second.record, _title(second.record, read_out)) == (first.record, [TITLE])
    _print_explanation(second.record, read_out)
    assert _written_secrets(lab.store.parent, booked.secret) == []
    assert booked.secret not in caplog.text


def _title(record: Path | None, read_out: ReadOut) -> list[str]:
    return read_out(record.read_bytes(), "nx:title") if record else []


def _print_explanation(record: Path | None, read_out: ReadOut) -> None:
    """Show it to whoever runs this with ``-s``."""
    for path in ("nx:id", "nx:summary/nx:experimenter", "nx:summary/nx:reservationStart", "nx:notes/nx:entry//text()"):
        print(path, read_out(record.read_bytes(), path) if record else [])  # noqa: T201 - for people


def _written_secrets(folder: Path, secret: str) -> list[Any]:
    """Return every file below a folder, the database included, that holds a secret."""
    return [path for path in folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
