"""The record published, once, and the receipt kept."""

from nexuslims_core import codec
from nexuslims_core.errors import NexusLimsError
from nexuslims_core.publishing.base import Earlier, Receipt
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.build_record import BuiltRecord
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.performing import perform

STAGE = "upload_record"


def upload_record(facility: Facility, claim: Claim, record: BuiltRecord) -> Receipt | None:
    """Publish a valid record; None where no repository is configured.

    Raises
    ------
    PublishingError
        If the repository refuses the record for good; the session then is ERROR.
    ServiceUnavailableError, AuthenticationError, UnexpectedAnswerError
        As the repository's client says; the session then is BUILT_NOT_EXPORTED.
    StorageError
        If the record is no longer what was validated.
    """
    store = facility.store
    if store is None:
        return None

    def put() -> Receipt:
        identifier = claim.session.session_identifier
        xml = record.read()
        try:
            receipt = store.put(record.title, xml, _earlier(facility, identifier, store.name))
        except NexusLimsError as error:
            facility.database.note_publication_failed(identifier, store.name, record.title, str(error))
            raise
        facility.database.note_publication(identifier, receipt, record.title)
        return receipt

    return perform(facility, claim, STAGE, inputs=[codec.encode(record), store.name], kind=Receipt, work=put)


def _earlier(facility: Facility, session_identifier: str, destination: str) -> Earlier | None:
    """Return the record that the books know at a destination, which another system may have published."""
    for known in facility.database.publications_of(session_identifier):
        if known.destination == destination and known.record_id is not None:
            return Earlier(record_id=known.record_id, title=known.title)
    return None
