"""Times on the command line: ISO 8601, a naive one in the instrument's zone."""

import argparse
from datetime import datetime, tzinfo


def moment(text: str) -> datetime:
    """Return the time that ``text`` states, naive if it states no zone; for argparse.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is no ISO 8601 time.
    """
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no ISO 8601 time such as 2026-03-01T09:30 or …+01:00") from error


def in_zone(time: datetime, zone: tzinfo) -> datetime:
    """Return ``time``, aware: a naive one is taken in ``zone``."""
    return time if time.tzinfo else time.replace(tzinfo=zone)
