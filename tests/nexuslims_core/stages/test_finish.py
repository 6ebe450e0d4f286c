from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from nexuslims_core.publishing.base import Check, Earlier, Receipt
from nexuslims_core.sessions.models import Claim
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.finish import PUBLISHES, UNFINISHED, finish
from nexuslims_core.stages.upload_record import STAGE
from tests.nexuslims_core.conftest import Lab

SHA = "ab" * 32


class _Repository:
    """Stands for a destination; only its name matters here."""

    name = "cdcs"

    def put(self, title: str, xml: bytes, earlier: Earlier | None = None) -> Receipt:
        raise AssertionError(title, xml, earlier)

    def check(self) -> tuple[Check, ...]:
        return ()


@pytest.fixture
def facility(lab: Lab) -> Facility:
    return replace(lab.facility(), stores=(_Repository(),))


def _built(facility: Facility, claim: Claim) -> None:
    facility.database.note_record(claim, Path("/data/records/2026/x.xml"), SHA)


def _published(facility: Facility, _claim: Claim, sha256: str = SHA) -> None:
    receipt = Receipt(destination="cdcs", record_id="1", url="http://cdcs/data?id=1", sha256=sha256)
    facility.database.note_publication("s1", receipt, "x", facility.now())


def _published_before(facility: Facility, claim: Claim) -> None:
    _published(facility, claim, "cd" * 32)


def _failed(kind: str) -> Callable[[Facility, Claim], None]:
    return lambda facility, claim: facility.database.note_failure(claim, "some stage", kind, "this is why")


@pytest.mark.parametrize(
    ("books", "status", "reason"),
    [
        ([], "ERROR", "claim did not finish: see its task's log, then requeue"),
        ([_failed("StorageError")], "ERROR", "this is why"),
        ([_failed("NoFilesFoundError")], "NO_FILES_FOUND", "this is why"),
        ([_failed("NoConsentError")], "NO_CONSENT", "this is why"),
        ([_built], "BUILT_NOT_EXPORTED", UNFINISHED),
        ([_built, _failed("AuthenticationError")], "BUILT_NOT_EXPORTED", "this is why"),
        ([_built, _failed("PublishingError")], "ERROR", "this is why"),
        ([_built, _published_before], "BUILT_NOT_EXPORTED", UNFINISHED),
        ([_built, _published], "COMPLETED", None),
        ([_published], "ERROR", "claim did not finish: see its task's log, then requeue"),
    ],
    ids=[
        "silence",
        "a failure",
        "no files",
        "no consent",
        "not uploaded",
        "refused login",
        "refused record",
        "an older record is published",
        "published",
        "a receipt without record",
    ],
)
def test_the_books_alone_decide(
    facility: Facility,
    claimed: Claim,
    books: list[Callable[[Facility, Claim], None]],
    status: str,
    reason: str | None,
) -> None:
    for note in books:
        note(facility, claimed)

    report = finish(facility, claimed)

    assert (report.status, report.reason) == (status, reason)
    assert facility.database.summary("s1").status == status


def test_a_second_call_says_the_same(facility: Facility, claimed: Claim) -> None:
    _built(facility, claimed)
    first = finish(facility, claimed)
    _published(facility, claimed)

    assert finish(facility, claimed).status is first.status is RecordStatus.BUILT_NOT_EXPORTED


def test_without_a_repository_it_says_what_is_missing(lab: Lab, claimed: Claim) -> None:
    _built(lab.facility(), claimed)

    report = finish(lab.facility(), claimed)

    assert report.status is RecordStatus.BUILT_NOT_EXPORTED
    assert "set NEXUSLIMS_CDCS_URL" in str(report.reason)
    (attempt,) = lab.database.attempts("s1")
    assert (attempt.error_stage, attempt.error_type) == ("upload_record", "ConfigurationError")


def test_a_lost_claim_closes_nothing(facility: Facility, claimed: Claim) -> None:
    later = facility.now() + 2 * facility.lease
    facility.database.claim("s1", "somebody else", later, facility.lease)

    report = finish(facility, claimed)

    assert report.status is RecordStatus.TO_BE_BUILT
    assert facility.database.attempts("s1")[1].is_open


def test_the_stage_that_publishes_is_called_as_it_calls_itself() -> None:
    assert PUBLISHES == STAGE
