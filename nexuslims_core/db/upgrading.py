"""Making and migrating the tables, and saying what is wrong with a database that cannot be used as it is."""

import os
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, Engine, Inspector, exc, inspect, text

from nexuslims_core.db.engine import in_sentences, let_read_while_written, migrating, named, sqlite_file
from nexuslims_core.db.rows import Row
from nexuslims_core.errors import DatabaseError, StorageError

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
"""Every revision of the tables, the first one first; named here so that a check need not load alembic."""

_STATED = text("SELECT version_num FROM alembic_version")
_MIGRATIONS = Path(__file__).parent / "migrations"
_UPGRADE_LOCK = 0x6E65787573  # "nexus": two upgrades of one PostgreSQL wait for each other


def check(engine: Engine) -> None:
    """Make sure that the database is there and has the tables of this release.

    Raises
    ------
    DatabaseError
        If it is absent, empty, older, newer, of another program, or no database.
    """
    file = sqlite_file(engine)
    if file is not None and not file.exists():
        raise DatabaseError(f"there is no database {named(engine)}: run `nexuslims db upgrade`")
    with in_sentences(engine), engine.connect() as connection:
        revision = _stated(connection) or _revision(connection)
    if revision is None:
        raise DatabaseError(f"the database {named(engine)} is empty: run `nexuslims db upgrade`")
    _refuse_unknown(engine, revision)
    if revision != REVISIONS[-1]:
        raise DatabaseError(
            f"the database {named(engine)} has the tables of an earlier release ({revision}): "
            "make a backup, then run `nexuslims db upgrade`"
        )


def check_whole(engine: Engine) -> None:
    """Make sure that nothing was taken away from the tables of this release, by a person or by half a restore.

    Raises
    ------
    DatabaseError
        If a table, a column or an index is missing; without one of the indexes two builders could claim one session.
    """
    with in_sentences(engine), engine.connect() as connection:
        missing = ", ".join(_missing(inspect(connection)))
    if missing:
        raise DatabaseError(f"the database {named(engine)} lacks {missing}: restore a backup")


def _missing(found: Inspector) -> Iterator[str]:
    for table in Row.metadata.sorted_tables:
        if not found.has_table(table.name):
            yield f"the table {table.name}"
            continue
        columns = {column["name"] for column in found.get_columns(table.name)}
        indexes = {index["name"] for index in found.get_indexes(table.name)}
        yield from (f"the column {column}" for column in table.columns if column.name not in columns)
        yield from (f"the index {index.name}" for index in table.indexes if index.name not in indexes)


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Make the tables, or bring them to a revision, else to this release: all of it or nothing.

    Raises
    ------
    DatabaseError
        If the database is newer, of another program, or no database.
    StorageError
        If the folder of a SQLite file cannot be made.
    """
    _move(engine, "upgrade", revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the tables back to an earlier revision, ``base`` for none; what only later ones hold is lost.

    Raises
    ------
    DatabaseError
        If the earlier tables could not hold a log that no session of this release has read yet.
    """
    _move(engine, "downgrade", revision)


def _move(engine: Engine, direction: str, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    _make_folder(engine)
    with in_sentences(engine), migrating(engine).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        now = _revision(connection)
        if now is not None:
            _refuse_unknown(engine, now)
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", os.fspath(_MIGRATIONS).replace("%", "%%"))
        getattr(command, direction)(config, revision)
    let_read_while_written(engine)


def _make_folder(engine: Engine) -> None:
    file = sqlite_file(engine)
    if file is not None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"cannot make the database's folder {file.parent}: {error.strerror or error}") from error


def _stated(connection: Connection) -> str | None:
    """Return the revision that a database of ours says it has: one question for every task instead of three."""
    try:
        return connection.execute(_STATED).scalar()
    except exc.DatabaseError:
        connection.rollback()
        return None


def _revision(connection: Connection) -> str | None:
    """Return the revision that the tables have, None where there are none, and "" for another program's tables."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" not in tables:
        return "" if tables else None
    found = connection.execute(_STATED).scalars().first()
    if found is None:
        return None if tables == ["alembic_version"] else ""
    return str(found)


def _refuse_unknown(engine: Engine, revision: str) -> None:
    if revision in REVISIONS:
        return
    if revision.isdigit():
        raise DatabaseError(
            f"{named(engine)} is a database from a newer release of NexusLIMS-Airflow ({revision}): "
            "install that release or restore a backup"
        )
    raise DatabaseError(
        f"{named(engine)} holds the tables of another program: give NEXUSLIMS_DB_URL a database of its own "
        "(one of NexusLIMS is taken over by `nexuslims db adopt`)"
    )
