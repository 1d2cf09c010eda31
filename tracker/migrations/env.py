"""Alembic's environment: migrations run on the connection that ``tracker.storage.database`` hands in."""

from __future__ import annotations

from alembic import context

from events.log.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
