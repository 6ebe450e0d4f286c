"""Make the tables: instruments and session_log as in NexusLIMS, and beside them what we keep of building them."""

import sqlalchemy as sa
from alembic import op

from nexuslims_core.db.types import AnyText, PathText, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATUSES = (
    "'WAITING_FOR_END', 'TO_BE_BUILT', 'COMPLETED', 'BUILT_NOT_EXPORTED', 'ERROR', 'NO_FILES_FOUND', 'NO_CONSENT', "
    "'NO_RESERVATION'"
)
_WHOLE_UTC_TIME = (
    "timestamp GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]"
    ".[0-9][0-9][0-9][0-9][0-9][0-9]+00:00'"
    " AND strftime('%Y-%m-%dT%H:%M:%S', substr(timestamp, 1, 19), '+0 days') IS substr(timestamp, 1, 19)"
    " AND timestamp >= '0001'"
)


def upgrade() -> None:
    """Make all tables."""
    _make_instruments()
    _make_session_log()
    _make_session_builds()
    _make_session_findings()
    _make_publications()


def downgrade() -> None:
    """Drop all tables."""
    for table in ("publications", "session_findings", "session_builds", "session_log", "instruments"):
        op.drop_table(table)


def _make_instruments() -> None:
    op.create_table(
        "instruments",
        sa.Column("instrument_pid", AnyText(), nullable=False),
        sa.Column("schema_name", AnyText(), nullable=False),
        sa.Column("filestore_path", AnyText(), nullable=False),
        sa.Column("timezone", AnyText(), nullable=False),
        sa.Column("harvester", sa.String(20), nullable=False),
        sa.Column("api_url", AnyText()),
        sa.Column("calendar_name", AnyText()),
        sa.Column("calendar_url", AnyText()),
        sa.Column("location", AnyText()),
        sa.Column("property_tag", AnyText()),
        sa.Column("computer_name", AnyText()),
        sa.Column("computer_ip", AnyText()),
        sa.Column("computer_mount", AnyText()),
        sa.PrimaryKeyConstraint("instrument_pid"),
        sa.CheckConstraint("harvester IN ('sharepoint', 'nemo', 'ical', 'table', 'none')", name="harvester"),
    )


def _make_session_log() -> None:
    op.create_table(
        "session_log",
        sa.Column("id_session_log", sa.Integer(), nullable=False),
        sa.Column("session_identifier", AnyText(), nullable=False),
        sa.Column("instrument", AnyText(), nullable=False),
        sa.Column("timestamp", UtcDateTime(), nullable=False),
        sa.Column("event_type", sa.String(20), nullable=False),
        sa.Column("record_status", sa.String(20), nullable=False),
        sa.Column("user", AnyText()),
        sa.PrimaryKeyConstraint("id_session_log"),
        sa.ForeignKeyConstraint(["instrument"], ["instruments.instrument_pid"], onupdate="CASCADE"),
        sa.CheckConstraint("event_type IN ('START', 'END', 'RECORD_GENERATION')", name="event_type"),
        sa.CheckConstraint(f"record_status IN ({_STATUSES})", name="record_status"),
        sa.CheckConstraint(_WHOLE_UTC_TIME, name="timestamp").ddl_if(dialect="sqlite"),
    )
    op.create_index(None, "session_log", ["session_identifier"])
    op.create_index(None, "session_log", ["record_status"])


def _make_session_builds() -> None:
    op.create_table(
        "session_builds",
        sa.Column("id_session_build", sa.Integer(), nullable=False),
        sa.Column("session_identifier", AnyText(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("holder", AnyText(), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.Column("stage", AnyText()),
        sa.Column("outcome", AnyText()),
        sa.Column("error_stage", AnyText()),
        sa.Column("error_type", AnyText()),
        sa.Column("error_sentence", AnyText()),
        sa.Column("n_files", sa.Integer()),
        sa.Column("n_activities", sa.Integer()),
        sa.Column("n_datasets", sa.Integer()),
        sa.Column("n_unreadable", sa.Integer()),
        sa.Column("record_path", PathText()),
        sa.Column("record_sha256", AnyText()),
        sa.PrimaryKeyConstraint("id_session_build"),
        sa.UniqueConstraint("session_identifier", "attempt"),
        sa.CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended_with_outcome"),
    )
    op.create_index(
        "ix_session_builds_one_open_attempt",
        "session_builds",
        ["session_identifier"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _make_session_findings() -> None:
    op.create_table(
        "session_findings",
        sa.Column("id_session_finding", sa.Integer(), nullable=False),
        sa.Column("session_identifier", AnyText(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("reason", AnyText(), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id_session_finding"),
        sa.CheckConstraint("kind IN ('parked', 'requeued')", name="kind"),
    )
    op.create_index(None, "session_findings", ["session_identifier"])


def _make_publications() -> None:
    op.create_table(
        "publications",
        sa.Column("session_identifier", AnyText(), nullable=False),
        sa.Column("destination", AnyText(), nullable=False),
        sa.Column("title", AnyText(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("first_tried_at", UtcDateTime(), nullable=False),
        sa.Column("last_tried_at", UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sha256", AnyText()),
        sa.Column("remote_id", AnyText()),
        sa.Column("url", AnyText()),
        sa.Column("last_error", AnyText()),
        sa.PrimaryKeyConstraint("session_identifier", "destination"),
        sa.CheckConstraint("state IN ('published', 'failed')", name="state"),
    )
