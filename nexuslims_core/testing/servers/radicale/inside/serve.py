"""Start a Radicale on 127.0.0.1 that lets one user in by password.

    python serve.py --home DIR [--port N] [--lifeline]

Runs in Radicale's own virtual environment. As soon as it answers it writes one line of JSON to stdout.
"""

import argparse
import secrets
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "inside")]

import loopback  # noqa: E402 - from the folder above

USER = "facility"


def main() -> None:
    """Start, say so, and serve until told to stop."""
    parser = argparse.ArgumentParser(description="Run a Radicale on this machine.")
    parser.add_argument("--home", type=Path, required=True, help="folder of all that it keeps")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--lifeline", action="store_true", help="stop when stdin ends")
    arguments = parser.parse_args()
    announce = loopback.only_announce()
    loopback.stop_when_told(lifeline=arguments.lifeline)
    listener = loopback.listen(arguments.port)
    home = arguments.home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe(18)
    (home / "users").write_text(f"{USER}:{password}\n")
    from radicale import config
    from radicale.app import Application

    configuration = config.load()
    configuration.update(
        {
            "auth": {
                "type": "htpasswd",
                "htpasswd_filename": str(home / "users"),
                "htpasswd_encryption": "plain",
                "delay": "0",
            },
            "storage": {"filesystem_folder": str(home / "collections")},
            "rights": {"type": "owner_only"},
        },
        "this server",
    )
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    ready = {"url": url, "user": USER, "password": password}
    loopback.serve(Application(configuration), listener, ready, announce)


if __name__ == "__main__":
    main()
