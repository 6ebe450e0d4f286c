"""A real Airflow for all tests of the API and the pages: web server, DAG processor and, for some, a scheduler."""

import importlib.util
import json
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from typing_extensions import override

from nexuslims_core.db.database import Database
from nexuslims_core.demo import processes
from nexuslims_core.demo.airflow import DAG, Airflow
from nexuslims_core.demo.ports import reserved_port
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.testing.servers.postgresql import PostgresqlServer

if importlib.util.find_spec("airflow") is not None:
    with warnings.catch_warnings():  # it imports Starlette's client for tests, which wishes for another library
        warnings.simplefilter("ignore")
        importlib.import_module("airflow.api_fastapi.app")

PASSWORDS = {name: f"password of {name}" for name in ("viewer", "user", "op", "admin")}
PARTS = (("api-server",), ("dag-processor",))
SCHEDULER = ("scheduler", "--skip-serve-logs")
START_LIMIT_S = 240.0


class _WithRoles(Airflow):
    """An Airflow with an account for each role."""

    @override
    def environment(self) -> dict[str, str]:
        (self.home / "passwords.json").write_text(json.dumps(PASSWORDS))
        return Airflow.environment(self) | {
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{name}:{name}" for name in PASSWORDS),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self.home / "passwords.json"),
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3600",  # no test changes a DAG's file
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What runs.

    Attributes
    ----------
    url
        Address of its web server.
    database
        The sessions behind it.
    store
        Root of the raw files.
    """

    url: str
    database: Database
    store: Path
    airflow: Airflow

    @contextmanager
    def scheduling(self) -> Iterator[None]:
        """Run a scheduler while the block lasts: after it, no timer builds what later tests look at."""
        scheduler = self.airflow.start(SCHEDULER)
        try:
            yield
        finally:
            processes.stop([scheduler], limit_s=5)

    def password(self, role: str) -> str:
        return PASSWORDS[role]

    def token(self, role: str) -> str:
        """Log in as a role and return its token."""
        login = {"username": role, "password": self.password(role)}
        answer = requests.post(f"{self.url}/auth/token", json=login, timeout=30)
        answer.raise_for_status()
        token: str = answer.json()["access_token"]
        return token

    def says(self, what: str, role: str = "user", **body: object) -> requests.Response:
        """Call ``start`` or ``end`` with a token, as an instrument's computer does."""
        headers = {"Authorization": f"Bearer {self.token(role)}"}
        return requests.post(f"{self.url}/nexuslims/api/sessions/{what}", json=body, headers=headers, timeout=90)

    def asks(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Return what Airflow's own interface tells."""
        headers = {"Authorization": f"Bearer {self.token('op')}"}
        answer = requests.get(f"{self.url}/api/v2/{path}", headers=headers, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def runs(self) -> list[dict[str, Any]]:
        """Return the runs of the DAG that Airflow knows of, in the order in which they were asked for."""
        found: list[dict[str, Any]] = self.asks(f"dags/{DAG}/dagRuns")["dag_runs"]
        return found


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Start all but the scheduler, and wait until the DAG is known."""
    folder = tmp_path_factory.mktemp("served")
    database = _facility(folder)
    home = folder / "airflow"
    home.mkdir()
    with ExitStack() as stack:
        postgresql = stack.enter_context(PostgresqlServer(folder / "postgresql", fsync=False))
        port = stack.enter_context(reserved_port(28080))
        settings = {
            "NEXUSLIMS_FILESTORE_PATH": str(folder / "store"),
            "NEXUSLIMS_DATA_PATH": str(folder / "data"),
            "NEXUSLIMS_SETTLE": "1",
        }
        airflow = _WithRoles(home=home, metadata_url=postgresql.database("airflow"), port=port, facility=settings)
        with airflow.preparing():
            pass
        parts = [airflow.start(part) for part in PARTS]
        stack.callback(processes.stop, parts, limit_s=5)
        served = Served(
            url=airflow.url,
            database=database,
            store=folder / "store",
            airflow=airflow,
        )
        _wait(lambda: served.asks(f"dags/{DAG}")["dag_id"] == DAG, airflow)
        yield served
        print(airflow.tail(PARTS[0]), airflow.tail(SCHEDULER))  # noqa: T201 - shown where a test of it fails


def _facility(folder: Path) -> Database:
    titan = Instrument(
        instrument_pid="Titan-1", schema_name="Titan", filestore_path="./Titan", timezone="Europe/Berlin"
    )
    (folder / "store" / "Titan").mkdir(parents=True)
    database = Database.create(f"sqlite:///{folder / 'data' / 'nexuslims.sqlite'}")
    database.add_instrument(titan)
    return database


def _wait(is_true: Callable[[], bool], airflow: Airflow) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        try:
            if is_true():
                return
        except requests.RequestException:  # not there yet
            pass
        time.sleep(0.5)
    pytest.fail("\n".join(airflow.tail(part) for part in PARTS))
