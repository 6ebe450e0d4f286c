"""Serve a calendar until told to stop: ``python -m nexuslims_core.testing.servers.sharepoint --events FILE.json``.

FILE.json maps the name of each list to its events. One line of JSON says where the server is once it listens:
its account, the address of the site and that of each list.
"""

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from nexuslims_core.testing.servers.sharepoint.server import SharePointServer


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    arguments = _parser().parse_args()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopped.set())
    events = json.loads(arguments.events.read_bytes())
    with SharePointServer(
        events=events,
        zone=arguments.zone,
        port=arguments.port,
        page_size=arguments.page_size,
        filter_quirk=arguments.filter_quirk,
        sp2010=arguments.sp2010,
    ) as server:
        ready = {"url": server.site_url, "lists": {name: server.list_url(name) for name in events}, "user": server.user}
        sys.stdout.write(json.dumps(ready | {"password": server.password}) + "\n")
        sys.stdout.flush()
        stopped.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m nexuslims_core.testing.servers.sharepoint")
    parser.add_argument("--events", type=Path, required=True, metavar="FILE.json")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--zone", default="America/New_York", help="IANA name of the site's zone")
    parser.add_argument("--page-size", type=int, default=1000)
    parser.add_argument("--filter-quirk", action="store_true", help="compare times the way NIST's server did")
    parser.add_argument("--sp2010", action="store_true", help="do not tell the site's zone")
    return parser


if __name__ == "__main__":
    main()
