"""What every destination of records promises; a new destination passes these unchanged."""

from hashlib import sha256

import pytest

from nexuslims_core.errors import PublishingError
from nexuslims_core.publishing.base import Earlier
from tests.nexuslims_core.publishing.conftest import Destination, WriteRecord


def test_holds_exactly_the_bytes_that_were_put(destination: Destination, write_record: WriteRecord, title: str) -> None:
    xml = write_record()

    receipt = destination.store.put(title, xml)

    assert destination.held(title) == [(receipt.record_id, xml)]


def test_receipt_proves_the_bytes_and_names_the_destination(
    destination: Destination, write_record: WriteRecord, title: str
) -> None:
    xml = write_record()

    receipt = destination.store.put(title, xml)

    assert receipt.sha256 == sha256(xml).hexdigest()
    assert receipt.destination == destination.store.name


def test_putting_again_gives_the_same_receipt_and_no_second_record(
    destination: Destination, write_record: WriteRecord, title: str
) -> None:
    xml = write_record()
    first = destination.store.put(title, xml)

    again = destination.store.put(title, xml)

    assert again == first
    assert len(destination.held(title)) == 1


def test_what_is_there_already_is_left_alone(destination: Destination, write_record: WriteRecord, title: str) -> None:
    xml = write_record()
    destination.store.put(title, xml)
    before = destination.touched(title)

    destination.store.put(title, xml)

    assert destination.touched(title) == before


def test_a_changed_record_replaces_the_old_one(destination: Destination, write_record: WriteRecord, title: str) -> None:
    first = destination.store.put(title, write_record("first"))

    second = destination.store.put(title, write_record("second"))

    assert destination.held(title) == [(first.record_id, write_record("second"))]
    assert second.record_id == first.record_id


def test_records_of_other_titles_are_left_alone(
    destination: Destination, write_record: WriteRecord, title: str
) -> None:
    destination.store.put(title, write_record("mine"))

    destination.store.put(f"{title}-2", write_record("another"))

    assert [xml for _, xml in destination.held(title)] == [write_record("mine")]


def test_a_record_that_was_known_by_another_title_is_renamed_and_replaced(
    destination: Destination, write_record: WriteRecord, title: str
) -> None:
    known = destination.store.put(f"{title}-old", write_record("first"))

    receipt = destination.store.put(
        title, write_record("second"), Earlier(record_id=known.record_id, title=f"{title}-old")
    )

    assert destination.held(title) == [(receipt.record_id, write_record("second"))]
    assert destination.held(f"{title}-old") == []


@pytest.mark.parametrize("record_id", ["999999999", "", "../..", "no such record"])
def test_an_earlier_record_that_is_not_there_does_not_matter(
    destination: Destination, write_record: WriteRecord, title: str, record_id: str
) -> None:
    receipt = destination.store.put(title, write_record(), Earlier(record_id=record_id, title="gone"))

    assert destination.held(title) == [(receipt.record_id, write_record())]


@pytest.mark.parametrize(
    "xml",
    [b"", b"no XML", b"<Experiment>", b"<Experiment/>", b'<?xml version="1.0"?><a>\xff</a>'],
    ids=["nothing", "no XML", "not closed", "another document", "no text"],
)
def test_what_is_no_record_is_refused_for_good_and_leaves_nothing(
    destination: Destination, write_record: WriteRecord, title: str, xml: bytes
) -> None:
    destination.store.put(f"{title}-2", write_record())

    with pytest.raises(PublishingError):
        destination.store.put(title, xml)

    assert destination.held(title) == []


@pytest.mark.parametrize("bad", ["", " blank before", "x" * 201], ids=["empty", "blank", "too long"])
def test_what_can_be_no_title_is_refused_for_good(
    destination: Destination, write_record: WriteRecord, bad: str
) -> None:
    with pytest.raises(PublishingError):
        destination.store.put(bad, write_record())


def test_it_can_say_beforehand_that_records_can_be_published(destination: Destination) -> None:
    checks = destination.store.check()

    assert checks
    assert all(check.ok for check in checks)
