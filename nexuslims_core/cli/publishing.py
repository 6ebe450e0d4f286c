"""``nexuslims publish``."""

import argparse
from pathlib import Path

from nexuslims_core import codec
from nexuslims_core.cli.answers import Answer
from nexuslims_core.cli.validating import read_record
from nexuslims_core.errors import ConfigurationError, InvalidRecordError


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the records."""
    parser.add_argument("records", nargs="+", type=Path, metavar="RECORD.xml", help="its name is its title in CDCS")


def run(args: argparse.Namespace) -> Answer:
    """Publish each record under its file's name; one that is there already is replaced."""
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
    receipts = [destination.put(path.stem, xml) for path, xml in records.items()]
    return Answer(document=[codec.encode(r) for r in receipts], text="\n".join(r.url for r in receipts))
