"""A crate put beside its record: what lies on disk is looked up, and nothing is done twice."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from nexuslims_core import codec
from nexuslims_core.artefacts import Stamp, digest, load_result, save_result, sha256, stamps, write_whole
from nexuslims_core.reading.hashing import Digest, Hasher
from nexuslims_core.records.crates.addresses import Addresses
from nexuslims_core.records.crates.documents import CrateContents, to_crate
from nexuslims_core.records.crates.files import written_files
from nexuslims_core.records.crates.models import CrateFile, CrateSource, FileFacts, RecordFiles

ENDING = "-ro-crate-metadata.json"
"""What the name of a crate's file is after the title of its record; RO-Crate asks for it."""

FORM = 1
"""Raised when a crate tells the same in another way."""

_TICK_S = 1e-5
"""Two times that differ by less are one: a float of epoch seconds tells no less."""

_CHANGED = "No checksum: it has changed since the session's files were found"


Stamps = tuple[Stamp, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """How a facility files its crates.

    Attributes
    ----------
    zone
        In which times of files are told.
    licence
        An address on the web, or a sentence.
    seal
        Where it is noted what the crate of this record was made from.
    hasher
        Hashes the session's files; None leaves them without checksums.
    """

    addresses: Addresses
    zone: ZoneInfo
    licence: str
    seal: Path
    hasher: Hasher | None = None


def crate_path(record: Path) -> Path:
    """Return where the crate of a record lies: beside its XML."""
    return record.with_name(record.stem + ENDING)


def file_crate(filing: Filing, source: CrateSource, xml: Path, page: Path) -> Path:
    """Write the crate of a record that was filed, unless the one that lies there says just that; return its path.

    Raises
    ------
    StorageError
        If it cannot be written.
    UnsafePathError
        If a file does not lie below its root.
    OSError
        If the record is not there.
    """
    path = crate_path(xml)
    facts = _facts(source, filing.hasher)
    inputs = _inputs(filing, source, stamps((xml, page)), facts)
    kept = load_result(filing.seal, inputs, Stamps)
    if kept is None or stamps((path,)) != kept:
        record = RecordFiles(xml=(xml, _whole(xml)), page=(page, _whole(page)))
        write_whole(path, to_crate(_contents(filing, source, record, facts)))
        save_result(filing.seal, inputs, stamps((path,)), Stamps)
    return path


def _inputs(filing: Filing, source: CrateSource, record: Stamps | None, facts: dict[Path, FileFacts]) -> str:
    known = [[each.size, each.mtime, each.folder, each.sha256, each.note] for each in facts.values()]
    return digest([FORM, codec.encode(source), record, known, repr(filing.addresses), filing.licence])


def _contents(filing: Filing, source: CrateSource, record: RecordFiles, facts: dict[Path, FileFacts]) -> CrateContents:
    return CrateContents(
        source=source, record=record, facts=facts, addresses=filing.addresses, zone=filing.zone, licence=filing.licence
    )


def _whole(path: Path) -> FileFacts:
    content = path.read_bytes()
    return FileFacts(size=len(content), sha256=sha256(content))


def _facts(source: CrateSource, hasher: Hasher | None) -> dict[Path, FileFacts]:
    """Return what is known of every file of the session, and of what was written for it."""
    return {path: known for file in source.files for path, known in _facts_of(file, hasher)}


def _facts_of(file: CrateFile, hasher: Hasher | None) -> Iterator[tuple[Path, FileFacts]]:
    for path in (file.path, *file.parts):
        known = _looked_up(path)
        yield path, _hashed(path, known, file, hasher) if hasher else known
    for path in written_files(file):
        known = _looked_up(path)
        yield path, _whole(path) if hasher and known.size is not None else known


def _looked_up(path: Path) -> FileFacts:
    try:
        status = os.stat(path)  # noqa: PTH116 - thousands of times, and a Path takes longer than its file
    except OSError:
        return FileFacts()
    folder = stat.S_ISDIR(status.st_mode)
    return FileFacts(size=None if folder else status.st_size, mtime=status.st_mtime, folder=folder)


def _hashed(path: Path, known: FileFacts, file: CrateFile, hasher: Hasher) -> FileFacts:
    """Return what is known of a file with its digest, or with the reason why there is none."""
    if known.folder:
        return known
    found = hasher.digest(path)
    if path == file.path and found.sha256 and not _is_as_found(file, found):
        return replace(known, note=_CHANGED)
    return replace(known, sha256=found.sha256, note=f"No checksum: {found.reason}" if found.reason else None)


def _is_as_found(file: CrateFile, found: Digest) -> bool:
    """Tell whether what was hashed is what the scan saw; the time of a dataset of several may be another's."""
    same_time = bool(file.parts) or found.mtime_ns is None or abs(found.mtime_ns / 1e9 - file.mtime) < _TICK_S
    return found.size == file.size and same_time
