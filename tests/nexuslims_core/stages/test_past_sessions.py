"""Which sessions of a stretch of time are built, and why the others are left."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from nexuslims_core.errors import UnknownInstrumentError, UnknownSessionError
from nexuslims_core.sessions.choice import Choice
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.stages.past_sessions import PastSession, past_sessions, put_back
from tests.nexuslims_core.conftest import BEGUN, Lab

END = BEGUN + timedelta(hours=2)
DAY = timedelta(days=1)
ALL = Choice()


def asked(lab: Lab, choice: Choice = ALL, **given: bool) -> tuple[PastSession, ...]:
    return past_sessions(lab.facility(), END, END + DAY, choice, **given)


def ended_as(lab: Lab, identifier: str, status: RecordStatus) -> None:
    database, now = lab.database, datetime.now(UTC)
    claim = database.claim(identifier, "tester", now, DAY)
    database.close(claim, status, now)


@pytest.mark.parametrize(
    ("hours", "found"), [(-1, []), (0, ["s"]), (23, ["s"]), (24, [])], ids=["before", "first", "last", "after"]
)
def test_the_end_decides_and_the_interval_is_open_above(lab: Lab, hours: int, found: list[str]) -> None:
    lab.waits("s", begun=BEGUN + timedelta(hours=hours))

    assert [each.session_identifier for each in asked(lab)] == found


def test_one_that_waits_is_built(lab: Lab) -> None:
    lab.waits("s")

    (told,) = asked(lab)

    assert told.left is None
    assert told.session == lab.database.session("s")


@pytest.mark.parametrize("rebuild", [False, True])
def test_one_that_is_built_is_left_without_rebuild(lab: Lab, rebuild: bool) -> None:
    ended_as(lab, lab.waits("s"), RecordStatus.COMPLETED)

    (told,) = asked(lab, rebuild=rebuild)

    assert (told.left is None) is rebuild


def test_one_that_is_not_named_is_told_and_left(lab: Lab) -> None:
    lab.waits("one")
    lab.waits("two", begun=BEGUN + timedelta(hours=3))

    told = asked(lab, Choice(sessions=frozenset({"two"})))

    assert [(each.session_identifier, bool(each.left)) for each in told] == [("one", True), ("two", False)]


def test_one_whose_logs_make_no_session_is_told_and_left_by_a_rebuild_too(lab: Lab) -> None:
    insert = text(
        "INSERT INTO session_log (session_identifier, instrument, timestamp, event_type) VALUES ('s', :pid, :at, 'END')"
    )
    with lab.database.engine.begin() as connection:
        connection.execute(insert, {"pid": lab.titan.instrument_pid, "at": END.isoformat()})

    (told,) = asked(lab, rebuild=True)

    assert (told.session, "START" in str(told.left)) == (None, True)


@pytest.mark.parametrize(
    ("choice", "error"),
    [
        (Choice(instruments=frozenset({"none"})), UnknownInstrumentError),
        (Choice(sessions=frozenset({"none"})), UnknownSessionError),
    ],
    ids=["instrument", "session"],
)
def test_a_name_that_nobody_has_is_said(lab: Lab, choice: Choice, error: type[Exception]) -> None:
    with pytest.raises(error, match="none"):
        asked(lab, choice)


def test_only_what_has_ended_is_put_back(lab: Lab) -> None:
    ended_as(lab, lab.waits("built"), RecordStatus.COMPLETED)
    lab.waits("waits")

    put_back(lab.facility(), ["built", "waits"], "look again")

    assert lab.database.summary("built").status is RecordStatus.TO_BE_BUILT
    assert lab.database.findings("waits") == ()
