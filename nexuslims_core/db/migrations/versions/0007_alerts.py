"""Write down what people were told, what waits to be told, and what is wrong until it is mended."""

import sqlalchemy as sa
from alembic import op

from nexuslims_core.db.types import AnyText, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "alerts",
        sa.Column("id_alert", sa.Integer(), nullable=False),
        sa.Column("mark", AnyText(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("content", AnyText(), nullable=False),
        sa.PrimaryKeyConstraint("id_alert", name=op.f("pk_alerts")),
        sa.UniqueConstraint("mark", name=op.f("uq_alerts_mark")),
    )
    op.create_table(
        "alert_deliveries",
        sa.Column("id_alert", sa.Integer(), nullable=False),
        sa.Column("recipient", AnyText(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("held_until", UtcDateTime()),
        sa.Column("next_try_at", UtcDateTime()),
        sa.Column("last_error", AnyText()),
        sa.Column("told_at", UtcDateTime()),
        sa.Column("given_up_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id_alert", "recipient", name=op.f("pk_alert_deliveries")),
        sa.ForeignKeyConstraint(
            ["id_alert"], ["alerts.id_alert"], name=op.f("fk_alert_deliveries_id_alert_alerts"), ondelete="CASCADE"
        ),
    )
    waiting = sa.text("told_at IS NULL AND given_up_at IS NULL")
    op.create_index(
        "ix_alert_deliveries_waiting",
        "alert_deliveries",
        ["id_alert"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index(op.f("ix_alert_deliveries_told_at"), "alert_deliveries", ["told_at"])
    op.create_index(op.f("ix_session_builds_ended_at"), "session_builds", ["ended_at"])
    op.create_table(
        "troubles",
        sa.Column("mark", AnyText(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject", AnyText(), nullable=False),
        sa.Column("headline", AnyText(), nullable=False),
        sa.Column("instrument_pid", AnyText()),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_troubles")),
    )


def downgrade() -> None:
    """Forget what was told."""
    op.drop_table("troubles")
    op.drop_index(op.f("ix_session_builds_ended_at"), "session_builds")
    op.drop_table("alert_deliveries")
    op.drop_table("alerts")
