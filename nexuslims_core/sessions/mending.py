"""What is wrong with single logs of a session that cannot go on, and the commands with which a person mends it.

The rules are those by which sessions are parked (parking.py), told of the log that breaks them; to them comes a time
that is still to come. A session that nothing holds up has no faults.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from nexuslims_core.sessions.books import Books
from nexuslims_core.sessions.clocks import CLOCKS_DIFFER, NO_TIME
from nexuslims_core.sessions.commands import Command, on_session
from nexuslims_core.sessions.models import EventType, SessionLog
from nexuslims_core.sessions.own_logs import OwnLogs
from nexuslims_core.sessions.parking import LONGEST
from nexuslims_core.sessions.spans import in_words
from nexuslims_core.sessions.states import END_STATES, RecordStatus
from nexuslims_core.sessions.usage import is_usage_event

_MAY_HAVE_FAULTS = (RecordStatus.WAITING_FOR_END, RecordStatus.TO_BE_BUILT, RecordStatus.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with one log.

    Attributes
    ----------
    says
        Goes on after the log is named, such as ``is not after the START``.
    commands
        Any one of them mends it; which of them, a person must know.
    """

    log: SessionLog
    says: str
    commands: tuple[Command, ...] = ()


def faults(books: Books, now: datetime) -> tuple[Fault, ...]:
    """Return what is wrong with a session's logs, by their time; nothing where it can go on."""
    if not books.logs or books.summary.status not in _MAY_HAVE_FAULTS:
        return ()
    case = _Case(books=books, own=OwnLogs.of(books.summary.session_identifier, books.logs), now=now)
    return tuple(fault for rule in _RULES for fault in rule(case))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """The logs of a session at a moment."""

    books: Books
    own: OwnLogs
    now: datetime

    @property
    def is_parked(self) -> bool:
        return self.books.summary.status is RecordStatus.ERROR and self.books.parking is not None

    def command(self, action: str, purpose: str, *options: str) -> Command:
        return Command(line=on_session(action, self.own.identifier, *options), purpose=purpose)

    def amend(self, purpose: str, *options: str) -> tuple[Command, ...]:
        """Return a command that corrects the logs; none where NEMO has the word on them."""
        if is_usage_event(self.own.identifier, self.books.instrument):
            return ()
        return (self.command("sessions amend", purpose, *options),)

    def retime(self, *logs: SessionLog) -> tuple[Command, ...]:
        numbers = " and ".join(f"log {log.id_session_log}" for log in logs)
        wrong = f"when {numbers} {'is' if len(logs) == 1 else 'are'} wrong"
        return self.set_time(wrong, *dict.fromkeys(log.event_type for log in logs))

    def set_time(self, when: str, *events: EventType) -> tuple[Command, ...]:
        known = next((log.timestamp for log in self.own.every if log.timestamp != NO_TIME), self.now)
        example = in_words(known, self.books.zone)[:16].replace(" ", "T")
        options = [word for event in events for word in (f"--{event.lower()}", "TIME")]
        return self.amend(f"{when}; TIME as in {example}", *options)

    def move_to(self, instrument_pid: str) -> tuple[Command, ...]:
        where = "another instrument" if instrument_pid == "PID" else instrument_pid
        purpose = f"when all of it was on {where}; add --start and --end where its times were read as UTC"
        return self.amend(purpose, "--instrument", instrument_pid)

    def take_out(self, log: SessionLog) -> tuple[Command, ...]:
        number = str(log.id_session_log)
        return self.amend(f"when log {number} is none of this session", "--drop-log", number)


def _without_time(case: _Case) -> Iterator[Fault]:
    for log in case.own.every:
        if log.timestamp == NO_TIME:
            others = [each for each in case.own.every if each.event_type is log.event_type and each is not log]
            mend = case.set_time(f"when it is known when log {log.id_session_log} was written", log.event_type)
            spare = case.take_out(log) if any(each.timestamp != NO_TIME for each in others) else ()
            yield Fault(log=log, says="has no time that can be read", commands=(*mend, *spare))


def _without_start(case: _Case) -> Iterator[Fault]:
    if not case.own.starts:
        mend = case.set_time("when it is known when the session started", EventType.START)
        yield Fault(log=case.own.ends[-1], says="has no START", commands=mend)


def _on_two_instruments(case: _Case) -> Iterator[Fault]:
    pid = case.books.summary.instrument_pid
    for log in case.own.every:
        if log.instrument_pid != pid:
            on_one = (*case.move_to(pid), *case.move_to(log.instrument_pid))
            says = f"is on another instrument than the session, {log.instrument_pid}"
            yield Fault(log=log, says=says, commands=(*case.take_out(log), *on_one))


def _on_no_known_instrument(case: _Case) -> Iterator[Fault]:
    pids = {log.instrument_pid for log in case.own.every}
    if len(pids) == 1 and case.books.instrument is None:
        adding = Command(line="nexuslims instruments add FILE.toml", purpose="when the instrument is missing")
        back = () if case.books.summary.status is RecordStatus.WAITING_FOR_END else (_back(case, "after that"),)
        says = "names an instrument that is not known, or whose row cannot be used"
        yield Fault(log=case.own.every[0], says=says, commands=(adding, *back, *case.move_to("PID")))


def _ending_too_early(case: _Case) -> Iterator[Fault]:
    span = case.own.span
    if span is not None and NO_TIME not in span and span[0] >= span[1]:
        start, end = case.own.starts[0], case.own.ends[-1]
        mend = (*case.retime(end), *case.retime(start))
        yield Fault(log=end, says=f"is not after the START, log {start.id_session_log}", commands=mend)


def _lasting_too_long(case: _Case) -> Iterator[Fault]:
    span = case.own.span
    if case.is_parked and span is not None and NO_TIME not in span and span[1] - span[0] > LONGEST:
        says = f"is {(span[1] - span[0]).days} days after the START"
        mend = (*case.retime(case.own.ends[-1]), *case.retime(case.own.starts[0]))
        yield Fault(log=case.own.ends[-1], says=says, commands=(*mend, _back(case, "builds it as it is")))


def _coming_too_late(case: _Case) -> Iterator[Fault]:
    ended = {log.record_status for log in case.own.every} & (END_STATES - {RecordStatus.ERROR})
    for log in case.own.every:
        if ended and log.record_status not in ended:
            says = f"came when the session was {min(ended)} already"
            yield Fault(log=log, says=says, commands=(*case.take_out(log), _back(case, "builds it anew with that log")))


def _still_to_come(case: _Case) -> Iterator[Fault]:
    to_come = [log for log in case.own.every if log.timestamp > case.now + CLOCKS_DIFFER]
    for log in to_come:
        yield Fault(log=log, says="is still to come", commands=case.retime(*to_come))


def _back(case: _Case, purpose: str) -> Command:
    return case.command("sessions requeue", purpose)


_RULES: tuple[Callable[[_Case], Iterator[Fault]], ...] = (
    _without_time,
    _without_start,
    _on_two_instruments,
    _on_no_known_instrument,
    _ending_too_early,
    _lasting_too_long,
    _coming_too_late,
    _still_to_come,
)
