"""Connections to the database of sessions, SQLite or PostgreSQL, safe for many processes and for forks.

On SQLite a transaction that writes takes the write lock when it begins (``BEGIN IMMEDIATE``): one that reads first and
writes later could find the lock taken in between, and SQLite would fail it at once instead of letting it wait.
"""

import logging
import math
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from weakref import WeakSet

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, exc, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.orm import Session as Transaction
from sqlalchemy.pool import ConnectionPoolEntry

from nexuslims_core.db.rows import say_for_postgresql
from nexuslims_core.errors import AuthenticationError, ConfigurationError, DatabaseError, ServiceUnavailableError

PATIENCE_S = 60
"""How long a transaction waits for another's lock, and how long PostgreSQL waits for one that stands still."""
CONNECT_TIMEOUT_S = 10
IDLE_S = 1.0
"""A connection that was used later than that is taken to be alive: a build has many transactions, asking costs each."""
_USED = "used_at"

log = logging.getLogger(__name__)
_pooled: WeakSet[Engine] = WeakSet()


def connect(url: str, patience_s: float = PATIENCE_S) -> Engine:
    """Return an engine for the database at ``url``; nothing is opened or made yet.

    Parameters
    ----------
    patience_s
        After so many seconds a transaction gives up waiting for another's lock. PostgreSQL also ends one whose process
        fell silent in its midst, such as on a machine that was switched off, so that it keeps its locks no longer.

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
        return _sqlite(address, patience_s)
    if kind in ("postgresql", "postgres"):
        return _postgresql(address, patience_s)
    raise ConfigurationError(f"{kind} is not supported: use SQLite or PostgreSQL")


def writing(engine: Engine) -> Engine:
    """Return the same engine for transactions that write."""
    return engine.execution_options(writes=True)


def spare_begin(transaction: Transaction) -> None:
    """Let PostgreSQL take each statement of a transaction for a whole one: with a single one, two questions fewer.

    A transaction that is a part of another stays that.
    """
    bind = transaction.get_bind()
    if isinstance(bind, Engine) and bind.dialect.name == "postgresql":
        transaction.connection(execution_options={"isolation_level": "AUTOCOMMIT"})


def migrating(engine: Engine) -> Engine:
    """Return the same engine for transactions that move tables, in which SQLite must not look at foreign keys."""
    return engine.execution_options(writes=True, migrates=True)


def let_read_while_written(engine: Engine) -> None:
    """Put the file of a SQLite database into WAL mode, which it keeps; one that others use right now stays as it is.

    Only a database whose tables are known to be ours comes here: connecting to a file of another program, such as an
    old NexusLIMS database, must not change it.
    """
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        log.info("%s is not in WAL mode yet: %s", named(engine), error)
    finally:
        connection.close()


@contextmanager
def held_open(engine: Engine) -> Iterator[None]:
    """Keep one idle connection in the block, for a process that opens many after one another.

    Whenever the last one to a SQLite file in WAL mode closes, SQLite moves what was written into the file and waits for
    the disk, twice for every transaction then.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    with in_sentences(engine), closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute("PRAGMA schema_version")  # only what was read from is open to SQLite
        cursor.fetchall()  # and what is not read to its end would keep a transaction open
        yield


def sqlite_file(engine: Engine) -> Path | None:
    """Return the file of a SQLite database, None for PostgreSQL."""
    return Path(str(engine.engine.url.database)) if engine.dialect.name == "sqlite" else None


def named(engine: Engine) -> str:
    """Return how messages call the database: its file, or its address without the password."""
    return str(sqlite_file(engine) or engine.engine.url.render_as_string(hide_password=True))


@contextmanager
def in_sentences(engine: Engine) -> Iterator[None]:
    """Say in a sentence what keeps the database from answering.

    Raises
    ------
    AuthenticationError
        If it refuses the user or the password, or the user may not do this.
    DatabaseError
        If there is none, or the file is none, may not be written, or lacks tables.
    ServiceUnavailableError
        If it cannot be reached, is locked, or cannot write now.
    """
    try:
        yield
    except exc.DatabaseError as error:
        if isinstance(error, exc.IntegrityError | exc.DataError):
            raise
        said = " ".join(str(error.orig).split())
        of_the_program = isinstance(error, exc.ProgrammingError)
        for words, kind, advice in _REFUSALS if of_the_program else _CAUSES:
            if words in said:
                raise kind(f"the database {named(engine)} {advice} ({said})") from error
        if of_the_program:
            raise
        raise ServiceUnavailableError(f"the database {named(engine)} does not answer: {said}") from error


_INCOMPLETE = "lacks a part of its tables: restore a backup"
_CAUSES = (
    ("readonly database", DatabaseError, "cannot be written: let the account of this program write it and its folder"),
    ("read-only transaction", DatabaseError, "is read-only: let the server take writes, or correct NEXUSLIMS_DB_URL"),
    ("unable to open", DatabaseError, "cannot be opened: correct its rights, its folder's, or NEXUSLIMS_DB_URL"),
    ("no such table", DatabaseError, _INCOMPLETE),
    ("no such column", DatabaseError, _INCOMPLETE),
    ("disk is full", ServiceUnavailableError, "has no room: free some on its disk"),
    ("disk I/O error", ServiceUnavailableError, "cannot be used: see whether its disk is full or broken"),
    ("is locked", ServiceUnavailableError, "is busy: another program has kept it locked, so try again or end that"),
    ("file is not a database", DatabaseError, "is a file of another kind: correct NEXUSLIMS_DB_URL"),
    ("malformed", DatabaseError, "is damaged: restore a backup"),
    ("authentication failed", AuthenticationError, "refuses the user or password: correct NEXUSLIMS_DB_URL"),
    ("does not exist", DatabaseError, "is not there: create it on the server, or correct NEXUSLIMS_DB_URL"),
)
_REFUSALS = (
    ("permission denied", AuthenticationError, "refuses its user: grant it all rights on the tables"),
    ("does not exist", DatabaseError, _INCOMPLETE),
)
"""PostgreSQL tells these as it tells a fault of the program."""


def _sqlite(address: URL, patience_s: float) -> Engine:
    if not address.database or address.database == ":memory:":
        raise ConfigurationError("sessions cannot be kept in memory: write sqlite:////folder/nexuslims.db")
    engine = create_engine(address.set(drivername="sqlite"), poolclass=NullPool, connect_args={"timeout": patience_s})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions begin where _begin_sqlite says so
    connection.text_factory = _any_text
    connection.execute("PRAGMA foreign_keys = ON")


def _any_text(kept: bytes) -> str:
    """Return text that another program wrote, in whatever encoding: one bad letter must not stop the reader."""
    return kept.decode("utf-8", "replace")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("migrates", False):
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")  # says nothing inside a transaction
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes", False) else "BEGIN")


def _postgresql(address: URL, patience_s: float) -> Engine:
    say_for_postgresql()
    engine = create_engine(
        address.set(drivername="postgresql+psycopg2"),
        use_native_hstore=False,  # none of ours is one, and looking for it is a question at every connection
        pool_size=2,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "nexuslims"},
    )
    event.listen(engine, "connect", partial(_prepare_postgresql, patience_s))
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_refuse_dead, engine.dialect))
    _pooled.add(engine)
    return engine


def _prepare_postgresql(patience_s: float, connection: DBAPIConnection, _: object) -> None:
    settings = ("lock_timeout", "idle_in_transaction_session_timeout")
    cursor = connection.cursor()
    cursor.execute("; ".join(f"SET {setting} = {round(patience_s * 1000)}" for setting in settings))
    cursor.close()
    connection.commit()


def _note_use(_: object, entry: ConnectionPoolEntry) -> None:
    entry.info[_USED] = time.monotonic()


def _refuse_dead(dialect: Dialect, connection: DBAPIConnection, entry: ConnectionPoolEntry, _: object) -> None:
    """Ask the server whether it still knows a connection that lay idle; the pool opens a new one if not."""
    if time.monotonic() - entry.info.get(_USED, math.inf) < IDLE_S:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise exc.DisconnectionError(str(error)) from error


def _leave_connections_to_the_parent() -> None:
    """Give a forked child new connections: two processes that talk over one would mix their answers."""
    for engine in _pooled:
        engine.dispose(close=False)


os.register_at_fork(after_in_child=_leave_connections_to_the_parent)
