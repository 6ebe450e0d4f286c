"""The record published at every destination, once at each, and the receipts kept.

The ``publications`` row is the outbox: it is written before a destination is asked, and confirmed once the destination
was read back. Whoever dies in between leaves a row that says what may be there, and the next try looks first.
"""

from collections.abc import Mapping

from nexuslims_core import codec
from nexuslims_core.artefacts import digest
from nexuslims_core.errors import NexusLimsError, PublishingError
from nexuslims_core.publishing.base import Earlier, Receipt, RecordStore
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.build_record import BuiltRecord
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.performing import perform

STAGE = "upload_record"


def upload_record(facility: Facility, claim: Claim, record: BuiltRecord) -> tuple[Receipt, ...]:
    """Publish a valid record at each destination of the facility; what fails at one keeps no other from getting it.

    Raises
    ------
    PublishingError
        If a destination refuses the record for good; the session then is ERROR.
    ServiceUnavailableError, AuthenticationError, UnexpectedAnswerError, StorageError
        If one cannot take it now; the session then is BUILT_NOT_EXPORTED. Of several the gravest, all in its sentence.
    """
    if not facility.stores:
        return ()
    return perform(
        facility,
        claim,
        STAGE,
        inputs=[codec.encode(record), *(store.name for store in facility.stores)],
        kind=tuple[Receipt, ...],
        work=lambda: _everywhere(facility, claim.session.session_identifier, record),
    )


def send(facility: Facility, session_identifier: str, record: BuiltRecord, store: RecordStore) -> Receipt:
    """Write into the books what is sent, send it, and write down what the destination proves to hold.

    Raises
    ------
    NexusLimsError
        Why the destination did not take it, after it was written to the books.
    """
    books = facility.database
    earlier = _earlier(facility, session_identifier, store.name, record.title)
    books.begin_publication(session_identifier, store.name, record.title, record.sha256, facility.now())
    try:
        receipt = store.put(record.title, record.read(), earlier)
    except NexusLimsError as error:
        books.note_publication_failed(session_identifier, store.name, record.title, error, facility.now())
        raise
    books.note_publication(session_identifier, receipt, record.title, facility.now())
    return receipt


def _everywhere(facility: Facility, session_identifier: str, record: BuiltRecord) -> tuple[Receipt, ...]:
    receipts: list[Receipt] = []
    errors: dict[str, NexusLimsError] = {}
    for store in facility.stores:
        try:
            receipts.append(_sent_once(facility, session_identifier, record, store))
        except NexusLimsError as error:
            errors[store.name] = error
    if errors:
        raise _together(errors)
    return tuple(receipts)


def _sent_once(facility: Facility, session_identifier: str, record: BuiltRecord, store: RecordStore) -> Receipt:
    """Send a record, unless an earlier try of this attempt has done so; a destination is not asked twice for that."""
    bench, kept_as = facility.workbench, f"{STAGE}_{store.name}"
    mark = digest([codec.encode(record), store.name])
    kept = bench.load(session_identifier, kept_as, mark, Receipt)
    if kept is not None:
        return kept
    receipt = send(facility, session_identifier, record, store)
    bench.save(session_identifier, kept_as, mark, receipt, Receipt)
    return receipt


def _together(errors: Mapping[str, NexusLimsError]) -> NexusLimsError:
    """Return the gravest error, with what every destination said; a retry helps only where it would with each."""
    first, *others = sorted(
        errors.values(), key=lambda error: (not isinstance(error, PublishingError), error.retryable)
    )
    if not others:
        return first
    return type(first)("; ".join(f"{name}: {error}" for name, error in errors.items()))


def _earlier(facility: Facility, session_identifier: str, destination: str, title: str) -> Earlier | None:
    """Return the record that the books know at a destination, which may have another title than ours."""
    for known in facility.database.publications_of(session_identifier):
        sent_as = known.pending_title if known.pending_title != title else None
        if known.destination == destination and (known.record_id or sent_as):
            return Earlier(record_id=known.record_id or "", title=known.title, also=sent_as)
    return None
