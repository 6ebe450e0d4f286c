"""Records that could not be published when they were built are published later, once, and the books say so."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nexuslims_core.artefacts import sha256
from nexuslims_core.errors import AuthenticationError, NexusLimsError, PublishingError, ServiceUnavailableError
from nexuslims_core.housekeeping import publish_pending, publish_waiting
from nexuslims_core.publishing.base import Check, Earlier, Receipt
from nexuslims_core.publishing.cdcs import CdcsStore
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.stages.facility import Facility
from tests.nexuslims_core.conftest import Build, Lab, Public

DYING_PUBLISHER = Path(__file__).with_name("dying_publisher.py")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MOMENTS = ["before", "during", "after"]
ANY_TOKEN = {"token": "any"}


@dataclass
class Shelf:
    """A destination in memory; while it has an error, it takes nothing."""

    name: str = "shelf"
    error: NexusLimsError | None = None
    puts: list[str] = field(default_factory=list)
    held: dict[str, bytes] = field(default_factory=dict)

    def put(self, title: str, xml: bytes, earlier: Earlier | None = None) -> Receipt:
        assert earlier is None or earlier.title == title
        self.puts.append(title)
        if self.error:
            raise self.error
        self.held[title] = xml
        return Receipt(destination=self.name, record_id=title, url=f"memory:{title}", sha256=sha256(xml))

    def check(self) -> tuple[Check, ...]:
        return ()


@dataclass
class Clock:
    """A clock that the test moves."""

    time: datetime

    def __call__(self) -> datetime:
        return self.time

    def passes(self, span: timedelta) -> None:
        self.time += span


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 3, 9, 8, 0, tzinfo=UTC))


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(error=ServiceUnavailableError("it does not answer"))


@pytest.fixture
def facility(lab: Lab, shelf: Shelf, clock: Clock) -> Facility:
    return replace(lab.facility(), stores=(shelf,), now=clock)


@pytest.fixture
def pending(lab: Lab, build: Build, facility: Facility) -> Callable[..., Path]:
    """Build sessions whose records nobody takes; return the record of the last."""

    def make(*identifiers: str) -> Path:
        lab.spectrum("a.msa", 1)
        for identifier in identifiers:
            report = build(lab.waits(identifier), stores=facility.stores, now=facility.now)
            assert report.status is RecordStatus.BUILT_NOT_EXPORTED
        assert isinstance(report.record, Path)
        return report.record

    return make


Pending = Callable[..., Path]


def _sent(facility: Facility) -> list[str]:
    return [report.session_identifier for report in publish_pending(facility, "housekeeping")]


@pytest.mark.server
def test_what_a_server_missed_in_an_hour_is_published_once(
    lab: Lab, build: Build, clock: Clock, closed_port: int, published: object, public: Public
) -> None:
    lab.two_activities()
    away = CdcsStore(url=f"http://127.0.0.1:{closed_port}", **ANY_TOKEN, pauses_s=())
    identifier = lab.waits()
    down = build(identifier, stores=(away,), now=clock)
    tried = []
    while clock.time < datetime(2026, 3, 9, 9, 0, tzinfo=UTC):
        clock.passes(5 * MINUTE)
        tried += publish_pending(replace(lab.facility(), stores=(away,), now=clock), "housekeeping")
    clock.passes(HOUR)

    (up,) = publish_pending(replace(lab.facility(), now=clock), "housekeeping")

    assert (down.status, {each.status for each in tried}, up.status) == (
        "BUILT_NOT_EXPORTED",
        {"BUILT_NOT_EXPORTED"},
        "COMPLETED",
    )
    assert len(tried) == 3  # after 5, 15 and 35 minutes
    assert lab.database.summary(identifier).status == "COMPLETED"
    assert public(down.record.stem) == [down.record.read_text()]
    assert published


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("moment", MOMENTS)
def test_whoever_is_killed_round_the_request_leaves_one_record(
    lab: Lab, build: Build, public: Public, moment: str
) -> None:
    lab.two_activities()
    identifier = lab.waits()
    dead = _dies(lab, "build", identifier, moment)
    (pending,) = lab.database.publications_of(identifier)

    report = build(identifier, now=lambda: datetime.now(UTC) + 2 * HOUR)

    assert (dead, pending.state, report.status) == (-signal.SIGKILL, "pending", "COMPLETED")
    assert public(report.record.stem) == [report.record.read_text()]
    (held,) = lab.database.publications_of(identifier)
    assert (held.state, held.sha256) == ("published", sha256(report.record.read_bytes()))


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("moment", MOMENTS)
def test_housekeeping_that_is_killed_round_the_request_leaves_one_record(
    lab: Lab, build: Build, public: Public, moment: str
) -> None:
    lab.two_activities()
    identifier = lab.waits()
    record = build(identifier, stores=()).record
    dead = _dies(lab, "housekeeping", identifier, moment)
    stood = lab.database.summary(identifier).status

    later = replace(lab.facility(), now=lambda: datetime.now(UTC) + 2 * HOUR)
    ended = [report.status for report in publish_pending(later, "the next housekeeping")]

    assert (dead, stood, ended) == (-signal.SIGKILL, "BUILT_NOT_EXPORTED", ["COMPLETED"])
    assert public(record.stem) == [record.read_text()]


def _dies(lab: Lab, way: str, identifier: str, moment: str) -> int:
    words = [sys.executable, DYING_PUBLISHER, way, identifier, moment]
    return subprocess.run(words, env=os.environ | lab.env, check=False).returncode


def test_what_is_not_due_is_left_alone(facility: Facility, pending: Pending, clock: Clock) -> None:
    pending("s1")
    clock.passes(4 * MINUTE)

    assert _sent(facility) == []


def test_a_person_need_not_wait(facility: Facility, pending: Pending, shelf: Shelf) -> None:
    record = pending("s1")
    shelf.error = None

    (report,) = publish_waiting(facility, "a person")

    assert report.status is RecordStatus.COMPLETED
    assert shelf.held == {record.stem: record.read_bytes()}


def test_what_is_published_is_what_was_built_though_its_files_changed_since(
    lab: Lab, facility: Facility, pending: Pending, shelf: Shelf, clock: Clock
) -> None:
    xml = pending("s1").read_bytes()
    lab.image("later.dm3", 3)
    shelf.error = None
    clock.passes(HOUR)

    assert _sent(facility) == ["s1"]
    assert list(shelf.held.values()) == [xml]


def test_a_record_that_was_changed_since_is_not_published(
    facility: Facility, pending: Pending, shelf: Shelf, clock: Clock
) -> None:
    pending("s1").write_bytes(b"<Experiment title='forged'/>")
    shelf.error = None
    clock.passes(HOUR)

    (report,) = publish_pending(facility, "housekeeping")

    assert (report.status, shelf.held) == ("BUILT_NOT_EXPORTED", {})
    assert "is not what was written there: requeue the session" in str(report.reason)
    assert _sent(facility) == []  # and not every minute anew


def test_what_was_refused_for_good_waits_for_a_person(
    facility: Facility, pending: Pending, shelf: Shelf, clock: Clock
) -> None:
    pending("s1")
    shelf.error = PublishingError("no such element")
    clock.passes(HOUR)
    (refused,) = publish_pending(facility, "housekeeping")
    clock.passes(24 * HOUR)

    assert refused.status is RecordStatus.ERROR
    assert _sent(facility) == []


def test_what_was_built_without_a_destination_waits_for_a_person(
    lab: Lab, build: Build, facility: Facility, shelf: Shelf, clock: Clock
) -> None:
    lab.spectrum("a.msa", 1)
    build(lab.waits("s1"), stores=(), now=clock)
    shelf.error = None
    clock.passes(24 * HOUR)

    by_itself, by_a_person = _sent(facility), publish_waiting(facility, "a person")

    assert (by_itself, [report.status for report in by_a_person]) == ([], ["COMPLETED"])


def test_a_destination_that_is_away_is_asked_once_a_run(
    facility: Facility, pending: Pending, shelf: Shelf, clock: Clock
) -> None:
    pending("s1", "s2", "s3")
    shelf.puts.clear()
    clock.passes(HOUR)

    first, second = _sent(facility), _sent(facility)

    assert (first, second) == (["s1"], ["s2"])
    assert len(shelf.puts) == 2


def test_a_wrong_password_is_not_tried_again_with_the_next_session(
    facility: Facility, pending: Pending, shelf: Shelf, clock: Clock
) -> None:
    pending("s1", "s2", "s3")
    shelf.error = AuthenticationError("the password is wrong")
    clock.passes(HOUR)
    first = _sent(facility)
    clock.passes(30 * MINUTE)
    second = _sent(facility)
    clock.passes(31 * MINUTE)

    assert (first, second, _sent(facility)) == (["s1"], [], ["s2"])


def test_only_the_destination_that_lacks_the_record_gets_it(
    lab: Lab, build: Build, facility: Facility, shelf: Shelf, clock: Clock
) -> None:
    lab.spectrum("a.msa", 1)
    both = replace(facility, stores=(good := Shelf("good"), shelf))
    build(lab.waits("s1"), stores=both.stores, now=clock)
    shelf.error = None
    clock.passes(HOUR)

    (report,) = publish_pending(both, "housekeeping")

    assert (report.status, [each.destination for each in report.receipts]) == ("COMPLETED", ["good", "shelf"])
    assert (len(good.puts), len(shelf.puts)) == (1, 2)


def test_what_somebody_publishes_right_now_is_left_to_them(
    lab: Lab, facility: Facility, pending: Pending, clock: Clock
) -> None:
    pending("s1")
    clock.passes(HOUR)
    lab.database.claim_publication(lab.database.attempts("s1")[-1], "another", clock.time, facility.lease)

    assert _sent(facility) == []


def test_after_it_was_published_late_a_requeued_session_is_built_anew(
    lab: Lab, build: Build, facility: Facility, pending: Pending, shelf: Shelf, clock: Clock
) -> None:
    pending("s1")
    shelf.error = None
    publish_waiting(facility, "a person")
    lab.spectrum("b.msa", 2)
    lab.database.requeue("s1", "a file came late", clock.time)

    report = build("s1", stores=facility.stores, now=clock)

    assert (report.status, report.datasets) == ("COMPLETED", 2)
