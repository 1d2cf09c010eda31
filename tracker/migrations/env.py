"""Alembic's environment: migrations run on the connection that ``tracker.database`` hands in."""

from __future__ import annotations

from alembic import context

from events.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
