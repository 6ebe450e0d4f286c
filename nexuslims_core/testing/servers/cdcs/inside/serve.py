"""Start a CDCS on 127.0.0.1: make what its home lacks (tables, accounts, template, stylesheets), then serve.

    python serve.py --home DIR --schema FILE.xsd [--port N] [--detail-xsl F] [--list-xsl F]
                    [--postgres DIR] [--lifeline]

Runs in CDCS's own virtual environment. As soon as it answers it writes one line of JSON to stdout: url, template,
workspace, accounts and tokens. It runs until SIGTERM or SIGINT, or with ``--lifeline`` until its stdin ends, so that it
never outlives the process that holds the other end.
"""

import argparse
import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any, TextIO


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
    parser.add_argument("--lifeline", action="store_true", help="stop when stdin ends")
    return parser.parse_args()


def _listen(port: int) -> socket.socket:
    """Take the port before the slow part, so that a taken one fails at once."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        raise SystemExit(f"port {port} of this machine cannot be taken: {error.strerror}") from error
    return listener


def _stop_when_stdin_ends() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _prepare(arguments: argparse.Namespace, url: str) -> dict[str, Any]:
    """Set Django up and fill the home; returns what the ready line says."""
    home = arguments.home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    os.environ |= {"CDCS_HOME": str(home), "CDCS_URL": url, "DJANGO_SETTINGS_MODULE": "settings"}
    sys.path.insert(0, str(Path(__file__).parent))
    if arguments.postgres:
        from postgres import start_postgres

        os.environ |= start_postgres(arguments.postgres, home)
    import django

    django.setup()
    from contents import fill

    sheets = {"detail": arguments.detail_xsl, "list": arguments.list_xsl}
    return {"url": url, **fill(arguments.schema, {role: path for role, path in sheets.items() if path})}


def _serve(listener: socket.socket, ready: dict[str, Any], announce: TextIO) -> None:
    import waitress
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.wsgi import get_wsgi_application

    server = waitress.create_server(StaticFilesHandler(get_wsgi_application()), sockets=[listener], threads=4)
    announce.write(json.dumps(ready) + "\n")
    announce.close()
    server.run()


def main() -> None:
    """Start, say so, and serve until told to stop."""
    arguments = _arguments()
    announce, sys.stdout = sys.stdout, sys.stderr  # nothing but the ready line may reach stdout
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if arguments.lifeline:
        threading.Thread(target=_stop_when_stdin_ends, daemon=True).start()
    listener = _listen(arguments.port)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    _serve(listener, _prepare(arguments, url), announce)


if __name__ == "__main__":
    main()
