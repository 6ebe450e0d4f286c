"""The same facility as in tests/e2e, its tasks on two machines, one of which is lost in the middle."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import pytest

from nexuslims_core.demo.airflow import DAG
from nexuslims_core.testing.servers.cdcs import CdcsServer
from nexuslims_core.testing.servers.postgresql import PostgresqlServer
from tests.e2e.conftest import Night, broken_cdcs, laid_out  # noqa: F401 - fixtures
from tests.e2e.facility import Facility
from tests.servers.redis import RedisServer
from tests.servers.scheduler import LiveAirflow, Run, Task

MACHINES = ("one", "two")
CONCURRENCY = "2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What ran on the machine that was lost, when it was.

    Attributes
    ----------
    tasks
        Task and map index of what was in the middle of its work.
    """

    tasks: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NightOfTwo(Night):
    """What is left, and what the loss was."""

    loss: Loss


def worker(name: str) -> tuple[str, ...]:
    """Return the command of a machine's worker."""
    return ("celery", "worker", "--celery-hostname", name, "--concurrency", CONCURRENCY, "--skip-serve-logs")


def celery(redis: RedisServer, postgresql: PostgresqlServer) -> Mapping[str, str]:
    """Return the settings of Airflow for many machines, as docs/scaling.md says."""
    return {
        "CORE__LAZY_LOAD_PLUGINS": "False",
        "CORE__EXECUTOR": "CeleryExecutor",
        "CORE__HOSTNAME_CALLABLE": "airflow_local_settings.machine",
        "CELERY__BROKER_URL": redis.url,
        "CELERY__RESULT_BACKEND": f"db+{postgresql.database('celery')}",
    }


@pytest.fixture(scope="session")
def night(
    laid_out: tuple[Facility, PostgresqlServer],  # noqa: F811 - the fixture
    cdcs: CdcsServer,
    tell: Callable[[str], None],
) -> NightOfTwo:
    """The run, with Celery; each machine has a home of its own and shares what docs/scaling.md says, no more."""
    facility, postgresql = laid_out
    with RedisServer(facility.folder / "redis") as redis:
        options = celery(redis, postgresql)
        with LiveAirflow(facility.folder, postgresql, facility=facility.settings, options=options) as airflow:
            for name in MACHINES:
                airflow.start(worker(name), airflow.machine(name))
            begun = airflow.begin(DAG)
            loss = _lose_one(airflow, begun)
            ended = airflow.wait_for_run(begun, limit_s=900)
            _tell(tell, airflow, ended, loss)
    return NightOfTwo(facility=facility, run=ended, cdcs=cdcs, loss=loss)


def _lose_one(airflow: LiveAirflow, run: tuple[str, str]) -> Loss:
    """Wait until the first machine reads files, and kill its worker with all that this runs."""

    def reads_there(task: Task) -> bool:
        return (task.task_id, task.hostname, task.state) == ("session.extract_metadata", MACHINES[0], "running")

    airflow.wait_for_task(run, reads_there)
    airflow.kill(worker(MACHINES[0]))
    lost = [task for task in airflow.run(run).tasks if _runs_on(task, MACHINES[0])]
    return Loss(tasks=tuple((task.task_id, task.map_index) for task in lost))


def _runs_on(task: Task, machine: str) -> bool:
    return task.hostname == machine and task.state == "running"


def seconds_of(airflow: LiveAirflow, run: Run) -> float:
    """Return how long a run took, from its begin to its end."""
    told = airflow.ask("GET", f"dags/{run.dag_id}/dagRuns/{run.run_id}")
    begun, ended = (datetime.fromisoformat(told[key]) for key in ("start_date", "end_date"))
    return (ended - begun).total_seconds()


def _tell(tell: Callable[[str], None], airflow: LiveAirflow, run: Run, loss: Loss) -> None:
    shares = {name: sum(task.hostname == name for task in run.tasks) for name in MACHINES}
    tell(
        f"many machines: {seconds_of(airflow, run):.0f} s for the run, tasks ended on {shares}, "
        f"in the middle of its work on the lost one: {len(loss.tasks)}"
    )
