"""``nexuslims validate``."""

import argparse
from pathlib import Path

from nexuslims_core import codec
from nexuslims_core.cli.answers import Answer
from nexuslims_core.errors import StorageError


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare records and schema."""
    parser.add_argument("records", nargs="+", type=Path, metavar="RECORD.xml")
    parser.add_argument("--schema", type=Path, metavar="XSD", help="default: the one that ships with this release")


def run(args: argparse.Namespace) -> Answer:
    """Hold each record against the schema; exit 1 when one has findings."""
    from nexuslims_core.records.validation import findings

    found = {str(path): findings(read_record(path), args.schema) for path in args.records}
    lines = [f"{path}: {finding}" for path, each in found.items() for finding in each]
    lines += [f"{path}: valid" for path, each in found.items() if not each]
    return Answer(
        document=[{"record": path, "findings": [codec.encode(f) for f in each]} for path, each in found.items()],
        text="\n".join(lines),
        exit_code=1 if any(found.values()) else 0,
    )


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
