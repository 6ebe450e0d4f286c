"""What Airflow's own metrics carry of ours, received as an operator's receiver would."""

import atexit
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed")

from airflow.sdk._shared.observability.metrics import otel_logger
from airflow.sdk._shared.observability.metrics import stats as shared
from airflow.sdk.exceptions import AirflowSkipException
from airflow.sdk.observability import stats
from airflow.sdk.observability.metrics import stats_utils
from sqlalchemy import event

from nexuslims_airflow import metrics
from nexuslims_airflow.operators.build_session import BuildSessionOperator
from nexuslims_airflow.operators.finish import FinishOperator
from nexuslims_airflow.operators.past_sessions import PastSessionsOperator
from nexuslims_airflow.operators.publish_pending import PublishPendingOperator
from nexuslims_airflow.operators.waiting_instruments import WaitingInstrumentsOperator
from nexuslims_core.sessions.states import RecordStatus
from tests.servers.otlp import OtlpServer
from tests.servers.statsd import StatsdServer

if TYPE_CHECKING:
    from tests.plugins.conftest import Site

pytestmark = pytest.mark.airflow

HOUR = timedelta(hours=1)


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Let Airflow send as a task's process does, by these variables."""

    def start(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        stats.initialize(factory=stats_utils.get_stats_factory(), export_legacy_names=False)

    yield start
    monkeypatch.undo()
    client = getattr(shared._backend, "statsd", None)
    if client is not None:
        client.close()
    stats.initialize(factory=stats_utils.get_stats_factory(), export_legacy_names=False)


@pytest.fixture
def statsd(begin: Callable[..., None]) -> Iterator[StatsdServer]:
    with StatsdServer() as server:
        begin(**{f"AIRFLOW__{name}": value for name, value in server.options.items()})
        yield server


def built(site: "Site", status: RecordStatus = RecordStatus.COMPLETED, **counts: int) -> str:
    """Build a session that ended an hour ago."""
    now = site.database.clock()
    site.database.start_session(site.titan.instrument_pid, "ada", now - 2 * HOUR, "s1")
    site.database.end_session("s1", now - HOUR)
    claim = site.database.claim("s1", "run/0", now, HOUR)
    site.database.note_counts(claim, **counts)
    site.database.close(claim, status, now)
    return "s1"


def all_said(statsd: StatsdServer) -> tuple[str, ...]:
    """Return all that was sent of ours until now: what is sent after it has come, so it has too."""
    metrics.sessions_wait((), datetime.now(UTC))
    assert statsd.values(metrics.OLDEST_WAIT) == [0.0]
    return statsd.ours()


def test_the_time_from_the_end_to_the_record_online_is_in_milliseconds(site: "Site", statsd: StatsdServer) -> None:
    metrics.attempt_ended(site.database, built(site))

    assert statsd.values("nexuslims.session.end_to_online.Titan-1") == [3_600_000.0]


def test_states_and_files_are_counted(site: "Site", statsd: StatsdServer) -> None:
    metrics.attempt_ended(site.database, built(site, RecordStatus.ERROR, files=5, unreadable=2))

    assert statsd.values("nexuslims.session.built.ERROR.Titan-1") == [1.0]
    assert statsd.values("nexuslims.files.read.Titan-1") == [3.0]
    assert statsd.values("nexuslims.files.unreadable.Titan-1") == [2.0]


def test_a_new_version_of_a_record_is_no_wait_of_anybody(site: "Site", statsd: StatsdServer) -> None:
    session, now = built(site), datetime.now(UTC)
    site.database.requeue(session, "better now", now)
    site.database.close(site.database.claim(session, "run/1", now, HOUR), RecordStatus.COMPLETED, now)

    metrics.attempt_ended(site.database, session)

    assert statsd.values("nexuslims.session.built.COMPLETED.Titan-1") == [1.0]
    assert not [line for line in all_said(statsd) if "end_to_online" in line]


def test_a_record_of_a_session_of_the_past_is_no_wait_of_anybody(site: "Site", statsd: StatsdServer) -> None:
    claim = site.database.claim(site.waits("old"), "run/0", datetime.now(UTC), HOUR)
    site.database.close(claim, RecordStatus.COMPLETED, datetime.now(UTC))

    metrics.attempt_ended(site.database, "old")

    assert statsd.values("nexuslims.session.built.COMPLETED.Titan-1") == [1.0]
    assert not [line for line in all_said(statsd) if "end_to_online" in line]


def test_a_session_that_cannot_be_read_is_not_measured_and_nothing_else_happens(
    site: "Site", statsd: StatsdServer
) -> None:
    metrics.attempt_ended(site.database, "nobody's")

    assert [line for line in all_said(statsd) if ".sessions." not in line] == []


def test_finish_counts_an_attempt_once_however_often_it_is_tried(site: "Site", statsd: StatsdServer) -> None:
    task = FinishOperator(task_id="session.finish", claim=site.claimed())

    task.execute({})
    task.execute({})

    assert len(statsd.values("nexuslims.stage.duration.finish.Titan-1", 2)) == 2
    assert statsd.values("nexuslims.session.built.ERROR.Titan-1") == [1.0]


def test_one_task_for_a_whole_session_tells_of_each_stage(site: "Site", statsd: StatsdServer) -> None:
    site.waits("s1")
    day = {"since": "2026-03-02T00:00:00+00:00", "until": "2026-03-03T00:00:00+00:00"}
    chosen = {"instruments": "[]", "sessions": "[]", "rebuild": "false"}
    (due,) = PastSessionsOperator(task_id="p", **day, **chosen).execute({"run_id": "r"})
    ti = SimpleNamespace(dag_id="d", run_id="r", map_index=0, try_number=1, max_tries=0)
    task = BuildSessionOperator(task_id="t", due=due, rebuild="false")

    with pytest.raises(AirflowSkipException, match="no file"):
        task.execute({"ti": ti})

    assert statsd.values("nexuslims.session.built.NO_FILES_FOUND.Titan-1") == [1.0]
    stages = {line.split(".")[4] for line in all_said(statsd) if ".stage.duration." in line}
    assert stages == {"claim", "harvest_reservation", "find_files", "finish"}


@pytest.mark.usefixtures("unpublished")
def test_housekeeping_counts_what_it_has_published(statsd: StatsdServer) -> None:
    PublishPendingOperator(task_id="t").execute({"run_id": "r"})

    assert statsd.values("nexuslims.session.built.COMPLETED.Titan-1") == [1.0]


def test_what_waits_is_told_and_so_is_that_nothing_does(site: "Site", statsd: StatsdServer) -> None:
    task = WaitingInstrumentsOperator(task_id="t", instruments="[]", sessions="[]", rebuild="false")

    task.execute({})
    site.waits("s1")
    task.execute({})

    assert statsd.values("nexuslims.sessions.waiting", 2) == [0.0, 1.0]
    nothing, oldest = statsd.values("nexuslims.sessions.oldest_wait", 2)
    assert (nothing, oldest > 86_400) == (0.0, True)


def test_where_tags_are_known_they_are_tags(site: "Site", begin: Callable[..., None]) -> None:
    with StatsdServer() as server:
        options = {f"AIRFLOW__{name}": value for name, value in server.options.items()}
        begin(**options, AIRFLOW__METRICS__STATSD_INFLUXDB_ENABLED="True")

        metrics.attempt_ended(site.database, built(site))

        assert server.values("nexuslims.session.built,status=COMPLETED,instrument=Titan-1") == [1.0]


def test_opentelemetry_gets_the_same_with_tags(site: "Site", begin: Callable[..., None]) -> None:
    from opentelemetry import metrics as telemetry

    with OtlpServer() as server:
        begin(**server.environment)

        metrics.attempt_ended(site.database, built(site, files=4, unreadable=1))
        telemetry.get_meter_provider().shutdown()
        atexit.unregister(otel_logger.flush_otel_metrics)

        (took,) = server.points("nexuslims.session.end_to_online")
        assert (took.kind, took.unit, took.value) == ("exponential_histogram", "ms", 3_600_000.0)
        assert took.tags == {"instrument": "Titan-1"}
        (built_once,) = server.points("nexuslims.session.built")
        assert (built_once.kind, built_once.tags["status"]) == ("sum", "COMPLETED")


@pytest.mark.parametrize(
    ("pid", "spelt"), [("Titan 3.1", "Titan_3_1"), ("Titan:é|", "Titan___")], ids=["a dot", "other signs"]
)
def test_any_name_of_an_instrument_makes_a_name_that_statsd_takes(statsd: StatsdServer, pid: str, spelt: str) -> None:
    metrics.stage_took("find_files", pid, 0.5)

    assert statsd.values(f"nexuslims.stage.duration.find_files.{spelt}") == [500.0]


def test_where_nobody_receives_it_nothing_is_looked_up(site: "Site") -> None:
    asked: list[str] = []
    session = built(site)
    event.listen(site.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))

    metrics.attempt_ended(site.database, session)

    assert asked == []
