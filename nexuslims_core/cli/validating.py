"""``nexuslims validate``."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from nexuslims_core.cli.answers import Answer
from nexuslims_core.cli.paths import absolute
from nexuslims_core.errors import StorageError

if TYPE_CHECKING:  # this command's help must not wait for the schema's library
    from nexuslims_core.records.validation import Finding


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare records and schema."""
    parser.add_argument("records", nargs="+", type=absolute, metavar="RECORD.xml")
    parser.add_argument("--schema", type=absolute, metavar="XSD", help="default: the one that ships with this release")


def run(args: argparse.Namespace) -> Answer:
    """Hold each record against the schema; exit 1 when one has findings."""
    from nexuslims_core import codec

    found = {path: _findings(path, args.schema) for path in args.records}
    lines = [f"{path}: {told}" for path, each in found.items() for told in each or ("valid",)]
    return Answer(
        document=[
            {"record": str(path), "valid": not each, "findings": [codec.encode(f) for f in each]}
            for path, each in found.items()
        ],
        text="\n".join(lines),
        exit_code=1 if any(found.values()) else 0,
    )


def _findings(path: Path, schema: Path | None) -> tuple["Finding", ...]:
    from nexuslims_core.records.validation import Finding, findings

    try:
        return findings(read_record(path), schema)
    except StorageError as error:
        return (Finding(line=0, xpath="", sentence=str(error)),)


def read_record(path: Path) -> bytes:
    """Return the bytes of a record.

    Raises
    ------
    StorageError
        If it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}") from error
