"""Build a session in a process of its own, and kill it as a stage begins.

python dying_builder.py SESSION STAGE
"""

import os
import signal
import sys

from nexuslims_core.config import load_settings
from nexuslims_core.pipeline import Watch, build_session, scan_and_sort, this_process
from nexuslims_core.stages.facility import open_facility


def main(identifier: str, last: str) -> None:
    def started(stage: str) -> None:
        if stage == last:
            os.kill(os.getpid(), signal.SIGKILL)

    facility = open_facility(load_settings(None))
    session = facility.database.session(identifier)
    _, scans = scan_and_sort(facility, (session,))
    scan = scans[session.instrument.instrument_pid]
    build_session(facility, session, scan, this_process(), Watch(started=started))


if __name__ == "__main__":
    main(*sys.argv[1:])
