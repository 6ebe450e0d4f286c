"""Our pages inside Airflow with 50,000 sessions: how long a person waits for each, on SQLite and on PostgreSQL."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
from sqlalchemy import insert, text
from sqlalchemy.orm import Session as Transaction

from nexuslims_core.db.database import Database
from nexuslims_core.db.rows import PublicationRow, SessionBuildRow, SessionLogRow
from nexuslims_core.demo import processes
from nexuslims_core.demo.airflow import USER, Airflow, AirflowFailedError
from nexuslims_core.demo.ports import reserved_port
from nexuslims_core.instruments.models import Instrument
from nexuslims_core.sessions.models import EventType
from nexuslims_core.sessions.publications import PublicationState
from nexuslims_core.sessions.states import RecordStatus
from nexuslims_core.testing.servers.postgresql import PostgresqlServer
from tests.bench.figures import Figure
from tests.bench.side_by_side import OURS

SESSIONS = 50_000
INSTRUMENTS = 12
BEGUN = datetime(2020, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
START_LIMIT_S = 240.0
SERVED = ("api-server",)
PAGES: Mapping[str, str] = {
    "sessions": "sessions",
    "sessions, far down": "sessions?after=300",
    "sessions that failed": "sessions?status=ERROR",
    "sessions of an instrument": "sessions?instrument=Bench-3",
    "sessions of a user": "sessions?user=user+7",
    "sessions of a week": "sessions?since=2022-05-02&until=2022-05-08",
    "one session": f"sessions/session-{SESSIONS // 2}",
    "instruments": "instruments",
}
DATABASES = ("SQLite", "PostgreSQL")


def about(page: str, database: str) -> str:
    """Return what a figure is about."""
    return f"{page}, {SESSIONS:,} in {database}"


def airflow_pages(folder: Path, runs: int) -> Iterator[Figure]:
    """Measure every page from the request to its last byte, the web server warm and one person asking."""
    with ExitStack() as stack:
        postgresql = stack.enter_context(PostgresqlServer(folder / "postgresql"))
        urls = {
            "SQLite": f"sqlite:///{folder / 'data' / 'nexuslims.sqlite'}",
            "PostgreSQL": postgresql.database("sessions"),
        }
        port = stack.enter_context(reserved_port(28090))
        airflow = Airflow(home=folder / "airflow", metadata_url=postgresql.database("airflow"), port=port)
        with airflow.preparing():
            for url in urls.values():
                fill(Database.create(url))
        for name in DATABASES:
            facility = {
                "NEXUSLIMS_FILESTORE_PATH": str(folder),
                "NEXUSLIMS_DATA_PATH": str(folder / "data"),
                "NEXUSLIMS_DB_URL": urls[name],
            }
            with _served(replace(airflow, facility=facility)) as asked:
                yield from _measured(asked, airflow.url, name, runs)


def fill(database: Database, sessions: int = SESSIONS) -> None:
    """Write sessions of an hour each: most are completed, one in a hundred failed, the newest hundred wait."""
    for number in range(INSTRUMENTS):
        name = f"Bench-{number}"
        database.add_instrument(
            Instrument(instrument_pid=name, schema_name=name, filestore_path=f"./{name}", timezone="Europe/Berlin")
        )
    told = [(number, _status(number, sessions)) for number in range(sessions)]
    rows = {
        SessionLogRow: [row for number, status in told for row in _logs(number, status)],
        SessionBuildRow: [_build(*each) for each in told if each[1] is not RecordStatus.TO_BE_BUILT],
        PublicationRow: [_publication(number) for number, status in told if status is RecordStatus.COMPLETED],
    }
    with Transaction(database.engine) as transaction, transaction.begin():
        for kind, values in rows.items():
            transaction.execute(insert(kind), values)
        if transaction.get_bind().dialect.name == "postgresql":
            transaction.execute(text("ANALYZE"))  # as the server does by itself within a minute or so


def _status(number: int, sessions: int) -> RecordStatus:
    if number >= sessions - 100:
        return RecordStatus.TO_BE_BUILT
    return {0: RecordStatus.NO_FILES_FOUND, 50: RecordStatus.ERROR}.get(number % 100, RecordStatus.COMPLETED)


def _name(number: int) -> str:
    return f"session-{number}"


def _logs(number: int, status: RecordStatus) -> Iterator[dict[str, object]]:
    for event, after in ((EventType.START, 0), (EventType.END, 50), (EventType.RECORD_GENERATION, 55)):
        if event is EventType.RECORD_GENERATION and status is RecordStatus.TO_BE_BUILT:
            continue
        yield {
            "session_identifier": _name(number),
            "instrument": f"Bench-{number % INSTRUMENTS}",
            "timestamp": BEGUN + number * HOUR + timedelta(minutes=after),
            "event_type": event,
            "record_status": status,
            "user": f"user {number % 300}",
        }


def _build(number: int, status: RecordStatus) -> dict[str, object]:
    begun = BEGUN + (number + 1) * HOUR
    return {
        "session_identifier": _name(number),
        "attempt": 1,
        "holder": f"nexuslims_build_records/manual__{number}/0",
        "lease_until": begun + HOUR,
        "started_at": begun,
        "ended_at": begun + HOUR / 60,
        "outcome": status.value,
        "n_files": 12,
        "n_datasets": 12,
        "error_sentence": "the share is not there" if status is RecordStatus.ERROR else None,
    }


def _publication(number: int) -> dict[str, object]:
    return {
        "session_identifier": _name(number),
        "destination": "cdcs",
        "title": _name(number),
        "state": PublicationState.PUBLISHED,
        "first_tried_at": BEGUN,
        "last_tried_at": BEGUN,
        "tries": 1,
        "url": f"http://cdcs.example.org/data?id={number}",
    }


@contextmanager
def _served(airflow: Airflow) -> Iterator[requests.Session]:
    """Start Airflow's web server, and give somebody who is logged in."""
    process = airflow.start(SERVED)
    try:
        _wait(airflow)
        login = {"username": USER, "password": airflow.password}
        token = requests.post(f"{airflow.url}/auth/token", json=login, timeout=30).json()["access_token"]
        with requests.Session() as asked:
            asked.headers.update({"Authorization": f"Bearer {token}", "Accept": "text/html"})
            yield asked
    finally:
        processes.stop([process], limit_s=10)


def _wait(airflow: Airflow) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        try:
            if requests.get(f"{airflow.url}/api/v2/version", timeout=5).ok:
                return
        except requests.RequestException:  # not there yet
            pass
        time.sleep(0.5)
    raise AirflowFailedError(f"Airflow's web server did not start in {START_LIMIT_S:g} s: {airflow.tail(SERVED)}")


def _measured(asked: requests.Session, url: str, database: str, runs: int) -> Iterator[Figure]:
    for page, path in PAGES.items():
        spent_ms = []
        for _ in range(runs + 2):
            begun = time.perf_counter()
            answer = asked.get(f"{url}/nexuslims/{path}", timeout=60)
            spent_ms.append((time.perf_counter() - begun) * 1000)
            answer.raise_for_status()
        yield Figure(about=about(page, database), name=OURS, unit="ms", runs=tuple(spent_ms[2:]))
