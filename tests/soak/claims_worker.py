"""A worker that claims sessions, works a moment on each and closes it, until none waits or it meets its fate.

Two witnesses beside the database: a locked file for each claim, which the system lets go when its holder dies and
which says until when the claim holds; and a diary for each worker, which a killed one leaves complete.
"""

import fcntl
import json
import os
import random
import signal
import struct
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from sqlalchemy import event

from nexuslims_core.db.database import Database
from nexuslims_core.errors import ClaimedElsewhereError, ClaimLostError, SessionStateError
from nexuslims_core.sessions.models import Claim
from nexuslims_core.sessions.states import ALLOWED_MOVES, END_STATES, RecordStatus

CLAIMED_TWICE, LET_THROUGH, RETIRED = 3, 4, 5
LEASE = timedelta(seconds=1.5)
LONGEST_STAGE_S = 0.03
A_FEW = 10  # sessions to try before looking again what waits
STAGES = ("harvest_reservation", "find_files", "build_record")
ENDS = sorted(ALLOWED_MOVES[RecordStatus.TO_BE_BUILT] & END_STATES)
TOO_LATE = Path("/written/by/one/who/lost/the/claim.xml")


class Fate(StrEnum):
    """Where a worker is struck."""

    BETWEEN_EVENT_AND_ATTEMPT = "between event and attempt"
    BEFORE_CLAIM_COMMITS = "before the claim's commit"
    AFTER_CLAIM = "after the claim's commit"
    BETWEEN_RENEW_AND_CLOSE = "between renew and close"
    BEFORE_CLOSE_COMMITS = "before the close's commit"
    AFTER_CLOSE = "after the close's commit"
    FROM_OUTSIDE = "at any moment"
    SLOW = "asleep until taken over"
    SLOW_IN_CLOSE = "asleep in the close"


SLEEPS = frozenset({Fate.SLOW, Fate.SLOW_IN_CLOSE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What a worker is sent out with.

    Attributes
    ----------
    first
        The session that it begins with; None if it is no retry.
    fate, nth_claim
        What strikes it, and at which of its claims; None for one who lives to the end.
    """

    url: str
    folder: Path
    number: int
    holder: str
    first: str | None
    fate: Fate | None
    nth_claim: int
    seed: int


def ending(session: str, attempt: int) -> RecordStatus:
    """Return how an attempt ends, otherwise than the attempts before and after it."""
    return ENDS[(int(session.split("-")[1]) + attempt) % len(ENDS)]


def record_of(session: str, attempt: int) -> Path:
    """Return where an attempt says that its record is."""
    return Path("/records") / f"{session}.{attempt}.xml"


def live(orders: Orders) -> None:
    """Work until no session waits, or until it slept and woke."""
    Worker(orders).work()


class Worker:
    """One life."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.chance = random.Random(orders.seed)  # noqa: S311 - no secret
        self.skew = LEASE * self.chance.uniform(-0.1, 0.1)  # the clocks of several hosts
        self.diary = Diary.open(orders.folder, orders.number)
        self.claims = 0
        self.has_slept = False
        self.doing = ""
        self.database = Database.open(orders.url)
        event.listen(self.database.engine, "commit", lambda *_: self.reach(f"before the {self.doing}'s commit"))
        event.listen(self.database.engine, "before_cursor_execute", self._before_statement)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.skew

    def work(self) -> None:
        first = [self.orders.first] if self.orders.first else []
        while sessions := [each.session_identifier for each in self.database.waiting_sessions()]:
            self.chance.shuffle(sessions)
            for session in first + sessions[:A_FEW]:
                self.take(session)
                if self.has_slept:
                    sys.exit(RETIRED)
            first = []
            time.sleep(0.02)

    def take(self, session: str) -> None:
        asked = self.now()
        claim = self.claim(session, asked)
        if claim is None:
            return
        self.reach(Fate.AFTER_CLAIM, claim)
        self.diary.write("claimed", claim)
        witness = Witness.take(self.orders.folder / "claims", claim, asked)
        try:
            self.build(claim, witness)
        except ClaimLostError:
            self.diary.write("lost", claim)
        finally:
            witness.leave()

    def claim(self, session: str, asked: datetime) -> Claim | None:
        self.claims += 1
        self.doing = "claim"
        try:
            return self.database.claim(session, self.orders.holder, asked, LEASE)
        except (ClaimedElsewhereError, SessionStateError):  # by now another builds it, or has built it
            self.claims -= 1
            return None
        finally:
            self.doing = ""

    def build(self, claim: Claim, witness: "Witness") -> None:
        session = claim.session.session_identifier
        for stage in STAGES:
            now = self.now()
            self.database.renew(claim, stage, now, LEASE)
            witness.lasts_until(now + LEASE)
            time.sleep(self.chance.uniform(0, LONGEST_STAGE_S))
        self.database.note_record(claim, record_of(session, claim.attempt), "0" * 64)
        self.reach(Fate.BETWEEN_RENEW_AND_CLOSE, claim)
        self.reach(Fate.SLOW, claim)
        self.doing = "close"
        self.database.close(claim, ending(session, claim.attempt), self.now())
        self.doing = ""
        self.reach(Fate.AFTER_CLOSE, claim)
        self.diary.write("closed", claim)

    def reach(self, point: str, claim: Claim | None = None) -> None:
        """Meet fate, if it is set for this point and this claim."""
        fate = self.orders.fate
        if self.claims != self.orders.nth_claim or fate is None:
            return
        if point == fate and fate not in SLEEPS:
            os.kill(os.getpid(), signal.SIGKILL)
        if fate is Fate.SLOW_IN_CLOSE and point == Fate.BEFORE_CLOSE_COMMITS:
            self.sleep()
        if fate is Fate.SLOW and point == fate and claim is not None:
            self.sleep(claim)
            self.try_in_vain(claim)

    def sleep(self, claim: Claim | None = None) -> None:
        self.diary.write("sleeps", claim)
        os.kill(os.getpid(), signal.SIGSTOP)
        self.diary.write("wakes", claim)
        self.has_slept = True

    def try_in_vain(self, claim: Claim) -> None:
        """Go on with a session that somebody took over; every step must be refused."""
        end = ending(claim.session.session_identifier, claim.attempt)
        steps = (
            lambda: self.database.renew(claim, "upload_record", self.now(), 1000 * LEASE),
            lambda: self.database.note_counts(claim, files=1),
            lambda: self.database.note_failure(claim, "upload_record", "TooLate", "asleep"),
            lambda: self.database.note_record(claim, TOO_LATE, "f" * 64),
            lambda: self.database.close(claim, end, self.now()),
        )
        for step in steps:
            try:
                step()
            except ClaimLostError:
                continue
            os._exit(LET_THROUGH)
        self.diary.write("refused", claim)

    def _before_statement(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        if self.doing == "claim" and statement.startswith("INSERT INTO session_builds"):
            self.reach(Fate.BETWEEN_EVENT_AND_ATTEMPT)


@dataclass(frozen=True, slots=True)
class Diary:
    """What a worker did, a line of JSON a deed; a line that was begun is whole, whatever becomes of the worker."""

    handle: int
    holder: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, folder: Path, number: int) -> "Diary":
        return cls(os.open(folder / "diaries" / str(number), os.O_WRONLY | os.O_CREAT | os.O_APPEND))

    def write(self, deed: str, claim: Claim | None) -> None:
        line = {"deed": deed}
        if claim is not None:
            line |= {"session": claim.session.session_identifier, "attempt": claim.attempt, "holder": claim.holder}
        os.write(self.handle, f"{json.dumps(line)}\n".encode())


@dataclass(frozen=True, slots=True)
class Witness:
    """A locked file that says until when a claim holds; it is there, locked and written, in one step."""

    handle: int

    @classmethod
    def take(cls, claims: Path, claim: Claim, asked: datetime) -> "Witness":
        """Bear witness of a claim; end the process if another's claim on the session still held when it was asked."""
        folder = claims / claim.session.session_identifier
        folder.mkdir(exist_ok=True)
        name = f"{claim.attempt}.{os.getpid()}"
        hidden = claims / name
        witness = cls(os.open(hidden, os.O_RDWR | os.O_CREAT | os.O_TRUNC))
        fcntl.flock(witness.handle, fcntl.LOCK_EX)
        witness.lasts_until(asked + LEASE)
        hidden.rename(folder / name)
        if any(_held_after(other, asked) for other in folder.iterdir() if other.name != name):
            os._exit(CLAIMED_TWICE)
        return witness

    def lasts_until(self, then: datetime) -> None:
        os.pwrite(self.handle, struct.pack("d", then.timestamp()), 0)

    def leave(self) -> None:
        os.close(self.handle)


def _held_after(witness: Path, moment: datetime) -> bool:
    with witness.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            (until,) = struct.unpack("d", file.read(8))
            return bool(until > moment.timestamp())
    return False
