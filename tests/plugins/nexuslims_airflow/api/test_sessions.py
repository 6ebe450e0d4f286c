"""Starts and ends over HTTP, asked of a real Airflow."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from nexuslims_core.logger.client import AirflowLogbook
from nexuslims_core.logger.entries import Entry, Event
from nexuslims_core.sessions.states import RecordStatus

if TYPE_CHECKING:
    from tests.plugins.nexuslims_airflow.conftest import Served

pytest.importorskip("airflow", reason="Airflow is not installed")

pytestmark = [pytest.mark.airflow, pytest.mark.server, pytest.mark.slow, pytest.mark.long]

STARTED = {
    "session": "s1",
    "instrument": "Titan-1",
    "user": "ada",
    "start": "2026-03-02T10:00:00+01:00",
    "status": "WAITING_FOR_END",
}
ENDED = {
    "session": "s1",
    "status": "TO_BE_BUILT",
    "start": "2026-03-02T10:00:00+01:00",
    "end": "2026-03-02T11:00:00+01:00",
}


def within(seconds: float, is_true: Callable[[], bool]) -> bool:
    """Return whether something becomes true in time."""
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.25)
    return True


def started_by_ends(served: "Served") -> list[dict[str, Any]]:
    return [run for run in served.runs() if run["run_type"] == "asset_triggered" and run["start_date"]]


def test_a_start_is_written_down_and_a_naive_time_is_the_instruments(served: "Served") -> None:
    answer = served.says("start", id="s1", instrument="Titan-1", user="ada", at="2026-03-02T10:00:00")

    assert (answer.status_code, answer.json()) == (200, STARTED)
    assert served.database.summary("s1").dt_from == datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize("at", ["2026-03-02T09:00:00Z", None], ids=["with its time", "without a time"])
def test_a_start_that_is_said_again_hears_the_same(served: "Served", at: str | None) -> None:
    answer = served.says("start", id="s1", instrument="Titan-1", user="ada", at=at)

    assert (answer.status_code, answer.json()) == (200, STARTED)


def test_another_start_under_the_same_identifier_hears_what_is_written(served: "Served") -> None:
    answer = served.says("start", id="s1", instrument="Titan-1", user="bob", at="2026-03-02T10:00:00")

    assert answer.status_code == 409
    assert answer.json()["error"]["type"] == "SessionStateError"
    assert "by ada on Titan-1" in answer.json()["error"]["sentence"]


def test_starts_that_are_said_at_the_same_moment_hear_the_same(served: "Served") -> None:
    with ThreadPoolExecutor(8) as threads:
        told = [
            threads.submit(served.says, "start", id="at once", instrument="Titan-1", user=None, at=None)
            for _ in range(8)
        ]
        answers = {(answer.result().status_code, answer.result().text) for answer in told}

    assert [status for status, _ in answers] == [200]


def test_an_end_is_written_down_and_heard_again_after_the_record_was_built(served: "Served") -> None:
    end = {"id": "s1", "at": "2026-03-02T11:00:00"}
    answers = [served.says("end", **end) for _ in range(2)]
    now = datetime.now(UTC)
    claim = served.database.claim("s1", "another holder", now, timedelta(hours=1))
    served.database.close(claim, RecordStatus.COMPLETED, now)

    answers += [served.says("end", **end), served.says("end", id="s1", at=None)]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, ENDED)] * 4
    assert served.database.summary("s1").status is RecordStatus.COMPLETED


def test_an_end_in_the_hour_that_came_twice_follows_the_start_and_is_announced(served: "Served") -> None:
    served.says("start", id="autumn", instrument="Titan-1", user="ada", at="2025-10-26T02:50:00+02:00")

    answer = served.says("end", id="autumn", at="2025-10-26T02:10:00")

    assert (answer.status_code, answer.json()["end"]) == (200, "2025-10-26T02:10:00+01:00")


def test_a_logger_that_states_no_time_may_say_it_again_later(served: "Served") -> None:
    start = {"id": "called", "instrument": "Titan-1", "user": "ada"}
    answers = [served.says("start", **start, called_at=f"2026-03-02T10:0{minute}:00") for minute in range(2)]
    answers += [served.says("end", id="called", called_at=f"2026-03-02T11:0{minute}:00") for minute in range(2)]

    assert [answer.json()["start"] for answer in answers] == ["2026-03-02T10:00:00+01:00"] * 4
    assert [answer.json().get("end") for answer in answers[2:]] == ["2026-03-02T11:00:00+01:00"] * 2


@pytest.mark.parametrize("when", ["at", "called_at"])
def test_what_is_still_to_come_is_refused(served: "Served", when: str) -> None:
    answer = served.says("start", id="to come", instrument="Titan-1", user="ada", **{when: "2999-01-01T00:00:00"})

    assert (answer.status_code, answer.json()["error"]["type"]) == (409, "SessionStateError")
    assert "still to come" in answer.json()["error"]["sentence"]


def test_a_second_end_at_another_time_hears_when_it_ended(served: "Served") -> None:
    answer = served.says("end", id="s1", at="2026-03-02T12:00:00+01:00")

    assert answer.status_code == 409
    assert "has ended already, at 2026-03-02T10:00:00" in answer.json()["error"]["sentence"]


@pytest.mark.parametrize(
    ("what", "body", "status", "kind"),
    [
        ("start", {"id": "s9", "instrument": "absent", "user": None, "at": None}, 404, "UnknownInstrumentError"),
        ("end", {"id": "absent", "at": None}, 404, "UnknownSessionError"),
        ("start", {"id": "s9"}, 422, "UnusableBodyError"),
    ],
    ids=["an instrument that nobody knows", "a session that nobody knows", "no body"],
)
def test_what_cannot_be_written_down_hears_why(
    served: "Served", what: str, body: dict[str, object], status: int, kind: str
) -> None:
    answer = served.says(what, **body)

    assert (answer.status_code, answer.json()["error"]["type"]) == (status, kind)
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("token", [None, "none", "a.b.c"])
@pytest.mark.parametrize("what", ["start", "end"])
def test_nobody_writes_without_a_login(served: "Served", what: str, token: str | None) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}

    answer = requests.post(f"{served.url}/nexuslims/api/sessions/{what}", json={}, headers=headers, timeout=30)

    assert (answer.status_code, answer.json()["error"]["type"]) == (401, "NotLoggedInError")


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("user", 200), ("op", 200)])
def test_a_viewer_may_not_write_and_the_others_may(served: "Served", role: str, status: int) -> None:
    answer = served.says("start", role, id=f"of {role}", instrument="Titan-1", user=None, at=None)

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://elsewhere.example.org"}, 403),
    ],
    ids=["no browser", "our own page", "another site", "an older browser on another site"],
)
def test_a_cookie_writes_unless_another_site_makes_the_browser_send_it(
    served: "Served", headers: dict[str, str], status: int
) -> None:
    answer = requests.post(
        f"{served.url}/nexuslims/api/sessions/start",
        json={"id": "by cookie", "instrument": "Titan-1"},
        cookies={"_token": served.token("user")},
        headers=headers,
        timeout=30,
    )

    assert answer.status_code == status


def test_a_body_that_does_not_say_that_it_is_json_is_none(served: "Served") -> None:
    answer = requests.post(
        f"{served.url}/nexuslims/api/sessions/start",
        data='{"id": "s9", "instrument": "Titan-1"}',
        headers={"Authorization": f"Bearer {served.token('user')}", "Content-Type": "text/plain"},
        timeout=30,
    )

    assert (answer.status_code, answer.json()["error"]["type"]) == (422, "UnusableBodyError")


def test_a_body_without_an_end_is_not_read_to_its_end(served: "Served") -> None:
    answer = requests.post(
        f"{served.url}/nexuslims/api/sessions/start",
        data=(b" " * 1024 for _ in range(1024)),
        headers={"Authorization": f"Bearer {served.token('user')}", "Content-Type": "application/json"},
        timeout=30,
    )

    assert answer.status_code == 422
    assert "longer than 16384 bytes" in answer.json()["error"]["sentence"]


def test_the_logger_of_an_instruments_computer_is_understood(served: "Served") -> None:
    logbook = AirflowLogbook(url=served.url, user="user", password=served.password("user"), timeout_s=60)
    begun = datetime(2026, 3, 2, 9, 0, 0, 1, tzinfo=UTC)
    start = Entry(event=Event.START, session="by logger", at=begun, instrument="Titan-1", user="ada")

    told = [logbook.write(start), logbook.write(start)]
    ended = logbook.write(Entry(event=Event.END, session="by logger", at=begun + timedelta(hours=1)))

    assert told[0] == told[1]
    assert (told[0].start, ended.end) == (begun, begun + timedelta(hours=1))


def test_a_database_that_fails_hears_503_until_it_is_mended(served: "Served") -> None:
    file = Path(str(served.database.engine.url.database))
    aside = file.with_suffix(".aside")
    file.rename(aside)
    file.write_bytes(b"no database " * 1000)
    try:
        broken = served.says("end", id="s1")
    finally:
        aside.rename(file)

    mended = served.says("end", id="s1")

    assert (broken.status_code, broken.headers["Retry-After"]) == (503, "30")
    assert str(file) not in broken.text
    assert mended.status_code == 200


def test_ends_start_a_run_within_seconds_and_many_of_them_only_one(served: "Served") -> None:
    names = {f"night {number}" for number in range(5)}
    for name in names:
        served.says("start", id=name, instrument="Titan-1", user="ada", at="2026-03-02T20:00:00")
    with ThreadPoolExecutor(5) as threads:
        statuses = {answer.status_code for answer in threads.map(lambda name: served.says("end", id=name), names)}

    with served.scheduling():  # only now, since the run of its timer would be the one that is allowed at a time
        has_started = within(30, lambda: bool(started_by_ends(served)))

    assert statuses == {200}
    assert has_started
    assert len(started_by_ends(served)) == 1


def test_the_event_names_the_session_and_its_instrument(served: "Served") -> None:
    events = served.asks("assets/events")["asset_events"]

    told = [event["extra"] for event in events if event["name"] == "nexuslims_session_ended"]

    assert {"session": "s1", "instrument": "Titan-1"} in told
    assert len(told) == len({event["session"] for event in told})
