"""Write down what a destination is sent before it is sent, whether it was refused for good, and when to try again."""

import sqlalchemy as sa
from alembic import op

from nexuslims_core.db.types import AnyText, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_EARLIER_STATES = "state IN ('published', 'failed')"
_STATES = "state IN ('pending', 'published', 'failed', 'refused')"
_COLUMNS = ("pending_title", "pending_sha256", "error_type", "next_try_at")


def upgrade() -> None:
    """Take the further states, and add the columns."""
    _set_states(_EARLIER_STATES, _STATES)
    for name in _COLUMNS:
        op.add_column("publications", sa.Column(name, UtcDateTime() if name == "next_try_at" else AnyText()))


def downgrade() -> None:
    """Forget what is under way; a record that was not proven to be there has failed."""
    op.execute("UPDATE publications SET state = 'failed' WHERE state IN ('pending', 'refused')")
    for name in reversed(_COLUMNS):
        op.drop_column("publications", name)
    _set_states(_STATES, _EARLIER_STATES)


def _set_states(before: str, after: str) -> None:
    table = sa.Table(
        "publications",
        sa.MetaData(naming_convention={"pk": "pk_%(table_name)s", "ck": "ck_%(table_name)s_%(constraint_name)s"}),
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
        sa.CheckConstraint(before, name="state"),
    )
    with op.batch_alter_table("publications", copy_from=table) as batch:
        batch.drop_constraint(op.f("ck_publications_state"), type_="check")
        batch.create_check_constraint("state", after)
