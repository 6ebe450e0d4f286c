import shlex
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from nexuslims_core.doctor.sessions import end_to_online, sessions
from nexuslims_core.sessions.states import RecordStatus
from tests.nexuslims_core.conftest import Lab, Nexuslims

PID = "FEI-Titan-TEM-635816"
HOUR = timedelta(hours=1)


def test_no_session_that_needs_a_person_is_told_as_well(lab: Lab) -> None:
    lab.waits("s1")

    (check,) = sessions(lab.database, datetime.now(UTC))

    assert (check.ok, check.warning, check.sentence) == (True, False, "none needs a person")


def test_a_database_that_cannot_tell_is_a_failure_in_a_sentence(lab: Lab) -> None:
    with lab.database.engine.begin() as connection:
        connection.execute(text("DROP TABLE session_findings"))

    (check,) = sessions(lab.database, datetime.now(UTC))

    assert (check.ok, "lacks a part of its tables: restore a backup" in check.sentence) == (False, True)


def test_each_kind_is_a_warning_with_its_number(lab: Lab) -> None:
    now = datetime.now(UTC)
    for identifier, status in (("e1", "ERROR"), ("e2", "ERROR"), ("u1", "BUILT_NOT_EXPORTED")):
        claim = lab.database.claim(lab.waits(identifier), "run:0", now, HOUR)
        lab.database.close(claim, RecordStatus(status), now)
    lab.database.claim(lab.waits("left"), "run:1", now - 5 * HOUR, HOUR)

    told = {check.name: check for check in sessions(lab.database, now)}

    assert [*told] == ["sessions failed", "sessions unpublished", "sessions left behind"]
    assert all(check.ok and check.warning for check in told.values())
    assert told["sessions failed"].sentence.startswith("2 sessions are in ERROR: list with `nexuslims sessions list")


def test_the_command_for_sessions_open_for_long_lists_them(lab: Lab, nexuslims: Nexuslims) -> None:
    now = datetime.now(UTC)
    lab.database.start_session(PID, "ada", now - 50 * HOUR, "forgotten")
    lab.database.start_session(PID, "ada", now - HOUR, "today's")

    (check,) = sessions(lab.database, now)
    said = nexuslims(*shlex.split(check.sentence.split("`")[1])[1:], "--json")

    assert check.name == "sessions open"
    assert [told["session_identifier"] for told in said.document] == ["forgotten"]


def test_says_how_long_sessions_took_lately_and_before(lab: Lab) -> None:
    now = datetime.now(UTC)
    for identifier, days, hours in (("quick", 3, 4), ("slow", 10, 9)):
        ended = now - timedelta(days=days)
        claim = lab.database.claim(lab.waits(identifier, begun=ended - 2 * HOUR), "run:0", ended, HOUR)
        lab.database.close(claim, RecordStatus.COMPLETED, ended + hours * HOUR)

    told = end_to_online(lab.database, now)

    assert told == (
        "median 4 h, worst 4 h (quick) of 1 that ended in the last 7 days; "
        "median 6 h 30 min, worst 9 h (slow) of 2 that ended in the last 30 days"
    )
