"""Eight claimers on one database are killed and put to sleep at the worst moments: every session ends once.

What the workers do to themselves and what is done to them is in claims_worker.Fate.
"""

import json
import sqlite3
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from nexuslims_core.db.database import Database
from nexuslims_core.db.engine import sqlite_file
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.attempts import Abandonment, Attempt
from nexuslims_core.testing.servers.postgresql import PostgresqlServer
from tests.soak.claims_ward import CLAIMERS, KILLED
from tests.soak.claims_worker import CLAIMED_TWICE, LET_THROUGH, RETIRED, TOO_LATE, Fate, ending, record_of

SESSIONS, FEWEST = 200, 40
DONE = 0
LIMIT_S = 900.0
BEGUN = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a run left behind.

    Attributes
    ----------
    codes
        How many workers ended with which exit code.
    met
        How many met which fate.
    deeds
        What the workers wrote into their diaries.
    """

    database: Database
    names: tuple[str, ...]
    codes: Counter[int]
    met: Counter[str]
    deeds: tuple[dict[str, Any], ...]

    @cached_property
    def attempts(self) -> dict[str, tuple[Attempt, ...]]:
        """All attempts by session."""
        return {name: self.database.attempts(name) for name in self.names}

    @cached_property
    def rows(self) -> dict[str, list[tuple[str, str]]]:
        """Event and state of every row of the log, by session."""
        rows = defaultdict(list)
        with self.database.engine.connect() as connection:
            query = text("SELECT session_identifier, event_type, record_status FROM session_log")
            for name, kind, status in connection.execute(query):
                rows[name].append((kind, status))
        return rows

    def did(self, deed: str) -> list[tuple[str, int, str]]:
        """Return session, number and holder of the attempts on which a worker did something."""
        return [(each["session"], each["attempt"], each["holder"]) for each in self.deeds if each["deed"] == deed]

    @property
    def kept(self) -> int:
        """How many claims a retry of the same holder got back."""
        return sum(times - 1 for times in Counter(self.did("claimed")).values())

    def figures(self, seconds: float) -> str:
        """Return the run in one line."""
        every = [attempt for own in self.attempts.values() for attempt in own]
        deaths = ", ".join(f"{self.met[fate]} {fate}" for fate in Fate)
        return (
            f"{CLAIMERS} claimers, {len(self.names)} sessions, {len(every)} attempts; {self.codes[KILLED]} killed; "
            f"struck: {deaths}; {sum(each.outcome is Abandonment.TAKEN_OVER for each in every)} taken over, "
            f"{len(self.did('refused'))} sleepers and {len(self.did('lost')) - len(self.did('refused'))} others "
            f"refused, {self.kept} claims kept by a retry; {self.codes[CLAIMED_TWICE]} claimed twice at once, "
            f"{sum(own[-1].is_open or not own for own in self.attempts.values())} lost, {seconds:.0f} s"
        )


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def run(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    share: Callable[[int], int],
    seed: int,
    tell: Callable[[str], None],
) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp(f"claims-{request.param}")
    url = f"sqlite:///{folder}/nexuslims.sqlite"
    if request.param == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql")
        url = server.database("claims")
    names = tuple(f"s-{number}" for number in range(max(FEWEST, share(SESSIONS))))
    database = _filled(url, names)
    begun = time.monotonic()
    command = [sys.executable, "-m", "tests.soak.claims_ward", url, str(folder), str(len(names)), str(seed)]
    told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=LIMIT_S).stdout)
    diaries = (line for diary in sorted((folder / "diaries").iterdir()) for line in diary.read_text().splitlines())
    run = Run(
        database=database,
        names=names,
        codes=Counter({int(code): times for code, times in told["codes"].items()}),
        met=Counter(told["met"]),
        deeds=tuple(map(json.loads, diaries)),
    )
    tell(f"claims on {request.param}: {run.figures(time.monotonic() - begun)}")
    yield run
    database.engine.dispose()


def _filled(url: str, names: tuple[str, ...]) -> Database:
    database = Database.create(url)
    scope = Instrument(instrument_pid="Scope", schema_name="Scope", filestore_path="./Scope", timezone="UTC")
    database.add_instrument(scope)
    for hour, name in enumerate(names):
        database.start_session("Scope", "ada", BEGUN + timedelta(hours=hour), name)
        database.end_session(name, BEGUN + timedelta(hours=hour + 1))
    database.engine.dispose()
    return database


def test_workers_were_killed_or_came_to_the_end_of_their_work(run: Run) -> None:
    assert set(run.codes) == {KILLED, RETIRED, DONE}
    assert run.codes[DONE] == CLAIMERS


@pytest.mark.parametrize("fate", [*Fate])
def test_every_fate_was_met(run: Run, fate: Fate) -> None:
    assert run.met[fate] > 0


def test_no_session_is_claimed_twice_at_once(run: Run) -> None:
    assert run.codes[CLAIMED_TWICE] == 0
    holders = Counter((name, number) for name, number, _ in set(run.did("claimed")))
    assert set(holders.values()) == {1}


def test_every_session_ends_as_its_last_attempt_says(run: Run) -> None:
    states = {each.session_identifier: each.status for each in run.database.sessions()}

    assert states == {name: ending(name, len(run.attempts[name])) for name in run.names}


def test_all_rows_of_a_session_stand_at_its_state(run: Run) -> None:
    ends = {name: {status for _, status in rows} for name, rows in run.rows.items()}

    assert ends == {name: {run.database.summary(name).status} for name in run.names}


def test_every_session_has_one_outcome(run: Run) -> None:
    outcomes = {name: [attempt.outcome for attempt in own] for name, own in run.attempts.items()}

    assert outcomes == {
        name: [*[Abandonment.TAKEN_OVER] * (len(own) - 1), ending(name, len(own))] for name, own in outcomes.items()
    }
    assert [attempt for own in run.attempts.values() for attempt in own if attempt.is_open] == []


def test_every_attempt_left_one_event(run: Run) -> None:
    events = {name: [event for event, _ in rows].count("RECORD_GENERATION") for name, rows in run.rows.items()}

    assert events == {name: len(own) for name, own in run.attempts.items()}
    assert {own[-1].number - len(own) for own in run.attempts.values()} == {0}


def test_sessions_of_the_dead_were_taken_over(run: Run) -> None:
    assert any(len(own) > 1 for own in run.attempts.values())


def test_a_retry_of_the_same_holder_kept_its_claim(run: Run) -> None:
    if not run.kept and len(run.names) < SESSIONS:
        pytest.skip("a share of the run may meet no killed holder that tries again before another takes over")
    assert run.kept > 0


def test_who_slept_while_another_took_over_was_refused_and_changed_nothing(run: Run) -> None:
    refused = run.did("refused")

    assert len(refused) == run.met[Fate.SLOW]
    assert run.codes[LET_THROUGH] == 0
    assert {run.attempts[name][number - 1].outcome for name, number, _ in refused} == {Abandonment.TAKEN_OVER}
    assert TOO_LATE not in {attempt.record_path for own in run.attempts.values() for attempt in own}


def test_the_books_say_what_the_workers_did(run: Run) -> None:
    closed = {(name, number): holder for name, number, holder in run.did("closed")}

    last = {name: run.attempts[name][-1] for name in run.names}

    assert {(name, last[name].number): last[name].holder for name, _ in closed} == closed
    assert {name: attempt.record_path for name, attempt in last.items()} == {
        name: record_of(name, attempt.number) for name, attempt in last.items()
    }


def test_the_dead_leave_no_lock_behind(run: Run) -> None:
    file = sqlite_file(run.database.engine)

    assert _writable(file) if file else _locks(run.database) == 0


def _writable(file: Path) -> bool:
    """Return whether a SQLite file is whole, and the write lock is free this moment."""
    connection = sqlite3.connect(file, timeout=0, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")
        (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
    finally:
        connection.close()
    return not busy and verdict == "ok"


def _locks(database: Database, patience_s: float = 5.0) -> int:
    """Return how many connections beside this one are in a transaction or hold an advisory lock."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND (xact_start IS NOT NULL OR pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory'))"
    )
    deadline = time.monotonic() + patience_s  # a server notices that a client died when it next looks at its socket
    while True:
        with database.engine.connect() as connection:
            number: int = connection.execute(query).scalar_one()
        if not number or time.monotonic() > deadline:
            return number
        time.sleep(0.1)
