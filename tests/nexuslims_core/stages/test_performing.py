from collections.abc import Callable
from dataclasses import replace

import pytest

from nexuslims_core.errors import ClaimLostError, NoFilesFoundError, StorageError
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.performing import perform
from tests.nexuslims_core.conftest import Lab

Run = Callable[..., int]


@pytest.fixture
def run(lab: Lab, claimed: Claim) -> Run:
    """Perform a stage that counts how often it works."""
    times = []

    def work() -> int:
        times.append(1)
        return len(times)

    def run(inputs: object, work: Callable[[], int] = work, claim: Claim = claimed) -> int:
        return perform(lab.facility(), claim, "count", inputs=inputs, kind=int, work=work)

    return run


def test_a_whole_result_of_the_same_inputs_is_used_again(run: Run) -> None:
    assert (run([1, "a"]), run([1, "a"])) == (1, 1)


def test_other_inputs_are_worked_on_anew(run: Run) -> None:
    assert (run([1]), run([2])) == (1, 2)


def test_another_session_that_overlaps_makes_no_stage_start_anew(run: Run, claimed: Claim) -> None:
    told = replace(claimed, session=replace(claimed.session, remarks=("Another session overlapped.",)))

    assert (run([1]), run([1], claim=told)) == (1, 1)


def test_another_session_shares_nothing(lab: Lab, run: Run, claimed: Claim) -> None:
    run([1])
    session = replace(claimed.session, session_identifier=lab.waits("s2"))
    other = lab.facility().database.claim("s2", "tester", lab.facility().now(), lab.facility().lease)

    assert run([1], claim=replace(other, session=session)) == 2


def test_a_result_that_is_not_whole_is_made_anew(lab: Lab, run: Run) -> None:
    run([1])
    kept = lab.facility().workbench.result_path("s1", "count")
    kept.write_bytes(kept.read_bytes()[:-20])

    assert run([1]) == 2


def test_a_failure_is_written_to_the_books_and_nothing_is_kept(lab: Lab, run: Run, claimed: Claim) -> None:
    def fail() -> int:
        raise NoFilesFoundError("there is nothing")

    with pytest.raises(NoFilesFoundError):
        run([1], fail)

    attempt = lab.database.attempt(claimed)
    assert (attempt.error_stage, attempt.error_type, attempt.error_sentence) == (
        "count",
        "NoFilesFoundError",
        "there is nothing",
    )
    assert run([1]) == 1


def test_a_failure_is_forgotten_when_its_stage_runs_again(lab: Lab, run: Run, claimed: Claim) -> None:
    lab.database.note_failure(claimed, "count", "StorageError", "the disk was full")

    run([1])

    assert lab.database.attempt(claimed).error_type is None


def test_what_the_file_system_says_becomes_a_sentence(run: Run) -> None:
    def read() -> int:
        raise PermissionError(13, "Permission denied", "/store/secret")

    with pytest.raises(StorageError, match="cannot use /store/secret: Permission denied"):
        run([1], read)


def test_a_result_that_cannot_be_kept_is_a_failure_in_the_books(lab: Lab, run: Run, claimed: Claim) -> None:
    (lab.data / "work").write_text("in the way")

    with pytest.raises(StorageError, match=f"cannot write {lab.data}/work/"):
        run([1])

    assert lab.database.attempt(claimed).error_type == "StorageError"


def test_a_holder_who_lost_the_claim_does_not_work(lab: Lab, run: Run) -> None:
    facility = lab.facility()
    lab.database.claim("s1", "somebody else", facility.now() + 2 * facility.lease, facility.lease)

    with pytest.raises(ClaimLostError):
        run([1])
