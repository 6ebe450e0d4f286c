from datetime import UTC, datetime

import pytest

from tests.nexuslims_core.conftest import Lab, Nexuslims

PID = "FEI-Titan-TEM-635816"
pytestmark = pytest.mark.usefixtures("lab")


def test_a_session_is_started_and_ended(lab: Lab, nexuslims: Nexuslims) -> None:
    identifier = nexuslims("sessions", "start", "--instrument", PID, "--user", "ada").out.strip()

    said = nexuslims("sessions", "end", identifier, "--json")

    assert (said.document["session"], said.document["status"]) == (identifier, "TO_BE_BUILT")
    assert lab.database.session(identifier).user == "ada"


def test_a_naive_time_is_the_instruments(lab: Lab, nexuslims: Nexuslims) -> None:
    nexuslims("sessions", "start", "--instrument", PID, "--user", "ada", "--at", "2026-03-02T05:00", "--id", "s1")
    nexuslims("sessions", "end", "s1", "--at", "2026-03-02T12:00+01:00")

    session = lab.database.session("s1")

    assert session.dt_from == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert session.dt_to == datetime(2026, 3, 2, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("start", "--instrument", "none", "--user", "ada"),
            "no instrument 'none': list them with `nexuslims instruments",
        ),
        (("start", "--instrument", PID, "--user", "ada", "--id", "s1"), "session s1 is in the logbook already"),
        (("end", "s1", "--at", "2026-03-02T11:00Z"), "session s1 has ended already, at 2026-03-02T12:00:00+00:00"),
        (("end", "none"), "no session 'none': list them with `nexuslims sessions list`"),
        (("show", "none"), "no session 'none': list them with `nexuslims sessions list`"),
        (("why", "none"), "no session 'none': list them with `nexuslims sessions list`"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else "",
)
def test_what_cannot_be_done_is_said(lab: Lab, nexuslims: Nexuslims, words: tuple[str, ...], sentence: str) -> None:
    lab.waits("s1")

    said = nexuslims("sessions", *words)

    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(f"nexuslims: {sentence}")


def test_what_is_said_twice_without_a_time_is_said_once(nexuslims: Nexuslims) -> None:
    start = ("sessions", "start", "--instrument", PID, "--user", "ada", "--id", "s1")
    started = [nexuslims(*start) for _ in range(2)]
    first, second = (nexuslims("sessions", "end", "s1", "--json") for _ in range(2))

    assert [(said.code, said.out) for said in started] == [(0, "s1\n")] * 2
    assert (first.code, second.document) == (0, first.document)


def test_an_end_without_an_offset_in_the_hour_that_came_twice_follows_its_start(lab: Lab, nexuslims: Nexuslims) -> None:
    nexuslims("sessions", "start", "--instrument", PID, "--user", "ada", "--at", "2025-11-02T01:50", "--id", "s1")

    said = nexuslims("sessions", "end", "s1", "--at", "2025-11-02T01:10")

    assert (said.code, said.err) == (0, "")
    assert lab.database.session("s1").dt_to == datetime(2025, 11, 2, 6, 10, tzinfo=UTC)


def test_a_start_that_is_still_to_come_is_refused_and_leaves_nothing(lab: Lab, nexuslims: Nexuslims) -> None:
    start = ("sessions", "start", "--instrument", PID, "--user", "ada", "--id", "s1")

    said = nexuslims(*start, "--at", "2999-01-01T00:00")

    assert (said.code, "cannot start at 2999-01-01T05:00:00+00:00, which is still to come" in said.err) == (1, True)
    assert lab.database.sessions() == ()
