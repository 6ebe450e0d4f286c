from datetime import UTC, datetime, timedelta

import pytest

from nexuslims_core.cli.sessions import STATUSES
from nexuslims_core.sessions.states import RecordStatus
from tests.nexuslims_core.conftest import Build, Lab, Nexuslims

PID = "FEI-Titan-TEM-635816"
pytestmark = pytest.mark.usefixtures("lab")


def test_its_states_are_those_of_the_books() -> None:
    assert tuple(RecordStatus) == STATUSES


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
        (("start", "--instrument", PID, "--user", "ada", "--id", "s1"), "session s1 has started already"),
        (("end", "s1"), "session s1 has ended already, at 2026-03-02T12:00:00+00:00"),
        (("end", "none"), "no session 'none': list them with `nexuslims sessions list`"),
        (("show", "none"), "no session 'none': list them with `nexuslims sessions list`"),
        (("why", "none"), "no session 'none': list them with `nexuslims sessions list`"),
        (("requeue", "s1", "none"), "no session 'none': list them with `nexuslims sessions list`"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else "",
)
def test_what_cannot_be_done_is_said(lab: Lab, nexuslims: Nexuslims, words: tuple[str, ...], sentence: str) -> None:
    lab.waits("s1")

    said = nexuslims("sessions", *words)

    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(f"nexuslims: {sentence}")


def test_list_tells_them_by_start_and_filters(lab: Lab, nexuslims: Nexuslims) -> None:
    lab.waits("late", begun=datetime(2026, 5, 1, tzinfo=UTC))
    lab.waits("early", begun=datetime(2026, 1, 1, tzinfo=UTC))

    every = nexuslims("sessions", "list", "--json").document
    none = nexuslims("sessions", "list", "--status", "ERROR")

    assert [told["session_identifier"] for told in every] == ["early", "late"]
    assert none.out == "No sessions.\n"


def test_why_tells_every_attempt_and_what_to_do(lab: Lab, nexuslims: Nexuslims, build: Build) -> None:
    build(lab.waits("s1"))

    said = nexuslims("sessions", "why", "s1")
    document = nexuslims("sessions", "why", "s1", "--json").document

    assert said.out.startswith(
        "s1 is NO_FILES_FOUND.\nAttempt 1 by tester, reached find_files, NO_FILES_FOUND: no file in"
    )
    assert (document["session"]["status"], len(document["attempts"])) == ("NO_FILES_FOUND", 1)


def test_requeue_puts_an_ended_session_back(lab: Lab, nexuslims: Nexuslims, build: Build) -> None:
    build(lab.waits("s1"))

    said = nexuslims("sessions", "requeue", "s1", "--json")

    assert (said.code, said.document) == (0, [{"session": "s1", "status": "TO_BE_BUILT"}])


def test_requeue_says_which_it_could_not_put_back(lab: Lab, nexuslims: Nexuslims, build: Build) -> None:
    build(lab.waits("s1"))
    lab.database.claim(lab.waits("s2"), "somebody else", datetime.now(UTC), timedelta(hours=1))

    said = nexuslims("sessions", "requeue", "s2", "s1")

    assert (said.code, "session s2 is being built by somebody else" in said.out) == (1, True)
    assert lab.database.summary("s1").status is RecordStatus.TO_BE_BUILT
