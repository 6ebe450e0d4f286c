from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.nexuslims_core.conftest import Build, Lab, Nexuslims

PID = "FEI-Titan-TEM-635816"


def test_sessions_are_listed_by_start_in_the_instruments_zone(lab: Lab, nexuslims: Nexuslims, build: Build) -> None:
    lab.waits("late", begun=datetime(2026, 7, 1, 0, tzinfo=UTC))
    build(lab.waits("early", begun=datetime(2026, 1, 1, tzinfo=UTC)))

    said = nexuslims("sessions", "list")

    assert said.out == (
        "start             state           instrument     user  session\n"
        "2025-12-31 19:00  NO_FILES_FOUND  FEI Titan TEM  ada   early\n"
        "2026-06-30 20:00  TO_BE_BUILT     FEI Titan TEM  ada   late\n"
        "\n"
        "2 sessions: 1 TO_BE_BUILT, 1 NO_FILES_FOUND. Times are of America/New_York.\n"
    )


def test_times_of_several_zones_carry_their_offset(lab: Lab, nexuslims: Nexuslims) -> None:
    lab.database.add_instrument(replace(lab.titan, instrument_pid="Q-1", schema_name="Q", timezone="Asia/Tokyo"))
    lab.waits("s1")
    lab.waits("s2", pid="Q-1")

    said = nexuslims("sessions", "list")

    assert "2026-03-02 05:00-05:00" in said.out
    assert "2026-03-02 19:00+09:00" in said.out


def test_the_newest_are_kept_and_the_rest_is_counted(lab: Lab, nexuslims: Nexuslims) -> None:
    for day in (1, 2, 3):
        lab.waits(f"s{day}", begun=datetime(2026, 3, day, 12, tzinfo=UTC))

    said = nexuslims("sessions", "list", "--limit", "2")
    document = nexuslims("sessions", "list", "--limit", "2", "--json").document

    assert [told["session_identifier"] for told in document] == ["s2", "s3"]
    assert "The newest 2 of 3 sessions: 3 TO_BE_BUILT." in said.out


@pytest.mark.parametrize(
    ("days", "told"), [(3.5, "WAITING_FOR_END\n" + " " * 18 + "open for 3 days"), (0.5, "WAITING_FOR_END  FEI")]
)
def test_a_session_open_for_long_shows(lab: Lab, nexuslims: Nexuslims, days: float, told: str) -> None:
    lab.database.start_session(PID, "ada", datetime.now(UTC) - timedelta(days=days), "s1")

    lines = [line.rstrip() for line in nexuslims("sessions", "list").out.splitlines()]

    assert told.split("\n")[0] in lines[1]
    assert ("open for 3 days" in lines[2]) == ("\n" in told)


@pytest.mark.parametrize(("lease", "told"), [(9, "being built"), (-9, "its builder is silent")])
def test_who_is_at_a_session_shows(lab: Lab, nexuslims: Nexuslims, lease: int, told: str) -> None:
    lab.database.claim(lab.waits("s1"), "run:0", datetime.now(UTC), timedelta(hours=lease))

    assert told in nexuslims("sessions", "list").out.splitlines()[2]


@pytest.mark.usefixtures("lab")
def test_no_session_is_a_sentence_too(nexuslims: Nexuslims) -> None:
    assert nexuslims("sessions", "list").out == "No sessions.\n"
    assert nexuslims("sessions", "list", "--json").document == []


def test_a_hostile_name_stays_in_its_cell(lab: Lab, nexuslims: Nexuslims) -> None:
    lab.database.start_session(PID, "ada\n1 session: all COMPLETED.\x1b[2J", datetime.now(UTC), "s1")

    out = nexuslims("sessions", "list").out

    assert "ada 1 session: all COMPLETED.\\x1b[2J" in out.splitlines()[1]
