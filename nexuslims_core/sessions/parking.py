"""Why logs cannot be joined into a session: the reasons of rule 6 in pairing.py, each with what a person can do."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.clocks import NO_TIME
from nexuslims_core.sessions.commands import on_session
from nexuslims_core.sessions.own_logs import OwnLogs
from nexuslims_core.sessions.usage import is_usage_event

LONGEST = timedelta(days=30)
"""No session lasts longer unless a person says so; its END was forgotten, and somebody wrote one much later."""


def reason_to_park(logs: OwnLogs, known: Mapping[str, Instrument], insisted: frozenset[str]) -> str | None:
    """Return why a session with these logs cannot be built; None if it can, or may once it has ended.

    Parameters
    ----------
    insisted
        Sessions that a person has put back to be built; they may last as long as they like.
    """
    rules = _REASONS_TO_PARK if logs.identifier in insisted else (*_REASONS_TO_PARK, _lasts_too_long)
    return next(filter(None, (rule(logs, known) for rule in rules)), None)


def _has_no_start(logs: OwnLogs, known: Mapping[str, Instrument]) -> str | None:
    if logs.starts:
        return None
    return f"an END at {logs.ends[-1].timestamp.isoformat()} has no START: {_mend(logs, known, '--start', 'TIME')}"


def _has_no_time(logs: OwnLogs, known: Mapping[str, Instrument]) -> str | None:
    without = {log.event_type for log in logs.every if log.timestamp == NO_TIME}
    if not without:
        return None
    options = [word for event in sorted(without, reverse=True) for word in (f"--{event.lower()}", "TIME")]
    return (
        f"one of its logs has no time that can be read, which is kept as {NO_TIME.isoformat()}: "
        f"{_mend(logs, known, *options)}"
    )


def _is_on_two_instruments(logs: OwnLogs, known: Mapping[str, Instrument]) -> str | None:
    pids = sorted({log.instrument_pid for log in logs.every})
    if len(pids) == 1:
        return None
    return f"its logs name {len(pids)} instruments, {', '.join(pids)}: {_mend(logs, known, '--instrument', 'PID')}"


def _has_no_known_instrument(logs: OwnLogs, known: Mapping[str, Instrument]) -> str | None:
    pid = logs.every[0].instrument_pid
    if pid in known:
        return None
    return (
        f"instrument {pid!r} is not in the instruments table, or its row there cannot be used: "
        "correct it (`nexuslims instruments add`), then requeue the session"
    )


def _ends_too_early(logs: OwnLogs, known: Mapping[str, Instrument]) -> str | None:
    if logs.span is None or logs.span[0] < logs.span[1]:
        return None
    start, end = (time.isoformat() for time in logs.span)
    mend = _mend(logs, known, "--start", "TIME", "--end", "TIME")
    return f"it ends at {end}, not after its start at {start}: {mend}"


def _came_too_late(logs: OwnLogs, _: Mapping[str, Instrument]) -> str | None:
    built = logs.built
    if not built.every or not logs.is_under_way or (built.span is not None and built.span == logs.span):
        return None
    ended = min(log.record_status for log in built.every)
    return f"a log came when the session was {ended} already: requeue the session to build it with that log"


def _lasts_too_long(logs: OwnLogs, known: Mapping[str, Instrument]) -> str | None:
    if logs.span is None or not logs.is_under_way or logs.span[1] - logs.span[0] <= LONGEST:
        return None
    return (
        f"it lasts {(logs.span[1] - logs.span[0]).days} days, so its END at {logs.span[1].isoformat()} is hardly "
        f"right: {_mend(logs, known, '--end', 'TIME')}; or requeue it as it is, and it is built"
    )


def _mend(logs: OwnLogs, known: Mapping[str, Instrument], *options: str) -> str:
    """Return what a person does about the logs; NEMO has the word on its own."""
    if is_usage_event(logs.identifier, known.get(logs.every[0].instrument_pid)):
        return "correct it in NEMO, then requeue the session"
    return f"correct that with `{on_session('sessions amend', logs.identifier, *options)}`"


_REASONS_TO_PARK: tuple[Callable[[OwnLogs, Mapping[str, Instrument]], str | None], ...] = (
    _has_no_start,
    _has_no_time,
    _is_on_two_instruments,
    _has_no_known_instrument,
    _ends_too_early,
    _came_too_late,
)
