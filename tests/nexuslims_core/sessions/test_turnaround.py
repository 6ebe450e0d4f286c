from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nexuslims_core.sessions.attempts import Abandonment, Attempt
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.sessions.turnaround import Delivery, Turnaround, came_online, in_a_sentence, turnaround

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def ended(session: str, took: timedelta | None, at: datetime = NOON) -> Delivery:
    return Delivery(session_identifier=session, ended=at, online=None if took is None else at + took)


def test_says_the_middle_the_worst_and_what_is_missing() -> None:
    deliveries = [ended("a", 3 * MINUTE), ended("b", 90 * MINUTE), ended("c", 5 * MINUTE), ended("d", None)]

    found = turnaround(deliveries, NOON)

    assert found == Turnaround(online=3, awaited=1, median=5 * MINUTE, worst=90 * MINUTE, worst_session="b")


def test_a_session_that_ended_before_the_period_does_not_count() -> None:
    deliveries = [ended("old", 9 * MINUTE, NOON - MINUTE), ended("new", MINUTE)]

    found = turnaround(deliveries, NOON)

    assert (found.online, found.worst_session) == (1, "new")


@pytest.mark.parametrize(
    ("deliveries", "sentence"),
    [
        ([], "none ended in the last 7 days"),
        ([ended("a", None)], "1 not online yet of 1 that ended in the last 7 days"),
        (
            [ended("a", 3 * MINUTE), ended("b", 130 * MINUTE)],
            "median 1 h 6 min, worst 2 h 10 min (b) of 2 that ended in the last 7 days",
        ),
        (
            [ended("a", 3 * MINUTE), ended("b", None)],
            "median 3 min, worst 3 min (a) of 1 that ended in the last 7 days, 1 not online yet",
        ),
    ],
    ids=["no session", "none online", "all online", "some online"],
)
def test_a_person_reads_it_in_a_sentence(deliveries: list[Delivery], sentence: str) -> None:
    assert in_a_sentence(turnaround(deliveries, NOON), 7) == sentence


def test_the_first_version_that_was_everywhere_counts() -> None:
    first = Attempt(session_identifier="s1", number=1, holder="run:0", lease_until=NOON, started_at=NOON, ended_at=NOON)
    silent = replace(first, outcome=Abandonment.TAKEN_OVER)
    built = replace(first, number=2, outcome=RecordStatus.COMPLETED, ended_at=NOON + MINUTE)
    rebuilt = replace(built, number=3, ended_at=NOON + 60 * MINUTE)

    assert came_online([silent, built, rebuilt]) == NOON + MINUTE
    assert came_online([silent]) is None
