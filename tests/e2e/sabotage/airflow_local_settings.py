"""What a site may tell Airflow of its tasks, here to break some: it goes by the users in the tasks' names.

No code of ours is changed: a task that is killed is killed, and the record that is spoiled has been written.
"""

import hashlib
import os
import signal
from datetime import timedelta
from pathlib import Path


def task_policy(task):  # noqa: ANN001, ANN201 - Airflow calls it by this name
    """Retry soon, and break what the session's user asks for."""
    task.retry_delay = timedelta(seconds=3)
    if task.task_id == "session.extract_metadata":
        task._pre_execute_hook = _kill_once
    if task.task_id == "session.build_record":
        task._post_execute_hook = _spoil


def machine() -> str:
    """Return the name of this machine, of which there may be several on one."""
    return os.environ.get("MACHINE", "main")


def _kill_once(context) -> None:  # noqa: ANN001 - Airflow's
    """End this process as the kernel does where memory runs out."""
    if _user(context) == "killed" and context["ti"].try_number == 1:
        os.kill(os.getpid(), signal.SIGKILL)


def _spoil(context, result) -> None:  # noqa: ANN001 - Airflow's
    """Give the record an element that the schema does not know."""
    if _user(context) != "invalid":
        return
    record = result["value"]
    path = Path(record["path"])
    spoilt = path.read_bytes().replace(b"</summary>", b"<captain>nobody</captain></summary>", 1)
    path.write_bytes(spoilt)
    record["sha256"] = hashlib.sha256(spoilt).hexdigest()


def _user(context) -> str:  # noqa: ANN001 - Airflow's
    label = context["ti"].task.claim["label"]
    return label.rpartition("(")[2].rstrip(")")
