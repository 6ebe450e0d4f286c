"""``nexuslims sessions show``: what the books say of one session, where its record is, and the versions of it."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nexuslims_core.cli.answers import Answer
from nexuslims_core.errors import StorageError

if TYPE_CHECKING:  # the help of `sessions` must not wait for the database
    from nexuslims_core.db.database import Database
    from nexuslims_core.records.versions import Version


def run(database: "Database", args: argparse.Namespace) -> Answer:
    """Show the session, its record at each destination, and each version with its date, its digest and what changed."""
    from nexuslims_core import codec
    from nexuslims_core.cli.explaining import in_a_line

    summary, published = database.summary(args.id), database.publications_of(args.id)
    plain = codec.encode(summary)
    lines = [f"{name.replace('_', ' '):<20} {value}" for name, value in plain.items() if value is not None]
    lines += [f"{each.destination:<20} {in_a_line(each, lambda time: time.isoformat())}" for each in published]
    plain["publications"] = codec.encode(published)
    try:
        found = _versions(summary.record_path)
    except StorageError as error:
        return Answer(
            document={**plain, "versions": None}, text="\n".join(lines), exit_code=1, complaints=(str(error),)
        )
    document = {**plain, "versions": [codec.encode(version) for version in found]}
    return Answer(document=document, text="\n".join([*lines, *_lines(found)]))


def _versions(record: Path | None) -> tuple["Version", ...]:
    from nexuslims_core.records.versions import versions

    return versions(record) if record else ()


def _lines(found: Sequence["Version"]) -> Iterator[str]:
    if found:
        yield "versions"
    for version in found:
        now = ", which stands now" if version.current else ""
        yield f"  {version.number}  {version.filed_at:%Y-%m-%dT%H:%M:%SZ}  sha256 {version.sha256}{now}"
        yield from (f"     {sentence}" for sentence in version.changed)
