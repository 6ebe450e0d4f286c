"""Histories by chance: whatever comes in whatever order, the books stay in order and every refusal is a sentence."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from nexuslims_core.db.database import Database
from nexuslims_core.errors import (
    ClaimedElsewhereError,
    ClaimLostError,
    NexusLimsError,
    SessionStateError,
    UnknownSessionError,
)
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.amending import Amendment
from nexuslims_core.sessions.attempts import Abandonment
from nexuslims_core.sessions.models import Claim
from nexuslims_core.sessions.states import ALLOWED_MOVES, END_STATES, RecordStatus

pytestmark = pytest.mark.slow
SCOPE = Instrument(instrument_pid="Scope", schema_name="Scope", filestore_path="./Scope", timezone="Europe/Berlin")
BEGUN = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)  # the night in which Berlin has the hour from two to three twice
LEASE = timedelta(minutes=10)
REACHED = END_STATES - {RecordStatus.NO_RESERVATION}
OURS, STRANGE = ("a", "b", "c"), ("x", "y", "y%00", "%FF")
WRITTEN = ("x", "y", b"x", "y\0", b"y\0", b"\xff")
"""How another hand writes the names of the strange ones."""

names = st.sampled_from([*OURS, *OURS, *STRANGE])
numbers = st.integers(0, 4)
holders = st.sampled_from(["run:0", "run:1", "host:7"])
minutes = st.integers(1, 40).map(lambda number: timedelta(minutes=number))
times_by_others = st.sampled_from(
    [
        "x",
        b"\xff",
        "2026-10-25T00:30:00.000000+00:00\0",
        "2026-10-25T02:30:00",
        "2026-10-25 02:30:00.5",
        "2026-10-25T02:30:00+02:00",
        "2026-10-25T00:30:00.000000+00:00",
    ]
)

_statements: dict[object, object] = {}  # what SQLAlchemy made of them, for the engines of all histories


@dataclass(slots=True)
class Try:
    """What must be true of an attempt."""

    holder: str
    until: datetime
    outcome: RecordStatus | Abandonment | None = None


@dataclass(slots=True)
class Known:
    """What must be true of a session."""

    status: RecordStatus
    begun: datetime
    tries: list[Try] = field(default_factory=list)

    @property
    def open(self) -> Try | None:
        return next((each for each in self.tries if each.outcome is None), None)


@cache
def _empty() -> bytes:
    """Return a database with an instrument and no session."""
    with TemporaryDirectory() as folder:
        database = Database.create(f"sqlite:///{folder}/new.sqlite")
        database.add_instrument(SCOPE)
        with closing(sqlite3.connect(f"{folder}/new.sqlite")) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
        return Path(folder, "new.sqlite").read_bytes()


class Histories(RuleBasedStateMachine):
    """Sessions, holders, a clock, and sessions with rows by a hand that is not ours.

    ``known`` holds what must be true of our own sessions; of the strange ones only what must be true of all is asked.
    """

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        self.file = Path(self.folder.name, "sessions.sqlite")
        self.file.write_bytes(_empty())
        self.books = sqlite3.connect(self.file, isolation_level=None)
        self.books.text_factory = lambda kept: kept.decode("utf-8", "replace")
        self.now = BEGUN
        self.known: dict[str, Known] = {}
        self.rows: dict[int, RecordStatus] = {}
        self.ended: set[tuple[Any, ...]] = set()
        self.claims: list[Claim] = []
        self.reopen()
        for name in OURS[1:]:
            self.log(name, LEASE)

    def teardown(self) -> None:
        if hasattr(self, "books"):
            try:
                self.look_for_work()
            finally:
                self.books.close()
                self.folder.cleanup()

    def reopen(self) -> None:
        database = Database.open(f"sqlite:///{self.file}")
        engine = database.engine.execution_options(compiled_cache=_statements)
        self.database = replace(database, engine=engine, clock=lambda: self.now)

    @rule(time=minutes, anew=st.booleans())
    def pass_time(self, time: timedelta, anew: bool) -> None:
        self.now += time
        if anew:
            self.reopen()

    # ---- the logger

    @precondition(lambda self: len(self.known) < len(OURS) or self.waits_for_its_end())
    @rule(name=names, after=st.none() | minutes)
    def log(self, name: str, after: timedelta | None) -> None:
        """Start a session that may be known, and end it or not."""
        refused = self.refusal(lambda: self.database.start_session("Scope", "ada", self.now, name))
        if name in OURS and name not in self.known:
            assert refused is None
            self.known[name] = Known(RecordStatus.WAITING_FOR_END, self.now)
        if after:
            self.end(name, after)

    def waits_for_its_end(self) -> bool:
        return any(own.status is RecordStatus.WAITING_FOR_END for own in self.known.values())

    def end(self, name: str, after: timedelta) -> None:
        own = self.known.get(name)
        end = (own.begun if own else self.now) + after
        self.now = max(self.now, end)  # nobody says what is still to come
        refused = self.refusal(lambda: self.database.end_session(name, end))
        if own and own.status is RecordStatus.WAITING_FOR_END:
            assert refused is None
            own.status = RecordStatus.TO_BE_BUILT

    @rule(
        name=st.sampled_from(WRITTEN),
        as_text=st.booleans(),
        event=st.sampled_from(["START", "END"]),
        status=st.sampled_from([*RecordStatus]),
        instrument=st.sampled_from(["Scope", "Scope", b"Scope", "nobody's", b"\xff"]),
        time=times_by_others,
    )
    def write_by_another_hand(
        self, name: object, as_text: bool, event: str, status: RecordStatus, instrument: object, time: object
    ) -> None:
        """Write a log past us; bytes stay a BLOB unless they are to be text, in whatever encoding."""
        cell = "CAST(? AS TEXT)" if as_text else "?"
        self.books.execute(
            "INSERT INTO session_log (session_identifier, instrument, timestamp, event_type, record_status) "  # noqa: S608 - our own words
            f"VALUES ({cell}, {cell}, ?, ?, ?)",
            (name, instrument, time, event, status.value),
        )

    # ---- the holders

    @rule(name=names, holder=holders)
    def claim(self, name: str, holder: str) -> None:
        given: list[Claim] = []
        refused = self.refusal(lambda: given.append(self.database.claim(name, holder, self.now, LEASE)))
        if name in OURS:
            assert refused is self.refusal_of_claim(name, holder)
        if name in self.known and given:
            self.take(self.known[name], given[0])
        self.claims += given

    @precondition(lambda self: self.claims)
    @rule(number=numbers, holder=holders)
    def wait_for_the_lease_to_run_out(self, number: int, holder: str) -> None:
        self.now += LEASE
        self.claim(self.one_of_the_claims(number).session.session_identifier, holder)

    def refusal_of_claim(self, name: str, holder: str) -> type[NexusLimsError] | None:
        own = self.known.get(name)
        if own is None:
            return UnknownSessionError
        if own.status is not RecordStatus.TO_BE_BUILT:
            return SessionStateError
        elsewhere = own.open and own.open.holder != holder and own.open.until > self.now
        return ClaimedElsewhereError if elsewhere else None

    def take(self, own: Known, claim: Claim) -> None:
        until = self.now + LEASE
        if own.open and own.open.holder == claim.holder:
            own.open.until = max(own.open.until, until)
        else:
            if own.open:
                own.open.outcome = Abandonment.TAKEN_OVER
            own.tries.append(Try(claim.holder, until))
        assert (claim.attempt, own.tries[-1].outcome) == (len(own.tries), None)

    @precondition(lambda self: self.claims)
    @rule(number=numbers, stage=st.sampled_from(["find_files", "build_record"]), sentence=st.text(max_size=9))
    def work(self, number: int, stage: str, sentence: str) -> None:
        claim = self.one_of_the_claims(number)
        own = self.believed(claim)
        for deed in (
            lambda: self.database.renew(claim, stage, self.now, LEASE),
            lambda: self.database.note_failure(claim, stage, "StorageError", sentence),
            lambda: self.database.note_record(claim, Path("/records/a.xml"), "0" * 64),
            lambda: self.database.note_counts(claim, files=number),
        ):
            refused = self.refusal(deed)
            assert own is None or refused is (ClaimLostError if own.outcome else None)
        if own and not own.outcome:
            own.until = max(own.until, self.now + LEASE)

    @precondition(lambda self: self.claims)
    @rule(number=numbers, status=st.sampled_from([*sorted(REACHED), *RecordStatus]))
    def close(self, number: int, status: RecordStatus) -> None:
        claim = self.one_of_the_claims(number)
        refused = self.refusal(lambda: self.database.close(claim, status, self.now))
        own = self.believed(claim)
        if own and own.outcome is None and status in REACHED:
            assert refused is None
            own.outcome = self.known[claim.session.session_identifier].status = status
        elif own and isinstance(own.outcome, Abandonment):
            assert refused is ClaimLostError
        elif own:
            assert refused is (None if own.outcome is status else SessionStateError)

    @rule(name=names, holder=holders, status=st.sampled_from(sorted(REACHED)))
    def build(self, name: str, holder: str, status: RecordStatus) -> None:
        """Do it all without a pause, as mostly happens."""
        before = len(self.claims)
        self.claim(name, holder)
        if len(self.claims) > before:
            self.work(0, "build_record", "")
            self.close(0, status)

    def one_of_the_claims(self, number: int) -> Claim:
        """Return one that was given at some time, mostly a late one; the holder need not live or hold it still."""
        return self.claims[-1 - number % len(self.claims)]

    # ---- people and housekeeping

    @rule(name=names)
    def requeue(self, name: str) -> None:
        refused = self.refusal(lambda: self.database.requeue(name, "try again", self.now))
        own = self.known.get(name)
        if own and own.open and own.open.until > self.now:
            assert refused is ClaimedElsewhereError
        elif own and own.status is RecordStatus.WAITING_FOR_END:
            assert refused is SessionStateError
        elif own:
            assert refused is None
            own.status = RecordStatus.TO_BE_BUILT
            if own.open:
                own.open.outcome = Abandonment.PUT_BACK

    @rule(name=st.sampled_from(OURS), after=minutes)
    def amend(self, name: str, after: timedelta) -> None:
        """Say when a session ended, which its logs may say already."""
        own = self.known.get(name)
        end = (own.begun if own else self.now) + after
        self.now = max(self.now, end)
        said = f"{end:%FT%T.%f}+00:00"
        ends = "timestamp FROM session_log WHERE session_identifier = ? AND event_type = 'END' AND timestamp = ?"
        is_new = not self.look(ends, name, said)

        refused = self.refusal(lambda: self.database.amend(name, Amendment(end=end), "somebody looked"))

        if own is None:
            assert refused is UnknownSessionError
        elif is_new and own.open and own.open.until > self.now:
            assert refused is ClaimedElsewhereError
        else:
            assert (refused, self.look(ends, name, said)) == (None, [(said,)])
            own.status = RecordStatus.TO_BE_BUILT if is_new else own.status
            if is_new and own.open:
                own.open.outcome = Abandonment.PUT_BACK

    @rule()
    def look_for_work(self) -> None:
        waiting = {session.session_identifier for session in self.database.waiting_sessions()}
        lines = self.database.sessions()

        due = {name for name, own in self.known.items() if own.status is RecordStatus.TO_BE_BUILT}
        assert waiting.difference(STRANGE) == due
        logged = self.look("DISTINCT session_identifier FROM session_log WHERE event_type IN ('START', 'END')")
        assert Counter(line.session_identifier for line in lines) == Counter(name for (name,) in logged)
        states = {line.session_identifier: line.status for line in lines if line.session_identifier in OURS}
        assert states == {name: own.status for name, own in self.known.items()}

    # ---- what must hold after each step

    @invariant()
    def all_rows_of_a_session_stand_at_its_state(self) -> None:
        for name, own in self.known.items():
            states = self.look("DISTINCT record_status FROM session_log WHERE session_identifier = ?", name)
            assert states == [(own.status,)]

    @invariant()
    def attempts_are_what_the_holders_were_told(self) -> None:
        for name, own in self.known.items():
            attempts = self.look("holder, lease_until, outcome FROM session_builds WHERE session_identifier = ?", name)
            assert attempts == [(each.holder, f"{each.until:%FT%T.%f}+00:00", each.outcome) for each in own.tries]

    @invariant()
    def rows_stay_and_move_by_the_table(self) -> None:
        """A row that came late may also join the others of its session where they stand."""
        rows, beside = {}, defaultdict(set)
        for number, name, status in self.look("id_session_log, session_identifier, record_status FROM session_log"):
            rows[number] = (name, RecordStatus(status))
            beside[name].add(self.rows.get(number))

        assert self.rows.keys() <= rows.keys()
        for number, before in self.rows.items():
            name, after = rows[number]
            assert after in {before, *ALLOWED_MOVES[before]} or after in beside[name]
        self.rows = {number: status for number, (_, status) in rows.items()}

    @invariant()
    def every_attempt_has_an_event_and_one_alone_is_open(self) -> None:
        events = self.look("session_identifier FROM session_log WHERE event_type = 'RECORD_GENERATION'")
        attempts = self.look("session_identifier FROM session_builds")
        still_open = self.look("session_identifier FROM session_builds WHERE ended_at IS NULL")

        assert Counter(events) == Counter(attempts)
        assert len(still_open) == len(set(still_open))

    @invariant()
    def what_has_ended_does_not_change(self) -> None:
        ended = set(self.look("id_session_build, outcome, ended_at FROM session_builds WHERE ended_at IS NOT NULL"))

        assert self.ended <= ended
        self.ended = ended

    # ---- means

    def look(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        """Read the tables past all of our code."""
        return self.books.execute(f"SELECT {query}", values).fetchall()

    def believed(self, claim: Claim) -> Try | None:
        """Return what must be true of the attempt of a claim; None for a strange session."""
        own = self.known.get(claim.session.session_identifier)
        return own.tries[claim.attempt - 1] if own else None

    def refusal(self, deed: Callable[[], object]) -> type[NexusLimsError] | None:
        """Do something, and return the kind of error of ours that refused it, in a sentence."""
        said: NexusLimsError | None = None
        try:
            deed()
        except NexusLimsError as error:
            said = error
        assert said is None or " " in str(said)
        return type(said) if said else None


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)
