"""What is loaded before tasks are forked."""

import pytest

import tests.servers.airflow  # noqa: F401 - gives Airflow a home before anybody imports it

pytest.importorskip("airflow", reason="Airflow is not installed")

from nexuslims_airflow.preloading import forks_tasks
from tests.servers.airflow import fresh_python

pytestmark = pytest.mark.airflow


@pytest.mark.parametrize(
    ("command", "forks"),
    [
        (["airflow", "scheduler", "--skip-serve-logs"], True),
        (["airflow", "celery", "worker", "--concurrency", "4"], True),
        (["airflow", "celery", "flower"], False),
        (["airflow", "api-server"], False),
        (["airflow", "dags", "test", "scheduler"], False),
        (["airflow"], False),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_only_what_forks_tasks_loads_for_them(command: list[str], forks: bool) -> None:
    assert forks_tasks(command) is forks


def test_a_task_finds_all_that_builds_a_record_loaded() -> None:
    script = """
import sys, threading
from nexuslims_airflow.preloading import preload
preload()
before = set(sys.modules)
from nexuslims_core.stages import build_record, extract_metadata, upload_record, validate_record
import lxml.etree
print(sorted(set(sys.modules) - before), threading.active_count())
"""

    assert fresh_python(script) == "[] 1"
