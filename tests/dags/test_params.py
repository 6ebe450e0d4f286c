"""What a person may choose: every template of every DAG is rendered as Airflow renders it."""

import json
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import tests.servers.airflow  # noqa: F401 - gives Airflow a home before anybody imports it

pytest.importorskip("airflow", reason="Airflow is not installed")

import pendulum
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.definitions.param import ParamsDict

if TYPE_CHECKING:
    from airflow.sdk import DAG

pytestmark = pytest.mark.airflow

DAGS = Path(__file__).resolve().parents[2] / "dags"
BUILD, BACKFILL = "nexuslims_build_records", "nexuslims_backfill_records"
HOSTILE = ['it\'s "one" <b>', "{{ 7 * 7 }}"]


@pytest.fixture(scope="module")
def dags() -> dict[str, "DAG"]:
    return dict(DagBag(str(DAGS)).dags)


def rendered(dag: "DAG", task_id: str, **chosen: object) -> Any:  # noqa: ANN401 - an operator
    """Return a task with its templates filled in; of a mapped one what all instances share."""
    given: Any = dag.get_task(task_id)
    task = given.unmap({"due": {"label": "x"}}) if given.is_mapped else copy(given)
    params = ParamsDict(dict(dag.params.dump()) | chosen)
    context: Any = {
        "params": params.dump(),
        "data_interval_start": pendulum.datetime(2026, 3, 2),
        "data_interval_end": pendulum.datetime(2026, 3, 3),
    }
    fields = [name for name in task.template_fields if isinstance(getattr(task, name), str)]
    for name in fields:
        setattr(task, name, task.render_template(getattr(task, name), context, task.get_template_env(dag)))
    return task


@pytest.mark.parametrize("task_id", ["past_sessions", "waiting_instruments"])
def test_lists_reach_a_task_letter_by_letter(dags: dict[str, "DAG"], task_id: str) -> None:
    dag = dags[BACKFILL if task_id == "past_sessions" else BUILD]

    task = rendered(dag, task_id, sessions=HOSTILE, instruments=["a", "b"], rebuild=True)

    assert (json.loads(task.sessions), json.loads(task.instruments), task.rebuild) == (HOSTILE, ["a", "b"], "true")


def test_by_default_nothing_is_left_out_and_nothing_rebuilt(dags: dict[str, "DAG"]) -> None:
    task = rendered(dags[BACKFILL], "past_sessions")

    assert (task.sessions, task.instruments, task.rebuild) == ("[]", "[]", "false")
    assert rendered(dags[BACKFILL], "build_session").rebuild == "false"


def test_the_interval_reaches_the_task_with_its_zone(dags: dict[str, "DAG"]) -> None:
    task = rendered(dags[BACKFILL], "past_sessions")

    assert (task.since, task.until) == ("2026-03-02T00:00:00+00:00", "2026-03-03T00:00:00+00:00")


def test_due_sessions_gets_the_limit_and_the_names(dags: dict[str, "DAG"]) -> None:
    task = rendered(dags[BUILD], "due_sessions", limit=7, sessions=HOSTILE)

    assert (task.limit, json.loads(task.sessions)) == ("7", HOSTILE)


@pytest.mark.parametrize(
    "chosen",
    [{"instruments": "Titan"}, {"sessions": [1]}, {"rebuild": "yes"}, {"limit": 0}, {"limit": 1001}],
    ids=["no list", "a list of numbers", "no yes or no", "too few", "too many"],
)
def test_a_form_that_is_filled_in_wrongly_is_refused(dags: dict[str, "DAG"], chosen: dict[str, object]) -> None:
    params = copy(dags[BUILD].params)

    with pytest.raises(Exception, match="Invalid input"):
        params.update(chosen)


@pytest.mark.parametrize("name", ["nexuslims_backfill_records", "nexuslims_build_records", "nexuslims_housekeeping"])
def test_every_task_has_a_time_limit_and_longer_and_longer_pauses(dags: dict[str, "DAG"], name: str) -> None:
    tasks: list[Any] = [task for task in dags[name].tasks if task.task_id != "harvest_usage"]

    assert all(task.execution_timeout for task in tasks)
    assert all(task.retries >= 2 and task.retry_exponential_backoff for task in tasks)


def test_the_backfill_takes_whole_days(dags: dict[str, "DAG"]) -> None:
    timetable: Any = dags[BACKFILL].timetable

    assert type(timetable).__name__ == "CronDataIntervalTimetable"
    assert (timetable.expression, str(timetable.timezone)) == ("0 0 * * *", "UTC")
