"""Nothing on the pages keeps people out: axe looks at each, light and dark, on a desk and on a phone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from nexuslims_core.config import load_settings
from nexuslims_core.pipeline import Watch, build_session, scan_and_sort
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.stages.facility import open_facility
from nexuslims_core.testing.writers.digital_micrograph import write_dm
from tests.plugins.nexuslims_airflow.ui.test_in_browser import until, with_cookie
from tests.servers.axe import faults
from tests.servers.devtools import Tab

if TYPE_CHECKING:
    from tests.plugins.nexuslims_airflow.api.conftest import Served

pytest.importorskip("airflow", reason="Airflow is not installed")

pytestmark = [pytest.mark.airflow, pytest.mark.server, pytest.mark.slow]

BEGUN = datetime(2026, 5, 4, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
PAGES = {
    "sessions": "sessions",
    "sessions by filters": "sessions?status=ERROR&user=ada&since=2026-05-01",
    "no session is like that": "sessions?user=nobody",
    "a wrong filter": "sessions?since=yesterday",
    "a session that failed": "sessions/axe%20failed",
    "a session with a record": "sessions/axe%20built",
    "a session that is open": "sessions/axe%20open",
    "a session that was put back": "sessions/axe%20failed?done=requeued",
    "a record": "record?id=axe%20built",
    "no record": "record?id=axe%20failed",
    "instruments": "instruments",
    "start": "start",
    "checks": "checks",
    "no such session": "sessions/nowhere",
}
WINDOWS = {
    "desktop": {"width_px": 1400, "dark": False},
    "dark": {"width_px": 1400, "dark": True},
    "phone": {"width_px": 390, "dark": False},
    "dark phone": {"width_px": 390, "dark": True},
}


@pytest.fixture(params=WINDOWS)
def window(request: pytest.FixtureRequest, tab: Tab, served: "Served") -> Tab:
    """A tab of each kind, logged in as one who may act."""
    _fill(served)
    with_cookie(tab, served, "op")
    tab.show(**WINDOWS[request.param])
    return tab


def _fill(served: "Served") -> None:
    """Write down a session that failed, one that is open, and one with a record; once."""
    if served.database.logs("axe built"):
        return
    for number, name in enumerate(("axe failed", "axe built", "axe open")):
        begun = BEGUN + 2 * number * HOUR
        served.database.start_session("Titan-1", "ada", begun, name)
        if name != "axe open":
            served.database.end_session(name, begun + HOUR)
    claim = served.database.claim("axe failed", "nexuslims_build_records/manual__1/0", BEGUN, HOUR)
    served.database.note_failure(claim, "find_files", "StorageError", "the share is not there")
    served.database.close(claim, RecordStatus.ERROR, BEGUN)
    _build(served, "axe built", BEGUN + 2 * HOUR)


def _build(served: "Served", identifier: str, begun: datetime) -> None:
    picture = np.arange(64, dtype=np.float32).reshape(8, 8)
    write_dm(served.store / "Titan" / "axe.dm3", picture, mtime=(begun + HOUR / 2).timestamp())
    data = served.store.parent / "data"
    facility = open_facility(load_settings(None, filestore_path=served.store, data_path=data, workers=1))
    session = facility.database.session(identifier)
    _, scans = scan_and_sort(facility, (session,))
    report = build_session(replace(facility, stores=()), session, scans["Titan-1"], "lab-pc/1/1", Watch())
    assert report.status is RecordStatus.BUILT_NOT_EXPORTED


def _said(served: "Served", tab: Tab, path: str) -> list[str]:
    tab.open(f"{served.url}/nexuslims/{path}")
    until(tab, "document.readyState === 'complete' && document.querySelector('main') !== null")
    return faults(tab)


def test_axe_finds_no_fault_on_any_page(served: "Served", window: Tab) -> None:
    said = {name: _said(served, window, path) for name, path in PAGES.items()}

    assert {name: found for name, found in said.items() if found} == {}


def test_no_page_is_wider_than_its_window(served: "Served", window: Tab) -> None:
    wide = []
    for name, path in PAGES.items():
        window.open(f"{served.url}/nexuslims/{path}")
        if window.run("document.documentElement.scrollWidth > innerWidth"):
            wide.append(name)

    assert wide == []


def test_axe_finds_no_fault_in_what_the_checks_found(served: "Served", window: Tab) -> None:
    window.open(f"{served.url}/nexuslims/checks")

    window.run("document.querySelector('main form button').click()")
    until(window, "document.querySelectorAll('main tr, main li').length > 5")

    assert faults(window) == []


def test_axe_would_find_a_fault(served: "Served", window: Tab) -> None:
    window.open(f"{served.url}/nexuslims/sessions")

    window.run("document.querySelector('h1').remove()")

    assert [fault.split(":")[0] for fault in faults(window)] == ["page-has-heading-one"]
