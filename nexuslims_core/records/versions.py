"""The versions of a record: the one that stands now, and beside it the earlier ones with their numbers.

What changed is told when somebody asks, from the versions themselves, so that it always fits them.
"""

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from nexuslims_core.artefacts import sha256, write_whole
from nexuslims_core.codec import AnyPath
from nexuslims_core.errors import StorageError
from nexuslims_core.records.changes import changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a record.

    Attributes
    ----------
    number
        Counted from 1, the oldest.
    filed_at
        Aware time, UTC, at which it was filed.
    current
        True for the one that stands now.
    changed
        What it says otherwise than the version before it, a sentence each; nothing for the first.
    """

    number: int
    path: AnyPath
    filed_at: datetime
    sha256: str
    current: bool = False
    changed: tuple[str, ...] = ()


def keep_earlier(path: Path, xml: bytes) -> None:
    """Keep the record that ``xml`` is about to replace, if it differs, as ``<title>.v1.xml``, ``<title>.v2.xml``, ….

    A filing that was cut short and is tried again keeps it once.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    if not path.exists() or (earlier := path.read_bytes()) == xml:
        return
    numbers = _numbers(path)
    last = max(numbers, default=0)
    if last and numbers[last].read_bytes() == earlier:
        return
    filed_ns, kept = path.stat().st_mtime_ns, path.with_name(f"{path.stem}.v{last + 1}.xml")
    write_whole(kept, earlier)
    os.utime(kept, ns=(filed_ns, filed_ns))


def versions(path: Path) -> tuple[Version, ...]:
    """Return all versions of the record that stands at ``path``, the oldest first; none where none lies there.

    Raises
    ------
    StorageError
        If one cannot be read.
    """
    try:
        numbers = _numbers(path)
        current = max(numbers, default=0) + 1 if path.exists() else None
        found = numbers | ({current: path} if current else {})
        files = [(number, found[number], found[number].read_bytes()) for number in sorted(found)]
        dates = [datetime.fromtimestamp(file.stat().st_mtime, UTC) for _, file, _ in files]
    except OSError as error:
        raise StorageError(f"{error.filename} cannot be read: {error.strerror or error}") from error
    told = [(), *(changes(before, after) for (*_, before), (*_, after) in pairwise(files))]
    return tuple(
        Version(
            number=number,
            path=file,
            filed_at=filed_at,
            sha256=sha256(xml),
            current=number == current,
            changed=changed,
        )
        for (number, file, xml), filed_at, changed in zip(files, dates, told, strict=False)
    )


def _numbers(path: Path) -> dict[int, Path]:
    """Return the earlier versions of a record by their numbers."""
    if not path.parent.is_dir():
        return {}
    pattern = re.compile(re.escape(path.stem) + r"\.v([1-9][0-9]{0,8})\.xml")
    named = ((pattern.fullmatch(entry.name), entry) for entry in path.parent.iterdir())
    return {int(match[1]): entry for match, entry in named if match}
