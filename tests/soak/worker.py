"""A worker: does what `nexuslims build --waiting --no-upload` does, again and again until no session waits.

A lock on a file per session, which the system drops when its process dies, is the witness of who works on what. Ends
with code 3 if it held a claim while somebody else was at work on the same session.

    python -m tests.soak.worker FOLDER_OF_LOCKS SEED
"""

import fcntl
import os
import random
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

from nexuslims_core.config import load_settings
from nexuslims_core.errors import ClaimedElsewhereError, ClaimLostError, SessionStateError
from nexuslims_core.files.models import Scan
from nexuslims_core.pipeline import Watch, build_session, scan_and_sort, this_process
from nexuslims_core.sessions.models import Session
from nexuslims_core.stages.facility import Facility, open_facility

BUILT_TWICE_AT_ONCE = 3
PAUSE_S = 0.3


def main(locks: Path, chance: random.Random) -> None:
    facility = replace(open_facility(load_settings(env_file=None)), stores=())
    while sessions := list(facility.database.waiting_sessions()):
        chance.shuffle(sessions)
        sorted_, scans = scan_and_sort(facility, tuple(sessions))
        for session in sorted_.due:
            build(facility, session, scans[session.instrument.instrument_pid], locks)
        time.sleep(PAUSE_S)


def build(facility: Facility, session: Session, scan: Scan, locks: Path) -> None:
    with ExitStack() as stack:

        def bear_witness(stage: str) -> None:
            if stage != "harvest_reservation":  # the first one under the claim
                return
            lock = stack.enter_context((locks / session.session_identifier).open("w"))
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os._exit(BUILT_TWICE_AT_ONCE)

        with suppress(ClaimedElsewhereError, ClaimLostError, SessionStateError):
            build_session(facility, session, scan, this_process(), Watch(started=bear_witness))


if __name__ == "__main__":
    main(Path(sys.argv[1]), random.Random(int(sys.argv[2])))  # noqa: S311 - no secret
