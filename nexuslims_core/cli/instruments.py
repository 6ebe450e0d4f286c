"""``nexuslims instruments``."""

import argparse
import tomllib
from pathlib import Path

from nexuslims_core import codec
from nexuslims_core.cli.answers import Answer, table
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.instruments.models import Instrument


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare list and add."""
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="list the instruments")
    adding = actions.add_parser("add", help="add or update instruments from a TOML file")
    adding.add_argument("file", type=Path, help="[[instrument]] tables whose keys are the columns of `instruments`")


def run(args: argparse.Namespace) -> Answer:
    """List or add instruments."""
    from nexuslims_core.config import load_settings
    from nexuslims_core.db.database import Database

    database = Database.open(load_settings().database_url)
    if args.action == "add":
        for instrument in read_instruments(args.file):
            database.add_instrument(instrument)
    known = database.instruments()
    rows = [(i.instrument_pid, i.schema_name, i.filestore_path, i.harvester, i.timezone) for i in known]
    return Answer(
        document=[codec.encode(instrument) for instrument in known],
        text=table(("persistent id", "name", "folder", "calendar", "time zone"), rows)
        if known
        else "No instruments yet.",
    )


def read_instruments(path: Path) -> tuple[Instrument, ...]:
    """Return the instruments that a TOML file describes.

    Raises
    ------
    ConfigurationError
        If the file is not there, is no TOML, or a table is not an instrument.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8")).get("instrument", [])
        instruments = codec.decode(tuple[Instrument, ...], tables)
    except (OSError, ValueError) as error:  # ValueError: TOML's, Unicode's and pydantic's errors are ones
        raise ConfigurationError(f"{path} does not describe instruments: {error}") from error
    if not instruments:
        raise ConfigurationError(f"{path} has no [[instrument]] table")
    return instruments
