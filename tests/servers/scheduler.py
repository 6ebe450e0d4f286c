"""A whole Airflow for a test: scheduler, DAG processor and web server on a real PostgreSQL, each one a process to kill.

::

    with PostgresqlServer(folder / "postgresql", fsync=False) as postgresql:
        settings = {"NEXUSLIMS_DB_URL": postgresql.database("sessions"), ...}
        with LiveAirflow(folder, postgresql, facility=settings) as airflow:
            run = airflow.wait_for_run(airflow.begin("nexuslims_build_records"))
            assert run.tasks_of("Titan 2026-03-02 10:00 (ada)")["finish"] == "success"

DAGs are paused until :meth:`LiveAirflow.begin`, so that nothing runs that the test did not ask for.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import pytest
import requests

from nexuslims_core.demo import processes
from nexuslims_core.demo.airflow import USER, Airflow
from nexuslims_core.demo.ports import reserved_port
from nexuslims_core.testing.servers.postgresql import PostgresqlServer

T = TypeVar("T")
Part = tuple[str, ...]

API_SERVER: Part = ("api-server",)
SCHEDULER: Part = ("scheduler", "--skip-serve-logs")
DAG_PROCESSOR: Part = ("dag-processor",)
TRIGGERER: Part = ("triggerer", "--skip-serve-logs")
PARTS = (API_SERVER, SCHEDULER, DAG_PROCESSOR)
FIRST_PORT = 28180
LIMIT_S = 300.0
LOOK_S = 0.5
ENDED = frozenset({"success", "failed"})
QUICK = {
    "CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
    "API__MAXIMUM_PAGE_LIMIT": "2000",
    "SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "2",
    "SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "15",
    "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "10",
    "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
    "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "SCHEDULER__TASK_QUEUED_TIMEOUT": "60",
    "SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "10",
}
"""What notices a death does so in seconds and not in minutes; the rest is as the demo has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task of a run, as Airflow's interface tells.

    Attributes
    ----------
    name
        Its readable name in the grid; None where it has none (yet).
    state
        None while nothing was decided.
    pid
        Process of its code, on the machine ``hostname``; None before it started.
    tries
        How many times it was begun.
    """

    task_id: str
    map_index: int
    name: str | None
    state: str | None
    tries: int
    pid: int | None
    hostname: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run of a DAG, as Airflow's interface tells."""

    dag_id: str
    run_id: str
    state: str
    tasks: tuple[Task, ...]

    def named(self, task_id: str, name: str | None = None) -> list[Task]:
        """Return the instances of a task; with a name, those of its session."""
        return [task for task in self.tasks if task.task_id == task_id and name in {None, self._name(task)}]

    def tasks_of(self, name: str) -> dict[str, str | None]:
        """Return the tasks of one session, without their group's name, and their states."""
        return {t.task_id.removeprefix("session."): t.state for t in self.tasks if self._name(t) == name}

    def _name(self, task: Task) -> str | None:
        """Return the name of a task that never ran too: that of the claim with its number."""
        if task.name or task.map_index < 0 or not task.task_id.startswith("session."):
            return task.name
        claims = [t.name for t in self.tasks if t.task_id == "session.claim" and t.map_index == task.map_index]
        return claims[0] if claims else None


class LiveAirflow:
    """Runs between ``__enter__`` and ``__exit__``; what it says is printed, for a test that fails.

    Parameters
    ----------
    folder
        Its home is made below.
    postgresql
        A server that runs; its database ``airflow`` is made and used.
    facility
        Environment of the tasks: NEXUSLIMS_ settings, AIRFLOW_CONN_ connections, or whatever else.
    options
        Settings of Airflow, over ``QUICK`` and the demo's: ``{"SMTP__SMTP_PORT": "2525"}``.
    parts
        What is started; each is a command of Airflow.
    """

    def __init__(
        self,
        folder: Path,
        postgresql: PostgresqlServer,
        *,
        facility: Mapping[str, str],
        options: Mapping[str, str] | None = None,
        parts: Sequence[Part] = PARTS,
    ) -> None:
        self._folder, self._postgresql, self._facility = folder, postgresql, facility
        self._options, self._parts = {**QUICK, **(options or {})}, parts
        self._running: dict[Part, subprocess.Popen[bytes]] = {}
        self._homes: dict[Part, Airflow] = {}
        self._stack = ExitStack()
        self._token = ""

    def __enter__(self) -> Self:
        """Make the database, start the parts and wait until all of them are healthy."""
        with ExitStack() as stack:
            port = stack.enter_context(reserved_port(FIRST_PORT))
            self.airflow = Airflow(
                home=self._folder / "airflow",
                metadata_url=self._postgresql.database("airflow"),
                facility=self._facility,
                port=port,
                options=self._options,
            )
            with self.airflow.preparing():
                pass
            stack.callback(self._end)
            for part in self._parts:
                self.start(part)
            self.wait_for(self._healthy, "Airflow is healthy")
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop what still runs."""
        self._stack.close()

    # ---- processes

    def start(self, part: Part, machine: Airflow | None = None) -> None:
        """Start a part, or start it again after it was killed or stopped; on this machine unless told otherwise."""
        self._homes[part] = machine or self.airflow
        self._running[part] = self._homes[part].start(part)

    def machine(self, name: str) -> Airflow:
        """Return the settings of another machine of this Airflow: it has a home and a name of its own.

        The name is what tasks have as their ``hostname``, if ``CORE__HOSTNAME_CALLABLE`` returns ``$MACHINE``.
        """
        secret = self.airflow.environment()["AIRFLOW__API_AUTH__JWT_SECRET"]
        return replace(
            self.airflow,
            home=self._folder / name,
            facility={**self._facility, "MACHINE": name},
            options={**self._options, "API_AUTH__JWT_SECRET": secret},
        )

    def stop(self, part: Part) -> None:
        """Ask a part to end, and wait for that; what it still runs after 20 s is killed."""
        processes.stop([self._running.pop(part)])

    def kill(self, part: Part) -> None:
        """Kill a part and everything that it started, tasks included, as the loss of its machine would."""
        processes.kill([self._running.pop(part)])

    def kill_task(self, task: Task, *, supervisor: bool = False) -> None:
        """Kill the process of a task's code, and the one of Airflow that watches over it too if wished."""
        assert task.pid is not None, f"{task.task_id} has not begun"
        watching = _parent_of(task.pid)
        os.kill(task.pid, signal.SIGKILL)
        if supervisor:
            os.kill(watching, signal.SIGKILL)

    def said(self, part: Part) -> str:
        """Return what a part has printed so far."""
        return self._homes[part].log(part).read_text(errors="replace")

    # ---- Airflow's own interface

    def ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - any JSON
        """Call ``/api/v2/<path>`` as the administrator and return what it answers."""
        if not self._token:
            login = {"username": USER, "password": self.airflow.password}
            answer = requests.post(f"{self.airflow.url}/auth/token", json=login, timeout=60)
            answer.raise_for_status()
            self._token = answer.json()["access_token"]
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = requests.request(method, f"{self.airflow.url}/api/v2/{path}", json=body, headers=headers, timeout=60)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None

    def begin(self, dag_id: str) -> tuple[str, str]:
        """Unpause a DAG and return the run that its schedule makes of that, as DAG and run id."""
        self.wait_for(lambda: self._knows(dag_id), f"{dag_id} is known")
        before = set(self.runs(dag_id))
        self.ask("PATCH", f"dags/{dag_id}", {"is_paused": False})
        new = self.wait_for(lambda: sorted(set(self.runs(dag_id)) - before), f"{dag_id} begins")
        return dag_id, new[0]

    def pause(self, dag_id: str) -> None:
        """Let a DAG begin nothing more; tasks of a run that has begun are not started either."""
        self.ask("PATCH", f"dags/{dag_id}", {"is_paused": True})

    def trigger(self, dag_id: str, conf: Mapping[str, object] | None = None) -> tuple[str, str]:
        """Begin a run of a DAG that is not paused, as a person does, and return it as DAG and run id."""
        made = self.ask("POST", f"dags/{dag_id}/dagRuns", {"logical_date": None, "conf": dict(conf or {})})
        return dag_id, made["dag_run_id"]

    def runs(self, dag_id: str) -> list[str]:
        """Return the ids of all runs, in the order in which they were asked for."""
        return [each["dag_run_id"] for each in self.ask("GET", f"dags/{dag_id}/dagRuns?limit=1000")["dag_runs"]]

    def run(self, run: tuple[str, str]) -> Run:
        """Return where a run stands now."""
        dag_id, run_id = run
        path = f"dags/{dag_id}/dagRuns/{run_id}"
        found = self.ask("GET", f"{path}/taskInstances?limit=2000")["task_instances"]
        return Run(
            dag_id=dag_id,
            run_id=run_id,
            state=self.ask("GET", path)["state"],
            tasks=tuple(_task(each) for each in found),
        )

    def task_log(self, run: Run, task: Task) -> str:
        """Return what a task's last try has logged."""
        path = f"dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances/{task.task_id}/logs/{task.tries}"
        answer = self.ask("GET", f"{path}?map_index={task.map_index}&full_content=true")
        return "\n".join(str(line.get("event", line)) for line in answer["content"])

    # ---- waiting

    def wait_for_run(self, run: tuple[str, str], limit_s: float = LIMIT_S) -> Run:
        """Wait until a run has ended, well or not, and return it."""
        return self.wait_for(lambda: self._ended(run), f"{run[1]} ends", limit_s)

    def wait_for_task(self, run: tuple[str, str], fits: Callable[[Task], bool], limit_s: float = LIMIT_S) -> Task:
        """Wait until a task of a run fits, and return it."""
        found = self.wait_for(lambda: [t for t in self.run(run).tasks if fits(t)], "a task is as expected", limit_s)
        return found[0]

    def wait_for(self, look: Callable[[], T], what: str, limit_s: float = LIMIT_S) -> T:
        """Look until there is something to see, and return it; the test fails if that never comes.

        A web server that is down, as after a kill, is no answer yet.
        """
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            try:
                seen = look()
            except requests.RequestException:
                seen = None
            if seen:
                return seen
            self._assert_alive()
            time.sleep(LOOK_S)
        pytest.fail(f"not within {limit_s:g} s: {what}\n" + self._tails())

    def _assert_alive(self) -> None:
        for part, process in self._running.items():
            if process.poll() is not None:
                pytest.fail(
                    f"`airflow {part[0]}` ended by itself ({process.returncode}); {self._homes[part].tail(part)}"
                )

    def _healthy(self) -> bool:
        health = requests.get(f"{self.airflow.url}/api/v2/monitor/health", timeout=10).json()
        wanted = {"metadatabase", *(part[0].replace("-", "_") for part in self._running if part in _TELL_HEALTH)}
        return all(health.get(part, {}).get("status") == "healthy" for part in wanted)

    def _knows(self, dag_id: str) -> bool:
        return any(dag["dag_id"] == dag_id for dag in self.ask("GET", "dags?limit=1000")["dags"])

    def _ended(self, run: tuple[str, str]) -> Run | None:
        state = self.ask("GET", f"dags/{run[0]}/dagRuns/{run[1]}")["state"]
        return self.run(run) if state in ENDED else None

    def _end(self) -> None:
        processes.stop(self._running.values(), limit_s=5)
        print(self._tails())  # noqa: T201 - shown where a test of it fails

    def _tails(self) -> str:
        return "\n".join(airflow.tail(part) for part, airflow in self._homes.items())


_TELL_HEALTH = (SCHEDULER, DAG_PROCESSOR, TRIGGERER)


def _task(told: Mapping[str, Any]) -> Task:
    return Task(
        task_id=told["task_id"],
        map_index=told["map_index"],
        name=told["rendered_map_index"],
        state=told["state"],
        tries=told["try_number"],
        pid=told["pid"],
        hostname=told["hostname"] or "",
    )


def _parent_of(pid: int) -> int:
    """Return the parent of a process: the second word after its name, which stands in brackets."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
