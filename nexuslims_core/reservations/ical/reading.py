"""A calendar is read in a child process with limits, since its series may be endless and a site's patterns slow."""

import json
import os
import subprocess
import sys
from pathlib import Path

from pydantic import ValidationError

from nexuslims_core import codec
from nexuslims_core.errors import UnexpectedAnswerError
from nexuslims_core.reservations.ical.child import Result, Task

TIME_LIMIT_S = 120
_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from {} import main; main()".format(
    "nexuslims_core.reservations.ical.child"
)


def read_in_child(task: Task, body: bytes, server: str) -> Result:
    """Return the reservations in the text of a calendar.

    Parameters
    ----------
    server
        Where it comes from, for sentences.

    Raises
    ------
    UnexpectedAnswerError
        If it is no calendar, or takes more time or memory than one may.
    """
    search = json.dumps([str(Path(entry).absolute()) for entry in sys.path])
    question = codec.to_line(task).rstrip(b"\n") + b"\n" + body
    try:
        done = subprocess.run(
            (sys.executable, "-P", "-c", _START, search),
            input=question,
            capture_output=True,
            timeout=TIME_LIMIT_S,
            check=False,
            env=os.environ | {"PYTHONWARNINGS": "ignore"},
        )
    except subprocess.TimeoutExpired as error:
        raise UnexpectedAnswerError(f"{server} takes more than {TIME_LIMIT_S} s to read") from error
    if done.returncode:
        raise UnexpectedAnswerError(
            f"{server} cannot be read within {task.cpu_limit_s} s and 2 GiB ({_last_words(done)}): look for series "
            "that repeat too often, or for a pattern of yours that takes for ever"
        )
    try:
        result = codec.from_line(Result, done.stdout)
    except (ValidationError, ValueError) as error:
        raise UnexpectedAnswerError(f"{server} cannot be read") from error
    if result.failure:
        raise UnexpectedAnswerError(f"{server} answered what {result.failure}: correct the instrument's api_url")
    return result


def _last_words(done: subprocess.CompletedProcess[bytes]) -> str:
    """Say how a child ended: by a signal, or the kind of error; its text may hold what a calendar says."""
    if done.returncode < 0:
        return f"signal {-done.returncode}"
    said = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
    return said.partition(":")[0][:100] or f"exit code {done.returncode}"
