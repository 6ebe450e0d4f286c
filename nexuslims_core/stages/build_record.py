"""Reservation, activities and datasets to one record in XML."""

from dataclasses import dataclass

from nexuslims_core.activities.models import Grouping
from nexuslims_core.artefacts import fingerprint, sha256, write_whole
from nexuslims_core.codec import AnyPath
from nexuslims_core.errors import StorageError
from nexuslims_core.files.late import CAME_LATE
from nexuslims_core.files.models import FileList
from nexuslims_core.records.building import assemble, record_title
from nexuslims_core.records.crates.sources import crate_source
from nexuslims_core.records.xml import to_xml
from nexuslims_core.reservations.models import ReservationMatch
from nexuslims_core.sessions.models import Claim, FindingKind
from nexuslims_core.stages.crates import keep_crate_source
from nexuslims_core.stages.extract_metadata import Outcomes
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.performing import perform

STAGE = "build_record"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltRecord:
    """A record as XML: before it is validated in the session's work folder, after that in its place.

    Attributes
    ----------
    title
        Name of the record's files, and its title in the repository.
    path, sha256
        Where the XML lies, and its digest.
    """

    title: str
    path: AnyPath
    sha256: str

    def read(self) -> bytes:
        """Return the XML, sure that it is what was written.

        Raises
        ------
        StorageError
            If the file is gone or was changed.
        """
        try:
            xml = self.path.read_bytes()
        except OSError as error:
            raise StorageError(f"{self.path} cannot be read: {error.strerror}; requeue the session") from error
        if sha256(xml) != self.sha256:
            raise StorageError(f"{self.path} is not what was written there: requeue the session")
        return xml


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredients:
    """What a record is made of."""

    match: ReservationMatch
    files: FileList
    grouping: Grouping
    outcomes: Outcomes


def build_record(facility: Facility, claim: Claim, ingredients: Ingredients) -> BuiltRecord:
    """Return the session's record; the same ingredients give the same bytes."""
    late = _late(facility, claim.session.session_identifier)
    return perform(
        facility,
        claim,
        STAGE,
        inputs=[fingerprint(ingredients), list(claim.session.remarks), late],
        kind=BuiltRecord,
        work=lambda: _write(facility, claim, ingredients, late),
    )


def _late(facility: Facility, session_identifier: str) -> tuple[str, ...]:
    """Return what the books say of files that came after an earlier version of the record was built."""
    put_back = (each for each in facility.database.findings(session_identifier) if each.kind is FindingKind.REQUEUED)
    return tuple(each.reason for each in put_back if CAME_LATE in each.reason)


def _write(facility: Facility, claim: Claim, ingredients: Ingredients, late: tuple[str, ...]) -> BuiltRecord:
    session = claim.session
    record = assemble(
        session=session,
        match=ingredients.match,
        grouping=ingredients.grouping,
        outcomes=ingredients.outcomes,
        unsearched=ingredients.files.unsearched,
        late=late,
        filestore=facility.settings.filestore_path,
        data_path=facility.settings.data_path,
    )
    title = record_title(session, taken=lambda title: facility.database.title_taken(title, session.session_identifier))
    xml = to_xml(record)
    path = facility.workbench.folder(session.session_identifier) / "record.xml"
    write_whole(path, xml)
    versions = facility.wards.catalogue().versions
    source = crate_source(session, record, ingredients.grouping, ingredients.outcomes, versions)
    keep_crate_source(facility, claim, sha256(xml), source)
    return BuiltRecord(title=title, path=path, sha256=sha256(xml))
