"""Claims under clocks that differ, holders that stand still and servers that cut the line; see also tests/soak."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text

from nexuslims_core.db import lives
from nexuslims_core.db.database import Database
from nexuslims_core.db.engine import connect
from nexuslims_core.db.repositories import builds, session_logs
from nexuslims_core.db.repositories.builds import Lease
from nexuslims_core.errors import ClaimedElsewhereError, ClaimLostError, ServiceUnavailableError, SessionStateError
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.attempts import Abandonment
from nexuslims_core.sessions.models import Claim
from nexuslims_core.sessions.states import END_STATES, RecordStatus
from nexuslims_core.testing.servers.postgresql import PostgresqlServer

Waits = Callable[..., str]
SECOND = timedelta(seconds=1)
STEPS = 4


@pytest.fixture
def claimed(database: Database, waits: Waits, ten: datetime, lease: timedelta) -> Claim:
    return database.claim(waits("s1"), "host a", ten, lease)


@pytest.mark.parametrize("skew", [-10 * SECOND, 10 * SECOND], ids=["late", "early"])
def test_a_clock_that_is_seconds_off_takes_nothing_from_one_who_renews(
    database: Database, claimed: Claim, ten: datetime, lease: timedelta, skew: timedelta
) -> None:
    refused = 0

    for step in range(1, 5 * STEPS):
        now = ten + step * lease / STEPS
        try:
            database.claim("s1", "host b", now + skew, lease)
        except ClaimedElsewhereError:
            refused += 1
        database.renew(claimed, "extract_metadata", now, lease)

    assert refused == 5 * STEPS - 1
    assert [attempt.holder for attempt in database.attempts("s1")] == ["host a"]


def test_a_clock_that_is_a_lease_ahead_takes_over_and_its_work_alone_counts(
    database: Database, claimed: Claim, ten: datetime, lease: timedelta
) -> None:
    ahead = database.claim("s1", "host b", ten + lease, lease)

    with pytest.raises(ClaimedElsewhereError):
        database.claim("s1", "host a", ten + SECOND, lease)
    with pytest.raises(ClaimLostError):
        database.close(claimed, RecordStatus.ERROR, ten + SECOND)
    database.close(ahead, RecordStatus.COMPLETED, ten + lease + SECOND)

    assert database.summary("s1").status is RecordStatus.COMPLETED
    assert [each.outcome for each in database.attempts("s1")] == [Abandonment.TAKEN_OVER, RecordStatus.COMPLETED]


def test_a_retry_on_a_host_whose_clock_is_late_does_not_shorten_the_claim(
    database: Database, claimed: Claim, ten: datetime, lease: timedelta
) -> None:
    again = database.claim("s1", "host a", ten - 10 * SECOND, lease)
    database.renew(again, "find_files", ten - 10 * SECOND, lease)

    assert again == claimed
    assert database.attempt(again).lease_until == ten + lease


def test_an_attempt_may_end_before_it_began_by_the_clock_of_another_host(
    database: Database, claimed: Claim, ten: datetime, lease: timedelta
) -> None:
    database.close(claimed, RecordStatus.ERROR, ten - SECOND)
    database.requeue("s1", "mended", ten - 2 * SECOND)

    second = database.claim("s1", "host c", ten - 3 * SECOND, lease)

    assert [each.number for each in database.attempts("s1")] == [1, 2]
    assert database.attempt(second).is_open


def test_one_whose_lease_ran_out_goes_on_if_nobody_took_over(
    database: Database, claimed: Claim, ten: datetime, lease: timedelta
) -> None:
    database.renew(claimed, "build_record", ten + 5 * lease, lease)

    database.close(claimed, RecordStatus.COMPLETED, ten + 9 * lease)

    assert [each.outcome for each in database.attempts("s1")] == [RecordStatus.COMPLETED]


def test_every_note_of_one_who_lost_a_claim_is_refused_and_changes_nothing(
    database: Database, claimed: Claim, ten: datetime, lease: timedelta
) -> None:
    database.claim("s1", "host b", ten + lease, lease)
    before = database.attempts("s1"), database.summary("s1")

    for note in (
        lambda: database.renew(claimed, "upload_record", ten + 2 * lease, lease),
        lambda: database.note_counts(claimed, files=1, datasets=1),
        lambda: database.note_failure(claimed, "upload_record", "TooLate", "asleep"),
        lambda: database.note_record(claimed, Path("/too/late.xml"), "0" * 64),
        lambda: database.close(claimed, RecordStatus.COMPLETED, ten + 2 * lease),
    ):
        with pytest.raises(ClaimLostError, match="s1"):
            note()

    assert (database.attempts("s1"), database.summary("s1")) == before


@pytest.mark.parametrize("status", [RecordStatus.TO_BE_BUILT, RecordStatus.WAITING_FOR_END])
def test_an_attempt_ends_in_an_end_state_only(
    database: Database, claimed: Claim, ten: datetime, status: RecordStatus
) -> None:
    with pytest.raises(SessionStateError, match="s1"):
        database.close(claimed, status, ten)

    assert database.attempt(claimed).is_open


@pytest.mark.parametrize("status", sorted(END_STATES))
def test_a_session_of_another_release_in_any_end_state_is_put_back_and_built(
    database: Database, waits: Waits, ten: datetime, lease: timedelta, status: RecordStatus
) -> None:
    waits("s1")
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE session_log SET record_status = :status"), {"status": status.value})

    database.requeue("s1", "once more", ten)
    database.close(database.claim("s1", "host a", ten, lease), RecordStatus.COMPLETED, ten)

    assert database.summary("s1").status is RecordStatus.COMPLETED


def test_who_waits_for_one_who_stands_still_gives_up_in_a_sentence(
    database: Database, url: str, waits: Waits, ten: datetime, lease: timedelta
) -> None:
    waits("s1")
    other = Database(engine=connect(url, patience_s=0.1))

    with database._writing() as standing_still:
        session_logs.known(standing_still, "s1")
        with pytest.raises(ServiceUnavailableError, match="lock") as error:
            other.claim("s1", "host b", ten, lease)

    assert error.value.retryable
    assert other.claim("s1", "host b", ten, lease).attempt == 1
    other.engine.dispose()


@pytest.fixture
def served(postgresql: PostgresqlServer, titan: Instrument, ten: datetime) -> str:
    """The address of a PostgreSQL database in which one session waits."""
    postgresql.drop("served")
    url = postgresql.database("served")
    database = Database.create(url)
    database.add_instrument(titan)
    database.start_session(titan.instrument_pid, "ada", ten, "s1")
    database.end_session("s1", ten + timedelta(hours=1))
    database.engine.dispose()
    return url


def test_postgresql_ends_the_transaction_of_one_who_stands_still_in_it(
    served: str, ten: datetime, lease: timedelta
) -> None:
    silent, other = (Database(engine=connect(served, patience_s=patience)) for patience in (0.3, 5))
    claims: list[Claim] = []

    def stand_still_and_park() -> None:
        with silent._writing() as transaction:
            session_logs.lock(transaction, "s1")
            claims.append(other.claim("s1", "host b", ten, lease))
            session_logs.park(transaction, "s1")

    with pytest.raises(ServiceUnavailableError):
        stand_still_and_park()

    (claim,) = claims
    assert other.attempt(claim).is_open
    assert silent.summary("s1").status is RecordStatus.TO_BE_BUILT
    for database in (silent, other):
        database.engine.dispose()


@pytest.mark.parametrize("at_commit", [False, True], ids=["at a statement", "at the commit"])
def test_a_line_that_the_server_cuts_is_said_in_a_sentence_and_drawn_anew(
    served: str, ten: datetime, lease: timedelta, at_commit: bool
) -> None:
    database = Database.open(served)

    def move_while_the_line_is_cut() -> None:
        with database._writing() as transaction:
            session_logs.move(transaction, "s1", RecordStatus.ERROR)
            _cut_all_lines(served)
            if not at_commit:
                session_logs.of_session(transaction, "s1")

    with pytest.raises(ServiceUnavailableError, match="does not answer"):
        move_while_the_line_is_cut()

    assert database.claim("s1", "host a", ten, lease).attempt == 1
    database.engine.dispose()


@pytest.mark.parametrize("idle_s", [0.0, 60.0], ids=["that lay idle", "in use"])
def test_only_a_line_that_lay_idle_is_tried_before_it_is_used(
    served: str, ten: datetime, lease: timedelta, monkeypatch: pytest.MonkeyPatch, idle_s: float
) -> None:
    monkeypatch.setattr("nexuslims_core.db.engine.IDLE_S", idle_s)
    database = Database.open(served)

    _cut_all_lines(served)

    with nullcontext() if idle_s == 0 else pytest.raises(ServiceUnavailableError):
        assert database.claim("s1", "host a", ten, lease).attempt == 1
    assert database.claim("s1", "host a", ten, lease).attempt == 1
    database.engine.dispose()


def test_whoever_keeps_the_books_of_a_claim_looks_at_no_log(
    database: Database, ten: datetime, lease: timedelta, titan: Instrument
) -> None:
    database.start_session(titan.instrument_pid, "ada", ten, "s1")
    database.end_session("s1", ten + timedelta(hours=1))
    claim = database.claim("s1", "host a", ten, lease)
    said: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: said.append(statement))

    database.renew(claim, "find_files", ten, lease)
    database.note_counts(claim, files=3)

    assert said
    assert not [statement for statement in said if "session_log" in statement]


def _cut_all_lines(url: str) -> None:
    engine = connect(url)
    with engine.begin() as connection:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))  # noqa: S608 - no text from outside
    engine.dispose()
    time.sleep(0.1)  # the server says that it will, not that it did


def test_who_notes_something_while_another_takes_over_waits_and_learns_of_it(
    served: str, ten: datetime, lease: timedelta
) -> None:
    slow, other = Database(engine=connect(served)), Database(engine=connect(served))
    claim = slow.claim("s1", "host a", ten, lease)
    late = Lease(holder="host b", now=ten + 2 * lease, length=lease)

    with ThreadPoolExecutor() as threads:
        with other._writing() as transaction:
            lives.claim(transaction, "s1", late)
            note = threads.submit(slow.note_counts, claim, files=1)
            with pytest.raises(TimeoutError):
                note.result(0.3)
        refused = note.exception()

    assert isinstance(refused, ClaimLostError)
    for database in (slow, other):
        database.engine.dispose()


def test_a_statement_that_stands_by_itself_leaves_transactions_as_they_were(
    served: str, ten: datetime, lease: timedelta
) -> None:
    database = Database(engine=connect(served))
    claim = database.claim("s1", "host a", ten, lease)
    with database._writing_once() as transaction:
        builds.count(transaction, claim, {"files": 1})
        alone = transaction.connection().connection.driver_connection.autocommit

    with suppress(KeyError), database._writing_books() as transaction:
        builds.count(transaction, claim, {"files": 2})
        raise KeyError

    assert (alone, database.attempt(claim).files) == (True, 1)
    database.engine.dispose()
