"""START and END logs joined into sessions by written rules; what no rule heals is parked alone, with its reason.

Logs come from a program that people forget, close and start again. For the START and END logs that share an identifier:

1. a START that comes after an END begins another session, with a name of its own (see reuse.py), also when the record
   of the first one is made;
2. of several STARTs the earliest counts and of several ENDs the latest, so that no file of the session is left out;
   logs that were sent twice thereby count once;
3. the user is the first one that a START names, else the first one that an END names;
4. a START without an END waits for it, whatever state its row says; with one, it has ended, whatever its rows say;
5. a log that came when the record was made and leaves the session's span as it is joins the state of the others;
6. parked are: an END without a START, logs that name two instruments or one that is not known, a log without a time
   that can be read, an END that is not after its START, a log that came when the record was made and changes the span,
   and a session of more than 30 days, unless a person has put it back before.

What a rule healed is said in a sentence, a log at a time, so that no sentence becomes wrong when a further log comes.
Order is by time to the microsecond, in UTC, so a change to summer time moves nothing. Logs of RECORD_GENERATION are
what building leaves behind and say nothing of the session. Sessions that overlap are no fault (see overlaps.py).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from itertools import count, takewhile

from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.models import EventType, FindingKind, Session, SessionFinding, SessionLog
from nexuslims_core.sessions.own_logs import OwnLogs, by_time
from nexuslims_core.sessions.parking import LONGEST, reason_to_park
from nexuslims_core.sessions.reuse import Renamed, later_name, renamed
from nexuslims_core.sessions.states import RecordStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """What became of a number of logs: each session that they name is in exactly one of the first three.

    Attributes
    ----------
    sessions
        Those that can be built or have been, by start, then by identifier.
    findings
        Why the others cannot, by identifier.
    waiting
        Identifiers of those that have not ended, in order.
    healed
        What was healed in their logs, by identifier.
    renamed
        Logs that belong to another session than their identifier says.
    standings
        Where each session stands by the rules.
    unsettled
        Those among them of which a row says otherwise.
    """

    sessions: tuple[Session, ...]
    findings: tuple[SessionFinding, ...]
    waiting: tuple[str, ...]
    healed: tuple[SessionFinding, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    standings: Mapping[str, RecordStatus] = field(default_factory=dict)
    unsettled: frozenset[str] = frozenset()


def pair(
    logs: Iterable[SessionLog], instruments: Iterable[Instrument], insisted: frozenset[str] = frozenset()
) -> Paired:
    """Join START and END logs into sessions by the rules of this module.

    Parameters
    ----------
    insisted
        Sessions that a person has put back to be built; they may last as long as they like.
    """
    known = {instrument.instrument_pid: instrument for instrument in instruments}
    by_identifier = _by_identifier(logs)
    moved = tuple(_all_renamed(by_identifier))
    groups = _by_session(by_identifier, moved)
    parked = {identifier: reason_to_park(own, known, insisted) for identifier, own in groups.items()}
    whole = {identifier: own for identifier, own in groups.items() if own.ends and parked[identifier] is None}
    sessions = [_join(own, known) for own in whole.values()]
    sessions.sort(key=lambda session: (session.dt_from, session.session_identifier))
    standings = {identifier: own.standing(parked=bool(parked[identifier])) for identifier, own in groups.items()}
    return Paired(
        sessions=tuple(sessions),
        findings=tuple(_finding(identifier, reason) for identifier, reason in parked.items() if reason),
        waiting=tuple(identifier for identifier, own in groups.items() if not own.ends and not parked[identifier]),
        healed=(*_renaming(moved, known), *_healing(sessions, groups, parked)),
        renamed=moved,
        standings=standings,
        unsettled=frozenset(name for name, own in groups.items() if own.is_unsettled(standings[name]))
        | {each.log.session_identifier for each in moved},
    )


def _by_identifier(logs: Iterable[SessionLog]) -> dict[str, list[SessionLog]]:
    groups: defaultdict[str, list[SessionLog]] = defaultdict(list)
    # Python compares two times of one zone by the clock on the wall, which goes back in autumn.
    in_utc = (replace(log, timestamp=log.timestamp.astimezone(UTC)) for log in logs)
    for log in sorted(in_utc, key=by_time):
        if log.event_type is not EventType.RECORD_GENERATION:
            groups[log.session_identifier].append(log)
    return groups


def _all_renamed(groups: Mapping[str, list[SessionLog]]) -> Iterator[Renamed]:
    for identifier, logs in groups.items():
        names = takewhile(groups.__contains__, (later_name(identifier, number) for number in count(2)))
        yield from renamed(identifier, logs, {name: groups[name] for name in names})


def _by_session(groups: Mapping[str, list[SessionLog]], moved: Iterable[Renamed]) -> dict[str, OwnLogs]:
    """Return the logs of each session in the order of the sessions' names, each log where it belongs."""
    names = {id(each.log): each.session_identifier for each in moved}
    found: defaultdict[str, list[SessionLog]] = defaultdict(list)
    for identifier, logs in groups.items():
        for log in logs:
            found[names.get(id(log), identifier)].append(log)
    return {name: OwnLogs.of(name, own) for name, own in sorted(found.items())}


def _finding(
    identifier: str, reason: str, kind: FindingKind = FindingKind.PARKED, about: SessionLog | None = None
) -> SessionFinding:
    number = about.id_session_log if about else None
    return SessionFinding(session_identifier=identifier, reason=reason, kind=kind, id_session_log=number)


def _join(logs: OwnLogs, known: Mapping[str, Instrument]) -> Session:
    instrument = known[logs.every[0].instrument_pid]
    return Session(
        session_identifier=logs.identifier,
        instrument=instrument,
        dt_from=logs.starts[0].timestamp,
        dt_to=logs.ends[-1].timestamp,
        user=next((log.user for log in logs.starts + logs.ends if log.user), None),
        remarks=tuple(sentence for sentence, _ in _healed_in(logs, instrument.zone)),
    )


# ---- what is healed


def _healing(
    sessions: Iterable[Session], groups: Mapping[str, OwnLogs], parked: Mapping[str, str | None]
) -> Iterator[SessionFinding]:
    for session in sessions:
        identifier = session.session_identifier
        for sentence, log in _healed_in(groups[identifier], session.instrument.zone):
            yield _finding(identifier, sentence, FindingKind.HEALED, about=log)
    for identifier, own in groups.items():
        said_to_have_ended = any(log.record_status is RecordStatus.TO_BE_BUILT for log in own.every)
        if not own.ends and not parked[identifier] and said_to_have_ended and not own.built.every:
            yield _finding(identifier, "A log said TO_BE_BUILT before there was an END.", FindingKind.HEALED)


def _healed_in(logs: OwnLogs, zone: tzinfo) -> Iterator[tuple[str, SessionLog | None]]:
    """Say what was made of each log beside the START and the END that count, and name it where it still says so."""
    first, last = logs.starts[0].timestamp, logs.ends[-1].timestamp
    said = {log.record_status for log in logs.every}
    if said == {RecordStatus.WAITING_FOR_END}:
        yield "All its logs still said WAITING_FOR_END: since there is an END, it has ended.", None
    last_of = {(log.event_type, log.timestamp): log for log in logs.every}
    for (event, time), times in Counter((log.event_type, log.timestamp) for log in logs.every).items():
        log = last_of[event, time]
        when = f"The {event} at {time.astimezone(zone).isoformat()}"
        if event is EventType.START and time != first:
            yield f"{when} was passed over: an earlier one counts.", log
        elif event is EventType.END and time != last:
            yield f"{when} was passed over: a later one counts.", log
        elif times > 1:
            yield f"{when} was written more than once and counts once.", log
    if last - first > LONGEST:
        yield f"It lasted {(last - first).days} days.", logs.ends[-1]


def _renaming(moved: Iterable[Renamed], known: Mapping[str, Instrument]) -> Iterator[SessionFinding]:
    for each in moved:
        log = each.log
        zone = known[log.instrument_pid].zone if log.instrument_pid in known else UTC
        which = f"The {log.event_type} at {log.timestamp.astimezone(zone).isoformat()}"
        yield _finding(
            log.session_identifier,
            f"{which} came after the session's END under the same identifier: it is of session "
            f"{each.session_identifier} now.",
            FindingKind.HEALED,
        )
        yield _finding(
            each.session_identifier,
            f"{which} was written as one of session {log.session_identifier}, which had ended before.",
            FindingKind.HEALED,
        )
