"""The DAG file as Airflow reads it, every half minute: fast, without touching anything, and right."""

import json
import re
from copy import copy
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.servers.airflow import fresh_python

pytest.importorskip("airflow", reason="Airflow is not installed")

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import AssetOrTimeSchedule, DeltaTriggerTimetable

if TYPE_CHECKING:
    from airflow.sdk import DAG

pytestmark = pytest.mark.airflow

DAGS = Path(__file__).resolve().parents[2] / "dags"
TAGS = {"nexuslims"}
NAMES = ("nexuslims_backfill_records", "nexuslims_build_records", "nexuslims_housekeeping")
HEAVY = ("hyperspy", "rsciio", "dask", "numpy", "scipy", "pandas", "matplotlib", "sklearn", "lxml", "PIL")
GROUP = (
    "claim",
    "harvest_reservation",
    "find_files",
    "cluster_activities",
    "extract_metadata",
    "build_record",
    "validate_record",
    "upload_record",
    "finish",
)
READ_UNDER_WATCH = """
import json, resource, runpy, sys
import airflow.sdk
before, begun = set(sys.modules), resource.getrusage(resource.RUSAGE_SELF).ru_utime
touched = []
sys.addaudithook(lambda event, _: touched.append(event) if event.startswith(("sqlite3.", "socket.connect")) else None)
runpy.run_path({path!r})
print(json.dumps({{
    "seconds": resource.getrusage(resource.RUSAGE_SELF).ru_utime - begun,
    "touched": touched,
    "imported": sorted({{name.partition(".")[0] for name in set(sys.modules) - before}}),
}}))
"""


@pytest.fixture(scope="module", params=sorted(DAGS.glob("*.py")), ids=lambda path: path.stem)
def reading(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What reading a file costs a fresh interpreter, with a setting there that every other command refuses."""
    told = fresh_python(READ_UNDER_WATCH.format(path=str(request.param)), NEXUSLIMS_BOGUS="1")
    report: dict[str, Any] = json.loads(told)
    return report


def test_every_file_of_the_folder_is_read_without_an_error_and_yields_its_dag() -> None:
    bag = DagBag(str(DAGS))

    assert bag.import_errors == {}
    assert {Path(dag.fileloc).name for dag in bag.dags.values()} == {path.name for path in DAGS.glob("*.py")}


@pytest.mark.parametrize("name", NAMES)
def test_its_page_says_what_to_do_if_it_fails(name: str) -> None:
    dag = DagBag(str(DAGS)).dags[name]

    assert re.search(r"^\*\*If it fails\*\*: \w", dag.doc_md or "", re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_it_does_not_catch_up_with_the_past(name: str) -> None:
    dag = DagBag(str(DAGS)).dags[name]

    assert dag.catchup is False
    assert dag.max_active_runs == 1


def test_it_runs_every_two_minutes_and_whenever_a_session_ends(dag: "DAG") -> None:
    schedule: Any = dag.timetable

    assert isinstance(schedule, AssetOrTimeSchedule)
    assert [asset.name for asset in schedule.asset_condition.objects] == ["nexuslims_session_ended"]
    assert schedule.timetable == DeltaTriggerTimetable(timedelta(minutes=2))


def test_tags_are_of_the_closed_set() -> None:
    assert {tag for dag in DagBag(str(DAGS)).dags.values() for tag in dag.tags} == TAGS


def test_it_is_read_quickly_and_without_a_look_at_databases_services_or_settings(reading: dict[str, Any]) -> None:
    assert reading["seconds"] < 2
    assert reading["touched"] == []


def test_reading_it_imports_no_library_that_only_tasks_need(reading: dict[str, Any]) -> None:
    assert "nexuslims_core" in reading["imported"]
    assert sorted(set(reading["imported"]) & set(HEAVY)) == []


def test_the_group_holds_a_task_for_each_step(dag: "DAG") -> None:
    in_group = {task.task_id for task in dag.tasks if task.task_id.startswith("session.")}

    assert in_group == {f"session.{step}" for step in GROUP}


def test_claim_is_the_setup_and_finish_the_teardown_of_a_session(dag: "DAG") -> None:
    claim, finish = dag.get_task("session.claim"), dag.get_task("session.finish")

    assert claim.is_setup
    assert finish.is_teardown
    assert "session.finish" in claim.downstream_task_ids


def test_finish_waits_for_every_other_task_of_its_session(dag: "DAG") -> None:
    upstream = dag.get_task("session.finish").get_flat_relative_ids(upstream=True)

    assert {f"session.{step}" for step in GROUP if step != "finish"} <= upstream


def test_the_upload_decides_whether_a_run_has_failed(dag: "DAG") -> None:
    finish = dag.get_task("session.finish")

    assert "session.upload_record" in finish.upstream_task_ids
    assert not finish.on_failure_fail_dagrun  # else the run would be judged by finish alone, which always ends well


@pytest.mark.parametrize("step", GROUP)
def test_a_task_of_a_session_is_named_by_its_label(dag: "DAG", step: str) -> None:
    task = copy(dag.get_task(f"session.{step}"))
    told = {"label": "Titan 2026-03-02 10:00 ({{ ada }})"}
    setattr(task, "due" if step == "claim" else "claim", told)

    name = dag.get_template_env().from_string(str(task.map_index_template)).render(task=task)

    assert name == told["label"]


def test_a_search_is_named_by_its_instrument(dag: "DAG") -> None:
    mapped: Any = dag.get_task("scan_storage")
    task = mapped.unmap({"instrument_pid": "FEI-Titan-TEM-635816"})

    name = dag.get_template_env().from_string(mapped.map_index_template).render(task=task)

    assert name == "FEI-Titan-TEM-635816"


def test_a_template_without_its_attribute_would_fail_here_too(dag: "DAG") -> None:
    template = dag.get_template_env().from_string("{{ task.op_kwargs['session'] }}")

    with pytest.raises(Exception, match="op_kwargs"):
        template.render(task=dag.get_task("session.claim"))


def test_every_mapped_task_has_a_name_for_people(dag: "DAG") -> None:
    nameless = [
        task.task_id
        for task in dag.tasks
        if (task.is_mapped or task.task_id.startswith("session.")) and not task.map_index_template
    ]

    assert nameless == []


def test_usage_is_harvested_first_and_a_failed_harvest_stops_no_build(dag: "DAG") -> None:
    harvest, instruments = dag.get_task("harvest_usage"), dag.get_task("waiting_instruments")

    assert harvest.downstream_task_ids == {"waiting_instruments"}
    assert instruments.trigger_rule == "all_done"
    assert harvest.retries == 0  # the next run is the second try
