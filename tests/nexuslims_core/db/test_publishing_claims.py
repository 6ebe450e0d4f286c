"""The right to publish a record that is built: an attempt of its own, while the session stays where it is."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from nexuslims_core.db.database import Database
from nexuslims_core.errors import ClaimedElsewhereError, ClaimLostError, ServiceUnavailableError, SessionStateError
from nexuslims_core.sessions.attempts import Abandonment, Attempt
from nexuslims_core.sessions.states import RecordStatus

Waits = Callable[..., str]
Built = Callable[..., Attempt]
HOUR = timedelta(hours=1)
RECORD, SHA256 = Path("/data/records/2026/x.xml"), "0" * 64


@pytest.fixture
def built(database: Database, waits: Waits, ten: datetime, lease: timedelta) -> Built:
    """Build a session whose record is not published, and return the attempt."""

    def build(identifier: str = "s1", status: RecordStatus = RecordStatus.BUILT_NOT_EXPORTED) -> Attempt:
        claim = database.claim(waits(identifier), "run:0", ten, lease)
        database.renew(claim, "validate_record", ten, lease)
        database.note_counts(claim, files=3, activities=1, datasets=2, unreadable=1)
        database.note_record(claim, RECORD, SHA256)
        database.close(claim, status, ten)
        return database.attempts(identifier)[-1]

    return build


def test_an_attempt_to_publish_has_the_record_and_counts_of_the_one_that_built(
    database: Database, built: Built, ten: datetime, lease: timedelta
) -> None:
    claim = database.claim_publication(built(), "housekeeping", ten + HOUR, lease)

    attempt = database.attempt(claim)
    assert (attempt.number, attempt.record_path, attempt.record_sha256) == (2, RECORD, SHA256)
    assert (attempt.files, attempt.activities, attempt.datasets, attempt.unreadable) == (3, 1, 2, 1)
    assert database.summary("s1").status is RecordStatus.BUILT_NOT_EXPORTED


@pytest.mark.parametrize("status", ["COMPLETED", "BUILT_NOT_EXPORTED", "ERROR"])
def test_it_ends_where_the_books_say(
    database: Database, built: Built, ten: datetime, lease: timedelta, status: str
) -> None:
    claim = database.claim_publication(built(), "housekeeping", ten + HOUR, lease)

    database.close(claim, RecordStatus(status), ten + HOUR)

    assert database.summary("s1").status == database.attempt(claim).outcome == status


@pytest.mark.parametrize("status", ["COMPLETED", "ERROR"])
def test_only_a_record_that_waits_can_be_claimed(
    database: Database, built: Built, ten: datetime, lease: timedelta, status: str
) -> None:
    attempt = built(status=RecordStatus(status))

    with pytest.raises(SessionStateError, match=f"session s1 is {status}"):
        database.claim_publication(attempt, "housekeeping", ten, lease)


def test_nobody_else_publishes_or_puts_back_what_is_being_published(
    database: Database, built: Built, ten: datetime, lease: timedelta
) -> None:
    attempt = built()
    first = database.claim_publication(attempt, "housekeeping", ten, lease)

    with pytest.raises(ClaimedElsewhereError):
        database.claim_publication(attempt, "a person", ten, lease)
    with pytest.raises(ClaimedElsewhereError):
        database.requeue("s1", "build it anew", ten)

    assert database.claim_publication(attempt, "housekeeping", ten, lease) == first


def test_a_silent_publisher_is_followed_by_another_and_ends_nothing(
    database: Database, built: Built, ten: datetime, lease: timedelta
) -> None:
    attempt = built()
    silent = database.claim_publication(attempt, "killed", ten, lease)

    second = database.claim_publication(attempt, "housekeeping", ten + 2 * lease, lease)

    assert (database.attempt(silent).outcome, database.attempt(second).number) == ("BUILT_NOT_EXPORTED", 3)
    with pytest.raises(ClaimLostError):
        database.renew(silent, "upload_record", ten + 2 * lease, lease)


def test_what_is_put_back_from_a_silent_publisher_is_built_anew(
    database: Database, built: Built, ten: datetime, lease: timedelta
) -> None:
    database.claim_publication(built(), "killed", ten, lease)

    database.requeue("s1", "build it anew", ten + 2 * lease)

    assert database.summary("s1").status is RecordStatus.TO_BE_BUILT
    assert Abandonment.PUT_BACK not in [attempt.outcome for attempt in database.attempts("s1")]


def test_lists_what_waits_the_longest_untried_first(database: Database, built: Built, ten: datetime) -> None:
    for identifier, after in (("late", 2 * HOUR), ("early", HOUR)):
        built(identifier)
        database.begin_publication(identifier, "cdcs", identifier, SHA256, ten + after)
        database.note_publication_failed(identifier, "cdcs", identifier, ServiceUnavailableError("away"), ten + after)
    built("never sent")
    built("done", RecordStatus.COMPLETED)

    found = database.unpublished()

    assert [each.session_identifier for each in found] == ["never sent", "early", "late"]
    assert [[known.destination for known in each.publications] for each in found] == [[], ["cdcs"], ["cdcs"]]


def test_what_waits_says_who_works_on_it(database: Database, built: Built, ten: datetime, lease: timedelta) -> None:
    attempt = built()
    database.claim_publication(attempt, "housekeeping", ten, lease)

    (found,) = database.unpublished()

    assert (found.built, found.lease_until) == (attempt, ten + lease)
