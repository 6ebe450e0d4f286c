"""Two uploaders of one record in a real CDCS: one that was stopped and lost its claim, and many at the same moment."""

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from nexuslims_core.errors import NexusLimsError
from nexuslims_core.publishing.base import Receipt
from nexuslims_core.publishing.cdcs import CdcsStore
from nexuslims_core.testing.servers.cdcs import CdcsServer
from tests.nexuslims_core.publishing.conftest import Held, MakeStore, WriteRecord
from tests.servers.faulty_proxy import Exchange, Fault, FaultyProxy, pass_on
from tests.servers.mortal import live

pytestmark = pytest.mark.server

DEADLINE_S = 600.0
GAVE_UP = 3
LOOKS, POSTS = ("GET", "/rest/data/"), ("POST", "/rest/data/")


def put_by_clock(url: str, token: str, title: str, xml: bytes, clock: Path) -> None:
    """Put a record, by a clock that shows the time of a file; the exit code tells how it ended."""

    def seconds() -> float:
        return clock.stat().st_mtime

    try:
        CdcsStore(url=url, token=token, deadline_s=DEADLINE_S, clocks=(seconds,), pauses_s=(0.05, 0.05)).put(title, xml)
    except NexusLimsError:
        os._exit(GAVE_UP)


@dataclass(frozen=True)
class Client:
    """An uploader in a process of its own; its clock is ours, so that a slow machine is not taken for a late client."""

    proxy: FaultyProxy
    token: str
    title: str
    clock: Path

    def put(self, xml: bytes) -> int:
        return live(self.proxy, put_by_clock, self.proxy.url, self.token, self.title, xml, self.clock)

    def is_stopped(self, meanwhile: Callable[[], object]) -> Fault:
        """Stop the process at a request, do something, and wake it when its deadline is over."""

        def fault(exchange: Exchange) -> None:
            os.kill(self.proxy.client, signal.SIGSTOP)
            pass_on(exchange)  # its answer waits for the sleeper
            meanwhile()
            later = self.clock.stat().st_mtime + DEADLINE_S
            os.utime(self.clock, (later, later))
            os.kill(self.proxy.client, signal.SIGCONT)

        return fault


@pytest.fixture
def client(cdcs: CdcsServer, proxy: FaultyProxy, title: str, tmp_path: Path) -> Client:
    clock = tmp_path / "clock"
    clock.touch()
    return Client(proxy, cdcs.token, title, clock)


@pytest.mark.parametrize("where", [LOOKS, ("POST", "/rest/data/query/")], ids=["at its look", "before it writes"])
def test_one_that_lost_its_claim_while_it_was_stopped_sends_nothing_more(
    client: Client, make_store: MakeStore, write_record: WriteRecord, held: Held, title: str, *, where: tuple[str, str]
) -> None:
    winner = make_store()
    client.proxy.faults[where] = [client.is_stopped(lambda: winner.put(title, write_record("new")))]

    code = client.put(write_record("old"))

    assert code == GAVE_UP
    assert client.proxy.seen[-1] == where
    assert [record["xml_content"].encode() for record in held(title)] == [write_record("new")]


def test_what_one_had_sent_before_it_was_stopped_is_put_right_by_the_next_put(
    client: Client, make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    winner = make_store()

    def arrives_late(exchange: Exchange) -> None:
        winner.put(title, write_record("new"))
        exchange.answer(exchange.forward())

    client.proxy.faults[POSTS] = [arrives_late]

    client.put(write_record("old"))
    receipt = winner.put(title, write_record("new"))

    assert [(str(record["id"]), record["xml_content"].encode()) for record in held(title)] == [
        (receipt.record_id, write_record("new"))
    ]


def test_many_at_once_with_the_same_bytes_leave_one_record(
    make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    def put(_: int) -> Receipt:
        return make_store().put(title, write_record())

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(put, range(6)))
    receipt = put(0)

    assert [str(record["id"]) for record in held(title)] == [receipt.record_id]


def test_many_at_once_with_other_bytes_leave_one_record_and_who_holds_the_claim_has_the_last_word(
    make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    def put(number: int) -> Receipt | NexusLimsError:
        try:
            return make_store().put(title, write_record(f"uploader {number}"))
        except NexusLimsError as error:
            return error

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(put, range(6)))
    one_of_them = len(held(title))
    put(7)

    assert one_of_them == 1
    assert [record["xml_content"].encode() for record in held(title)] == [write_record("uploader 7")]
