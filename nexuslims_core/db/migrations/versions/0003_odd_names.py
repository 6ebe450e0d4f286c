"""Find logs whose names are no text without looking at every row; PostgreSQL holds no such."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ODD_NAME = "(typeof({0}) <> 'text' OR length({0}) <> length(CAST({0} AS BLOB)) OR {0} GLOB '*[^ -~]*')"
_MISSPELT = " OR ".join(
    (
        _ODD_NAME.format("session_identifier"),
        _ODD_NAME.format("instrument"),
        '("user" IS NOT NULL AND ' + _ODD_NAME.format('"user"') + ")",
    )
)


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_session_log_misspelt",
        "session_log",
        ["id_session_log"],
        sqlite_where=sa.text(_MISSPELT),
        postgresql_where=sa.text("false"),
    )


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("ix_session_log_misspelt", "session_log")
