"""``python -m nexuslims_core.demo run|up``: what `make demo` and `make up` call."""

import argparse
import logging
import signal
import sys
from pathlib import Path

from nexuslims_core.errors import NexusLimsError

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """Run one of the two and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m nexuslims_core.demo")
    parser.add_argument("what", choices=("run", "up"))
    parser.add_argument("--folder", type=Path, default=Path("demo"), help="where the facility is laid out")
    parser.add_argument("--files", type=Path, help="instrument files of your own, which are only read")
    args = parser.parse_args()
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(message)s")
    for ending in ENDINGS:
        signal.signal(ending, _interrupt)
    try:
        return _run(args)
    except NexusLimsError as error:
        sys.stderr.write(f"nexuslims: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("nexuslims: stopped\n")
        return 130


def _interrupt(_number: int, _frame: object) -> None:
    """End as Ctrl-C does, once: what follows must not disturb the cleaning up."""
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    raise KeyboardInterrupt


def _run(args: argparse.Namespace) -> int:
    folder = args.folder.absolute()
    if args.what == "up":
        from nexuslims_core.demo.serving import serve

        return serve(folder)
    from nexuslims_core.demo.running import run

    return run(folder, args.files)


if __name__ == "__main__":
    sys.exit(main())
