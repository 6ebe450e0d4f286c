"""The process that reads one calendar: ``python -m nexuslims_core.reservations.ical.child``.

Reads one line of JSON and the text of the calendar from stdin, writes one line of JSON to stdout, and dies when it
takes more time or memory than a calendar may; see docs/decisions/0022-calendars-are-read-in-a-child.md.
"""

import resource
import sys
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from nexuslims_core import codec
from nexuslims_core.reservations.ical.wording import Wording
from nexuslims_core.reservations.models import Reservation

CPU_LIMIT_S = 30
MEMORY_LIMIT_BYTES = 2 * 2**30
LATIN = "it is no UTF-8, so it was read as Windows-1252: have it saved as UTF-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a child is to do.

    Attributes
    ----------
    first, last
        The span that is asked for, aware.
    timezone
        IANA name of the zone of times that name none.
    names
        What the instrument may be called.
    page
        Where people look at the calendar.
    cpu_limit_s
        What reading may cost.
    """

    first: datetime
    last: datetime
    timezone: str
    names: tuple[str, ...]
    page: str | None
    wording: Wording
    cpu_limit_s: int = CPU_LIMIT_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a child has found.

    Attributes
    ----------
    left_out
        A sentence for each event that makes no sense.
    failure
        Why the text is no calendar; None where it is one.
    """

    reservations: tuple[Reservation, ...] = ()
    left_out: tuple[str, ...] = ()
    failure: str | None = None


def read(task: Task, body: bytes) -> Result:
    """Return the reservations in the text of a calendar."""
    from nexuslims_core.reservations.ical.events import NoCalendarError, Span, events

    left_out: list[str] = []
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("cp1252", "replace")
        left_out.append(LATIN)
    span = Span(first=task.first, last=task.last, zone=ZoneInfo(task.timezone))
    try:
        found = [task.wording.reservation(event, task.names, task.page) for event in events(text, span, left_out)]
    except NoCalendarError as error:
        return Result(failure=str(error))
    return Result(reservations=tuple(filter(None, found)), left_out=tuple(left_out))


def main() -> None:
    """Answer the one question on stdin."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    asked, _, body = sys.stdin.buffer.read().partition(b"\n")
    task = codec.from_line(Task, asked)
    resource.setrlimit(resource.RLIMIT_CPU, (task.cpu_limit_s, task.cpu_limit_s + 1))
    sys.stdout.buffer.write(codec.to_line(read(task, body)))


if __name__ == "__main__":
    main()
