"""``nexuslims doctor``."""

import argparse

from nexuslims_core import codec
from nexuslims_core.cli.answers import Answer


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare nothing more than every command has."""
    parser.epilog = "Exit code 1 when a check fails."


def run(args: argparse.Namespace) -> Answer:  # noqa: ARG001 - every command's shape
    """Run every check and say what to mend."""
    from nexuslims_core.doctor import examine

    checks = examine()
    lines = [f"{'ok  ' if check.ok else 'FAIL'}  {check.subject:<12} {check.sentence}" for check in checks]
    return Answer(
        document=[codec.encode(check) for check in checks],
        text="\n".join(lines),
        exit_code=0 if all(check.ok for check in checks) else 1,
    )
