"""What an attempt says of its instrument's calendar."""

from urllib.parse import urlsplit

from nexuslims_core.alerts.wording import AwayCalendar, awaits_consent
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.sessions.attempts import Attempt

_BEFORE = (None, "claim", "harvest_reservation")


_NAMES = {
    Harvester.SHAREPOINT: "the SharePoint calendar",
    Harvester.NEMO: "the NEMO calendar",
    Harvester.ICAL: "the calendar",
    Harvester.TABLE: "the table of reservations",
}
"""By kind; a calendar in a file and one that speaks CalDAV are plain calendars to people."""


def calendar_of(instrument: Instrument | None) -> AwayCalendar | None:
    """Return what alerts call the calendar of an instrument: its kind and its server; None where it has none."""
    if instrument is None or instrument.harvester is Harvester.NONE:
        return None
    try:
        server = urlsplit(instrument.api_url or "").netloc.rpartition("@")[2]
    except ValueError:  # no address
        server = ""
    where = f" at {server}" if server else ""
    return AwayCalendar(key=f"{instrument.harvester}{where}", name=f"{_NAMES[instrument.harvester]}{where}")


def is_away(attempt: Attempt) -> bool:
    """Tell whether the calendar could not be asked."""
    return attempt.missing_reservation is not None or awaits_consent(attempt)


def was_asked(attempt: Attempt) -> bool:
    """Tell whether the calendar answered: what comes after it was begun."""
    return not is_away(attempt) and attempt.stage not in _BEFORE
