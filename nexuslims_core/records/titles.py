"""What a record is called: its title for people, and the title of its file, by which repositories know it."""

import re
from collections.abc import Callable
from datetime import datetime

from nexuslims_core.artefacts import sha256
from nexuslims_core.records.times import local
from nexuslims_core.sessions.models import Session

LONGEST_PID = 100
"""Characters of the persistent id that are kept in a file's title; CDCS takes titles of 200."""

_UUID = re.compile(r"([0-9a-fA-F]{8})(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NEMO_EVENT = re.compile(r"usage_events/(?:\?(?:.*&)?id=)?([0-9]{1,20})/?$")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _nobody_holds(_title: str) -> bool:
    return False


def record_title(session: Session, *, taken: Callable[[str], bool] = _nobody_holds) -> str:
    """Return the title of the record's file: date of the start, instrument, key; ``2019-11-13_FEI-Titan_9a3f01c2``.

    The same session always gets the same title, and every system takes it as a file name.

    Parameters
    ----------
    taken
        Tells whether another session holds a title; then the key is the hash of the session's identifier.
    """
    digest = session_digest(session)
    title = _title(session, _short_key(session.session_identifier) or digest)
    return _title(session, digest) if taken(title) else title


def session_digest(session: Session) -> str:
    """Return 12 hexadecimal digits that stand for the session's identifier, whatever that holds."""
    return sha256(session.session_identifier.encode("utf-8", "surrogatepass"))[:12]


def _title(session: Session, key: str) -> str:
    start = local(session.dt_from, session.instrument.zone)
    pid = re.sub(r"[^A-Za-z0-9._-]+", "-", session.instrument.instrument_pid)[:LONGEST_PID]
    return f"{start.date().isoformat()}_{pid}_{key}"


def _short_key(session_identifier: str) -> str | None:
    """Return the first block of a UUID or the number of a NEMO usage event; None for any other identifier."""
    if match := _UUID.fullmatch(session_identifier):
        return match[1]
    match = _NEMO_EVENT.search(session_identifier)
    return match[1] if match else None


def experiment_title(instrument_name: str, start: datetime) -> str:
    """Return a title where no reservation gives one: ``Experiment on the FEI Titan on Wednesday Nov. 13, 2019``."""
    day = f"{_DAYS[start.weekday()]} {_MONTHS[start.month - 1]}. {start.day:02d}, {start.year}"
    return f"Experiment on the {instrument_name} on {day}"
