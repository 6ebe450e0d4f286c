"""The entry point: finds the command's file, runs it, turns errors into a sentence and an exit code."""

import argparse
import gc
import importlib
import json
import logging
import os
import sys
from collections.abc import Sequence
from typing import Protocol, cast

from nexuslims_core import __version__
from nexuslims_core.cli.answers import Answer, WrongUsageError, complain
from nexuslims_core.cli.logs import log_to_stderr
from nexuslims_core.errors import NexusLimsError

COMMANDS = {
    "build": ("building", "build the records of waiting sessions"),
    "sessions": ("sessions", "list, start, end, requeue sessions, and say why one is where it is"),
    "instruments": ("instruments", "list and add instruments"),
    "db": ("database", "create, migrate and check the database of sessions"),
    "find": ("finding", "list the files of an instrument or folder between two times"),
    "cluster": ("clustering", "group file times into acquisition activities"),
    "extract": ("extracting", "read the metadata of files and draw their previews"),
    "validate": ("validating", "hold records against the schema"),
    "publish": ("publishing", "publish records by hand, or those that wait for it"),
    "housekeeping": ("housekeeping", "publish, complete and keep up records that are not what they should be"),
    "alerts": ("alerting", "list what people were told and what waits to be, send it, try it out"),
    "page": ("paging", "render a record as a page"),
    "stylesheets": ("stylesheets", "write or load the stylesheets with which CDCS shows records"),
    "doctor": ("checking_up", "check settings, storage, database and services"),
}
"""Command to its file and what it does; a file is imported when its command is called."""

INTERRUPTED = 130

PATIENCE = 50_000
"""New objects between two searches for garbage: a command makes many at once, nearly all of which it keeps."""


class Command(Protocol):
    """What every command's file holds."""

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""

    def run(self, args: argparse.Namespace) -> Answer:
        """Do the work; may raise NexusLimsError."""


def command() -> int:
    """Run one command in a process of its own, which begins and ends with it."""
    gc.set_threshold(PATIENCE)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy would start a thread for each core, and sums little
    try:
        return main()
    finally:
        gc.freeze()  # what is left ends with the process, and need not be searched for garbage once more


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 something failed and was said, 2 wrong usage."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] not in COMMANDS:
        return _without_command(words)
    name = words[0]
    command = cast("Command", importlib.import_module(f"nexuslims_core.cli.{COMMANDS[name][0]}"))
    parser = argparse.ArgumentParser(prog=f"nexuslims {name}", description=COMMANDS[name][1].capitalize() + ".")
    command.configure(parser)
    for each in _leaves(parser):
        each.add_argument("--json", action="store_true", help="print one JSON document")
        each.add_argument("-v", "--verbose", action="store_true", help="log every step on stderr")
    args = parser.parse_args(words[1:])
    log_to_stderr(logging.INFO if args.verbose else logging.ERROR)
    return _answer(command, args)


def _answer(command: Command, args: argparse.Namespace) -> int:
    try:
        return command.run(args).give(as_json=args.json)
    except NexusLimsError as error:
        if args.json:
            sys.stdout.write(json.dumps({"error": {"type": type(error).__name__, "sentence": str(error)}}) + "\n")
        complain(str(error))
        return 2 if isinstance(error, WrongUsageError) else 1
    except KeyboardInterrupt:
        complain("stopped")
        return INTERRUPTED


def _without_command(words: Sequence[str]) -> int:
    listing = "\n".join(f"  {name:<12} {summary}" for name, (_, summary) in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="nexuslims",
        usage="nexuslims COMMAND … (nexuslims COMMAND --help explains one)",
        description="Turns sessions on electron microscopes into validated experiment records.",
        epilog=f"commands:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"NexusLIMS {__version__}")
    parser.add_argument("command", help=argparse.SUPPRESS, choices=list(COMMANDS))
    parser.parse_args(words or ["--help"])
    return 0


def _leaves(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    """Return the parsers of the sub-commands, or the parser itself where there are none."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to ask for them
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - as above
            return [leaf for sub in action.choices.values() for leaf in _leaves(sub)]
    return [parser]


if __name__ == "__main__":
    sys.exit(main())
