"""Take logs as the site's own loggers write them, and keep what was healed in them and why a session waits."""

import sqlalchemy as sa
from alembic import op

from nexuslims_core.db.types import AnyText, UtcDateTime, UtcNow
from nexuslims_core.errors import DatabaseError

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_EVENTS = "event_type IN ('START', 'END', 'RECORD_GENERATION')"
_STATUSES = (
    "record_status IN ('WAITING_FOR_END', 'TO_BE_BUILT', 'COMPLETED', 'BUILT_NOT_EXPORTED', 'ERROR', "
    "'NO_FILES_FOUND', 'NO_CONSENT', 'NO_RESERVATION')"
)
_WHOLE_UTC_TIME = (
    "timestamp GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]"
    ".[0-9][0-9][0-9][0-9][0-9][0-9]+00:00'"
    " AND strftime('%Y-%m-%dT%H:%M:%S', substr(timestamp, 1, 19), '+0 days') IS substr(timestamp, 1, 19)"
    " AND timestamp >= '0001'"
)
_UNPLACED_IN_SQLITE = (
    "CASE WHEN typeof(timestamp) = 'text' AND timestamp GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
    "T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]+00:00'"
    " AND timestamp >= '0001-01-03' AND timestamp < '9999-12-30'"
    " THEN strftime('%Y-%m-%dT%H:%M:%S', substr(timestamp, 1, 19), '+0 days') IS NOT substr(timestamp, 1, 19)"
    " ELSE 1 END"
)
_UNPLACED_IN_POSTGRESQL = "\"timestamp\" < '0001-01-03 00:00:00+00' OR \"timestamp\" >= '9999-12-30 00:00:00+00'"
_KINDS = "kind IN ('parked', 'requeued', 'healed', 'waiting')"
_EARLIER_KINDS = "kind IN ('parked', 'requeued')"
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def upgrade() -> None:
    """Take any text for a time on SQLite, give defaults, and make the indexes that finding such logs needs."""
    with op.batch_alter_table(
        "session_log", copy_from=_session_log(sa.CheckConstraint(_WHOLE_UTC_TIME, "timestamp"))
    ) as table:
        if op.get_bind().dialect.name == "sqlite":
            table.drop_constraint(op.f("ck_session_log_timestamp"), type_="check")
        table.alter_column("timestamp", existing_type=UtcDateTime(), server_default=UtcNow())
        table.alter_column("record_status", existing_type=sa.String(20), server_default="WAITING_FOR_END")
    op.create_index(None, "session_log", ["instrument", "timestamp"])
    op.create_index(
        "ix_session_log_unplaced",
        "session_log",
        ["id_session_log"],
        sqlite_where=sa.text(_UNPLACED_IN_SQLITE),
        postgresql_where=sa.text(_UNPLACED_IN_POSTGRESQL),
    )
    _set_kinds(_EARLIER_KINDS, _KINDS)


def downgrade() -> None:
    """Refuse logs that are not whole UTC again, and forget what was healed and why sessions wait."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        _check_every_log_is_placed()
    op.execute(f"DELETE FROM session_findings WHERE NOT ({_EARLIER_KINDS})")  # noqa: S608 - no text from outside
    _set_kinds(_KINDS, _EARLIER_KINDS)
    op.drop_index("ix_session_log_unplaced", "session_log")
    op.drop_index(op.f("ix_session_log_instrument_timestamp"), "session_log")
    with op.batch_alter_table("session_log", copy_from=_session_log()) as table:
        table.alter_column("timestamp", existing_type=UtcDateTime(), server_default=None)
        table.alter_column("record_status", existing_type=sa.String(20), server_default=None)
        if sqlite:
            table.create_check_constraint("timestamp", _WHOLE_UTC_TIME)


def _check_every_log_is_placed() -> None:
    left = op.get_bind().scalar(sa.text(f"SELECT count(*) FROM session_log WHERE {_UNPLACED_IN_SQLITE}"))  # noqa: S608 - no text from outside
    if left:
        raise DatabaseError(
            f"{left} logs have times that the earlier tables refuse: run `nexuslims sessions list`, which heals them, "
            "then downgrade again"
        )


def _session_log(*checks: sa.CheckConstraint) -> sa.Table:
    """Return the table as the revision before has it, since SQLite does not tell of its checks."""
    table = sa.Table(
        "session_log",
        sa.MetaData(naming_convention=_NAMES),
        sa.Column("id_session_log", sa.Integer(), nullable=False),
        sa.Column("session_identifier", AnyText(), nullable=False),
        sa.Column("instrument", AnyText(), nullable=False),
        sa.Column("timestamp", UtcDateTime(), nullable=False),
        sa.Column("event_type", sa.String(20), nullable=False),
        sa.Column("record_status", sa.String(20), nullable=False),
        sa.Column("user", AnyText()),
        sa.PrimaryKeyConstraint("id_session_log"),
        sa.ForeignKeyConstraint(["instrument"], ["instruments.instrument_pid"], onupdate="CASCADE"),
        sa.CheckConstraint(_EVENTS, name="event_type"),
        sa.CheckConstraint(_STATUSES, name="record_status"),
        sa.Index("ix_session_log_session_identifier", "session_identifier"),
        sa.Index("ix_session_log_record_status", "record_status"),
    )
    for check in checks:
        table.append_constraint(check)
    return table


def _set_kinds(before: str, after: str) -> None:
    table = sa.Table(
        "session_findings",
        sa.MetaData(naming_convention=_NAMES),
        sa.Column("id_session_finding", sa.Integer(), nullable=False),
        sa.Column("session_identifier", AnyText(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("reason", AnyText(), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id_session_finding"),
        sa.CheckConstraint(before, name="kind"),
        sa.Index("ix_session_findings_session_identifier", "session_identifier"),
    )
    with op.batch_alter_table("session_findings", copy_from=table) as batch:
        batch.drop_constraint(op.f("ck_session_findings_kind"), type_="check")
        batch.create_check_constraint("kind", after)
