"""What every destination of records promises; a new destination passes these unchanged."""

from hashlib import sha256

import pytest

from tests.nexuslims_core.publishing.conftest import Destination, WriteRecord

pytestmark = pytest.mark.server


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
