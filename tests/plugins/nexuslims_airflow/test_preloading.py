"""What is loaded before tasks are forked."""

from pathlib import Path

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


BUILD = """
import sys, threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
root = Path({root!r})
from nexuslims_airflow import preloading
preloading.preload()
from nexuslims_core import codec, pipeline
from nexuslims_core.config import load_settings
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.stages.facility import open_facility
import alembic.command, sqlalchemy.dialects.sqlite
from nexuslims_core.db.database import Database
from nexuslims_core.testing.writers.msa import write_msa
begun = datetime(2026, 3, 2, tzinfo=UTC)
database = Database.create(load_settings().database_url)
database.add_instrument(Instrument(instrument_pid="T", schema_name="T", filestore_path="./T", timezone="UTC"))
database.end_session(database.start_session("T", "ada", begun, "s"), begun + timedelta(hours=1))
write_msa(root / "store/T/a.msa", [1, 5, 2], header={{}}, mtime=begun.timestamp() + 60)
before, made = set(sys.modules), codec._adapter.cache_info().misses
facility = open_facility(load_settings())
session = facility.database.session("s")
scan = pipeline.scan_all(facility, (session,))["T"]
report = pipeline.build_past_session(facility, session, scan, "h", rebuild=False, comes_again=False)
codec.encode(report)
new, misses = sorted(set(sys.modules) - before), codec._adapter.cache_info().misses - made
print(report.status, new, misses, threading.active_count(), preloading.nursery().ward() is not None)
"""


def test_a_task_finds_all_that_builds_a_record_loaded_and_made(tmp_path: Path) -> None:
    folders = {"FILESTORE_PATH": "store", "DATA_PATH": "data", "SITE_PATH": "site"}
    (tmp_path / "store" / "T").mkdir(parents=True)

    told = fresh_python(
        BUILD.format(root=str(tmp_path)), **{f"NEXUSLIMS_{name}": str(tmp_path / to) for name, to in folders.items()}
    )

    assert told == "COMPLETED [] 0 1 True"


def test_a_setting_that_is_missing_stops_no_scheduler() -> None:
    assert fresh_python("from nexuslims_airflow.preloading import preload; preload(); print('goes on')") == "goes on"


def test_a_task_whose_parent_has_loaded_nothing_loads_for_itself_alone() -> None:
    script = """
from airflow.sdk.execution_time import task_runner
from nexuslims_airflow import preloading
task_runner.SUPERVISOR_COMMS = "what a task talks to"
preloading.preload()
print(preloading.nursery())
"""

    assert fresh_python(script) == "None"


def test_a_process_loads_once_however_often_airflow_loads_plugins() -> None:
    script = """
from nexuslims_airflow import preloading
preloading.preload()
first = preloading.nursery()
preloading.preload()
print(first is not None and preloading.nursery() is first)
"""

    assert fresh_python(script) == "True"


def test_what_a_task_prints_to_is_held_open_until_it_has_ended() -> None:
    script = """
import os, sys
from airflow.sdk.execution_time import task_runner
from nexuslims_airflow import preloading
preloading.preload()
reads, said = os.pipe()
child = os.fork()
if child == 0:
    task_runner.SUPERVISOR_COMMS = "what a task talks to"
    os.dup2(said, 2)
    os.close(said)
    preloading.end_in_sight()
    os.close(2)
    os._exit(0)
os.close(said)
os.read(reads, 1)
print(os.waitpid(child, os.WNOHANG)[0] == child)
"""

    assert fresh_python(script) == "True"


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ("pass", True),
        ("os.environ['AIRFLOW_CTX_DAG_ID'] = 'of the task'", True),
        ("os.environ['NEXUSLIMS_SETTLE'] = '7'", False),
        ("Path('.env').write_text('NEXUSLIMS_SETTLE=7')", False),
    ],
    ids=["nothing", "Airflow's own variables", "a variable", "the file"],
)
def test_settings_are_read_again_where_they_may_have_changed(tmp_path: Path, change: str, again: bool) -> None:
    script = f"""
import os
from pathlib import Path
os.chdir({str(tmp_path)!r})
from nexuslims_airflow import preloading
preloading.preload()
first = preloading.settings()
{change}
print(preloading.settings() is first, preloading.settings().settle_s)
"""

    told = fresh_python(script, NEXUSLIMS_FILESTORE_PATH=str(tmp_path), NEXUSLIMS_DATA_PATH=str(tmp_path / "data"))

    assert told == ("True 60.0" if again else "False 7.0")
