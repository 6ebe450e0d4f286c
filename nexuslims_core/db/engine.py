"""Connections to the database of sessions, SQLite or PostgreSQL, safe for many processes and for forks.

On SQLite a transaction that writes takes the write lock when it begins (``BEGIN IMMEDIATE``): one that reads first and
writes later could find the lock taken in between, and SQLite would fail it at once instead of letting it wait.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakSet

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, exc, make_url

from nexuslims_core.errors import AuthenticationError, ConfigurationError, DatabaseError, ServiceUnavailableError

BUSY_TIMEOUT_S = 60
CONNECT_TIMEOUT_S = 10

_pooled: WeakSet[Engine] = WeakSet()


def connect(url: str) -> Engine:
    """Return an engine for the database at ``url``; nothing is opened or made yet.

    Raises
    ------
    ConfigurationError
        If ``url`` names neither a SQLite file nor a PostgreSQL database.
    """
    try:
        address = make_url(url)
    except exc.ArgumentError as error:
        raise ConfigurationError(
            "the database's address cannot be read: write sqlite:////folder/nexuslims.db or postgresql://user@host/name"
        ) from error
    kind = address.get_backend_name()
    if kind == "sqlite":
        return _sqlite(address)
    if kind in ("postgresql", "postgres"):
        return _postgresql(address)
    raise ConfigurationError(f"{kind} is not supported: use SQLite or PostgreSQL")


def writing(engine: Engine) -> Engine:
    """Return the same engine for transactions that write."""
    return engine.execution_options(writes=True)


def sqlite_file(engine: Engine) -> Path | None:
    """Return the file of a SQLite database, None for PostgreSQL."""
    return Path(str(engine.url.database)) if engine.dialect.name == "sqlite" else None


def named(engine: Engine) -> str:
    """Return how messages call the database: its file, or its address without the password."""
    return str(sqlite_file(engine) or engine.url.render_as_string(hide_password=True))


@contextmanager
def in_sentences(engine: Engine) -> Iterator[None]:
    """Say in a sentence what keeps the database from answering.

    Raises
    ------
    AuthenticationError
        If it refuses the user or the password.
    DatabaseError
        If there is none, or the file is none.
    ServiceUnavailableError
        If it cannot be reached, is locked, or cannot write now.
    """
    try:
        yield
    except exc.DatabaseError as error:
        if isinstance(error, exc.IntegrityError | exc.ProgrammingError | exc.DataError):
            raise
        said = str(error.orig).strip()
        for words, kind, advice in _CAUSES:
            if words in said:
                raise kind(f"the database {named(engine)} {advice} ({said})") from error
        raise ServiceUnavailableError(f"the database {named(engine)} does not answer: {said}") from error


_CAUSES = (
    ("file is not a database", DatabaseError, "is a file of another kind: correct NEXUSLIMS_DB_URL"),
    ("malformed", DatabaseError, "is damaged: restore a backup"),
    ("authentication failed", AuthenticationError, "refuses the user or password: correct NEXUSLIMS_DB_URL"),
    ("does not exist", DatabaseError, "is not there: create it on the server, or correct NEXUSLIMS_DB_URL"),
)


def _sqlite(address: URL) -> Engine:
    if not address.database or address.database == ":memory:":
        raise ConfigurationError("sessions cannot be kept in memory: write sqlite:////folder/nexuslims.db")
    engine = create_engine(
        address.set(drivername="sqlite"), poolclass=NullPool, connect_args={"timeout": BUSY_TIMEOUT_S}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions begin where _begin_sqlite says so
    for setting in (f"busy_timeout = {BUSY_TIMEOUT_S * 1000}", "journal_mode = WAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {setting}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(address: URL) -> Engine:
    engine = create_engine(
        address.set(drivername="postgresql+psycopg2"),
        pool_pre_ping=True,
        pool_size=2,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "nexuslims"},
    )
    _pooled.add(engine)
    return engine


def _leave_connections_to_the_parent() -> None:
    """Give a forked child new connections: two processes that talk over one would mix their answers."""
    for engine in _pooled:
        engine.dispose(close=False)


os.register_at_fork(after_in_child=_leave_connections_to_the_parent)
