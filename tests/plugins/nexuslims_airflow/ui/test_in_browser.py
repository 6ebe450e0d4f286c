"""What a person does on the pages, in Chromium, with a whole Airflow behind them."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.testing.writers.digital_micrograph import write_dm
from tests.servers.devtools import Tab

if TYPE_CHECKING:
    from tests.plugins.nexuslims_airflow.conftest import Served

pytest.importorskip("airflow", reason="Airflow is not installed")

pytestmark = [pytest.mark.airflow, pytest.mark.server, pytest.mark.slow]

LIMIT_S = 180.0
HOSTILE = "<img src=x onerror=\"document.title='caught'\">"
FRAME = "document.querySelector('iframe').contentDocument"


def until(tab: Tab, expression: str) -> Any:  # noqa: ANN401 - whatever the script gives
    """Wait for an expression on the page to become true, and return it; pages come and go meanwhile."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        try:
            if found := tab.run(expression):
                return found
        except RuntimeError:  # the page was left while it was looked at
            pass
        time.sleep(0.2)
    pytest.fail(f"{expression} did not become true: {tab.run('document.body.innerText')[:2000]}")


@pytest.fixture
def scheduling(served: "Served") -> Iterator[None]:
    with served.scheduling():
        yield


def log_in(tab: Tab, served: "Served", role: str, path: str) -> None:
    """Open one of our pages, and log in where that leads."""
    tab.show(width_px=1400)
    tab.open(f"{served.url}/nexuslims/{path}")
    until(tab, "document.querySelector('input[name=password], input[type=password]')?.isConnected")
    for field, text in (("username", role), ("password", served.password(role))):
        tab.run(f"document.querySelector('input[name={field}], input[type={field}]').focus()")
        tab.type(text)
    tab.run("document.querySelector('button[type=submit], form button').click()")
    until(tab, f"location.pathname === '/nexuslims/{path}' && document.readyState === 'complete'")


def with_cookie(tab: Tab, served: "Served", role: str) -> None:
    tab.show(width_px=1400)
    tab.send("Network.setCookie", name="_token", value=served.token(role), url=served.url)


def failed(served: "Served", identifier: str) -> None:
    begun = datetime(2026, 3, 3, 10, tzinfo=UTC)
    served.database.start_session("Titan-1", "ada", begun, identifier)
    served.database.end_session(identifier, begun + timedelta(hours=1))
    claim = served.database.claim(identifier, "nexuslims_build_records/manual__1/0", begun, timedelta(minutes=5))
    served.database.note_failure(claim, "find_files", "StorageError", f"the share is not there {HOSTILE}")
    served.database.close(claim, RecordStatus.ERROR, begun)


def test_a_viewer_logs_in_and_looks_and_finds_nothing_to_press(served: "Served", tab: Tab) -> None:
    failed(served, "seen")

    log_in(tab, served, "viewer", "sessions")
    tab.run("document.querySelector('a.main[title=seen]').click()")
    until(tab, "location.pathname.endsWith('/sessions/seen') && document.readyState === 'complete'")

    assert "the share is not there <img" in tab.run("document.body.innerText")
    assert tab.run("document.querySelectorAll('form, main .button').length") == 0
    assert not tab.said


def test_a_hostile_name_is_text(served: "Served", tab: Tab) -> None:
    served.database.start_session("Titan-1", HOSTILE, datetime(2026, 3, 4, tzinfo=UTC), HOSTILE)
    with_cookie(tab, served, "viewer")

    for path in ("sessions", f"session?id={quote(HOSTILE)}"):
        tab.open(f"{served.url}/nexuslims/{path}")

        assert HOSTILE in tab.run("document.body.innerText")
        assert tab.run("[document.images.length, document.title === 'caught']") == [0, False]


def test_the_list_says_how_fast_records_came_online(served: "Served", tab: Tab) -> None:
    now = datetime.now(UTC)
    served.database.start_session("Titan-1", "ada", now - timedelta(hours=9), "online")
    served.database.end_session("online", now - timedelta(hours=8))
    claim = served.database.claim("online", "nexuslims_build_records/manual__2/0", now, timedelta(minutes=5))
    served.database.close(claim, RecordStatus.COMPLETED, now - timedelta(hours=8, minutes=-12))
    with_cookie(tab, served, "viewer")

    tab.open(f"{served.url}/nexuslims/sessions")

    said = tab.run("document.querySelector('p.took').innerText")
    assert "1 with a record online, half of them within 12 min of their end, the slowest after 12 min" in said
    tab.run("document.querySelector('p.took a').click()")
    until(tab, "location.pathname.endsWith('/sessions/online')")


def test_an_operator_puts_a_session_back(served: "Served", tab: Tab) -> None:
    failed(served, "back")
    with_cookie(tab, served, "op")
    tab.open(f"{served.url}/nexuslims/sessions/back")

    tab.run("document.querySelector('input[name=reason]').focus()")
    tab.type("the share is back")
    tab.press("Enter")

    until(tab, "location.search === '?done=requeued' && document.querySelector('.note.good') !== null")
    assert tab.run("document.querySelector('.badge').textContent.trim()") == "Waiting"
    assert "put back in Airflow by op: the share is back" in tab.run("document.querySelector('.timeline').innerText")


def test_inside_airflow_a_log_opens_in_the_whole_window(served: "Served", tab: Tab) -> None:
    failed(served, "framed")
    with_cookie(tab, served, "viewer")
    tab.open(f"{served.url}/plugin/nexuslims/nexuslims/sessions/framed")
    until(tab, f"{FRAME}.querySelector('a.top[target]') !== null")

    tab.run(f"{FRAME}.querySelector('a.top[target]').click()")

    until(tab, "location.pathname.startsWith('/dags/nexuslims_build_records/runs/manual__1')")
    assert tab.run("document.querySelector('iframe[src*=nexuslims]')") is None


@pytest.mark.parametrize(("chosen", "is_dark"), [("dark", True), ("light", False)])
def test_the_pages_are_as_dark_as_airflow(served: "Served", tab: Tab, chosen: str, *, is_dark: bool) -> None:
    with_cookie(tab, served, "viewer")
    tab.show(width_px=700, dark=not is_dark)
    tab.open(f"{served.url}/nexuslims/instruments")

    tab.run(f"localStorage.setItem('theme', '{chosen}')")
    tab.open(f"{served.url}/nexuslims/instruments")

    corner = tab.picture().getpixel((3, 300))
    assert isinstance(corner, tuple)
    assert (max(corner) < 64) is is_dark


@pytest.mark.usefixtures("scheduling")
def test_a_session_is_started_and_ended_and_its_record_appears(served: "Served", tab: Tab) -> None:
    begun = datetime.now(UTC) - timedelta(hours=1)
    with_cookie(tab, served, "op")
    tab.open(f"{served.url}/nexuslims/start")
    tab.run("document.querySelector('input[name=user]').focus()")
    tab.type("grace")
    _choose_time(tab, begun)
    tab.run("document.querySelector('main .button.primary').click()")
    until(tab, "location.search === '?done=started' && document.readyState === 'complete'")

    picture = np.arange(64, dtype=np.float32).reshape(8, 8)
    write_dm(served.store / "Titan" / "grace.dm3", picture, mtime=begun.timestamp() + 600)
    _choose_time(tab, begun + timedelta(minutes=30))
    tab.run("document.querySelector('.acts .button.primary').click()")
    until(tab, "location.search === '?done=ended' && document.readyState === 'complete'")

    until(tab, "document.querySelector('.heading a.button') !== null && !document.querySelector('.badge.building')")
    tab.run("document.querySelector('.heading a.button').click()")
    until(tab, f"{FRAME}.images.length > 0 && {FRAME}.images[0].naturalWidth > 0")
    assert "grace.dm3" in tab.run(f"{FRAME}.body.innerText")


def _choose_time(tab: Tab, time: datetime) -> None:
    """Fill in the time that the clock beside the instrument shows."""
    local = time.astimezone(ZoneInfo("Europe/Berlin")).strftime("%Y-%m-%dT%H:%M")
    tab.run(f"document.querySelector('input[name=at]').value = '{local}'")
