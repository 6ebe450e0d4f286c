from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from nexuslims_core.db.database import Database
from nexuslims_core.errors import (
    ClaimedElsewhereError,
    ClaimLostError,
    SessionStateError,
    UnknownSessionError,
)
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.attempts import Abandonment
from nexuslims_core.sessions.models import FindingKind
from nexuslims_core.sessions.states import END_STATES, RecordStatus

Waits = Callable[..., str]
HOUR = timedelta(hours=1)
REACHED = sorted(END_STATES - {RecordStatus.NO_RESERVATION})


def rows(database: Database) -> list[tuple[str, str]]:
    with database.engine.connect() as connection:
        query = "SELECT event_type, record_status FROM session_log ORDER BY id_session_log"
        return [tuple(row) for row in connection.execute(text(query))]


def test_a_claim_is_an_event_and_an_open_attempt(
    database: Database, waits: Waits, ten: datetime, lease: timedelta
) -> None:
    claim = database.claim(waits("s1"), "run:0", ten, lease)

    attempt = database.attempt(claim)
    assert rows(database)[-1] == ("RECORD_GENERATION", "TO_BE_BUILT")
    assert (attempt.number, attempt.holder, attempt.lease_until) == (1, "run:0", ten + lease)
    assert attempt.is_open


def test_refuses_a_session_that_another_holds(
    database: Database, waits: Waits, ten: datetime, lease: timedelta
) -> None:
    database.claim(waits("s1"), "run:0", ten, lease)

    with pytest.raises(ClaimedElsewhereError, match="is being built by run:0"):
        database.claim("s1", "run:1", ten + lease - timedelta(seconds=1), lease)

    assert len(database.attempts("s1")) == 1


def test_a_retry_of_the_same_holder_keeps_its_claim(
    database: Database, waits: Waits, ten: datetime, lease: timedelta
) -> None:
    first = database.claim(waits("s1"), "run:0", ten, lease)

    again = database.claim("s1", "run:0", ten + 2 * lease, lease)

    assert again == first
    assert database.attempt(again).lease_until == ten + 3 * lease
    assert Counter(event for event, _ in rows(database))["RECORD_GENERATION"] == 1


def test_a_dead_holders_session_is_taken_over(
    database: Database, waits: Waits, ten: datetime, lease: timedelta
) -> None:
    dead = database.claim(waits("s1"), "run:0", ten, lease)

    alive = database.claim("s1", "run:1", ten + lease, lease)

    first, second = database.attempts("s1")
    assert (first.outcome, first.ended_at) == (Abandonment.TAKEN_OVER, ten + lease)
    assert (second.number, second.holder, second.is_open) == (2, "run:1", True)
    with pytest.raises(ClaimLostError, match="taken over"):
        database.renew(dead, "find_files", ten + lease, lease)
    assert alive.attempt == 2


def test_one_who_lost_a_claim_cannot_close_it(
    database: Database, waits: Waits, ten: datetime, lease: timedelta
) -> None:
    dead = database.claim(waits("s1"), "run:0", ten, lease)
    database.claim("s1", "run:1", ten + lease, lease)

    with pytest.raises(ClaimLostError, match="taken over"):
        database.close(dead, RecordStatus.ERROR, ten + lease)

    assert database.summary("s1").status is RecordStatus.TO_BE_BUILT


def test_a_lease_that_is_renewed_is_not_taken_over(
    database: Database, waits: Waits, ten: datetime, lease: timedelta
) -> None:
    claim = database.claim(waits("s1"), "run:0", ten, lease)
    database.renew(claim, "extract_metadata", ten + lease, lease)

    with pytest.raises(ClaimedElsewhereError):
        database.claim("s1", "run:1", ten + lease, lease)

    assert database.attempt(claim).stage == "extract_metadata"


@pytest.mark.parametrize("status", REACHED)
def test_closing_sets_all_rows_at_once(
    database: Database, waits: Waits, ten: datetime, lease: timedelta, status: RecordStatus
) -> None:
    claim = database.claim(waits("s1"), "run:0", ten, lease)

    database.close(claim, status, ten + HOUR)

    assert {state for _, state in rows(database)} == {status}
    assert (database.attempt(claim).outcome, database.attempt(claim).ended_at) == (status, ten + HOUR)
    assert database.waiting_sessions() == ()


def test_closing_a_second_time_changes_nothing(
    database: Database, waits: Waits, ten: datetime, lease: timedelta
) -> None:
    claim = database.claim(waits("s1"), "run:0", ten, lease)
    database.close(claim, RecordStatus.COMPLETED, ten)

    database.close(claim, RecordStatus.COMPLETED, ten + HOUR)

    assert database.attempt(claim).ended_at == ten


def test_refuses_to_close_otherwise_than_before(
    database: Database, waits: Waits, ten: datetime, lease: timedelta
) -> None:
    claim = database.claim(waits("s1"), "run:0", ten, lease)
    database.close(claim, RecordStatus.COMPLETED, ten)

    with pytest.raises(SessionStateError, match="ended as COMPLETED already"):
        database.close(claim, RecordStatus.ERROR, ten)


def test_refuses_a_state_that_the_session_cannot_reach(
    database: Database, waits: Waits, ten: datetime, lease: timedelta
) -> None:
    claim = database.claim(waits("s1"), "run:0", ten, lease)

    with pytest.raises(SessionStateError, match="does not become"):
        database.close(claim, RecordStatus.WAITING_FOR_END, ten)

    assert database.attempt(claim).is_open


def test_refuses_to_claim_what_does_not_wait(database: Database, waits: Waits, ten: datetime, lease: timedelta) -> None:
    database.close(database.claim(waits("s1"), "run:0", ten, lease), RecordStatus.COMPLETED, ten)

    with pytest.raises(SessionStateError, match="is COMPLETED, not waiting"):
        database.claim("s1", "run:1", ten, lease)
    with pytest.raises(UnknownSessionError):
        database.claim("absent\0", "run:1", ten, lease)


@pytest.mark.parametrize("status", REACHED)
def test_a_session_is_put_back_with_the_reason(
    database: Database, waits: Waits, ten: datetime, lease: timedelta, status: RecordStatus
) -> None:
    database.close(database.claim(waits("s1"), "run:0", ten, lease), status, ten)

    database.requeue("s1", "the calendar was mended", ten)

    (finding,) = database.findings("s1")
    assert (finding.kind, finding.reason, finding.found_at) == (FindingKind.REQUEUED, "the calendar was mended", ten)
    assert {state for _, state in rows(database)} == {"TO_BE_BUILT"}
    assert database.claim("s1", "run:1", ten, lease).attempt == 2


def test_refuses_to_put_back_what_is_being_built(
    database: Database, waits: Waits, ten: datetime, lease: timedelta
) -> None:
    claim = database.claim(waits("s1"), "run:0", ten, lease)

    with pytest.raises(ClaimedElsewhereError, match="is being built by run:0"):
        database.requeue("s1", "impatience", ten)

    assert database.attempt(claim).is_open


def test_putting_back_ends_the_attempt_of_a_dead_holder(
    database: Database, waits: Waits, ten: datetime, lease: timedelta
) -> None:
    claim = database.claim(waits("s1"), "run:0", ten, lease)

    database.requeue("s1", "its machine was switched off", ten + lease)

    assert database.attempt(claim).outcome is Abandonment.PUT_BACK


def test_refuses_to_put_back_what_has_not_ended(database: Database, titan: Instrument, ten: datetime) -> None:
    database.start_session(titan.instrument_pid, "ada", ten, "s1")

    with pytest.raises(SessionStateError, match="has not ended"):
        database.requeue("s1", "why not", ten)
