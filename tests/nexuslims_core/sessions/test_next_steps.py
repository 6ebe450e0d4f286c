from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.sessions.attempts import Attempt
from nexuslims_core.sessions.books import Books
from nexuslims_core.sessions.models import FindingKind, SessionFinding, SessionSummary
from nexuslims_core.sessions.next_steps import Actor, NextStep, next_step
from nexuslims_core.sessions.publications import Publication, PublicationState
from nexuslims_core.sessions.states import RecordStatus

TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
DELAY = timedelta(days=2)
TITAN = Instrument(
    instrument_pid="FEI-Titan-TEM-635816",
    schema_name="FEI Titan TEM",
    filestore_path="./Titan",
    timezone="America/New_York",
)


def _books(status: RecordStatus, *attempts: Attempt, identifier: str = "s1", **given: object) -> Books:
    """What the books hold of a session from ten to noon, UTC."""
    ended = status is not RecordStatus.WAITING_FOR_END
    summary = SessionSummary(
        session_identifier=identifier,
        instrument_pid=TITAN.instrument_pid,
        dt_from=TEN,
        dt_to=TEN + 2 * HOUR if ended else None,
        user="ada",
        status=status,
    )
    return Books(**{"summary": summary, "instrument": TITAN, "attempts": attempts, **given})  # type: ignore[arg-type]


def _attempt(outcome: RecordStatus | None = None, **given: object) -> Attempt:
    """An attempt from one o'clock on, held for an hour."""
    at = TEN + 3 * HOUR
    kept: dict[str, object] = {
        "session_identifier": "s1",
        "number": 1,
        "holder": "run:0",
        "started_at": at,
        "lease_until": at + HOUR,
        "ended_at": at + HOUR if outcome else None,
        "outcome": outcome,
        "stage": "extract_metadata",
    }
    return Attempt(**kept | given)  # type: ignore[arg-type]


def _finding(kind: FindingKind, reason: str, at: datetime = TEN + 2 * HOUR) -> tuple[SessionFinding, ...]:
    return (SessionFinding(session_identifier="s1", kind=kind, reason=reason, found_at=at),)


def _next(books: Books, after: timedelta = 4 * HOUR) -> NextStep:
    return next_step(books, TEN + after, DELAY)


def _lines(step: NextStep) -> list[str]:
    return [command.line for command in step.commands]


REQUEUE = ["nexuslims sessions requeue s1"]
BUILD = ["nexuslims build s1"]
DOCTOR = ["nexuslims doctor"]
PUBLISH = ["nexuslims publish --pending"]
FIND = [
    "nexuslims find --instrument FEI-Titan-TEM-635816 --from 2026-03-02T05:00:00-05:00 --to 2026-03-02T07:00:00-05:00"
]
AFTER = {
    RecordStatus.WAITING_FOR_END: (Actor.PROGRAM, ["nexuslims sessions end s1"]),
    RecordStatus.TO_BE_BUILT: (Actor.PROGRAM, BUILD),
    RecordStatus.COMPLETED: (Actor.NOBODY, []),
    RecordStatus.BUILT_NOT_EXPORTED: (Actor.PERSON, DOCTOR + PUBLISH + REQUEUE),
    RecordStatus.ERROR: (Actor.PERSON, REQUEUE),
    RecordStatus.NO_FILES_FOUND: (Actor.PERSON, FIND + REQUEUE),
    RecordStatus.NO_CONSENT: (Actor.NOBODY, REQUEUE),
    RecordStatus.NO_RESERVATION: (Actor.PERSON, REQUEUE),
}


def test_every_state_has_its_step() -> None:
    assert set(AFTER) == set(RecordStatus)


@pytest.mark.parametrize("status", RecordStatus)
@pytest.mark.parametrize(
    "attempts",
    [(), (_attempt(RecordStatus.ERROR),), (_attempt(lease_until=TEN + 3.5 * HOUR),)],
    ids=["no attempt", "an attempt that ended", "an attempt whose lease ran out"],
)
def test_where_nobody_builds_the_state_says_who_acts_and_how(status: RecordStatus, attempts: Sequence[Attempt]) -> None:
    step = _next(_books(status, *attempts))

    assert (step.actor, _lines(step)) == AFTER[status]
    assert step.sentence.endswith(".")


@pytest.mark.parametrize("status", RecordStatus)
def test_what_is_being_built_is_left_to_its_holder(status: RecordStatus) -> None:
    deed = "publishing" if status is RecordStatus.BUILT_NOT_EXPORTED else "building"

    step = _next(_books(status, _attempt(lease_until=TEN + 5 * HOUR)))

    assert (step.actor, step.commands) == (Actor.PROGRAM, ())
    assert step.sentence == (
        f"run:0 has been {deed} it since 2026-03-02 08:00:00-05:00, now at extract_metadata; "
        "should it go silent, the next run after 2026-03-02 10:00:00-05:00 takes over."
    )


def test_a_silent_holder_is_named_with_the_end_of_its_lease() -> None:
    step = _next(_books(RecordStatus.TO_BE_BUILT, _attempt()), after=5 * HOUR)

    assert step.sentence == (
        "run:0 went silent and its lease ran out at 2026-03-02 09:00:00-05:00; "
        "the next run takes over and goes on where it stopped."
    )


def test_a_session_open_for_long_is_a_persons_to_end() -> None:
    step = _next(_books(RecordStatus.WAITING_FOR_END), after=timedelta(days=3, hours=2))

    assert (step.actor, _lines(step)) == (Actor.PERSON, ["nexuslims sessions end --at TIME s1"])
    assert step.sentence.startswith("It has been open for 3 days 2 h, so its END was probably never written")
    assert step.commands[0].purpose == "TIME as in 2026-03-02T05:00"


def test_a_usage_of_nemo_is_ended_there() -> None:
    titan = Instrument(
        instrument_pid="T", schema_name="T", filestore_path="./T", timezone="UTC", harvester=Harvester.NEMO
    )
    books = _books(RecordStatus.WAITING_FOR_END, identifier="https://nemo/api/usage_events/?id=3", instrument=titan)

    step = _next(books)

    assert (step.actor, step.commands) == (Actor.PROGRAM, ())
    assert step.sentence == "Its usage event in NEMO has been open for 4 h; once it is ended there, so is this."


def test_logs_to_be_built_without_an_end_wait_for_it() -> None:
    books = _books(RecordStatus.TO_BE_BUILT)
    endless = SessionSummary(
        session_identifier="s1", instrument_pid="T", dt_from=TEN, dt_to=None, user=None, status=books.summary.status
    )

    step = _next(Books(summary=endless))

    assert _lines(step) == ["nexuslims sessions end s1"]


def test_a_session_waits_for_files_until_a_date() -> None:
    step = _next(_books(RecordStatus.TO_BE_BUILT, findings=_finding(FindingKind.WAITING, "no files yet.")))

    assert (step.actor, _lines(step)) == (Actor.PROGRAM, BUILD)
    assert step.sentence == (
        "It waits: no files yet; each run looks again, and from 2026-03-04 07:00:00-05:00 on "
        "it is built with what is there."
    )


def test_what_keeps_a_session_after_that_date_is_a_persons_to_mend() -> None:
    waiting = _finding(FindingKind.WAITING, "the file store is not there: mount it")

    step = _next(_books(RecordStatus.TO_BE_BUILT, findings=waiting), after=timedelta(days=3))

    assert (step.actor, _lines(step)) == (Actor.PERSON, DOCTOR + BUILD)
    assert step.sentence.endswith("unless this still holds: the file store is not there: mount it.")


def test_a_session_that_no_run_takes_up_is_a_sign_that_nothing_runs() -> None:
    step = _next(_books(RecordStatus.TO_BE_BUILT), after=timedelta(days=2, hours=2))

    assert (step.actor, _lines(step)) == (Actor.PERSON, DOCTOR + BUILD)
    assert step.sentence.startswith("It has waited for 2 days, and no run has taken it up: check that Airflow runs")


def test_one_that_was_put_back_waits_from_then_on() -> None:
    back = _finding(FindingKind.REQUEUED, "once more", at=TEN + timedelta(days=9))

    step = _next(_books(RecordStatus.TO_BE_BUILT, findings=back), after=timedelta(days=9, hours=1))

    assert step.sentence == "It waits for its turn; the next run looks at it."


@pytest.mark.parametrize(
    ("books", "sentence"),
    [
        (
            _books(RecordStatus.ERROR, _attempt(RecordStatus.ERROR, error_stage="build_record", error_sentence="Bad.")),
            "build_record failed: Bad.",
        ),
        (
            _books(RecordStatus.ERROR, findings=_finding(FindingKind.PARKED, "it ends before it starts")),
            "Its logs cannot be made into a session: it ends before it starts.",
        ),
        (
            _books(
                RecordStatus.ERROR,
                _attempt(RecordStatus.ERROR, error_sentence="no space"),
                findings=_finding(FindingKind.PARKED, "mended since"),
            ),
            "extract_metadata failed: no space.",
        ),
        (
            _books(
                RecordStatus.ERROR,
                _attempt(RecordStatus.ERROR, error_sentence="old news"),
                findings=_finding(FindingKind.PARKED, "a log came late", at=TEN + 8 * HOUR),
            ),
            "Its logs cannot be made into a session: a log came late.",
        ),
        (
            _books(RecordStatus.ERROR),
            "The books hold no reason: it failed before they began, or its rows disagree. Try it once more.",
        ),
    ],
    ids=["a stage failed", "parked", "failed after it was parked", "parked after it failed", "nobody knows"],
)
def test_an_error_is_told_by_what_happened_last(books: Books, sentence: str) -> None:
    assert _next(books, after=9 * HOUR).sentence == sentence


def test_an_unpublished_record_says_what_the_repository_said() -> None:
    refused = Publication(
        destination="cdcs",
        title="t",
        state=PublicationState.FAILED,
        tries=2,
        first_tried_at=TEN,
        last_tried_at=TEN,
        last_error="it does not answer",
        next_try_at=TEN + HOUR,
    )

    step = _next(_books(RecordStatus.BUILT_NOT_EXPORTED, publications=(refused,)))

    assert step.sentence == (
        "Its record is valid and not published: it does not answer. "
        "Housekeeping tries again from 2026-03-02 06:00:00-05:00 on."
    )


def test_an_instrument_that_is_not_known_is_told_in_utc() -> None:
    step = _next(_books(RecordStatus.NO_FILES_FOUND, instrument=None))

    assert "--from 2026-03-02T10:00:00+00:00" in step.commands[0].line


def test_a_session_without_a_name_is_ended_by_hand_since_no_logger_can_say_it() -> None:
    step = _next(_books(RecordStatus.WAITING_FOR_END, identifier=""), 50 * HOUR)

    assert _lines(step) == ["nexuslims sessions amend --end TIME ''"]
