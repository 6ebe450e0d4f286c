"""What Airflow's scheduler is told of each mapped task when it makes it: a name for people, and a pool.

Airflow names a mapped task once its code has run, so those that were skipped or that never came to run showed as bare
numbers; and it knows one pool for all instances of a task. Both are decided here, by the list that the task is mapped
over. A pool counts only if it is there: one that is not would keep its tasks waiting for ever.
"""

import json
import logging
import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from airflow.policies import hookimpl
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, object_session

log = logging.getLogger(__name__)

LISTS: Mapping[str, Mapping[str, str]] = {
    "nexuslims_build_records": {"session": "due_sessions", "scan_storage": "waiting_instruments"},
    "nexuslims_backfill_records": {"build_session": "past_sessions"},
}
"""DAG to its mapped tasks, or their group, to the task whose list they are mapped over."""
READS_THE_STORE = frozenset({"scan_storage", "session.extract_metadata", "build_session"})
POOL_OF_ALL = "nexuslims_store"
KEPT_S = 2.0
LONGEST_NAME = 250


def pool_of(instrument_pid: str) -> str:
    """Return the pool of the tasks that read from the folder of one instrument."""
    return f"nexuslims_{instrument_pid}"


@hookimpl
def task_instance_mutation_hook(task_instance: Any, dag_run: Any) -> None:  # noqa: ANN401 - Airflow's own models
    """Name a mapped task of ours, and put it into its instrument's pool if there is one."""
    source = _source(task_instance)
    session = object_session(dag_run) if dag_run is not None else object_session(task_instance)
    if source is None or session is None:
        return
    try:
        with session.no_autoflush:
            _tell(session, task_instance, source)
    except SQLAlchemyError:
        log.warning("%s keeps its number for a name", task_instance, exc_info=True)


def _source(task_instance: Any) -> str | None:  # noqa: ANN401 - as above
    """Return the task whose list an instance is mapped over; None for all that is not ours or not mapped."""
    lists = LISTS.get(task_instance.dag_id)
    if lists is None or (task_instance.map_index or 0) < 0:
        return None
    return lists.get(task_instance.task_id.partition(".")[0])


def _tell(session: Session, task_instance: Any, source: str) -> None:  # noqa: ANN401 - as above
    elements = _elements(session, task_instance.dag_id, task_instance.run_id, source)
    if not 0 <= task_instance.map_index < len(elements):
        return
    element = elements[task_instance.map_index]
    name = element.get("label") if isinstance(element, dict) else element
    if isinstance(name, str):
        task_instance._rendered_map_index = name[:LONGEST_NAME]  # noqa: SLF001 - Airflow has no other way in
    if task_instance.task_id in READS_THE_STORE:
        pool = _pool(session, _instrument(element))
        if pool:
            task_instance.pool = pool


def _instrument(element: object) -> str | None:
    """Return whose folder a task reads; None where it reads none."""
    if isinstance(element, str):
        return element
    scan = element.get("scan") if isinstance(element, dict) else None
    return scan.get("instrument_pid") if isinstance(scan, dict) else None


@dataclass(slots=True)
class _Memory:
    """Keeps answers for two seconds: an instance is told several times while it is made, beside all its fellows."""

    told: dict[Hashable, tuple[float, Any]] = field(default_factory=dict)

    def get(self, key: Hashable) -> Any | None:  # noqa: ANN401 - whatever was put in
        at, answer = self.told.get(key, (0.0, None))
        return answer if time.monotonic() - at < KEPT_S else None

    def put(self, key: Hashable, answer: Any) -> None:  # noqa: ANN401 - as above
        now = time.monotonic()
        self.told = {key: kept for key, kept in self.told.items() if now - kept[0] < KEPT_S}
        self.told[key] = now, answer


_memory = _Memory()


def _elements(session: Session, dag_id: str, run_id: str, task_id: str) -> list[Any]:
    """Return the list that a task has returned; an empty one while it has returned none."""
    known = _memory.get((dag_id, run_id, task_id))
    if known is not None:
        return list(known)
    from airflow.models.xcom import XComModel

    query = select(XComModel.value).where(
        XComModel.dag_id == dag_id,
        XComModel.run_id == run_id,
        XComModel.task_id == task_id,
        XComModel.map_index == -1,
        XComModel.key == "return_value",
    )
    value = session.scalar(query)
    found = json.loads(value) if isinstance(value, str) and value.startswith("[") else value
    elements = found if isinstance(found, list) else []
    if elements:
        _memory.put((dag_id, run_id, task_id), elements)
    return elements


def _pool(session: Session, instrument_pid: str | None) -> str | None:
    """Return the pool of an instrument, else the one of all of them; None where there is neither."""
    if instrument_pid is None:
        return None
    pools = _memory.get("pools")
    if pools is None:
        from airflow.models.pool import Pool

        pools = frozenset(session.scalars(select(Pool.pool)))
        _memory.put("pools", pools)
    return next((name for name in (pool_of(instrument_pid), POOL_OF_ALL) if name in pools), None)
