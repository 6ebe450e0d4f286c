"""What happens next to a session: by itself, or by a person's hand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from nexuslims_core.sessions.attempts import Attempt
from nexuslims_core.sessions.books import Books
from nexuslims_core.sessions.clocks import CLOCKS_DIFFER
from nexuslims_core.sessions.commands import Command, on_session, quoted
from nexuslims_core.sessions.mending import Fault, faults
from nexuslims_core.sessions.models import FindingKind
from nexuslims_core.sessions.spans import in_words, lasting
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.sessions.usage import is_usage_event

LONG = timedelta(days=1)
"""A session that is open for longer, or waits unseen for longer, needs a person."""

_DOCTOR = "nexuslims doctor"


class Actor(StrEnum):
    """Who does what comes next."""

    NOBODY = "nobody"
    PROGRAM = "program"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What happens next.

    Attributes
    ----------
    sentence
        What happens by itself, or what a person must do.
    commands
        Those to run then, in this order; where the program acts by itself, those that hasten it.
    """

    actor: Actor
    sentence: str
    commands: tuple[Command, ...] = ()


def next_step(books: Books, now: datetime, file_delay: timedelta) -> NextStep:
    """Return what happens next to a session.

    Parameters
    ----------
    now
        Aware time.
    file_delay
        How long after its end a session waits for files.
    """
    case = _Case(books=books, now=now, file_delay=file_delay)
    if books.open_attempt is not None and books.is_held(now):
        return _being_built(case, books.open_attempt)
    return _STEPS[books.summary.status](case)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """The books of a session at a moment."""

    books: Books
    now: datetime
    file_delay: timedelta

    @property
    def identifier(self) -> str:
        return self.books.summary.session_identifier

    @property
    def faults(self) -> tuple[Fault, ...]:
        return faults(self.books, self.now)

    @property
    def mends(self) -> tuple[Command, ...]:
        """What mends its logs, each command once."""
        by_line = {command.line: command for fault in self.faults for command in fault.commands}
        return tuple(by_line.values())

    def told(self, time: datetime) -> str:
        return in_words(time, self.books.zone)

    def command(self, action: str, purpose: str, *options: str) -> Command:
        return Command(line=on_session(action, self.identifier, *options), purpose=purpose)

    def ending(self, purpose: str, *at: str) -> Command:
        """Return what ends it; a logger knows no session without a name, which SQL can make."""
        if self.identifier.strip():
            return self.command("sessions end", purpose, *(("--at", *at) if at else ()))
        return self.command("sessions amend", purpose if at else "says when it ended", "--end", "TIME")

    def requeue(self, purpose: str) -> Command:
        return self.command("sessions requeue", purpose)


def _being_built(case: _Case, attempt: Attempt) -> NextStep:
    stage = f", now at {attempt.stage}" if attempt.stage else ""
    deed = "publishing" if case.books.summary.status is RecordStatus.BUILT_NOT_EXPORTED else "building"
    return NextStep(
        actor=Actor.PROGRAM,
        sentence=(
            f"{attempt.holder} has been {deed} it since {case.told(attempt.started_at)}{stage}; "
            f"should it go silent, the next run after {case.told(attempt.lease_until)} takes over."
        ),
    )


def _waits_for_end(case: _Case) -> NextStep:
    start = case.books.summary.dt_from
    open_for = case.now - start
    if is_usage_event(case.identifier, case.books.instrument):
        sentence = f"Its usage event in NEMO has been open for {lasting(open_for)}; once it is ended there, so is this."
        return NextStep(actor=Actor.PROGRAM if open_for <= LONG else Actor.PERSON, sentence=sentence)
    if case.faults:
        return _held_up(case)
    if open_for <= LONG:
        return NextStep(
            actor=Actor.PROGRAM,
            sentence=f"It has been open for {lasting(open_for)}; its record is built once the logger writes its END.",
            commands=(case.ending("ends it now, where no logger will"),),
        )
    return NextStep(
        actor=Actor.PERSON,
        sentence=(
            f"It has been open for {lasting(open_for)}, so its END was probably never written: "
            "end it at the time when the work ended."
        ),
        commands=(case.ending(f"TIME as in {case.told(start)[:16].replace(' ', 'T')}", "TIME"),),
    )


def _held_up(case: _Case) -> NextStep:
    """Say which logs keep a session from going on, and what mends them."""
    told = "; ".join(f"{each.log.event_type} (log {each.log.id_session_log}) {each.says}" for each in case.faults)
    sentence = f"Its {told}: until that is corrected it cannot be ended."
    return NextStep(actor=Actor.PERSON, sentence=sentence, commands=case.mends)


def _to_be_built(case: _Case) -> NextStep:
    silent, waits = case.books.open_attempt, case.books.newest(FindingKind.WAITING)
    if case.books.summary.dt_to is None:
        return _waits_for_end(case)
    if silent is not None:
        return _waits_for_takeover(case, silent)
    if case.books.summary.dt_to > case.now:
        return _is_still_to_come(case, case.books.summary.dt_to)
    return _waits_for_its_turn(case) if waits is None else _waits_for_files(case, waits.reason)


def _waits_for_takeover(case: _Case, silent: Attempt) -> NextStep:
    return NextStep(
        actor=Actor.PROGRAM,
        sentence=(
            f"{silent.holder} went silent and its lease ran out at {case.told(silent.lease_until)}; "
            "the next run takes over and goes on where it stopped."
        ),
        commands=(case.command("build", "takes over now"),),
    )


def _is_still_to_come(case: _Case, end: datetime) -> NextStep:
    """Say until when a session runs; a little later than now is a clock that is ahead."""
    mends = case.mends if end > case.now + CLOCKS_DIFFER else ()
    return NextStep(
        actor=Actor.PERSON if mends else Actor.PROGRAM,
        sentence=f"It ends at {case.told(end)}, which is still to come; it is built after that.",
        commands=mends,
    )


def _waits_for_files(case: _Case, reason: str) -> NextStep:
    until = (case.books.summary.dt_to or case.now) + case.file_delay
    build = case.command("build", "builds it now, with what is there")
    if case.now < until:
        return NextStep(
            actor=Actor.PROGRAM,
            sentence=(
                f"It waits: {_bare(reason)}; each run looks again, and from {case.told(until)} on "
                "it is built with what is there."
            ),
            commands=(build,),
        )
    return NextStep(
        actor=Actor.PERSON,
        sentence=(
            f"Its time for files ended at {case.told(until)}, and the next run builds it unless this still holds: "
            f"{_bare(reason)}."
        ),
        commands=(Command(line=_DOCTOR, purpose="checks the storage"), build),
    )


def _waits_for_its_turn(case: _Case) -> NextStep:
    waited = case.now - _waits_since(case.books)
    build = case.command("build", "builds it now")
    if waited <= LONG:
        sentence = "It waits for its turn; the next run looks at it."
        return NextStep(actor=Actor.PROGRAM, sentence=sentence, commands=(build,))
    return NextStep(
        actor=Actor.PERSON,
        sentence=(
            f"It has waited for {lasting(waited)}, and no run has taken it up: check that Airflow runs and that "
            "nexuslims_build_records is not paused."
        ),
        commands=(Command(line=_DOCTOR, purpose="checks the rest"), build),
    )


def _waits_since(books: Books) -> datetime:
    """Return when the session last became one to be built: a log that was healed or corrected may have made it one."""
    found = (books.newest(kind) for kind in (FindingKind.REQUEUED, FindingKind.HEALED))
    last = books.last_attempt
    times = (books.summary.dt_to, *(each.found_at for each in found if each), last.ended_at if last else None)
    return max(filter(None, times), default=books.summary.dt_from)


def _completed(case: _Case) -> NextStep:
    url = case.books.summary.url
    where = f"its record is at {url}" if url else "its record is published"
    return NextStep(actor=Actor.NOBODY, sentence=f"Nothing is left to do: {where}.")


def _not_exported(case: _Case) -> NextStep:
    last = case.books.last_attempt
    refusals = (each.last_error for each in case.books.publications)
    reason = next(filter(None, (last.error_sentence if last else None, *refusals)), "the books do not say why")
    due = max((each.next_try_at for each in case.books.publications if each.next_try_at), default=None)
    again = f" Housekeeping tries again from {case.told(due)} on." if due else ""
    return NextStep(
        actor=Actor.PROGRAM if due else Actor.PERSON,
        sentence=f"Its record is valid and not published: {_bare(reason)}.{again}",
        commands=(
            Command(line=_DOCTOR, purpose="tells whether records can be published"),
            Command(line="nexuslims publish --pending", purpose="when they can: publishes all that wait, as they are"),
            case.requeue("builds this one anew instead, and publishes it"),
        ),
    )


def _failed(case: _Case) -> NextStep:
    last, parked = case.books.last_attempt, case.books.parking
    if parked is not None:
        sentence = f"Its logs cannot be made into a session: {_bare(parked.reason)}."
    elif last is not None and last.error_sentence:
        stage = last.error_stage or last.stage or "claim"
        sentence = f"{stage} failed: {_bare(last.error_sentence)}."
    else:
        sentence = "The books hold no reason: it failed before they began, or its rows disagree. Try it once more."
    back = case.requeue("when that is mended")
    return NextStep(actor=Actor.PERSON, sentence=sentence, commands=case.mends or (back,))


def _no_files(case: _Case) -> NextStep:
    summary = case.books.summary
    look: tuple[Command, ...] = ()
    if summary.dt_to is not None:
        span = f"--from {_iso(case, summary.dt_from)} --to {_iso(case, summary.dt_to)}"
        line = f"nexuslims find --instrument {quoted(summary.instrument_pid)} {span}"
        look = (Command(line=line, purpose="looks again"),)
    return NextStep(
        actor=Actor.PERSON,
        sentence=(
            "The instrument's folder was there, and no file in it was modified during the session: if there should be "
            "some, check where they were saved and that the instrument's clock is right."
        ),
        commands=(*look, case.requeue("when they are there")),
    )


def _no_consent(case: _Case) -> NextStep:
    return NextStep(
        actor=Actor.NOBODY,
        sentence="Nothing is left to do: its user did not agree to a record.",
        commands=(case.requeue("if they change their mind in the reservation"),),
    )


def _no_reservation(case: _Case) -> NextStep:
    return NextStep(
        actor=Actor.PERSON,
        sentence="NexusLIMS made no record because it found no reservation; now records are made without one.",
        commands=(case.requeue("if the record is wanted"),),
    )


_STEPS: Mapping[RecordStatus, Callable[[_Case], NextStep]] = {
    RecordStatus.WAITING_FOR_END: _waits_for_end,
    RecordStatus.TO_BE_BUILT: _to_be_built,
    RecordStatus.COMPLETED: _completed,
    RecordStatus.BUILT_NOT_EXPORTED: _not_exported,
    RecordStatus.ERROR: _failed,
    RecordStatus.NO_FILES_FOUND: _no_files,
    RecordStatus.NO_CONSENT: _no_consent,
    RecordStatus.NO_RESERVATION: _no_reservation,
}


def _iso(case: _Case, time: datetime) -> str:
    """Return a time for a command line: whole, since a file of the last second counts."""
    return time.astimezone(case.books.zone).isoformat()


def _bare(sentence: str) -> str:
    return sentence.rstrip(". ")
