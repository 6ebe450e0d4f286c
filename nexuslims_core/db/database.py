"""The database of sessions: the only truth about what was done.

Each method is one transaction. On SQLite and PostgreSQL alike any number of processes may call them at the same time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from nexuslims_core.db import amending, lives, logbook, upgrading, usage
from nexuslims_core.db.alert_book import AlertBook
from nexuslims_core.db.build_books import BuildBooks
from nexuslims_core.db.engine import connect
from nexuslims_core.db.login_book import LoginBook
from nexuslims_core.db.repositories import (
    findings,
    instruments,
    session_logs,
    summaries,
    usage_logs,
)
from nexuslims_core.db.types import any_text
from nexuslims_core.errors import UnknownSessionError
from nexuslims_core.instruments.inventory import Inventory
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.amending import Amendment
from nexuslims_core.sessions.attempts import Attempt
from nexuslims_core.sessions.books import Books
from nexuslims_core.sessions.listing import Backlog, InstrumentUse, Listing, ListPage, Place, Wanted
from nexuslims_core.sessions.models import (
    EventType,
    Session,
    SessionFinding,
    SessionLog,
    SessionSummary,
)
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.sessions.usage import KnownUsage, Usage, UsageOutcome

__all__ = ["Attempt", "Database"]

_ROUNDS = 3
"""Logs healed once are looked at again, since that may have made further sessions; no rule needs a third look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database(BuildBooks, LoginBook, AlertBook):
    """The sessions of a facility: their instruments, their logs, where they stand, and the books of building them."""

    @classmethod
    def open(cls, url: str) -> "Database":
        """Return the database at ``url``, which has the tables of this release.

        Raises
        ------
        ConfigurationError
            If ``url`` names no SQLite file and no PostgreSQL database.
        DatabaseError
            If there is none, or it is of another release; the sentence says what to do.
        """
        return cls(engine=connect(url)).checked()

    def checked(self) -> "Database":
        """Return this database, which has the tables of this release now.

        Raises
        ------
        DatabaseError
            As of :meth:`open`.
        """
        upgrading.check(self.engine)
        return self

    @classmethod
    def create(cls, url: str) -> "Database":
        """Return the database at ``url``, made or brought to this release first where needed."""
        engine = connect(url)
        upgrading.upgrade(engine)
        return cls(engine=engine)

    # ---- instruments

    def add_instrument(self, instrument: Instrument) -> None:
        """Insert an instrument, or replace what is kept of it."""
        with self._writing() as transaction:
            instruments.put(transaction, instrument)

    def instruments(self) -> tuple[Instrument, ...]:
        """Return all instruments by persistent id."""
        with self._reading() as transaction:
            return instruments.every(transaction)

    def instrument(self, instrument_pid: str) -> Instrument:
        """Return one instrument.

        Raises
        ------
        UnknownInstrumentError
            If there is none.
        """
        with self._reading() as transaction:
            return instruments.get(transaction, instrument_pid)

    def inventory(self) -> Inventory:
        """Return all instruments, those whose rows cannot be used beside the others."""
        with self._reading() as transaction:
            return instruments.inventory(transaction)

    # ---- sessions

    def start_session(
        self,
        instrument_pid: str,
        user: str | None,
        at: datetime | None = None,
        session_identifier: str | None = None,
        *,
        called_at: datetime | None = None,
    ) -> str:
        """Write down that a session started, now if no time is said, and return its identifier.

        Said again with the same values, or without the time while the session is open, it changes nothing.

        Parameters
        ----------
        called_at
            When a logger was called that states no time; stands for now, since it may be heard much later.

        Raises
        ------
        UnknownInstrumentError
            If there is no such instrument.
        SessionStateError
            If the identifier belongs to another start, or cannot be used, or the time is still to come.
        """
        now = self.clock()
        log = SessionLog(
            session_identifier=session_identifier if session_identifier is not None else str(uuid4()),
            instrument_pid=instrument_pid,
            timestamp=at or called_at or now,
            event_type=EventType.START,
            record_status=RecordStatus.WAITING_FOR_END,
            user=user,
        )
        with self._writing() as transaction:
            logbook.start(transaction, log, at, now)
        return log.session_identifier

    def end_session(
        self, session_identifier: str, at: datetime | None = None, *, called_at: datetime | None = None
    ) -> bool:
        """Write down that a session ended, now if no time is said, so that it waits to be built.

        Said again with the same time, or without one, it changes nothing, whatever became of the session since.

        Parameters
        ----------
        called_at
            When a logger was called that states no time; stands for now, since it may be heard much later.

        Returns
        -------
        written
            Whether it was written down by this call, and not by an earlier one.

        Raises
        ------
        UnknownSessionError
            If it never started.
        SessionStateError
            If it has ended at another time, or would end before it started, or the time is still to come.
        """
        now = self.clock()
        with self._writing() as transaction:
            return logbook.end(transaction, session_identifier, at, called_at or now, now)

    def waiting_sessions(self, instrument_pid: str | None = None) -> tuple[Session, ...]:
        """Return the sessions to be built by start; what is wrong in logs is healed or parked, each by itself."""
        found = self._waiting(instrument_pid)
        for _ in range(_ROUNDS):
            if not found.unsettled:
                break
            for identifier in found.unsettled:
                with self._writing() as transaction:
                    lives.settle(transaction, identifier, self.clock())
            found = self._waiting(instrument_pid)
        return found.sessions

    def _waiting(self, instrument_pid: str | None) -> lives.Waiting:
        with self._reading() as transaction:
            return lives.waiting(transaction, instrument_pid, self.clock())

    def note_waiting(self, session_identifier: str, reason: str) -> None:
        """Write down why a session goes on waiting; it is forgotten when the session is claimed."""
        with self._reading() as transaction:
            known = findings.waits_for(transaction, session_identifier)
        if known != any_text(reason):
            with self._writing() as transaction:
                lives.note_waiting(transaction, session_identifier, reason, self.clock())

    def session(self, session_identifier: str) -> Session:
        """Return one session, whatever its state.

        Raises
        ------
        UnknownSessionError
            If it never started.
        SessionStateError
            If it has not ended, or its logs cannot be joined.
        """
        with self._reading() as transaction:
            return lives.get(transaction, session_identifier)

    def sessions(
        self,
        status: RecordStatus | None = None,
        instrument: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[SessionSummary, ...]:
        """Return a line for each session by start; those in one state, of one instrument, that ran in a time."""
        statuses = frozenset({status} if status else ())
        with self._reading() as transaction:
            wanted = Wanted(statuses=statuses, instrument_pid=instrument, since=since, until=until)
            return summaries.listed(transaction, wanted)

    def listing(self, wanted: Wanted) -> Listing:
        """Return a line for each session that is wanted, and how many stand where."""
        with self._reading() as transaction:
            return summaries.listing(transaction, wanted)

    def page(self, wanted: Wanted, after: Place | None = None) -> ListPage:
        """Return a page of the list, the newest sessions first, that follows after the end of another page."""
        with self._reading() as transaction:
            return summaries.page(transaction, wanted, after)

    def uses(self) -> dict[str, InstrumentUse]:
        """Return what is known of the use of each instrument that a log names, by persistent id."""
        with self._reading() as transaction:
            return summaries.uses(transaction)

    def backlog(self, now: datetime, long: timedelta) -> Backlog:
        """Return how many sessions need a person; ``long`` is for how long one may be open."""
        with self._reading() as transaction:
            return summaries.backlog(transaction, now, now - long)

    def summary(self, session_identifier: str) -> SessionSummary:
        """Return the line of one session.

        Raises
        ------
        UnknownSessionError
            If it never started.
        """
        with self._reading() as transaction:
            found = summaries.listed(transaction, Wanted(session_identifier=session_identifier))
        if not found:
            raise UnknownSessionError(session_identifier)
        return found[0]

    def logs(self, session_identifier: str) -> tuple[SessionLog, ...]:
        """Return the START and END logs of a session by time."""
        with self._reading() as transaction:
            return session_logs.of_session(transaction, session_identifier)

    def session_of_log(self, id_session_log: int) -> str | None:
        """Return the session that a START or END log belongs to, None where there is no such log."""
        with self._reading() as transaction:
            return session_logs.session_of(transaction, id_session_log)

    def findings(self, session_identifier: str) -> tuple[SessionFinding, ...]:
        """Return why a session was parked or put back, in order."""
        with self._reading() as transaction:
            return lives.findings_about(transaction, session_identifier)

    def books(self, session_identifier: str) -> Books:
        """Return all that is kept of one session.

        Raises
        ------
        UnknownSessionError
            If it never started.
        """
        summary = self.summary(session_identifier)
        return Books(
            summary=summary,
            instrument=self.inventory().instrument(summary.instrument_pid),
            logs=self.logs(session_identifier),
            attempts=self.attempts(session_identifier),
            findings=self.findings(session_identifier),
            publications=self.publications_of(session_identifier),
        )

    def requeue(self, session_identifier: str, reason: str, now: datetime) -> None:
        """Put a session back to TO_BE_BUILT and keep why; one that waits already is left as it is.

        Raises
        ------
        ClaimedElsewhereError
            If somebody is building it.
        SessionStateError
            If it has not ended.
        UnknownSessionError
            If it never started.
        """
        with self._writing() as transaction:
            lives.requeue(transaction, session_identifier, reason, now)

    def amend(self, session_identifier: str, amendment: Amendment, reason: str) -> tuple[str, ...]:
        """Correct the logs of a session and pair it anew; return what was done, a sentence for each log that changed.

        Raises
        ------
        ClaimedElsewhereError
            If somebody is building it.
        SessionStateError
            If the logs cannot be corrected so.
        UnknownInstrumentError, UnknownSessionError
            If there is none.
        """
        with self._writing() as transaction:
            return amending.amend(transaction, session_identifier, amendment, reason, self.clock())

    # ---- usage that a calendar tells of

    def usable_instruments(self) -> tuple[Instrument, ...]:
        """Return those instruments whose rows can be used, by persistent id."""
        with self._reading() as transaction:
            return instruments.usable(transaction)

    def known_usage(self, instrument_pid: str, prefix: str) -> KnownUsage:
        """Return what is held of one instrument's sessions whose identifiers begin with ``prefix``."""
        with self._reading() as transaction:
            return usage_logs.known(transaction, instrument_pid, prefix)

    def note_usage(self, told: Usage) -> UsageOutcome:
        """Write down what a calendar says now of one use of an instrument, by the rules of :mod:`.usage`.

        Raises
        ------
        UnknownInstrumentError
            If there is no such instrument.
        """
        with self._reading() as transaction:  # nearly all is known already, and that must cost no lock
            outcome = usage.judge(transaction, told)
        if outcome in (UsageOutcome.UNCHANGED, UsageOutcome.NOTHING):
            return outcome
        with self._writing() as transaction:
            return usage.note(transaction, told, self.clock())

    def lose_usage(self, session_identifier: str, reason: str) -> UsageOutcome:
        """Park a session that its calendar does not know any more, once."""
        with self._writing() as transaction:
            return usage.lose(transaction, session_identifier, reason, self.clock())
