"""Calendars that publish an .ics file, or that speak CalDAV: Nextcloud, Exchange, Google, Radicale and many others.

An ``api_url`` that ends with a slash is a CalDAV collection, any other an .ics file.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from typing_extensions import override

from nexuslims_core.instruments.models import Instrument
from nexuslims_core.reservations.base import ReservationSystem
from nexuslims_core.reservations.ical.caldav import calendar_text, find_calendar
from nexuslims_core.reservations.ical.child import CPU_LIMIT_S, Task
from nexuslims_core.reservations.ical.reading import read_in_child
from nexuslims_core.reservations.ical.wording import Wording
from nexuslims_core.reservations.models import Reservation
from nexuslims_core.reservations.web import Question, WebReader, web_address

AROUND = timedelta(days=1)
"""More is asked for than is needed, so that an explanation can name what lies near."""

log = logging.getLogger(__name__)


@dataclass(kw_only=True, eq=False)
class IcalCalendar(ReservationSystem):
    """Reservations that are events of a calendar.

    Attributes
    ----------
    reader
        Asks the servers.
    cpu_limit_s
        What reading one calendar may cost.
    wording
        How the site's events say what is what.
    """

    reader: WebReader
    cpu_limit_s: int = CPU_LIMIT_S
    wording: Wording = field(default_factory=Wording)
    _found: dict[tuple[str, str | None], str] = field(default_factory=dict, init=False, repr=False)

    @override
    def reservations(self, instrument: Instrument, start: datetime, end: datetime) -> tuple[Reservation, ...]:
        """Return the events that overlap ``[start, end]``, or lie a day around it; each date of a series is its own."""
        address = web_address(instrument, "calendar")
        first, last = start - AROUND, end + AROUND
        parts = urlsplit(address)
        if parts.path.endswith("/") and not parts.query:
            text = self._by_caldav(address, instrument.calendar_name, first, last)
        else:
            text = self.reader.ask(Question(address=address, accept="text/calendar")).body
            text = text or b"nothing"  # an empty file is no calendar
        if not text:
            return ()
        task = Task(
            first=first,
            last=last,
            timezone=instrument.timezone,
            names=tuple(filter(None, (instrument.calendar_name, instrument.instrument_pid, instrument.schema_name))),
            page=instrument.calendar_url,
            wording=self.wording,
            cpu_limit_s=self.cpu_limit_s,
        )
        result = read_in_child(task, text, f"the calendar at {parts.netloc}")
        for sentence in result.left_out:
            log.warning("%s: in its calendar, %s", instrument.instrument_pid, sentence)
        return result.reservations

    def _by_caldav(self, address: str, name: str | None, first: datetime, last: datetime) -> bytes:
        if (address, name) not in self._found:
            self._found[address, name] = find_calendar(self.reader, address, name)
        return calendar_text(self.reader, self._found[address, name], first, last)
