"""``nexuslims db``."""

import argparse
from pathlib import Path

from nexuslims_core.cli.answers import Answer
from nexuslims_core.cli.paths import absolute, path_fields


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare upgrade, check, adopt and backup."""
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("upgrade", help="create the database, or migrate it to this release")
    actions.add_parser("check", help="say whether the database fits this release")
    adopting = actions.add_parser("adopt", help="take over a NexusLIMS database, of version 1 or 2, which is only read")
    adopting.add_argument("old", type=Path, metavar="OLD.db", help="the SQLite file of NexusLIMS")
    adopting.add_argument("--into", metavar="URL", help="default: the database of the settings")
    backup = actions.add_parser("backup", help="copy a SQLite database into a file, while others go on writing into it")
    backup.add_argument(
        "path", type=absolute, metavar="FILE", help="the file to make; for PostgreSQL see docs/backup.md"
    )


def run(args: argparse.Namespace) -> Answer:
    """Upgrade, check, fill or copy the database that the settings name."""
    from nexuslims_core.config import load_settings
    from nexuslims_core.db.database import Database
    from nexuslims_core.db.upgrading import check_whole

    if args.action == "adopt":
        from nexuslims_core.cli.adopting import adopt

        return adopt(args.old, args.into)
    url = load_settings().database_url
    if args.action == "backup":
        return _backed_up(url, args.path)
    database = Database.create(url) if args.action == "upgrade" else Database.open(url)
    check_whole(database.engine)
    where = database.engine.url.render_as_string(hide_password=True)
    return Answer(document={"database": where, "fits": True}, text=f"{where} fits this release.")


def _backed_up(url: str, path: Path) -> Answer:
    from nexuslims_core.db.backup import back_up

    backup = back_up(url, path)
    return Answer(
        document={**path_fields(backup.path), "size_bytes": backup.size_bytes, "sessions": backup.sessions},
        text=f"{backup.path} is whole: {backup.size_bytes:,} bytes, sessions in it: {backup.sessions:,}.",
    )
