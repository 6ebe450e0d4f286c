from datetime import UTC, datetime, timedelta

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from nexuslims_airflow.ui.addresses import Addresses
from nexuslims_airflow.ui.timeline import published_at, timeline
from nexuslims_core.sessions.attempts import Attempt
from nexuslims_core.sessions.explaining import ExplainedLog, Explanation
from nexuslims_core.sessions.models import EventType, SessionLog, SessionSummary
from nexuslims_core.sessions.next_steps import Actor, NextStep
from nexuslims_core.sessions.publications import Publication, PublicationState
from nexuslims_core.sessions.states import RecordStatus

pytestmark = pytest.mark.airflow
TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
AT = Addresses(own="/nexuslims", airflow="")


def explained(*attempts: Attempt, url: str | None = None) -> Explanation:
    summary = SessionSummary(
        session_identifier="s1",
        instrument_pid="Titan-1",
        dt_from=TEN,
        dt_to=TEN + HOUR,
        user="ada",
        status=RecordStatus.ERROR,
        url=url,
    )
    logs = (
        SessionLog(
            session_identifier="s1",
            instrument_pid="Titan-1",
            timestamp=TEN + HOUR * number,
            event_type=event,
            record_status=RecordStatus.ERROR,
            user="ada",
        )
        for number, event in enumerate((EventType.START, EventType.END))
    )
    publication = Publication(
        destination="cdcs",
        title="t",
        state=PublicationState.PUBLISHED,
        tries=1,
        first_tried_at=TEN,
        last_tried_at=TEN + HOUR / 2,
        url=url,
    )
    return Explanation(
        session=summary,
        instrument="Titan",
        timezone="UTC",
        logs=tuple(ExplainedLog(log=log) for log in logs),
        findings=(),
        attempts=attempts,
        publications=(publication,),
        next=NextStep(actor=Actor.NOBODY, sentence=""),
    )


def attempt(**told: object) -> Attempt:
    begun = {"session_identifier": "s1", "number": 1, "holder": "nexuslims_build_records/r/0", "started_at": TEN}
    return Attempt(**begun | {"lease_until": TEN + 3 * HOUR} | told)  # type: ignore[arg-type]


def test_all_is_told_in_the_order_in_which_it_happened() -> None:
    told = explained(attempt(started_at=TEN + 2 * HOUR))

    titles = [event.title for event in timeline(told, AT, TEN)]

    assert titles == ["Session started", "cdcs holds the record", "Session ended", "Attempt 1"]


@pytest.mark.parametrize(
    ("told", "mood", "note"),
    [
        ({"stage": "find_files"}, "wait", "at find_files, by nexuslims_build_records/r/0"),
        ({"lease_until": TEN}, "bad", "silent at claim, by nexuslims_build_records/r/0"),
        (
            {"ended_at": TEN + HOUR, "outcome": RecordStatus.COMPLETED, "stage": "upload_record"},
            "good",
            "COMPLETED after 1 h, reached upload_record, by nexuslims_build_records/r/0",
        ),
    ],
    ids=["at work", "silent", "done"],
)
def test_an_attempt_tells_how_far_it_came(told: dict[str, object], mood: str, note: str) -> None:
    event = next(each for each in timeline(explained(attempt(**told)), AT, TEN + HOUR) if "Attempt" in each.title)

    assert event.mood == mood
    assert event.notes == (note,)


def test_a_failed_attempt_leads_to_the_log_of_the_task_that_failed() -> None:
    failed = attempt(stage="finish", error_stage="validate_record", error_sentence="it is not valid", unreadable=2)

    event = next(each for each in timeline(explained(failed), AT, TEN) if "Attempt" in each.title)

    assert event.notes[1:] == ("2 unreadable", "validate_record: it is not valid")
    assert (event.log_url or "").endswith("/tasks/session.validate_record/mapped/0")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"])
def test_a_page_links_to_the_web_alone(url: str) -> None:
    told = explained(url=url)

    assert published_at(told) is None
    assert [event.url for event in timeline(told, AT, TEN)] == [None] * 3
