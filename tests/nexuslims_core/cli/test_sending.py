from collections.abc import Iterator
from pathlib import Path

import pytest

from nexuslims_core.logger.queue import Queue
from nexuslims_core.testing.servers.logbook import LogbookServer
from tests.nexuslims_core.conftest import Nexuslims
from tests.servers.logbook_contract import INSTRUMENT, ZONE, begins, ends


@pytest.fixture
def airflow() -> Iterator[LogbookServer]:
    with LogbookServer(instruments={INSTRUMENT: ZONE}) as running:
        yield running


@pytest.fixture
def queue(tmp_path: Path, airflow: LogbookServer, monkeypatch: pytest.MonkeyPatch) -> Queue:
    """The queue of an instrument's computer."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEXUSLIMS_API_URL", airflow.url)
    monkeypatch.setenv("NEXUSLIMS_USER", airflow.user)
    monkeypatch.setenv("NEXUSLIMS_PASSWORD", airflow.password)
    monkeypatch.setenv("NEXUSLIMS_QUEUE_PATH", str(tmp_path / "queue"))
    return Queue(folder=tmp_path / "queue")


@pytest.mark.usefixtures("queue")
def test_an_empty_queue_is_nothing_to_send(nexuslims: Nexuslims) -> None:
    said, document = nexuslims("sessions", "send"), nexuslims("sessions", "send", "--json").document

    assert (said.code, said.out) == (0, "Nothing is kept here.\n")
    assert document == {"sent": 0, "left": 0, "refused": [], "reason": None}


def test_what_is_kept_is_sent(queue: Queue, airflow: LogbookServer, nexuslims: Nexuslims) -> None:
    start = begins()
    for entry in (start, ends(start.session)):
        queue.add(entry)

    said = nexuslims("sessions", "send")

    assert (said.code, said.out) == (0, "Sent 2, 0 kept here.\n")
    assert list(airflow.sessions) == [start.session]


def test_what_is_left_is_said_and_no_failure(
    queue: Queue, nexuslims: Nexuslims, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXUSLIMS_API_URL", "http://127.0.0.1:9")
    queue.add(begins())

    said = nexuslims("sessions", "send")

    assert said.code == 0
    assert said.out.startswith("Sent 0, 1 kept here.\nWill be sent later: Airflow at http://127.0.0.1:9 cannot be")


def test_what_a_person_must_mend_is_a_failure(
    queue: Queue, nexuslims: Nexuslims, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXUSLIMS_PASSWORD", "wrong")
    queue.add(begins())

    said = nexuslims("sessions", "send", "--json")

    assert (said.code, said.document["left"]) == (1, 1)
    assert "refuses the login" in said.err


def test_what_is_refused_is_a_failure_and_said(queue: Queue, nexuslims: Nexuslims) -> None:
    queue.add(ends("never"))

    said = nexuslims("sessions", "send")

    assert (said.code, "Refused, and set aside in " in said.out) == (1, True)


def test_list_shows_what_is_kept_and_what_was_refused_and_sends_nothing(
    queue: Queue, airflow: LogbookServer, nexuslims: Nexuslims
) -> None:
    start, refused = begins(), queue.add(ends("never"))
    queue.refuse(refused, "no such session")
    queue.add(start)
    (queue.folder / queue.add(ends("damaged"))).write_bytes(b"")

    document = nexuslims("sessions", "send", "--list", "--json").document
    text = nexuslims("sessions", "send", "--list").out

    assert [each["session"] for each in document["kept"]] == [start.session, None]
    assert [(each["session"], each["reason"]) for each in document["refused"]] == [("never", "no such session")]
    assert (airflow.sessions, "kept here, will be sent" in text, "is damaged" in text) == ({}, True, True)
