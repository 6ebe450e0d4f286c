import subprocess
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from typing_extensions import override

from nexuslims_core.errors import (
    AuthenticationError,
    ServiceUnavailableError,
    StorageError,
    UnknownInstrumentError,
    UnknownSessionError,
)
from nexuslims_core.logger.client import AirflowLogbook
from nexuslims_core.logger.entries import RefusedError, Written
from nexuslims_core.logger.queue import Queue
from nexuslims_core.logger.sending import BusyError, Kept, deliver, send
from nexuslims_core.testing.servers.logbook import LogbookServer
from tests.servers.faulty_proxy import FaultyProxy, Reply, answer, cut_before_storing, lose_answer_with_504
from tests.servers.logbook_contract import INSTRUMENT, ZONE, begins, ends

START, END = ("POST", "/nexuslims/api/sessions/start"), ("POST", "/nexuslims/api/sessions/end")


def test_what_is_heard_is_not_kept(queue: Queue, logbook: AirflowLogbook) -> None:
    start = begins()

    delivery = deliver(queue, logbook, start)

    assert isinstance(delivery.outcome, Written)
    assert (delivery.outcome.session, queue.names()) == (start.session, ())


@pytest.mark.parametrize("fault", [cut_before_storing, answer(Reply(status=503, body=b"")), lose_answer_with_504])
def test_what_is_not_heard_is_kept_and_sent_by_the_next(
    queue: Queue, logbook: AirflowLogbook, server: LogbookServer, proxy: FaultyProxy, fault: object
) -> None:
    proxy.faults[START] = [fault, fault]
    start = begins()
    end = ends(start.session)

    kept = deliver(queue, logbook, start)
    proxy.faults.clear()
    delivery = deliver(queue, logbook, end)

    assert isinstance(kept.outcome, Kept)
    assert isinstance(delivery.outcome, Written)
    assert (server.sessions[start.session].start, server.sessions[start.session].end) == (start.at, end.at)


def test_an_end_waits_behind_its_start(queue: Queue, logbook: AirflowLogbook, proxy: FaultyProxy) -> None:
    proxy.faults[START] = [answer(Reply(status=503, body=b""))] * 2
    start = begins()
    deliver(queue, logbook, start)

    delivery = deliver(queue, logbook, ends(start.session))

    assert isinstance(delivery.outcome, Kept)
    assert proxy.seen.count(END) == 0


def test_an_answer_that_means_nothing_holds_up_its_own_session_alone(
    queue: Queue, logbook: AirflowLogbook, server: LogbookServer, proxy: FaultyProxy
) -> None:
    proxy.faults[START] = [answer(Reply(status=500, body=b"")), answer(Reply(status=400, body=b""))]
    stumbling, odd, fine = begins(), begins(), begins()
    for entry in (stumbling, ends(stumbling.session), odd, fine, ends(fine.session)):
        queue.add(entry)

    sent = send(queue, logbook)

    assert (list(server.sessions), len(sent.written), len(queue.names())) == ([fine.session], 2, 3)
    assert (sent.hindrance is not None, proxy.seen.count(END)) == (True, 1)


def test_a_wrong_password_loses_nothing_and_is_tried_once(
    queue: Queue, logbook: AirflowLogbook, proxy: FaultyProxy
) -> None:
    for _ in range(3):
        queue.add(begins())

    delivery = deliver(queue, replace(logbook, password=logbook.user), begins())

    assert isinstance(delivery.outcome, Kept)
    assert isinstance(delivery.outcome.reason, AuthenticationError)
    assert (len(queue.names()), len(proxy.seen)) == (4, 1)


def test_what_is_refused_goes_aside_and_the_rest_goes_on(
    queue: Queue, logbook: AirflowLogbook, server: LogbookServer
) -> None:
    refused, fine = begins(instrument="Titan-9"), begins()
    for entry in (refused, ends(refused.session), ends("never"), fine):
        queue.add(entry)

    sent = send(queue, logbook)

    assert list(server.sessions) == [fine.session]
    assert [type(error) for error in sent.refused.values()] == [
        RefusedError,
        UnknownInstrumentError,
        UnknownSessionError,
    ]
    assert (queue.names(), len(queue.refused_names()), sent.hindrance) == ((), 3, None)


def test_a_damaged_start_holds_nobody_up_but_its_end(queue: Queue, logbook: AirflowLogbook) -> None:
    damaged, fine = begins(), begins()
    name = queue.add(damaged)
    for entry in (ends(damaged.session), fine):
        queue.add(entry)
    (queue.folder / name).write_bytes(b"\x00" * 80)

    delivery = deliver(queue, logbook, ends(fine.session))

    assert isinstance(delivery.outcome, Written)
    assert (queue.names(), len(queue.refused_names()), len(delivery.refused)) == ((), 2, 2)


def test_ones_own_refusal_is_told_apart_from_those_of_others(queue: Queue, logbook: AirflowLogbook) -> None:
    queue.add(ends("never"))

    delivery = deliver(queue, logbook, begins(instrument="Titan-9"))

    assert isinstance(delivery.outcome, UnknownInstrumentError)
    assert list(map(str, delivery.refused)) == [str(UnknownSessionError("never"))]


def test_a_crash_between_answer_and_removal_is_harmless(
    queue: Queue, logbook: AirflowLogbook, server: LogbookServer
) -> None:
    start = begins()
    for entry in (start, ends(start.session)):
        logbook.write(entry)
        queue.add(entry)  # is still there

    sent = send(queue, logbook)

    assert (len(sent.written), sent.refused, queue.names()) == (2, {}, ())
    assert list(server.sessions) == [start.session]


def test_while_another_one_sends_an_entry_is_kept(queue: Queue, logbook: AirflowLogbook, proxy: FaultyProxy) -> None:
    queue.add(begins())

    with queue.alone():
        delivery = deliver(queue, logbook, begins())

    assert isinstance(delivery.outcome, Kept)
    assert isinstance(delivery.outcome.reason, BusyError)
    assert (len(queue.names()), proxy.seen) == (2, [])


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueWithRival(Queue):
    """A queue whose entries another process sends while this one waits for its turn."""

    rival: AirflowLogbook

    @override
    def alone(self) -> AbstractContextManager[bool]:
        send(Queue(folder=self.folder), self.rival)
        return Queue.alone(self)


@pytest.mark.parametrize("instrument", [INSTRUMENT, "Titan-9"], ids=["written", "refused"])
def test_what_another_process_sent_is_told_all_the_same(
    queue: Queue, logbook: AirflowLogbook, server: LogbookServer, instrument: str
) -> None:
    start = begins(instrument=instrument)

    delivery = deliver(QueueWithRival(folder=queue.folder, rival=logbook), logbook, start)

    assert isinstance(delivery.outcome, Written if instrument == INSTRUMENT else RefusedError)
    assert len(server.sessions) == (instrument == INSTRUMENT)


def test_where_nothing_can_be_kept_it_is_said_all_the_same(tmp_path: Path, logbook: AirflowLogbook) -> None:
    (tmp_path / "file").touch()

    delivery = deliver(Queue(folder=tmp_path / "file" / "queue"), logbook, begins())

    assert isinstance(delivery.outcome, Written)


def test_what_can_be_neither_kept_nor_said_is_an_error(
    tmp_path: Path, logbook: AirflowLogbook, proxy: FaultyProxy
) -> None:
    (tmp_path / "file").touch()
    proxy.faults[START] = [answer(Reply(status=503, body=b""))]

    with pytest.raises(StorageError, match=r"is lost, say it again: .* answered 503; nor can it be kept here"):
        deliver(Queue(folder=tmp_path / "file" / "queue"), logbook, begins())


SENDER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from nexuslims_core.logger.client import AirflowLogbook
from nexuslims_core.logger.entries import Entry, Event
from nexuslims_core.logger.queue import Queue
from nexuslims_core.logger.sending import deliver
url, password, folder, mark = sys.argv[1:]
queue, hour = Queue(folder=Path(folder), patience_s=30), datetime(2026, 3, 2, 10, tzinfo=UTC)
for number in range(8):
    logbook = AirflowLogbook(url=url, user="logger", password=password, timeout_s=5)
    session = f"{mark}{number}"
    deliver(queue, logbook, Entry(event=Event.START, session=session, at=hour, instrument="Titan-1"))
    deliver(queue, logbook, Entry(event=Event.END, session=session, at=hour.replace(hour=11)))
"""


@pytest.mark.slow
def test_two_processes_and_a_bad_line_lose_nothing(
    queue: Queue, server: LogbookServer, proxy: FaultyProxy, logbook: AirflowLogbook
) -> None:
    proxy.faults[START] = [cut_before_storing, cut_before_storing, lose_answer_with_504] * 3
    proxy.faults[END] = [lose_answer_with_504, cut_before_storing] * 3
    words = (sys.executable, "-c", SENDER, proxy.url, server.password, str(queue.folder))
    running = [subprocess.Popen([*words, mark]) for mark in ("a", "b")]

    codes = [process.wait(60) for process in running]
    send(queue, logbook)

    assert (codes, queue.names(), queue.refused_names()) == ([0, 0], (), ())
    assert sorted(server.sessions) == sorted(f"{mark}{number}" for mark in "ab" for number in range(8))
    assert all(session.end is not None for session in server.sessions.values())


def test_a_server_that_comes_back_gets_it_all_in_order(queue: Queue) -> None:
    server = LogbookServer(instruments={INSTRUMENT: ZONE})
    with server:
        pass  # takes a port, and gives it back
    logbook = AirflowLogbook(url=server.url, user=server.user, password=server.password, timeout_s=5)
    start = begins()
    for entry in (start, ends(start.session)):
        delivery = deliver(queue, logbook, entry)
        assert isinstance(delivery.outcome, Kept)
        assert isinstance(delivery.outcome.reason, ServiceUnavailableError)

    with server:
        sent = send(queue, logbook)

    assert [written.status for written in sent.written.values()] == ["WAITING_FOR_END", "TO_BE_BUILT"]
    assert queue.names() == ()
