"""Start a NEMO on 127.0.0.1: make what its home lacks (tables, accounts, a small facility), then serve.

    python serve.py --home DIR [--port N] [--zone ZONE] [--lifeline]

Runs in NEMO's own virtual environment. As soon as it answers it writes one line of JSON to stdout: its address and the
tokens of its accounts.
"""

import argparse
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "inside")]

import loopback  # noqa: E402 - from the folders above


def main() -> None:
    """Start, say so, and serve until told to stop."""
    parser = argparse.ArgumentParser(description="Run a NEMO on this machine.")
    parser.add_argument("--home", type=Path, required=True, help="folder of all that it keeps")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--zone", default="America/New_York", help="the site's time zone")
    parser.add_argument("--lifeline", action="store_true", help="stop when stdin ends")
    arguments = parser.parse_args()
    announce = loopback.only_announce()
    loopback.stop_when_told(lifeline=arguments.lifeline)
    listener = loopback.listen(arguments.port)
    home = arguments.home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    os.environ |= {"NEMO_HOME": str(home), "NEMO_TZ": arguments.zone, "DJANGO_SETTINGS_MODULE": "settings"}
    import django

    django.setup()
    from contents import fill
    from django.core.wsgi import get_wsgi_application

    ready = {"url": f"http://127.0.0.1:{listener.getsockname()[1]}", **fill()}
    loopback.serve(get_wsgi_application(), listener, ready, announce)


if __name__ == "__main__":
    main()
