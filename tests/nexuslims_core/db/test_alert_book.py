"""The books of alerts, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from nexuslims_core.alerts.books import GIVEN_UP_AFTER, Ending, Gathering, Parcel, next_try
from nexuslims_core.alerts.models import Alert, AlertKind
from nexuslims_core.alerts.wording import back
from nexuslims_core.db.database import Database

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
ADA, BOB = "ada@example.org", "bob@example.org"
GATHERING = Gathering(digest=3, patience=5 * MINUTE)
ALERT = Alert(
    kind=AlertKind.SESSION, subject="s1", occasion="attempt 1", headline="it failed", reason="because", at=NOW
)


def _numbered(number: int) -> Alert:
    return replace(ALERT, occasion=f"attempt {number}")


def _take(database: Database, now: datetime = NOW, *, at_once: bool = False) -> tuple[Parcel, ...]:
    return database.take_parcels((ADA, BOB), GATHERING, now, at_once=at_once)


def test_an_alert_is_kept_once_and_comes_back_as_it_was(database: Database) -> None:
    hostile = replace(ALERT, reason="half a pair \ud800, a NUL \0, 電子")

    written = [database.write_alert(hostile, (ADA,)) for _ in range(2)]

    assert written == [True, False]
    assert [told.alert for told in database.told_alerts(10)] == [hostile]


def test_what_is_taken_is_held_until_it_is_told_or_its_sender_went_silent(database: Database) -> None:
    database.write_alert(ALERT, (ADA, BOB))

    first, second = _take(database), _take(database, NOW + MINUTE)
    database.note_told(ADA, (ALERT.mark,), NOW)
    later = _take(database, NOW + GATHERING.hold)

    assert first == (Parcel(recipient=ADA, alerts=(ALERT,)), Parcel(recipient=BOB, alerts=(ALERT,)))
    assert second == ()
    assert [parcel.recipient for parcel in later] == [BOB]


def test_who_could_not_be_told_is_tried_again_at_growing_distances_with_all_that_came_since(database: Database) -> None:
    database.write_alert(ALERT, (ADA,))
    _take(database)
    database.note_untold(ADA, (ALERT.mark,), "it is down", NOW)
    database.write_alert(_numbered(2), (ADA,))

    too_soon, then = _take(database, NOW + 59 * SECOND), _take(database, NOW + MINUTE)
    marks = tuple(alert.mark for alert in then[0].alerts)
    database.note_untold(ADA, marks, "it is down", NOW + MINUTE)
    again = {minutes: _take(database, NOW + minutes * MINUTE) for minutes in (2, 3)}

    assert too_soon == ()
    assert (len(marks), then[0].tries) == (2, 1)
    assert (again[2], len(again[3][0].alerts)) == ((), 2)
    assert next_try(NOW, 50) - NOW == HOUR


def test_a_person_need_not_wait_for_the_next_try(database: Database) -> None:
    database.write_alert(ALERT, (ADA,))
    _take(database)
    database.note_untold(ADA, (ALERT.mark,), "it is down", NOW)

    assert len(_take(database, NOW + SECOND, at_once=True)) == 1


def test_alerts_wait_for_each_other_while_a_session_is_being_built(
    database: Database, waits: Callable[..., str]
) -> None:
    claim = database.claim(waits("other"), "builder", NOW, HOUR)
    for number in range(3):
        database.write_alert(_numbered(number), (ADA,))

    while_building, at_last = _take(database), _take(database, NOW + 5 * MINUTE)

    assert claim.attempt == 1
    assert (while_building, len(at_last[0].alerts)) == ((), 3)


def test_many_messages_in_a_short_time_become_one(database: Database) -> None:
    for number in range(3):
        database.write_alert(_numbered(number), (ADA,))
        _take(database)
        database.note_told(ADA, (_numbered(number).mark,), NOW)
    database.write_alert(_numbered(4), (ADA,))
    database.write_alert(_numbered(5), (ADA,))

    now, later = _take(database, NOW + SECOND), _take(database, NOW + 5 * MINUTE)

    assert (now, len(later[0].alerts)) == ((), 2)


@pytest.mark.parametrize("recipient", [ADA, "somebody who is told no more"])
def test_what_nobody_can_use_any_more_is_given_up(database: Database, recipient: str) -> None:
    database.write_alert(ALERT, (recipient,))

    assert _take(database, NOW + GIVEN_UP_AFTER + SECOND) == ()

    (told,) = database.told_alerts(10)
    assert told.deliveries[0].given_up_at == NOW + GIVEN_UP_AFTER + SECOND


@pytest.mark.slow
def test_of_many_who_send_at_once_one_takes_each_alert(database: Database) -> None:
    for number in range(10):
        database.write_alert(_numbered(number), (ADA,))
    ready = Barrier(6)

    def take() -> int:
        ready.wait()
        return sum(len(parcel.alerts) for parcel in _take(database))

    with ThreadPoolExecutor(6) as people:
        taken = [each.result() for each in [people.submit(take) for _ in range(6)]]

    assert sorted(taken) == [0, 0, 0, 0, 0, 10]


@pytest.mark.slow
def test_of_many_who_write_the_same_at_once_one_does(database: Database) -> None:
    trouble = replace(ALERT, kind=AlertKind.STORAGE)
    ready = Barrier(6)

    def write() -> tuple[bool, bool]:
        ready.wait()
        return database.write_alert(ALERT, (ADA,)), database.begin_trouble(trouble, (ADA,))

    with ThreadPoolExecutor(6) as people:
        written = [each.result() for each in [people.submit(write) for _ in range(6)]]

    assert [sum(column) for column in zip(*written, strict=True)] == [1, 1]
    assert len(database.told_alerts(10)) == 2


def test_a_trouble_is_told_once_while_it_lasts_and_once_when_it_is_over(database: Database) -> None:
    told = Ending(words=lambda trouble: back(trouble, NOW + HOUR), recipients=lambda _: (ADA,))
    first, again = (
        replace(ALERT, kind=AlertKind.STORAGE, occasion=str(at), at=NOW + at) for at in (0 * HOUR, 2 * HOUR)
    )

    begun = [database.begin_trouble(alert, (ADA,)) for alert in (first, again)]
    ended = [database.end_trouble(AlertKind.STORAGE, "s1", told) for _ in range(2)]
    anew = database.begin_trouble(again, (ADA,))

    assert (begun, [bool(trouble) for trouble in ended], anew) == ([True, False], [True, False], True)
    headlines = [each.alert.headline for each in database.told_alerts(10)]
    assert headlines == ["it failed", "over: it failed", "it failed"]
