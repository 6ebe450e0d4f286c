from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from nexuslims_core.db.database import Database
from nexuslims_core.errors import AuthenticationError, PublishingError, ServiceUnavailableError
from nexuslims_core.publishing.base import Receipt
from nexuslims_core.sessions.publications import Publication, PublicationState

OLD, NEW = "0" * 64, "1" * 64
RECEIPT = Receipt(destination="cdcs", record_id="7", url="https://cdcs/data?id=7", sha256=OLD)
SILENT = ServiceUnavailableError("it does not answer")
MINUTE = timedelta(minutes=1)


def test_what_is_about_to_be_sent_is_written_down_first(database: Database, ten: datetime) -> None:
    database.begin_publication("s1", "folder", "title", NEW, ten)

    assert database.publications_of("s1") == (
        Publication(
            destination="folder",
            title="title",
            state=PublicationState.PENDING,
            tries=1,
            first_tried_at=ten,
            last_tried_at=ten,
            pending_title="title",
            pending_sha256=NEW,
            next_try_at=ten + 5 * MINUTE,
        ),
    )


def test_what_was_read_back_is_no_longer_under_way(database: Database, ten: datetime) -> None:
    database.begin_publication("s1", "cdcs", "title", OLD, ten)
    database.note_publication("s1", RECEIPT, "title", ten + MINUTE)

    (cdcs,) = database.publications_of("s1")

    assert (cdcs.state, cdcs.record_id, cdcs.url, cdcs.sha256) == ("published", "7", RECEIPT.url, OLD)
    assert (cdcs.pending_title, cdcs.pending_sha256, cdcs.next_try_at, cdcs.last_tried_at) == (
        None,
        None,
        None,
        ten + MINUTE,
    )


def test_an_earlier_version_stays_known_while_a_newer_one_is_under_way(database: Database, ten: datetime) -> None:
    database.begin_publication("s1", "cdcs", "as it was", OLD, ten)
    database.note_publication("s1", RECEIPT, "as it was", ten)
    database.begin_publication("s1", "cdcs", "as it shall be", NEW, ten + MINUTE)
    database.note_publication_failed("s1", "cdcs", "as it shall be", SILENT, ten + MINUTE)

    (cdcs,) = database.publications_of("s1")

    assert (cdcs.state, cdcs.title, cdcs.sha256, cdcs.record_id) == ("failed", "as it was", OLD, "7")
    assert (cdcs.pending_title, cdcs.pending_sha256, cdcs.last_error) == ("as it shall be", NEW, "it does not answer")
    assert database.publication("s1", "cdcs") is None


def test_a_late_answer_does_not_prove_a_version_that_was_begun_since(database: Database, ten: datetime) -> None:
    database.begin_publication("s1", "cdcs", "title", OLD, ten)
    database.begin_publication("s1", "cdcs", "title", NEW, ten)

    database.note_publication("s1", RECEIPT, "title", ten)

    (cdcs,) = database.publications_of("s1")
    assert (cdcs.state, cdcs.sha256, cdcs.pending_sha256) == ("pending", OLD, NEW)


def test_the_tries_of_a_version_are_further_and_further_apart(database: Database, ten: datetime) -> None:
    pauses = []
    for _ in range(9):
        database.begin_publication("s1", "cdcs", "title", NEW, ten)
        database.note_publication_failed("s1", "cdcs", "title", SILENT, ten)
        (cdcs,) = database.publications_of("s1")
        pauses.append((cdcs.next_try_at or ten) - ten)

    assert [pause / MINUTE for pause in pauses] == [5, 10, 20, 40, 80, 160, 320, 360, 360]


def test_another_version_begins_to_count_anew(database: Database, ten: datetime) -> None:
    for sha256 in (OLD, OLD, NEW):
        database.begin_publication("s1", "cdcs", "title", sha256, ten)

    (cdcs,) = database.publications_of("s1")

    assert (cdcs.tries, cdcs.next_try_at) == (1, ten + 5 * MINUTE)


@pytest.mark.parametrize(
    ("error", "state", "pause"),
    [
        (PublishingError("no such element"), "refused", None),
        (AuthenticationError("wrong token"), "failed", timedelta(hours=1)),
        (SILENT, "failed", 5 * MINUTE),
    ],
    ids=["refused for good", "a login that locks", "silence"],
)
def test_what_failed_decides_when_it_is_sent_again(
    database: Database, ten: datetime, error: ServiceUnavailableError, state: str, pause: timedelta | None
) -> None:
    database.begin_publication("s1", "cdcs", "title", NEW, ten)
    database.note_publication_failed("s1", "cdcs", "title", error, ten)

    (cdcs,) = database.publications_of("s1")

    assert (cdcs.state, cdcs.error_type) == (state, type(error).__name__)
    assert cdcs.next_try_at == (ten + pause if pause else None)


def test_every_destination_of_a_session_is_told_by_name(database: Database, ten: datetime) -> None:
    for session, destination in (("s1", "folder"), ("s1", "cdcs"), ("s2", "cdcs")):
        database.begin_publication(session, destination, session, NEW, ten)

    assert [each.destination for each in database.publications_of("s1")] == ["cdcs", "folder"]


def test_a_session_that_was_never_sent_has_none(database: Database) -> None:
    assert database.publications_of("none") == ()


def test_who_lost_the_claim_cannot_undo_what_another_published_since(database: Database, ten: datetime) -> None:
    newer = replace(RECEIPT, sha256=NEW)
    database.begin_publication("s1", "cdcs", "title", OLD, ten)  # and stopped, past the end of its claim
    database.begin_publication("s1", "cdcs", "title", NEW, ten)
    database.note_publication("s1", newer, "title", ten)

    database.note_publication("s1", RECEIPT, "title", ten + MINUTE)
    database.note_publication_failed("s1", "cdcs", "title", SILENT, ten + MINUTE)

    (cdcs,) = database.publications_of("s1")
    assert (cdcs.state, cdcs.sha256, cdcs.next_try_at, cdcs.last_error) == ("published", NEW, None, None)
