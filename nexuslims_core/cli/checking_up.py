"""``nexuslims doctor``."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nexuslims_core.cli.answers import Answer
from nexuslims_core.cli.progress import progress
from nexuslims_core.cli.sheets import broken, on_one_line

if TYPE_CHECKING:  # this command's help must not wait for what it examines
    from nexuslims_core.publishing.base import Check


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what this command takes."""
    parser.add_argument(
        "--retry-logins", action="store_true", help="try logins again that a calendar server has refused before"
    )
    parser.epilog = "Exit code 1 when a check fails; a warning is none."


def run(args: argparse.Namespace) -> Answer:
    """Run every check and say what to mend."""
    from nexuslims_core import codec
    from nexuslims_core.doctor import examine

    with progress("examining"):
        checks = examine(retry_logins=args.retry_logins)
    return Answer(
        document=[codec.encode(check) for check in checks],
        text=drawn(checks),
        exit_code=0 if all(check.ok for check in checks) else 1,
    )


def drawn(checks: "Sequence[Check]") -> str:
    """Return a line for each check, and a verdict below them."""
    width = max(len(on_one_line(check.name)) for check in checks)
    lines: list[str] = []
    for check in checks:
        head = f"{_mark(check)}  {on_one_line(check.name):<{width}}  "
        first, *more = broken(on_one_line(check.sentence), len(head)) or [""]
        lines += [f"{head}{first}", *(" " * len(head) + each for each in more)]
    return "\n".join([*lines, "", _verdict(checks)])


def _mark(check: "Check") -> str:
    if check.warning:
        return "look"
    return "ok  " if check.ok else "FAIL"


def _verdict(checks: "Sequence[Check]") -> str:
    failed, warned = sum(not check.ok for check in checks), sum(check.warning for check in checks)
    said = [f"{count} {what}" for count, what in ((failed, "failed"), (warned, "to look at")) if count]
    return f"{len(checks)} checks: {', '.join(said) or 'all is well'}."
