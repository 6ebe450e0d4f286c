"""START and END logs joined into sessions by written rules; what no rule heals is parked alone, with its reason.

Logs come from a program that people forget, close and start again. For the START and END logs that share an identifier:

1. of several STARTs the earliest counts and of several ENDs the latest, so that no file of the session is left out;
   logs that were sent twice thereby count once;
2. the user is the first one that a START names, else the first one that an END names;
3. a START without an END waits for it;
4. parked are: an END without a START, logs that name two instruments or one that is not known, an END that is not
   after its START, and a log that came when the record was made already.

Order is by time to the microsecond, in UTC, so a change to summer time moves nothing. Logs of RECORD_GENERATION are
what building leaves behind and say nothing of the session.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC

from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.models import EventType, Session, SessionFinding, SessionLog
from nexuslims_core.sessions.states import END_STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """What became of a number of logs: each session that they name is in exactly one of the three.

    Attributes
    ----------
    sessions
        Those that can be built, by start, then by identifier.
    findings
        Those that cannot, by identifier.
    waiting
        Identifiers of those that have not ended, in order.
    """

    sessions: tuple[Session, ...]
    findings: tuple[SessionFinding, ...]
    waiting: tuple[str, ...]


def pair(logs: Iterable[SessionLog], instruments: Iterable[Instrument]) -> Paired:
    """Join START and END logs into sessions by the rules of this module."""
    known = {instrument.instrument_pid: instrument for instrument in instruments}
    sessions: list[Session] = []
    findings: list[SessionFinding] = []
    waiting: list[str] = []
    for identifier, own in sorted(_by_session(logs).items()):
        reason = next(filter(None, (rule(own, known) for rule in _REASONS_TO_PARK)), None)
        if reason:
            findings.append(SessionFinding(session_identifier=identifier, reason=reason))
        elif not own.ends:
            waiting.append(identifier)
        else:
            sessions.append(own.join(known))
    sessions.sort(key=lambda session: (session.dt_from, session.session_identifier))
    return Paired(sessions=tuple(sessions), findings=tuple(findings), waiting=tuple(waiting))


@dataclass(frozen=True, slots=True)
class _Logs:
    """The logs of one session by time."""

    starts: tuple[SessionLog, ...]
    ends: tuple[SessionLog, ...]

    @property
    def every(self) -> tuple[SessionLog, ...]:
        return self.starts + self.ends

    def join(self, known: Mapping[str, Instrument]) -> Session:
        first, last = self.starts[0], self.ends[-1]
        return Session(
            session_identifier=first.session_identifier,
            instrument=known[first.instrument_pid],
            dt_from=first.timestamp,
            dt_to=last.timestamp,
            user=next((log.user for log in self.every if log.user), None),
        )


def _by_session(logs: Iterable[SessionLog]) -> dict[str, _Logs]:
    groups: defaultdict[str, list[SessionLog]] = defaultdict(list)
    # Python compares two times of one zone by the clock on the wall, which goes back in autumn.
    in_utc = (replace(log, timestamp=log.timestamp.astimezone(UTC)) for log in logs)
    for log in sorted(in_utc, key=lambda log: (log.timestamp, log.id_session_log or 0)):
        if log.event_type is not EventType.RECORD_GENERATION:
            groups[log.session_identifier].append(log)
    return {
        identifier: _Logs(
            tuple(log for log in group if log.event_type is EventType.START),
            tuple(log for log in group if log.event_type is EventType.END),
        )
        for identifier, group in groups.items()
    }


def _has_no_start(logs: _Logs, _: Mapping[str, Instrument]) -> str | None:
    if logs.starts:
        return None
    return f"an END at {logs.ends[-1].timestamp.isoformat()} has no START: add the START log, then requeue the session"


def _is_on_two_instruments(logs: _Logs, _: Mapping[str, Instrument]) -> str | None:
    pids = sorted({log.instrument_pid for log in logs.every})
    if len(pids) == 1:
        return None
    return f"its logs name {len(pids)} instruments, {', '.join(pids)}: correct them, then requeue the session"


def _has_no_known_instrument(logs: _Logs, known: Mapping[str, Instrument]) -> str | None:
    pid = logs.every[0].instrument_pid
    if pid in known:
        return None
    return (
        f"instrument {pid!r} is not in the instruments table, or its row there cannot be used: "
        "correct it (`nexuslims instruments add`), then requeue the session"
    )


def _ends_too_early(logs: _Logs, _: Mapping[str, Instrument]) -> str | None:
    if not logs.ends or logs.ends[-1].timestamp > logs.starts[0].timestamp:
        return None
    start, end = logs.starts[0].timestamp.isoformat(), logs.ends[-1].timestamp.isoformat()
    return f"it ends at {end}, not after its start at {start}: correct the times, then requeue the session"


def _came_too_late(logs: _Logs, _: Mapping[str, Instrument]) -> str | None:
    ended = sorted({log.record_status for log in logs.every} & END_STATES)
    if not ended or all(log.record_status in END_STATES for log in logs.every):
        return None
    return f"a log came when the session was {ended[0]} already: requeue the session to build it with that log"


_REASONS_TO_PARK: tuple[Callable[[_Logs, Mapping[str, Instrument]], str | None], ...] = (
    _has_no_start,
    _is_on_two_instruments,
    _has_no_known_instrument,
    _ends_too_early,
    _came_too_late,
)
