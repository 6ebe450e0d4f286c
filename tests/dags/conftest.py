"""Airflow for the tests of the DAG files: read in this process, run in others."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import tests.servers.airflow  # noqa: F401 - gives Airflow a home before anybody imports it
from nexuslims_core.db.database import Database
from nexuslims_core.demo.airflow import DAG, RUN, Airflow
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.sessions.models import SessionSummary
from nexuslims_core.testing.servers.cdcs import CdcsServer
from nexuslims_core.testing.servers.sharepoint.server import SharePointServer
from nexuslims_core.testing.writers.msa import write_msa

if TYPE_CHECKING:
    import airflow.sdk

REPOSITORY = Path(__file__).resolve().parents[2]
BEGUN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
STARTS = {"good": 0, "many": 2, "empty": 4, "refused": 6, "claimed": 8, "unmended": 10}
"""Session to the hours after BEGUN at which it starts; each lasts for one."""


@pytest.fixture(scope="session")
def dag() -> "airflow.sdk.DAG":
    """The DAG as its file gives it."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(REPOSITORY / "dags")).dags[DAG]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run of the DAG left in Airflow's own database; sessions go by the readable names of the grid.

    Attributes
    ----------
    ended_well
        Whether its process said so.
    states, xcoms
        Task and session (None where it belongs to none) to its state, and to what it returned.
    names, pools
        Task and number to its readable name, and to its pool.
    """

    ended_well: bool
    state: str
    states: dict[tuple[str, str | None], str]
    xcoms: dict[tuple[str, str | None], Any]
    names: dict[tuple[str, int], str | None]
    pools: dict[tuple[str, int], str]

    def tasks_of(self, label: str) -> dict[str, str]:
        """Return the tasks of one session and their states."""
        return {task.removeprefix("session."): state for (task, name), state in self.states.items() if name == label}


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """A facility with six sessions, the run that built them, and the run after that."""

    first: Run
    second: Run
    database: Database
    data: Path

    def summary(self, session: str) -> SessionSummary:
        return self.database.summary(session)


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory, cdcs: CdcsServer) -> Iterator[Night]:
    """Run the DAG twice, each time in a process of its own, over a facility in which much goes wrong."""
    folder = tmp_path_factory.mktemp("night")
    with SharePointServer(events={"Locked": []}) as sharepoint:
        database = _facility(folder, sharepoint.list_url("Locked"))
        home = folder / "airflow"
        settings = {
            "NEXUSLIMS_FILESTORE_PATH": str(folder / "store"),
            "NEXUSLIMS_DATA_PATH": str(folder / "data"),
            "NEXUSLIMS_FILE_STRATEGY": "inclusive",
            "NEXUSLIMS_CDCS_URL": cdcs.url,
            "NEXUSLIMS_CDCS_TOKEN": cdcs.token,
            "NEXUSLIMS_SHAREPOINT_USER": sharepoint.user,
            "NEXUSLIMS_SHAREPOINT_PASSWORD": "of another year",
        }
        airflow = Airflow(home=home, metadata_url=f"sqlite:///{home / 'airflow.sqlite'}")
        with airflow.preparing():
            pass
        _make_pool(home / "airflow.sqlite", "nexuslims_Titan-1")
        working = replace(airflow, facility=settings)
        ended = [working.run_dag(lambda: None) for _ in range(2)]
        first, second = _runs(home / "airflow.sqlite", ended)
        yield Night(first=first, second=second, database=database, data=folder / "data")
        database.engine.dispose()
        print(airflow.log(RUN).read_text()[-2000:])  # noqa: T201 - shown where a test of it fails


def _facility(folder: Path, locked_calendar: str) -> Database:
    """Write instruments, sessions and files: the user of one is what a template would read as code."""
    database = Database.create(f"sqlite:///{folder / 'data' / 'nexuslims.sqlite'}")
    titan = Instrument(instrument_pid="Titan-1", schema_name="Titan", filestore_path="./Titan", timezone="UTC")
    quanta = replace(
        titan,
        instrument_pid="Quanta-2",
        schema_name="Quanta",
        filestore_path="./Quanta",
        harvester=Harvester.SHAREPOINT,
        api_url=locked_calendar,
    )
    lonely = replace(  # kept by a NEMO that nobody has a token for
        titan,
        instrument_pid="Lonely-3",
        schema_name="Lonely",
        harvester=Harvester.NEMO,
        api_url="http://127.0.0.1:9/api/tools/?id=1",
    )
    nova = replace(quanta, instrument_pid="Nova-4", schema_name="Nova", filestore_path="./Nova", api_url=None)
    for instrument in (titan, quanta, lonely, nova):
        database.add_instrument(instrument)
        (folder / "store" / instrument.schema_name).mkdir(parents=True)
    for session, hours in STARTS.items():
        pid = {"refused": quanta.instrument_pid, "unmended": nova.instrument_pid}.get(session, titan.instrument_pid)
        user = "{{ 7 * 7 }}" if session == "good" else session
        database.start_session(pid, user, BEGUN + hours * HOUR, session)
        database.end_session(session, BEGUN + (hours + 1) * HOUR)
    for session, count in (("good", 3), ("claimed", 1)):
        for i in range(count):
            path = folder / "store" / "Titan" / f"{session} {i}.msa"
            write_msa(path, [1, 5, 2, 1 + i], header={"BEAMKV   -kV": 300.0}, mtime=_inside(session, i))
    for i in range(101):
        _write(folder / "store" / "Titan" / f"frame {i:03d}.raw-log", _inside("many", i))
    _write(folder / "store" / "Quanta" / "of the refused.log", _inside("refused", 1))
    _write(folder / "store" / "Nova" / "of the unmended.log", _inside("unmended", 1))
    database.claim("claimed", "another holder", datetime.now(UTC), HOUR)
    return database


def _inside(session: str, minutes: float) -> float:
    return (BEGUN + STARTS[session] * HOUR).timestamp() + 10 + 20 * minutes


def _write(path: Path, mtime: float) -> None:
    path.write_text(path.name)
    os.utime(path, (mtime, mtime))


def _make_pool(metadata: Path, name: str) -> None:
    with closing(sqlite3.connect(metadata)) as connection:
        connection.execute("INSERT INTO slot_pool (pool, slots, include_deferred) VALUES (?, 2, 0)", (name,))
        connection.commit()


def _runs(metadata: Path, ended: list[bool]) -> list[Run]:
    with closing(sqlite3.connect(metadata)) as connection:
        runs = connection.execute("SELECT run_id, state FROM dag_run ORDER BY id").fetchall()
        return [
            _run(connection, run_id, state, ended_well) for (run_id, state), ended_well in zip(runs, ended, strict=True)
        ]


def _run(connection: sqlite3.Connection, run_id: str, state: str, ended_well: bool) -> Run:
    instances = connection.execute(
        "SELECT task_id, map_index, state, rendered_map_index, pool FROM task_instance WHERE run_id = ?", (run_id,)
    ).fetchall()
    names = {at: name for task, at, _, name, _ in instances if task == "session.claim"}
    returned = connection.execute(
        "SELECT task_id, map_index, value FROM xcom WHERE run_id = ? AND key = 'return_value'", (run_id,)
    ).fetchall()

    def name(task: str, at: int) -> str | None:
        return names[at] if task.startswith("session.") and at >= 0 else None

    return Run(
        ended_well=ended_well,
        state=state,
        states={(task, name(task, at)): state for task, at, state, *_ in instances},
        xcoms={(task, name(task, at)): json.loads(value) for task, at, value in returned},
        names={(task, at): name for task, at, _, name, _ in instances},
        pools={(task, at): pool for task, at, *_, pool in instances},
    )
