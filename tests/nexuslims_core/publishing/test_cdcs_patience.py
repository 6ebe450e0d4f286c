"""How long CdcsStore goes on, and what it does when it is told to wait."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from nexuslims_core.connections import Deadline
from nexuslims_core.errors import ServiceUnavailableError
from nexuslims_core.publishing.cdcs import CdcsStore
from nexuslims_core.publishing.cdcs_refusals import Answer
from tests.nexuslims_core.publishing.conftest import Held, MakeStore, WriteRecord
from tests.servers import faulty_proxy
from tests.servers.faulty_proxy import BUSY, Exchange, FaultyProxy, Reply

POST = ("POST", "/rest/data/")


class Clock:
    """Time that only moves by sleeping, or when it is told to."""

    def __init__(self) -> None:
        self.now_s, self.slept = 0.0, list[float]()

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def patient(make_store: MakeStore, proxy: FaultyProxy, clock: Clock) -> CdcsStore:
    """A store with the pauses of every day, and a clock of its own."""
    given: dict[str, Any] = {"sleep": clock.sleep, "clocks": (clock,), "pauses_s": (1, 4, 15), "deadline_s": 600}
    return make_store(url=proxy.url, **given)


def busy_until(asked: str, status: int = 503) -> faulty_proxy.Fault:
    return faulty_proxy.answer(Reply(status=status, body=b'{"detail": "throttled"}', retry_after=asked))


# ---- told to wait


@pytest.mark.parametrize("status", [429, 503])
def test_waits_as_long_as_the_server_asks(
    patient: CdcsStore, proxy: FaultyProxy, clock: Clock, write_record: WriteRecord, title: str, status: int
) -> None:
    proxy.faults[POST] = [busy_until("40", status)]

    patient.put(title, write_record())

    assert clock.slept[0] == 40


def test_waits_no_less_than_it_would_by_itself(
    patient: CdcsStore, proxy: FaultyProxy, clock: Clock, write_record: WriteRecord, title: str
) -> None:
    proxy.faults[POST] = [busy_until("0"), busy_until("2")]

    patient.put(title, write_record())

    assert clock.slept[:2] == [1, 4]


def test_does_not_wait_for_what_lies_beyond_its_deadline(
    patient: CdcsStore, proxy: FaultyProxy, clock: Clock, write_record: WriteRecord, title: str
) -> None:
    proxy.faults[POST] = [busy_until("3600")]

    with pytest.raises(ServiceUnavailableError, match="503"):
        patient.put(title, write_record())

    assert clock.slept == []


def test_a_date_is_understood_as_well() -> None:
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(minutes=1), usegmt=True)

    answer = Answer(status=503, document=None, retry_after=in_a_minute)

    assert 50 < answer.wait_s <= 60


@pytest.mark.parametrize("odd", ["", "soon", "-5", "Wed, 21 Oct 2015 07:28:00 GMT", "9" * 30, "nan"])
def test_a_wait_that_makes_no_sense_is_none(odd: str) -> None:
    assert Answer(status=429, document=None, retry_after=odd).wait_s == 0


# ---- the deadline


def test_the_clock_that_went_further_counts() -> None:
    asleep, awake = Clock(), Clock()
    deadline = Deadline(limit_s=10, clocks=(asleep, awake))

    awake.now_s = 7

    assert deadline.left_s == 3


def test_nothing_is_sent_after_the_deadline(
    patient: CdcsStore, proxy: FaultyProxy, clock: Clock, write_record: WriteRecord, held: Held, title: str
) -> None:
    def stopped_for_an_hour(exchange: Exchange) -> None:
        clock.now_s += 3600
        faulty_proxy.pass_on(exchange)

    proxy.faults["GET", "/rest/data/"] = [stopped_for_an_hour]

    with pytest.raises(ServiceUnavailableError, match="within 600 s, the time that one upload may take"):
        patient.put(title, write_record())

    assert proxy.seen[-1] == ("GET", "/rest/data/")
    assert held(title) == []


def test_what_was_proven_is_not_doubted_because_of_the_deadline(
    patient: CdcsStore, proxy: FaultyProxy, clock: Clock, write_record: WriteRecord, title: str
) -> None:
    def late(exchange: Exchange) -> None:
        clock.now_s = 597
        faulty_proxy.lose_answer_with_504(exchange)

    proxy.faults[POST] = [late]

    receipt = patient.put(title, write_record())

    assert receipt.record_id
    assert clock.slept == [1]


def test_a_server_that_is_always_busy_is_left_alone_after_the_last_try(
    patient: CdcsStore, proxy: FaultyProxy, clock: Clock, write_record: WriteRecord, title: str
) -> None:
    proxy.faults["GET", "/rest/workspace/read_access"] = [faulty_proxy.answer(BUSY)] * 10

    with pytest.raises(ServiceUnavailableError, match="503"):
        patient.put(title, write_record())

    assert clock.slept == [1, 4, 15]


@pytest.mark.parametrize(
    "drip", [faulty_proxy.lose_answer_in_drips, faulty_proxy.lose_answer_in_its_head], ids=["body", "head"]
)
def test_an_answer_that_drips_is_cut_though_no_silence_is_long(
    make_store: MakeStore, proxy: FaultyProxy, write_record: WriteRecord, title: str, drip: faulty_proxy.Fault
) -> None:
    proxy.faults["GET", "/rest/workspace/read_access"] = [drip]

    with pytest.raises(ServiceUnavailableError, match=r"did not finish its answer within [0-9.]+ s"):
        make_store(url=proxy.url, timeout_s=(5, 0.2), pauses_s=()).put(title, write_record())
