"""The record held against the schema, and filed: as a record if it is valid, beside its findings if it is not."""

from pathlib import Path

from nexuslims_core import codec
from nexuslims_core.artefacts import confined, sha256, write_whole
from nexuslims_core.errors import InvalidRecordError
from nexuslims_core.records.page import to_html
from nexuslims_core.records.validation import findings
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.build_record import BuiltRecord
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.performing import perform

STAGE = "validate_record"


def validate_record(facility: Facility, claim: Claim, built: BuiltRecord) -> BuiltRecord:
    """Return the record in its place under DATA_PATH/records, valid, its page beside it.

    Raises
    ------
    InvalidRecordError
        If it does not satisfy the schema; the record is kept as ``<title>-invalid.xml`` with ``<title>-findings.txt``.
    """
    return perform(
        facility,
        claim,
        STAGE,
        inputs=codec.encode(built),
        kind=BuiltRecord,
        work=lambda: _file(facility, claim, built),
    )


def _file(facility: Facility, claim: Claim, built: BuiltRecord) -> BuiltRecord:
    session = claim.session
    xml = built.path.read_bytes()
    year = f"{session.dt_from.astimezone(session.instrument.zone):%Y}"
    folder = confined(facility.settings.data_path, "records", year)
    found = findings(xml)
    if found:
        write_whole(folder / f"{built.title}-invalid.xml", xml)
        write_whole(
            folder / f"{built.title}-findings.txt", "\n".join(map(str, found)).encode("utf-8", "replace") + b"\n"
        )
        raise InvalidRecordError(
            f"the record does not satisfy the schema: {found[0]} "
            f"({len(found)} findings, all in {built.title}-findings.txt)"
        )
    path = folder / f"{built.title}.xml"
    _number_earlier(path, xml)
    write_whole(path, xml)
    page = to_html(
        xml,
        preview_base=facility.settings.preview_base_url or facility.settings.data_path.as_uri(),
        dataset_base=facility.settings.dataset_base_url or facility.settings.filestore_path.as_uri(),
    )
    write_whole(path.with_name(f"{built.title}.html"), page)
    facility.database.note_record(claim, path, sha256(xml))
    return BuiltRecord(title=built.title, path=path, sha256=sha256(xml))


def _number_earlier(path: Path, xml: bytes) -> None:
    """Keep an earlier version that differs, numbered: ``<title>.v1.xml``, ``<title>.v2.xml`` and so on."""
    if not path.exists() or path.read_bytes() == xml:
        return
    number = 1
    while path.with_name(f"{path.stem}.v{number}.xml").exists():
        number += 1
    path.rename(path.with_name(f"{path.stem}.v{number}.xml"))
