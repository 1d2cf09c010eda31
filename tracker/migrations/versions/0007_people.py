"""People outside the log, with what may be erased; one-time codes that are valid for days."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of people, and let a link say when it was issued."""
    op.execute(
        "CREATE TABLE people (id text PRIMARY KEY, name text NOT NULL, phone text,"
        " born_on text, entered_by text NOT NULL, entered_at text NOT NULL)"
    )
    op.execute("ALTER TABLE one_time_links ADD COLUMN issued_at text")


def downgrade() -> None:
    """Refuse: names and phones are nowhere else."""
    message = "people are never dropped"
    raise RuntimeError(message)
