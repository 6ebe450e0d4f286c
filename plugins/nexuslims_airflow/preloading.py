"""What our tasks import, loaded once by the process that they are forked from: it takes longer than a small task works.

Only a scheduler with the LocalExecutor and a Celery worker fork tasks; whatever else loads the plugin needs none of it.
"""

import sys
from collections.abc import Sequence
from importlib import import_module

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
    "nexuslims_core.stages.harvest_usage",
    "nexuslims_core.stages.past_sessions",
)


def forks_tasks(command: Sequence[str] = sys.argv) -> bool:
    """Tell whether a command line is that of a process which forks tasks."""
    return any(tuple(command[1 : 1 + len(words)]) == words for words in FORKS_TASKS)


def preload() -> None:
    """Import what tasks need, the libraries that write records included."""
    for name in NEEDED:
        import_module(name)
    import_module("nexuslims_core.pipeline").load_ahead()
