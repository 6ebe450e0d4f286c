"""Find further logs that nobody could read, read names in other alphabets at less cost, and tell findings of logs.

A time with something behind a NUL, a name too long for a command line, and words that came in past the checks are
found. A finding may name the log that it is about, so that it goes when somebody corrects the log.
"""

import sqlalchemy as sa
from alembic import op

from nexuslims_core.db.types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_GLOB_OF_A_TIME = (
    "timestamp GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]"
    ".[0-9][0-9][0-9][0-9][0-9][0-9]+00:00'"
)
_UNPLACED = (
    "CASE WHEN typeof(timestamp) = 'text'{0} AND " + _GLOB_OF_A_TIME + " AND timestamp >= '0001-01-03'"
    " AND timestamp < '9999-12-30'"
    " THEN strftime('%Y-%m-%dT%H:%M:%S', substr(timestamp, 1, 19), '+0 days') IS NOT substr(timestamp, 1, 19)"
    " ELSE 1 END"
)
_UNPLACED_IN_POSTGRESQL = "\"timestamp\" < '0001-01-03 00:00:00+00' OR \"timestamp\" >= '9999-12-30 00:00:00+00'"

_NO_TEXT = "(typeof({0}) <> 'text' OR instr({0}, char(0)) > 0)"
_MISSPELT = " OR ".join(
    (
        _NO_TEXT.format("session_identifier"),
        "length(session_identifier) > 10000",
        _NO_TEXT.format("instrument"),
        '("user" IS NOT NULL AND ' + _NO_TEXT.format('"user"') + ")",
        "event_type NOT IN ('START', 'END', 'RECORD_GENERATION')",
        "record_status NOT IN ('WAITING_FOR_END', 'TO_BE_BUILT', 'COMPLETED', 'BUILT_NOT_EXPORTED', 'ERROR', "
        "'NO_FILES_FOUND', 'NO_CONSENT', 'NO_RESERVATION')",
    )
)
_ODD_NAME = "(typeof({0}) <> 'text' OR length({0}) <> length(CAST({0} AS BLOB)) OR {0} GLOB '*[^ -~]*')"
_EARLIER_MISSPELT = " OR ".join(
    (
        _ODD_NAME.format("session_identifier"),
        _ODD_NAME.format("instrument"),
        '("user" IS NOT NULL AND ' + _ODD_NAME.format('"user"') + ")",
    )
)


def upgrade() -> None:
    """Make the indexes anew, and the columns."""
    _index_unplaced(_UNPLACED.format(" AND length(CAST(timestamp AS BLOB)) = 32"))
    _index_misspelt(_MISSPELT)
    op.create_index(
        "ix_session_log_other_alphabets",
        "session_log",
        ["session_identifier"],
        sqlite_where=sa.text("session_identifier GLOB '*[^ -~]*'"),
        postgresql_where=sa.text("false"),
    )
    op.add_column("session_findings", sa.Column("id_session_log", sa.Integer()))
    op.add_column("session_findings", sa.Column("log_time", UtcDateTime()))


def downgrade() -> None:
    """Go back to the earlier indexes, and forget which finding is about which log."""
    op.drop_column("session_findings", "log_time")
    op.drop_column("session_findings", "id_session_log")
    op.drop_index("ix_session_log_other_alphabets", "session_log")
    _index_misspelt(_EARLIER_MISSPELT)
    _index_unplaced(_UNPLACED.format(""))


def _index_unplaced(where: str) -> None:
    op.drop_index("ix_session_log_unplaced", "session_log")
    op.create_index(
        "ix_session_log_unplaced",
        "session_log",
        ["id_session_log"],
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(_UNPLACED_IN_POSTGRESQL),
    )


def _index_misspelt(where: str) -> None:
    op.drop_index("ix_session_log_misspelt", "session_log")
    op.create_index(
        "ix_session_log_misspelt",
        "session_log",
        ["id_session_log"],
        sqlite_where=sa.text(where),
        postgresql_where=sa.text("false"),
    )
