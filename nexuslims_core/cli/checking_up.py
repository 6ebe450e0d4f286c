"""``nexuslims doctor``."""

import argparse

from nexuslims_core.cli.answers import Answer
from nexuslims_core.cli.progress import progress


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare nothing more than every command has."""
    parser.epilog = "Exit code 1 when a check fails."


def run(args: argparse.Namespace) -> Answer:  # noqa: ARG001 - every command's shape
    """Run every check and say what to mend."""
    from nexuslims_core import codec
    from nexuslims_core.doctor import examine

    with progress("examining"):
        checks = examine()
    width = max(len(check.subject) for check in checks)
    lines = [f"{'ok  ' if check.ok else 'FAIL'}  {check.subject:<{width}}  {check.sentence}" for check in checks]
    return Answer(
        document=[codec.encode(check) for check in checks],
        text="\n".join(lines),
        exit_code=0 if all(check.ok for check in checks) else 1,
    )
