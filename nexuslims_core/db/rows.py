"""The rows of the database, typed; they never leave this folder.

``instruments`` and ``session_log`` have the columns and the vocabulary of NexusLIMS; the other tables are ours.
"""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, MetaData, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column

from nexuslims_core.alerts.models import AlertKind
from nexuslims_core.db.types import AnyText, PathText, UtcDateTime, UtcNow
from nexuslims_core.instruments.models import Harvester
from nexuslims_core.sessions.models import EventType, FindingKind
from nexuslims_core.sessions.publications import PublicationState
from nexuslims_core.sessions.states import RecordStatus


def _words(kind: type[StrEnum]) -> Enum:
    """Return the column type of a closed vocabulary: text, with the words named in a CHECK of the table."""
    return Enum(kind, native_enum=False, create_constraint=False, length=20, values_callable=lambda words: [*words])


def _one_of(column: str, kind: type[StrEnum]) -> CheckConstraint:
    words = ", ".join(f"'{word}'" for word in kind)
    return CheckConstraint(f"{column} IN ({words})", name=column)


def _is_none_of(column: str, kind: type[StrEnum]) -> str:
    words = ", ".join(f"'{word}'" for word in kind)
    return f"{column} NOT IN ({words})"


LONGEST_KEPT = 10_000
"""Characters of a session's identifier; a command line takes no more than 128 KiB."""

UNPLACED_IN_SQLITE = (
    "CASE WHEN typeof(timestamp) = 'text' AND length(CAST(timestamp AS BLOB)) = 32"  # GLOB ends at a NUL
    " AND timestamp GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]"
    ".[0-9][0-9][0-9][0-9][0-9][0-9]+00:00'"
    " AND timestamp >= '0001-01-03' AND timestamp < '9999-12-30'"
    " THEN strftime('%Y-%m-%dT%H:%M:%S', substr(timestamp, 1, 19), '+0 days') IS NOT substr(timestamp, 1, 19)"
    " ELSE 1 END"
)
"""A log whose time is not whole UTC: SQLite keeps any text, and loggers of the site write what they like."""

UNPLACED_IN_POSTGRESQL = "\"timestamp\" < '0001-01-03 00:00:00+00' OR \"timestamp\" >= '9999-12-30 00:00:00+00'"
"""The same where times have a type: what Python, or a zone on this earth, has no calendar for."""

_NO_TEXT = "(typeof({0}) <> 'text' OR instr({0}, char(0)) > 0)"
MISSPELT_IN_SQLITE = " OR ".join(
    (
        _NO_TEXT.format("session_identifier"),
        f"length(session_identifier) > {LONGEST_KEPT}",
        _NO_TEXT.format("instrument"),
        '("user" IS NOT NULL AND ' + _NO_TEXT.format('"user"') + ")",
        _is_none_of("event_type", EventType),
        _is_none_of("record_status", RecordStatus),
    )
)
"""A log with a BLOB, a NUL, a name that no command line takes, or a word that the checks of the table refuse."""

OTHER_ALPHABETS_IN_SQLITE = "session_identifier GLOB '*[^ -~]*'"
"""A log whose session is not called in ASCII: whether that is UTF-8, SQLite cannot tell."""

_OPEN = "ended_at IS NULL"
_WAITS_TO_BE_TOLD = "told_at IS NULL AND given_up_at IS NULL"


class Row(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """Root of all rows."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[object, object]] = {
        str: AnyText(),
        Path: PathText(),
        datetime: UtcDateTime(),
        Harvester: _words(Harvester),
        EventType: _words(EventType),
        RecordStatus: _words(RecordStatus),
        FindingKind: _words(FindingKind),
        PublicationState: _words(PublicationState),
        AlertKind: _words(AlertKind),
    }


class InstrumentRow(Row):
    """One instrument."""

    __tablename__ = "instruments"
    __table_args__ = (_one_of("harvester", Harvester),)

    instrument_pid: Mapped[str] = mapped_column(primary_key=True)
    schema_name: Mapped[str]
    filestore_path: Mapped[str]
    timezone: Mapped[str]
    harvester: Mapped[Harvester]
    api_url: Mapped[str | None]
    calendar_name: Mapped[str | None]
    calendar_url: Mapped[str | None]
    location: Mapped[str | None]
    property_tag: Mapped[str | None]
    computer_name: Mapped[str | None]
    computer_ip: Mapped[str | None]
    computer_mount: Mapped[str | None]


class SessionLogRow(Row):
    """One event of a session: it started, it ended, somebody began to build its record."""

    __tablename__ = "session_log"
    __table_args__ = (
        _one_of("event_type", EventType),
        _one_of("record_status", RecordStatus),
        Index(None, "session_identifier"),
        Index(None, "record_status"),
        Index(None, "instrument", "timestamp"),
        Index(
            "ix_session_log_unplaced",
            "id_session_log",
            sqlite_where=text(UNPLACED_IN_SQLITE),
        ),
        Index(
            "ix_session_log_misspelt",
            "id_session_log",
            sqlite_where=text(MISSPELT_IN_SQLITE),
        ),
        Index(
            "ix_session_log_other_alphabets",
            "session_identifier",
            sqlite_where=text(OTHER_ALPHABETS_IN_SQLITE),
        ),
    )

    id_session_log: Mapped[int] = mapped_column(primary_key=True, init=False)
    session_identifier: Mapped[str]
    instrument: Mapped[str] = mapped_column(ForeignKey("instruments.instrument_pid", onupdate="CASCADE"))
    timestamp: Mapped[datetime] = mapped_column(server_default=UtcNow())
    event_type: Mapped[EventType]
    record_status: Mapped[RecordStatus] = mapped_column(server_default=RecordStatus.WAITING_FOR_END.value)
    user: Mapped[str | None]


class SessionBuildRow(Row):
    """One attempt to build a session; the one without an end is the claim."""

    __tablename__ = "session_builds"
    __table_args__ = (
        UniqueConstraint("session_identifier", "attempt"),
        Index(
            "ix_session_builds_one_open_attempt",
            "session_identifier",
            unique=True,
            sqlite_where=text(_OPEN),
        ),
        Index(None, "ended_at"),
        CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended_with_outcome"),
    )

    id_session_build: Mapped[int] = mapped_column(primary_key=True, init=False)
    session_identifier: Mapped[str]
    attempt: Mapped[int]
    holder: Mapped[str]
    lease_until: Mapped[datetime]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    stage: Mapped[str | None] = mapped_column(default=None)
    outcome: Mapped[str | None] = mapped_column(default=None)
    error_stage: Mapped[str | None] = mapped_column(default=None)
    error_type: Mapped[str | None] = mapped_column(default=None)
    error_sentence: Mapped[str | None] = mapped_column(default=None)
    n_files: Mapped[int | None] = mapped_column(default=None)
    n_activities: Mapped[int | None] = mapped_column(default=None)
    n_datasets: Mapped[int | None] = mapped_column(default=None)
    n_unreadable: Mapped[int | None] = mapped_column(default=None)
    record_path: Mapped[Path | None] = mapped_column(default=None)
    record_sha256: Mapped[str | None] = mapped_column(default=None)
    missing_reservation: Mapped[str | None] = mapped_column(default=None)


class SessionFindingRow(Row):
    """Why a session was parked, put back or waits, or what in its logs was healed."""

    __tablename__ = "session_findings"
    __table_args__ = (_one_of("kind", FindingKind), Index(None, "session_identifier"))

    id_session_finding: Mapped[int] = mapped_column(primary_key=True, init=False)
    session_identifier: Mapped[str]
    kind: Mapped[FindingKind]
    reason: Mapped[str]
    found_at: Mapped[datetime]
    id_session_log: Mapped[int | None] = mapped_column(default=None)
    log_time: Mapped[datetime | None] = mapped_column(default=None)


class PublicationRow(Row):
    """What one destination holds of one session's record, and what is on its way there: written before it is sent."""

    __tablename__ = "publications"
    __table_args__ = (_one_of("state", PublicationState),)

    session_identifier: Mapped[str] = mapped_column(primary_key=True)
    destination: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    state: Mapped[PublicationState]
    first_tried_at: Mapped[datetime]
    last_tried_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str | None] = mapped_column(default=None)
    remote_id: Mapped[str | None] = mapped_column(default=None)
    url: Mapped[str | None] = mapped_column(default=None)
    last_error: Mapped[str | None] = mapped_column(default=None)
    pending_title: Mapped[str | None] = mapped_column(default=None)
    pending_sha256: Mapped[str | None] = mapped_column(default=None)
    error_type: Mapped[str | None] = mapped_column(default=None)
    next_try_at: Mapped[datetime | None] = mapped_column(default=None)


class LoginRow(Row):
    """One user's login at one server: the digest of the password that was tried last, and whether it was refused."""

    __tablename__ = "logins"

    server: Mapped[str] = mapped_column(primary_key=True)
    user: Mapped[str] = mapped_column(primary_key=True)
    credential: Mapped[str]
    refusal: Mapped[str | None] = mapped_column(default=None)
    refused_at: Mapped[datetime | None] = mapped_column(default=None)
    holder: Mapped[str | None] = mapped_column(default=None)
    held_until: Mapped[datetime | None] = mapped_column(default=None)


class AlertRow(Row):
    """One thing that went wrong, in words that are kept as they were."""

    __tablename__ = "alerts"
    __table_args__ = (UniqueConstraint("mark"),)

    id_alert: Mapped[int] = mapped_column(primary_key=True, init=False)
    mark: Mapped[str]
    written_at: Mapped[datetime]
    content: Mapped[str]


class AlertDeliveryRow(Row):
    """One alert to one recipient: told, or waiting to be."""

    __tablename__ = "alert_deliveries"
    __table_args__ = (
        Index("ix_alert_deliveries_waiting", "id_alert", sqlite_where=text(_WAITS_TO_BE_TOLD)),
        Index(None, "told_at"),
    )

    id_alert: Mapped[int] = mapped_column(ForeignKey("alerts.id_alert", ondelete="CASCADE"), primary_key=True)
    recipient: Mapped[str] = mapped_column(primary_key=True)
    tries: Mapped[int] = mapped_column(default=0)
    held_until: Mapped[datetime | None] = mapped_column(default=None)
    next_try_at: Mapped[datetime | None] = mapped_column(default=None)
    last_error: Mapped[str | None] = mapped_column(default=None)
    told_at: Mapped[datetime | None] = mapped_column(default=None)
    given_up_at: Mapped[datetime | None] = mapped_column(default=None)


class TroubleRow(Row):
    """Something that is wrong until it is mended."""

    __tablename__ = "troubles"

    mark: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[AlertKind]
    subject: Mapped[str]
    headline: Mapped[str]
    since: Mapped[datetime]
    instrument_pid: Mapped[str | None] = mapped_column(default=None)


def say_for_postgresql() -> None:
    """Say for PostgreSQL too which rows the partial indexes hold.

    SQLAlchemy loads its whole dialect for that, drivers and all, which those on SQLite need not wait for.
    """
    conditions = {
        "ix_session_log_unplaced": UNPLACED_IN_POSTGRESQL,
        "ix_session_log_misspelt": "false",  # it holds no such
        "ix_session_log_other_alphabets": "false",
        "ix_session_builds_one_open_attempt": _OPEN,
        "ix_alert_deliveries_waiting": _WAITS_TO_BE_TOLD,
    }
    for table in Row.metadata.tables.values():
        for index in table.indexes:
            if index.name in conditions:
                index.dialect_kwargs["postgresql_where"] = text(conditions[str(index.name)])
