from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from nexuslims_core.artefacts import sha256
from nexuslims_core.errors import AuthenticationError, StorageError
from nexuslims_core.publishing.base import Check, Earlier, Receipt
from nexuslims_core.publishing.cdcs import CdcsStore
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.build_record import BuiltRecord
from nexuslims_core.stages.upload_record import upload_record
from nexuslims_core.testing.servers.cdcs import CdcsServer
from tests.nexuslims_core.conftest import BEGUN, Lab

WRONG = {"token": "sesame"}


@dataclass
class Shelf:
    """A destination in memory that counts what it is given."""

    name: str = "shelf"
    puts: list[str] = field(default_factory=list)
    earlier: Earlier | None = None

    def put(self, title: str, xml: bytes, earlier: Earlier | None = None) -> Receipt:
        self.puts.append(title)
        self.earlier = earlier
        return Receipt(destination=self.name, record_id="1", url=f"memory:{title}", sha256=sha256(xml))

    def check(self) -> tuple[Check, ...]:
        return ()


@pytest.fixture
def record(tmp_path: Path) -> BuiltRecord:
    path = tmp_path / "record.xml"
    path.write_bytes(b"<Experiment/>")
    return BuiltRecord(title="x", path=path, sha256=sha256(b"<Experiment/>"))


def test_the_receipt_is_in_the_books(lab: Lab, claimed: Claim, record: BuiltRecord) -> None:
    (receipt,) = upload_record(replace(lab.facility(), stores=(Shelf(),)), claimed, record)

    assert receipt == lab.database.publication("s1", "shelf")


def test_a_retry_after_success_asks_nobody(lab: Lab, claimed: Claim, record: BuiltRecord) -> None:
    facility = replace(lab.facility(), stores=((shelf := Shelf()),))

    receipts = [upload_record(facility, claimed, record) for _ in range(2)]

    assert receipts[0] == receipts[1]
    assert shelf.puts == ["x"]


def test_what_the_books_know_of_an_earlier_record_is_handed_down(lab: Lab, claimed: Claim, record: BuiltRecord) -> None:
    before = Receipt(destination="shelf", record_id="7", url="memory:7", sha256=record.sha256)
    lab.database.note_publication("s1", before, "as another system called it", BEGUN)
    lab.database.note_publication_failed("s1", "shelf", "x", StorageError("it was closed"), BEGUN)

    upload_record(replace(lab.facility(), stores=((shelf := Shelf()),)), claimed, record)

    assert shelf.earlier == Earlier(record_id="7", title="as another system called it")


def test_a_record_that_was_changed_since_is_not_published(lab: Lab, claimed: Claim, record: BuiltRecord) -> None:
    record.path.write_bytes(b"<Experiment title='forged'/>")
    shelf = Shelf()

    with pytest.raises(StorageError):
        upload_record(replace(lab.facility(), stores=(shelf,)), claimed, record)

    assert shelf.puts == []


@pytest.mark.server
def test_a_refused_token_is_said_in_the_books(lab: Lab, claimed: Claim, record: BuiltRecord, cdcs: CdcsServer) -> None:
    store = CdcsStore(url=cdcs.url, **WRONG)

    with pytest.raises(AuthenticationError):
        upload_record(replace(lab.facility(), stores=(store,)), claimed, record)

    assert "CDCS" in str(lab.database.summary("s1").error_sentence)


def test_without_a_repository_nothing_happens(lab: Lab, claimed: Claim, record: BuiltRecord) -> None:
    assert upload_record(lab.facility(), claimed, record) == ()
