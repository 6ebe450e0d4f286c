"""``python lifeline.py PROGRAM …`` becomes that program, which is asked to end when whoever started it is gone.

Without it, a killed `make up` would leave a scheduler behind that goes on building. Only Linux can do this.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie this process to its parent and become the program."""
    system = ctypes.CDLL(None)
    if hasattr(system, "prctl"):
        system.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
