"""What alembic runs for each command: the migrations, on the connection that db/upgrading.py hands over."""

from alembic import context

from nexuslims_core.db.rows import Row

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Row.metadata,
    render_as_batch=True,
    transactional_ddl=True,  # on SQLite too, since db/engine.py begins its transactions
)
with context.begin_transaction():
    context.run_migrations()
