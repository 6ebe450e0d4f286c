from dataclasses import replace
from datetime import datetime, timedelta

from nexuslims_core.db.database import Database
from nexuslims_core.publishing.base import Receipt
from nexuslims_core.sessions.publications import Publication

RECEIPT = Receipt(destination="cdcs", record_id="7", url="https://cdcs/data?id=7", sha256="0" * 64)


def test_every_destination_of_a_session_is_told_by_name(database: Database, ten: datetime) -> None:
    books = replace(database, clock=lambda: ten)
    books.note_publication_failed("s1", "folder", "title", "no space")
    books.note_publication("s1", RECEIPT, "title")
    books.note_publication("s2", RECEIPT, "another")

    cdcs, folder = database.publications_of("s1")

    assert folder == Publication(
        destination="folder",
        title="title",
        published=False,
        tries=1,
        first_tried_at=ten,
        last_tried_at=ten,
        last_error="no space",
    )
    assert (cdcs.published, cdcs.record_id, cdcs.url, cdcs.sha256) == (True, "7", RECEIPT.url, RECEIPT.sha256)


def test_a_failed_try_leaves_known_where_the_earlier_version_is(database: Database, ten: datetime) -> None:
    replace(database, clock=lambda: ten).note_publication("s1", RECEIPT, "title")
    later = ten + timedelta(hours=1)
    replace(database, clock=lambda: later).note_publication_failed("s1", "cdcs", "title", "it does not answer")

    (cdcs,) = database.publications_of("s1")

    assert (cdcs.published, cdcs.tries, cdcs.url, cdcs.last_error) == (False, 2, RECEIPT.url, "it does not answer")
    assert (cdcs.first_tried_at, cdcs.last_tried_at) == (ten, later)


def test_a_session_that_was_never_sent_has_none(database: Database) -> None:
    assert database.publications_of("none") == ()
