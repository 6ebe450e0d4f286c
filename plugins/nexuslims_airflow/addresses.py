"""Addresses of Airflow's own pages."""

from urllib.parse import quote

from airflow.configuration import conf

from nexuslims_core.sessions.attempts import Attempt

BUILD_RECORDS = "nexuslims_build_records"
GROUP = "session"


def base_url() -> str | None:
    """Return where this Airflow says that it is; None where it does not."""
    url = str(conf.get("api", "base_url", fallback="") or "").rstrip("/")
    return url if url.startswith(("http://", "https://")) else None


def log_url(dag_id: str, run_id: str, task_id: str | None = None, map_index: int = -1) -> str | None:
    """Return where the log of a task is, of a run without one; None where this Airflow does not say where it is."""
    base = base_url()
    if base is None:
        return None
    run = f"{base}/dags/{quote(dag_id, safe='')}/runs/{quote(run_id, safe='')}"
    if task_id is None:
        return run
    return f"{run}/tasks/{quote(task_id, safe='')}{f'/mapped/{map_index}' if map_index >= 0 else ''}"


def attempt_url(attempt: Attempt) -> str | None:
    """Return where the log of an attempt's last stage is; None where no run made it."""
    dag_id, _, rest = attempt.holder.partition("/")
    run_id, _, index = rest.rpartition("/")
    if not (dag_id.startswith("nexuslims_") and run_id):
        return None
    stage = attempt.error_stage or attempt.stage or "claim"
    if dag_id == BUILD_RECORDS and index.isdecimal():
        return log_url(dag_id, run_id, f"{GROUP}.{stage}", int(index))
    return log_url(dag_id, run_id)
