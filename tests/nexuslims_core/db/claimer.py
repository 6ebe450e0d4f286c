"""Several processes that build sessions at once: each claims what it can, works a moment, closes it.

A lock on a file per session, which the system drops when its process dies, is the witness of who works on what.
Prints one JSON list: for each process its exit code and the sessions that it closed. Code 3: it held a claim while
somebody else was at work on the same session. Code -9: it killed itself in the midst of its n-th session, where it is
the n-th of those that are to die.

    python claimer.py URL FOLDER SECONDS_LATER HOW_MANY_DIE SEED…
"""

import fcntl
import json
import os
import random
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nexuslims_core.db.database import Database
from nexuslims_core.errors import ClaimedElsewhereError, SessionStateError
from nexuslims_core.sessions.models import Claim
from nexuslims_core.sessions.states import RecordStatus

LEASE = timedelta(minutes=30)
CLAIMED_TWICE = 3


def main(url: str, folder: Path, later: timedelta, dying: int, seeds: list[int]) -> None:
    children = {}
    for number, seed in enumerate(seeds, start=1):
        child = os.fork()
        if child == 0:
            build(url, folder, later, number if number <= dying else 0, random.Random(seed))  # noqa: S311 - no secret
            os._exit(0)
        children[child] = seed
    told = []
    for child in children:
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        closed = folder / f"closed by {child}"
        told.append({"code": code, "closed": closed.read_text().split() if closed.exists() else []})
    sys.stdout.write(json.dumps(told))


def build(url: str, folder: Path, later: timedelta, die_at: int, chance: random.Random) -> None:
    database = Database.open(url)
    sessions = [session.session_identifier for session in database.waiting_sessions()]
    chance.shuffle(sessions)
    claims = 0
    for session in sessions:
        now = datetime.now(UTC) + later
        try:
            claim = database.claim(session, f"process {os.getpid()}", now, LEASE)
        except (ClaimedElsewhereError, SessionStateError):
            continue
        claims += 1
        work(database, claim, folder / session, now, chance.uniform(0, 0.005), dies=claims == die_at)
        database.close(claim, RecordStatus.COMPLETED, now)
        with (folder / f"closed by {os.getpid()}").open("a") as closed:
            closed.write(f"{session}\n")


def work(database: Database, claim: Claim, witness: Path, now: datetime, seconds: float, *, dies: bool) -> None:
    with witness.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os._exit(CLAIMED_TWICE)
        database.renew(claim, "find_files", now, LEASE)
        if dies:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(seconds)


if __name__ == "__main__":
    url, folder, later, dying, *seeds = sys.argv[1:]
    main(url, Path(folder), timedelta(seconds=float(later)), int(dying), [int(seed) for seed in seeds])
