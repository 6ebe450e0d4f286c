"""The health checks of docker-compose.yaml, run beside the parts that they ask after, while these live and after."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from nexuslims_core.testing.servers.postgresql import PostgresqlServer
from tests.servers.redis import RedisServer
from tests.servers.scheduler import API_SERVER, DAG_PROCESSOR, SCHEDULER, LiveAirflow
from tests.soak.many_machines.conftest import celery

pytest.importorskip("airflow", reason="Airflow is not installed")

pytestmark = [pytest.mark.airflow, pytest.mark.server, pytest.mark.slow]

REPOSITORY = Path(__file__).resolve().parents[3]
WORKER = ("celery", "worker", "--skip-serve-logs", "--concurrency", "1")
PARTS = {"api-server": API_SERVER, "scheduler": SCHEDULER, "dag-processor": DAG_PROCESSOR, "worker": WORKER}
HEALTH_PORT = "28974"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """The checks, with the paths and ports of this machine in place of a container's."""

    airflow: LiveAirflow

    def passes(self, service: str) -> bool:
        services = yaml.safe_load((REPOSITORY / "docker-compose.yaml").read_text())["services"]
        kind, *words = services[service]["healthcheck"]["test"]
        command = words if kind == "CMD" else ["/bin/sh", "-c", *words]
        here = {
            "$$": "$",
            "/opt/nexuslims": str(REPOSITORY),
            ":8080": f":{self.airflow.airflow.port}",
            ":8974": f":{HEALTH_PORT}",
        }
        for inside, outside in here.items():
            command = [word.replace(inside, outside) for word in command]
        environment = self.airflow.airflow.environment() | {"HOSTNAME": socket.gethostname()}
        return subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def checks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checks]:
    folder = tmp_path_factory.mktemp("health")
    with (
        PostgresqlServer(folder / "postgresql", fsync=False) as postgresql,
        RedisServer(folder / "redis") as redis,
    ):
        options = {
            **celery(redis, postgresql),
            "CORE__HOSTNAME_CALLABLE": "socket.gethostname",
            "SCHEDULER__ENABLE_HEALTH_CHECK": "True",
            "SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": HEALTH_PORT,
        }
        settings = {
            "NEXUSLIMS_FILESTORE_PATH": str(folder),
            "NEXUSLIMS_DATA_PATH": str(folder / "data"),
            "NEXUSLIMS_DB_URL": postgresql.database("sessions"),
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        }
        with LiveAirflow(folder, postgresql, facility=settings, options=options) as airflow:
            airflow.start(WORKER, airflow.machine("one"))
            yield Checks(airflow=airflow)


@pytest.mark.parametrize("service", PARTS)
def test_a_part_that_lives_passes_and_one_that_was_killed_does_not(checks: Checks, service: str) -> None:
    checks.airflow.wait_for(lambda: checks.passes(service), f"{service} passes")

    if service == "api-server":  # the others need it
        return
    checks.airflow.kill(PARTS[service])
    checks.airflow.wait_for(lambda: not checks.passes(service), f"{service} fails")
    checks.airflow.start(PARTS[service])
