from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import combinations

import pytest
from sqlalchemy import insert, update
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.database import Database
from nexuslims_core.db.repositories import findings, summaries
from nexuslims_core.db.rows import SessionLogRow
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.listing import Backlog, Wanted
from nexuslims_core.sessions.models import EventType, FindingKind, SessionFinding
from nexuslims_core.sessions.states import RecordStatus, standing
from tests.nexuslims_core.db.conftest import Waits

HOUR = timedelta(hours=1)


@pytest.fixture
def transaction(database: Database) -> Iterator[Transaction]:
    with Transaction(database.engine) as transaction, transaction.begin():
        yield transaction


def _found(database: Database, **wanted: object) -> list[str]:
    found = database.listing(Wanted(**wanted))  # type: ignore[arg-type]
    return [each.session_identifier for each in found.sessions]


def test_the_database_reckons_where_a_session_stands_as_the_core_does(
    transaction: Transaction, titan: Instrument, ten: datetime
) -> None:
    several = [some for size in (1, 2, 3) for some in combinations(RecordStatus, size)]
    for statuses in several:
        for i, status in enumerate(statuses):
            row = SessionLogRow(
                session_identifier=" ".join(statuses),
                instrument=titan.instrument_pid,
                timestamp=ten + i * HOUR,
                event_type=EventType.END if i else EventType.START,
                record_status=status,
                user=None,
            )
            transaction.add(row)
    transaction.flush()

    found = {
        status: {
            each.session_identifier for each in summaries.listed(transaction, Wanted(statuses=frozenset({status})))
        }
        for status in RecordStatus
    }

    assert found == {
        status: {" ".join(some) for some in several if standing(some) is status} for status in RecordStatus
    }


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param({"limit": 2}, ["noon", "open"], id="the newest"),
        pytest.param({"user": "grace"}, ["noon"], id="user"),
        pytest.param({"instrument_pid": "FEI-Titan-TEM-635816"}, ["early", "noon", "open"], id="instrument"),
        pytest.param({"instrument_pid": "none"}, [], id="another instrument"),
        pytest.param({"statuses": {RecordStatus.WAITING_FOR_END}}, ["open"], id="one state"),
        pytest.param({"statuses": set(RecordStatus)}, ["early", "noon", "open"], id="several states"),
        pytest.param({"since": 2.5, "until": 2.75}, ["noon"], id="one that runs through"),
        pytest.param({"since": 1}, ["early", "noon", "open"], id="since the moment it ended"),
        pytest.param({"since": 1.01}, ["noon", "open"], id="since later"),
        pytest.param({"until": 2}, ["early", "noon"], id="until the moment it began"),
        pytest.param({"since": 100}, ["open"], id="one without an end still runs"),
        pytest.param({"user": "ada", "until": 1, "limit": 5}, ["early"], id="all together"),
    ],
)
def test_filters_choose_sessions_whole(
    database: Database, waits: Waits, titan: Instrument, ten: datetime, wanted: dict[str, object], found: list[str]
) -> None:
    waits("early")
    waits("noon", at=ten + 2 * HOUR, user="grace")
    database.start_session(titan.instrument_pid, "ada", ten + 5 * HOUR, "open")

    times = {name: ten + hours * HOUR for name, hours in wanted.items() if isinstance(hours, int | float)}
    asked = wanted | {name: time for name, time in times.items() if name in ("since", "until")}

    assert _found(database, **asked) == found


def test_counts_take_no_notice_of_the_limit(database: Database, waits: Waits, ten: datetime, lease: timedelta) -> None:
    for i in range(3):
        waits(f"s{i}", at=ten + i * HOUR)
    database.close(database.claim("s1", "run:0", ten, lease), RecordStatus.ERROR, ten)

    found = database.listing(Wanted(limit=1))

    assert ([each.session_identifier for each in found.sessions], found.total) == (["s2"], 3)
    assert found.counts == {RecordStatus.TO_BE_BUILT: 2, RecordStatus.ERROR: 1}


def test_more_sessions_than_one_statement_takes_are_listed(
    transaction: Transaction, titan: Instrument, ten: datetime
) -> None:
    logs = [
        {
            "session_identifier": f"s{i:04}",
            "instrument": titan.instrument_pid,
            "timestamp": ten + i * HOUR,
            "event_type": EventType.START,
            "record_status": RecordStatus.WAITING_FOR_END,
        }
        for i in range(1201)
    ]
    transaction.execute(insert(SessionLogRow), logs)

    found = summaries.listed(transaction, Wanted())

    assert [each.session_identifier for each in found] == [log["session_identifier"] for log in logs]


def test_a_summary_says_until_when_somebody_holds_the_session(
    database: Database, waits: Waits, ten: datetime, lease: timedelta
) -> None:
    claim = database.claim(waits("s1"), "run:0", ten, lease)

    held = database.summary("s1").lease_until
    database.close(claim, RecordStatus.ERROR, ten)

    assert (held, database.summary("s1").lease_until) == (ten + lease, None)


def test_the_backlog_counts_what_needs_a_person(
    database: Database, waits: Waits, titan: Instrument, ten: datetime, lease: timedelta
) -> None:
    for identifier, status in (("e1", "ERROR"), ("e2", "ERROR"), ("u1", "BUILT_NOT_EXPORTED"), ("c1", "COMPLETED")):
        database.close(database.claim(waits(identifier), "run:0", ten, lease), RecordStatus(status), ten + HOUR)
    _park(database, "e1", ten - HOUR)  # and tried since
    _park(database, "e2", ten + 2 * HOUR)
    database.start_session(titan.instrument_pid, "ada", ten, "old")
    database.start_session(titan.instrument_pid, "ada", ten + 30 * HOUR, "new")
    database.claim(waits("silent"), "run:1", ten, lease)
    database.claim(waits("held"), "run:2", ten, timedelta(days=2))

    backlog = database.backlog(ten + 31 * HOUR, timedelta(days=1))

    assert backlog == Backlog(failed=2, parked=1, unpublished=1, open_for_long=1, silent=1)


def test_an_empty_database_has_no_backlog(database: Database, ten: datetime) -> None:
    assert database.backlog(ten, HOUR) == Backlog()


def _park(database: Database, identifier: str, at: datetime) -> None:
    finding = SessionFinding(session_identifier=identifier, reason="broken", kind=FindingKind.PARKED, found_at=at)
    with Transaction(database.engine) as transaction, transaction.begin():
        findings.add(transaction, finding)


def test_a_log_of_two_states_is_listed_with_the_errors(database: Database, waits: Waits) -> None:
    waits("s1")
    with Transaction(database.engine) as transaction, transaction.begin():
        late = update(SessionLogRow).where(SessionLogRow.event_type == EventType.START)
        transaction.execute(late.values(record_status=RecordStatus.COMPLETED))

    assert _found(database, statuses=frozenset({RecordStatus.ERROR})) == ["s1"]


def test_pages_follow_each_other_without_gap_or_repetition(database: Database, waits: Waits, ten: datetime) -> None:
    made = {waits(name, at=ten + timedelta(days=day)) for day, name in enumerate("abc")}
    made |= {waits(name, at=ten) for name in ("B", "é", "_", "Z", "z")}  # which languages sort otherwise

    seen, after = list[str](), None
    for _ in range(4):
        page = database.page(Wanted(limit=2), after)
        seen += [line.session_identifier for line in page.sessions]
        after = page.end

    assert len(seen) == len(made)
    assert seen == ["c", "b", "é", "z", "a", "_", "Z", "B"]
    assert after is None


def test_the_counts_of_a_page_are_those_of_all_states(database: Database, waits: Waits, ten: datetime) -> None:
    waits("s1")
    database.start_session("FEI-Titan-TEM-635816", "ada", ten, "open")

    page = database.page(Wanted(statuses=frozenset({RecordStatus.TO_BE_BUILT}), limit=1))

    assert [line.session_identifier for line in page.sessions] == ["s1"]
    assert page.counts == {RecordStatus.WAITING_FOR_END: 1, RecordStatus.TO_BE_BUILT: 1}
    assert not page.has_more


def test_the_use_of_an_instrument_counts_sessions_and_not_logs(
    database: Database, waits: Waits, ten: datetime, lease: timedelta
) -> None:
    database.close(database.claim(waits("s1"), "h", ten, lease), RecordStatus.ERROR, ten)
    waits("s2", at=ten + timedelta(days=1))

    use = database.uses()["FEI-Titan-TEM-635816"]

    assert (use.sessions, use.waiting, use.failed) == (2, 1, 1)
    assert use.last_heard == ten + timedelta(days=1, hours=1)
