"""`make up`: the demo's facility under a whole Airflow with its pages, until Ctrl-C."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import requests
from rich.console import Console

from nexuslims_core.db.database import Database
from nexuslims_core.demo import layout as layouts
from nexuslims_core.demo.airflow import USER, Airflow, AirflowFailedError
from nexuslims_core.demo.layout import Layout
from nexuslims_core.demo.services import running
from nexuslims_core.testing.servers.postgresql import PostgresqlServer

AIRFLOW_PORT, CDCS_PORT = 8080, 8000
PARTS = (("api-server",), ("scheduler",), ("dag-processor",), ("triggerer",))
START_LIMIT_S = 180.0
STOP_LIMIT_S = 20.0


def serve(folder: Path) -> int:
    """Serve until Ctrl-C or SIGTERM; return 1 if a part ended by itself."""
    console = Console(highlight=False)

    def say(sentence: str) -> None:
        console.print(f"  {sentence} …")

    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stopped.set())
    with ExitStack() as stack:
        fresh = not (folder / layouts.MARK).exists()
        if fresh:
            layouts.clear(folder)
        services = stack.enter_context(running(folder, say, cdcs_port=_free_port(CDCS_PORT)))
        layout = layouts.lay_out(folder, services.lists) if fresh else _again(folder, services.lists)
        say("starting PostgreSQL for Airflow")
        postgresql = stack.enter_context(PostgresqlServer(folder / "postgresql"))
        airflow = Airflow(
            home=folder / "airflow",
            metadata_url=postgresql.database("airflow"),
            facility=layout.settings(services.settings),
            port=_free_port(AIRFLOW_PORT),
        )
        say("preparing Airflow")
        airflow.prepare()
        parts = [stack.enter_context(_service(airflow, part)) for part in PARTS]
        say("waiting for Airflow's pages")
        _wait(airflow, parts, stopped)
        _tell(console, airflow, layout, services.cdcs.url, services.settings)
        ended = _watch(parts, stopped)
        console.print("Stopping." if ended is None else f"`airflow {ended}` ended by itself: see {airflow.log}")
    return 0 if ended is None else 1


def _again(folder: Path, lists: dict[str, str]) -> Layout:
    """Use the facility of an earlier run; only the calendars' addresses may be others."""
    layout = Layout(folder=folder, filestore=folder / "filestore", expectations=())
    database = Database.create(layout.database_url)
    for instrument in layouts.instruments(lists):
        database.add_instrument(instrument)
    return layout


@contextmanager
def _service(airflow: Airflow, part: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = airflow.start(part)
    try:
        yield process
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a service and all that it started: its process group is its own."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            continue


def _wait(airflow: Airflow, parts: Sequence[subprocess.Popen[bytes]], stopped: threading.Event) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while not stopped.is_set() and not _healthy(airflow):
        ended = next((part for part in parts if part.poll() is not None), None)
        if ended is not None or time.monotonic() > deadline:
            tail = "\n".join(airflow.log.read_text(errors="replace").splitlines()[-20:])
            raise AirflowFailedError(f"Airflow did not start; the end of {airflow.log}:\n{tail}")
        stopped.wait(0.5)


def _healthy(airflow: Airflow) -> bool:
    try:
        health = requests.get(f"{airflow.url}/api/v2/monitor/health", timeout=5).json()
    except (requests.RequestException, ValueError):
        return False
    return all(health[part]["status"] == "healthy" for part in ("metadatabase", "scheduler", "dag_processor"))


def _watch(parts: Sequence[subprocess.Popen[bytes]], stopped: threading.Event) -> str | None:
    """Wait for the signal to stop; return the name of a service that ended before it."""
    while not stopped.wait(1.0):
        for part, process in zip(PARTS, parts, strict=True):
            if process.poll() is not None:
                return part[0]
    return None


def _tell(console: Console, airflow: Airflow, layout: Layout, cdcs_url: str, settings: dict[str, str]) -> None:
    env = layout.folder / ".env"
    env.touch(mode=0o600)
    env.write_text("".join(f"{name}={value}\n" for name, value in layout.settings(settings).items()))
    lines = (
        "",
        f"[bold]Airflow[/bold]  {airflow.url}  user {USER}, password {airflow.password}",
        f"[bold]CDCS[/bold]     {cdcs_url}  user robot, password robot (records are public)",
        f"[bold]Records[/bold]  {layout.data / 'records'}",
        "",
        "Waiting sessions are built every two minutes. Add one of your own from another terminal:",
        f"  cd {layout.folder}",
        '  ../.venv/bin/nexuslims sessions start --instrument FEI-Titan-TEM-635816 --user "$USER"',
        f"  … copy instrument files to {layout.filestore / 'Titan'} …",
        "  ../.venv/bin/nexuslims sessions end ID",
        "",
        "Ctrl-C stops everything that this command started.",
    )
    console.print("\n".join(lines), soft_wrap=True)


def _free_port(wanted: int, tries: Callable[[int], range] = lambda first: range(first, first + 100)) -> int:
    """Return the first port from ``wanted`` on that nobody uses."""
    for port in tries(wanted):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AirflowFailedError(f"ports {wanted} to {wanted + 99} are all in use")
