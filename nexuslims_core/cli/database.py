"""``nexuslims db``."""

import argparse

from nexuslims_core.cli.answers import Answer


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare upgrade and check."""
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("upgrade", help="create the database, or migrate it to this release")
    actions.add_parser("check", help="say whether the database fits this release")


def run(args: argparse.Namespace) -> Answer:
    """Upgrade or check the database that the settings name."""
    from nexuslims_core.config import load_settings
    from nexuslims_core.db.database import Database

    url = load_settings().database_url
    database = Database.create(url) if args.action == "upgrade" else Database.open(url)
    where = database.engine.url.render_as_string(hide_password=True)
    return Answer(document={"database": where, "fits": True}, text=f"{where} fits this release.")
