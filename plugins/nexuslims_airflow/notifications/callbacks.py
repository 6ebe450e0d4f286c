"""Callbacks of tasks and of runs: the net under what ``finish`` tells.

A callback of a task runs in the task's process, and not at all if that was killed. A callback of a run is called by the
scheduler when the run has ended, whatever became of its processes; it asks for the states of all tasks, tells of those
that failed and belong to no attempt on a session, and looks in the books for sessions that nobody told of. Whatever of
this is done twice is told once.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from airflow.sdk.exceptions import AirflowFailException, AirflowRuntimeError

from nexuslims_airflow.addresses import log_url
from nexuslims_core.errors import NexusLimsError

log = logging.getLogger(__name__)
FAILED, SUCCEEDED = "failed", "success"
WHOLE_SESSION = "build_session"
"""The task of a backfill that builds one session; the books know how that ended."""

KILLED = "it ended without saying why: its process was killed, or its machine is gone; see its log"


def task_failed(context: Mapping[str, Any]) -> None:
    """Tell that a task has failed for good, unless the end of a session's attempt tells of it."""
    ti, error = context["ti"], context.get("exception")
    if _is_of_a_session(ti.task_id):
        return
    _note({ti.task_id: _reason(error)}, ti.dag_id, ti.run_id)


def run_ended(context: Mapping[str, Any]) -> None:
    """Tell of what failed in a run, and that what failed before works again."""
    dag_id, run_id = context["dag"].dag_id, context["run_id"]
    states = dict(_states(dag_id, run_id))
    ended = {task: KILLED if state == FAILED else None for task, state in states.items()}
    _note(ended, dag_id, run_id)


def _note(ended: Mapping[str, str | None], dag_id: str, run_id: str) -> None:
    """Write down how tasks ended, find what nobody told of, and send it."""
    from nexuslims_airflow.hooks.facility import FacilityHook
    from nexuslims_core.stages.telling import look_back, note_task, send_quietly, with_care

    try:
        facility = FacilityHook().facility()
    except NexusLimsError as error:
        log.warning("people cannot be told of run %s: %s", run_id, error)
        return
    for task, reason in ended.items():
        note_task(facility, f"{dag_id}.{task}", failed=reason, log_url=log_url(dag_id, run_id, task))
    with_care(lambda: look_back(facility))
    send_quietly(facility)


def _states(dag_id: str, run_id: str) -> Iterator[tuple[str, str]]:
    """Yield the tasks of a run that succeeded or failed and no attempt tells of; a mapped one by its worst."""
    from airflow.sdk.execution_time import task_runner

    if not hasattr(task_runner, "SUPERVISOR_COMMS"):  # as in `airflow dags test`, where nobody can be asked
        return
    try:
        found = task_runner.RuntimeTaskInstance.get_task_states(dag_id=dag_id, run_ids=[run_id]).get(run_id, {})
    except AirflowRuntimeError as error:
        log.warning("the states of run %s are not known: %s", run_id, error)
        return
    by_task: dict[str, set[str]] = {}
    for name, state in found.items():
        by_task.setdefault(_without_index(name), set()).add(str(state))
    for task, states in by_task.items():
        if not _is_of_a_session(task) and states & {FAILED, SUCCEEDED}:
            yield task, FAILED if FAILED in states else SUCCEEDED


def _without_index(name: str) -> str:
    """Return the task that a state belongs to; Airflow appends the index of a mapped one."""
    head, _, index = name.rpartition("_")
    return head if index.isdecimal() else name


def _is_of_a_session(task_id: str) -> bool:
    """Tell whether the end of an attempt tells of a task: not of one before the attempt, or of the end itself."""
    group, _, task = task_id.rpartition(".")
    return task_id == WHOLE_SESSION or bool(group and task not in ("claim", "finish"))


def _reason(error: object) -> str:
    """Return what may be told of an error: our own sentences, and of all others the name alone."""
    if isinstance(error, NexusLimsError | AirflowFailException) and str(error):
        return str(error)
    if isinstance(error, BaseException):
        return f"it ended with {type(error).__name__}: its log says more"
    return KILLED
