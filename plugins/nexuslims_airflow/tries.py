"""How often and how long our tasks try: what cannot pass fails at once, see :func:`.operators.stage.translated`."""

from datetime import timedelta
from typing import Any

from nexuslims_airflow.notifications.callbacks import task_failed

QUICK: dict[str, Any] = {
    "retries": 2,
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=20),
    "execution_timeout": timedelta(minutes=20),
    "on_failure_callback": task_failed,
}
"""For tasks that the next run would do too; all tries together end long before a claim runs out."""

PATIENT: dict[str, Any] = QUICK | {"retries": 5}
"""For tasks that no later run does: half an hour passes until the last try, for a file server to come back."""

LONG = timedelta(hours=3)
"""For tasks that read the files of a whole session; each file has a time limit of its own."""
