"""What our tasks import, loaded once by the process that they are forked from: it takes longer than a small task works.

Only a scheduler with the LocalExecutor and a Celery worker fork tasks; whatever else loads the plugin needs none of it.
"""

import gc
import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nexuslims_core.config import Settings
    from nexuslims_core.db.database import Database
    from nexuslims_core.reading.nursery import Nursery

FORKS_TASKS = (("scheduler",), ("celery", "worker"))
"""Commands of Airflow."""
NEEDED = (
    "nexuslims_airflow.build_group",
    "nexuslims_airflow.operators.build_session",
    "nexuslims_airflow.operators.past_sessions",
    "nexuslims_airflow.operators.scan_storage",
    "nexuslims_airflow.operators.waiting_instruments",
    "nexuslims_core.publishing.cdcs",
    "nexuslims_core.rehearsal",
    "nexuslims_core.stages.build_record",
    "nexuslims_core.stages.harvest_usage",
    "nexuslims_core.stages.past_sessions",
    "nexuslims_core.stages.upload_record",
    "nexuslims_core.stages.validate_record",
)

log = logging.getLogger(__name__)
_nursery: "Nursery | None" = None
_databases: "dict[str, Database]" = {}
_settings: "list[tuple[object, Settings]]" = []


def forks_tasks(command: Sequence[str] = sys.argv) -> bool:
    """Tell whether a command line is that of a process which forks tasks."""
    return any(tuple(command[1 : 1 + len(words)]) == words for words in FORKS_TASKS)


def preload() -> None:
    """Load readers in a process beside this one, import what tasks need, and make what they would each make, once.

    Airflow loads plugins anew in every task. All this is there already then, or would be for one task alone.
    """
    from nexuslims_core.reading.nursery import Nursery

    global _nursery
    if _nursery is not None or _is_task():
        return
    _nursery = Nursery.open(_without_airflow())
    for name in NEEDED:
        import_module(name)
    _rehearse()
    gc.collect()
    gc.freeze()  # the garbage collector of each task would else copy all that it shares with the others


def nursery() -> "Nursery | None":
    """Return where a task gets the process that watches over its readers; None where nothing was loaded for it."""
    return _nursery


def end_in_sight() -> None:
    """Let Airflow see at once that this task has ended.

    What watches over a task looks for its end when the last of its pipes closes, and then every five seconds. A process
    closes its pipes a moment before it has ended, so that every fourth task kept its slot for five seconds more.
    """
    if _nursery is not None and _is_task():
        _nursery.hold()


def settings() -> "Settings":
    """Return the settings; those that were rehearsed with where all that they are read from is as it was.

    Raises
    ------
    ConfigurationError
        If they cannot be used.
    """
    from nexuslims_core.config import load_settings

    for sources, known in _settings:
        if sources == _sources():
            return known
    return load_settings()


def database(url: str) -> "Database":
    """Return the database of sessions, checked: one that was rehearsed on where that is the same.

    Raises
    ------
    ConfigurationError, DatabaseError
        If it cannot be used.
    """
    from nexuslims_core.db.database import Database

    known = _databases.get(url)
    return known.checked() if known else Database.open(url)


def _is_task() -> bool:
    """Tell whether this process is a task, which talks to the process that supervises it."""
    runner = sys.modules.get("airflow.sdk.execution_time.task_runner")
    return getattr(runner, "SUPERVISOR_COMMS", None) is not None


def _rehearse() -> None:
    """Build a session that never was; where that cannot be, tasks say why, and need longer."""
    from sqlalchemy.exc import SQLAlchemyError

    from nexuslims_core.config import load_settings
    from nexuslims_core.errors import NexusLimsError
    from nexuslims_core.reading.starting import Wards
    from nexuslims_core.rehearsal import rehearse

    sources = _sources()
    try:
        settings = load_settings()
        _settings.append((sources, settings))
        database = _answering(settings.database_url)
        rehearse(settings, database, Wards(nursery=_nursery))
    except (NexusLimsError, OSError, SQLAlchemyError) as error:  # the scheduler goes on whatever it is
        log.warning("no session could be rehearsed, so that each will take longer: %s", error)
        return
    if database is not None:
        database.engine.dispose()
        _databases[settings.database_url] = database


def _answering(url: str) -> "Database | None":
    from nexuslims_core.db.database import Database
    from nexuslims_core.errors import NexusLimsError

    try:
        return Database.open(url)
    except NexusLimsError as error:
        log.warning("%s", error)
        return None


def _without_airflow() -> dict[str, str]:
    """Return the environment without Airflow's part, its secrets among it, which is no reader's business."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "_AIRFLOW"))}


def _sources() -> object:
    """Return what settings are read from: variables, and a file by its name, size and time."""
    from nexuslims_core.artefacts import stamps

    return _without_airflow(), Path.cwd(), stamps([".env"])
