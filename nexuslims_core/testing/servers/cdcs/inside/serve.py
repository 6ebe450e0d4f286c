"""Start a CDCS on 127.0.0.1: make what its home lacks (tables, accounts, template, stylesheets), then serve.

    python serve.py --home DIR --schema FILE.xsd [--port N] [--detail-xsl F] [--list-xsl F]
                    [--postgres DIR] [--lifeline] [--url URL]

Runs in CDCS's own virtual environment. As soon as it answers it writes one line of JSON to stdout: url, template,
workspace, accounts and tokens.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "inside")]

import loopback  # noqa: E402 - from the folders above


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run a CDCS on this machine.")
    parser.add_argument("--home", type=Path, required=True, help="folder of all that it keeps")
    parser.add_argument(
        "--schema", type=Path, required=True, help="XML schema of the records; its name is the template's title"
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--detail-xsl", type=Path, help="stylesheet of a record's page")
    parser.add_argument("--list-xsl", type=Path, help="stylesheet of a record in a list")
    parser.add_argument("--postgres", type=Path, help="run on a private PostgreSQL; the folder of its programs")
    parser.add_argument("--url", default="", help="address for others, as in a container; it then listens everywhere")
    parser.add_argument("--lifeline", action="store_true", help="stop when stdin ends")
    return parser.parse_args()


def _prepare(arguments: argparse.Namespace, url: str) -> dict[str, Any]:
    """Set Django up and fill the home; returns what the ready line says."""
    home = arguments.home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    os.environ |= {"CDCS_HOME": str(home), "CDCS_URL": url, "DJANGO_SETTINGS_MODULE": "settings"}
    if arguments.postgres:
        from postgres import start_postgres

        os.environ |= start_postgres(arguments.postgres, home)
    import django

    django.setup()
    from contents import fill

    sheets = {"detail": arguments.detail_xsl, "list": arguments.list_xsl}
    return {"url": url, **fill(arguments.schema, {role: path for role, path in sheets.items() if path})}


def main() -> None:
    """Start, say so, and serve until told to stop."""
    arguments = _arguments()
    announce = loopback.only_announce()
    loopback.stop_when_told(lifeline=arguments.lifeline)
    listener = loopback.listen(arguments.port, "0.0.0.0" if arguments.url else "127.0.0.1")  # noqa: S104 - asked for
    ready = _prepare(arguments, arguments.url or f"http://127.0.0.1:{listener.getsockname()[1]}")
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.wsgi import get_wsgi_application

    loopback.serve(StaticFilesHandler(get_wsgi_application()), listener, ready, announce)


if __name__ == "__main__":
    main()
