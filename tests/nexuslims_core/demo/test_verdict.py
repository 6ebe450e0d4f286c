"""The demo's verdict believes nobody: each lie is one sentence."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from nexuslims_core.config import load_settings
from nexuslims_core.db.database import Database
from nexuslims_core.demo.expectations import Expectation
from nexuslims_core.demo.layout import Layout
from nexuslims_core.demo.samples import write_unbooked_session
from nexuslims_core.demo.verdict import Verdict, judge
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.pipeline import Watch, build_session, scan_and_sort
from nexuslims_core.publishing.cdcs import CdcsStore
from nexuslims_core.sessions.models import SessionSummary
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.stages.facility import open_facility
from nexuslims_core.testing.servers.cdcs import CdcsServer
from tests.servers.faulty_proxy import FaultyProxy, Reply, answer

pytestmark = [pytest.mark.server, pytest.mark.slow]

BEGUN = datetime(2024, 5, 2, 19, 30, tzinfo=UTC)
UNREACHABLE = "http://127.0.0.1:9"


@dataclass(kw_only=True)
class Case:
    """A session that was built as it should be and published under a title of its own; a test tells lies about it."""

    expectation: Expectation
    summary: SessionSummary
    layout: Layout
    store: CdcsStore
    url: str

    @property
    def record(self) -> Path:
        assert self.summary.record_path is not None
        return self.summary.record_path

    def verdict(self) -> Verdict:
        return judge(self.expectation, self.summary, self.layout, self.url)

    def change(self, old: bytes, new: bytes, *, publish: bool = True) -> None:
        """Replace text in the record, in CDCS too."""
        xml = self.record.read_bytes()
        assert old in xml
        self.record.write_bytes(xml.replace(old, new))
        if publish:
            self.store.put(self.record.stem, self.record.read_bytes())

    def preview(self) -> Path:
        return sorted(self.layout.data.rglob("*.thumb.png"))[0]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Layout, SessionSummary]:
    """A session of seven files, built and not published."""
    folder = tmp_path_factory.mktemp("built")
    layout = Layout(folder=folder, filestore=folder / "filestore", expectations=())
    files = write_unbooked_session(layout.filestore, "Titan", BEGUN)
    database = Database.create(layout.database_url)
    database.add_instrument(
        Instrument(instrument_pid="Titan-1", schema_name="Titan", filestore_path="./Titan", timezone="UTC")
    )
    database.start_session("Titan-1", "dana", BEGUN, "s1")
    database.end_session("s1", BEGUN.replace(hour=21))
    facility = open_facility(load_settings(None, filestore_path=layout.filestore, data_path=layout.data))
    session = database.session("s1")
    _, scans = scan_and_sort(facility, (session,))
    build_session(facility, session, scans["Titan-1"], "tester", Watch())
    expectation = Expectation(
        session_identifier="s1",
        about="an evening",
        status=RecordStatus.COMPLETED,
        files=files,
        activities=2,
        title="Experiment on the Titan on Thursday May. 02, 2024",
    )
    return replace(layout, expectations=(expectation,)), database.summary("s1")


@pytest.fixture
def case(built: tuple[Layout, SessionSummary], cdcs: CdcsServer, tmp_path: Path) -> Case:
    """A copy of the session under a title of its own, in files and in CDCS, all of it true."""
    layout, summary = built
    folder = shutil.copytree(layout.folder, tmp_path / "demo")
    moved = replace(layout, folder=folder, filestore=folder / "filestore")
    assert summary.record_path is not None
    before = folder / summary.record_path.relative_to(layout.folder)
    record = before.rename(before.with_name(f"{before.stem}-{uuid4().hex[:8]}.xml"))
    before.with_suffix(".html").rename(record.with_suffix(".html"))
    store = CdcsStore(url=cdcs.url, token=cdcs.token)
    receipt = store.put(record.stem, record.read_bytes())
    told = replace(summary, status=RecordStatus.COMPLETED, record_path=record, url=receipt.url, error_sentence=None)
    return Case(expectation=layout.expectations[0], summary=told, layout=moved, store=store, url=cdcs.url)


@pytest.fixture
def proxy(cdcs: CdcsServer) -> Iterator[FaultyProxy]:
    """A CDCS that answers the public what a test wants."""
    with FaultyProxy(cdcs.url) as running:
        yield running


Lie = Callable[[Case], object]


def test_the_truth_has_no_fault(case: Case) -> None:
    verdict = case.verdict()

    assert verdict.faults == ()
    assert (verdict.activities, verdict.datasets, verdict.record) == (2, 7, case.record)


def _rename(case: Case) -> None:
    case.change(b"<title>Experiment on", b"<title>Something on")


def _publish_twice(case: Case) -> None:
    xml = case.record.read_bytes()
    case.store.put(f"{case.record.stem}-second", xml)
    _retitle(case, f"{case.record.stem}-second")


def _retitle(case: Case, title: str) -> None:
    """Give the record of one title that of this case's, as a server does that was posted to twice."""
    found = requests.post(
        f"{case.url}/rest/data/query/", json={"query": {}, "title": title, "all": True}, timeout=30
    ).json()
    changed = requests.patch(
        f"{case.url}/rest/data/{found[0]['id']}/",
        json={"title": case.record.stem},
        headers={"Authorization": f"Token {case.store.token}"},
        timeout=30,
    )
    changed.raise_for_status()


@pytest.mark.parametrize(
    ("lie", "sentence"),
    [
        (_rename, "is titled 'Something on the Titan"),
        (lambda case: case.change(b">dana<", b">dora<", publish=False), "has another text in CDCS than in its file"),
        (lambda case: case.change(b"<name>", b"<nome>", publish=False), "breaks the schema: line"),
        (lambda case: case.record.write_bytes(b"<Experiment"), "breaks the schema: line 1"),
        (lambda case: case.record.unlink(), "is COMPLETED, and its record is not there"),
        (lambda case: case.record.with_suffix(".html").unlink(), "has no page beside its record"),
        (lambda case: case.preview().unlink(), "its preview cannot be shown: [Errno 2]"),
        (lambda case: case.preview().write_bytes(b"not a picture"), "its preview cannot be shown: cannot identify"),
        (lambda case: case.preview().write_bytes(case.preview().read_bytes()[:900]), "its preview cannot be shown"),
        (lambda case: next(case.layout.data.rglob("*.dm3.json")).unlink(), "its metadata file is not there"),
        (lambda case: (case.layout.filestore / "Titan/DP 1.dm3").unlink(), "points to Titan/DP 1.dm3, which is not"),
        (lambda case: case.change(b"DP%201.dm3</location>", b"DP%202.dm3</location>"), "does not name 1 of its files"),
        (
            lambda case: case.change(b"DP%201.dm3</location>", b"DP%209.dm3</location>"),
            "names 1 files that are not its",
        ),
        (_publish_twice, "has 2 records titled"),
    ],
    ids=[
        "title",
        "changed on the server",
        "invalid",
        "not well-formed",
        "no record",
        "no page",
        "no preview",
        "no picture",
        "half a picture",
        "no metadata",
        "no raw file",
        "file not named",
        "foreign file named",
        "published twice",
    ],
)
def test_a_lie_is_told_in_a_sentence(case: Case, lie: Lie, sentence: str) -> None:
    lie(case)

    assert any(sentence in fault for fault in case.verdict().faults)


def test_a_status_that_is_not_the_expected_one_is_told_with_its_reason(case: Case) -> None:
    case.summary = replace(case.summary, status=RecordStatus.ERROR, error_sentence="the password was refused")

    assert case.verdict().faults == ("is ERROR, not COMPLETED: the password was refused",)


def test_a_record_where_none_should_be_is_told(case: Case) -> None:
    case.expectation = replace(case.expectation, status=RecordStatus.NO_FILES_FOUND)

    assert case.verdict().faults == ("is COMPLETED, not NO_FILES_FOUND",)


def test_a_status_of_completed_without_any_record_is_told(case: Case) -> None:
    case.summary = replace(case.summary, record_path=None)

    assert case.verdict().faults == ("is COMPLETED, and its record is not there",)


def test_a_wrong_number_of_activities_is_told(case: Case) -> None:
    case.expectation = replace(case.expectation, activities=13)

    assert case.verdict().faults == ("has 2 activities, not 13",)


def test_a_record_that_the_public_cannot_see_is_told(case: Case) -> None:
    hidden = case.record.with_name(f"{case.record.stem}-hidden.xml")
    case.record.with_suffix(".html").rename(hidden.with_suffix(".html"))
    case.summary = replace(case.summary, record_path=case.record.rename(hidden))

    assert case.verdict().faults == (f"has 0 records titled {hidden.stem} that CDCS shows to the public (HTTP 200)",)


def test_a_cdcs_that_does_not_answer_is_told(case: Case) -> None:
    case.url = UNREACHABLE

    (fault,) = case.verdict().faults

    assert fault.startswith("cannot be looked up in CDCS")


@pytest.mark.parametrize("page", [b"", b"<html>Sorry</html>"], ids=["nothing", "an apology"])
def test_a_page_that_shows_nothing_of_the_record_is_told(case: Case, proxy: FaultyProxy, page: bytes) -> None:
    proxy.faults["GET", "/data"].append(answer(Reply(status=200, body=page, kind="text/html")))
    case.url = proxy.url

    faults = case.verdict().faults

    assert "has a page in CDCS that does not show its title" in faults
    assert any(fault.startswith("has a page in CDCS that lacks 7 of its previews") for fault in faults)


def test_an_answer_that_is_no_json_is_told(case: Case, proxy: FaultyProxy) -> None:
    proxy.faults["POST", "/rest/data/query/"].append(answer(Reply(status=200, body=b"<html>", kind="text/html")))
    case.url = proxy.url

    (fault,) = case.verdict().faults

    assert fault.startswith("cannot be looked up in CDCS")


def test_a_file_that_is_listed_without_metadata_is_no_fault_and_is_told(case: Case) -> None:
    preview = b"<preview>/Titan/DP%201.dm3.thumb.png</preview>"
    link = b'<meta name="Metadata File">/Titan/DP%201.dm3.json</meta>'
    case.change(link, b"", publish=False)
    case.change(preview, b"<description>Could not be read: it is damaged</description>")

    verdict = case.verdict()

    assert verdict.faults == ()
    assert verdict.unread == ("DP 1.dm3: Could not be read: it is damaged",)


def test_neither_metadata_nor_a_word_why_is_told(case: Case) -> None:
    case.change(b"<preview>/Titan/DP%201.dm3.thumb.png</preview>", b"")

    assert case.verdict().faults == ("DP 1.dm3: lacks its preview or its metadata, and no word why",)
