import shlex
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from nexuslims_core.sessions.states import RecordStatus
from tests.nexuslims_core.conftest import Lab, Nexuslims

AMEND = ("sessions", "amend")


@pytest.fixture
def parked(lab: Lab) -> str:
    """A session that ends an hour before it starts, at five in the morning of New York."""
    lab.waits("s1")
    with lab.database.engine.begin() as connection:
        early = {"early": "2026-03-02T09:00:00.000000+00:00"}
        connection.execute(text("UPDATE session_log SET timestamp = :early WHERE event_type = 'END'"), early)
    lab.database.waiting_sessions()
    return "s1"


def test_a_parked_session_waits_again(lab: Lab, nexuslims: Nexuslims, parked: str) -> None:
    said = nexuslims(*AMEND, parked, "--end", "2026-03-02T06:00", "--reason", "the clock was slow")

    assert (said.code, said.err) == (0, "")
    assert said.out == (
        "Corrected by hand: log 2, the END at 2026-03-02T04:00:00-05:00 by ada on FEI-Titan-TEM-635816, ERROR, is at "
        "2026-03-02T06:00:00-05:00 on FEI-Titan-TEM-635816 now: the clock was slow.\n"
        "s1 is TO_BE_BUILT.\n"
    )
    assert lab.database.session("s1").dt_to == datetime(2026, 3, 2, 11, tzinfo=UTC)


def test_said_again_it_changes_nothing(nexuslims: Nexuslims, parked: str) -> None:
    words = (*AMEND, parked, "--end", "2026-03-02T06:00")
    nexuslims(*words)

    said, document = nexuslims(*words), nexuslims(*words, "--json").document

    assert (said.code, said.out) == (0, "Its logs say that already.\ns1 is TO_BE_BUILT.\n")
    assert document == {"session": "s1", "status": "TO_BE_BUILT", "changes": [], "reason": None}


def test_what_makes_no_session_even_then_is_said_and_is_a_failure(nexuslims: Nexuslims, parked: str) -> None:
    said = nexuslims(*AMEND, parked, "--end", "2026-03-02T05:00", "--json")

    assert (said.code, said.document["status"], len(said.document["changes"])) == (1, "ERROR", 1)
    assert said.document["reason"].startswith("it ends at 2026-03-02T10:00:00+00:00, not after its start")
    assert "s1 is ERROR: it ends at" in said.err


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ((), 2, "say what to correct"),
        (("--end", "tomorrow"), 2, "is no ISO 8601 time"),
        (("--drop-log", "second"), 2, "--drop-log"),
        (("--end", "2999-01-01T00:00"), 1, "which is still to come"),
        (("--drop-log", "3"), 1, "session s1 has no log 3: it has 2 and 1"),
        (("--drop-log", "1", "--drop-log", "2"), 1, "would have no log left"),
        (("--instrument", "absent"), 1, "no instrument 'absent'"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else "",
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    lab: Lab, nexuslims: Nexuslims, parked: str, words: tuple[str, ...], code: int, sentence: str
) -> None:
    before = lab.database.logs(parked)

    said = nexuslims(*AMEND, parked, *words)

    assert (said.code, sentence in said.err) == (code, True)
    assert lab.database.logs(parked) == before


def test_an_end_in_the_hour_that_came_twice_follows_the_start_that_is_said_with_it(
    lab: Lab, nexuslims: Nexuslims, parked: str
) -> None:
    nexuslims(*AMEND, parked, "--start", "2025-11-02T01:50", "--end", "2025-11-02T01:10")

    assert lab.database.session(parked).dt_to == datetime(2025, 11, 2, 6, 10, tzinfo=UTC)


def test_the_command_that_why_tells_mends_the_session(lab: Lab, nexuslims: Nexuslims, parked: str) -> None:
    line = nexuslims("sessions", "why", parked, "--json").document["next"]["commands"][0]["line"]

    said = nexuslims(*shlex.split(line.replace("TIME", "2026-03-02T06:00"))[1:])

    assert (said.code, lab.database.summary(parked).status) == (0, RecordStatus.TO_BE_BUILT)


def test_a_record_that_is_made_afterwards_says_what_was_corrected(lab: Lab, nexuslims: Nexuslims, parked: str) -> None:
    lab.two_activities()
    nexuslims(*AMEND, parked, "--end", "2026-03-02T07:00", "--reason", "<slow>\x1b[31m & late")

    (built,) = nexuslims("build", parked, "--no-upload", "--json").document

    assert built["status"] == "BUILT_NOT_EXPORTED"
    with open(built["record"], encoding="utf-8") as record:  # noqa: PTH123 - as the JSON names it
        assert "now: &lt;slow&gt;" in record.read()


def test_a_session_that_is_still_to_come_is_not_built_and_keeps_its_state(lab: Lab, nexuslims: Nexuslims) -> None:
    lab.waits("s1")
    with lab.database.engine.begin() as connection:
        connection.execute(text("UPDATE session_log SET timestamp = '2999' || substr(timestamp, 5)"))

    said = nexuslims("build", "s1", "--json")

    assert (said.code, said.document[0]["status"]) == (1, "TO_BE_BUILT")
    assert "session s1 cannot be built yet: it ends at 2999-03-02T07:00:00-05:00, which is still to come" in said.err
    assert lab.database.attempts("s1") == ()
