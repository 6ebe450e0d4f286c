"""Files in a crate: each raw file with its companions, previews and metadata, and the record's own."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from nexuslims_core.datasets.cleaning import clean_text
from nexuslims_core.records.addresses import readable_name
from nexuslims_core.records.crates.addresses import Addresses
from nexuslims_core.records.crates.entities import Entity, one_line, reference, stated
from nexuslims_core.records.crates.models import CrateFile, FileFacts, RecordFiles
from nexuslims_core.records.models import UNREADABLE
from nexuslims_core.schemas import NEXUS_NAMESPACE

_FORMATS = {
    ".bmp": "image/bmp",
    ".csv": "text/csv",
    ".gif": "image/gif",
    ".html": "text/html",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".png": "image/png",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".txt": "text/plain",
    ".xml": "application/xml",
}
"""Media types by suffix. The table of the machine is not asked: it differs from one to the next."""

_WRITTEN = {".png": "Preview", ".json": "Metadata"}

Facts = Mapping[Path, FileFacts]
_NOTHING = FileFacts()


def record_entities(files: RecordFiles, addresses: Addresses) -> tuple[Entity, Entity]:
    """Return the entities of the record's XML and of its page."""
    (xml, of_xml), (page, of_page) = files.xml, files.page
    schema = f"The experiment record, in XML by the schema {NEXUS_NAMESPACE}"
    return (
        _file(addresses.written(xml), xml, of_xml, description=schema),
        _file(addresses.written(page), page, of_page, description="The same record as a page for people"),
    )


def raw_id(file: CrateFile, addresses: Addresses, facts: Facts) -> str:
    """Return the id of a raw file; that of a folder ends with a slash."""
    return addresses.raw(file.path) + ("/" if facts.get(file.path, _NOTHING).folder else "")


def file_entities(file: CrateFile, addresses: Addresses, facts: Facts, zone: ZoneInfo) -> Iterator[Entity]:
    """Return the entities of one raw file, of its companions, and of what was written for it."""
    known = facts.get(file.path, _NOTHING)
    identifier = raw_id(file, addresses, facts)
    previews = [addresses.written(reading.preview) for reading in file.readings if reading.preview]
    jsons = [addresses.written(reading.json) for reading in file.readings if reading.json]
    yield stated(
        "Dataset" if known.folder else "File",
        identifier,
        name=readable_name(file.path.name),
        description=_told(file, known),
        contentSize=str(file.size),
        dateModified=_moment(file.mtime, zone),
        encodingFormat=None if known.folder else _format(file.path),
        sha256=known.sha256,
        thumbnail=[reference(each) for each in previews],
        subjectOf=[reference(each) for each in jsons],
    )
    for part in file.parts:
        of_part = facts.get(part, _NOTHING)
        date = None if of_part.mtime is None else _moment(of_part.mtime, zone)
        told = "\n".join(filter(None, (f"Companion of {readable_name(file.path.name)}", of_part.note)))
        yield _file(
            addresses.raw(part), part, of_part, description=told, dateModified=date, isPartOf=reference(identifier)
        )
    for path in written_files(file):
        told = f"{_WRITTEN.get(path.suffix, 'Part')} of {readable_name(file.path.name)}"
        yield _file(
            addresses.written(path), path, facts.get(path, _NOTHING), description=told, about=reference(identifier)
        )


def written_files(file: CrateFile) -> Iterator[Path]:
    """Return the previews and metadata that were written for a raw file."""
    return (path for reading in file.readings for path in (reading.preview, reading.json) if path)


def _told(file: CrateFile, known: FileFacts) -> str:
    kinds = dict.fromkeys(one_line(reading.data_type.replace("_", " ")) for reading in file.readings)
    unreadable = f"{UNREADABLE}{file.unreadable}" if file.unreadable else ""
    return clean_text("\n".join(filter(None, (", ".join(filter(None, kinds)), unreadable, known.note))))


def _file(identifier: str, path: Path, known: FileFacts, **properties: object) -> Entity:
    return stated(
        "File",
        identifier,
        name=readable_name(path.name),
        contentSize=None if known.size is None else str(known.size),
        encodingFormat=_format(path),
        sha256=known.sha256,
        **properties,
    )


def _format(path: Path) -> str:
    return _FORMATS.get(path.suffix.lower(), "application/octet-stream")


def _moment(epoch_s: float, zone: ZoneInfo) -> str | None:
    try:
        return datetime.fromtimestamp(epoch_s // 1, zone).isoformat()
    except (OverflowError, ValueError, OSError):  # a time that no calendar has
        return None
