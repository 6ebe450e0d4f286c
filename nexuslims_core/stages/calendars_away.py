"""What an attempt says of its instrument's calendar."""

from urllib.parse import urlsplit

from nexuslims_core.alerts.wording import awaits_consent
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.sessions.attempts import Attempt

_BEFORE = (None, "claim", "harvest_reservation")


def calendar_of(instrument: Instrument | None) -> str | None:
    """Return what people call the calendar of an instrument: its kind and its server; None where it has none."""
    if instrument is None or instrument.harvester is Harvester.NONE:
        return None
    try:
        server = urlsplit(instrument.api_url or "").netloc.rpartition("@")[2]
    except ValueError:  # no address
        server = ""
    return f"{instrument.harvester} at {server}" if server else str(instrument.harvester)


def is_away(attempt: Attempt) -> bool:
    """Tell whether the calendar could not be asked."""
    return attempt.missing_reservation is not None or awaits_consent(attempt)


def was_asked(attempt: Attempt) -> bool:
    """Tell whether the calendar answered: what comes after it was begun."""
    return not is_away(attempt) and attempt.stage not in _BEFORE
