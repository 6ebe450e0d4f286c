"""Write down which records were built while a calendar was away, and which logins a server refused."""

import sqlalchemy as sa
from alembic import op

from nexuslims_core.db.types import AnyText, UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and the table."""
    op.add_column("session_builds", sa.Column("missing_reservation", AnyText()))
    op.create_table(
        "logins",
        sa.Column("server", AnyText(), nullable=False),
        sa.Column("user", AnyText(), nullable=False),
        sa.Column("credential", AnyText(), nullable=False),
        sa.Column("refusal", AnyText()),
        sa.Column("refused_at", UtcDateTime()),
        sa.Column("holder", AnyText()),
        sa.Column("held_until", UtcDateTime()),
        sa.PrimaryKeyConstraint("server", "user", name=op.f("pk_logins")),
    )


def downgrade() -> None:
    """Forget both."""
    op.drop_table("logins")
    op.drop_column("session_builds", "missing_reservation")
