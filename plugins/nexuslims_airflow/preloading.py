"""What our tasks import, loaded once by the process that they are forked from: it takes longer than a small task works.

Only a scheduler with the LocalExecutor and a Celery worker fork tasks; whatever else loads the plugin needs none of it.
"""

import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nexuslims_core.reading.nursery import Nursery

FORKS_TASKS = (("scheduler",), ("celery", "worker"))
"""Commands of Airflow."""
NEEDED = (
    "nexuslims_airflow.build_group",
    "nexuslims_airflow.operators.build_session",
    "nexuslims_airflow.operators.past_sessions",
    "nexuslims_airflow.operators.scan_storage",
    "nexuslims_airflow.operators.waiting_instruments",
    "nexuslims_core.db.database",
    "nexuslims_core.pipeline",
    "nexuslims_core.publishing.folder",
    "nexuslims_core.stages.harvest_usage",
    "nexuslims_core.stages.past_sessions",
)

log = logging.getLogger(__name__)
_opened: list["Nursery"] = []


def forks_tasks(command: Sequence[str] = sys.argv) -> bool:
    """Tell whether a command line is that of a process which forks tasks."""
    return any(tuple(command[1 : 1 + len(words)]) == words for words in FORKS_TASKS)


def preload() -> None:
    """Import what tasks need, make what they would each make, and load readers in a process beside this one."""
    from nexuslims_core.config import load_settings
    from nexuslims_core.errors import ConfigurationError
    from nexuslims_core.reading.nursery import Nursery

    _opened.append(Nursery.open(_without_airflow()))
    for name in NEEDED:
        import_module(name)
    import_module("nexuslims_core.pipeline").load_ahead()
    try:
        load_settings()  # the first time takes five times as long as the next, in whatever process
        import_module("nexuslims_core.stages.readiness").prepare()
    except ConfigurationError as error:
        log.warning("tasks will fail: %s", error)  # as they say themselves; the scheduler goes on


def nursery() -> "Nursery | None":
    """Return where a task gets the process that watches over its readers; None where nothing was loaded for it."""
    return _opened[-1] if _opened else None


def _without_airflow() -> dict[str, str]:
    """Return the environment without Airflow's part, its secrets among it, which is no reader's business."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "_AIRFLOW"))}
