"""``nexuslims instruments``."""

import argparse
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nexuslims_core.cli.answers import Answer, table
from nexuslims_core.errors import ConfigurationError

if TYPE_CHECKING:  # this command's help must not wait for the database
    from nexuslims_core.instruments.models import Instrument


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare list and add."""
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="list the instruments")
    adding = actions.add_parser("add", help="add or update instruments from a TOML file")
    adding.add_argument(
        "file", type=Path, metavar="FILE.toml", help="[[instrument]] tables whose keys are the columns of `instruments`"
    )


def run(args: argparse.Namespace) -> Answer:
    """List the instruments, or add all of a file or none."""
    from nexuslims_core import codec
    from nexuslims_core.config import load_settings
    from nexuslims_core.db.database import Database

    settings = load_settings()
    database = Database.open(settings.database_url)
    if args.action == "add":
        described = read_instruments(args.file)
        for instrument in described:
            instrument.folder(settings.filestore_path)  # refuses one that leads out
        for instrument in described:
            database.add_instrument(instrument)
    found = database.inventory()
    rows = [(i.instrument_pid, i.schema_name, i.filestore_path, i.harvester, i.timezone) for i in found.usable]
    return Answer(
        document=[codec.encode(instrument) for instrument in found.usable],
        text="\n".join((_table(rows), *(f"not usable: {each.reason}" for each in found.unusable))),
        exit_code=1 if found.unusable else 0,
        complaints=[f"{each.reason}; {each.mend}" for each in found.unusable],
    )


def _table(rows: Sequence[Sequence[str]]) -> str:
    return table(("persistent id", "name", "folder", "calendar", "time zone"), rows) if rows else "No instruments yet."


def read_instruments(path: Path) -> tuple["Instrument", ...]:
    """Return the instruments that a TOML file describes.

    Raises
    ------
    ConfigurationError
        If the file is not there, is no TOML, or a table is not an instrument.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8")).get("instrument", [])
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:  # TOML's and Unicode's errors are ones
        raise ConfigurationError(f"{path} is no TOML file: {error}") from error
    if not isinstance(tables, list) or not tables:
        raise ConfigurationError(f"{path} has no [[instrument]] table: see docs/running.md for one")
    return tuple(_instrument(f"{path}, [[instrument]] {i}", told) for i, told in enumerate(tables, start=1))


def _instrument(place: str, told: object) -> "Instrument":
    from pydantic import ValidationError

    from nexuslims_core import codec
    from nexuslims_core.instruments.models import Instrument

    try:
        _refuse_unknown(told)
        return codec.decode(Instrument, told)
    except ValidationError as error:
        raise ConfigurationError(f"{place}: {'; '.join(map(_sentence, error.errors()))}") from error
    except ConfigurationError as error:
        raise ConfigurationError(f"{place}: {error}") from error


def _refuse_unknown(told: object) -> None:
    from dataclasses import fields

    from nexuslims_core.instruments.models import Instrument

    columns = {field.name for field in fields(Instrument)}
    for name in told if isinstance(told, dict) else ():
        if name not in columns:
            from difflib import get_close_matches

            near = get_close_matches(name, sorted(columns), n=1)
            raise ConfigurationError(f"{name} is no column of instruments{f'; do you mean {near[0]}?' if near else ''}")


def _sentence(error: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    name = error["loc"][0] if error["loc"] else "it"
    if error["type"] == "missing":
        return f"{name} is missing"
    return f"{name} cannot be {error['input']!r}: {error['msg'][:1].lower()}{error['msg'][1:]}"
