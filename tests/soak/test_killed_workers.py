"""Four workers build on one database and are killed at random moments: no session is lost, none comes out otherwise."""

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from nexuslims_core.artefacts import sha256
from nexuslims_core.db.database import Database
from nexuslims_core.records.validation import findings
from nexuslims_core.sessions.attempts import Abandonment
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.testing.servers.postgresql import PostgresqlServer
from tests.soak.conftest import SESSIONS
from tests.soak.facility import BUILT, Facility
from tests.soak.worker import BUILT_TWICE_AT_ONCE

WORKERS = 4
LEASE_S = 15.0
LIMIT_S = 1200.0
KILLED, DONE = -9, 0
BUSY_SHARE = 0.75
Worker = subprocess.Popen[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What became of a run.

    Attributes
    ----------
    codes
        How many workers ended with which exit code.
    hits
        How many were killed while they held a claim.
    """

    database: Database
    codes: Counter[int]
    hits: int

    def records(self) -> dict[str, bytes]:
        """Return the XML of every record by session."""
        summaries = self.database.sessions(status=BUILT)
        return {each.session_identifier: each.record_path.read_bytes() for each in summaries if each.record_path}


@pytest.fixture(scope="module")
def undisturbed(facility: Facility, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """The same sessions, built by one worker that nobody kills."""
    folder = tmp_path_factory.mktemp("undisturbed")
    url = f"sqlite:///{folder}/nexuslims.sqlite"
    database = facility.open(url)
    code = _worker(facility, url, folder, 0).wait(LIMIT_S)
    assert code == DONE, (folder / "worker.log").read_text()
    yield Run(database=database, codes=Counter([code]), hits=0)
    database.engine.dispose()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def run(
    request: pytest.FixtureRequest,
    facility: Facility,
    tmp_path_factory: pytest.TempPathFactory,
    share: Callable[[int], int],
    dice: Callable[[], random.Random],
    tell: Callable[[str], None],
) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp(request.param)
    url = f"sqlite:///{folder}/nexuslims.sqlite"
    if request.param == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql")
        url = server.database("soak")
    database = facility.open(url)
    begun = time.monotonic()
    run = _build_and_kill(facility, database, url, folder, dice(), share(SESSIONS // 2))
    attempts = [a for session in facility.sessions for a in database.attempts(session)]
    taken = sum(a.outcome is Abandonment.TAKEN_OVER for a in attempts)
    tell(
        f"{request.param}: {len(facility.sessions)} sessions, {len(attempts)} attempts, "
        f"{run.codes[KILLED]} workers killed, {run.hits} of them at work, {taken} sessions taken over, "
        f"{time.monotonic() - begun:.0f} s"
    )
    yield run
    database.engine.dispose()


def _build_and_kill(
    facility: Facility, database: Database, url: str, folder: Path, chance: random.Random, wanted: int
) -> Run:
    """Keep four workers going until all is done; kill one now and then, mostly one at work, until so many were hit."""
    hits, codes, seeds = 0, Counter[int](), iter(range(1, 10_000))
    workers = [_worker(facility, url, folder, next(seeds)) for _ in range(WORKERS)]
    deadline = time.monotonic() + LIMIT_S
    while workers and time.monotonic() < deadline:
        time.sleep(chance.uniform(0.2, 1.2))
        if hits < wanted:
            hits += _kill(database, _victim(database, workers, chance))
        ended = [worker for worker in workers if worker.poll() is not None]
        codes.update(worker.returncode for worker in ended)
        workers = [worker for worker in workers if worker not in ended]
        workers += [_worker(facility, url, folder, next(seeds)) for each in ended if each.returncode == KILLED]
    for worker in workers:
        worker.kill()
        worker.wait()
    return Run(database=database, codes=codes, hits=hits)


def _worker(facility: Facility, url: str, folder: Path, seed: int) -> Worker:
    locks = folder / "locks"
    locks.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.soak.worker", str(locks), str(seed)]
    log = (folder / "worker.log").open("ab")
    with log:
        return subprocess.Popen(
            command, env=facility.environment(url, folder / "data", LEASE_S), stdout=log, stderr=log
        )


def _victim(database: Database, workers: list[Worker], chance: random.Random) -> Worker:
    busy = [worker for worker in workers if worker.pid in _at_work(database)]
    return chance.choice(busy if busy and chance.random() < BUSY_SHARE else workers)


def _kill(database: Database, victim: Worker) -> bool:
    """Kill a worker and return whether it held a claim in that moment."""
    victim.kill()
    victim.wait()
    return victim.pid in _at_work(database)


def _at_work(database: Database) -> set[int]:
    """Return the processes that hold a claim, dead or alive."""
    waiting = database.sessions(status=RecordStatus.TO_BE_BUILT)
    attempts = [attempt for each in waiting for attempt in database.attempts(each.session_identifier)]
    return {int(attempt.holder.split(":")[1]) for attempt in attempts if attempt.is_open}


def test_workers_were_killed_at_work_and_nothing_else_went_wrong_with_them(run: Run) -> None:
    assert run.hits > 0
    assert set(run.codes) == {KILLED, DONE}


def test_every_session_ends_in_its_state(run: Run, facility: Facility) -> None:
    states = {each.session_identifier: each.status for each in run.database.sessions()}

    assert states == facility.expected


def test_no_attempt_stays_open(run: Run, facility: Facility) -> None:
    attempts = [attempt for session in facility.sessions for attempt in run.database.attempts(session)]

    assert [attempt for attempt in attempts if attempt.is_open] == []


def test_no_session_is_built_twice_at_once(run: Run) -> None:
    assert run.codes[BUILT_TWICE_AT_ONCE] == 0


def test_every_record_is_valid_and_the_one_in_the_books(run: Run) -> None:
    records = run.records()

    noted = {session: run.database.attempts(session)[-1].record_sha256 for session in records}

    assert {session: findings(xml) for session, xml in records.items()} == dict.fromkeys(records, ())
    assert {session: sha256(xml) for session, xml in records.items()} == noted


def test_every_record_is_to_the_byte_that_of_an_undisturbed_run(run: Run, undisturbed: Run) -> None:
    assert run.records() == undisturbed.records()
