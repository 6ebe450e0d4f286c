"""The record held against the schema, and filed: as a record if it is valid, beside its findings if it is not."""

from pathlib import Path

from nexuslims_core import codec
from nexuslims_core.artefacts import confined, write_whole
from nexuslims_core.errors import InvalidRecordError
from nexuslims_core.records.page import to_html
from nexuslims_core.records.validation import Finding, findings
from nexuslims_core.sessions.models import Claim, Session
from nexuslims_core.stages.build_record import BuiltRecord
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.performing import perform

STAGE = "validate_record"
DATA_PATH_FROM_PAGE = "../.."
"""From records/YYYY back to DATA_PATH, so that pages still show their previews when the folder moves."""


def validate_record(facility: Facility, claim: Claim, built: BuiltRecord) -> BuiltRecord:
    """Return the record in its place under DATA_PATH/records, valid, its page beside it.

    Raises
    ------
    InvalidRecordError
        If it does not satisfy the schema; the record is kept as ``<title>-invalid.xml`` with ``<title>-findings.txt``.
    StorageError
        If it is no longer what was built, or cannot be filed.
    """
    filed = perform(
        facility,
        claim,
        STAGE,
        inputs=codec.encode(built),
        kind=BuiltRecord,
        work=lambda: _file(facility, claim.session, built),
    )
    facility.database.note_record(claim, filed.path, filed.sha256)
    return filed


def _file(facility: Facility, session: Session, built: BuiltRecord) -> BuiltRecord:
    xml = built.read()
    year = f"{session.dt_from.astimezone(session.instrument.zone):%Y}"
    folder = confined(facility.settings.data_path, "records", year)
    invalid, told = folder / f"{built.title}-invalid.xml", folder / f"{built.title}-findings.txt"
    found = findings(xml)
    if found:
        write_whole(invalid, xml)
        write_whole(told, _listed(found))
        raise InvalidRecordError(
            f"the record does not satisfy the schema: {found[0]} ({len(found)} findings, all in {told})"
        )
    page = to_html(
        xml,
        preview_base=facility.settings.preview_base_url or DATA_PATH_FROM_PAGE,
        dataset_base=facility.settings.dataset_base_url or facility.settings.filestore_path.as_uri(),
    )
    path = folder / f"{built.title}.xml"
    _number_earlier(path, xml)
    write_whole(path, xml)
    write_whole(path.with_suffix(".html"), page)
    for earlier in (invalid, told):
        earlier.unlink(missing_ok=True)
    return BuiltRecord(title=built.title, path=path, sha256=built.sha256)


def _listed(found: tuple[Finding, ...]) -> bytes:
    return "".join(f"{finding}\n" for finding in found).encode("utf-8", "replace")


def _number_earlier(path: Path, xml: bytes) -> None:
    """Keep an earlier version that differs, numbered: ``<title>.v1.xml``, ``<title>.v2.xml`` and so on."""
    if not path.exists() or (earlier := path.read_bytes()) == xml:
        return
    number = 1
    while _version(path, number).exists():
        number += 1
    if number == 1 or _version(path, number - 1).read_bytes() != earlier:  # else a try that was cut short has kept it
        write_whole(_version(path, number), earlier)


def _version(path: Path, number: int) -> Path:
    return path.with_name(f"{path.stem}.v{number}.xml")
