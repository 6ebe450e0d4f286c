"""``nexuslims publish``."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nexuslims_core.cli.answers import Answer
from nexuslims_core.cli.paths import absolute
from nexuslims_core.cli.progress import progress
from nexuslims_core.cli.validating import read_record
from nexuslims_core.errors import ConfigurationError, InvalidRecordError, NexusLimsError

if TYPE_CHECKING:  # this command's help must not wait for the client
    from nexuslims_core.publishing.base import RecordStore


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the records."""
    parser.add_argument("records", nargs="+", type=absolute, metavar="RECORD.xml", help="its name is its title in CDCS")


def run(args: argparse.Namespace) -> Answer:
    """Publish each record under its file's name; one that is there already is replaced. All are valid, or none goes."""
    from nexuslims_core.config import load_settings
    from nexuslims_core.records.validation import findings
    from nexuslims_core.stages.facility import store

    destination = store(load_settings())
    if destination is None:
        raise ConfigurationError("NEXUSLIMS_CDCS_URL is not set: say where to publish (see .env.example)")
    records = {path: read_record(path) for path in args.records}
    for path, xml in records.items():
        if found := findings(xml):
            raise InvalidRecordError(f"{path}: {found[0]}; nothing was published")
    document = [_put(destination, path, xml) for path, xml in records.items()]
    return Answer(
        document=document,
        text="\n".join(each["url"] or each["reason"] for each in document),
        exit_code=1 if any(each["reason"] for each in document) else 0,
    )


def _put(destination: "RecordStore", path: Path, xml: bytes) -> dict[str, Any]:
    from nexuslims_core import codec

    told = {"record": str(path), "destination": destination.name, "record_id": None, "url": None, "sha256": None}
    try:
        with progress(f"publishing {path.name}"):
            receipt = destination.put(path.stem, xml)
    except NexusLimsError as error:
        return {**told, "reason": f"{path}: {error}"}
    return {**told, **codec.encode(receipt), "reason": None}
