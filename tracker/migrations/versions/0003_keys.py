"""Attempts to sign in are counted one by one, and a one-time link is known by the event of it."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    "DROP TABLE login_failures",
    """CREATE TABLE login_attempts (attempt text PRIMARY KEY, login text NOT NULL,
        address text NOT NULL, tried_at text NOT NULL)""",
    "CREATE INDEX login_attempts_login ON login_attempts (login, tried_at)",
    "CREATE INDEX login_attempts_address ON login_attempts (address, tried_at)",
    "ALTER TABLE one_time_links ADD COLUMN link_id text",
)


def upgrade() -> None:
    """Forget the failures of the last minutes, and tell links apart from now on."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: the log tells of links by their ids."""
    message = "accounts are never dropped"
    raise RuntimeError(message)
