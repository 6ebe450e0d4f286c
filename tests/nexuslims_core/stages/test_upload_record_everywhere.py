"""One record, several destinations: each gets it once, whatever becomes of the others."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from nexuslims_core.artefacts import sha256
from nexuslims_core.errors import AuthenticationError, NexusLimsError, PublishingError, ServiceUnavailableError
from nexuslims_core.publishing.base import Check, Earlier, Receipt
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.build_record import BuiltRecord
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.finish import finish
from nexuslims_core.stages.upload_record import upload_record
from tests.nexuslims_core.conftest import Lab

AWAY = ServiceUnavailableError("it does not answer")
LOCKED = AuthenticationError("the password is wrong")
REFUSED = PublishingError("no such element")


@dataclass
class Shelf:
    """A destination in memory that fails as often as it is told to, and can look around while it is asked."""

    name: str
    errors: list[NexusLimsError] = field(default_factory=list)
    look: Callable[[], object] = lambda: None
    seen: list[object] = field(default_factory=list)
    puts: list[str] = field(default_factory=list)

    def put(self, title: str, xml: bytes, earlier: Earlier | None = None) -> Receipt:
        assert earlier is None or earlier.record_id
        self.puts.append(title)
        self.seen.append(self.look())
        if self.errors:
            raise self.errors.pop(0)
        return Receipt(destination=self.name, record_id="1", url=f"memory:{title}", sha256=sha256(xml))

    def check(self) -> tuple[Check, ...]:
        return ()


@pytest.fixture
def record(lab: Lab, claimed: Claim, tmp_path: Path) -> BuiltRecord:
    path = tmp_path / "x.xml"
    path.write_bytes(b"<Experiment/>")
    lab.database.note_record(claimed, path, sha256(b"<Experiment/>"))
    return BuiltRecord(title="x", path=path, sha256=sha256(b"<Experiment/>"))


@pytest.fixture
def facility(lab: Lab) -> Facility:
    return lab.facility()


def test_the_books_say_what_is_sent_before_it_is(facility: Facility, claimed: Claim, record: BuiltRecord) -> None:
    shelf = Shelf("shelf", look=lambda: facility.database.publications_of("s1"))

    upload_record(replace(facility, stores=(shelf,)), claimed, record)

    ((before,),) = shelf.seen
    assert (before.state, before.pending_title, before.pending_sha256) == ("pending", "x", record.sha256)


@pytest.mark.parametrize("first", [AWAY, LOCKED, REFUSED], ids=["away", "wrong password", "refused"])
def test_what_fails_at_one_destination_keeps_no_other_from_it(
    facility: Facility, claimed: Claim, record: BuiltRecord, first: NexusLimsError
) -> None:
    bad, good = Shelf("bad", [first]), Shelf("good")

    with pytest.raises(type(first), match=str(first)):
        upload_record(replace(facility, stores=(bad, good)), claimed, record)

    assert {each.destination: each.published for each in facility.database.publications_of("s1")} == {
        "bad": False,
        "good": True,
    }


@pytest.mark.parametrize(
    ("errors", "gravest"),
    [([AWAY, REFUSED], PublishingError), ([AWAY, LOCKED], AuthenticationError), ([AWAY, AWAY], type(AWAY))],
    ids=["refused for good", "not to be tried again", "away"],
)
def test_several_failures_are_told_together_as_the_gravest(
    facility: Facility, claimed: Claim, record: BuiltRecord, errors: list[NexusLimsError], gravest: type[NexusLimsError]
) -> None:
    stores = (Shelf("a", [errors[0]]), Shelf("b", [errors[1]]))

    with pytest.raises(gravest, match=f"a: {errors[0]}; b: {errors[1]}"):
        upload_record(replace(facility, stores=stores), claimed, record)


def test_a_retry_asks_only_those_that_have_not_got_it(facility: Facility, claimed: Claim, record: BuiltRecord) -> None:
    stores = (Shelf("a"), Shelf("b", [AWAY]))
    with pytest.raises(ServiceUnavailableError):
        upload_record(replace(facility, stores=stores), claimed, record)

    receipts = upload_record(replace(facility, stores=stores), claimed, record)

    assert [receipt.destination for receipt in receipts] == ["a", "b"]
    assert [len(store.puts) for store in stores] == [1, 2]


@pytest.mark.parametrize(
    ("error", "status"),
    [(None, "COMPLETED"), (AWAY, "BUILT_NOT_EXPORTED"), (LOCKED, "BUILT_NOT_EXPORTED"), (REFUSED, "ERROR")],
    ids=["everywhere", "one is away", "one refuses the password", "one refuses the record"],
)
def test_a_session_is_completed_only_when_every_destination_has_its_record(
    facility: Facility, claimed: Claim, record: BuiltRecord, error: NexusLimsError | None, status: str
) -> None:
    both = replace(facility, stores=(Shelf("a"), Shelf("b", [error] if error else [])))
    with suppress(NexusLimsError):
        upload_record(both, claimed, record)

    report = finish(both, claimed)

    assert (report.status, report.reason) == (status, str(error) if error else None)
    assert [receipt.destination for receipt in report.receipts] == (["a"] if error else ["a", "b"])


def test_a_record_that_cannot_be_read_is_told_of_at_every_destination(
    facility: Facility, claimed: Claim, record: BuiltRecord
) -> None:
    record.path.unlink()

    with pytest.raises(NexusLimsError, match="cannot be read"):
        upload_record(replace(facility, stores=(Shelf("a"), Shelf("b"))), claimed, record)

    assert [each.error_type for each in facility.database.publications_of("s1")] == ["StorageError"] * 2
