"""The record held against the schema, and filed: as a record if it is valid, beside its findings if it is not."""

from pathlib import Path
from typing import TypedDict
from urllib.parse import quote

from nexuslims_core import __version__
from nexuslims_core.artefacts import (
    Stamp,
    confined,
    digest,
    fingerprint,
    load_result,
    save_result,
    stamps,
    write_whole,
)
from nexuslims_core.config import Settings
from nexuslims_core.errors import InvalidRecordError
from nexuslims_core.records.crates.filing import crate_path
from nexuslims_core.records.page import to_html
from nexuslims_core.records.times import local
from nexuslims_core.records.validation import Finding, findings
from nexuslims_core.records.versions import keep_earlier
from nexuslims_core.schemas import schemas_digest
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.build_record import BuiltRecord
from nexuslims_core.stages.crates import add_crate
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.performing import perform

STAGE = "validate_record"
DATA_PATH_FROM_PAGE = "../.."
"""From records/YYYY back to DATA_PATH, so that pages still show their previews when the folder moves."""

FORM = 1
"""Raised when the files of a record change although the record, the schema and the stylesheet do not."""

Stamps = tuple[Stamp, ...]


class Links(TypedDict):
    """Where the links of a page lead, in the words of :func:`to_html`."""

    preview_base: str
    dataset_base: str
    record_url: str
    crate_url: str


def validate_record(facility: Facility, claim: Claim, built: BuiltRecord) -> BuiltRecord:
    """Return the record in its place under DATA_PATH/records, valid, its page and its crate beside it.

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
        inputs=fingerprint(built),
        kind=BuiltRecord,
        work=lambda: _file(facility, claim, built),
    )
    facility.database.note_record(claim, filed.path, filed.sha256)
    return filed


def _file(facility: Facility, claim: Claim, built: BuiltRecord) -> BuiltRecord:
    session = claim.session
    year = f"{local(session.dt_from, session.instrument.zone).year:04d}"
    path = confined(facility.settings.data_path, "records", year) / f"{built.title}.xml"
    invalid, told = path.with_name(f"{built.title}-invalid.xml"), path.with_name(f"{built.title}-findings.txt")
    seal = facility.workbench.root / "filed" / f"{built.title}.json"
    links = _links(facility.settings, path)
    inputs = digest([FORM, __version__, built.sha256, schemas_digest(), links])
    if not _stands(seal, inputs):
        xml = built.read()
        _refuse_invalid(xml, invalid, told)
        keep_earlier(path, xml)
        write_whole(path, xml)
        write_whole(path.with_suffix(".html"), to_html(xml, **links))
        save_result(seal, inputs, stamps(_filed(path)), Stamps)
    add_crate(facility, claim, built.sha256, path)
    for earlier in (invalid, told):
        earlier.unlink(missing_ok=True)
    return BuiltRecord(title=built.title, path=path, sha256=built.sha256)


def _stands(seal: Path, inputs: str) -> bool:
    """Tell whether the same record was found valid before, and what was written then lies there untouched."""
    kept = load_result(seal, inputs, Stamps)
    return kept is not None and stamps(path for path, _, _ in kept) == kept


def _filed(path: Path) -> tuple[Path, ...]:
    """Return all that is written of a valid record."""
    return path, path.with_suffix(".html")


def _links(settings: Settings, record: Path) -> Links:
    """Return where the links of a record's page lead."""
    return Links(
        record_url=quote(record.name),
        crate_url=quote(crate_path(record).name),
        preview_base=settings.preview_base_url or DATA_PATH_FROM_PAGE,
        dataset_base=settings.dataset_base_url or settings.filestore_path.as_uri(),
    )


def _refuse_invalid(xml: bytes, invalid: Path, told: Path) -> None:
    found = findings(xml)
    if found:
        write_whole(invalid, xml)
        write_whole(told, _listed(found))
        raise InvalidRecordError(
            f"the record does not satisfy the schema: {found[0]} ({len(found)} findings, all in {told})"
        )


def _listed(found: tuple[Finding, ...]) -> bytes:
    return "".join(f"{finding}\n" for finding in found).encode("utf-8", "replace")
