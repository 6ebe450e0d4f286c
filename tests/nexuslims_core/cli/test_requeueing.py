from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from nexuslims_core.sessions.states import RecordStatus
from tests.nexuslims_core.conftest import Build, Lab, Nexuslims

PID = "FEI-Titan-TEM-635816"
Ends = Callable[[str, RecordStatus], str]


@pytest.fixture
def ends(lab: Lab) -> Ends:
    """Make a session that ended in a state."""

    def make(identifier: str, status: RecordStatus) -> str:
        now = datetime.now(UTC)
        lab.database.close(lab.database.claim(lab.waits(identifier), "w", now, timedelta(hours=1)), status, now)
        return identifier

    return make


def _stands(lab: Lab) -> dict[str, RecordStatus]:
    return {each.session_identifier: each.status for each in lab.database.sessions()}


def test_an_ended_session_is_put_back_and_the_reason_is_kept(lab: Lab, nexuslims: Nexuslims, build: Build) -> None:
    build(lab.waits("s1"))

    said = nexuslims("sessions", "requeue", "s1", "--reason", "its files came late", "--json")

    assert (said.code, said.document) == (0, [{"session": "s1", "status": "TO_BE_BUILT", "reason": None}])
    assert [finding.reason for finding in lab.database.findings("s1")] == ["its files came late"]


def test_each_stands_by_itself_and_what_could_not_be_put_back_is_said(
    lab: Lab, nexuslims: Nexuslims, ends: Ends
) -> None:
    ends("s1", RecordStatus.ERROR)
    lab.database.claim(lab.waits("s2"), "somebody else", datetime.now(UTC), timedelta(hours=1))
    lab.database.start_session(PID, "ada", datetime.now(UTC), "s3")

    said = nexuslims("sessions", "requeue", "none", "s3", "s2", "s1")

    assert said.code == 1
    assert said.out.splitlines()[0] == "s1 is TO_BE_BUILT."
    assert "no session 'none'" in said.out
    assert "session s2 is being built by somebody else" in said.out
    assert "session s3 has not ended" in said.out


def test_filters_choose_only_what_has_ended_and_nobody_builds(lab: Lab, nexuslims: Nexuslims, ends: Ends) -> None:
    ends("failed", RecordStatus.ERROR)
    ends("done", RecordStatus.COMPLETED)
    lab.waits("waits")
    lab.database.claim(lab.waits("held"), "run:0", datetime.now(UTC), timedelta(hours=1))
    lab.database.start_session(PID, "ada", datetime(2026, 3, 2, 10, tzinfo=UTC), "open")

    said = nexuslims("sessions", "requeue", "--instrument", PID, "--json")

    assert (said.code, [told["session"] for told in said.document]) == (0, ["done", "failed"])
    assert lab.database.findings("waits") == lab.database.findings("held") == lab.database.findings("open") == ()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("--status", "ERROR"), {"failed"}),
        (("--status", "ERROR", "NO_FILES_FOUND"), {"failed", "empty"}),
        (("--since", "2026-03-02T13:00"), set()),
        (("--until", "2026-03-02T10:00", "--user", "ada"), {"failed", "empty", "done"}),
        (("--user", "nobody"), set()),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else "",
)
def test_filters_narrow_each_other(
    lab: Lab, nexuslims: Nexuslims, ends: Ends, words: tuple[str, ...], found: set[str]
) -> None:
    for name, status in (
        ("failed", RecordStatus.ERROR),
        ("empty", RecordStatus.NO_FILES_FOUND),
        ("done", RecordStatus.COMPLETED),
    ):
        ends(name, status)

    said = nexuslims("sessions", "requeue", *words)

    assert {name for name, status in _stands(lab).items() if status is RecordStatus.TO_BE_BUILT} == found
    assert said.code == 0


def test_a_dry_run_lists_and_changes_nothing(lab: Lab, nexuslims: Nexuslims, ends: Ends) -> None:
    ends("s1", RecordStatus.ERROR)
    before = _stands(lab)

    said = nexuslims("sessions", "requeue", "--status", "ERROR", "--dry-run")

    assert (said.code, said.out) == (0, "s1 is ERROR and would be put back.\n")
    assert _stands(lab) == before


def test_a_dry_run_by_name_says_what_would_be_refused(lab: Lab, nexuslims: Nexuslims) -> None:
    lab.database.claim(lab.waits("held"), "run:0", datetime.now(UTC), timedelta(hours=1))
    lab.database.start_session(PID, "ada", datetime.now(UTC), "open")

    said = nexuslims("sessions", "requeue", "--dry-run", "--json", lab.waits("waits"), "held", "open", "none")

    assert [(told["status"], bool(told["reason"])) for told in said.document] == [
        ("TO_BE_BUILT", False),
        ("TO_BE_BUILT", True),
        ("WAITING_FOR_END", True),
        (None, True),
    ]
    assert said.code == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "name the sessions to put back, or choose them by --status"),
        (("s1", "--user", "ada"), "name sessions, or choose them by --user: both together is unclear"),
        (("--status", "WAITING_FOR_END"), "invalid choice: 'WAITING_FOR_END'"),
    ],
    ids=["neither", "both", "a state that has not ended"],
)
@pytest.mark.usefixtures("lab")
def test_names_or_filters_are_needed(nexuslims: Nexuslims, words: tuple[str, ...], sentence: str) -> None:
    said = nexuslims("sessions", "requeue", *words)

    assert (said.code, sentence in said.err) == (2, True)
