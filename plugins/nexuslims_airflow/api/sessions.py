"""``POST /nexuslims/api/sessions/start`` and ``…/end``: what the logger on an instrument's computer tells.

A logger that heard no answer says the same again, as often as it likes: it hears the same answer, and nothing changes.
``status`` is therefore what the call itself made of the session, not what became of it since.
"""

import logging

from fastapi import APIRouter, Depends

from nexuslims_airflow.api.bodies import Body, End, Start, said
from nexuslims_airflow.api.books import Books
from nexuslims_airflow.api.events import announce_end
from nexuslims_airflow.api.login import User, may_write, refuse_forged
from nexuslims_core.sessions.clocks import by_the_clock
from nexuslims_core.sessions.states import RecordStatus

log = logging.getLogger(__name__)

router = APIRouter(dependencies=[Depends(may_write), Depends(refuse_forged)])
books = Books()


@router.post("/start")
def start(body: Body, caller: User) -> dict[str, str | None]:
    """Write down that a session started, and return what is written."""
    asked = said(Start, body)
    with books.opened() as database:
        zone = database.instrument(asked.instrument).zone
        at, called_at = (time and by_the_clock(time, zone) for time in (asked.at, asked.called_at))
        database.start_session(asked.instrument, asked.user, at, asked.id, called_at=called_at)
        written = database.summary(asked.id)
    log.info("session %s: started on %s, says %s", asked.id, asked.instrument, caller.get_name())
    return {
        "session": asked.id,
        "instrument": written.instrument_pid,
        "user": written.user,
        "start": written.dt_from.astimezone(zone).isoformat(),
        "status": RecordStatus.WAITING_FOR_END.value,
    }


@router.post("/end")
def end(body: Body, caller: User) -> dict[str, str | None]:
    """Write down that a session ended, let the scheduler know, and return what is written."""
    asked = said(End, body)
    with books.opened() as database:
        known = database.summary(asked.id)
        instrument = database.instrument(known.instrument_pid)
        times = (asked.at, asked.called_at)
        at, called_at = (time and by_the_clock(time, instrument.zone, after=known.dt_from) for time in times)
        is_new = database.end_session(asked.id, at, called_at=called_at)
        written = database.summary(asked.id)
    if is_new:
        log.info("session %s: ended on %s, says %s", asked.id, instrument.instrument_pid, caller.get_name())
        announce_end(asked.id, instrument.instrument_pid, caller)
    return {
        "session": asked.id,
        "status": RecordStatus.TO_BE_BUILT.value,
        "start": written.dt_from.astimezone(instrument.zone).isoformat(),
        "end": written.dt_to.astimezone(instrument.zone).isoformat() if written.dt_to else None,
    }
