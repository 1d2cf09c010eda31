"""Alembic's environment: migrations run on the connection given by ``tracker.storage.database``."""

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
