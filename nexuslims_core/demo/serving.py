"""`make up`: the demo's facility under a whole Airflow with its pages, until Ctrl-C."""

import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import requests
from rich.console import Console

from nexuslims_core.db.database import Database
from nexuslims_core.demo import layout as layouts
from nexuslims_core.demo import processes
from nexuslims_core.demo.airflow import USER, Airflow, AirflowFailedError
from nexuslims_core.demo.file_server import FileServer, Shelf
from nexuslims_core.demo.folder import LaidOut, clear, occupied, recall, remember
from nexuslims_core.demo.layout import Layout
from nexuslims_core.demo.ports import reserved_port
from nexuslims_core.demo.services import CDCS_PORT, Bases, Services, running
from nexuslims_core.testing.servers.postgresql import PostgresqlServer

AIRFLOW_PORT, FILES_PORT = 8080, 8090
PARTS = (
    ("api-server",),
    ("scheduler", "--skip-serve-logs"),  # the pages read the logs from disk
    ("dag-processor",),
    ("triggerer", "--skip-serve-logs"),
)
SEEN = frozenset({".png", ".json"})
START_LIMIT_S = 300.0
PATIENCE = 3
"""Looks in a row at which CDCS may be too busy to answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """What runs, for the one who looks at it."""

    layout: Layout
    services: Services
    airflow: Airflow


def serve(folder: Path) -> int:
    """Serve until Ctrl-C; return 1 if a part ended by itself."""
    console = Console(highlight=False, markup=False)
    with ExitStack() as stack:
        try:
            ended = _serve(folder, stack, console)
        except KeyboardInterrupt:
            console.print("\n  stopping …")
            return 0
        console.print(f"\n{ended}", soft_wrap=True)
        return 1


def _serve(folder: Path, stack: ExitStack, console: Console) -> str:
    def say(sentence: str) -> None:
        console.print(f"  {sentence} …")

    stack.enter_context(occupied(folder))
    facility = _facility(folder, stack, say)
    parts = _start(facility.airflow, stack)
    say("waiting for Airflow's pages")
    _wait(facility.airflow, parts)
    _tell(console, facility)
    return _watch(facility, parts)


def _facility(folder: Path, stack: ExitStack, say: Callable[[str], None]) -> Facility:
    """Start everything but Airflow, and get that ready."""
    known = recall(folder)
    filestore = known.filestore if known else folder / "filestore"
    if known is None:
        clear(folder)
    shelves = {"data": Shelf(root=folder / "data", suffixes=SEEN), "files": Shelf(root=filestore)}
    files_port, cdcs_port, airflow_port = (
        stack.enter_context(reserved_port(wanted)) for wanted in (FILES_PORT, CDCS_PORT, AIRFLOW_PORT)
    )
    files = stack.enter_context(FileServer(shelves, files_port))
    say("starting CDCS, the SharePoint calendar and PostgreSQL for Airflow")
    bases = Bases(previews=files.url("data"), files=files.url("files"))
    services = stack.enter_context(running(folder, bases, cdcs_port, say))
    postgresql = stack.enter_context(PostgresqlServer(folder / "postgresql"))
    airflow = Airflow(home=folder / "airflow", metadata_url=postgresql.database("airflow"), port=airflow_port)
    say("preparing Airflow, and the facility")
    with airflow.preparing():
        layout = _again(folder, known, services.lists) if known else _anew(folder, services.lists)
    airflow = replace(airflow, facility=layout.settings(services.settings))
    return Facility(layout=layout, services=services, airflow=airflow)


def _anew(folder: Path, lists: Mapping[str, str]) -> Layout:
    layout = layouts.lay_out(folder, lists)
    remember(folder, LaidOut(filestore=layout.filestore, inclusive=layout.inclusive))
    return layout


def _again(folder: Path, known: LaidOut, lists: Mapping[str, str]) -> Layout:
    """Use the facility of an earlier run; only the calendars' addresses may be others."""
    layout = Layout(folder=folder, filestore=known.filestore, expectations=(), inclusive=known.inclusive)
    database = Database.create(layout.database_url)
    there = {instrument.instrument_pid for instrument in database.instruments()}
    for instrument in layouts.instruments(lists):
        if instrument.instrument_pid in there:
            database.add_instrument(instrument)
    return layout


def _start(airflow: Airflow, stack: ExitStack) -> dict[tuple[str, ...], subprocess.Popen[bytes]]:
    parts: dict[tuple[str, ...], subprocess.Popen[bytes]] = {}
    stack.callback(lambda: processes.stop(parts.values()))
    for part in PARTS:
        parts[part] = airflow.start(part)
    return parts


def _wait(airflow: Airflow, parts: Mapping[tuple[str, ...], subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while not _healthy(airflow):
        ended = next((part for part, process in parts.items() if process.poll() is not None), None)
        if ended is not None:
            raise AirflowFailedError(f"`airflow {ended[0]}` did not start; {airflow.tail(ended)}")
        if time.monotonic() > deadline:
            raise AirflowFailedError(
                f"Airflow did not start in {START_LIMIT_S:g} s: look at the logs in {airflow.home}"
            )
        time.sleep(0.5)


def _healthy(airflow: Airflow) -> bool:
    try:
        health = requests.get(f"{airflow.url}/api/v2/monitor/health", timeout=5).json()
        return all(health[part]["status"] == "healthy" for part in ("metadatabase", "scheduler", "dag_processor"))
    except (requests.RequestException, ValueError, KeyError, TypeError):  # not there yet, or not Airflow
        return False


def _watch(facility: Facility, parts: Mapping[tuple[str, ...], subprocess.Popen[bytes]]) -> str:
    """Wait until a part ends by itself, and return the sentence that says so."""
    silent = 0
    while silent < PATIENCE:
        for part, process in parts.items():
            if process.poll() is not None:
                return f"`airflow {part[0]}` ended by itself ({process.returncode}); {facility.airflow.tail(part)}"
        silent = 0 if _listens(facility.services.cdcs.url) else silent + 1
        time.sleep(1.0)
    return f"CDCS ended by itself: see {facility.services.cdcs.log}"


def _listens(url: str) -> bool:
    address = urlsplit(url)
    try:
        socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=5).close()
    except OSError:
        return False
    return True


def _tell(console: Console, facility: Facility) -> None:
    layout, airflow, cdcs = facility.layout, facility.airflow, facility.services.cdcs
    instrument = Database.open(layout.database_url).instruments()[0]
    command = shlex.quote(str(Path(sys.executable).parent / "nexuslims"))
    env = layout.folder / ".env"
    env.touch(mode=0o600)
    env.write_text("".join(f"{name}={_quoted(value)}\n" for name, value in airflow.facility.items()))
    lines = (
        "",
        f"Airflow  {airflow.url}  user {USER}, password {airflow.password}",
        f"Sessions {airflow.url}/plugin/nexuslims",
        f"CDCS     {cdcs.url}  user {cdcs.user}, password {cdcs.password} (records are public)",
        f"Records  {layout.data / 'records'}",
        "",
        "Waiting sessions are built every two minutes. Add one of your own from another terminal:",
        f"  cd {shlex.quote(str(layout.folder))}",
        f'  {command} sessions start --instrument {instrument.instrument_pid} --user "$USER"      # prints an ID',
        f"  cp YOUR-FILES {shlex.quote(str(instrument.folder(layout.filestore)))}",
        f"  {command} sessions end ID",
        "",
        "Ctrl-C stops everything that this command started.",
    )
    console.print("\n".join(lines), soft_wrap=True)


def _quoted(value: str) -> str:
    """Return a value as a .env file holds it, whatever it is."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
