from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from nexuslims_core.db.database import Database
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.sessions.turnaround import Delivery

Waits = Callable[..., str]
HOUR = timedelta(hours=1)


@pytest.fixture
def ends(database: Database, ten: datetime, lease: timedelta) -> Callable[[str, RecordStatus], None]:
    """Build a session, which ended an hour after ten, three hours after ten."""

    def build(session: str, status: RecordStatus) -> None:
        claim = database.claim(session, "run:0", ten + 2 * HOUR, lease)
        database.close(claim, status, ten + 3 * HOUR)

    return build


def test_tells_when_a_session_ended_and_when_its_record_was_online(
    database: Database, waits: Waits, ends: Callable[[str, RecordStatus], None], ten: datetime
) -> None:
    ends(waits("s1"), RecordStatus.COMPLETED)

    found = database.deliveries(ten)

    assert found == (Delivery(session_identifier="s1", ended=ten + HOUR, online=ten + 3 * HOUR),)


def test_a_rebuild_leaves_the_time_of_the_first_version(
    database: Database, waits: Waits, ends: Callable[[str, RecordStatus], None], ten: datetime, lease: timedelta
) -> None:
    ends(waits("s1"), RecordStatus.COMPLETED)
    database.requeue("s1", "better now", ten + 4 * HOUR)
    database.close(database.claim("s1", "run:1", ten + 5 * HOUR, lease), RecordStatus.COMPLETED, ten + 6 * HOUR)

    (found,) = database.deliveries(ten)

    assert found.online == ten + 3 * HOUR


@pytest.mark.parametrize("status", [RecordStatus.ERROR, RecordStatus.BUILT_NOT_EXPORTED, None])
def test_a_session_that_is_to_have_a_record_is_awaited(
    database: Database,
    waits: Waits,
    ends: Callable[[str, RecordStatus], None],
    ten: datetime,
    status: RecordStatus | None,
) -> None:
    waits("s1")
    if status is not None:
        ends("s1", status)

    (found,) = database.deliveries(ten)

    assert found.online is None


def test_a_session_without_files_awaits_no_record(
    database: Database, waits: Waits, ends: Callable[[str, RecordStatus], None], ten: datetime
) -> None:
    ends(waits("s1"), RecordStatus.NO_FILES_FOUND)

    assert database.deliveries(ten) == ()


def test_sessions_that_ended_before_are_left_out(
    database: Database, waits: Waits, ends: Callable[[str, RecordStatus], None], ten: datetime
) -> None:
    ends(waits("old", at=ten - 5 * HOUR), RecordStatus.COMPLETED)
    waits("new")

    assert [each.session_identifier for each in database.deliveries(ten)] == ["new"]
