"""What a site may tell Airflow of its tasks, here to break some: it goes by the users in the tasks' names."""

import os
import signal
import time
from datetime import timedelta

LONG_S = 200
"""A test kills what sleeps long before that."""


def task_policy(task):  # noqa: ANN001, ANN201 - Airflow calls it by this name
    """Try everything once but the end of a session, and break what the session's user asks for."""
    task.retry_delay = timedelta(seconds=2)
    if task.task_id != "session.finish":
        task.retries = 0
    if task.task_id == "session.find_files":
        task._pre_execute_hook = _break
    if task.task_id == "requeue_late":
        task._pre_execute_hook = _die


def _break(context) -> None:  # noqa: ANN001 - Airflow's
    label = context["ti"].task.claim["label"]
    user = label.rpartition("(")[2].rstrip(")")
    again = context["ti"].try_number > 1  # after the scheduler was killed
    if user == "killed" or (user == "restarted" and again):
        _die(context)
    if user in ("lost", "restarted"):
        time.sleep(LONG_S)


def _die(_context) -> None:  # noqa: ANN001 - Airflow's
    """End this process as the kernel does where memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)
